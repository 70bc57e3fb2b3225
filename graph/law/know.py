"""may_know, the predicate of rules.md 4.3: the one rule of which every question is a view."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import msgspec

from graph.facts import Fact, Facts
from graph.law.item import Demand, demand
from graph.law.levels import NO_CLEARANCE_RULE, TOP_SECRET, Level
from graph.law.person import Card, card
from graph.law.rules import rule
from graph.law.verdict import Mark, Reason, Route, Verdict, that_bind
from graph.times import Instant

LEVEL_BOUNDS_RANGE = "S02-4.5"
"""The range never exceeds a person's level, whoever sets it; `barred` decides the same article's other half."""


def may_know(facts: Facts, person: str, item: str, at: Instant) -> Verdict:
    return judge(card(facts, person, at), demand(facts, item, at))


def judge(who: Card, what: Demand, silent: AbstractSet[str] = frozenset()) -> Verdict:
    """Pure in its arguments: a bulk question makes each card and each demand once.

    `silent` are the regulations that did not bind then: what rests on their rules alone stands in nobody's way (S01-20).
    """
    if what.level is not None and what.level.scheme == "internal":
        marks = (who.acknowledged, *who.bars)
        routes = (*range_routes(who, what), *_grants(who, what))
        missing = internal_need(routes)
    else:
        marks = (clearance_suffices(who, what), *who.marks, *who.bars)
        routes = range_routes(who, what)
        missing = (*marked(what), *need_to_know(what, routes), *within_distribution(who, what))
    if silent:
        marks = tuple(lifted(mark, silent) for mark in marks)
    against = (*missing, *barred(who, what))
    reasons = (
        *(mark.reason for mark in marks if mark.reason is not None),
        *that_bind(against, silent),
    )
    return Verdict(who.person, what.item, not reasons, marks, routes if not missing else (), reasons)


def lifted(mark: Mark, silent: AbstractSet[str]) -> Mark:
    """The mark as it stands on the card while these regulations do not bind."""
    if mark.reason is None or not silent:
        return mark
    left = that_bind([mark.reason], silent)
    if left:
        return msgspec.structs.replace(mark, rules=left[0].rules, reason=left[0])
    return msgspec.structs.replace(mark, holds=None, rules=(), reason=None)


@rule("S01-3a", "S01-3b", "S01-3c", reads="pair", kinds=("CLEARED_TO", "CLASSIFIED_AS"))
def clearance_suffices(who: Card, what: Demand) -> Mark:
    """A clearance answers to one level and those below it; without one there is no access to a state secret."""
    held, needed = who.clearance, what.level
    if needed is None:
        return Mark("level", None if held is None else True, (), who.clearance_facts)
    if held is not None and held.rank >= needed.rank:
        return Mark("level", True, (held.clearance_rule,), who.clearance_facts)
    own = held.clearance_rule if held else NO_CLEARANCE_RULE
    reason = Reason(
        (own, LEVEL_BOUNDS_RANGE),
        "clearance-too-low" if held else "no-clearance",
        {"held": _clearance(held), "needed": needed.id},
        tuple(fact.id for fact in (*who.clearance_facts, *what.level_facts)),
        "clear",
        "LEADING_GROUP_OF",
    )
    return Mark("level", False, reason.rules, who.clearance_facts, reason)


def _clearance(level: Level | None) -> str:
    return level.id if level else "none"


@rule("S03-2.1a", reads="item", kinds=("CLASSIFIED_AS",))
def marked(what: Demand) -> tuple[Reason, ...]:
    """An item without its level is read by nobody: it waits for its mark (待补标志)."""
    if what.level is not None:
        return ()
    return (Reason(("S03-2.1a",), "not-marked", remedy="mark", whose="ARCHIVIST_OF"),)


@rule("S03-2.1c", reads="pair", kinds=("DISTRIBUTION_OF", "IN_DISTRIBUTION", "MEMBER_OF", "PART_OF"))
def within_distribution(who: Card, what: Demand) -> tuple[Reason, ...]:
    """The originator's distribution bounds every later range."""
    if any(node == who.person or node in who.groups for node in what.distribution):
        return ()
    code = "outside-distribution" if what.distributed else "no-distribution"
    return (Reason(("S03-2.1c",), code, remedy="distribute", whose="ORIGINATOR"),)


def range_routes(who: Card, what: Demand) -> tuple[Route, ...]:
    """Each entry of the range that the person stands under; for 绝密 only an entry by name counts (S03-4.1c)."""
    rules = ("S03-4.1c", "S03-4.1a") if what.level == TOP_SECRET else ("S03-4.1a",)
    return tuple(
        Route(node, rules, (*_way(who, node), *chain))
        for node, chain in what.range.items()
        if node == who.person or (node in who.groups and what.level != TOP_SECRET)
    )


def _way(who: Card, node: str) -> tuple[Fact, ...]:
    return () if node == who.person else who.groups[node]


def _grants(who: Card, what: Demand) -> tuple[Route, ...]:
    grant = what.granted.get(who.person)
    return (Route(who.person, ("S17-2.4c",), (grant,)),) if grant else ()


@rule(
    "S03-4.1a", "S03-4.1b", "S03-4.1c", reads="pair", kinds=("RANGE_OF", "IN_RANGE", "MEMBER_OF", "PART_OF")
)
def need_to_know(what: Demand, routes: tuple[Route, ...]) -> tuple[Reason, ...]:
    """The Leader sets the range, nobody else widens it, and 绝密 names each reader."""
    if routes:
        return ()
    if not what.ranged:
        return (Reason(("S03-4.1a",), "range-not-set", remedy="set-range", whose="LEADER_OF"),)
    rules = ("S03-4.1b", "S03-4.1c") if what.level == TOP_SECRET else ("S03-4.1b",)
    return (Reason(rules, "not-in-range", remedy="set-range", whose="LEADER_OF"),)


@rule(
    "S17-2.4a",
    "S17-2.4c",
    reads="pair",
    kinds=("RANGE_OF", "IN_RANGE", "GRANTED_READ", "MEMBER_OF", "PART_OF"),
)
def internal_need(routes: tuple[Route, ...]) -> tuple[Reason, ...]:
    """Unit-internal items: in the range, or under a grant that runs."""
    if routes:
        return ()
    return (Reason(("S17-2.4a", "S17-2.4c"), "not-in-range", remedy="set-range", whose="LEADER_OF"),)


@rule("S02-4.5", reads="pair", kinds=("BARRED_FROM",))
def barred(who: Card, what: Demand) -> tuple[Reason, ...]:
    """The Principal narrows: an exclusion beats every listing [C08]."""
    return tuple(
        Reason(("S02-4.5",), "excluded-by-principal", {}, (fact.id,), "lift-exclusion", "PRINCIPAL_OF")
        for node, fact in what.barred.items()
        if node == who.person or node in who.groups
    )
