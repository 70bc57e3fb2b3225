"""One service on its way up: its folder, its log, its processes, and its entry in the state file."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .errors import Unavailable
from .process import describe, identity, same_session, spawn, stop
from .state import Service, State

GRACE = 20.0  # seconds between asking a process to end and killing it
PROGRESS = 10.0  # seconds between two lines about something that takes long
_PORTS = range(20_000, 32_000)  # below those the kernel hands out for outgoing connections


def say(name: str, text: str) -> None:
    print(f"{name:<9} {text}", flush=True)


def secret() -> str:
    return secrets.token_hex(16)


def free_port() -> int:
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def tail(log: Path, lines: int = 8) -> str:
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-lines:])


def greets(port: int, greeting: bytes, answer: bytes) -> bool:
    """Whether what listens there speaks the protocol, as its first bytes show."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(greeting)
            return connection.recv(len(answer)) == answer
    except OSError:
        return False


class Run:
    """Starts one service; every process is in the state file from the moment it exists."""

    def __init__(self, state: State, name: str) -> None:
        self._state = state
        self._children: list[subprocess.Popen[bytes]] = []
        self.log = state.folder / f"{name}.log"
        self.installation_log = state.folder / f"{name}.install.log"
        self.log.write_bytes(b"")
        self.service = Service(name=name, log=str(self.log))

    def folder(self, user: str | None) -> Path:
        """A fresh data folder that only `user` may enter, in the machine's temporary folder: the checkout may be closed to that user."""
        folder = Path(tempfile.mkdtemp(prefix=f"zhixi-{self.service.name}-"))
        self._record(replace(self.service, data=str(folder)))
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        return folder

    def command(
        self,
        command: Sequence[str | Path],
        *,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """A short step of preparation, its output in the log."""
        with self.log.open("ab") as output:
            done = subprocess.run(
                [str(part) for part in command],
                env={**os.environ, **(environment or {})},
                cwd=self.service.data,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **identity(user),
            )
        if done.returncode != 0:
            raise Unavailable(f"{Path(command[0]).name} failed:\n{tail(self.log)}")

    def launch(
        self,
        role: str,
        command: Sequence[str | Path],
        *,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
        ends_on: str = "SIGTERM",
    ) -> None:
        child = spawn(
            [str(part) for part in command],
            {**os.environ, **(environment or {})},
            Path(self.service.data),
            self.log,
            user,
        )
        self._children.append(child)
        process = describe(child.pid, role, ends_on)
        if process is None:
            raise Unavailable(f"{role} ended at once:\n{tail(self.log)}")
        self._record(replace(self.service, processes=(*self.service.processes, process)))

    def wait(self, answers: Callable[[], bool], *, seconds: float) -> None:
        begun = told = time.monotonic()
        while not answers():
            now = time.monotonic()
            for child in self._children:
                if child.poll() is not None:
                    raise Unavailable(f"ended with {child.returncode} while starting:\n{tail(self.log)}")
            if now - begun > seconds:
                raise Unavailable(f"did not answer within {seconds:.0f} s:\n{tail(self.log)}")
            if now - told >= PROGRESS:
                told = now
                say(self.service.name, f"starting, {now - begun:.0f} s")
            time.sleep(0.1)

    def ready(
        self,
        *,
        version: str,
        installed: str,
        url: str = "",
        variables: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        program: str = "",
    ) -> Service:
        members = [member for leader in self.service.leaders() for member in same_session(leader)]
        self._record(
            replace(
                self.service,
                ready=True,
                version=version,
                installed=installed,
                url=url,
                variables=dict(variables),
                secrets=dict(secrets or {}),
                program=program,
                processes=(*self.service.processes, *members),
            )
        )
        return self.service

    def _record(self, service: Service) -> None:
        self.service = service
        self._state.put(service)


def take_down(service: Service) -> bool:
    """End the service's own processes, the last started first, and remove its data; True when one had to be killed."""
    leaders = service.leaders()
    members = [process for process in service.processes if not process.leader]
    members += [member for leader in leaders for member in same_session(leader) if member not in members]
    killed = [stop(process, GRACE) for process in reversed(leaders)]
    killed += [stop(process, grace=2) for process in members]
    if service.data:
        shutil.rmtree(service.data, ignore_errors=True)
    return any(killed)
