"""What each act changes in the answers, and the parts of AS-01, AS-02, AS-03, AS-04 and AS-06 that registers decide."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from graph.errors import BadField
from graph.kinds import Node
from graph.times import parse, to_date_text
from storage.organisations import SetClock
from storage.tables.catalogue import Carrier, Document, File, Number, Reading, Subject
from storage.tables.kept import Task, WrappedKey
from storage.wiring import Wiring
from tests.storage.answers import readers, standing, whereabouts, why_not
from tests.storage.carriage import SLIP
from tests.storage.clearing import designate, review
from tests.storage.refusals import refused
from tests.storage.requests import HEADS, SCAN


async def row(id_: str) -> dict[str, Any]:
    found = await Subject.select().where(Subject.id == id_)
    return dict(found[0])


# Structure and people


async def test_an_outside_organisation_can_be_an_originator_and_be_renamed(binhai: Wiring) -> None:
    made = await binhai.office.do("p04", "add-organisation", {"name": "市局"})
    id_ = made.result["organisation"]

    await binhai.office.do("p20", "rename", {"subject": id_, "name": "市委办", "name_en": "City office"})
    await binhai.office.do("p04", "register-document", {
        "id": "D10", "title": "来文", "level": "confidential", "years": 10, "distribution": ["binhai"], "originator": id_,
    })  # fmt: skip

    assert {**await row(id_), "made": 0} == {
        "id": id_, "kind": "Organisation", "name": "市委办", "name_en": "City office", "parent": "", "ordering": 0,
        "void": False, "made": 0,
    }  # fmt: skip
    assert [fact.target for fact in await standing(binhai, "D10", "ORIGINATED_BY", label=Node.DOCUMENT)] == [
        id_
    ]


async def test_a_new_department_opens_what_it_is_listed_for_to_those_who_join_and_to_nobody_who_has_left(
    binhai: Wiring,
) -> None:
    await binhai.office.do("p20", "add-department", {"id": "zu", "name": "专班", "part_of": "yewu1"})
    await binhai.office.do("p20", "join", {"person": "p24", "department": "zu", "standing": "seconded"})
    joined = await readers(binhai, "D2")

    await binhai.office.do("p20", "leave-department", {"person": "p24", "department": "zu"})

    assert joined == ["p01", "p03", "p04", "p05", "p24"]
    assert await readers(binhai, "D2") == ["p01", "p03", "p04", "p05"]


async def test_whoever_joins_is_listed_at_once_and_was_not_the_day_before(
    binhai: Wiring, clock: SetClock
) -> None:
    clock.put(parse("2026-03-03T09:00:00+08:00", field="clock"))

    outcome = await binhai.office.do("p20", "join", {"person": "p24", "department": "yewu1"})

    assert outcome.result == {"scope_event": "yewu1"}
    assert "p24" in await readers(binhai, "D2")
    assert "p24" not in await readers(binhai, "D2", at="2026-03-02")


async def test_a_new_person_is_known_by_name_pinyin_and_number_and_knows_nothing_yet(binhai: Wiring) -> None:
    outcome = await binhai.office.do("p20", "add-person", {
        "name": "王芳", "staff_number": "2001", "sex": "女", "department": "yewu1", "ordering": 7,
    })  # fmt: skip
    person = outcome.result["person"]

    rows = await binhai.database.run(
        "SELECT pinyin, initials, staff_number FROM person WHERE id = {}", person
    )
    assert rows == [{"pinyin": "wangfang", "initials": "wf", "staff_number": "2001"}]
    assert await why_not(binhai, person, "D2") == {"S01-3c", "S02-4.5", "S01-7a", "S01-8a"}


async def test_each_step_of_taking_somebody_on_takes_one_reason_away(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p20", "add-person", {"id": "p30", "name": "王芳", "department": "jiyao"})
    await office.do("p20", "start-task", {"person": "p30", "task": "乙号专项", "level": "secret"})
    await office.do("p01", "appoint", {"person": "p04", "role": "HEAD_OF", "over": "jiyao"})
    await office.do(
        "p01", "set-range", {"document": "D2", "members": ["p01", "p03", "p04", "yewu1", "jiyao"]}
    )
    steps: list[tuple[str, str, dict[str, Any]]] = [
        (
            "p01",
            "record-vetting",
            {"person": "p30", "conclusion": "passed", "heads": HEADS, "record": "审字第30号"},
        ),
        ("p30", "record-undertaking", {"person": "p30", "undertaking": "entry", "version": "2026版"}),
        ("p02", "record-training", {"people": ["p30"], "course": "induction", "topic": "上岗前教育"}),
    ]

    left = [await why_not(binhai, "p30", "D2")]
    for actor, act, params in steps:
        await office.do(actor, act, params)
        left.append(await why_not(binhai, "p30", "D2"))
        if act == "record-vetting":
            await designate(binhai, "p30", opener="p23", head="p04", unit="jiyao")
            left.append(await why_not(binhai, "p30", "D2"))

    assert left == [
        {"S01-3c", "S02-4.5", "S01-7a", "S01-8a", "S02-8b", "S02-7"},
        {"S01-3c", "S02-4.5", "S01-8a", "S02-8b", "S02-7"},
        {"S01-8a", "S02-8b", "S02-7"},
        {"S02-7"},
        set(),
    ]
    assert "p30" in await readers(binhai, "D2")


async def test_a_failed_vetting_takes_somebody_off_and_a_later_one_puts_them_back(binhai: Wiring) -> None:
    failed = {"person": "p05", "conclusion": "failed", "heads": HEADS, "record": "审字第55号"}
    await binhai.office.do("p01", "record-vetting", failed)
    while_failed = await why_not(binhai, "p05", "D2")

    await binhai.office.do("p20", "record-vetting", {**failed, "conclusion": "passed"})

    assert while_failed == {"S01-7a"}
    assert await why_not(binhai, "p05", "D2") == set()


async def test_a_lowered_clearance_shuts_at_once_and_both_levels_stay_in_history(
    binhai: Wiring, clock: SetClock
) -> None:
    signed = {"person": "p07", "undertaking": "in_post", "version": "2026版"}
    await binhai.office.do("p07", "record-undertaking", signed)
    clock.put(parse("2026-03-03T09:00:00+08:00", field="clock"))

    await review(binhai, "p07")

    assert await why_not(binhai, "p07", "D2") == {"S01-3c", "S02-4.5"}
    assert await why_not(binhai, "p07", "D2", at="2026-03-02") == set()
    assert await why_not(binhai, "p07", "D3") == set()


async def test_a_withdrawn_clearance_leaves_no_state_secret_open(binhai: Wiring) -> None:
    await binhai.office.do("p20", "join", {"person": "p24", "department": "yewu1"})
    before = await why_not(binhai, "p24", "D3")

    await review(binhai, "p24")

    assert before == set()
    assert await why_not(binhai, "p24", "D3") == {"S01-3c", "S02-4.5"}


TAKEN_OVER = {"person": "p08", "level": "secret", "basis": "审批表第8号", "dated": "2025-06-30", "occurred_at": "2026-01-01",
              "late": "启用时接管"}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"dated": "2026-01-02"}, ("dated", "after-opening")),
        ({"dated": "上半年"}, ("dated", "not-a-date")),
        ({"person": "p06", "level": "top-secret"}, ("person", "already-so")),
    ],
)
async def test_only_a_level_that_stood_before_on_paper_is_taken_over(
    changed: dict[str, Any], code: tuple[str, str], binhai: Wiring
) -> None:
    with pytest.raises(BadField) as bad:
        await binhai.office.do("p01", "record-clearance", TAKEN_OVER | changed)

    assert (bad.value.errors[0].field, bad.value.errors[0].code) == code


async def test_after_the_opening_no_level_is_set_past_designation_and_review(
    binhai: Wiring, clock: SetClock
) -> None:
    later = await refused(binhai, "p01", "record-clearance", TAKEN_OVER | {"occurred_at": "2026-01-02"})
    clock.put(parse("2026-04-02T09:00:00+08:00", field="clock"))
    too_late = await refused(binhai, "p01", "record-clearance", TAKEN_OVER)
    await binhai.office.do("p01", "configure", {"parameter": "takeover", "value": 120})

    taken = await binhai.office.do("p01", "record-clearance", TAKEN_OVER)

    assert later == too_late == {"S01-5b", "S01-6b"}
    assert taken.rules == ["S01-5c", "S01-17.2"]
    assert [fact.target for fact in await standing(binhai, "p08", "CLEARED_TO", label=Node.PERSON)] == [
        "secret"
    ]


async def test_p07_signs_and_is_listed_at_once(binhai: Wiring) -> None:
    assert await why_not(binhai, "p07", "D2") == {"S01-8a"}

    await binhai.office.do(
        "p07",
        "record-undertaking",
        {"person": "p07", "undertaking": "in_post", "version": "2026版", "years": 1},
    )

    assert "p07" in await readers(binhai, "D2")


async def test_an_undertaking_is_countersigned_from_the_day_it_was_signed(
    binhai: Wiring, clock: SetClock
) -> None:
    signed = {"person": "p07", "undertaking": "in_post", "version": "2026版", "years": 1}
    await binhai.office.do("p07", "record-undertaking", signed)
    clock.put(parse("2026-03-05T09:00:00+08:00", field="clock"))
    by = {"person": "p07", "undertaking": "in_post"}

    themselves = await refused(binhai, "p02", "countersign-undertaking", {**by, "person": "p02"})
    stranger = await refused(binhai, "p05", "countersign-undertaking", by)
    outcome = await binhai.office.do("p20", "countersign-undertaking", by)
    with pytest.raises(BadField) as twice:
        await binhai.office.do("p01", "countersign-undertaking", by)

    (fact,) = [
        each
        for each in await standing(binhai, "p07", "SIGNED", label=Node.PERSON)
        if each.details["undertaking"] == "in_post"
    ]
    assert (themselves, stranger) == ({"P-self"}, {"S01-8b", "P-role"})
    assert outcome.rules == ["S01-8b", "S01-17.3"]
    assert fact.details == {
        "undertaking": "in_post",
        "version": "2026版",
        "proof": "own",
        "countersigned_by": "p20",
    }
    assert (to_date_text(fact.since), to_date_text(fact.until)) == ("2026-03-02", "2027-03-02")
    assert twice.value.errors[0].code == "already-so"


async def test_an_undertaking_for_a_time_ends_with_it(binhai: Wiring, clock: SetClock) -> None:
    await binhai.office.do(
        "p07",
        "record-undertaking",
        {"person": "p07", "undertaking": "in_post", "version": "2026版", "years": 1},
    )

    clock.put(parse("2027-03-02T00:00:00+08:00", field="clock"))

    assert await why_not(binhai, "p07", "D2", at="2027-03-01") == set()
    assert await why_not(binhai, "p07", "D2") == {"S01-8a"}


async def test_whoever_takes_a_post_owes_the_undertaking_of_the_post(binhai: Wiring) -> None:
    await binhai.office.do("p20", "join", {"person": "p24", "department": "yewu1"})
    assert await why_not(binhai, "p24", "D2") == set()

    await binhai.office.do("p20", "start-post", {"person": "p24", "post": "post-staff1"})

    assert await why_not(binhai, "p24", "D2") == set()
    assert [f.target for f in await standing(binhai, "p24", "HOLDS_POST", label=Node.PERSON)] == [
        "post-staff1"
    ]


async def test_a_role_is_given_and_taken_and_only_while_it_is_held_are_its_acts_ones_own(
    binhai: Wiring,
) -> None:
    folder = {"title": "新卷"}
    assert await refused(binhai, "p24", "add-folder", folder) == {"P-role"}

    await binhai.office.do("p01", "appoint", {"person": "p24", "role": "ARCHIVIST_OF"})
    await binhai.office.do("p24", "add-folder", folder)
    await binhai.office.do("p20", "relieve", {"person": "p24", "role": "ARCHIVIST_OF"})

    assert await refused(binhai, "p24", "add-folder", folder) == {"P-role"}


async def test_a_member_of_the_leading_group_may_have_a_seat(binhai: Wiring) -> None:
    await binhai.office.do("p01", "appoint", {"person": "p05", "role": "LEADING_GROUP_OF", "seat": "member"})

    (seat,) = await standing(binhai, "p05", "LEADING_GROUP_OF", label=Node.PERSON)
    assert seat.details == {"seat": "member"}


# Places (AS-03)


async def test_a_new_room_and_safe_take_what_they_are_accredited_for(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p02", "add-place", {"id": "R302", "name": "R302", "part_of": "lou", "secret_room": True})
    await office.do("p02", "add-container", {"id": "B2", "name": "B2", "kept_in": "R302"})
    assert await refused(binhai, "p03", "keep-carrier", {"carrier": "C1", "kept_in": "B2"}) == {"S03-5.1b"}

    await office.do("p02", "accredit", {"thing": "B2", "level": "top-secret", "certificate": "测评字第9号"})
    await office.do("p03", "keep-carrier", {"carrier": "C1", "kept_in": "B2"})

    assert await whereabouts(binhai, "C1") == (["p03"], ["B2"])


async def test_a_withdrawn_accreditation_shuts_the_safe(binhai: Wiring) -> None:
    await binhai.office.do("p02", "accredit", {"thing": "B1", "level": None, "certificate": "撤销"})

    assert await refused(binhai, "p03", "keep-carrier", {"carrier": "C1", "kept_in": "B1"}) == {"S03-5.1b"}


async def test_a_terminal_enrolled_for_a_room_opens_what_both_are_good_for(binhai: Wiring) -> None:
    key = hashlib.sha256(b"terminal").hexdigest()
    await binhai.office.do("p02", "enrol-device", {
        "id": "T9", "name": "T9", "place": "R210", "key_sha256": key, "accredited_for": "confidential", "owner": "p05",
        "serial": "ZD-9",
    })  # fmt: skip
    assert await refused(binhai, "p05", "open-reading", {"document": "D2", "device": "T9"}) == {
        "S02-15c",
        "S03-3.6",
    }

    await binhai.office.do(
        "p02", "accredit", {"thing": "T9", "level": "secret", "certificate": "测评字第5号"}
    )
    opened = await binhai.office.do("p05", "open-reading", {"document": "D2", "device": "T9"})

    assert opened.result["reading"]


async def test_s02_16a_a_terminal_is_enrolled_with_who_answers_for_it_its_level_and_its_serial(
    binhai: Wiring,
) -> None:
    device = {"id": "T9", "name": "T9", "place": "R210", "key_sha256": "9" * 64}
    told = {"accredited_for": "secret", "owner": "p05", "serial": "ZD-9"}

    for without in told:
        short = {name: value for name, value in told.items() if name != without}
        assert await refused(binhai, "p02", "enrol-device", {**device, **short}) == {"S02-16a"}
    await binhai.office.do("p02", "enrol-device", {**device, **told})

    facts = await standing(binhai, "T9", "ENROLLED_AT", "ANSWERS_FOR", "ACCREDITED_FOR", label=Node.DEVICE)
    assert [(fact.kind, fact.source) for fact in facts if fact.kind == "ANSWERS_FOR"] == [
        ("ANSWERS_FOR", "p05")
    ]


async def test_s02_15b_an_imported_terminal_is_checked_before_it_is_enrolled(binhai: Wiring) -> None:
    device = {
        "id": "T9", "name": "T9", "place": "R210", "key_sha256": "9" * 64, "accredited_for": "secret", "owner": "p05",
        "serial": "ZD-9", "imported": True,
    }  # fmt: skip

    assert await refused(binhai, "p02", "enrol-device", device) == {"S02-15b"}
    await binhai.office.do("p02", "enrol-device", {**device, "check": "安检字第3号"})
    opened = await binhai.office.do("p05", "open-reading", {"document": "D2", "device": "T9"})

    assert opened.result["reading"]


async def test_two_terminals_have_two_keys(binhai: Wiring) -> None:
    digest = hashlib.sha256(b"terminal-r210-demo").hexdigest()
    told = {"accredited_for": "secret", "owner": "p05", "serial": "ZD-9"}
    device = {"name": "T9", "place": "R210", "key_sha256": digest, **told}

    with pytest.raises(BadField) as bad:
        await binhai.office.do("p02", "enrol-device", device)

    assert (bad.value.errors[0].field, bad.value.errors[0].code) == ("key_sha256", "number-taken")


async def test_a_key_location_without_its_control_area_takes_no_new_carrier(binhai: Wiring) -> None:
    new = {"carrier": "C2", "kept_in": "B1"}
    await binhai.office.do("p20", "change-key-unit", {"unit": "R301", "control_area": False})
    without = await refused(binhai, "p03", "keep-carrier", new)

    await binhai.office.do("p20", "change-key-unit", {"unit": "R301", "control_area": True})

    assert without == {"S02-12"}
    await binhai.office.do("p03", "keep-carrier", new)


async def test_a_key_location_without_a_principal_takes_no_new_carrier(binhai: Wiring) -> None:
    await binhai.office.do("p20", "relieve", {"person": "p01", "role": "PRINCIPAL_OF", "over": "R301"})
    without = await refused(binhai, "p03", "keep-carrier", {"carrier": "C2", "kept_in": "B1"})

    await binhai.office.do("p20", "appoint", {"person": "p01", "role": "PRINCIPAL_OF", "over": "R301"})

    assert without == {"S02-3b"}
    await binhai.office.do("p03", "keep-carrier", {"carrier": "C2", "kept_in": "B1"})


async def test_a_key_location_is_designated_with_principal_area_and_list(binhai: Wiring) -> None:
    await binhai.office.do("p20", "designate-key-unit", {
        "unit": "R210", "principal": "p05", "control_area": True, "entry_list": ["p05", "p06"],
    })  # fmt: skip

    facts = await standing(binhai, "R210", "KEY_UNIT_OF", "PRINCIPAL_OF", "MAY_ENTER", label=Node.PLACE)
    assert [(fact.kind, fact.source) for fact in facts] == [
        ("KEY_UNIT_OF", "R210"), ("MAY_ENTER", "p05"), ("MAY_ENTER", "p06"), ("PRINCIPAL_OF", "p05"),
    ]  # fmt: skip


async def test_the_entry_list_follows_who_is_admitted_and_struck_off(binhai: Wiring) -> None:
    await binhai.office.do("p02", "strike-from-list", {"person": "p04", "place": "R301"})
    await binhai.office.do("p02", "admit-to-list", {"person": "p05", "place": "R301"})

    listed = await standing(binhai, "R301", "MAY_ENTER", label=Node.PLACE)
    assert [fact.source for fact in listed] == ["p03", "p05", "p15", "p16", "p23"]


async def test_a_principal_keeps_the_list_of_the_place_they_answer_for_and_of_no_other(
    binhai: Wiring,
) -> None:
    await binhai.office.do("p20", "designate-key-unit", {
        "unit": "R210", "principal": "p05", "control_area": True, "entry_list": ["p05"],
    })  # fmt: skip
    await binhai.office.do("p05", "admit-to-list", {"person": "p06", "place": "R210"})

    assert await refused(binhai, "p05", "admit-to-list", {"person": "p06", "place": "R301"}) == {
        "S02-13a",
        "P-role",
    }
    assert await refused(binhai, "p05", "strike-from-list", {"person": "p04", "place": "R301"}) == {
        "S02-13a",
        "P-role",
    }


# Documents (AS-01)

D9 = {
    "id": "D9", "title": "九号通知", "level": "secret", "years": 20, "marked_from": "2026-03-01", "distribution": ["yewu1"],
    "quantity": 3,
}  # fmt: skip


async def test_a_document_is_registered_with_its_mark_its_expiry_and_the_next_number(binhai: Wiring) -> None:
    without = await refused(binhai, "p04", "register-document", {k: v for k, v in D9.items() if k != "years"})

    outcome = await binhai.office.do("p04", "register-document", D9)

    (document,) = await Document.select().where(Document.id == "D9")
    assert without == {"S03-2.1b"}
    assert outcome.result["expires"] == "2046-03-01"
    assert outcome.result["receipt"] == "机收〔2026〕004"
    assert (document["level"], document["years"], document["expires"], document["receipt"], document["registered_by"]) == (
        "secret", 20, "2046-03-01", "机收〔2026〕004", "p04",
    )  # fmt: skip


async def test_a_refused_registration_spoils_no_number(binhai: Wiring) -> None:
    await refused(binhai, "p04", "register-document", {**D9, "level": None})
    await binhai.office.do("p04", "register-document", D9)
    await refused(binhai, "p04", "register-document", {**D9, "id": "D10", "distribution": []})

    second = await binhai.office.do("p04", "register-document", {**D9, "id": "D10"})

    assert second.result["receipt"] == "机收〔2026〕005"
    assert [each["n"] for each in await Number.select().order_by(Number.n)] == [1, 2, 3, 4, 5]


async def test_numbers_begin_again_with_the_year_of_receipt(binhai: Wiring, clock: SetClock) -> None:
    clock.put(parse("2027-01-04T09:00:00+08:00", field="clock"))

    received = await binhai.office.do("p04", "register-document", {**D9, "drafted": "2026-12-28"})
    late = await binhai.office.do(
        "p04", "register-document", {**D9, "id": "D10", "occurred_at": "2026-12-31", "late": "元旦后补登"}
    )

    assert received.result["receipt"] == "机收〔2027〕001"
    assert late.result["receipt"] == "机收〔2026〕004"


async def test_a_document_for_good_has_no_expiry_and_an_internal_one_needs_no_mark(binhai: Wiring) -> None:
    lasting = await binhai.office.do("p04", "register-document", {**D9, "years": None, "permanent": True})
    internal = await binhai.office.do(
        "p04", "register-document", {"id": "K1", "title": "客户名册", "level": "internal"}
    )

    assert lasting.result["expires"] == ""
    assert internal.rules == ["S01-2b"]


async def test_serials_are_given_once_and_no_more_than_were_made(binhai: Wiring) -> None:
    await binhai.office.do("p04", "register-document", D9)
    batch = {"document": "D9", "kept_in": "B1"}

    twice = await refused(binhai, "p04", "register-carriers", {**batch, "serials": ["001", "002", "002"]})
    made = await binhai.office.do("p04", "register-carriers", {**batch, "serials": ["001–003"]})
    fourth = await refused(binhai, "p04", "register-carriers", {**batch, "serials": ["004"]})

    assert twice == {"S03-2.1e"}
    assert [each["serial"] for each in made.result["carriers"]] == ["001", "002", "003"]
    assert fourth == {"S03-2.1d"}


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        (["000012–000014"], ["000012", "000013", "000014"]),
        (["000012-000013", "000020"], ["000012", "000013", "000020"]),
        (["００００１２～００００１３"], ["000012", "000013"]),
        (["A001 至 A003"], ["A001", "A002", "A003"]),
        ([" 007 "], ["007"]),
    ],
)
async def test_serials_typed_as_a_span_are_spelled_out_with_their_zeros(
    typed: list[str], spelled: list[str], binhai: Wiring
) -> None:
    await binhai.office.do("p04", "register-document", D9)

    made = await binhai.office.do(
        "p04", "register-carriers", {"document": "D9", "serials": typed, "kept_in": "B1"}
    )

    rows = await Carrier.select(Carrier.serial).where(Carrier.document == "D9").order_by(Carrier.serial)
    assert [each["serial"] for each in made.result["carriers"]] == spelled
    assert [each["serial"] for each in rows] == spelled


async def test_confidential_carriers_may_go_without_a_serial(binhai: Wiring) -> None:
    await binhai.office.do("p04", "register-document", {**D9, "level": "confidential"})

    made = await binhai.office.do("p04", "register-carriers", {"document": "D9", "count": 2, "kept_in": "B1"})

    assert [each["serial"] for each in made.result["carriers"]] == [None, None]


async def test_before_the_leader_sets_the_range_nobody_reads(binhai: Wiring) -> None:
    await binhai.office.do("p04", "register-document", D9)
    before = await why_not(binhai, "p05", "D9")

    await binhai.office.do("p01", "set-range", {"document": "D9", "members": ["yewu1"]})

    assert before == {"S03-4.1a"}
    assert await readers(binhai, "D9") == ["p05"]


async def test_a_range_set_anew_takes_off_whom_it_does_not_name(binhai: Wiring) -> None:
    await binhai.office.do("p01", "set-range", {"document": "D2", "members": ["p01", "p05"]})

    assert await readers(binhai, "D2") == ["p01", "p05"]
    assert await readers(binhai, "D2", at="2026-03-01") == ["p01", "p03", "p04", "p05"]


async def test_a_narrowed_range_shuts_at_once(binhai: Wiring) -> None:
    await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["p04", "yewu1"]})

    assert await readers(binhai, "D2") == ["p01", "p03"]
    assert await why_not(binhai, "p04", "D2") == {"S03-4.1b"}


async def test_an_exclusion_beats_the_listing_until_it_is_lifted(binhai: Wiring) -> None:
    await binhai.office.do("p01", "exclude", {"document": "D2", "who": "p05", "reason": "回避"})
    excluded = await why_not(binhai, "p05", "D2")

    await binhai.office.do(
        "p01", "exclude", {"document": "D2", "who": "p05", "reason": "回避事由消失", "lift": True}
    )

    assert excluded == {"S02-4.5"}
    assert await why_not(binhai, "p05", "D2") == set()


async def test_a_granted_reading_opens_an_internal_item_to_its_day(binhai: Wiring, clock: SetClock) -> None:
    await binhai.office.do("p04", "register-document", {"id": "K1", "title": "客户名册", "level": "internal"})
    await binhai.office.do("p01", "set-range", {"document": "K1", "members": ["kefu"]})
    before = await why_not(binhai, "p22", "K1")

    await binhai.office.do(
        "p01",
        "grant-reading",
        {"document": "K1", "person": "p22", "until": "2026-03-09", "purpose": "合同核对"},
    )
    granted = await readers(binhai, "K1")
    clock.put(parse("2026-03-10T00:00:00+08:00", field="clock"))

    assert before == {"S17-2.4a", "S17-2.4c"}
    assert granted == ["p08", "p09", "p22"]
    assert await readers(binhai, "K1") == ["p08", "p09"]


async def test_a_document_lies_in_one_folder(binhai: Wiring) -> None:
    made = await binhai.office.do("p04", "add-folder", {"title": "2026年通报", "code": "1.2", "parent": "V1"})
    folder = made.result["folder"]

    await binhai.office.do("p04", "file-document", {"document": "D2", "folder": folder})

    assert [f.target for f in await standing(binhai, "D2", "FILED_IN", label=Node.DOCUMENT)] == [folder]
    assert (await Document.select(Document.folder).where(Document.id == "D2"))[0]["folder"] == folder


# Carriers and copies (AS-06)


async def test_a_carrier_has_one_holder_and_one_place_and_on_loan_no_place(binhai: Wiring) -> None:
    stages = [await whereabouts(binhai, "C2")]
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )
    stages.append(await whereabouts(binhai, "C2"))

    await binhai.office.do("p23", "return-carrier", {"carrier": "C2", "kept_in": "R301"})

    stages.append(await whereabouts(binhai, "C2"))
    assert stages == [(["p03"], ["B1"]), (["p05"], []), (["p23"], ["R301"])]


async def test_a_lent_carrier_is_put_nowhere_until_it_is_returned(binhai: Wiring) -> None:
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )

    with pytest.raises(BadField) as bad:
        await binhai.office.do("p03", "keep-carrier", {"carrier": "C2", "kept_in": "B1"})

    assert bad.value.errors[0].code == "already-lent"
    assert await whereabouts(binhai, "C2") == (["p05"], [])


async def test_custody_is_entered_in_the_order_it_happened(binhai: Wiring, clock: SetClock) -> None:
    clock.put(parse("2026-03-02T12:00:00+08:00", field="clock"))
    await binhai.office.do(
        "p03",
        "keep-carrier",
        {"carrier": "C2", "kept_in": "R301", "occurred_at": "2026-03-02T11:00:00+08:00"},
    )

    with pytest.raises(BadField) as bad:
        await binhai.office.do(
            "p03",
            "keep-carrier",
            {"carrier": "C2", "kept_in": "B1", "occurred_at": "2026-03-02T10:00:00+08:00"},
        )

    assert (bad.value.errors[0].field, bad.value.errors[0].code) == ("occurred_at", "dates-backwards")
    assert await whereabouts(binhai, "C2") == (["p03"], ["R301"])


@pytest.mark.parametrize(
    ("actor", "act", "params"),
    [
        ("p03", "keep-carrier", {"carrier": "C2", "kept_in": "B1"}),
        ("p04", "register-carriers", {"document": "D2", "count": 1, "kept_in": "B1"}),
        ("p01", "set-range", {"document": "D2", "members": ["p05"]}),
    ],
)
async def test_nothing_happens_to_a_document_or_a_carrier_before_it_was_there(
    actor: str, act: str, params: dict[str, Any], binhai: Wiring
) -> None:
    early = {"occurred_at": "2026-02-27T09:00:00+08:00", "late": "补登"}

    with pytest.raises(BadField) as bad:
        await binhai.office.do(actor, act, {**params, **early})

    assert (bad.value.errors[0].field, bad.value.errors[0].code) == ("occurred_at", "dates-backwards")


async def test_an_approved_copy_is_a_carrier_like_its_original(binhai: Wiring) -> None:
    copy = {"carrier": "C2", "serial": "复-001", "kept_in": "B1"}
    without = await refused(binhai, "p04", "register-copy", copy)
    await binhai.office.do(
        "p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": "p04", "slip": "复批1"}
    )

    made = await binhai.office.do("p04", "register-copy", {**copy, "id": "C6"})
    second = await refused(binhai, "p04", "register-copy", {**copy, "serial": "复-002"})

    assert without == {"S03-4.5.2", "S03-4.5.4a"}
    assert made.result == {"carrier": "C6", "document": "D2"}
    assert await whereabouts(binhai, "C6") == (["p03"], ["B1"])
    assert await refused(binhai, "p03", "lend-carrier", {"carrier": "C6", "to": "p06", "due": "2026-03-06", "purpose": "核对", "signed": SLIP}) == {
        "S01-3c", "S02-4.5", "S03-4.5.4b",
    }  # fmt: skip
    assert second == {"S03-4.5.4a"}


async def test_a_scan_approval_is_none_for_copying_and_a_used_one_none_for_a_later_copy(
    binhai: Wiring, clock: SetClock
) -> None:
    await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    by_scan = await refused(
        binhai, "p04", "register-copy", {"carrier": "C2", "serial": "复-001", "kept_in": "B1"}
    )
    await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": "p04"})
    await binhai.office.do("p04", "register-copy", {"carrier": "C2", "serial": "复-001", "kept_in": "B1"})
    clock.put(parse("2026-04-10T09:00:00+08:00", field="clock"))
    expired = await refused(
        binhai, "p04", "register-copy", {"carrier": "C2", "serial": "复-002", "kept_in": "B1"}
    )

    await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": "p04"})
    await binhai.office.do("p04", "register-copy", {"carrier": "C2", "serial": "复-002", "kept_in": "B1"})

    assert by_scan == expired == {"S03-4.5.2", "S03-4.5.4a"}


async def test_two_people_each_make_the_copy_they_were_allowed(binhai: Wiring) -> None:
    for person in ("p04", "p23"):
        await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": person})

    for serial, person in (("复-001", "p04"), ("复-002", "p23")):
        await binhai.office.do(person, "register-copy", {"carrier": "C2", "serial": serial, "kept_in": "B1"})

    assert await Carrier.count().where(Carrier.copy_of == "C2") == 2


async def test_copying_top_secret_is_the_originators_to_allow(binhai: Wiring) -> None:
    own = await refused(binhai, "p01", "approve-copy", {"carrier": "C1", "mode": "scan", "person": "p04"})
    letter = {
        "carrier": "C1",
        "mode": "scan",
        "person": "p04",
        "authority": "originator",
        "letter": "省委办函〔2026〕8号",
    }

    approved = await binhai.office.do("p01", "approve-copy", letter)
    scan = await refused(binhai, "p04", "stage-scan", {"carrier": "C1", "file": "fl-c1", **SCAN})

    assert own == {"S03-4.5.1"}
    assert approved.rules == ["S03-4.5.1"]
    assert scan == {"S02-15c", "S03-3.6"}


async def test_copying_top_secret_is_not_approved_on_paper(binhai: Wiring) -> None:
    request = {
        "carrier": "C1", "mode": "copy", "person": "p04", "authority": "superior", "letter": "上级函1号",
        "decision": {"by": "p01", "proof": "paper", "paper": {"number": "1", "date": "2026-03-01", "scan": "fl-1"}},
    }  # fmt: skip

    assert await refused(binhai, "p04", "approve-copy", request) == {"S03-4.5.1"}


async def test_what_the_originator_forbids_nobody_approves(binhai: Wiring) -> None:
    await binhai.office.do(
        "p04", "register-document", {**D9, "copying": "forbidden", "originator": "shengju"}
    )
    await binhai.office.do(
        "p04", "register-carriers", {"document": "D9", "serials": ["001"], "kept_in": "B1", "ids": ["C9"]}
    )

    for authority in ("leader", "originator"):
        request = {"carrier": "C9", "mode": "scan", "person": "p04", "authority": authority, "letter": "函"}
        assert await refused(binhai, "p01", "approve-copy", request) == {"S03-4.5.2"}


async def test_a_scan_without_approval_is_refused_and_an_approved_one_is_a_carrier_from_its_first_byte(
    binhai: Wiring,
) -> None:
    scan = {"carrier": "C2", "file": "fl-c2", **SCAN}
    without = await refused(binhai, "p04", "stage-scan", scan)
    await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})

    staged = await binhai.office.do("p04", "stage-scan", scan)
    carrier = staged.result["carrier"]

    assert without == {"S03-4.5.2"}
    assert await whereabouts(binhai, carrier) == (["p03"], ["store"])
    assert (await Carrier.select(Carrier.state).where(Carrier.id == carrier))[0]["state"] == "staged"


async def test_an_accepted_scan_gives_the_workers_something_to_do(binhai: Wiring) -> None:
    await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    staged = await binhai.office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-c2", **SCAN})

    await binhai.office.do("p04", "accept-scan", {"file": "fl-c2", "serial": "电-001"})

    (carrier,) = await Carrier.select().where(Carrier.id == staged.result["carrier"])
    assert (carrier["state"], carrier["serial"]) == ("present", "电-001")
    assert (await File.select(File.state).where(File.id == "fl-c2"))[0]["state"] == "accepted"
    assert sorted(task["kind"] for task in await Task.select().where(Task.subject == "fl-c2")) == [
        "preview",
        "text",
    ]


async def test_a_rejected_scan_is_destroyed_with_its_key(binhai: Wiring) -> None:
    await binhai.office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    staged = await binhai.office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-c2", **SCAN})
    await WrappedKey.insert(WrappedKey(file="fl-c2", wrapped="wrapped"))

    rejected = await binhai.office.do("p04", "reject-scan", {"file": "fl-c2", "reason": "第3页缺角"})

    assert rejected.result["certificate"] == "扫销〔2026〕001"
    assert rejected.result["no_backup_after"] == "2026-04-01"
    (key,) = await WrappedKey.select().where(WrappedKey.file == "fl-c2")
    assert key["wrapped"] == ""
    assert key["destroyed_at"] > 0
    assert await whereabouts(binhai, staged.result["carrier"]) == ([], [])
    with pytest.raises(BadField) as bad:
        await binhai.office.do("p03", "keep-carrier", {"carrier": staged.result["carrier"], "kept_in": "B1"})
    assert bad.value.errors[0].code == "destroyed"


# Readings


async def test_an_opening_is_entered_and_who_has_known_stays_known(binhai: Wiring) -> None:
    opened = await binhai.office.do("p05", "open-reading", {"document": "D2", "device": "T210"})

    (reading,) = await Reading.select().where(Reading.id == opened.result["reading"])
    known = await standing(binhai, "D2", "HAS_KNOWN", label=Node.DOCUMENT)
    assert (reading["person"], reading["document"], reading["device"], reading["mode"]) == (
        "p05",
        "D2",
        "T210",
        "read",
    )
    assert [(fact.source, fact.details) for fact in known] == [
        ("p05", {"mode": "read", "reading": reading["id"]})
    ]


async def test_the_security_officer_sees_the_paths_and_not_the_content(binhai: Wiring) -> None:
    before = await binhai.ledger.last()

    rules = await refused(binhai, "p02", "open-reading", {"document": "D1", "device": "T301"})

    assert {"S03-4.1b", "S03-4.1c"} <= rules
    assert await binhai.ledger.last() == before
    known = await standing(binhai, "D1", "HAS_KNOWN", label=Node.DOCUMENT)
    assert {(fact.source, fact.details["mode"]) for fact in known} == {("p03", "handled")}
