"""Entry lists and the log, the safety book and keys, in 滨海局."""

from __future__ import annotations

import pytest

from graph.errors import BadField
from graph.kinds import Node
from graph.reach import Asked, can_reach
from graph.times import parse
from storage import docket
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.storage.answers import standing
from tests.storage.test_registers import refused

PAIR = {"place": "R301", "people": ["p15", "p16"], "purpose": "保洁", "monitoring": "3号摄像头"}


async def test_S02_13b_entry_and_exit_are_logged_with_person_time_purpose_and_who_admitted(  # noqa: N802
    binhai: Wiring, clock: SetClock
) -> None:
    entered = await binhai.office.do("p02", "enter-place", PAIR)
    inside = await standing(binhai, "R301", "INSIDE", label=Node.PLACE)
    clock.put(parse("2026-03-02T10:00:00+08:00", field="clock"))

    left = await binhai.office.do("p02", "leave-place", {"place": "R301", "people": ["p15", "p16"]})

    assert [(fact.source, fact.details) for fact in inside] == [
        ("p15", {"purpose": "保洁", "admitted_by": "p02", "monitoring": "3号摄像头", "monitored": True, "pair": "p16"}),
        ("p16", {"purpose": "保洁", "admitted_by": "p02", "monitoring": "3号摄像头", "monitored": True, "pair": "p15"}),
    ]  # fmt: skip
    assert "S02-13b" in entered.rules
    assert left.result == {}
    assert await standing(binhai, "R301", "INSIDE", label=Node.PLACE) == []


async def test_what_has_happened_is_entered_as_it_happened_with_the_rules_it_broke(binhai: Wiring) -> None:
    asked = {"place": "R301", "people": ["p06"], "purpose": "取文件"}
    told = {**asked, "account": "门未锁,自行进入", "occurred_at": "2026-03-02T08:30:00+08:00"}

    assert await refused(binhai, "p02", "enter-place", asked) == {"S02-13a", "S02-13c"}
    outcome = await binhai.office.do("p02", "report-entry", told)

    case = await docket.matter(outcome.result["incident"])
    assert outcome.result["broken"] == ["S02-13a", "S02-13c"]
    assert {"S02-13a", "S02-13b", "S02-13c", "S01-18a"} <= set(outcome.rules)
    assert case is not None
    assert (case.procedure, case.subject, case.cause, case.state) == (
        "incident",
        "p06",
        "report-entry",
        "open",
    )
    assert case.said("broken") == ["S02-13a", "S02-13c"]
    assert [fact.source for fact in await standing(binhai, "R301", "INSIDE", label=Node.PLACE)] == ["p06"]


async def test_an_entry_that_broke_no_rule_is_not_reported_as_one_that_did(
    binhai: Wiring,
) -> None:
    last = await binhai.ledger.last()
    told = {"place": "R301", "people": ["p04"], "purpose": "归卷", "account": "忘记登记"}

    with pytest.raises(BadField) as refusal:
        await binhai.office.do("p02", "report-entry", told)

    assert [(each.field, each.code) for each in refusal.value.errors] == [("account", "nothing-irregular")]
    assert await binhai.ledger.last() == last


async def test_the_first_entry_list_of_a_key_location_is_judged_as_every_later_line_of_it(
    binhai: Wiring,
) -> None:
    await binhai.office.do(
        "p20", "add-person", {"id": "p26", "name": "方宏", "standing": "service", "department": "xingzheng"}
    )
    room = {"unit": "R210", "principal": "p05", "control_area": True}

    unprepared = await refused(binhai, "p20", "designate-key-unit", {**room, "entry_list": ["p05", "p26"]})
    by_herself = await refused(binhai, "p20", "designate-key-unit", {**room, "entry_list": ["p05", "p15"]})

    assert unprepared == {"S02-14.1", "S02-14.2", "S02-14.3", "S02-14.4"}
    assert by_herself == {"S02-14.3", "S02-14.4"}
    assert await refused(binhai, "p20", "designate-key-unit", {**room, "entry_list": ["p20"]}) == {"P-self"}
    await binhai.office.do("p20", "designate-key-unit", {**room, "entry_list": ["p05"]})
    await binhai.office.do(
        "p02", "admit-to-list", {"person": "p15", "place": "R210", "pair": "p16", "monitored": True}
    )


async def test_a_key_of_the_safe_is_a_way_to_what_lies_in_it_until_it_is_handed_back(binhai: Wiring) -> None:
    async def ways() -> list[str]:
        found = await can_reach(binhai.questions, "C1", Asked(asker="p02"), person="p05")
        return [way.kind for each in found.people for way in each.ways]

    await binhai.office.do("p03", "hand-over-key", {"person": "p05", "thing": "B1"})
    held = await ways()
    await binhai.office.do("p03", "hand-over-key", {"person": "p05", "thing": "B1", "back": True})

    assert (held, await ways()) == (["key"], [])
    assert await refused(binhai, "p05", "hand-over-key", {"person": "p05", "thing": "B1"}) == {
        "S03-5.1b",
        "P-role",
    }


async def test_the_decision_on_an_open_flame_may_be_the_guards_on_paper(binhai: Wiring) -> None:
    await binhai.office.do("p02", "add-place", {"id": "R302", "name": "R302 机房", "machine_room": True})
    await binhai.office.do("p01", "appoint", {"person": "p22", "role": "GUARD_OF"})
    flame = {"place": "R302", "purpose": "焊接支架", "measures": "灭火器两具"}
    paper = {"number": "动火〔2026〕1号", "date": "2026-03-01", "scan": "fl-1"}

    assert await refused(binhai, "p02", "allow-open-flame", flame) == {"S22-2.5", "P-role"}
    allowed = await binhai.office.do(
        "p02", "allow-open-flame", {**flame, "decision": {"by": "p22", "proof": "paper", "paper": paper}}
    )

    assert "S22-2.5" in allowed.rules
