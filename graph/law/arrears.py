"""What is owed by a date, as pure functions of it: the clock's work and the desk ask the same ones."""

from __future__ import annotations

from datetime import date

from graph.law.levels import Level
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant, to_datetime


@rule("S03-5.2", reads="act", kinds=("HELD_BY",))
def not_locked_away(loaned: Instant, confirmed: Instant | None, now: Instant, figures: Figures) -> bool:
    """A loan that is open in the evening: its holder has confirmed a certified container that day, or brought it back."""
    hour = figures("evening-check")
    moment = to_datetime(now)
    if moment.hour < hour or loaned > now:
        return False
    return confirmed is None or to_datetime(confirmed).date() < moment.date()


def review_due(expires: str, today: date) -> bool:
    """The 保密期限 has run out: a review, and never a silent end (S03-2.1b, G08)."""
    return bool(expires) and date.fromisoformat(expires) <= today


def night_container(rank: int, level: Level) -> tuple[Reason, ...]:
    """Secrecy equipment that is certified for what is put into it (S03-5.2)."""
    if level.scheme != "state" or rank >= level.rank:
        return ()
    return (Reason(("S03-5.2",), "container-not-certified", {"needed": level.id}),)
