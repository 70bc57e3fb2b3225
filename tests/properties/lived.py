"""A bureau's history lived through, and what was acknowledged of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

import msgspec

from graph.access import When
from graph.errors import BadInput, NotAvailable, Refused
from graph.facts import Fact, Facts, World
from graph.kinds import GRANTS, PROHIBITIONS, Node
from graph.law import reach
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.verdict import Verdict
from graph.projection import Step
from graph.times import DAY_MS, FOREVER, Instant, to_text
from graph.whatif import Pair, what_if
from storage.office import Proposal
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.properties.chronicle import Chronicle
from tests.properties.histories import OFFICER, REVIEW, Deed
from tests.properties.town import Plan, establish
from tests.shelf import replay
from tests.storage.clearing import review

HOUR_MS = 3_600_000
AT_ONCE = 25
"""Deeds between two looks at what would be."""
MOST_TRIED = 2000
Sights = tuple[set[Pair], set[Pair]]
Change = tuple[set[Pair], set[Pair], set[Pair], set[Pair]]


class Done(NamedTuple):
    deed: Deed
    refs: tuple[str, ...]


class Foretold(NamedTuple):
    """What a what-if said of a deed, and what came of it: nothing where it is refused."""

    deed: Deed
    said: Change | None
    came: Change | None


class Life(msgspec.Struct, frozen=True, kw_only=True):
    wiring: Wiring
    clock: SetClock
    chronicle: Chronicle
    begun: int
    head: int
    done: list[Done]
    foretold: list[Foretold]
    steps: list[Step]
    world: World

    @property
    def kinds(self) -> Counter[str]:
        return Counter(each.deed.act for each in self.done)

    def all(self, kind: Node) -> list[str]:
        return sorted(self.world.nodes(kind))

    def dates(self) -> list[Instant]:
        """Every instant at which anything begins or ends, and one long after: between two of them nothing changes."""
        facts = list(self.world.facts())
        met = {fact.since for fact in facts} | {fact.until for fact in facts if fact.until < FOREVER}
        return [*sorted(met), max(met) + DAY_MS]


async def live(wiring: Wiring, clock: SetClock, random: Random, wanted: int, kinds: int) -> Life:
    """A bureau drawn and established, and so many acts of its people acknowledged, of at least so many kinds."""
    plan = Plan(random)
    await establish(wiring, clock, plan)
    begun = (await wiring.ledger.head()).seq
    chronicle, done, foretold = Chronicle(random, plan), list[Done](), list[Foretold]()
    for _ in range(MOST_TRIED // AT_ONCE):
        if len(done) >= wanted and len({each.deed.act for each in done}) >= kinds:
            break
        async with wiring.office.many():
            for _ in range(AT_ONCE):
                done += await _tried(wiring, clock, chronicle, chronicle.deed())
        deed = chronicle.deed()
        while deed.act == REVIEW or deed.days_ago:
            chronicle.forget()
            deed = chronicle.deed()
        foretold.append(await _foretold(wiring, clock, chronicle, deed, done))
    head = await wiring.ledger.head()
    steps = [step async for step in wiring.ledger.steps(0, head.seq)]
    return Life(wiring=wiring, clock=clock, chronicle=chronicle, begun=begun, head=head.seq, done=done, foretold=foretold,
                steps=steps, world=replay(steps))  # fmt: skip


async def _tried(
    wiring: Wiring, clock: SetClock, chronicle: Chronicle, deed: Deed, *, pause: int = HOUR_MS
) -> list[Done]:
    """The deed, an hour after the last one; what was acknowledged of it."""
    clock.put(clock.at + pause)
    before = (await wiring.ledger.head()).seq
    late = (
        {"occurred_at": to_text(clock.at - deed.days_ago * DAY_MS), "late": "补登"} if deed.days_ago else {}
    )
    try:
        if deed.act == REVIEW:
            await review(wiring, deed.params["person"])
            after = (await wiring.ledger.head()).seq
            refs = [body.ref async for body, _ in wiring.ledger.bodies(before, after)]
            return [Done(deed, tuple(refs))]
        outcome = await wiring.office.do(deed.actor, deed.act, {**deed.params, **late})
    except (Refused, BadInput, NotAvailable):
        chronicle.forget()
        return []
    return [Done(deed, (outcome.ref,))]


async def _foretold(
    wiring: Wiring, clock: SetClock, chronicle: Chronicle, deed: Deed, done: list[Done]
) -> Foretold:
    """A deed asked about before it is tried."""
    at = clock.at + 10 * DAY_MS
    before = sights(await _world(wiring), at)
    try:
        steps = await wiring.office.suppose([Proposal(actor=deed.actor, act=deed.act, sent=deed.params)])
        found = await what_if(wiring.questions, OFFICER, steps, When(at=at))
        said = set(found.gains), set(found.loses), set(found.exposed), set(found.no_longer_exposed)
    except (Refused, BadInput, NotAvailable):
        said = None
    acknowledged = await _tried(wiring, clock, chronicle, deed, pause=0)
    done += acknowledged
    after = sights(await _world(wiring), at)
    came = (after[0] - before[0], before[0] - after[0], after[1] - before[1], before[1] - after[1])
    return Foretold(deed, said, came if acknowledged else None)


async def _world(wiring: Wiring) -> World:
    head = await wiring.ledger.head()
    return replay([step async for step in wiring.ledger.steps(0, head.seq)])


def verdicts(facts: Facts, people: Iterable[str], items: Iterable[str], at: Instant) -> dict[Pair, Verdict]:
    """Every pair; each card and each demand once."""
    demands = {item: demand(facts, item, at) for item in items}
    cards = {person: card(facts, person, at) for person in people}
    return {(p, item): judge(who, what) for p, who in cards.items() for item, what in demands.items()}


def allowed(facts: Facts, people: Iterable[str], items: Iterable[str], at: Instant) -> set[Pair]:
    return {pair for pair, verdict in verdicts(facts, people, items, at).items() if verdict.allowed}


def sights(world: World, at: Instant) -> Sights:
    """Who may know what, and who is exposed to which carrier."""
    people, items = list(world.nodes(Node.PERSON)), list(world.nodes(Node.DOCUMENT))
    exposed = {(each.person, c) for c in world.nodes(Node.CARRIER) for each in reach.exposed(world, c, at)}
    return allowed(world, people, items, at), exposed


def narrowing(steps: Iterable[Step]) -> Iterator[tuple[World, World, Step]]:
    """The entries that do nothing but end grants and begin prohibitions, with all that stood before and after each."""
    standing: list[Step] = []
    for step in steps:
        if step.facts and all(_narrows(fact, step) for fact in (*step.facts, *step.superseded)):
            yield replay(standing), replay([*standing, step]), step
        standing.append(step)


def _narrows(fact: Fact, step: Step) -> bool:
    before = {each.id: each for each in step.superseded}
    if fact.kind in PROHIBITIONS:
        return fact.id not in before
    left = {each.id: each for each in step.facts}
    return (
        fact.kind in GRANTS
        and fact.id in before
        and fact.id in left
        and left[fact.id].until <= before[fact.id].until
    )
