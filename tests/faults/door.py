"""An API process on the ground it was given: the application behind a socket of its own, on loopback."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import uvicorn

from api.app import create_app
from api.settings import HttpSettings, Settings
from graph.connection import Row
from graph.neighbourhood import Neighbourhood
from graph.projection import Head, Projection
from graph.times import Instant
from storage.ledger import Ledger
from storage.wiring import opened
from tests.columns import Ground
from tests.faults.children import Child, Heard, Orders, child, tell

HOURS = HttpSettings(session_hours=24, idle_minutes=240)


class RunningClock:
    """Goes on from an instant as this machine's own clock does: the same in every process."""

    def __init__(self, at: Instant, since_ns: int) -> None:
        self._at = at
        self._since_ns = since_ns

    def __call__(self) -> Instant:
        return self._at + (time.monotonic_ns() - self._since_ns) // 1_000_000


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """`since_ns`: when its clock began. The twins take a protection out of this process alone.

    `hasty` answers without waiting for the graph, and without looking how far it had come; `forgetful` takes the first head it saw for the ledger's.
    """

    since_ns: int
    hasty: bool = False
    forgetful: bool = False


async def door(orders: Orders, heard: Heard) -> None:
    """Serves until it is told nothing more; told anything, it says at which port."""
    wishes = msgspec.convert(orders.wishes, Wishes)
    _unprotect(wishes)
    clock = RunningClock(orders.at, wishes.since_ns)
    async with opened(orders.ground.storage, orders.ground.graph, now=clock) as wiring:
        settings = Settings(
            home=orders.ground.home, graph=orders.ground.graph, storage=orders.ground.storage, broker="", http=HOURS
        )  # fmt: skip
        config = uvicorn.Config(create_app(wiring, settings), log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:  # noqa: ASYNC110  (uvicorn tells nobody)
                await asyncio.sleep(0.01)
            tell("ready")
            async for _ in heard:
                tell(listening.getsockname()[1])
            server.should_exit = True
            await serving


def _unprotect(wishes: Wishes) -> None:
    if wishes.hasty:

        async def reach(_projection: Projection, _head: Head, *_rest: object) -> None:
            return None

        def standing(_near: Neighbourhood, clock: Row | None) -> Row:
            return clock or {}

        Projection.reach = reach  # type: ignore[assignment,method-assign]
        Neighbourhood._standing = standing  # type: ignore[assignment,method-assign]
    if wishes.forgetful:
        real = Ledger.head
        first: list[Head] = []

        async def head(self: Ledger) -> Head:
            if not first:
                first.append(await real(self))
            return first[0]

        Ledger.head = head  # type: ignore[method-assign]


# The parent's end


class Door:
    """A running API process."""

    def __init__(self, process: Child, url: str) -> None:
        self.process = process
        self.url = url

    async def kill(self) -> None:
        await self.process.kill()

    def most_memory(self) -> int:
        """The most bytes it has had in memory so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10

    @asynccontextmanager
    async def by(self, token: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody signed in: sessions stand in the database, so any process knows them."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh"}
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=120, trust_env=False
        ) as client:
            yield client


@asynccontextmanager
async def served(ground: Ground, at: Instant, since_ns: int, **wishes: bool) -> AsyncIterator[Door]:
    orders = Orders(ground=ground, at=at, wishes={"since_ns": since_ns, **wishes})
    async with child("door", orders) as process:
        yield Door(process, f"http://127.0.0.1:{await process.ask('port')}")
