"""has_known, can_reach, exposure, and audience over an interval: questions about hands, rooms and what has been.

They are for security officers, the leading group and custodians [P-lookup], about what these may know of; everyone else
gets the answer for what does not exist. With `since` an answer holds everyone of whom it was true at some instant of
`since` … `at`, each with the stretches over which it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from graph.access import LARGEST_PAGE, PAGE, Questions, Stand, When
from graph.closure import settled
from graph.errors import BadField, NotAvailable
from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law import gate, reach
from graph.law.item import Demand, demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.reach import Way
from graph.law.regulation import ALL_BIND, Ruling
from graph.law.timeline import Span, over, spans, standing
from graph.law.verdict import Route, Verdict
from graph.neighbourhood import UP
from graph.times import Instant

T = TypeVar("T")


class Reacher(msgspec.Struct, frozen=True, kw_only=True):
    """One who reaches a carrier. `items` are the documents on it that they may not know, where exposure is asked."""

    person: str
    carrier: str
    ways: tuple[Way, ...]
    items: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(sorted({tag for each in self.ways for tag in each.tags}))


class Reachers(msgspec.Struct, frozen=True, kw_only=True):
    """Who reaches a carrier or a document's carriers: one page in order of person and carrier. `total` counts people."""

    named: str
    total: int
    people: tuple[Reacher, ...]
    pairs: tuple[tuple[str, str], ...]
    since: Instant | None
    stand: Stand
    complete: bool
    cursor: str | None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Who has in fact read, handled or heard an item by then, whatever they may know today (S03-4.1d)."""

    item: str
    total: int
    records: tuple[Fact, ...]
    stand: Stand
    complete: bool
    cursor: str | None


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """One who could know an item at some instant of an interval."""

    person: str
    spans: tuple[Span, ...]
    routes: tuple[Route, ...]


class AudienceOver(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    since: Instant
    total: int
    people: tuple[Once, ...]
    stand: Stand
    complete: bool
    cursor: str | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, when about, from when on, and which page."""

    asker: str
    when: When = When()
    since: Instant | None = None
    limit: int = PAGE
    cursor: str | None = None

    def check(self, at: Instant) -> None:
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise BadField("limit", "not-between", low="1", high=str(LARGEST_PAGE))
        if self.since is not None and self.since > at:
            raise BadField("since", "dates-backwards", value="since")


# The questions


async def has_known(questions: Questions, item: str, asked: Asked) -> Known:
    await _may_ask(questions, asked.asker, [item])
    brought, stand = await questions.neighbourhood(asked.when)
    world = await brought.around({item: Node.DOCUMENT.value}, into=("HAS_KNOWN",))
    records = sorted(
        (fact for fact in world.into(item, "HAS_KNOWN") if fact.since <= stand.at),
        key=lambda fact: (fact.source, fact.since, fact.id),
    )
    page, more = _page(records, asked, stand, lambda fact: f"{fact.source} {fact.id}")
    return Known(
        item=item,
        total=len({fact.source for fact in records}),
        records=page,
        stand=stand,
        complete=more is None,
        cursor=more,
    )


async def can_reach(questions: Questions, named: str, asked: Asked, *, person: str | None = None) -> Reachers:
    """Everyone who reaches a carrier, or any carrier of a document; with `person`, that one or nobody."""
    label = await _may_ask_of(questions, asked.asker, named)

    def work(facts: Facts, since: Instant | None, at: Instant, ruling: Ruling) -> list[Reacher]:
        found = [
            each
            for carrier in carriers_of(facts, named, since, at)
            for each in reaching(facts, carrier, at, since=since)
            if person is None or each.person == person
        ]
        return sorted(found, key=_by_person)

    return await _reachers(questions, {named: label}, asked, work)


async def exposure(questions: Questions, named: str, asked: Asked) -> Reachers:
    """Who reaches a carrier, or any carrier of a document, may not know what it bears, and is no custodian of it."""
    label = await _may_ask_of(questions, asked.asker, named)

    def work(facts: Facts, since: Instant | None, at: Instant, ruling: Ruling) -> list[Reacher]:
        found = [
            each
            for carrier in carriers_of(facts, named, since, at)
            for each in exposing(facts, carrier, at, since=since, ruling=ruling)
        ]
        return sorted(found, key=_by_person)

    return await _reachers(questions, {named: label}, asked, work)


