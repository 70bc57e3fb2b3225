"""Transfer, resignation, leaving without permission, lists of education and assessment: S01-8 to S01-17, act by act."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graph.errors import BadField
from graph.kinds import Node
from graph.times import FOREVER, parse
from storage.organisations import SetClock
from storage.reports import Reports
from storage.tables.catalogue import CaseFile
from storage.wiring import Wiring
from tests.storage.answers import standing, why_not
from tests.storage.carriage import SLIP
from tests.storage.clearing import review
from tests.storage.leaving import (
    begin_leaving,
    close_leaving,
    hand_over,
    leave,
    release,
    sign,
)
from tests.storage.refusals import bad, refused
from tests.storage.test_cases import of, open_, step

HANDS = {"taker": "p03", "supervisor": "p01"}
"""Who signs a handover beside whoever leaves."""


async def cooling(binhai: Wiring, level: str = "secret") -> None:
    """p24 holds no post; a period runs from today."""
    await binhai.office.do(
        "p02", "start-cooling-off", {"person": "p24", "level": level, "start": "2026-03-02"}
    )


async def fact_kinds(binhai: Wiring, person: str, *kinds: str) -> list[str]:
    return sorted(fact.kind for fact in await standing(binhai, person, *kinds, label=Node.PERSON))


# Transfer


async def test_a_transfer_goes_step_by_step_and_no_formalities_before_the_cooling_off_ends(
    binhai: Wiring, clock: SetClock
) -> None:
    form = {"destination": "市局", "reason": "工作需要", **HANDS}
    foreign = await refused(
        binhai, "p05", "open-case", {"procedure": "transfer", "subject": "p06", "form": form}
    )
    case = await open_(binhai, "p06", "transfer", "p06", **form)
    early = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    unreviewed = await refused(binhai, "p20", "take-step", of(case, "agree"))
    await step(binhai, "p02", case, "review", form={"result": "no-threat"})
    await step(binhai, "p20", case, "agree")
    in_post = await refused(binhai, "p20", "take-step", of(case, "moved"))
    await leave(binhai, "p06")
    await step(binhai, "p20", case, "moved")
    cooling_still = await refused(binhai, "p01", "take-step", of(case, "approve"))
    clock.put(parse("2027-03-01T09:00:00+08:00", field="clock"))
    the_day_before = await refused(binhai, "p01", "take-step", of(case, "approve"))
    clock.put(parse("2027-03-02T09:00:00+08:00", field="clock"))
    unreleased = await refused(binhai, "p01", "take-step", of(case, "approve"))
    await release(binhai, "p06")
    await step(binhai, "p01", case, "approve")
    unsigned = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    await hand_over(binhai, case, "p06")
    await sign(binhai, "p06", "move")
    done = await step(binhai, "p20", case, "formalities")

    assert foreign == {"S01-13a", "S02-10a", "P-role"}
    assert early >= {"S01-13a", "S03-5.4b"}
    assert unreviewed == {"S01-13a", "S01-17.7"}
    assert in_post == {"S01-13a"}
    assert cooling_still == the_day_before == unreleased == {"S01-13b"}
    assert unsigned == {"S01-13a", "S03-5.4b"}
    assert done["state"] == "done"
    assert await fact_kinds(binhai, "p06", "MEMBER_OF", "HOLDS_POST") == []


async def test_s01_13b_an_open_leaving_bars_every_way_out(binhai: Wiring) -> None:
    form = {"destination": "市局", "reason": "工作需要", **HANDS}
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C5", "to": "p06", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )
    case = await open_(binhai, "p06", "transfer", "p06", **form)
    await step(binhai, "p02", case, "review", form={"result": "no-threat"})
    await step(binhai, "p20", case, "agree")
    leaving = await begin_leaving(binhai, "p06")

    moved = await refused(binhai, "p20", "take-step", of(case, "moved"))
    asked = {"procedure": "resignation", "subject": "p06", "form": {"reason": "家庭原因", **HANDS}}
    resigned = await refused(binhai, "p06", "open-case", asked)
    await binhai.office.do("p03", "return-carrier", {"carrier": "C5", "kept_in": "B1"})
    still = await refused(binhai, "p20", "take-step", of(case, "moved"))
    closed = await close_leaving(binhai, leaving, "p06")
    await step(binhai, "p20", case, "moved")

    assert moved == still == {"S01-11a", "S01-11b"}
    assert resigned == {"S01-11a", "S01-11b"}
    assert closed["ends"] == "2027-03-02"
    assert await refused(binhai, "p06", "open-case", asked) == {"S01-14a"}


async def test_s03_5_4_nobody_is_gone_with_carriers_in_hand_or_without_a_list_signed_by_three(
    binhai: Wiring,
) -> None:
    case = await open_(binhai, "p24", "resignation", "p24", reason="个人原因", **HANDS)
    await step(binhai, "p02", case, "review", form={"result": "no-threat"})
    await step(binhai, "p01", case, "approve")
    await binhai.office.do("p01", "set-range", {"document": "D3", "members": ["yewu1", "p24"]})
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C5", "to": "p24", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )

    holding = await refused(binhai, "p24", "take-step", of(case, "handover"))
    gone = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    await binhai.office.do("p03", "return-carrier", {"carrier": "C5", "kept_in": "B1"})
    for hand in ("p24", "p03"):
        await step(binhai, hand, case, "handover")
    two_of_three = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    await step(binhai, "p01", case, "handover")
    done = await step(binhai, "p20", case, "formalities")

    assert holding == {"S01-11b", "S03-5.4a"}
    assert gone == {"S01-14a", "S01-11b", "S03-5.4a", "S03-5.4b"}
    assert two_of_three == {"S01-14a", "S03-5.4b"}
    assert done["state"] == "done"


async def test_who_has_resigned_keeps_no_clearance_key_or_listing(binhai: Wiring) -> None:
    await binhai.office.do("p01", "set-range", {"document": "D3", "members": ["yewu1", "p24"]})
    await binhai.office.do("p02", "hand-over-key", {"person": "p24", "thing": "B1"})
    before = await why_not(binhai, "p24", "D3")
    case = await open_(binhai, "p24", "resignation", "p24", reason="个人原因", **HANDS)
    await step(binhai, "p02", case, "review", form={"result": "no-threat"})
    await step(binhai, "p01", case, "approve")
    await hand_over(binhai, case, "p24")
    await step(binhai, "p20", case, "formalities")

    assert before == set()
    assert await fact_kinds(binhai, "p24", "CLEARED_TO", "HOLDS_KEY", "IN_RANGE", "MEMBER_OF") == []
    assert await why_not(binhai, "p24", "D3") == {"S01-3c", "S02-4.5", "S03-4.1b", "S03-2.1c"}


async def test_the_special_route_needs_approval_annotation_and_undertaking(binhai: Wiring) -> None:
    form = {"destination": "市局", "reason": "急需", **HANDS}
    none_runs = await refused(
        binhai, "p24", "open-case", {"procedure": "transfer-special", "subject": "p24", "form": form}
    )
    await cooling(binhai)
    case = await open_(binhai, "p24", "transfer-special", "p24", **form)
    bare = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    await step(binhai, "p02", case, "review", form={"result": "threat"})
    outsider = await bad(binhai, "p05", "take-step", of(case, "approve"))
    oneself = await refused(binhai, "p24", "take-step", of(case, "approve"))
    wordless = await refused(binhai, "p01", "take-step", of(case, "approve"))
    await step(binhai, "p01", case, "approve", words="危害可控，已采取措施")
    unannotated = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    noted = await binhai.office.do("p20", "annotate", {"person": "p24", "words": "重要涉密人员"})
    await sign(binhai, "p24", "move")
    await hand_over(binhai, case, "p24")
    done = await step(binhai, "p20", case, "formalities")

    assert none_runs == {"S01-13c"}
    assert bare == {"S01-13c", "S01-13d", "S01-17.7", "S01-17a", "S03-5.4b"}
    assert outsider == [("case", "unknown-id")]
    assert oneself == {"S01-13c", "S01-17a", "P-role", "P-self", "S01-16a"}
    assert wordless == {"S01-16a"}
    assert unannotated == {"S01-13c", "S01-13d", "S03-5.4b"}
    assert noted.result == {"level": "secret", "starts": "2026-03-02", "ends": "2028-03-02"}
    assert done["cooling_off_until"] == "2028-03-02"
    assert await fact_kinds(binhai, "p24", "COOLING_OFF", "ANNOTATED") == ["ANNOTATED", "COOLING_OFF"]


async def test_an_annotation_stands_to_the_end_and_follows_an_extension(binhai: Wiring) -> None:
    early = await bad(binhai, "p20", "annotate", {"person": "p24", "words": "重要"})
    await cooling(binhai)
    await binhai.office.do("p20", "annotate", {"person": "p24", "words": "重要"})
    again = await bad(binhai, "p20", "annotate", {"person": "p24", "words": "重要"})
    await binhai.office.do(
        "p01", "extend-cooling-off", {"person": "p24", "until": "2028-09-02", "reason": "涉密深"}
    )

    note = (await standing(binhai, "p24", "ANNOTATED", label=Node.PERSON))[0]
    assert early == [("person", "not-so")]
    assert again == [("person", "already-so")]
    assert (note.details["ends"], note.until) == ("2028-09-02", FOREVER)


# Resignation


async def test_nobody_resigns_while_cooling_off_but_by_the_exception(binhai: Wiring) -> None:
    await cooling(binhai)
    normal = await refused(
        binhai,
        "p24",
        "open-case",
        {"procedure": "resignation", "subject": "p24", "form": {"reason": "家庭原因", **HANDS}},
    )
    case = await open_(binhai, "p24", "resignation-exception", "p24", reason="家庭特殊原因", **HANDS)
    unreviewed = await refused(binhai, "p01", "take-step", of(case, "approve"))
    await step(binhai, "p02", case, "review", form={"result": "no-threat"})
    await step(binhai, "p01", case, "approve")
    lacking = await refused(binhai, "p20", "take-step", of(case, "formalities"))
    await binhai.office.do("p20", "annotate", {"person": "p24", "words": "重要"})
    await sign(binhai, "p24", "move")
    await hand_over(binhai, case, "p24")
    done = await step(binhai, "p20", case, "formalities")

    assert normal == {"S01-14a"}
    assert unreviewed == {"S01-14b", "S01-17.7"}
    assert lacking == {"S01-14b", "S01-13d", "S03-5.4b"}
    assert (done["state"], done["cooling_off_until"]) == ("done", "2028-03-02")


async def test_a_core_person_has_no_exception(binhai: Wiring) -> None:
    await leave(binhai, "p23")

    none = await refused(
        binhai, "p23", "open-case",
        {"procedure": "resignation-exception", "subject": "p23", "form": {"reason": "家庭特殊原因", **HANDS}},
    )  # fmt: skip

    assert none == {"S01-14c"}


async def test_a_resignation_is_refused_on_a_ground_with_its_reference(binhai: Wiring) -> None:
    case = await open_(binhai, "p24", "resignation", "p24", reason="个人原因", **HANDS)
    await step(binhai, "p02", case, "review", form={"result": "threat"})

    groundless = await bad(
        binhai, "p01", "take-step", of(case, "approve", verdict="refuse", words="国家另有规定")
    )
    unreferenced = await bad(
        binhai,
        "p01",
        "take-step",
        of(case, "approve", verdict="refuse", ground="S01-16b", words="国家另有规定"),
    )
    ended = await step(
        binhai,
        "p01",
        case,
        "approve",
        verdict="refuse",
        ground="S01-16b",
        words="国家另有规定",
        letter="人社规〔2020〕1号",
    )

    assert groundless == [("ground", "not-in-list")]
    assert unreferenced == [("letter", "missing")]
    assert ended["state"] == "refused"


# Leaving without permission


async def test_who_left_without_leave_is_urged_before_anything_else(binhai: Wiring) -> None:
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C5", "to": "p06", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )
    noted = await binhai.office.do("p02", "record-departure", {"person": "p06", "note": "三日未到岗"})
    case = noted.result["opened"][0]["case"]
    off = await why_not(binhai, "p06", "D3")
    hasty = await refused(binhai, "p01", "take-step", of(case, "settle", form={"outcome": "returned"}))
    await step(binhai, "p02", case, "urge", form={"contact": "电话劝返，未接"})
    bare = await refused(binhai, "p01", "take-step", of(case, "settle", form={"outcome": "referred"}))
    referred = await step(
        binhai, "p01", case, "settle",
        form={"outcome": "referred", "referred_to": "公安机关", "evidence": ["考勤表", "通话记录"]},
    )  # fmt: skip

    assert noted.result["holdings"] == ["C5"]
    assert off == {"S01-15a"}
    assert hasty == {"S01-15b", "S01-15c", "S01-15d"}
    assert bare == {"S01-15d"}
    assert referred["referral"]["to"] == "公安机关"
    assert referred["referral"]["evidence"] == ["考勤表", "通话记录"]
    assert referred["referral"]["contacts"][0]["contact"] == "电话劝返，未接"
    assert await why_not(binhai, "p06", "D3") == {"S01-15a"}


async def test_who_returns_is_back_and_who_resigns_goes_by_the_rules_of_resignation(binhai: Wiring) -> None:
    async def left(person: str) -> str:
        case = await open_(binhai, "p02", "departure", person, note="未到岗")
        await step(binhai, "p02", case, "urge", form={"contact": "上门"})
        return case

    back, away = await left("p06"), await left("p24")
    await step(binhai, "p01", back, "settle", form={"outcome": "returned"})
    resigned = await step(binhai, "p01", away, "settle", form={"outcome": "resigns"})

    assert await why_not(binhai, "p06", "D3") == set()
    assert [each["procedure"] for each in resigned["opened"]] == ["resignation"]
    assert await fact_kinds(binhai, "p24", "DEPARTED") == ["DEPARTED"]


# Lists


async def test_one_paper_may_serve_several_kinds(binhai: Wiring) -> None:
    paper = {"person": "p06", "undertaking": "leaving", "also": ["exit", "move"], "version": "2026版"}
    filed = await binhai.office.do("p06", "record-undertaking", paper)
    assert filed.rules == ["S01-8a", "S01-8b"]

    signed = await standing(binhai, "p06", "SIGNED", label=Node.PERSON)
    twice = await bad(binhai, "p06", "record-undertaking", {**paper, "also": ["leaving"]})
    unknown = await bad(binhai, "p06", "record-undertaking", {**paper, "also": ["exit", "handshake"]})

    kinds = {fact.details["undertaking"] for fact in signed}
    assert {"leaving", "exit", "move"} <= kinds
    assert twice == [("also", "listed-twice")]
    assert unknown == [("also[1]", "not-in-list")]


async def test_a_line_struck_from_the_list_of_a_meeting_counts_for_nobody(binhai: Wiring) -> None:
    sheet: dict[str, Any] = {
        "people": ["p05", "p06", "p07"],
        "course": "periodic",
        "topic": "年度教育",
        "struck": ["p06"],
    }
    held = await binhai.office.do("p02", "record-training", sheet)
    stranger = await bad(binhai, "p02", "record-training", {**sheet, "struck": ["p24"]})

    periodic = {
        person: [
            f
            for f in await standing(binhai, person, "TRAINED", label=Node.PERSON)
            if f.details["course"] == "periodic"
        ]
        for person in ("p05", "p06", "p07")
    }
    assert held.result == {"counted": 2}
    assert {"S01-9", "S01-17.4"} <= set(held.rules)
    assert {person: len(found) for person, found in periodic.items()} == {"p05": 1, "p06": 0, "p07": 1}
    assert stranger == [("struck[0]", "not-so")]


async def test_everyone_cleared_has_a_result_or_stands_in_the_exception_report(binhai: Wiring) -> None:
    first = await binhai.office.do("p01", "record-assessment", {
        "period": "2026", "results": [{"person": each, "result": "good"} for each in ("p02", "p03", "p04", "p05", "p06")],
    })  # fmt: skip
    second = await binhai.office.do("p20", "record-assessment", {
        "period": "2026", "results": [{"person": "p01", "result": "competent"}, {"person": "p07", "result": "poor"}],
    })  # fmt: skip
    oneself = await refused(
        binhai,
        "p01",
        "record-assessment",
        {"period": "2026", "results": [{"person": "p01", "result": "good"}]},
    )

    assert first.rules == ["S01-10a"]
    assert first.result["without"] == ["p01", "p07", "p20", "p23", "p24"]
    assert second.result["without"] == ["p20", "p23", "p24"]
    assert oneself == {"P-self"}


# What a change calls for


async def test_secret_work_without_a_vetting_stays_pending_and_opens_one(binhai: Wiring) -> None:
    await binhai.office.do("p20", "add-person", {"id": "p25", "name": "新人", "department": "yewu1"})
    started = await binhai.office.do("p20", "start-post", {"person": "p25", "post": "post-staff1"})
    task = await binhai.office.do("p05", "start-task", {"person": "p06", "task": "专项", "level": "secret"})
    ended = await binhai.office.do("p05", "end-task", {"person": "p06", "task": "专项"})

    assert started.result["pending"] == ["vetting"]
    assert [each["procedure"] for each in started.result["opened"]] == ["vetting"]
    assert [each["procedure"] for each in task.result["opened"]] == ["level-review"]
    assert "pending" not in task.result
    assert "opened" not in ended.result
    assert await bad(binhai, "p05", "end-task", {"person": "p06", "task": "专项"}) == [("task", "not-so")]


async def test_an_incident_names_who_has_known_the_item_and_who_holds_it(binhai: Wiring) -> None:
    await binhai.office.do("p05", "open-reading", {"document": "D2", "device": "T210"})
    told = await binhai.office.do(
        "p02", "open-case", {"procedure": "incident", "subject": "C2", "form": {"what": "载体不见"}}
    )
    about = await binhai.office.do(
        "p02", "open-case", {"procedure": "incident", "subject": "D2", "form": {"what": "疑似泄露"}}
    )

    assert "p05" in told.result["known"]
    assert set(told.result["possible"]) == {"p01", "p03", "p04", "p15", "p16", "p23"}
    (case,) = await CaseFile.select(CaseFile.form).where(CaseFile.id == told.result["case"])
    assert '"possible":["p01"' in case["form"]
    assert told.result["held_by"] == {"C2": ["p03"]}
    assert about.result["known"] == told.result["known"]
    assert about.result["held_by"] == {"C2": ["p03"], "C3": ["p03"]}


# Reports and regulations


async def test_the_allowance_list_holds_active_people_by_level_and_day(
    binhai: Wiring, clock: SetClock
) -> None:
    clock.put(parse("2026-03-11T09:00:00+08:00", field="clock"))
    await binhai.office.do("p20", "start-task", {"person": "p06", "task": "乙号专项", "level": "secret"})
    await review(binhai, "p06", colleague="p07")
    await leave(binhai, "p05")

    found = await Reports(binhai).allowances("p02", date(2026, 3, 1))

    mine = [
        (each.person, each.level, each.first.day, each.last.day)
        for each in found
        if each.person in ("p05", "p06", "p08")
    ]
    assert mine == [("p05", "secret", 1, 10), ("p06", "confidential", 1, 10), ("p06", "secret", 11, 31)]


async def test_an_interpretation_is_attached_to_its_clause_and_versioned(binhai: Wiring) -> None:
    note = {"rule": "S01-11b", "question": "电子件是否清退", "reading": "电子件也须清退"}
    await binhai.office.do("p01", "interpret", note)
    await binhai.office.do("p02", "interpret", {**note, "reading": "电子件删除并出具证明"})
    officer = await refused(binhai, "p05", "interpret", note)

    found = await Reports(binhai).interpretations("S01-11b")
    assert [(each["version"], each["by"], each["reading"]) for each in found] == [
        (2, "p02", "电子件删除并出具证明"), (1, "p01", "电子件也须清退"),
    ]  # fmt: skip
    assert officer == {"S01-19", "P-role"}
    assert await bad(binhai, "p01", "interpret", {**note, "rule": "S99-1"}) == [("rule", "unknown-id")]


async def test_what_binds_is_not_put_off(binhai: Wiring) -> None:
    for regulation in ("S01", "S03", "P"):
        later = {"regulation": regulation, "date": "2026-04-01"}
        assert await refused(binhai, "p01", "promulgate", later) == {"S01-20"}

    await binhai.office.do("p01", "promulgate", {"regulation": "S01", "date": "2019-10-01"})


async def test_a_regulation_binds_the_departments_it_names(binhai: Wiring) -> None:
    await binhai.office.do("p04", "add-folder", {"id": "V90", "title": "无类卷"})
    filed = {"document": "D3", "folder": "V90"}
    everywhere = await refused(binhai, "p04", "file-document", filed)
    here = {"regulation": "S07", "date": "2020-01-01", "departments": ["jiyao"]}
    await binhai.office.do("p01", "promulgate", here)
    at_home = await refused(binhai, "p04", "file-document", filed)

    await binhai.office.do("p01", "promulgate", {**here, "departments": ["yewu1"]})

    assert everywhere == at_home == {"S07-3a"}
    await binhai.office.judge("p04", "file-document", filed)
    for whole in ("S01", "S02", "S03"):
        with pytest.raises(BadField) as bad:
            await binhai.office.do("p01", "promulgate", {**here, "regulation": whole})
        assert bad.value.errors[0].code == "binds-whole-unit"


async def test_a_figure_is_never_set_past_its_bound(binhai: Wiring) -> None:
    for name, value, rule in (
        ("cooling-off-ordinary", 5, "S02-10e"), ("cooling-off-important", 23, "S02-10d"), ("cooling-off-core", 35, "S02-10c"),
    ):  # fmt: skip
        assert await refused(binhai, "p01", "configure", {"parameter": name, "value": value}) == {rule}
    with pytest.raises(BadField) as unknown:
        await binhai.office.do("p01", "configure", {"parameter": "tea-break", "value": 5})
    assert unknown.value.errors[0].field == "parameter"
