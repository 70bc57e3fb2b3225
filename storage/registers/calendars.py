"""The working days of a year to come, entered when they are announced: holidays, and make-up days that are worked [P, G01]."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.times import to_datetime
from storage.act import Act, Bench, Change, Draft, act, setting_row
from storage.calendar import Calendar
from storage.entry import Body
from storage.figures import day_of

Days = Annotated[tuple[str, ...], Meta(max_length=366)]
BY = ("OFFICE_OF", "LEADING_GROUP_OF")


class EnterCalendar(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All holidays and worked make-up days of a year, as ISO dates; what was entered for it before is replaced."""

    year: Annotated[int, Meta(ge=2000, le=2999)]
    holidays: Days = ()
    workdays: Days = ()


def project(params: EnterCalendar, body: Body) -> Iterable[Change]:
    calendar = msgspec.convert(body.result["calendar"], Calendar)
    yield setting_row("calendar", msgspec.json.encode(calendar, order="sorted").decode())


@act("enter-calendar", EnterCalendar, register="regulations", zh="录入工作日历", en="Enter a year's calendar", by=BY, decided_by=BY,
     paper=True, project=project, rules=("P-role",),
     examples=({"year": 2027, "holidays": ["2027-01-01"], "workdays": ["2027-01-02"]},))  # fmt: skip
async def enter_calendar(params: EnterCalendar, bench: Bench) -> Draft:
    """What is past stays as it was: terms were counted by it."""
    entered = Calendar(holidays=_of(params, "holidays"), workdays=_of(params, "workdays"))
    entered.check()
    whole = Calendar(
        holidays=_others(bench.calendar.holidays, params.year) | entered.holidays,
        workdays=_others(bench.calendar.workdays, params.year) | entered.workdays,
    )
    today = to_datetime(bench.now).date().isoformat()
    for field in ("holidays", "workdays"):
        changed = getattr(bench.calendar, field) ^ getattr(whole, field)
        if any(day < today for day in changed):
            raise BadField(field, "dates-backwards", value=min(changed))
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules.append("P-role")
    draft.result = {
        "year": params.year,
        "calendar": {"holidays": sorted(whole.holidays), "workdays": sorted(whole.workdays)},
    }
    return draft


def _of(params: EnterCalendar, field: str) -> frozenset[str]:
    """The days of one list, each of that year and named once. Raises BadField."""
    days: list[date] = []
    for n, text in enumerate(getattr(params, field)):
        day = day_of(text, f"{field}[{n}]")
        if day.year != params.year:
            raise BadField(f"{field}[{n}]", "not-in-list", allowed=str(params.year))
        days.append(day)
    if len(set(days)) != len(days):
        raise BadField(field, "listed-twice")
    return frozenset(day.isoformat() for day in days)


def _others(days: Iterable[str], year: int) -> frozenset[str]:
    """Days of every other year."""
    return frozenset(day for day in days if date.fromisoformat(day).year != year)