async def audience_over(questions: Questions, item: str, since: Instant, asked: Asked) -> AudienceOver:
    """Everyone who could know an item at some instant of the interval."""
    await _may_ask(questions, asked.asker, [item])
    found, stand = await _answer(
        questions,
        {item: Node.DOCUMENT.value},
        msgspec.structs.replace(asked, since=since),
        lambda facts, start, at, ruling: list(
            knowing(facts, item, at if start is None else start, at, ruling)
        ),
    )
    page, more = _page(found, asked, stand, lambda each: each.person)
    return AudienceOver(
        item=item, since=since, total=len(found), people=page, stand=stand, complete=more is None, cursor=more
    )


def _by_person(each: Reacher) -> tuple[str, str]:
    return each.person, each.carrier


# Pure, over any facts


def carriers_of(facts: Facts, named: str, since: Instant | None, at: Instant) -> list[str]:
    """The carrier itself, or those that bore the document at some instant asked about."""
    if facts.label(named) == Node.CARRIER:
        return [named]
    start = at if since is None else since
    return sorted(
        {fact.source for fact in facts.into(named, "CARRIES") if fact.since <= at and start < fact.until}
    )


def reaching(facts: Facts, carrier: str, at: Instant, *, since: Instant | None = None) -> list[Reacher]:
    """can_reach of one carrier, in order of person."""
    if since is None:
        return [
            Reacher(person=person, carrier=carrier, ways=its)
            for person, its in reach.ways(facts, carrier, at).items()
        ]
    return list(_over(facts, carrier, since, at))


def exposing(
    facts: Facts, carrier: str, at: Instant, *, since: Instant | None = None, ruling: Ruling = ALL_BIND
) -> list[Reacher]:
    """Exposure of one carrier, in order of person."""
    if since is None:
        return [
            Reacher(person=each.person, carrier=carrier, ways=each.ways, items=each.items)
            for each in reach.exposed(facts, carrier, at, ruling)
        ]
    return list(_over(facts, carrier, since, at, ruling))


def _over(
    facts: Facts, carrier: str, since: Instant, at: Instant, exposed_under: Ruling | None = None
) -> Iterator[Reacher]:
    """The same over an interval; with the ruling that decides who may know, those exposed. What is common is looked at once; each person only where their own facts change."""
    lies = over(lambda read, t: reach.where(read, carrier, t), facts, since, at)
    demands = over(
        lambda read, t: [demand(read, item, t) for item in reach.items_on(read, carrier, t)], facts, since, at
    )
    openings: dict[str, list[Fact]] = {}
    for fact in reach.openings(facts, carrier, sorted({place for each in lies.values() for place in each})):
        openings.setdefault(reach.opener(fact), []).append(fact)
    changes = exposed_under.instants if exposed_under else frozenset()
    for person in sorted(openings):
        dates = {date for fact in openings[person] for date in (fact.since, fact.until)}
        look = _looks(carrier, person, openings[person], lies, demands, exposed_under)
        looked = over(look, facts, since, at, also={*lies, *demands, *dates, *changes})
        held = spans((t, bool(each.ways)) for t, each in looked.items())
        if held:
            ways = {_ids(way.steps): way for each in looked.values() for way in each.ways}
            items = tuple(sorted({item for each in looked.values() for item in each.items}))
            yield Reacher(person=person, carrier=carrier, ways=tuple(ways.values()), items=items, spans=held)


def _looks(
    carrier: str, person: str, openings: Sequence[Fact], lies: Mapping[Instant, dict[str, reach.Chain]],
    demands: Mapping[Instant, list[Demand]], ruling: Ruling | None,
) -> Callable[[Facts, Instant], Reacher]:  # fmt: skip
    """What one person's reach is at an instant: no ways where, asked for exposure, they may know it or keep it."""
    places, asked = tuple(lies), tuple(demands)
    nothing = Reacher(person=person, carrier=carrier, ways=())

    def look(read: Facts, t: Instant) -> Reacher:
        at_hand = standing(lies, places, t)
        found = tuple(way for fact in openings if (way := reach.way(read, fact, at_hand, t)) is not None)
        if ruling is None or not found:
            return Reacher(person=person, carrier=carrier, ways=found)
        items = reach.unknown(card(read, person, t), standing(demands, asked, t), ruling.silent(t))
        if not items or reach.keeps(read, person, carrier, at_hand, t):
            return nothing
        return Reacher(person=person, carrier=carrier, ways=found, items=items)

    return look


