"""The load: keep-alive clients in a process of their own, on asyncio and HTTP/1.1 written out by hand.

httpx needs longer for a request than a bare server for its answer; this one a tenth of that. Run as
`python -m tests.bench.client`: a `Plan` as JSON on standard input, a `Record` on standard output.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

ANSWER_S = 120.0
LOCATION = "@location"


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """One request. The path `@location` stands for the Location of the shot before; `file` is a body read once."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    file: str = ""
    expect: int = 200


Call = tuple[Shot, ...]
"""What is measured as one: mostly a single shot."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """`connections` clients that make the calls in turn, each as soon as it has its last answer."""

    calls: tuple[Call, ...]
    connections: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Measures `main` for `seconds` and at most `most` calls; `beside` runs meanwhile.

    Before that come calls that do not count, for `warm_s` seconds and at most `warm` of them.
    """

    host: str
    port: int
    main: Stream
    seconds: float
    most: int
    warm_s: float
    warm: int
    beside: Stream | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of each call, seconds in all, bytes of the largest body; what went wrong, by what came back."""

    ms: list[float]
    warmed: int
    seconds: float
    largest: int
    failures: dict[str, int]
    beside_ms: list[float]


class Answer(msgspec.Struct, frozen=True):
    status: int
    location: str
    size: int
    start: str


class Broken(Exception):
    """The connection ended, or the answer is framed in a way that is not spoken here."""


class _Wire(asyncio.Protocol):
    """One connection, one answer at a time."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._left = -1
        self._answer: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._status, self._location, self._size = 0, "", 0
        self._start = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Broken("the server closed the connection"))

    async def ask(self, request: Sequence[bytes]) -> Answer:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._head.clear()
        self._left = -1
        self._transport.writelines(request)
        await self._answer
        return Answer(self._status, self._location, self._size, self._start.decode(errors="replace"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            body = bytes(self._head[end + 4 :])
            try:
                self._read_head(bytes(self._head[:end]).decode("latin-1"))
            except Broken as broken:
                self._done(broken)
                return
            self._start = body[:200]
        else:
            body = data
        self._left -= len(body)
        if self._left <= 0:
            self._done(None)

    def _read_head(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self._status = int(first.split(" ", 2)[1])
        self._location = headers.get("location", "")
        if "transfer-encoding" in headers:
            raise Broken("chunked answers are not spoken here")
        self._size = 0 if self._status == 204 else int(headers.get("content-length", "0"))
        self._left = self._size

    def _done(self, error: Broken | None) -> None:
        if self._answer is None or self._answer.done():
            return
        if error is None:
            self._answer.set_result(None)
        else:
            self._answer.set_exception(error)


class Load:
    """Runs a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._files: dict[str, bytes] = {}
        self._raw: dict[int, tuple[bytes, ...]] = {}
        self._largest = 0
        self._failures: dict[str, int] = {}

    async def run(self) -> Record:
        plan = self._plan
        stop = asyncio.Event()
        beside_ms: list[float] = []
        beside = [asyncio.create_task(self._beside(calls, stop, beside_ms)) for calls in _dealt(plan.beside)]
        warmed = await self._stream(plan.main, plan.warm, plan.warm_s)
        gc.disable()
        began = time.perf_counter()
        ms = await self._stream(plan.main, plan.most, plan.seconds)
        seconds = time.perf_counter() - began
        stop.set()
        await asyncio.gather(*beside)
        return Record(
            ms=ms,
            warmed=len(warmed),
            seconds=seconds,
            largest=self._largest,
            failures=self._failures,
            beside_ms=beside_ms,
        )

    async def _stream(self, stream: Stream, most: int, seconds: float) -> list[float]:
        """Milliseconds of each call that came back as expected."""
        ms: list[float] = []
        budget = deque(range(most))
        until = time.perf_counter() + seconds
        await asyncio.gather(*(self._client(calls, budget, ms, until) for calls in _dealt(stream)))
        return ms

    async def _client(self, calls: Sequence[Call], budget: deque[int], ms: list[float], until: float) -> None:
        wire = await self._connected()
        turn = 0
        while budget and time.perf_counter() < until:
            budget.popleft()
            began = time.perf_counter()
            held = await self._call(wire, calls[turn % len(calls)])
            if held:
                ms.append((time.perf_counter() - began) * 1000)
            else:
                wire.close()
                wire = await self._connected()
            turn += 1
        wire.close()

    async def _beside(self, calls: Sequence[Call], stop: asyncio.Event, ms: list[float]) -> None:
        wire = await self._connected()
        turn = 0
        while not stop.is_set():
            began = time.perf_counter()
            if not await self._call(wire, calls[turn % len(calls)]):
                break
            ms.append((time.perf_counter() - began) * 1000)
            turn += 1
        wire.close()

    async def _connected(self) -> _Wire:
        _, wire = await asyncio.get_running_loop().create_connection(_Wire, self._plan.host, self._plan.port)
        return wire

    async def _call(self, wire: _Wire, call: Call) -> bool:
        """Whether every shot came back as expected; what did not is counted."""
        location = ""
        for shot in call:
            try:
                async with asyncio.timeout(ANSWER_S):
                    answer = await wire.ask(self._request(shot, location))
            except (Broken, TimeoutError, OSError) as error:
                self._fail(f"{shot.method} {shot.path}: {type(error).__name__} {error}")
                return False
            location = answer.location
            self._largest = max(self._largest, answer.size)
            if answer.status != shot.expect:
                self._fail(f"{shot.method} {shot.path}: {answer.status} {answer.start}")
                return False
        return True

    def _fail(self, what: str) -> None:
        self._failures[what] = self._failures.get(what, 0) + 1

    def _request(self, shot: Shot, location: str) -> tuple[bytes, ...]:
        if shot.path == LOCATION:
            return _request(shot, location, self._body(shot))
        made = self._raw.get(id(shot))
        if made is None:
            made = self._raw[id(shot)] = _request(shot, shot.path, self._body(shot))
        return made

    def _body(self, shot: Shot) -> bytes:
        if not shot.file:
            return shot.body.encode()
        if shot.file not in self._files:
            self._files[shot.file] = Path(shot.file).read_bytes()
        return self._files[shot.file]


def _request(shot: Shot, path: str, body: bytes) -> tuple[bytes, ...]:
    headers: Mapping[str, str] = {"Host": "bench", **shot.headers}
    if body:
        headers = {**headers, "Content-Length": str(len(body))}
    lines = [f"{shot.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return (head, body) if body else (head,)


def _dealt(stream: Stream | None) -> list[Sequence[Call]]:
    """The calls as each client begins them: every client at another one."""
    if stream is None:
        return []
    step = max(1, len(stream.calls) // stream.connections)
    return [
        (*stream.calls[n * step % len(stream.calls) :], *stream.calls[: n * step % len(stream.calls)])
        for n in range(stream.connections)
    ]


def path(route: str, **parameters: str) -> str:
    """A path with its query, percent-encoded."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    return f"{route}?{query}" if query else route


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(Load(plan).run())))


if __name__ == "__main__":
    main()
