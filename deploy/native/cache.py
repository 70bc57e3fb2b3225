"""Installed artefacts shared by every checkout of this user: complete or absent, built by one process at a time."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from .errors import Unavailable
from .run import PROGRESS, say, tail


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zhixi"


def artefact(service: str, key: str, build: Callable[[Path], None]) -> Path:
    """The folder `key`, built into a folder beside it and renamed when `build` returned."""
    home = cache_folder()
    complete = home / key
    if complete.is_dir():
        return complete
    home.mkdir(parents=True, exist_ok=True)
    with turn(service, home / f"{key}.lock"):
        if complete.is_dir():
            return complete
        for abandoned in home.glob(f"{key}.partial-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{key}.partial-", dir=home))
        try:
            build(draft)
            draft.chmod(0o755)
            draft.rename(complete)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return complete


@contextlib.contextmanager
def turn(service: str, lock: Path) -> Iterator[None]:
    """Wait for whoever else installs the same, with a line every few seconds."""
    with lock.open("w") as file:
        begun = told = time.monotonic()
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                now = time.monotonic()
                if now - told >= PROGRESS:
                    told = now
                    say(service, f"waiting for another installation, {now - begun:.0f} s")
                time.sleep(0.2)
        yield


def install(
    service: str,
    doing: str,
    command: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run an installer, its output in `log`, with a line every few seconds; what it said last is the reason when it fails."""
    begun = time.monotonic()
    with log.open("ab") as output:
        child = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        say(service, doing)
        while True:
            try:
                code = child.wait(PROGRESS)
                break
            except subprocess.TimeoutExpired:
                say(service, f"{doing}, {time.monotonic() - begun:.0f} s")
            except BaseException:
                child.terminate()
                raise
    if code != 0:
        raise Unavailable(f"{doing} failed:\n{tail(log)}")
