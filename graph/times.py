"""Instants and dates: milliseconds since 1970 UTC inside, ISO 8601 text outside, Asia/Shanghai for bare dates [P, G01].

An instant is an `int` of milliseconds. `FOREVER` stands for "no end". A bare date asked about means the end of
that day (24:00, so every fact of the day counts and none of the next); a bare date that begins something means 00:00.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from graph.errors import BadField

Instant = int

FOREVER: Instant = 253_402_300_800_000
ZONE = ZoneInfo("Asia/Shanghai")
DAY_MS = 86_400_000


def from_datetime(moment: datetime) -> Instant:
    return round(moment.timestamp() * 1000)


def to_datetime(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant / 1000, tz=ZONE)


def to_text(instant: Instant) -> str | None:
    """UTC text with milliseconds, one spelling for each instant; None for FOREVER."""
    if instant >= FOREVER:
        return None
    return (
        datetime.fromtimestamp(instant / 1000, tz=UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def to_date_text(instant: Instant) -> str:
    """The civil date; a dash for FOREVER."""
    return "—" if instant >= FOREVER else to_datetime(instant).date().isoformat()


def start_of(day: date) -> Instant:
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=ZONE))


def end_of(day: date) -> Instant:
    """The last instant of a day: 24:00 and not yet the next day."""
    return start_of(day + timedelta(days=1)) - 1


def parse(text: str, *, field: str, ends_day: bool = False) -> Instant:
    """An ISO date or date-time. A bare date is 00:00 of that day, or its end where `ends_day`. Raises BadField."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return end_of(day) if ends_day else start_of(day)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadField(field, "not-a-date", value=text) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZONE)
    instant = from_datetime(moment)
    if not 0 <= instant < FOREVER:
        raise BadField(field, "not-a-date", value=text)
    return instant


def add_years(day: date, years: int) -> date:
    """The same calendar day `years` later; where that day does not exist, the next day (stricter) [P, G01]."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def months_after(at: Instant, months: int) -> Instant:
    """The instant as many calendar months later, at the same time of day; a day that is missing there is the last one."""
    return months_before(at, -months)


def months_before(at: Instant, months: int) -> Instant:
    """The instant as many calendar months earlier, at the same time of day; a day that is missing there is the last one."""
    moment = to_datetime(at)
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return from_datetime(moment.replace(year=year, month=month + 1, day=min(moment.day, last)))
