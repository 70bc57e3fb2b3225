"""Every pair of every world gets one answer by every way, on the real engine, at several dates and states of the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import pytest
import pytest_asyncio

from graph.access import When
from graph.connection import Connection
from graph.facts import Fact, World
from graph.kinds import Node
from graph.migrate import migrate
from graph.projection import Projection, Step
from graph.reach import Asked, can_reach, exposing, exposure, has_known, reaching
from graph.settings import GraphSettings
from graph.times import parse
from graph.whatif import what_if
from tests import columns
from tests.graph.agreement import Town, assert_agreement
from tests.shelf import asking
from tests.worlds import all_traps, nine, shelved, within

OFFICER = "officer"
"""Who may ask about everybody."""
NOW = parse(nine.NOW, field="now")
TRAPS = {name: trap for name, trap in all_traps().items() if trap.people and trap.documents}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worlds(graph_engine: GraphSettings) -> AsyncIterator[Town]:
    """Every trap in one graph, and an officer who oversees them all."""
    shelf = shelved(TRAPS)
    office = Fact(id="office", kind="SECURITY_OFFICER_OF", source=OFFICER, target="office", since=0)
    shelf.enter(nodes={OFFICER: Node.PERSON.value, "office": Node.ORGANISATION.value}, facts=[office])
    async with columns.alone(graph_engine):
        connection = Connection(graph_engine)
        await migrate(connection)
        graph = Projection(connection, shelf, 60)
        ways = tuple(asking(connection, graph, shelf, lambda: NOW, replica=kept) for kept in (False, True))
        try:
            yield Town(ways, connection, shelf, OFFICER, NOW)
        finally:
            await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing(worlds: Town) -> World:
    """All that the ledger of all worlds leaves standing."""
    return await worlds.world((await worlds.entries.head()).seq)


@pytest.mark.parametrize("name", TRAPS)
async def test_every_pair_of_a_world_gets_one_answer_by_every_way(worlds: Town, name: str) -> None:
    trap = TRAPS[name]
    people = [within(name, each) for each in sorted(trap.people)]
    documents = [within(name, each) for each in sorted(trap.documents)]

    for at in {asked.instant for asked in trap.asked} | {NOW}:
        for known in await _states(worlds, name):
            await assert_agreement(worlds, people, documents, at, known)


@pytest.mark.parametrize("name", TRAPS)
async def test_hands_and_rooms_of_a_world_lead_where_the_law_says_by_every_way(
    worlds: Town, name: str
) -> None:
    trap = TRAPS[name]

    for at in {asked.instant for asked in trap.asked}:
        for known in await _states(worlds, name):
            asked = Asked(asker=OFFICER, when=When(at=at, known=known))
            head = await worlds.entries.head()
            whole = await worlds.world(head.seq if known is None else known)
            for questions in worlds.ways:
                for carrier in (within(name, each) for each in trap.carriers):
                    reachers = await can_reach(questions, carrier, asked)
                    exposed = await exposure(questions, carrier, asked)
                    assert list(reachers.people) == reaching(whole, carrier, at)
                    assert list(exposed.people) == exposing(whole, carrier, at)
                for item in (within(name, each) for each in trap.documents):
                    records = (await has_known(questions, item, asked)).records
                    expected = [fact for fact in whole.into(item, "HAS_KNOWN") if fact.since <= at]
                    assert {fact.id for fact in records} == {fact.id for fact in expected}


@pytest.mark.parametrize("name", TRAPS)
async def test_drawings_and_what_if_are_by_every_way_what_the_worlds_table_holds(
    worlds: Town, standing: World, name: str
) -> None:
    trap, kept = TRAPS[name], nine.read(name)
    *_, (date, at, _) = (each for each in nine.moments(trap) if each[2] is None)

    for questions in worlds.ways:
        for item in trap.documents:
            drawing = await questions.paths(OFFICER, within(name, item), When(at=at))
            assert nine.drawn(drawing, f"{name}.") == kept[date]["paths"][item]
        for proposal, ending in nine.SUPPOSED.items():
            step = _ending(standing, name, ending)
            found = await what_if(questions, OFFICER, [step], When(at=NOW))
            pairs = {
                each: getattr(found, each) for each in ("gains", "loses", "exposed", "no_longer_exposed")
            }
            told = {
                each: [" ".join(_named(name, pair)) for pair in its] for each, its in pairs.items() if its
            }
            assert told == kept["from now on"]["what_if"][proposal]


def _named(name: str, nodes: Iterable[str]) -> list[str]:
    """As they are called in their own world."""
    return [node.removeprefix(f"{name}.") for node in nodes]


def _ending(standing: World, name: str, kinds: tuple[str, ...]) -> Step:
    """An entry that would void every fact of these kinds that holds now in one world."""
    gone = nine.ended((each for each in standing.facts() if each.id.startswith(f"{name}.")), kinds, NOW)
    labels = {node: standing.labels[node] for fact in gone for node in (fact.source, fact.target)}
    return Step(seq=1, hash="", prev="", nodes=(), superseded=gone, facts=(), labels=labels)


async def _states(town: Town, name: str) -> list[int | None]:
    """Now; after the world was entered; before its last fact was ended; and around each late entry."""
    steps = [step async for step in town.entries.steps(0, 10_000)]
    own = [step.seq for step in steps if any(fact.id.startswith(f"{name}.") for fact in step.facts)]
    return [None, *sorted({own[0], own[-1] - 1, *own[-1 - len(TRAPS[name].entered) :]})]
