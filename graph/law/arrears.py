"""What is owed by a date, as pure functions of it: the clock's work and the desk ask the same ones."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import msgspec

from graph.law.levels import Level
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant, end_of, parse, to_datetime


@rule("S03-5.2", reads="act", kinds=("HELD_BY",))
def not_locked_away(loaned: Instant, confirmed: Instant | None, now: Instant, figures: Figures) -> bool:
    """A loan that is open in the evening: its holder has confirmed a certified container that day, or brought it back."""
    hour = figures("evening-check")
    moment = to_datetime(now)
    if moment.hour < hour or loaned > now:
        return False
    return confirmed is None or to_datetime(confirmed).date() < moment.date()


def loan_overdue(due: str, now: Instant) -> bool:
    """The day a loan was to be back has passed (S03-4.3a)."""
    return bool(due) and parse(due, field="due", ends_day=True) < now


@rule("P-staged", reads="act")
def staged_too_long(arrived: Instant, now: Instant, figures: Figures) -> bool:
    """A staged file whose days have run out: the day it came is not counted, and the last one ends at 24:00 [P]."""
    last = to_datetime(arrived).date() + timedelta(days=figures("staged-file"))
    return now > end_of(last)


def review_due(expires: str, today: date) -> bool:
    """The 保密期限 has run out: a review, and never a silent end (S03-2.1b, G08)."""
    return bool(expires) and date.fromisoformat(expires) <= today


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What a review of a 保密期限 came to: the level before and after, and the new period."""

    before: Level
    after: Level
    years: int | None = None
    permanent: bool = False


def judge_review(review: Review, setters: Collection[str], agreed: Collection[str]) -> tuple[Reason, ...]:
    """Kept or lowered with a period of its own, or opened without one; whoever set the mark has agreed (S03-2.1b, G08)."""
    found: list[Reason] = []
    if review.after.rank > review.before.rank:
        found.append(Reason(("S03-2.1b",), "review-never-raises"))
    if review.after.scheme == "state" and review.years is None and not review.permanent:
        found.append(Reason(("S03-2.1b",), "no-period", remedy="mark", whose="ARCHIVIST_OF"))
    missing = sorted(set(setters) - set(agreed))
    if missing:
        said = {"missing": ", ".join(missing)}
        found.append(Reason(("S03-2.1b",), "change-not-agreed", said, (), "ask-originator", "ORIGINATOR"))
    return tuple(found)


def night_container(rank: int, level: Level) -> tuple[Reason, ...]:
    """Secrecy equipment that is certified for what is put into it (S03-5.2)."""
    if level.scheme != "state" or rank >= level.rank:
        return ()
    return (Reason(("S03-5.2",), "container-not-certified", {"needed": level.id}),)
