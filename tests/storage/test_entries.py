"""Entry lists and the log, the safety book and keys, in 滨海局."""

from __future__ import annotations

import pytest

from graph.errors import BadField
from graph.kinds import Node
from graph.reach import Asked, can_reach
from graph.times import parse
from storage import docket
from storage.organisations import SetClock
from storage.tables.catalogue import FindingRow
from storage.tables.kept import Task
from storage.tasks import Tasks
from storage.wiring import Wiring
from tests.storage.answers import standing
from tests.storage.refusals import refused
from tests.storage.test_rounds import rounds

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


async def test_s02_5_whoever_takes_a_post_in_a_key_unit_is_attested_assessed_and_countersigned(
    binhai: Wiring,
) -> None:
    do = binhai.office.do
    await do("p20", "add-post", {"id": "post-clerk", "name": "收发员", "department": "jiyao"})
    post = {"person": "p24", "post": "post-clerk"}

    assert await refused(binhai, "p20", "start-post", post) == {"S02-4.3", "S02-5.2"}
    assert await refused(binhai, "p20", "start-post", {"person": "p08", "post": "post-clerk"}) == {
        "S02-4.3", "S02-5.1", "S02-5.2", "S02-5.3", "S02-7",
    }  # fmt: skip
    results = {"period": "2025", "results": [{"person": "p24", "result": "poor"}]}
    await do("p01", "record-assessment", results)
    signed = {"person": "p24", "undertaking": "in_post", "version": "2026版", "countersigned_by": "p01"}
    await do("p02", "record-undertaking", signed)

    assert await refused(binhai, "p20", "start-post", post) == {"S02-5.2"}
    await do("p01", "record-assessment", {**results, "results": [{"person": "p24", "result": "competent"}]})
    await do("p20", "start-post", post)


async def test_s02_5_3_a_vetting_that_attests_nothing_leaves_nobody_assignable(binhai: Wiring) -> None:
    do = binhai.office.do
    heads = {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}
    line = {"person": "p06", "place": "R301"}
    opened = await do("p02", "open-case", {"procedure": "vetting", "subject": "p06"})
    form = {"conclusion": "passed", "record": "审字第8号", **heads, "conduct": True, "relations": False}

    await do("p01", "take-step", {"case": opened.result["case"], "step": "conclude", "form": form})

    assert await refused(binhai, "p02", "admit-to-list", line) == {"S02-5.3"}
    await do(
        "p01", "record-vetting", {"person": "p06", "conclusion": "passed", "heads": heads, "record": "复查"}
    )
    assert await refused(binhai, "p02", "admit-to-list", line) == {"S02-5.1", "S02-5.3"}
    attested = {"conduct": True, "relations": True}
    await do("p01", "record-vetting", {
        "person": "p06", "conclusion": "passed", "heads": heads, "record": "复查", "attested": attested,
    })  # fmt: skip
    await do("p02", "admit-to-list", line)


async def test_s02_4_6_a_member_of_a_key_location_alone_has_its_principals_opinion(binhai: Wiring) -> None:
    do = binhai.office.do
    await do("p02", "admit-to-list", {"person": "p06", "place": "R301"})
    form = {"destination": "新加坡", "leaving": "2026-03-10", "returning": "2026-03-15"}

    opened = await do("p06", "open-case", {"procedure": "travel", "subject": "p06", "form": form})

    assert (opened.result["next"], opened.result["by"]) == ("opinion", ["principal-of-subject"])
    approve = {"case": opened.result["case"], "step": "approve", "verdict": "approve"}
    assert await refused(binhai, "p20", "take-step", approve) == {"S02-4.6", "S02-9a"}
    await do("p01", "take-step", {"case": opened.result["case"], "step": "opinion", "words": "同意"})
    await do("p20", "take-step", approve)


async def test_s02_14_3_the_alarm_waits_as_a_task_for_its_own_instant_and_is_noted_then(
    binhai: Wiring, clock: SetClock
) -> None:
    do = binhai.office.do
    clockwork = rounds(binhai)
    tasks = Tasks(binhai.database, clock)
    await do("p01", "configure", {"parameter": "lone-worker-alarm", "value": 3})
    await do("p02", "enter-place", PAIR)
    left = await do("p02", "leave-place", {"place": "R301", "people": ["p16"]})
    [task] = await Task.select().where(Task.kind == "alarm")

    alarm_at = parse(left.result["alarm_at"], field="alarm_at")
    clock.put(alarm_at - 1000)
    early = await tasks.claim()
    clock.put(alarm_at)
    due = await tasks.claim()
    await clockwork.alarm(task["subject"])
    await clockwork.alarm(task["subject"])

    assert left.result["alone"] == "p15"
    assert alarm_at - parse(left.recorded_at, field="recorded_at") == 3 * 60_000
    assert (task["id"] in early, task["id"] in due) == (False, True)
    [noted] = await FindingRow.select().where(FindingRow.code == "reason.worker-left-alone")
    assert (noted["subject"], noted["rules"]) == ("R301", "S02-14.3")


