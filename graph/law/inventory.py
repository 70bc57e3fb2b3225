"""The yearly inventory, and what has to go back (S03-5.3a–c)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from graph.facts import Facts
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant, months_before

YEAR_MONTHS = 12


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Expected against found, and whether what is missing has been reported to the secrecy department."""

    expected: frozenset[str]
    found: frozenset[str]
    reported: bool

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(sorted(self.expected - self.found))


@rule("S03-5.3b", reads="act")
def problems_reported(count: Count) -> tuple[Reason, ...]:
    if not count.missing or count.reported:
        return ()
    missing = ", ".join(count.missing)
    return (
        Reason(
            ("S03-5.3b",),
            "missing-not-reported",
            {"carriers": missing},
            (),
            "report-inventory",
            "CUSTODIAN_OF",
        ),
    )


@rule("S03-5.3a", reads="act")
def inventory_overdue(year: int, closed: Iterable[int], this_year: int) -> bool:
    """31 December passed without the year's inventory closed."""
    return year < this_year and year not in set(closed)


def inventory_lapsed(last: Instant, now: Instant, months: int) -> bool:
    """S03-5.3a: a unit that counts more often than once a year has counted within its own period."""
    return months < YEAR_MONTHS and last <= months_before(now, months)


@rule("S03-5.3c", reads="act")
def still_to_return(owed: frozenset[str], returned: frozenset[str]) -> frozenset[str]:
    """In full number, or it stays open."""
    return owed - returned


def who_has_known(facts: Facts, document: str) -> tuple[str, ...]:
    """Everyone who is recorded as having read, handled or heard it (S03-4.1d)."""
    return tuple(sorted({fact.source for fact in facts.into(document, "HAS_KNOWN")}))


def who_could_reach(facts: Facts, carrier: str, since: Instant, until: Instant) -> tuple[str, ...]:
    """Who held or accompanied a carrier, or could enter where it lay, at any time since it was last seen (S01-18a)."""
    found: set[str] = set()
    for fact in facts.out(carrier, "HELD_BY", "ACCOMPANIED_BY"):
        if fact.until > since and fact.since <= until:
            found.add(fact.target)
    for room in rooms_of(facts, carrier, since, until):
        for fact in facts.into(room, "MAY_ENTER"):
            if fact.until > since and fact.since <= until:
                found.add(fact.source)
    return tuple(sorted(found))


def rooms_of(facts: Facts, carrier: str, since: Instant, until: Instant) -> frozenset[str]:
    """The rooms a carrier lay in meanwhile, itself or in its container."""
    rooms: set[str] = set()
    seen = [
        fact.target for fact in facts.out(carrier, "KEPT_IN") if fact.until > since and fact.since <= until
    ]
    while seen:
        where = seen.pop()
        rooms.add(where)
        seen.extend(fact.target for fact in facts.out(where, "KEPT_IN", "ENROLLED_AT") if fact.until > since)
    return frozenset(rooms)
