"""The conditions that stand on a person alone: one card, evaluated once however many items are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from graph.facts import Fact, Facts
from graph.law.levels import LEVELS, Level
from graph.law.rules import rule
from graph.law.verdict import Mark, Reason
from graph.times import Instant, start_of, to_date_text

MEMBERSHIPS = ("MEMBER_OF", "HOLDS_POST")
UP = (*MEMBERSHIPS, "PART_OF")


class Card(msgspec.Struct, frozen=True, gc=False):
    """A person's marks at one instant, their clearance, and the groups they stand in with the way up to each.

    `marks` bind for state secrets, `bars` for everything. `groups` maps a group to its chain of facts from the person.
    """

    person: str
    clearance: Level | None
    clearance_facts: tuple[Fact, ...]
    marks: tuple[Mark, ...]
    bars: tuple[Mark, ...]
    acknowledged: Mark
    groups: dict[str, tuple[Fact, ...]]


def card(facts: Facts, person: str, at: Instant) -> Card:
    level, evidence = clearance(facts, person, at)
    up = groups(facts, person, at)
    key = key_departments(facts, at, up)
    return Card(
        person=person,
        clearance=level,
        clearance_facts=evidence,
        marks=(
            vetting(facts, person, at),
            undertaking(facts, person, at, key),
            induction(facts, person, at, key),
            leaving(facts, person, at),
        ),
        bars=(departure(facts, person, at),),
        acknowledged=acknowledgement(facts, person, at),
        groups=up,
    )


def in_force(found: Sequence[Fact], at: Instant) -> tuple[Fact, ...]:
    return tuple([fact for fact in found if fact.since <= at < fact.until]) if found else ()


def groups(facts: Facts, person: str, at: Instant) -> dict[str, tuple[Fact, ...]]:
    """Every group a person, department or post stands in at `at`, with the shortest chain of facts up to it [G09: resolved live]."""
    found: dict[str, tuple[Fact, ...]] = {}
    frontier: list[tuple[str, tuple[Fact, ...]]] = [(person, ())]
    while frontier:
        following: list[tuple[str, tuple[Fact, ...]]] = []
        for node, chain in frontier:
            for fact in facts.out(node, *UP):
                if fact.holds(at) and fact.target not in found:
                    found[fact.target] = (*chain, fact)
                    following.append((fact.target, (*chain, fact)))
        frontier = following
    return found


def clearance(facts: Facts, person: str, at: Instant) -> tuple[Level | None, tuple[Fact, ...]]:
    """The level a person is cleared to; where two stand at once, the lower counts (stricter wins).

    Clearances exist for state secrets alone: one to internal matters is none [C20].
    """
    held = tuple(
        fact
        for fact in in_force(facts.out(person, "CLEARED_TO"), at)
        if fact.target in LEVELS and LEVELS[fact.target].scheme == "state"
    )
    levels = [LEVELS[fact.target] for fact in held]
    return (min(levels, key=lambda level: level.rank) if levels else None), held


def cleared_below(facts: Facts, people: Iterable[str], level: Level, at: Instant) -> frozenset[str]:
    """Of these people, those whose own level does not reach it."""
    ranks = {person: clearance(facts, person, at)[0] for person in people}
    return frozenset(person for person, own in ranks.items() if own is None or own.rank < level.rank)


@rule("S01-7a", reads="person", kinds=("VETTED",))
def vetting(facts: Facts, person: str, at: Instant) -> Mark:
    """Whoever takes on secret work has passed the vetting, seconded and rehired like anybody else (S01-12b)."""
    held = in_force(facts.out(person, "VETTED"), at)
    passed = tuple(fact for fact in held if fact.details.get("conclusion") == "passed")
    failed = tuple(fact for fact in held if fact.details.get("conclusion") == "failed")
    if passed and not failed:
        return Mark("vetting", True, ("S01-7a",), passed)
    code = "vetting-failed" if failed else "not-vetted"
    reason = Reason(
        ("S01-7a",), code, facts=tuple(f.id for f in failed), remedy="vet", whose="LEADING_GROUP_OF"
    )
    return Mark("vetting", False, ("S01-7a",), failed, reason)


def key_departments(facts: Facts, at: Instant, up: dict[str, tuple[Fact, ...]]) -> tuple[str, ...]:
    return tuple(group for group in up if in_force(facts.out(group, "KEY_UNIT_OF"), at))


@rule("S01-8a", "S02-8b", reads="person", kinds=("SIGNED", "KEY_UNIT_OF", "HOLDS_POST"))
def undertaking(facts: Facts, person: str, at: Instant, key: Sequence[str]) -> Mark:
    """`key` are the key departments they stand in. The undertaking of the present stage is signed: in post for who holds a post, entry for who does not yet."""
    stage = "in_post" if in_force(facts.out(person, "HOLDS_POST"), at) else "entry"
    signed = in_force(facts.out(person, "SIGNED"), at)
    fitting = tuple(fact for fact in signed if fact.details.get("undertaking") == stage)
    rules = ("S01-8a", "S02-8b") if key else ("S01-8a",)
    if fitting:
        return Mark("undertaking", True, rules, fitting)
    reason = Reason(
        rules, f"undertaking-{stage.replace('_', '-')}-missing", remedy="sign", whose="PERSON", own=True
    )
    return Mark("undertaking", False, rules, (), reason)


@rule("S02-7", reads="person", kinds=("TRAINED", "KEY_UNIT_OF"))
def induction(facts: Facts, person: str, at: Instant, key: Sequence[str]) -> Mark:
    """In a key unit the induction comes before the post."""
    if not key:
        return Mark("induction", None)
    done = tuple(
        fact
        for fact in in_force(facts.out(person, "TRAINED"), at)
        if fact.details.get("course") == "induction"
    )
    if done:
        return Mark("induction", True, ("S02-7",), done)
    reason = Reason(("S02-7",), "induction-missing", remedy="train", whose="PERSON", own=True)
    return Mark("induction", False, ("S02-7",), (), reason)


@rule("S01-11c", reads="person", kinds=("HOLDS_POST", "CLASSIFIED_AS", "COOLING_OFF"))
def leaving(facts: Facts, person: str, at: Instant) -> Mark:
    """Past the end of the last secret post, and in cooling-off, there is no access [C19]."""
    secret = secret_posts(facts, person, at)
    cooling = in_force(facts.out(person, "COOLING_OFF"), at)
    ended = tuple(fact for fact in secret if not fact.holds(at))
    gone = bool(ended) and len(ended) == len(secret)
    if not cooling and not gone:
        return Mark(
            "leaving", True if secret else None, ("S01-11c",), tuple(f for f in secret if f.holds(at))
        )
    if cooling:
        last = max(cooling, key=cools_until)
        reason = Reason(
            ("S01-11c",),
            "cooling-off",
            {"until": to_date_text(cools_until(last))},
            (last.id,),
            "release",
            "LEADING_GROUP_OF",
        )
        return Mark("leaving", False, ("S01-11c",), cooling, reason)
    last = max(ended, key=lambda fact: fact.until)
    reason = Reason(
        ("S01-11c",), "left-secret-post", {"since": to_date_text(last.until)}, (last.id,), "post", "OFFICE_OF"
    )
    return Mark("leaving", False, ("S01-11c",), ended, reason)


def secret_posts(facts: Facts, person: str, at: Instant) -> tuple[Fact, ...]:
    """The posts a person has held up to `at` that were secret at some time while they held them."""
    return tuple(
        fact
        for fact in facts.out(person, "HOLDS_POST")
        if fact.since <= at and _secret_during(facts, fact, at)
    )


def cools_until(period: Fact) -> Instant:
    """The day a cooling-off runs to; it holds on after that, until somebody releases from it (S01-17.6)."""
    day = period.details.get("ends")
    return start_of(date.fromisoformat(str(day))) if day else period.until


def _secret_during(facts: Facts, holding: Fact, at: Instant) -> bool:
    end = min(holding.until, at + 1)
    return any(
        mark.target in LEVELS
        and LEVELS[mark.target].scheme == "state"
        and mark.since < end
        and mark.until > holding.since
        for mark in facts.out(holding.target, "CLASSIFIED_AS")
    )


@rule("S01-15a", reads="person", kinds=("DEPARTED",))
def departure(facts: Facts, person: str, at: Instant) -> Mark:
    """Absent without leave: access is off [P]."""
    gone = in_force(facts.out(person, "DEPARTED"), at)
    if not gone:
        return Mark("departure", None)
    reason = Reason(
        ("S01-15a",),
        "left-without-leave",
        {"since": to_date_text(gone[0].since)},
        tuple(f.id for f in gone),
        "close-departure",
        "LEADING_GROUP_OF",
    )
    return Mark("departure", False, ("S01-15a",), gone, reason)


@rule("S17-2.0b", reads="person", kinds=("SIGNED",))
def acknowledgement(facts: Facts, person: str, at: Instant) -> Mark:
    """Unit-internal items ask for a signed secrecy acknowledgement; any undertaking of the unit holds it [P, C20]."""
    signed = in_force(facts.out(person, "SIGNED"), at)
    fitting = tuple(
        fact for fact in signed if fact.details.get("undertaking") in ("acknowledgement", "entry", "in_post")
    )
    if fitting:
        return Mark("undertaking", True, ("S17-2.0b",), fitting)
    reason = Reason(("S17-2.0b",), "acknowledgement-missing", remedy="sign", whose="PERSON", own=True)
    return Mark("undertaking", False, ("S17-2.0b",), (), reason)
