"""Houses that a whole module shares, where its tests write nothing; and the proof that they wrote nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import pytest_asyncio

from graph.settings import GraphSettings
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests import columns
from tests.columns import Template
from tests.storage.fingerprint import difference, fingerprint

Unwritten = Callable[[Wiring], AbstractAsyncContextManager[None]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(graph_engine: GraphSettings, binhai_template: Template) -> AsyncIterator[Wiring]:
    """滨海局 for a whole module. Its tests write nothing, or what no other test of the module looks at."""
    clock = SetClock(binhai_template.at)
    async with (
        columns.ground(graph_engine, binhai_template) as ground,
        columns.house(ground, clock) as wiring,
    ):
        yield wiring


@pytest.fixture
def unwritten() -> Unwritten:
    """`async with unwritten(wiring):` fails where anything at all was written inside."""

    @asynccontextmanager
    async def unwritten(wiring: Wiring) -> AsyncIterator[None]:
        before = await fingerprint(wiring)
        yield
        assert difference(before, await fingerprint(wiring)) == {}

    return unwritten
