"""The calendar of a year to come: entered by an act, counted by from then on, and days that overlap refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from graph.errors import BadField
from graph.times import parse
from storage.calendar import Calendar
from storage.organisations import SetClock, named
from storage.registers.founding import Found, drafted
from storage.tables.catalogue import Setting
from storage.wiring import Wiring
from tests.storage.conftest import Unwritten
from tests.storage.refusals import refused

NEXT = {"year": 2027, "holidays": ["2027-01-01", "2027-02-08"], "workdays": ["2027-02-06"]}
THIS = {"holidays": ["2026-05-01", "2026-05-04", "2026-05-05", "2026-06-19"], "workdays": ["2026-05-09"]}


async def calendar() -> Calendar:
    rows = await Setting.select(Setting.value).where(Setting.name == "calendar")
    return msgspec.json.decode(rows[0]["value"], type=Calendar)


def instant(text: str) -> int:
    return parse(text, field="at")


async def test_next_years_days_are_entered_beside_this_years(binhai: Wiring) -> None:
    await binhai.office.do("p20", "enter-calendar", NEXT)

    now = await calendar()
    assert now.holidays == {*THIS["holidays"], "2027-01-01", "2027-02-08"}
    assert now.workdays == {"2026-05-09", "2027-02-06"}
    assert now.working_days(instant("2027-02-05"), instant("2027-02-09")) == 2


async def test_late_entries_are_counted_by_it(binhai: Wiring, clock: SetClock) -> None:
    await binhai.office.do("p20", "enter-calendar", {"year": 2027, "holidays": ["2027-03-02", "2027-03-03"]})
    clock.put(instant("2027-03-04T09:00:00+08:00"))

    await binhai.office.do(
        "p02", "register-visitor",
        {"name": "王工", "organisation": "shengju", "occurred_at": "2027-03-01T10:00:00+08:00"},
    )  # fmt: skip


async def test_a_year_that_is_announced_again_replaces_what_was_entered(binhai: Wiring) -> None:
    await binhai.office.do("p20", "enter-calendar", NEXT)
    await binhai.office.do("p01", "enter-calendar", {"year": 2027, "holidays": ["2027-01-04"]})
    await binhai.office.do("p20", "enter-calendar", {"year": 2026, **THIS, "workdays": []})

    assert await calendar() == Calendar(
        holidays=frozenset({*THIS["holidays"], "2027-01-04"}), workdays=frozenset()
    )
    assert (await binhai.ledger.verify()).findings == ()


@pytest.mark.parametrize(
    ("days", "field", "code"),
    [
        ({"holidays": ["2027-02-06"], "workdays": ["2027-02-06"]}, "calendar", "days-overlap"),
        ({"holidays": ["2027-02-08", "2027-02-08"]}, "holidays", "listed-twice"),
        ({"holidays": ["2027-02-30"]}, "holidays[0]", "not-a-date"),
        ({"holidays": ["2027-02-08"], "workdays": ["2028-02-05"]}, "workdays[0]", "not-in-list"),
        ({"year": 2026, "holidays": ["2026-02-16"]}, "holidays", "dates-backwards"),
    ],
)
async def test_days_that_overlap_or_make_no_sense_are_refused(
    days: dict[str, Any], field: str, code: str, binhai: Wiring, unwritten: Unwritten
) -> None:
    await binhai.projection.reach(await binhai.ledger.head())

    async with unwritten(binhai):
        with pytest.raises(BadField) as bad:
            await binhai.office.do("p20", "enter-calendar", {"year": 2027, **days})

    assert [(each.field, each.code) for each in bad.value.errors] == [(field, code)]


async def test_only_the_office_and_the_leading_group_enter_it(binhai: Wiring) -> None:
    assert await refused(binhai, "p05", "enter-calendar", NEXT) == {"P-role"}


def test_a_founding_with_days_that_overlap_is_refused() -> None:
    found = {**named("binhai").found, "calendar": {"holidays": ["2026-05-09"], "workdays": ["2026-05-09"]}}

    with pytest.raises(BadField) as bad:
        drafted(msgspec.convert(found, Found), instant("2026-03-02"))

    assert [(each.field, each.code) for each in bad.value.errors] == [("calendar", "days-overlap")]
