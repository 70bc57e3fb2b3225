"""Chromium, for browser tests: nothing runs, only the program and a Chinese font have to be there."""

import shutil
import subprocess

from . import debian
from .errors import Unavailable
from .run import Run
from .state import Service

NAME = "chromium"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def start(run: Run) -> Service:
    if _find() is None or not _shows_chinese():
        debian.ensure(NAME, ["chromium", "fonts-noto-cjk", "fontconfig"], run.installation_log)
    program = _find()
    if program is None:
        raise Unavailable("no chromium was found")
    asked = subprocess.run(
        [program, "--no-sandbox", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    if asked.returncode != 0:
        raise Unavailable(f"{program} does not run: {asked.stderr.strip()}")

    return run.ready(
        version=asked.stdout.strip().removeprefix("Chromium ").partition(" ")[0],
        installed="Debian package chromium" if debian.package_version("chromium") else "found on the machine",
        variables={"ZHIXI_TEST_CHROMIUM": program},
        program=program,
    )


def _find() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def _shows_chinese() -> bool:
    """Without a font for them Chinese pages show boxes."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())