async def test_no_alarm_is_noted_where_the_other_has_left_in_time_and_a_reported_lone_worker_has_one(
    binhai: Wiring, clock: SetClock
) -> None:
    do = binhai.office.do
    clockwork = rounds(binhai)
    await do("p02", "enter-place", PAIR)
    await do("p02", "leave-place", {"place": "R301", "people": ["p16"]})
    clock.put(parse("2026-03-02T09:04:00+08:00", field="clock"))
    await do("p02", "leave-place", {"place": "R301", "people": ["p15"]})
    clock.put(parse("2026-03-02T09:06:00+08:00", field="clock"))

    await clockwork.alarm("R301")
    told = {"place": "R301", "people": ["p15"], "purpose": "保洁", "account": "一人进入"}
    alone = await do("p02", "report-entry", told)

    assert not await FindingRow.exists().where(FindingRow.code == "reason.worker-left-alone")
    assert alone.result["alone"] == "p15"
    assert await Task.count().where(Task.kind == "alarm") == 2


async def test_s02_8a_a_post_begun_before_its_papers_is_entered_as_it_happened_and_opens_an_incident(
    binhai: Wiring, clock: SetClock
) -> None:
    do = binhai.office.do
    told = {"person": "p24", "post": "post-archivist", "account": "人手不足，先行上岗"}
    since = "2026-03-02T08:30:00+08:00"

    begun = await do("p20", "report-post", {**told, "occurred_at": since})

    case = await docket.matter(begun.result["incident"])
    assert case is not None
    assert (case.procedure, case.cause, case.said("broken")) == (
        "incident",
        "report-post",
        ["S02-5.2", "S02-4.3"],
    )
    [held] = await standing(binhai, "p24", "HOLDS_POST", label=Node.PERSON)
    assert (held.target, held.since) == ("post-archivist", parse(since, field="since"))
    with pytest.raises(BadField) as regular:
        await do("p20", "report-post", {**told, "post": "post-staff1"})
    assert [each.code for each in regular.value.errors] == ["nothing-irregular"]


async def test_s02_15b_equipment_used_unchecked_is_entered_as_it_happened_and_opens_an_incident(
    binhai: Wiring,
) -> None:
    do = binhai.office.do
    scanner = {"name": "扫描仪", "level": "secret", "owner": "p23", "location": "R301"}
    await do("p02", "register-equipment", {"id": "IMP1", "serial": "SM-1", "imported": True, **scanner})
    await do("p02", "register-equipment", {"id": "OWN1", "serial": "SM-2", **scanner})
    told = {"unit": "R301", "account": "到货当日即接入使用"}

    assert await refused(binhai, "p02", "put-in-use", {"device": "IMP1", "unit": "R301"}) == {"S02-15b"}
    used = await do("p02", "report-use", {"device": "IMP1", **told})

    case = await docket.matter(used.result["incident"])
    assert case is not None
    assert (case.subject, case.cause, case.said("broken")) == ("IMP1", "report-use", ["S02-15b"])
    assert [each.target for each in await standing(binhai, "IMP1", "USED_IN", label=Node.DEVICE)] == ["R301"]
    with pytest.raises(BadField) as regular:
        await do("p02", "report-use", {"device": "OWN1", **told})
    assert [each.code for each in regular.value.errors] == ["nothing-irregular"]


async def test_s22_2_3b_an_outsider_whose_exit_is_not_entered_is_found_the_next_day(
    binhai: Wiring, clock: SetClock
) -> None:
    do = binhai.office.do
    await do("p02", "add-place", {"id": "R302", "name": "R302 机房", "machine_room": True})
    await do("p02", "register-visitor", {"id": "v1", "name": "王工", "organisation": "shengju"})
    visit = {"place": "R302", "purpose": "检修空调"}
    await do("p01", "approve-visit", {"person": "v1", **visit})
    await do("p02", "enter-place", {"people": ["v1"], **visit})

    async def open_entries() -> list[tuple[str, str, tuple[str, ...]]]:
        found = await rounds(binhai).found(clock.at)
        return [(each.subject, each.person, each.rules) for each in found if each.code == "exit-missing"]

    clock.put(parse("2026-03-02T23:00:00+08:00", field="clock"))
    same_day = await open_entries()
    clock.put(parse("2026-03-03T08:00:00+08:00", field="clock"))
    next_day = await open_entries()
    await do("p02", "leave-place", {"place": "R302", "people": ["v1"]})

    assert (same_day, next_day) == ([], [("R302", "v1", ("S22-2.3b",))])
    assert await open_entries() == []


async def test_s03_4_9_nothing_top_secret_is_sent_abroad_and_nothing_else_without_a_permit(
    binhai: Wiring,
) -> None:
    do = binhai.office.do
    await do("p04", "add-organisation", {"id": "overseas", "name": "驻外机构", "abroad": True})
    packing = {
        "kind": "envelope", "sealed": True, "opaque": True, "stitched": True, "flap_sealed": True, "seam_sealed": True,
    }  # fmt: skip
    cover = {
        "to": "overseas", "channel": "confidential-transport", "packing": packing, "vehicle": "机要专车", "route": "口岸",
        "escorts": ["p03", "p23"],
    }  # fmt: skip

    top = await refused(binhai, "p03", "send-carriers", {**cover, "carriers": ["C1"], "permit": "境字1号"})
    bare = await refused(binhai, "p03", "send-carriers", {**cover, "carriers": ["C2"]})
    sent = await do("p03", "send-carriers", {**cover, "carriers": ["C2"], "permit": "境字1号"})

    assert (top, bare) == ({"S03-4.9a"}, {"S03-4.9b"})
    assert sent.result["dispatch"]
