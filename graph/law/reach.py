"""can_reach and exposure (rules.md 4.3): where rooms, keys and hands lead, beside the right to know.

Reach is what the registers allow or show, not what is right: whoever stands on the entry list of a room can come to what
lies in it, in whatever container (AS-03). An entry list counts for the place and for those of its parts that are no key
location of their own, and have therefore no list of their own [P].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from graph.facts import Fact, Facts
from graph.kinds import RELATIONS, Node
from graph.law.entry import paired
from graph.law.item import Demand, demand
from graph.law.know import judge
from graph.law.person import Card, card, in_force
from graph.law.regulation import ALL_BIND, Ruling
from graph.times import Instant

Kind = Literal["hands", "room", "inside", "key", "keeper"]
HANDS = tuple(kind for kind in ("HELD_BY", "ACCOMPANIED_BY") if kind in RELATIONS)
"""What points from a carrier at whoever holds it or escorts it."""
LIES = ("KEPT_IN", "ENROLLED_AT")
INTO: dict[str, Kind] = {
    "MAY_ENTER": "room",
    "INSIDE": "inside",
    "HOLDS_KEY": "key",
    "CUSTODIAN_OF": "keeper",
}
"""What points from a person at a place or container, and what kind of way it is."""
RULES: dict[Kind, tuple[str, ...]] = {
    "hands": ("S03-4.3b",), "room": ("S02-13a",), "inside": ("S02-13b",), "key": ("S03-5.1b",), "keeper": ("S03-5.1b",),
}  # fmt: skip


class Way(msgspec.Struct, frozen=True):
    """How one person comes to one carrier. `steps` run from the person to the carrier.

    `beside` is the second person of a two-person entry: neither reaches anything alone (S02-14.3).
    """

    person: str
    kind: Kind
    tags: tuple[str, ...]
    rules: tuple[str, ...]
    steps: tuple[Fact, ...]
    beside: str = ""


class Exposed(msgspec.Struct, frozen=True):
    """One who reaches a carrier, keeps it not, and may not know these documents on it."""

    person: str
    ways: tuple[Way, ...]
    items: tuple[str, ...]


Chain = tuple[Fact, ...]


def where(facts: Facts, carrier: str, at: Instant) -> dict[str, Chain]:
    """The carrier itself, and every container, store and place it is in at `at`, each with its chain of facts down to it.

    Empty once the carrier is destroyed.
    """
    if in_force(facts.out(carrier, "DESTROYED"), at):
        return {}
    found: dict[str, Chain] = {carrier: ()}
    frontier: list[tuple[str, Chain]] = [(carrier, ())]
    while frontier:
        following = []
        for node, chain in frontier:
            for fact in _around(facts, node, at):
                if fact.target not in found:
                    found[fact.target] = (fact, *chain)
                    following.append((fact.target, (fact, *chain)))
        frontier = following
    return found


def _around(facts: Facts, node: str, at: Instant) -> tuple[Fact, ...]:
    """What a thing lies in; a place that is no key location is open to whoever may enter the whole of it."""
    if facts.label(node) != Node.PLACE:
        return in_force(facts.out(node, *LIES), at)
    if in_force(facts.out(node, "KEY_UNIT_OF"), at):
        return ()
    return tuple(
        fact for fact in in_force(facts.out(node, "PART_OF"), at) if facts.label(fact.target) == Node.PLACE
    )


def items_on(facts: Facts, carrier: str, at: Instant) -> tuple[str, ...]:
    """What a carrier bears."""
    return tuple(fact.target for fact in in_force(facts.out(carrier, "CARRIES"), at))


def openings(facts: Facts, carrier: str, places: Iterable[str]) -> Iterator[Fact]:
    """Every fact, of whatever date, that may lead a person to the carrier through these places or by hand."""
    yield from facts.out(carrier, *HANDS)
    for place in places:
        if place != carrier:
            yield from facts.into(place, *INTO)


def opener(fact: Fact) -> str:
    """The person such a fact is about."""
    return fact.target if fact.kind in HANDS else fact.source


def way(facts: Facts, fact: Fact, lies: dict[str, Chain], at: Instant) -> Way | None:
    """The way that one opening is at `at`; None where it leads nowhere then."""
    hand = fact.kind in HANDS
    if not fact.holds(at) or (fact.source if hand else fact.target) not in lies:
        return None
    if hand:
        reason = str(fact.details.get("reason", "custody"))
        return Way(fact.target, "hands", (reason,), RULES["hands"], (fact,))
    kind = INTO[fact.kind]
    steps = (fact, *lies[fact.target])
    if kind in ("room", "inside"):
        return _entry(facts, fact, kind, steps, at)
    return Way(fact.source, kind, (kind,), RULES[kind], steps)


def _entry(facts: Facts, fact: Fact, kind: Kind, steps: Chain, at: Instant) -> Way | None:
    """A two-person entry leads nowhere while the other is off the list; whoever is inside alone reaches it alone."""
    monitored = bool(fact.details.get("monitored"))
    beside = str(fact.details.get("pair", ""))
    if beside and not paired(facts, fact, at):
        if kind == "room":
            return None
        beside = ""
    tags = ("two-person",) * bool(beside) + ("monitored",) * monitored
    tags += ("escorted",) * bool(fact.details.get("escort"))
    rules = (*RULES[kind], *(("S02-14.3",) if beside else ()), *(("S02-14.4",) if monitored else ()))
    return Way(fact.source, kind, tags, rules, steps, beside)


def ways(facts: Facts, carrier: str, at: Instant) -> dict[str, tuple[Way, ...]]:
    """can_reach of one carrier: everyone who reaches it at `at`, with every way, in order of id."""
    lies = where(facts, carrier, at)
    found: dict[str, list[Way]] = {}
    for fact in openings(facts, carrier, lies):
        each = way(facts, fact, lies, at)
        if each is not None:
            found.setdefault(each.person, []).append(each)
    return {person: tuple(found[person]) for person in sorted(found)}


def can_reach(facts: Facts, person: str, carrier: str, at: Instant) -> tuple[Way, ...]:
    """The predicate for one pair: every way, none where the person does not reach the carrier."""
    return ways(facts, carrier, at).get(person, ())


def keeps(facts: Facts, person: str, carrier: str, lies: dict[str, Chain], at: Instant) -> bool:
    """Whether the person is the carrier's custodian: has it in custody, or keeps where it lies, or the unit's carriers."""
    held = in_force(facts.out(carrier, "HELD_BY"), at)
    if any(fact.target == person and fact.details.get("reason", "custody") == "custody" for fact in held):
        return True
    return any(
        fact.target in lies or facts.label(fact.target) == Node.ORGANISATION
        for fact in in_force(facts.out(person, "CUSTODIAN_OF"), at)
    )


def exposed(facts: Facts, carrier: str, at: Instant, ruling: Ruling = ALL_BIND) -> tuple[Exposed, ...]:
    """exposure = can_reach − may_know − custodians. Each person's card once, each document's demand once."""
    lies = where(facts, carrier, at)
    silent = ruling.silent(at)
    demands = [demand(facts, item, at) for item in items_on(facts, carrier, at)]
    found = []
    for person, its in ways(facts, carrier, at).items():
        if not keeps(facts, person, carrier, lies, at):
            items = unknown(card(facts, person, at), demands, silent)
            if items:
                found.append(Exposed(person, its, items))
    return tuple(found)


def unknown(who: Card, demands: Iterable[Demand], silent: AbstractSet[str] = frozenset()) -> tuple[str, ...]:
    """Of what a carrier bears, that which the person may not know."""
    return tuple(what.item for what in demands if not judge(who, what, silent).allowed)
