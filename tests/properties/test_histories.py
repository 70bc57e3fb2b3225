"""Random histories through the office, on the engines of the column."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.projection import Entries, Head, Projection, Step, empty
from graph.settings import GraphSettings
from graph.times import DAY_MS
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests import columns
from tests.columns import Template
from tests.properties.histories import (
    Deed,
    every_answer,
    histories,
    independent,
    live_through,
    said,
)
from tests.shelf import asking
from tests.storage.fingerprint import catalogue

FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),
)
"""An example takes seconds: a failing one is shown as it was drawn, since to shrink it would take minutes."""
pytestmark = pytest.mark.timeout(900)


@asynccontextmanager
async def binhai(graph: GraphSettings, template: Template) -> AsyncIterator[tuple[Wiring, SetClock]]:
    """A house of its own for each example."""
    clock = SetClock(template.at)
    async with columns.ground(graph, template) as ground, columns.house(ground, clock) as wiring:
        yield wiring, clock


class Beginning(msgspec.Struct, frozen=True):
    """A ledger as it was when its head was there."""

    entries: Entries
    upto: Head

    async def head(self) -> Head:
        return self.upto

    async def hash_at(self, seq: int) -> str:
        return await self.entries.hash_at(seq) if seq <= self.upto.seq else ""

    def steps(self, after: int, until: int) -> AsyncIterator[Step]:
        return self.entries.steps(after, min(until, self.upto.seq))


@FEW
@given(history=histories(longest=10), swept=st.booleans())
async def test_a_rebuilt_house_answers_everything_as_the_live_one(
    graph_engine: GraphSettings, binhai_template: Template, history: list[Deed], swept: bool
) -> None:
    async with binhai(graph_engine, binhai_template) as (wiring, clock):
        await live_through(wiring, clock, history)
        if swept:
            head = await wiring.ledger.head()
            await wiring.projection.sweep(before_seq=head.seq, before=clock.at - DAY_MS, pause_s=0)
        now, earlier = clock.at, clock.at - 2 * DAY_MS
        live = [await catalogue(), await every_answer(wiring, now), await every_answer(wiring, earlier)]

        await wiring.rebuild()

        rebuilt = [
            await catalogue(),
            await every_answer(wiring, now),
            await every_answer(wiring, earlier),
        ]
        assert rebuilt == live


@FEW
@given(history=histories(longest=10), data=st.data())
async def test_the_ledger_replayed_to_an_entry_answers_as_known_at_that_entry(
    graph_engine: GraphSettings, binhai_template: Template, history: list[Deed], data: st.DataObject
) -> None:
    async with binhai(graph_engine, binhai_template) as (wiring, clock):
        begun = (await wiring.ledger.head()).seq
        await live_through(wiring, clock, history)
        head = await wiring.ledger.head()
        known = data.draw(st.integers(begun, head.seq), label="known")
        at = clock.at
        asked = said_by_the_officer(await every_answer(wiring, at, known))

        await empty(wiring.connection)
        replayed = await _replayed(wiring, known)

        assert said_by_the_officer(await every_answer(replayed, at)) == asked


def said_by_the_officer(answers: dict[str, object]) -> dict[str, object]:
    """Without those that are always judged now, by the ledger's head."""
    return {name: each for name, each in answers.items() if not name.startswith(("own ", "of "))}


async def _replayed(wiring: Wiring, known: int) -> Wiring:
    """The same house with a graph that has followed the ledger so far and no further."""
    head = await wiring.ledger.head()
    beginning = Beginning(wiring.ledger, Head(head.ledger, known, await wiring.ledger.hash_at(known)))
    projection = Projection(wiring.connection, beginning, 60)
    questions = asking(wiring.connection, projection, beginning, wiring.now)
    return msgspec.structs.replace(wiring, projection=projection, questions=questions)


@FEW
@given(deeds=independent(), random=st.randoms(use_true_random=False))
async def test_acts_that_touch_nothing_of_one_another_may_be_done_in_any_order(
    graph_engine: GraphSettings, binhai_template: Template, deeds: list[Deed], random: Random
) -> None:
    shuffled = random.sample(range(len(deeds)), len(deeds))
    async with binhai(graph_engine, binhai_template) as (wiring, clock):
        outcomes = await live_through(wiring, clock, deeds)
        at = clock.at + DAY_MS
        one = said(await every_answer(wiring, at))

    async with binhai(graph_engine, binhai_template) as (wiring, clock):
        others = await live_through(wiring, clock, [deeds[n] for n in shuffled])
        two = said(await every_answer(wiring, at))

    assert others == [outcomes[n] for n in shuffled]
    assert without_instants(two) == without_instants(one)


def without_instants(answers: object) -> object:
    """Each deed is done an hour after the other, so what began and ended stands at other hours."""
    if isinstance(answers, dict):
        return {k: without_instants(v) for k, v in answers.items() if k not in ("since", "until")}
    if isinstance(answers, list):
        return [without_instants(each) for each in answers]
    return answers
