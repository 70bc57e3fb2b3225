"""The wheel holds everything a server needs besides Python: an installed Zhixi is as whole as a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.repo.test_house import ROOMS, ROOT

BUNDLE = ("drawing.js", "drawing.css", "htmx.min.js")
LEFT_OUT = ("api/client/",)
NEEDED_OF_CLIENT = "api/client/texts.json"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built of this checkout."""
    if not all((ROOT / "api" / "static" / name).is_file() for name in BUNDLE):
        if os.environ.get("CI"):
            pytest.fail("the pages' bundle is not built: deploy/bundle")
        pytest.skip("the pages' bundle is not built here: deploy/bundle")
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    wheel = next(folder.glob("*.whl"))
    return set(zipfile.ZipFile(wheel).namelist())


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in listed.stdout.splitlines()]


def test_every_file_of_the_rooms_is_in_the_wheel(held: set[str]) -> None:
    wanted = {str(path) for path in tracked() if not str(path).startswith(LEFT_OUT)} | {NEEDED_OF_CLIENT}

    assert {Path(name).suffix for name in wanted} >= {
        ".py",
        ".po",
        ".html",
        ".cypher",
        ".toml",
        ".sql",
        ".yaml",
        ".css",
    }
    assert sorted(wanted - held) == []


def test_the_bundle_is_in_the_wheel_with_its_fonts(held: set[str]) -> None:
    static = {name.removeprefix("api/static/") for name in held if name.startswith("api/static/")}

    assert set(BUNDLE) <= static
    assert [name for name in static if name.startswith("drawing-viz-")]
    assert [name for name in static if name.startswith("fonts/")]


def test_what_only_the_build_needs_stays_out(held: set[str]) -> None:
    assert [
        name for name in held if "node_modules" in name or name.startswith(("tests/", "api/client/src/"))
    ] == []
