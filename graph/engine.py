"""The embedded graph engine: ArcadeDB as a child process of ours, spoken to over Bolt like Neo4j.

EngineError
├── EngineHeld      another process holds the folder and does not answer; names both
└── EngineFailed    our child ended, or was not ready in time; says why and where its log is

One folder has one engine and one engine has one starter. `home/engine.lock` is locked for as long as the engine
lives, `home/engine.json` (0600) says where it listens and with which password, `home/engine.log` holds its output.
Whoever finds the folder locked and the engine answering shares it; it ends with its starter, however that ends.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, BinaryIO

import msgspec
from msgspec import Meta
from neo4j import AsyncGraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

_CHILD = Path(__file__).with_name("engine_child.py")
_LOG_BYTES = 10_000_000
_ANSWER_S = 3.0
_STOP_S = 15.0
_AGAIN_S = 0.1


class EngineError(Exception):
    """The embedded engine cannot be used."""


class EngineHeld(EngineError):
    """`pid` is None where the holder has not yet written its own."""

    def __init__(self, home: Path, pid: int | None) -> None:
        self.home = home
        self.pid = pid
        holder = f"process {pid}" if pid else "an unknown process"
        super().__init__(
            f"{holder} holds the graph folder {home} and does not answer; end it, then start again"
        )


class EngineFailed(EngineError):
    def __init__(self, home: Path, cause: str) -> None:
        self.home = home
        self.cause = cause
        super().__init__(
            f"the graph engine of {home} did not start: {cause}; its log is {home / 'engine.log'}"
        )


@dataclass(frozen=True)
class EngineSettings:
    home: Annotated[Path, Meta(description="Folder of the embedded graph; one engine at a time works in it")]
    heap_mb: Annotated[int, Meta(ge=128, description="Megabytes of Java heap the engine may use at most")] = (
        512
    )
    start_timeout_s: Annotated[
        float, Meta(gt=0, description="Seconds until an engine that neither starts nor answers is an error")
    ] = 60.0


class _Record(msgspec.Struct, frozen=True):
    """What `engine.json` says."""

    pid: int
    started_at: float
    starter: int
    port: int
    user: str
    password: str
    database: str

    @property
    def url(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"


class EmbeddedEngine:
    """A running engine. Only the process that started it can stop it; for the others `stop` lets go of it."""

    def __init__(self, record: _Record, child: _Child | None) -> None:
        self.url = record.url
        self.user = record.user
        self.password = record.password
        self.database = record.database
        self.pid = record.pid
        self._child = child

    @property
    def adopted(self) -> bool:
        """Whether another process started it, and ends it."""
        return self._child is None

    @classmethod
    async def start(cls, settings: EngineSettings) -> EmbeddedEngine:
        """Start the engine of `settings.home`, or share the one that runs there.

        Raises EngineHeld or EngineFailed.
        """
        home = settings.home.absolute()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        clock = asyncio.get_running_loop().time
        deadline = clock() + settings.start_timeout_s
        while True:
            lock = _lock(home)
            if lock is not None:
                child = _Child(home, settings.heap_mb, lock)
                return cls(await child.ready(settings.start_timeout_s), child)
            record = _record(home)
            if record is not None and await _answers(record):
                return cls(record, None)
            if clock() > deadline:
                raise EngineHeld(home, _holder(home))
            await asyncio.sleep(_AGAIN_S)

    async def stop(self) -> None:
        """End the engine in order if this process started it. Repeatable."""
        if self._child is not None:
            await self._child.stop()


class _Child:
    """The engine's process, kept by a thread of its own.

    The kernel ends the engine when the thread that started it ends (PR_SET_PDEATHSIG); an event loop's thread, or
    one of a pool, may end long before the process does.
    """

    def __init__(self, home: Path, heap_mb: int, lock: int) -> None:
        self._home = home
        self._starter = os.getpid()
        self._saying = threading.Lock()
        self._process: Future[subprocess.Popen[bytes]] = Future()
        self._report: Future[bytes] = Future()
        self._ended: Future[int] = Future()
        for promise in (self._process, self._report, self._ended):
            promise.set_running_or_notify_cancel()  # a waiter that gives up must not cancel them for the others
        threading.Thread(
            target=self._keep, args=(heap_mb, lock), name=f"graph engine {home.name}", daemon=True
        ).start()

    async def ready(self, seconds: float) -> _Record:
        """The record of the engine once it answers. Leaves no process behind otherwise."""
        process = await asyncio.wrap_future(self._process)
        try:
            async with asyncio.timeout(seconds):
                record = _decoded(self._home, await asyncio.wrap_future(self._report))
                while not await _answers(record):  # noqa: ASYNC110  (nothing tells when another process answers)
                    await asyncio.sleep(_AGAIN_S)
        except BaseException as error:
            process.kill()
            await asyncio.wrap_future(self._ended)
            if isinstance(error, TimeoutError):
                raise EngineFailed(self._home, f"not ready after {seconds:g} seconds") from None
            raise
        return record

    async def stop(self) -> None:
        if os.getpid() != self._starter:  # a fork of the starter has a copy of this object, not of the engine
            return
        process = self._process.result()
        self._say(process, b"stop\n")
        try:
            async with asyncio.timeout(_STOP_S):
                await asyncio.wrap_future(self._ended)
        except TimeoutError:
            process.kill()
            await asyncio.wrap_future(self._ended)

    def _keep(self, heap_mb: int, lock: int) -> None:
        report, told = os.pipe()
        try:
            process = self._spawn(lock, told)
        except OSError as error:
            os.close(report)
            self._process.set_exception(EngineFailed(self._home, str(error)))
            return
        finally:
            os.close(lock)
            os.close(told)
        self._process.set_result(process)
        self._say(process, json.dumps({"home": str(self._home), "heap_mb": heap_mb}).encode() + b"\n")
        with os.fdopen(report, "rb") as lines:
            self._report.set_result(lines.readline())
        code = process.wait()
        with self._saying:
            _stdin(process).close()
        self._ended.set_result(code)

    def _spawn(self, lock: int, told: int) -> subprocess.Popen[bytes]:
        with _log(self._home) as log:
            return subprocess.Popen(  # noqa: S603  (our own interpreter and our own script)
                [sys.executable, "-P", str(_CHILD), str(os.getpid()), str(lock), str(told)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                bufsize=0,
                pass_fds=(lock, told),
                cwd=self._home,
                start_new_session=True,  # a Ctrl-C in our terminal is ours to pass on, after the last question
            )

    def _say(self, process: subprocess.Popen[bytes], line: bytes) -> None:
        """To a process that may have ended already, which shows elsewhere."""
        with self._saying, suppress(BrokenPipeError):
            if not _stdin(process).closed:
                _stdin(process).write(line)


def _decoded(home: Path, report: bytes) -> _Record:
    try:
        return msgspec.json.decode(report, type=_Record)
    except msgspec.DecodeError:
        pass
    try:
        cause = str(msgspec.json.decode(report)["error"])
    except (msgspec.DecodeError, LookupError, TypeError):
        cause = "it ended before it was ready"
    raise EngineFailed(home, cause)


def _lock(home: Path) -> int | None:
    """A file descriptor that holds the folder's lock, or None where another process does."""
    lock = os.open(home / "engine.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)  # until the engine writes its own
    return lock


def _holder(home: Path) -> int | None:
    try:
        return int((home / "engine.lock").read_text())
    except (OSError, ValueError):
        return None


def _record(home: Path) -> _Record | None:
    """The record of the engine that holds the lock; None while it starts or stops."""
    try:
        record = msgspec.json.decode((home / "engine.json").read_bytes(), type=_Record)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return record if record.pid == _holder(home) else None


async def _answers(record: _Record) -> bool:
    try:
        async with (
            asyncio.timeout(_ANSWER_S),
            AsyncGraphDatabase.driver(
                record.url,
                auth=(record.user, record.password),
                connection_timeout=_ANSWER_S,
                telemetry_disabled=True,
            ) as driver,
            driver.session(database=record.database) as session,
        ):
            await (await session.run("RETURN 1")).consume()
    except (DriverError, Neo4jError, OSError):  # TimeoutError is an OSError
        return False
    return True


def _log(home: Path) -> BinaryIO:
    file = home / "engine.log"
    if file.exists() and file.stat().st_size > _LOG_BYTES:
        file.replace(file.with_suffix(".log.1"))
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None  # noqa: S101  (a pipe was asked for)
    return process.stdin
