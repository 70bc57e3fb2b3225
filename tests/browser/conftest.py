"""`zhixi demo` as a process of its own on fresh ground of the column, and Debian's Chromium driven by Playwright."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright

from graph.connection import Connection
from graph.projection import empty
from graph.settings import GraphSettings
from storage import scratch
from tests import columns

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
START_S = 120


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[str]:
    """The address of a running demo."""
    services = await _services()
    async with scratch.ground(services) as ground:
        port = _free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ZHIXI_")},
            "ZHIXI_HOME": str(ground.home),
            "ZHIXI_DATABASE": ground.storage.database,
            "ZHIXI_DATABASE_OWNER": ground.storage.database_owner,
            "ZHIXI_GRAPH": ground.graph.url,
            "ZHIXI_VAULT": ground.storage.vault,
            "ZHIXI_KEY_FILE": str(ground.storage.key_file),
            "ZHIXI_ANCHORS": str(ground.storage.anchors),
            "ZHIXI_PORT": str(port),
        }
        if columns.column() == "services":
            environment["ZHIXI_BROKER"] = columns.service("RABBITMQ")
        log = (ground.home / "demo.log").open("wb")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "api", "demo", "--home", str(ground.home), env=environment, stdout=log, stderr=log
        )  # fmt: skip
        try:
            await _ready(process, port, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), 30)
            log.close()


async def _services() -> scratch.Services:
    if columns.column() == "embedded":
        return scratch.Services()
    graph = f"{columns.service('NEO4J')}/neo4j"
    connection = Connection(GraphSettings(url=graph))
    try:
        await empty(connection)
    finally:
        await connection.close()
    return scratch.Services(
        postgres_owner=columns.service("POSTGRES"),
        postgres_server=columns.service("POSTGRES_SERVER"),
        graph=graph,
        vault=columns.service("MINIO"),
    )


async def _ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(START_S * 5):
            if process.returncode is not None:
                break
            try:
                if (await client.get(f"http://127.0.0.1:{port}/api/v1/health")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise AssertionError(f"the demo did not start: {_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    home = tempfile.mkdtemp(prefix="zhixi-chromium-")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=columns.service("CHROMIUM"), args=list(FLAGS), env={**os.environ, "HOME": home}
        )
        yield running
        await running.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh profile."""
    fresh = await browser.new_context(viewport={"width": 1360, "height": 900})
    yield fresh
    await fresh.close()
