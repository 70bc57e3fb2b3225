"""The servers under load: `zhixi serve` as a process of its own, and a bare Litestar echo as the floor."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import msgspec

from storage.scratch import Ground

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
READY_S = 120.0
LOOK_S = 0.1
TICKS = os.sysconf("SC_CLK_TCK")


class NotReady(Exception):
    """A server ended, or did not answer in time; the message ends with what it printed."""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that a process ran on a core, and that its threads were ready and waited for one."""

    ran: float
    waited: float

    def since(self, earlier: Times) -> Times:
        return Times(ran=self.ran - earlier.ran, waited=self.waited - earlier.waited)


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    own: Times
    engine: Times | None


class Server:
    """A running server."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path, engine: Path | None) -> None:
        self.port = port
        self._process = process
        self._log = log
        self._engine = engine

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def spent(self) -> Spent:
        """So far: of the server's own process, and of the embedded engine's where there is one."""
        if self._engine is None:
            return Spent(own=_times(self._process.pid), engine=None)
        engine = msgspec.json.decode(self._engine.read_bytes())["pid"]
        return Spent(own=_times(self._process.pid), engine=_times(engine))

    def said(self) -> str:
        """The last of what it printed."""
        return self._log.read_text(errors="replace")[-2000:]


@asynccontextmanager
async def product(ground: Ground) -> AsyncIterator[Server]:
    """`zhixi serve` on that ground, once it is well."""
    embedded = ground.graph.url.startswith("embedded:")
    settings = {
        "ZHIXI_HOME": str(ground.home),
        "ZHIXI_DATABASE": ground.storage.database,
        "ZHIXI_VAULT": ground.storage.vault,
        "ZHIXI_KEY_FILE": str(ground.storage.key_file),
        "ZHIXI_ANCHORS": str(ground.storage.anchors),
        "ZHIXI_GRAPH": ground.graph.url,
        "ZHIXI_HEAP_MB": str(ground.graph.heap_mb),
    }
    command = (sys.executable, "-m", "api", "serve")
    engine = ground.home / "graph" / "engine.json" if embedded else None
    async with _served(command, settings, "/api/v1/health", ground.home / "serve.log", engine) as server:
        yield server


@asynccontextmanager
async def echo(home: Path) -> AsyncIterator[Server]:
    command = (sys.executable, "-m", "tests.bench.echo")
    async with _served(command, {}, "/echo", home / "echo.log", None) as server:
        yield server


@asynccontextmanager
async def _served(
    command: tuple[str, ...], settings: Mapping[str, str], look: str, log: Path, engine: Path | None
) -> AsyncIterator[Server]:
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXI_")}
    environment |= {**settings, "ZHIXI_HOST": HOST, "ZHIXI_PORT": str(port)}
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: ASYNC220  (returns at once)
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        await _ready(process, f"http://{HOST}:{port}{look}", log)
        yield Server(port, process, log, engine)
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


async def _ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    give_up = asyncio.get_running_loop().time() + READY_S
    async with httpx.AsyncClient(timeout=30) as client:
        while asyncio.get_running_loop().time() < give_up and process.poll() is None:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(LOOK_S)
    said = await asyncio.to_thread(log.read_text, errors="replace")
    raise NotReady(f"{url} does not answer: {said[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _times(pid: int) -> Times:
    """Of all threads there have been (proc(5)); the waiting of those that have ended is not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    waited = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            waited += int((task / "schedstat").read_text().split()[1])
    return Times(ran=(int(fields[11]) + int(fields[12])) / TICKS, waited=waited / 1e9)
