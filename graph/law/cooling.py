"""脱密期: how long it lasts, from when it counts, and that nothing shortens it (S01-11a–g, S02-10b–e, C01)."""

from __future__ import annotations

from graph.facts import Fact, Facts
from graph.law.flow import Matter, add_months, gate
from graph.law.person import in_force
from graph.law.verdict import Reason
from graph.times import Instant, start_of, to_date_text, to_datetime

PERIODS = {
    "top-secret": ("cooling-off-core", "S01-11d"),
    "secret": ("cooling-off-important", "S01-11e"),
    "confidential": ("cooling-off-ordinary", "S01-11f"),
}
"""The parameter of a regulation that says how long, by level, and the rule it stands in."""


def ends(start: Instant, length: int) -> Instant:
    """The end of a period of so many months: in force through the day before [G01]."""
    return start_of(add_months(to_datetime(start).date(), length))


def counts_from(facts: Facts, person: str, left: Instant) -> Instant:
    """S01-11b: the later of the end of the post and the full return of what was held [P]."""
    return max((left, *(fact.until for fact in facts.into(person, "HELD_BY") if fact.until > left)))


def running(facts: Facts, person: str, at: Instant) -> Fact | None:
    """The period that runs; the longest where there are several."""
    return max(in_force(facts.out(person, "COOLING_OFF"), at), key=lambda fact: fact.until, default=None)


def only_longer(ends: Instant, until: Instant) -> tuple[Reason, ...]:
    """S01-11g: a period may be extended; nothing allows shortening it."""
    if until >= ends:
        return ()
    return (Reason(("S01-11g",), "cooling-off-not-shortened", {"until": to_date_text(ends)}),)


@gate("cooling-off-over")
def over(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-13b: no formalities before the cooling-off has ended."""
    period = running(facts, matter.subject, at)
    if period is None:
        return ()
    values = {"until": to_date_text(period.until)}
    return (Reason(("S01-13b",), "cooling-off-runs", values, (period.id,), "release", "LEADING_GROUP_OF"),)
