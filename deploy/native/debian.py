"""Debian packages: what is missing is installed by apt-get, when we are root."""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from .cache import cache_folder, install, turn
from .errors import Unavailable

_POLICY = Path("/usr/sbin/policy-rc.d")
_one_at_a_time = threading.Lock()
_updated = threading.Event()


def package_version(package: str) -> str:
    """The installed version, or the empty string."""
    if shutil.which("dpkg-query") is None:
        return ""
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    status, _, version = asked.stdout.partition(" ")
    return version if status == "installed" else ""


def ensure(service: str, packages: Sequence[str], log: Path) -> None:
    """Install those of `packages` that are missing."""
    missing = [package for package in packages if not package_version(package)]
    if not missing:
        return
    wanted = " ".join(missing)
    if shutil.which("apt-get") is None:
        raise Unavailable(f"not installed, and there is no apt-get to install {wanted}")
    if os.geteuid() != 0:
        raise Unavailable(f"not installed, and only root can: apt-get install {wanted}")
    cache_folder().mkdir(parents=True, exist_ok=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with _one_at_a_time, turn(service, cache_folder() / "apt.lock"), _nothing_starts_by_itself():
        if not _updated.is_set():
            install(service, "reading the package lists", ["apt-get", "update", "-q"], log, quiet)
            _updated.set()
        command = [
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=300",
            "install",
            "-q",
            "-y",
            "--no-install-recommends",
        ]
        install(service, f"installing {wanted}", [*command, *missing], log, quiet)


@contextlib.contextmanager
def _nothing_starts_by_itself() -> Iterator[None]:
    """Debian starts what it installs, on every interface; a policy of the machine's own is left as it is."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\n# of zhixi's deploy/services, while it installs packages\nexit 101\n")
    try:
        _POLICY.chmod(0o755)
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
