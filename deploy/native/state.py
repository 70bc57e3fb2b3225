"""`.services/state.json`: what this checkout has running, and the variables by which tests find it."""

import contextlib
import fcntl
import json
import os
import shlex
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .errors import StateDamaged
from .process import Process, alive


@dataclass(frozen=True, slots=True)
class Service:
    """`variables` are what tests connect by; a service without processes (a browser) is only a file that is there."""

    name: str
    version: str = ""
    installed: str = ""
    ready: bool = False
    url: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    processes: tuple[Process, ...] = ()
    program: str = ""
    data: str = ""
    log: str = ""

    def running(self) -> bool:
        """Started completely and every process it needs is still the one that was started."""
        if not self.ready:
            return False
        if not self.processes:
            return Path(self.program).exists()
        return all(alive(process) for process in self.leaders())

    def leaders(self) -> tuple[Process, ...]:
        return tuple(process for process in self.processes if process.leader)


def encode(services: Iterable[Service]) -> str:
    return json.dumps({service.name: asdict(service) for service in services}, indent=2) + "\n"


def decode(text: str) -> dict[str, Service]:
    try:
        entries: dict[str, dict[str, Any]] = json.loads(text)
        return {
            name: Service(
                **{**entry, "processes": tuple(Process(**process) for process in entry["processes"])}
            )
            for name, entry in entries.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise StateDamaged(f"the state of the services cannot be read: {cause}") from cause


def environment_lines(services: Iterable[Service]) -> list[str]:
    """`NAME=value` for a shell, from the services that run."""
    return [
        f"{name}={shlex.quote(value)}"
        for service in services
        if service.running()
        for name, value in service.variables.items()
    ]


class State:
    """The file, written whole and renamed, by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "state.json"
        self._writing = threading.Lock()

    def services(self) -> dict[str, Service]:
        try:
            return decode(self._path.read_text())
        except FileNotFoundError:
            return {}

    def put(self, service: Service) -> None:
        with self._writing:
            self._write({**self.services(), service.name: service})

    def drop(self, name: str) -> None:
        with self._writing:
            self._write({key: service for key, service in self.services().items() if key != name})

    def _write(self, services: Mapping[str, Service]) -> None:
        draft = self._path.with_suffix(".partial")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds passwords
        with os.fdopen(descriptor, "w") as file:
            file.write(encode(services.values()))
        draft.replace(self._path)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One start or stop of this checkout at a time; reading needs no turn."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("waiting for another deploy/services of this checkout", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
