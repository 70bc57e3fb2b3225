"""Fixtures of all rooms. `ZHIXI_COLUMN=services` runs the same suites on the real services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from graph import cypher
from graph.settings import GraphSettings
from graph.times import parse
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests import columns
from tests.columns import Ground, Template
from tests.graph.expansions import covers, every_expansion


@pytest.fixture(scope="session", autouse=True)
def every_text_sent_is_explained() -> Iterator[None]:
    """Whatever Cypher a run sent, `tests/graph/test_queries.py` has asked real Neo4j how it would go about it."""
    yield
    explained = set(every_expansion())
    assert [each for each in cypher.expanded() if not any(covers(wide, each) for wide in explained)] == []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about one column's own engine is not collected on the other: it is no test that was skipped."""
    other = "only_embedded" if columns.column() == "services" else "only_services"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def graph_engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GraphSettings]:
    async with columns.engine(tmp_path_factory.mktemp("engine")) as settings:
        yield settings


@pytest_asyncio.fixture(loop_scope="session")
async def ground(graph_engine: GraphSettings) -> AsyncIterator[Ground]:
    """Addresses of an empty house."""
    async with columns.ground(graph_engine) as fresh:
        yield fresh


@pytest.fixture
def clock() -> SetClock:
    """Monday 2 March 2026, 09:00, once an organisation is established; before that, 1 January."""
    return SetClock(parse("2026-01-01T00:00:00+08:00", field="clock"))


@pytest_asyncio.fixture(loop_scope="session")
async def house(ground: Ground, clock: SetClock) -> AsyncIterator[Wiring]:
    """An empty house, opened: nothing is founded yet."""
    async with columns.house(ground, clock) as wiring:
        yield wiring


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def binhai_template(graph_engine: GraphSettings) -> AsyncIterator[Template]:
    """滨海局 of section 5.0, established once through acts (about 120 entries)."""
    async with columns.template(graph_engine, "binhai") as established:
        yield established


@pytest_asyncio.fixture(loop_scope="session")
async def binhai_ground(graph_engine: GraphSettings, binhai_template: Template) -> AsyncIterator[Ground]:
    """Addresses of a house of one's own in which 滨海局 is established."""
    async with columns.ground(graph_engine, binhai_template) as copied:
        yield copied


@pytest_asyncio.fixture(loop_scope="session")
async def binhai(binhai_ground: Ground, binhai_template: Template, clock: SetClock) -> AsyncIterator[Wiring]:
    """滨海局 in a house of one's own, opened; the clock stands at 2026-03-02 09:00."""
    clock.put(binhai_template.at)
    async with columns.house(binhai_ground, clock) as wiring:
        yield wiring


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_ground(graph_engine: GraphSettings, binhai_template: Template) -> AsyncIterator[Ground]:
    """Addresses of the house that a whole module shares."""
    async with columns.ground(graph_engine, binhai_template) as copied:
        yield copied


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(shared_ground: Ground, binhai_template: Template) -> AsyncIterator[Wiring]:
    """滨海局 for a whole module. Its tests write nothing, or what no other test of the module looks at."""
    async with columns.house(shared_ground, SetClock(binhai_template.at)) as wiring:
        yield wiring
