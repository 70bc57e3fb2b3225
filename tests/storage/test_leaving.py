"""Leaving secret work: the case ends the last post, the level decides how long, and only a release ends the cooling-off (S01-11, S01-17.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graph.kinds import Node
from graph.times import FOREVER, parse
from storage.organisations import SetClock
from storage.reports import Reports
from storage.wiring import Wiring
from tests.storage.answers import readers, standing, why_not
from tests.storage.carriage import SLIP
from tests.storage.leaving import begin_leaving, close_leaving, leave, leave_one_of_two, release, sign, take
from tests.storage.refusals import bad, refused
from tests.storage.test_carriage import SENT
from tests.storage.test_cases import of, open_


async def lend(binhai: Wiring, person: str) -> None:
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C5", "to": person, "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )


async def period(binhai: Wiring, person: str) -> dict[str, Any]:
    fact = (await standing(binhai, person, "COOLING_OFF", label=Node.PERSON))[0]
    assert fact.until == FOREVER
    return dict(fact.details)


# The case of leaving is the one way out of the last secret post


async def test_s01_11a_the_last_secret_post_ends_in_a_case_of_leaving_alone(binhai: Wiring) -> None:
    last = await refused(binhai, "p20", "leave-post", {"person": "p06", "post": "post-staff1"})
    await lend(binhai, "p06")
    holding = await refused(binhai, "p20", "leave-post", {"person": "p06", "post": "post-staff1"})

    assert last == {"S01-11a", "S02-10a"}
    assert holding == {"S01-11a", "S02-10a", "S01-11b", "S03-5.4a"}
    assert await why_not(binhai, "p06", "D3") == set()


async def test_s01_11_a_leaver_returns_everything_first_and_then_the_cooling_off_runs(
    binhai: Wiring, clock: SetClock
) -> None:
    await lend(binhai, "p06")
    case = await begin_leaving(binhai, "p06")
    off = await why_not(binhai, "p06", "D3")
    await sign(binhai, "p06", "leaving", "exit")
    holding = await refused(binhai, "p20", "take-step", of(case, "close"))
    clock.put(parse("2026-03-04T15:00:00+08:00", field="clock"))
    await binhai.office.do("p03", "return-carrier", {"carrier": "C5", "kept_in": "B1"})
    closed = await close_leaving(binhai, case, "p06")

    assert off == {"S01-11c"}
    assert holding == {"S01-11b", "S03-5.4a", "S03-5.4b"}
    assert closed["ends"] == "2027-03-04"
    assert await period(binhai, "p06") == {"level": "confidential", "ends": "2027-03-04"}
    assert await why_not(binhai, "p06", "D3") == {"S01-11c"}
    assert await why_not(binhai, "p06", "D3", at="2026-03-01") == set()
    assert "p06" not in await readers(binhai, "D3")


@pytest.mark.parametrize(
    ("person", "rule", "ends"),
    [
        ("p23", "S01-11d", "2029-03-02"),
        ("p05", "S01-11e", "2028-03-02"),
        ("p07", "S01-11e", "2028-03-02"),
        ("p06", "S01-11f", "2027-03-02"),
    ],
)
async def test_s01_11d_f_the_level_somebody_left_at_decides_how_long(
    person: str, rule: str, ends: str, binhai: Wiring
) -> None:
    closed = await leave(binhai, person)

    assert closed["ends"] == ends
    assert rule in closed["rules"]


async def test_s01_11d_a_post_above_the_clearance_counts_too(binhai: Wiring) -> None:
    await binhai.office.do("p20", "start-post", {"person": "p06", "post": "post-head1"})

    closed = await leave(binhai, "p06")

    assert closed["ends"] == "2028-03-02"


async def test_s03_5_4b_one_of_two_secret_posts_is_left_over_a_signed_list(binhai: Wiring) -> None:
    await binhai.office.do(
        "p20",
        "add-post",
        {"id": "post-second", "name": "兼职", "department": "yewu1", "level": "confidential"},
    )
    await binhai.office.do("p20", "start-post", {"person": "p05", "post": "post-second"})
    asked = {"person": "p05", "post": "post-head1"}
    unlisted = await refused(binhai, "p20", "leave-post", asked)
    prepared = await binhai.office.do(
        "p02", "prepare-handover", {"giver": "p05", "taker": "p04", "overseer": "p02"}
    )
    unsigned = await refused(binhai, "p20", "leave-post", {**asked, "handover": prepared.result["handover"]})
    others = await binhai.office.do(
        "p02", "prepare-handover", {"giver": "p04", "taker": "p05", "overseer": "p02"}
    )
    foreign = await bad(binhai, "p20", "leave-post", {**asked, "handover": others.result["handover"]})

    left = await leave_one_of_two(binhai, "p05", "post-head1")

    assert unlisted == unsigned == {"S03-5.4b"}
    assert foreign == [("handover", "not-so")]
    assert [each["procedure"] for each in left["opened"]] == ["level-review"]
    assert "ends" not in left
    assert await why_not(binhai, "p05", "D2") == set()


async def test_a_post_that_is_not_secret_is_left_without_a_list_and_begins_no_cooling_off(
    binhai: Wiring,
) -> None:
    await binhai.office.do("p20", "add-post", {"id": "post-open", "name": "内勤", "department": "kefu"})
    await binhai.office.do("p20", "start-post", {"person": "p08", "post": "post-open"})

    left = await binhai.office.do("p20", "leave-post", {"person": "p08", "post": "post-open"})

    assert left.result == {}
    assert await standing(binhai, "p08", "COOLING_OFF", "HOLDS_POST", label=Node.PERSON) == []


async def test_s02_10f_nobody_leaves_a_key_department_without_the_undertaking_of_exit(binhai: Wiring) -> None:
    await binhai.office.do("p20", "join", {"person": "p24", "department": "jiyao"})
    asked = {"person": "p24", "department": "jiyao"}

    unsigned = await refused(binhai, "p20", "leave-department", asked)
    await sign(binhai, "p24", "exit")
    await binhai.office.do("p20", "leave-department", asked)

    assert unsigned == {"S02-10f"}
    left = await standing(binhai, "p24", "MEMBER_OF", label=Node.PERSON)
    assert [fact.target for fact in left] == ["binhai"]


# A period entered by itself


async def test_s01_11e_the_level_is_the_registers_or_a_higher_one(binhai: Wiring) -> None:
    asked = {"person": "p24", "start": "2026-03-02"}

    lower = await refused(binhai, "p02", "start-cooling-off", {**asked, "level": "confidential"})
    started = await binhai.office.do("p02", "start-cooling-off", asked)
    again = await bad(binhai, "p02", "start-cooling-off", asked)

    assert lower == {"S01-11e", "S02-10d"}
    assert started.result["ends"] == "2028-03-02"
    assert started.rules == ["S01-11a", "S01-11e"]
    assert again == [("person", "already-so")]


async def test_s01_11d_a_higher_level_may_be_given(binhai: Wiring) -> None:
    started = await binhai.office.do(
        "p02", "start-cooling-off", {"person": "p24", "level": "top-secret", "start": "2026-03-02"}
    )

    assert started.result["ends"] == "2029-03-02"


async def test_whoever_was_never_cleared_has_the_level_given(binhai: Wiring) -> None:
    asked = {"person": "p10", "start": "2025-11-03"}

    missing = await bad(binhai, "p02", "start-cooling-off", asked)
    started = await binhai.office.do("p02", "start-cooling-off", {**asked, "level": "confidential"})

    assert missing == [("level", "missing")]
    assert started.result["ends"] == "2026-11-03"


async def test_s01_11a_b_no_period_starts_beside_secret_work_a_leaving_or_carriers_in_hand(
    binhai: Wiring,
) -> None:
    at_work = await refused(binhai, "p02", "start-cooling-off", {"person": "p05", "start": "2026-03-02"})
    await lend(binhai, "p06")
    await begin_leaving(binhai, "p06")
    leaving = await refused(binhai, "p02", "start-cooling-off", {"person": "p06", "start": "2026-03-02"})

    assert at_work == {"S01-11a"}
    assert leaving == {"S01-11a", "S01-11b", "S03-5.4a"}


async def test_s01_11b_a_period_starts_neither_before_the_clearance_known_nor_in_the_future(
    binhai: Wiring,
) -> None:
    early = await refused(binhai, "p02", "start-cooling-off", {"person": "p24", "start": "2025-12-31"})
    late = await bad(binhai, "p02", "start-cooling-off", {"person": "p24", "start": "2026-03-03"})

    assert early == {"S01-11a", "S01-11b"}
    assert late == [("start", "in-the-future")]


# Only a release ends it


async def test_s01_17_6_a_period_holds_past_its_day_until_somebody_is_released(
    binhai: Wiring, clock: SetClock
) -> None:
    await leave(binhai, "p06")
    await binhai.office.do("p20", "annotate", {"person": "p06", "words": "一般涉密人员"})
    clock.put(parse("2027-03-01T09:00:00+08:00", field="clock"))
    rows = await binhai.database.run("SELECT id FROM case_file WHERE procedure = 'release'")
    early = await refused(binhai, "p02", "take-step", of(rows[0]["id"], "release"))
    clock.put(parse("2027-05-10T09:00:00+08:00", field="clock"))
    unreleased = await standing(binhai, "p06", "COOLING_OFF", "ANNOTATED", label=Node.PERSON)
    withdrawn = await refused(binhai, "p02", "withdraw-case", {"case": rows[0]["id"], "reason": "已满"})
    off = await why_not(binhai, "p06", "D3")
    await release(binhai, "p06")

    assert early == {"S01-17.6", "S01-11g"}
    assert [fact.kind for fact in unreleased] == ["ANNOTATED", "COOLING_OFF"]
    assert withdrawn == {"S01-17.6"}
    assert off == {"S01-11c"}
    assert await standing(binhai, "p06", "COOLING_OFF", "ANNOTATED", "CLEARED_TO", label=Node.PERSON) == []
    assert await why_not(binhai, "p06", "D3") == {"S01-11c", "S01-3c", "S02-4.5"}


async def test_s01_11g_the_day_of_release_cannot_be_amended_away(binhai: Wiring, clock: SetClock) -> None:
    await leave(binhai, "p06")
    rows = await binhai.database.run("SELECT id FROM case_file WHERE procedure = 'release'")
    case = rows[0]["id"]

    await binhai.office.do(
        "p02", "amend-case", {"case": case, "form": {"ends": "2026-03-02", "level": "confidential"}}
    )

    assert await refused(binhai, "p02", "take-step", of(case, "release")) == {"S01-11g"}


async def test_s01_11g_an_extension_moves_the_release_and_a_new_leaving_ends_no_earlier(
    binhai: Wiring, clock: SetClock
) -> None:
    await leave(binhai, "p05")
    await binhai.office.do(
        "p01", "extend-cooling-off", {"person": "p05", "until": "2030-01-01", "reason": "涉密深"}
    )
    await binhai.office.do("p20", "start-post", {"person": "p05", "post": "post-staff1"})
    clock.put(parse("2026-06-01T09:00:00+08:00", field="clock"))

    again = await leave(binhai, "p05")

    releases = await binhai.database.run("SELECT id, form FROM case_file WHERE procedure = 'release'")
    assert again["ends"] == "2030-01-01"
    assert await period(binhai, "p05") == {"level": "secret", "ends": "2030-01-01"}
    assert len(releases) == 1
    assert '"ends":"2030-01-01"' in releases[0]["form"]


async def test_s01_17_5_whoever_was_released_is_on_no_list_of_active_people(
    binhai: Wiring, clock: SetClock
) -> None:
    await leave(binhai, "p06")
    clock.put(parse("2027-03-10T09:00:00+08:00", field="clock"))
    await release(binhai, "p06")

    listed = await Reports(binhai).allowances("p02", date(2027, 3, 1))
    assessed = await binhai.office.do(
        "p01", "record-assessment", {"period": "2027", "results": [{"person": "p05", "result": "good"}]}
    )

    assert "p06" not in {each.person for each in listed}
    assert "p05" in {each.person for each in listed}
    assert "p06" not in assessed.result["without"]


# What is not taken back


async def test_s01_11a_a_leaving_is_not_withdrawn(binhai: Wiring) -> None:
    case = await begin_leaving(binhai, "p06")

    assert await refused(binhai, "p20", "withdraw-case", {"case": case, "reason": "不走了"}) == {"S01-11a"}


async def test_s01_18a_an_incident_an_act_opened_is_not_withdrawn_by_anyone(binhai: Wiring) -> None:
    post = {**SENT, "carriers": ["C2"], "channel": "ordinary-post", "account": "误投邮筒"}
    told = await binhai.office.do("p03", "report-dispatch", post)
    case = told.result["opened"][0]["case"]

    for hand in ("p03", "p02"):
        assert "S01-18a" in await refused(binhai, hand, "withdraw-case", {"case": case, "reason": "误报"})


async def test_s01_15b_a_departure_ends_only_with_its_case_after_the_person_was_urged(binhai: Wiring) -> None:
    noted = await binhai.office.do("p02", "record-departure", {"person": "p05", "note": "连续三日未到岗"})
    case = noted.result["opened"][0]["case"]
    gone = await why_not(binhai, "p05", "D2")
    withdrawn = await refused(binhai, "p02", "withdraw-case", {"case": case, "reason": "已返岗"})
    hasty = await refused(binhai, "p01", "take-step", of(case, "settle", form={"outcome": "returned"}))
    await take(binhai, "p02", case, "urge", form={"contact": "电话劝返"})
    await take(binhai, "p01", case, "settle", form={"outcome": "returned"})

    assert gone == {"S01-15a"}
    assert withdrawn == {"S01-15a"}
    assert hasty == {"S01-15b", "S01-15c", "S01-15d"}
    assert await why_not(binhai, "p05", "D2") == set()


async def test_nobody_withdraws_what_others_asked_about_them(binhai: Wiring) -> None:
    case = await open_(binhai, "p20", "vetting", "p02")

    own = await refused(binhai, "p02", "withdraw-case", {"case": case, "reason": "不必"})
    await binhai.office.do("p20", "withdraw-case", {"case": case, "reason": "改期"})

    assert "P-self" in own
