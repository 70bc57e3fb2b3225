"""The two columns: where a bench's throw-away ground stands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from graph.settings import GraphSettings
from storage.scratch import Ground, Services, ground
from tests import columns

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("POSTGRES", "POSTGRES_SERVER", "NEO4J", "MINIO")


class NotRunning(Exception):
    """A service that the column needs does not run; the message says which."""


@asynccontextmanager
async def fresh(column: str) -> AsyncIterator[Ground]:
    """Empty ground of a column, gone afterwards. Raises NotRunning.

    The tests' Neo4j is one graph for all: its turn is waited for, and what an earlier test left is emptied first.
    """
    if column == "embedded":
        async with ground(Services()) as embedded:
            yield embedded
        return
    services = _services()
    graph = GraphSettings(url=services.graph)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(columns.alone(graph))
        except AssertionError as busy:
            raise NotRunning(str(busy)) from None
        yield await stack.enter_async_context(ground(services))


def _services() -> Services:
    """From ZHIXI_TEST_… of the environment, or of `deploy/services env`."""
    found = {name: value for name, value in os.environ.items() if name.startswith("ZHIXI_TEST_")} or _asked()
    missing = [name for name in NEEDED if not found.get(f"ZHIXI_TEST_{name}")]
    if missing:
        raise NotRunning(f"{', '.join(missing)} not running: deploy/services start")
    return Services(
        postgres_owner=found["ZHIXI_TEST_POSTGRES"],
        postgres_server=found["ZHIXI_TEST_POSTGRES_SERVER"],
        vault=found["ZHIXI_TEST_MINIO"],
        graph=f"{found['ZHIXI_TEST_NEO4J']}/neo4j",
    )


def _asked() -> Mapping[str, str]:
    ended = subprocess.run(
        [sys.executable, ROOT / "deploy" / "services", "env"], capture_output=True, text=True, check=False
    )
    pairs = (word.partition("=") for word in shlex.split(ended.stdout))
    return {name: value for name, separator, value in pairs if separator}
