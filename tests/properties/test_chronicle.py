"""Long histories of random bureaus through the office: whatever was done, every pair gets one answer by every way at every date.

Each seed draws a bureau, its people, departments, rooms and documents, and lives at least two hundred acknowledged acts of at least
thirty kinds. On the law alone every pair is asked at every date at which anything changes; the engines at a handful. `make histories`
draws more seeds and asks the engines more.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from random import Random

import pytest
import pytest_asyncio

from graph.access import Stand, When, audience_of, reach_of
from graph.facts import Fact, Overlay
from graph.kinds import GRANTS, PROHIBITIONS, Node
from graph.law import reach
from graph.law.gate import roles
from graph.law.item import demand
from graph.law.know import may_know
from graph.law.person import groups
from graph.settings import GraphSettings
from graph.times import DAY_MS
from storage.organisations import SetClock
from tests import columns
from tests.graph.agreement import Town, assert_agreement
from tests.properties.histories import OFFICER
from tests.properties.lived import Life, allowed, live, narrowing, verdicts
from tests.shelf import asking, replay
from tests.storage.fingerprint import catalogue

LONG = os.environ.get("ZHIXI_HISTORIES") == "long"
SEEDS, STATES = (range(8), 5) if LONG else (range(1), 1)
ACTS, KINDS = 200, 30
pytestmark = pytest.mark.timeout(3000)


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=SEEDS)
async def life(graph_engine: GraphSettings, request: pytest.FixtureRequest) -> AsyncIterator[Life]:
    random = Random(request.param)  # noqa: S311  (a test's dice)
    clock = SetClock(0)
    async with columns.ground(graph_engine) as ground, columns.house(ground, clock) as wiring:
        yield await live(wiring, clock, random, ACTS, KINDS)


@pytest.fixture
def dice(life: Life) -> Random:
    return Random(life.head)  # noqa: S311  (a test's dice)


def some_dates(life: Life, most: int) -> list[int]:
    """So many of the dates at which anything changes, evenly spread, the last among them."""
    whole = life.dates()[::-1]
    return whole[:: -(-len(whole) // most)]


def people_and_documents(life: Life) -> tuple[list[str], list[str]]:
    return life.all(Node.PERSON), life.all(Node.DOCUMENT)


async def test_two_hundred_acts_of_thirty_kinds_are_acknowledged(life: Life) -> None:
    assert len(life.done) >= ACTS
    assert len(life.kinds) >= KINDS
    assert sum(told.came is not None for told in life.foretold) >= 5


async def test_nothing_acknowledged_is_ever_missing(life: Life) -> None:
    """In the ledger, in the books, and after a rebuild."""
    refs = [ref for each in life.done for ref in each.refs]
    entries = [body.ref async for body, _ in life.wiring.ledger.bodies()]
    live_rows = await catalogue()
    booked = {row["reference"] for row in live_rows["register_row"]}

    await life.wiring.rebuild()

    assert [ref for ref in refs if ref not in entries] == []
    assert [ref for ref in refs if ref not in booked] == []
    assert entries == [body.ref async for body, _ in life.wiring.ledger.bodies()]
    assert await catalogue() == live_rows


async def test_the_three_views_agree_for_every_pair_at_every_date(life: Life, dice: Random) -> None:
    people, documents = people_and_documents(life)
    yes = 0

    for at in life.dates():
        expected = verdicts(life.world, people, documents, at)
        knows = {pair for pair, verdict in expected.items() if verdict.allowed}
        stand = Stand(at=at, s=life.head, live=False)
        audiences = {d: audience_of(life.world, d, people, stand, asker="", roles=()) for d in documents}
        reached = {p: reach_of(life.world, p, documents, at) for p in people}
        pair = dice.choice(list(expected))

        assert {(each.person, d) for d, found in audiences.items() for each in found.people} == knows
        assert {(p, each.item) for p, found in reached.items() for each in found} == knows
        assert may_know(life.world, *pair, at) == expected[pair]
        yes += len(knows)
    assert yes > 0


async def test_known_at_equals_replay(life: Life, dice: Random) -> None:
    """By the replica at many states of the ledger, by the graph at some."""
    wiring, now = life.wiring, life.wiring.now()
    oversight = roles(life.world, OFFICER, now)
    graph = asking(wiring.connection, wiring.projection, wiring.ledger, wiring.now)
    states = dice.sample(range(life.begun, life.head), 12)

    for n, known in enumerate(states):
        then = replay(life.steps[:known])
        everyone = sorted(then.nodes(Node.PERSON))
        for questions in (graph, wiring.questions) if n < 2 * STATES else (wiring.questions,):
            for item in sorted(then.nodes(Node.DOCUMENT)):
                found = await questions.audience(OFFICER, item, When(at=now, known=known), limit=100)
                assert found == audience_of(then, item, everyone, found.stand, asker=OFFICER, roles=oversight, limit=100)  # fmt: skip


async def test_every_pair_gets_one_answer_by_the_graph_and_by_the_replica(life: Life, dice: Random) -> None:
    wiring = life.wiring
    graph = asking(wiring.connection, wiring.projection, wiring.ledger, wiring.now)
    town = Town((graph, wiring.questions), wiring.connection, wiring.ledger, OFFICER, wiring.now())
    past = [(at, dice.randint(life.begun, life.head)) for at in dice.sample(life.dates(), STATES)]

    for at, known in [(wiring.now(), None), *past]:
        there = replay(life.steps[:known])
        await assert_agreement(town, sorted(there.nodes(Node.PERSON)), sorted(there.nodes(Node.DOCUMENT)), at, known)  # fmt: skip


async def test_a_prohibition_always_wins(life: Life) -> None:
    people, documents = people_and_documents(life)
    standing = [fact for fact in life.world.facts() if fact.kind in PROHIBITIONS]
    struck = 0

    for at in life.dates():
        found = verdicts(life.world, people, documents, at)
        levels = {item: demand(life.world, item, at).level for item in documents}
        for fact in (each for each in standing if each.holds(at)):
            hit = [p for p in people if fact.source == p or fact.source in groups(life.world, p, at)]
            for person, item in ((p, d) for p in hit for d in documents):
                level = levels[item]
                outside = level is not None and level.scheme == "internal" and fact.kind == "COOLING_OFF"
                if not outside and (fact.kind != "BARRED_FROM" or fact.target == item):
                    struck += 1
                    assert not found[person, item].allowed
    assert struck > 0


async def test_ending_a_grant_never_widens_an_audience(life: Life, dice: Random) -> None:
    people, documents = people_and_documents(life)
    some = some_dates(life, 12)
    grants = [fact for fact in life.world.facts() if fact.kind in GRANTS]

    for at in some:
        before = allowed(life.world, people, documents, at)
        for grant in dice.sample(grants, min(8, len(grants))):
            view = Overlay(life.world, [], [grant.id], life.world.labels)
            assert allowed(view, people, documents, at) <= before


async def test_a_prohibition_more_never_widens_an_audience(life: Life, dice: Random) -> None:
    people, documents = people_and_documents(life)
    more = [
        *(Fact(id=f"x{n}", kind=dice.choice(("DEPARTED", "COOLING_OFF")), source=dice.choice(people), target="binhai", since=0) for n in range(4)),
        *(Fact(id=f"y{n}", kind="BARRED_FROM", source=dice.choice([*people, "yewu1"]), target=dice.choice(documents), since=0) for n in range(4)),
    ]  # fmt: skip

    for at in some_dates(life, 12):
        before = allowed(life.world, people, documents, at)
        for fact in more:
            view = Overlay(life.world, [fact], [], life.world.labels)
            assert allowed(view, people, documents, at) <= before


async def test_no_act_that_only_ends_grants_or_forbids_widened_an_audience(life: Life) -> None:
    people, documents = people_and_documents(life)
    looked = 0

    for before, after, step in narrowing(life.steps):
        at = max(fact.since for fact in step.facts) + DAY_MS
        looked += 1
        assert allowed(after, people, documents, at) <= allowed(before, people, documents, at)
    assert looked > 0


async def test_exposure_never_contains_one_who_may_know(life: Life) -> None:
    carriers = life.all(Node.CARRIER)
    exposed = 0

    for at in some_dates(life, 25):
        for carrier in carriers:
            for each in reach.exposed(life.world, carrier, at):
                exposed += 1
                assert each.items
                assert [d for d in each.items if may_know(life.world, each.person, d, at).allowed] == []
    assert exposed > 0


async def test_what_would_be_is_what_is_once_it_is_done(life: Life) -> None:
    assert [told for told in life.foretold if told.said != told.came] == []
