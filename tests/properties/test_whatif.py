"""What-if equals doing it: ask, then do, then compare; by the graph and by the replica, and nothing is written by asking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.access import Questions, When
from graph.errors import BadInput, Refused
from graph.facts import World
from graph.kinds import Node
from graph.law import reach
from graph.law.know import may_know
from graph.settings import GraphSettings
from graph.times import DAY_MS, Instant
from graph.whatif import Pair, what_if
from storage.office import Proposal
from storage.wiring import Wiring
from tests.columns import Template
from tests.properties.histories import OFFICER, PEOPLE, REVIEW, Deed, deed, histories, live_through
from tests.properties.test_histories import FEW, binhai
from tests.shelf import asking, replay
from tests.storage.carriage import SLIP
from tests.storage.fingerprint import catalogue

pytestmark = pytest.mark.timeout(900)
WORKERS = ("p15", "p16")


def in_rooms() -> st.SearchStrategy[Deed]:
    """What touches entry lists, keys and hands."""
    person = st.sampled_from((*PEOPLE, "p23", *WORKERS))
    return st.one_of(
        deed("p02", "strike-from-list", person=person, place="R301"),
        deed("p02", "admit-to-list", person=person, place="R301"),
        deed("p03", "hand-over-key", person=person, thing=st.sampled_from(["B1", "R301"])),
        deed("p03", "keep-carrier", carrier=st.sampled_from(["C2", "C3"]), kept_in=st.sampled_from(["B1", "R301"])),
        deed("p03", "lend-carrier", carrier=st.sampled_from(["C2", "C5"]), to=person, due="2026-04-06", purpose="核对", signed=st.just(SLIP)),
        deed("p20", "change-key-unit", unit="R301", control_area=st.booleans()),
    )  # fmt: skip


def one_act() -> st.SearchStrategy[Deed]:
    return histories(longest=3).map(lambda deeds: deeds[0]).filter(lambda each: each.act != REVIEW)


@FEW
@given(
    lived=histories(longest=4),
    proposed=st.lists(st.one_of(in_rooms(), one_act()), min_size=1, max_size=3),
)
async def test_what_would_be_is_what_is_once_it_is_done(
    graph_engine: GraphSettings, binhai_template: Template, lived: list[Deed], proposed: list[Deed]
) -> None:
    async with binhai(graph_engine, binhai_template) as (wiring, clock):
        await live_through(wiring, clock, lived)
        at = clock.at + 10 * DAY_MS
        head, rows = await wiring.ledger.head(), await catalogue()
        before = await _sights(wiring, at)
        graph = asking(wiring.connection, wiring.projection, wiring.ledger, wiring.now)
        said = [await _supposed(wiring, by, proposed, at) for by in (graph, wiring.questions)]
        assert (await wiring.ledger.head(), await catalogue()) == (head, rows)

        outcomes = await _done(wiring, proposed)

        after = await _sights(wiring, at)
        if said[0] is None:
            assert said[1] is None
            assert "done" not in outcomes[-1:]
            return
        expected = tuple(one - other for one, other in zip((after[0], before[0], after[1], before[1]),
                                                           (before[0], after[0], before[1], after[1]), strict=True))  # fmt: skip
        assert outcomes == ["done"] * len(proposed)
        assert said == [expected, expected]


async def _supposed(
    wiring: Wiring, questions: Questions, deeds: list[Deed], at: Instant
) -> tuple[set[Pair], ...] | None:
    """What would follow; None where one of them would be refused."""
    proposals = [Proposal(actor=each.actor, act=each.act, sent=each.params) for each in deeds]
    try:
        steps = await wiring.office.suppose(proposals)
    except (Refused, BadInput):
        return None
    found = await what_if(questions, OFFICER, steps, When(at=at))
    return set(found.gains), set(found.loses), set(found.exposed), set(found.no_longer_exposed)


async def _done(wiring: Wiring, deeds: list[Deed]) -> list[str]:
    """One after the other, until the first that is refused."""
    outcomes: list[str] = []
    for each in deeds:
        try:
            await wiring.office.do(each.actor, each.act, each.params)
        except (Refused, BadInput):
            return [*outcomes, "refused"]
        outcomes.append("done")
    return outcomes


async def _sights(wiring: Wiring, at: Instant) -> tuple[set[Pair], set[Pair]]:
    """Every pair of the whole ledger by replay: who may know what, and who is exposed to which carrier."""
    head = await wiring.ledger.head()
    world: World = replay([step async for step in wiring.ledger.steps(0, head.seq)])
    people, items, carriers = (
        list(world.nodes(label)) for label in (Node.PERSON, Node.DOCUMENT, Node.CARRIER)
    )
    knows = {(p, item) for p in people for item in items if may_know(world, p, item, at).allowed}
    exposed = {(each.person, c) for c in carriers for each in reach.exposed(world, c, at)}
    return knows, exposed
