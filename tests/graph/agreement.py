"""One rule, asked in every way: what each question answers is held against the law on the whole of the facts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from graph.access import Questions, When, audience_of, reach_of
from graph.connection import Connection
from graph.facts import World
from graph.kinds import Node
from graph.law.gate import roles
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.verdict import Verdict
from graph.neighbourhood import Neighbourhood
from graph.projection import Entries
from graph.times import Instant
from tests.shelf import replay

K = TypeVar("K")
V = TypeVar("V")


class Town(msgspec.Struct, frozen=True):
    """Somewhere questions can be asked, by the graph and by a replica, and the ledger that they are held against."""

    ways: tuple[Questions, ...]
    connection: Connection
    entries: Entries
    officer: str
    now: Instant
    replayed: dict[int, World] = {}

    async def world(self, known: int) -> World:
        """Everything the ledger's first `known` entries leave standing, by replay alone."""
        if known not in self.replayed:
            self.replayed[known] = replay([step async for step in self.entries.steps(0, known)])
        return self.replayed[known]


async def assert_agreement(
    town: Town, people: Sequence[str], documents: Sequence[str], at: Instant, known: int | None
) -> None:
    """Each question by each way, and each neighbourhood under it, gives what the law gives on the whole of the facts."""
    whole, *_ = await asyncio.gather(
        *(_assert_answers(town, questions, people, documents, at, known) for questions in town.ways)
    )
    await assert_enough_is_brought(town, whole, at, known)


async def _assert_answers(
    town: Town,
    questions: Questions,
    people: Sequence[str],
    documents: Sequence[str],
    at: Instant,
    known: int | None,
) -> dict[tuple[str, str], Verdict]:
    when = When(at=at, known=known)
    head = await town.entries.head()
    world = await town.world(head.seq if known is None else known)
    whole = {(person, item): verdict(world, person, item, at) for person in people for item in documents}
    oversight = roles(await town.world(head.seq), town.officer, town.now)

    audiences = await asyncio.gather(*(questions.audience(town.officer, item, when) for item in documents))
    for item, audience in zip(documents, audiences, strict=True):
        everyone = sorted(world.nodes(Node.PERSON))
        expected = audience_of(
            world, item, everyone, audience.stand, asker=town.officer, roles=oversight, limit=100
        )
        assert audience == expected
        named = [each.person for each in audience.people if each.person in people]
        assert named == [p for p in people if whole[p, item].allowed]
    reaches = await asyncio.gather(*(questions.reach(town.officer, person, when) for person in people))
    for person, reach in zip(people, reaches, strict=True):
        assert list(reach.items) == reach_of(world, person, sorted(world.nodes(Node.DOCUMENT)), at)
        named = [each.item for each in reach.items if each.item in documents]
        assert named == [d for d in documents if whole[person, d].allowed]
    judgements = await asyncio.gather(*(questions.may_know(town.officer, *pair, when) for pair in whole))
    for judged, wanted in zip(judgements, whole.values(), strict=True):
        assert (judged.allowed, judged.marks, judged.routes, judged.reasons) == _parts(wanted)
    return whole


async def assert_enough_is_brought(
    town: Town, whole: Mapping[tuple[str, str], Verdict], at: Instant, known: int | None
) -> None:
    """What each query brings gives the same verdict as everything, and whom it leaves out may not know."""
    head = await town.entries.head()
    s = head.seq if known is None else known
    brought = Neighbourhood(town.connection, ledger=head.ledger, s=s, past=known is not None or at < town.now)
    people = sorted({person for person, _ in whole})
    documents = sorted({item for _, item in whole})

    by_item = await _each(documents, brought.audience)
    by_person = await _each(people, brought.reach)
    handful = await _each(people, lambda person: brought.many(person, documents))
    pairs = await _each(whole, lambda pair: brought.pair(*pair))
    for (person, item), expected in whole.items():
        assert verdict(pairs[person, item], person, item, at) == expected
        assert verdict(handful[person], person, item, at) == expected
        world, concerned = by_item[item]
        assert verdict(world, person, item, at) == expected if person in concerned else not expected.allowed
        world, items = by_person[person]
        assert verdict(world, person, item, at) == expected if item in items else not expected.allowed


async def _each(keys: Iterable[K], bring: Callable[[K], Awaitable[V]]) -> dict[K, V]:
    """All at once: an engine is asked by many, and waiting for one answer after the other would be most of the time."""
    keys = tuple(keys)
    return dict(zip(keys, await asyncio.gather(*(bring(key) for key in keys)), strict=True))


def verdict(world: World, person: str, item: str, at: Instant) -> Verdict:
    return judge(card(world, person, at), demand(world, item, at))


def _parts(whole: Verdict) -> tuple[object, ...]:
    return whole.allowed, whole.marks, whole.routes, whole.reasons
