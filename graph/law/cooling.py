"""脱密期: how long it lasts, from when it counts, that nothing shortens it, and that it holds until somebody is released from it
(S01-11a–g, S01-17.6, S02-10b–e, C01)."""

from __future__ import annotations

from collections.abc import Iterable

from graph.facts import Fact, Facts
from graph.law.flow import Matter, add_months, gate
from graph.law.keeping import level_of
from graph.law.levels import LEVELS, Level
from graph.law.person import clearance, cools_until, in_force, secret_posts
from graph.law.verdict import Reason
from graph.times import Instant, start_of, to_date_text, to_datetime

PERIODS = {
    "top-secret": ("cooling-off-core", "S01-11d"),
    "secret": ("cooling-off-important", "S01-11e"),
    "confidential": ("cooling-off-ordinary", "S01-11f"),
}
"""The parameter of a regulation that says how long, by level, and the rule it stands in."""
NOT_LESS = {"top-secret": ("S01-11d", "S02-10c"), "secret": ("S01-11e", "S02-10d")}
"""The rules that a period entered at a lower level than this would break."""


def ends(start: Instant, length: int) -> Instant:
    """The end of a period of so many months: in force through the day before [G01]."""
    return start_of(add_months(to_datetime(start).date(), length))


def counts_from(facts: Facts, person: str, left: Instant) -> Instant:
    """S01-11b: the later of the end of the post and the full return of what was held [P]."""
    return max((left, *(fact.until for fact in facts.into(person, "HELD_BY") if fact.until > left)))


def running(facts: Facts, person: str, at: Instant) -> Fact | None:
    """The period that runs, which is until release; the longest where there are several."""
    return max(in_force(facts.out(person, "COOLING_OFF"), at), key=cools_until, default=None)


def only_longer(ends: Instant, until: Instant) -> tuple[Reason, ...]:
    """S01-11g: a period may be extended; nothing allows shortening it."""
    if until >= ends:
        return ()
    return (Reason(("S01-11g",), "cooling-off-not-shortened", {"until": to_date_text(ends)}),)


def level_left(facts: Facts, person: str, at: Instant) -> Level | None:
    """The level that decides how long: the highest of the clearance and of every secret post and task that was not yet left at `at`."""
    cleared, _ = clearance(facts, person, at)
    posts = in_force(facts.out(person, "HOLDS_POST"), at)
    tasks = in_force(facts.out(person, "HAS_TASK"), at)
    found = [cleared, *(level_of(facts, post.target, at) for post in posts)]
    found += [LEVELS.get(task.target) for task in tasks]
    return _highest(found)


def level_recorded(facts: Facts, person: str, at: Instant) -> Level | None:
    """The least level a period may have that is entered by itself: what the register knows of the person's secret work up to `at`."""
    left = [fact.until - 1 for fact in secret_posts(facts, person, at)]
    return _highest(level_left(facts, person, then) for then in (at, *left) if then <= at)


def _highest(levels: Iterable[Level | None]) -> Level | None:
    state = (level for level in levels if level is not None and level.scheme == "state")
    return max(state, key=lambda level: level.rank, default=None)


def long_enough(level: Level, least: Level | None) -> tuple[Reason, ...]:
    """S01-11d–e, S02-10c–e: nobody cools off as if they had been cleared lower than they were."""
    if least is None or level.rank >= least.rank:
        return ()
    return (Reason(NOT_LESS[least.id], "cooling-off-level-too-low", {"level": least.id}),)


def left_at(facts: Facts, person: str, at: Instant) -> Instant | None:
    """When the last secret post ended; None for whoever holds one, or never held any."""
    posts = secret_posts(facts, person, at)
    if not posts or any(fact.holds(at) for fact in posts):
        return None
    return max(fact.until for fact in posts)


@gate("leaving-closed")
def leaving_closed(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-11a–b: whoever has left the last secret post has the leaving closed, and the period on record with it."""
    left = left_at(facts, matter.subject, at)
    if left is None or any(left <= fact.since for fact in facts.out(matter.subject, "COOLING_OFF")):
        return ()
    values = {"since": to_date_text(left)}
    return (Reason(("S01-11a", "S01-11b"), "leaving-not-closed", values, (), "leave", "OFFICE_OF"),)


@gate("cooling-off-over")
def over(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-13b: no formalities before the cooling-off has ended, and it ends with the release (S01-17.6)."""
    period = running(facts, matter.subject, at)
    if period is None:
        return ()
    values = {"until": to_date_text(cools_until(period))}
    return (Reason(("S01-13b",), "cooling-off-runs", values, (period.id,), "release", "LEADING_GROUP_OF"),)


@gate("period-ended")
def period_ended(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-17.6, S01-11g: a period is there to be released from, and has come to its end."""
    period = running(facts, matter.subject, at)
    if period is None:
        return (Reason(("S01-17.6",), "not-cooling-off"),)
    return only_longer(cools_until(period), at)