def knowing(
    facts: Facts, item: str, since: Instant, at: Instant, ruling: Ruling = ALL_BIND
) -> Iterator[Once]:
    """The audience of an item over an interval, in order of person."""
    demands = over(lambda read, t: demand(read, item, t), facts, since, at)
    asked = tuple(demands)
    for person in sorted(concerned(facts, item)):

        def look(read: Facts, t: Instant, person: str = person) -> Verdict:
            return judge(card(read, person, t), standing(demands, asked, t), ruling.silent(t))

        looked = over(look, facts, since, at, also={*demands, *ruling.instants})
        held = spans((t, verdict.allowed) for t, verdict in looked.items())
        if held:
            routes = {_ids(route.steps): route for each in looked.values() for route in each.routes}
            yield Once(person=person, spans=held, routes=tuple(routes.values()))


def _ids(steps: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(fact.id for fact in steps)


def concerned(facts: Facts, item: str) -> set[str]:
    """Everyone whom an item's range and grants could concern, on any date."""
    waiting = [fact.source for fact in facts.into(item, "GRANTED_READ")]
    for link in facts.into(item, "RANGE_OF"):
        waiting += [entry.source for entry in facts.into(link.source, "IN_RANGE")]
    seen = set[str]()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [fact.source for fact in facts.into(node, *UP)]
    return {node for node in seen if facts.label(node) == Node.PERSON}


# How they are asked


async def _may_ask(questions: Questions, asker: str, items: Sequence[str]) -> None:
    """Judged now: one of the few who ask about hands, and who may know of what the question is about. Raises NotAvailable."""
    brought, stand = await questions.neighbourhood()
    world = await brought.people([asker])
    known = await questions.may_know_of(asker, items)
    if not gate.may_ask_hands(world, asker, stand.at) or not any(known[item][1] for item in items):
        raise NotAvailable


async def _may_ask_of(questions: Questions, asker: str, named: str) -> str:
    """The same about a document, or about a carrier by what it has ever borne; which of the two it is."""
    brought, _ = await questions.neighbourhood()
    world = await brought.around({named: Node.CARRIER.value})
    borne = [fact.target for fact in world.out(named, "CARRIES")]
    await _may_ask(questions, asker, borne or [named])
    return (Node.CARRIER if borne else Node.DOCUMENT).value


async def _answer(
    questions: Questions,
    roots: dict[str, str],
    asked: Asked,
    work: Callable[[Facts, Instant | None, Instant, Ruling], T],
) -> tuple[T, Stand]:
    """Run the law off the event loop on all that it reads. An interval reads what has been swept away, too."""
    brought, stand = await questions.neighbourhood(asked.when)
    asked.check(stand.at)
    if asked.since is not None:
        brought, _ = await questions.neighbourhood(When(at=stand.at, known=stand.s))
    answer, _ = await settled(brought, roots, lambda facts: work(facts, asked.since, stand.at, stand.ruling))
    return answer, stand


async def _reachers(
    questions: Questions, roots: dict[str, str], asked: Asked,
    work: Callable[[Facts, Instant | None, Instant, Ruling], list[Reacher]],
) -> Reachers:  # fmt: skip
    found, stand = await _answer(questions, roots, asked, work)
    page, more = _page(found, asked, stand, lambda each: f"{each.person} {each.carrier}")
    beside = {
        (min(way.person, way.beside), max(way.person, way.beside))
        for each in found
        for way in each.ways
        if way.beside
    }
    return Reachers(
        named=next(iter(roots)),
        total=len({each.person for each in found}),
        people=page,
        pairs=tuple(sorted(beside)),
        since=asked.since,
        stand=stand,
        complete=more is None,
        cursor=more,
    )


def _page(
    found: Sequence[T], asked: Asked, stand: Stand, key: Callable[[T], str]
) -> tuple[tuple[T, ...], str | None]:
    """One page in the order found, and where it ended if there is more."""
    asked.check(stand.at)
    rest = [each for each in found if asked.cursor is None or key(each) > asked.cursor]
    page = tuple(rest[: asked.limit])
    return page, key(page[-1]) if len(rest) > len(page) else None
