"""Working days as data: weekends off, listed days off, listed days on [P, G01]. The start day is not counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from graph.errors import BadField
from graph.times import Instant, end_of, to_datetime


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """ISO dates of holidays and of make-up days that are worked."""

    holidays: frozenset[str] = frozenset()
    workdays: frozenset[str] = frozenset()

    def check(self) -> None:
        both = self.holidays & self.workdays
        if both:
            raise BadField("calendar", "days-overlap", days=", ".join(sorted(both)))

    def works(self, day: date) -> bool:
        text = day.isoformat()
        if text in self.workdays:
            return True
        return text not in self.holidays and day.weekday() < 5

    def working_days(self, start: Instant, end: Instant) -> int:
        """Working days after the day of `start`, up to and with the day of `end`."""
        return sum(map(self.works, _days(to_datetime(start).date(), to_datetime(end).date())))

    def after(self, start: Instant, days: int) -> Instant:
        """24:00 of the day that is this many working days after the day of `start`."""
        day, left = to_datetime(start).date(), days
        while left:
            day += timedelta(days=1)
            left -= self.works(day)
        return end_of(day)


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
