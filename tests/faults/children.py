"""Processes of their own on one ground: a parent says a line, the child does it and answers with a line.

`python -m tests.faults ROLE` is such a process; the first line it is told is its orders.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.columns import Ground

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What a child is told first: the ground it stands on, where its clock begins, and what its role wants to know."""

    ground: Ground
    at: int
    wishes: dict[str, Any] = {}


def environment(ground: Ground) -> dict[str, str]:
    """What a program of the product is told so that it stands on that ground, and nothing of the tests' own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXI_")}
    return kept | {
        "ZHIXI_HOME": str(ground.home),
        "ZHIXI_DATABASE": ground.storage.database,
        "ZHIXI_VAULT": ground.storage.vault,
        "ZHIXI_KEY_FILE": str(ground.storage.key_file),
        "ZHIXI_ANCHORS": str(ground.storage.anchors),
        "ZHIXI_GRAPH": ground.graph.url,
    }


class Child:
    """The parent's end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def say(self, words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(words, enc_hook=str) + b"\n")
        await self._process.stdin.drain()

    async def hear(self) -> Any:
        """The child's next line; its end is a failure."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        assert line, "the child has gone; what it wrote last stands in the test's own error output"
        return msgspec.json.decode(line)

    async def ask(self, words: object) -> Any:
        await self.say(words)
        return await self.hear()

    async def kill(self) -> None:
        """kill -9: nothing of the child's own runs any more."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def end(self) -> None:
        """The child leaves as it would at the end of its day."""
        assert self._process.stdin is not None
        if self._process.returncode is None:
            self._process.stdin.close()
            await asyncio.wait_for(self._process.wait(), PATIENCE_S)


@asynccontextmanager
async def child(role: str, orders: Orders) -> AsyncIterator[Child]:
    """A process in a role, ready; gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults", role, cwd=ROOT, env=dict(os.environ),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
    )  # fmt: skip
    ours = Child(process)
    try:
        assert await ours.ask(orders) == "ready"
        yield ours
        await ours.end()
    finally:
        if process.returncode is None:
            await ours.kill()


# The child's end

Heard = AsyncIterator[Any]
Role = Callable[[Orders, Heard], Awaitable[None]]


def tell(words: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(words) + b"\n")
    sys.stdout.buffer.flush()


async def lines() -> Heard:
    reader = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield msgspec.json.decode(line)


def read_orders(words: Any) -> Orders:
    return msgspec.convert(words, Orders, dec_hook=lambda kind, value: kind(value))
