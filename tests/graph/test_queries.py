"""Every query file says the truth about itself, and real Neo4j finds each of its anchors by an index."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from graph import cypher
from graph.connection import Connection
from graph.cypher import Expansion
from graph.errors import Broken
from graph.settings import GraphSettings
from storage.organisations import SetClock
from tests import columns
from tests.columns import Template
from tests.graph.expansions import covers, every_expansion, expansion

ROOT = Path(__file__).resolve().parents[2]
EXPANSIONS = sorted(set(every_expansion()))
SCANS = (
    "NodeByLabelScan",
    "AllNodesScan",
    "RelationshipTypeScan",
    "AllRelationshipsScan",
    "CartesianProduct",
)
SEEKS = ("NodeUniqueIndexSeek", "NodeIndexSeek")
SAMPLES: dict[str, Any] = {
    "ids": ["a"], "rows": [{"id": "f", "source": "a", "target": "b", "seq": 1, "since": 0, "until": 1, "seq_in": 1,
                            "seq_out": 2, "details": "{}"}],
    "s": 1, "person": "p", "item": "d", "ledger": "z", "lock": "x", "seq": 1, "hash": "h", "swept": 1,
    "after": "", "limit": 10, "before_seq": 1, "before": 1,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def neo4j(graph_engine: GraphSettings, binhai_template: Template) -> AsyncIterator[Connection]:
    """A real Neo4j that holds 滨海局: it plans by what it has counted, and plans an empty graph otherwise."""
    start = SetClock(binhai_template.at)
    async with columns.ground(graph_engine, binhai_template) as ground, columns.house(ground, start):
        connection = Connection(graph_engine)
        try:
            yield connection
        finally:
            await connection.close()


@pytest.mark.parametrize("name", cypher.names())
def test_the_header_names_what_the_query_takes_and_gives(name: str) -> None:
    query = cypher.query(name)
    body = re.sub(r"'[^']*'", "''", query.text)

    assert set(cypher.HEADER) <= query.header.keys() <= {*cypher.HEADER, "expands"}
    assert query.header["purpose"]
    assert set(query.list_of("parameters")) == set(re.findall(r"\$(\w+)", body))
    assert list(query.list_of("columns")) == _returned(body)
    assert set(query.list_of("expands")) == query.holes
    assert not re.search(r"//|\$\w+\s*\+", body)


def _returned(body: str) -> list[str]:
    """The names after the last RETURN that stands in no subquery."""
    found = re.search(r"(?ms)^RETURN (.*)\Z", body)
    if found is None:
        return []
    parts = re.split(r",(?![^()\[\]]*[)\]])", found[1])
    return [part.split(" AS ")[-1].strip() for part in parts]


@pytest.mark.parametrize("name", cypher.names())
def test_each_module_that_the_header_names_uses_the_query(name: str) -> None:
    users = cypher.query(name).list_of("used by")

    sources = {user: inspect.getsource(importlib.import_module(user)) for user in users}

    assert users
    assert [user for user, source in sources.items() if f'"{name}"' not in source] == []


def test_no_module_uses_a_query_without_standing_in_its_header() -> None:
    asks = re.compile(r"""(?:\.read|\.run|\b_wanted|\._take)\(\s*(?:\w+,\s*)?"(?P<query>\w+)"[,\s]""")

    named = {
        (".".join(path.relative_to(ROOT).with_suffix("").parts), found["query"])
        for room in ("api", "graph", "storage", "workers")
        for path in (ROOT / room).rglob("*.py")
        if "node_modules" not in path.parts
        for found in asks.finditer(path.read_text(encoding="utf-8"))
    }

    assert {name for _, name in named} == set(cypher.names())
    assert [
        (module, name)
        for module, name in sorted(named)
        if module not in cypher.query(name).list_of("used by")
    ] == []


def test_a_placeholder_takes_no_name_that_is_not_a_kind() -> None:
    with pytest.raises(Broken):
        cypher.text("known", {"label": "Person) DETACH DELETE n //"})
    with pytest.raises(Broken):
        cypher.text("known", {"label": "Person", "more": "Person"})
    with pytest.raises(Broken):
        cypher.text("known", {})


def _identified(expansion: Expansion) -> str:
    name, fillings = expansion
    shown = "-".join(
        filling if "|" not in filling else f"{filling.split('|')[0]}…" for _, filling in fillings
    )
    return f"{name}-{shown}" if shown else name


@pytest.mark.only_services
@pytest.mark.parametrize("wanted", EXPANSIONS, ids=_identified)
async def test_neo4j_seeks_every_anchor_and_scans_nothing(neo4j: Connection, wanted: Expansion) -> None:
    name, fillings = wanted
    query = cypher.query(name)
    text = cypher.text(name, dict(fillings))

    plan = await neo4j.explain(text, {each: SAMPLES[each] for each in query.list_of("parameters")})

    operators = list(_operators(plan))
    assert [each for each in operators if any(scan in each for scan in SCANS)] == []
    anchors = re.findall(r"\(\w+:\w+ \{id: |WHERE a\.id >", text)
    assert anchors
    assert sum(each.startswith(SEEKS) for each in operators) >= len(anchors)


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan["operatorType"]).partition("@")[0]
    for child in plan.get("children", ()):
        yield from _operators(child)


def test_every_text_sent_so_far_is_one_of_those_explained() -> None:
    cypher.text("known", {"label": "Person"})

    sent = cypher.expanded()

    assert [each for each in sent if not any(covers(wide, each) for wide in EXPANSIONS)] == []
    assert not covers(expansion("known", {"label": "Person"}), expansion("known", {"label": "Post"}))
