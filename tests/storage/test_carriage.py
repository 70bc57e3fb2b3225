"""Carriers made, sent, carried, read, relayed, compiled, counted, handed over and destroyed: what each act moves and refuses.

Tests are named by the rule they hold (S03-4.1d: S03_4_1d).
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from graph.errors import BadField, Refused
from graph.kinds import Node
from graph.times import parse
from storage.duties import Duties
from storage.organisations import SetClock
from storage.tables.catalogue import Carrier, CaseFile, Document, Errand, File
from storage.tables.kept import Task, WrappedKey
from storage.wiring import Wiring
from tests.storage.answers import readers, standing, whereabouts
from tests.storage.carriage import SLIP
from tests.storage.refusals import refused
from tests.storage.requests import SCAN

SENT = {
    "to": "shengju", "channel": "confidential-transport", "vehicle": "机要专车", "route": "市区直达",
    "packing": {"kind": "envelope", "sealed": True, "opaque": True, "stitched": True, "flap_sealed": True, "seam_sealed": True},
}  # fmt: skip


async def knowers(wiring: Wiring, document: str) -> set[tuple[str, str]]:
    """Who is recorded as having known a document, and how."""
    facts = await standing(wiring, document, "HAS_KNOWN", label=Node.DOCUMENT)
    return {(fact.source, str(fact.details["mode"])) for fact in facts}


async def state(carrier: str) -> str:
    return str((await Carrier.select(Carrier.state).where(Carrier.id == carrier))[0]["state"])


async def incident(result: dict[str, Any]) -> list[str]:
    """The rules an incident was opened for."""
    rows = await CaseFile.select().where(CaseFile.id == result["incident"])
    assert rows[0]["procedure"] == "incident"

    return list(msgspec.json.decode(rows[0]["form"])["broken"])


async def overdue(wiring: Wiring) -> set[tuple[str, str]]:
    return {(duty.rule, duty.subject) for duty in await Duties(wiring.questions).owed() if duty.overdue}


# Marks and making


async def test_s03_1_1_a_medium_is_of_the_list_and_a_document_has_many_carriers(binhai: Wiring) -> None:
    """S03-1.1: paper, disk, floppy, tape and disc are carriers, and several may bear one document."""
    document = {
        "id": "D9",
        "title": "录音",
        "level": "secret",
        "years": 5,
        "distribution": ["binhai"],
        "quantity": 3,
    }
    await binhai.office.do("p04", "register-document", document)

    for n, medium in enumerate(("audio-tape", "optical-disc", "floppy"), 1):
        carrier = {"document": "D9", "serials": [f"00{n}"], "medium": medium, "kept_in": "B1"}
        await binhai.office.do("p04", "register-carriers", carrier)
    with pytest.raises(BadField) as error:
        await binhai.office.do(
            "p04", "register-carriers", {"document": "D9", "serials": ["4"], "medium": "stone"}
        )

    assert await Carrier.count().where(Carrier.document == "D9") == 3
    assert [each.field for each in error.value.errors] == ["medium"]


async def test_s03_2_1b_a_period_that_has_run_out_is_reviewed_and_never_ends_by_itself(
    binhai: Wiring, clock: SetClock
) -> None:
    short = {"id": "D9", "title": "短期", "level": "secret", "years": 1, "distribution": ["binhai"]}
    await binhai.office.do("p04", "register-document", short)
    before = await overdue(binhai)

    clock.put(parse("2027-03-02T09:00:00+08:00", field="clock"))

    assert ("S03-2.1b", "D9") not in before
    assert ("S03-2.1b", "D9") in await overdue(binhai)
    assert [fact.target for fact in await standing(binhai, "D9", "CLASSIFIED_AS", label=Node.DOCUMENT)] == [
        "secret"
    ]


@pytest.mark.parametrize(
    ("outcome", "level", "period", "expires"),
    [
        ("keep", "secret", {"years": 3}, "2030-03-02"),
        ("keep", "secret", {"permanent": True}, ""),
        ("lower", "confidential", {"years": 2}, "2029-03-02"),
        ("declassify", "internal", {}, ""),
    ],
)
async def test_s03_2_1b_the_outcome_of_a_review_is_recorded_and_it_is_owed_no_longer(
    binhai: Wiring, clock: SetClock, outcome: str, level: str, period: dict[str, Any], expires: str
) -> None:
    short = {"id": "D9", "title": "短期", "level": "secret", "years": 1, "distribution": ["binhai"]}
    await binhai.office.do("p04", "register-document", short)
    clock.put(parse("2027-03-02T09:00:00+08:00", field="clock"))
    sent = {"document": "D9", "outcome": outcome, **period}

    made = await binhai.office.do(
        "p01", "review-period", sent | ({"level": level} if outcome == "lower" else {})
    )

    row = (await Document.select().where(Document.id == "D9"))[0]
    assert (row["level"], row["expires"], made.result["level"]) == (level, expires, level)
    assert ("S03-2.1b", "D9") not in await overdue(binhai)
    assert [fact.target for fact in await standing(binhai, "D9", "CLASSIFIED_AS", label=Node.DOCUMENT)] == [
        level
    ]


async def test_s03_2_1b_a_review_never_raises_and_others_marks_are_theirs(binhai: Wiring) -> None:
    lower = {"document": "D2", "outcome": "lower", "level": "confidential", "years": 5}

    assert await refused(binhai, "p01", "review-period", lower) == {"S03-2.1b"}
    assert await refused(binhai, "p04", "review-period", lower) == {"S03-2.1b"}
    agreed = {**lower, "consents": [{"originator": "shengju", "letter": "省局函3号"}]}
    await binhai.office.do("p01", "review-period", agreed)
    assert await refused(binhai, "p01", "review-period", {**agreed, "level": "top-secret"}) == {"S03-2.1b"}
    assert await refused(
        binhai, "p01", "review-period", {**agreed, "outcome": "keep", "level": None, "years": None}
    ) == {"S03-2.1b"}
    with pytest.raises(BadField):
        await binhai.office.do("p01", "review-period", {**agreed, "outcome": "keep"})


async def test_s03_2_2_to_2_5b_a_place_and_its_devices_are_approved_before_anything_is_made(
    binhai: Wiring,
) -> None:
    paper = {"document": "D2", "place": "R301", "devices": ["T301"], "made": 2}
    disc = {**paper, "medium": "optical-disc", "place": "shengju"}

    assert await refused(binhai, "p04", "record-production", paper) == {"S03-2.2", "S03-2.5b"}
    assert await refused(binhai, "p04", "record-production", disc) == {"S03-2.3", "S03-2.5a", "S03-2.5b"}
    await binhai.office.do(
        "p02", "approve-maker", {"maker": "R301", "media": "paper", "certificate": "文印室"}
    )
    await binhai.office.do("p02", "record-shielding", {"device": "T301", "certificate": "检测1号"})
    made = await binhai.office.do("p04", "record-production", paper)
    await binhai.office.do(
        "p02", "record-shielding", {"device": "T301", "certificate": "检测1号", "end": True}
    )

    assert {"S03-2.2", "S03-2.5a", "S03-2.5b"} <= set(made.rules)
    assert await refused(binhai, "p04", "record-production", paper) == {"S03-2.5b"}


async def test_s03_2_4_by_products_owe_their_destruction_and_nothing_else_closes_it(
    binhai: Wiring, clock: SetClock
) -> None:
    await binhai.office.do(
        "p02", "approve-maker", {"maker": "R301", "media": "paper", "certificate": "文印室"}
    )
    made = {"id": "BP1", "document": "D2", "place": "R301", "made": 2, "by_products": 3}
    await binhai.office.do("p04", "record-production", made)

    clock.put(parse("2026-03-09T23:59:00+08:00", field="clock"))
    in_time = await overdue(binhai)
    clock.put(parse("2026-03-10T00:00:01+08:00", field="clock"))
    late = await overdue(binhai)
    await binhai.office.do("p02", "register-equipment", {
        "id": "SH1", "name": "碎纸机", "serial": "SZ-1", "level": "secret", "owner": "p23", "location": "R301",
    })  # fmt: skip
    await binhai.office.do("p02", "approve-destroyer", {"thing": "SH1", "certificate": "销1号"})
    await binhai.office.do(
        "p03", "request-destruction", {"id": "DE1", "by_products": ["BP1"], "reason": "废页"}
    )
    await binhai.office.do("p01", "approve-destruction", {"destruction": "DE1"})
    await binhai.office.do("p03", "count-destruction", {"destruction": "DE1"})
    await binhai.office.do("p03", "destroy-carriers", {
        "destruction": "DE1", "method": "shredder", "device": "SH1", "witnesses": ["p02", "p04"], "outcome": "粉碎",
    })  # fmt: skip

    assert ("S03-2.4", "BP1") not in in_time
    assert ("S03-2.4", "BP1") in late
    assert ("S03-2.4", "BP1") not in await overdue(binhai)


# Sending


async def test_s03_3_1_custody_moves_when_the_receipt_is_back_and_not_when_it_leaves(binhai: Wiring) -> None:
    sent = await binhai.office.do("p03", "send-carriers", {"id": "DP1", "carriers": ["C2"], **SENT})
    on_the_way = await whereabouts(binhai, "C2"), await state("C2")

    await binhai.office.do(
        "p03", "confirm-dispatch", {"dispatch": "DP1", "receipt": "回执1号", "signed_by": "李"}
    )

    assert on_the_way == ((["p03"], []), "present")
    assert await whereabouts(binhai, "C2") == ([], [])
    assert await state("C2") == "sent"
    assert [fact.target for fact in await standing(binhai, "C2", "SENT_TO", label=Node.CARRIER)] == [
        "shengju"
    ]
    assert sent.result["label"] == {
        "level": "机密",
        "number": "机发〔2026〕001",
        "sender": "滨海局",
        "receiver": "省局",
    }


async def test_s03_3_3b_the_label_is_written_from_the_record_and_numbers_go_on(binhai: Wiring) -> None:
    first = await binhai.office.do("p03", "send-carriers", {"carriers": ["C2"], **SENT})
    second = await binhai.office.do("p03", "send-carriers", {"carriers": ["C5"], **SENT})

    assert [each.result["label"]["number"] for each in (first, second)] == [
        "机发〔2026〕001",
        "机发〔2026〕002",
    ]
    assert [each.result["label"]["level"] for each in (first, second)] == ["机密", "秘密"]


async def test_s03_3_5_top_secret_goes_with_two_of_either_side_who_are_written_down(binhai: Wiring) -> None:
    await binhai.office.do("p20", "leave-department", {"person": "p21", "department": "xingzheng"})
    town = {**SENT, "carriers": ["C1"], "channel": "assigned-person", "same_place": True}

    assert await refused(binhai, "p03", "send-carriers", {**town, "escorts": ["p20"]}) == {"S03-3.5.3"}
    assert await refused(binhai, "p03", "send-carriers", {**town, "escorts": ["p20", "p21"]}) == {"S03-3.5.2"}
    far = {**town, "same_place": False, "escorts": ["p20", "p01"]}
    assert await refused(binhai, "p03", "send-carriers", far) == {"S03-3.5.1"}
    await binhai.office.do("p03", "send-carriers", {**town, "escorts": ["p20", "p01"]})

    assert {("p03", "handled"), ("p20", "couriered"), ("p01", "couriered")} <= await knowers(binhai, "D1")
    escorts = await standing(binhai, "C1", "ACCOMPANIED_BY", label=Node.CARRIER)
    assert [fact.target for fact in escorts] == ["p01", "p20"]


async def test_s03_3_4b_what_went_by_ordinary_post_is_entered_as_it_happened(binhai: Wiring) -> None:
    post = {**SENT, "carriers": ["C2"], "channel": "ordinary-post", "account": "误投邮筒"}
    asked = {name: value for name, value in post.items() if name != "account"}

    assert await refused(binhai, "p03", "send-carriers", asked) == {"S03-3.4a", "S03-3.4b"}
    reported = await binhai.office.do("p03", "report-dispatch", post)

    assert await incident(reported.result) == ["S03-3.4a", "S03-3.4b"]
    assert {"S03-3.4a", "S03-3.4b", "S01-18a"} <= set(reported.rules)
    assert await whereabouts(binhai, "C2") == (["p03"], [])
    with pytest.raises(BadField) as regular:
        await binhai.office.do("p03", "report-dispatch", {**SENT, "carriers": ["C3"], "account": "无"})
    assert [each.code for each in regular.value.errors] == ["nothing-irregular"]


# Reading, handling, hearing


async def test_s03_4_1d_whoever_touches_top_secret_is_written_down_and_for_secret_nobody_is(
    binhai: Wiring,
) -> None:
    lending = await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C1", "to": "p01", "due": "2026-03-06", "purpose": "阅", "signed": SLIP},
    )
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP},
    )
    lent = await knowers(binhai, "D1"), await knowers(binhai, "D2")

    await binhai.office.do("p03", "return-carrier", {"carrier": "C1", "kept_in": "B1"})
    await binhai.office.do("p23", "keep-carrier", {"carrier": "C1", "kept_in": "B1"})

    assert "S03-4.1d" in lending.rules
    assert lent == ({("p03", "handled"), ("p01", "handled")}, set())
    assert await knowers(binhai, "D1") == {("p03", "handled"), ("p01", "handled"), ("p23", "handled")}


async def test_s03_4_3a_nothing_is_handed_out_unsigned(binhai: Wiring) -> None:
    loan = {
        "carrier": "C2",
        "to": "p05",
        "due": "2026-03-06",
        "purpose": "阅",
        "signed": {"proof": "unsigned"},
    }

    assert await refused(binhai, "p03", "lend-carrier", loan) == {"S03-4.3a"}
    assert await whereabouts(binhai, "C2") == (["p03"], ["B1"])


async def test_s07_3b_a_folder_goes_round_by_its_custodian_and_each_return_is_written(binhai: Wiring) -> None:
    office = binhai.office
    await office.do(
        "p03", "circulate", {"id": "CI1", "carriers": ["C2"], "readers": ["p01", "p05"], "due": "2026-03-06"}
    )
    barred = {"carriers": ["C3"], "readers": ["p01", "p06"]}

    assert await refused(binhai, "p03", "circulate", barred) == {"S01-3c", "S02-4.5"}
    assert await refused(
        binhai, "p03", "hand-to-reader", {"circulation": "CI1", "reader": "p05", "signed": SLIP}
    ) == {"S07-3b"}
    unsigned = {"circulation": "CI1", "reader": "p01", "signed": {"proof": "unsigned"}}
    assert await refused(binhai, "p03", "hand-to-reader", unsigned) == {"S03-4.3a"}
    await office.do("p03", "hand-to-reader", {"circulation": "CI1", "reader": "p01", "signed": SLIP})
    with_reader = await whereabouts(binhai, "C2")
    back = await office.do("p03", "take-from-reader", {
        "circulation": "CI1", "reader": "p01", "kept_in": "B1", "words": "请行政办阅", "further": ["xingzheng"],
    })  # fmt: skip
    await office.do("p03", "hand-to-reader", {"circulation": "CI1", "reader": "p05", "signed": SLIP})
    called_in = await office.do(
        "p03", "take-from-reader", {"circulation": "CI1", "reader": "p05", "kept_in": "B1", "unread": True}
    )
    skipped = await office.do("p03", "skip-reader", {"circulation": "CI1", "reader": "p05", "reason": "出差"})

    assert with_reader == (["p01"], [])
    assert await whereabouts(binhai, "C2") == (["p03"], ["B1"])
    assert await knowers(binhai, "D2") == {("p01", "read")}
    assert (called_in.result["state"], skipped.result["state"]) == ("round", "over")
    wish = (await Errand.select().where(Errand.id == back.result["wishes"][0]))[0]
    assert (wish["kind"], wish["subject"], wish["state"]) == ("range-wish", "D2", "open")
    assert await readers(binhai, "D2") == ["p01", "p03", "p04", "p05"]


async def test_s03_4_1a_a_reader_who_lost_the_right_meanwhile_gets_no_leg(binhai: Wiring) -> None:
    await binhai.office.do("p03", "circulate", {"id": "CI1", "carriers": ["C2"], "readers": ["p05"]})

    await binhai.office.do("p01", "set-range", {"document": "D2", "members": ["p01"]})

    assert await refused(
        binhai, "p03", "hand-to-reader", {"circulation": "CI1", "reader": "p05", "signed": SLIP}
    ) == {"S03-4.1b"}


async def test_s03_4_3b_a_folder_passed_from_hand_to_hand_moves_and_opens_an_incident(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p03", "circulate", {"id": "CI1", "carriers": ["C2"], "readers": ["p05", "p01"]})
    await office.do("p03", "hand-to-reader", {"circulation": "CI1", "reader": "p05", "signed": SLIP})

    told = await office.do(
        "p03", "report-passing", {"circulation": "CI1", "reader": "p05", "to": "p06", "account": "当面转交"}
    )

    assert await whereabouts(binhai, "C2") == (["p06"], [])
    assert {"S07-3b", "S03-4.3b", "S01-3c", "S02-4.5"} <= set(await incident(told.result))
    await office.do("p03", "take-from-reader", {"circulation": "CI1", "reader": "p06", "kept_in": "B1"})
    assert await knowers(binhai, "D2") == {("p05", "read"), ("p06", "handled"), ("p06", "read")}


async def test_s03_4_4_without_notes_it_is_said_beforehand_and_no_minutes_are_kept(binhai: Wiring) -> None:
    office = binhai.office
    meeting = {
        "documents": ["D2"],
        "place": "R210",
        "relayer": "p01",
        "attendees": ["p05"],
        "title": "传达",
        "no_notes": True,
    }

    assert await refused(binhai, "p04", "plan-meeting", {**meeting, "attendees": ["p06"]}) == {
        "S01-3c",
        "S02-4.5",
    }
    assert await refused(binhai, "p04", "plan-meeting", {**meeting, "place": "lou"}) == {"S03-4.2a"}
    await office.do("p04", "plan-meeting", {"id": "ME1", **meeting})
    held = {"meeting": "ME1", "present": ["p05", "p04"]}
    assert await refused(binhai, "p04", "hold-meeting", held) == {"S03-4.4"}
    assert await refused(binhai, "p05", "declare-no-notes", {"meeting": "ME1"}) == {"S03-4.4"}
    await office.do("p01", "declare-no-notes", {"meeting": "ME1"})
    assert await refused(binhai, "p04", "hold-meeting", {**held, "present": ["p06"]}) == {"S01-3c", "S02-4.5"}
    await office.do("p04", "hold-meeting", held)
    minutes = {"meeting": "ME1", "kind": "minutes", "reference": "纪要"}
    assert await refused(binhai, "p04", "add-meeting-record", minutes) == {"S03-4.4"}
    await office.do("p04", "add-meeting-record", {**minutes, "kind": "attendance"})

    assert await knowers(binhai, "D2") == {("p01", "heard"), ("p05", "heard"), ("p04", "heard")}


async def test_s03_4_1b_who_heard_it_without_right_is_written_down_all_the_same(binhai: Wiring) -> None:
    meeting = {
        "id": "ME1",
        "documents": ["D2"],
        "place": "R210",
        "relayer": "p01",
        "attendees": ["p05"],
        "title": "传达",
    }
    await binhai.office.do("p04", "plan-meeting", meeting)

    told = await binhai.office.do(
        "p04", "report-meeting", {"meeting": "ME1", "present": ["p05", "p06"], "account": "门外旁听"}
    )
    seen = await binhai.office.do(
        "p03", "report-knowing", {"document": "D2", "person": "p24", "mode": "read", "account": "误阅"}
    )

    assert await knowers(binhai, "D2") == {
        ("p01", "heard"),
        ("p05", "heard"),
        ("p06", "heard"),
        ("p24", "read"),
    }
    assert set(await incident(told.result)) == {"S01-3c", "S02-4.5"}
    assert await incident(seen.result) == ["S03-4.1b"]


# Compilations and extracts


async def test_s03_4_6_a_compilation_takes_the_highest_and_leaves_its_parts_alone(binhai: Wiring) -> None:
    """S03-4.6a: each originator agrees; S03-4.6b: the parts stay as they are; S03-4.6c–d."""
    office = binhai.office
    before = await Document.select().where(Document.id.is_in(["D2", "D3"])).order_by(Document.id)
    compiled = {"id": "D7", "title": "汇编", "sources": ["D2", "D3"]}
    letters = [{"originator": "shengju", "letter": "函1号"}, {"originator": "binhai", "letter": "签报1号"}]

    assert await refused(binhai, "p04", "compile", {**compiled, "consents": letters[:1]}) == {"S03-4.6a"}
    made = await office.do("p04", "compile", {**compiled, "consents": letters})

    assert (made.result["level"], made.result["expires"], made.result["range"]) == (
        "secret",
        "2046-03-01",
        ["yewu1"],
    )
    assert await readers(binhai, "D7") == ["p05"]
    assert before == await Document.select().where(Document.id.is_in(["D2", "D3"])).order_by(Document.id)
    change = {"document": "D7", "level": "confidential", "years": 10}
    assert await refused(binhai, "p04", "change-derived", change) == {"S03-4.6c"}
    await office.do("p04", "change-derived", {**change, "consents": letters})
    assert "p06" in await readers(binhai, "D7")


async def test_s03_4_6c_ranges_with_nobody_in_common_make_no_compilation(binhai: Wiring) -> None:
    await binhai.office.do("p01", "set-range", {"document": "D2", "members": ["p01"]})
    letters = [{"originator": "shengju", "letter": "函1号"}, {"originator": "binhai", "letter": "签报1号"}]

    empty = await refused(
        binhai, "p04", "compile", {"title": "汇编", "sources": ["D2", "D3"], "consents": letters}
    )

    assert empty == {"S03-4.6c", "S03-4.6d"}


async def test_s03_4_7_an_extract_bears_what_the_original_bears(binhai: Wiring) -> None:
    made = await binhai.office.do("p04", "extract", {"id": "D7", "title": "摘要", "sources": ["D2"]})

    assert (made.result["level"], made.result["expires"], made.rules) == ("secret", "2046-03-01", ["S03-4.7"])
    assert await readers(binhai, "D7") == await readers(binhai, "D2")
    widened = {"document": "D7", "members": ["p01", "p03", "p04", "yewu1", "kefu"]}
    assert await refused(binhai, "p04", "set-range", widened) == {"S03-4.1a", "S03-4.1b"}


# Carrying out


async def test_s03_4_8_2_top_secret_leaves_with_leave_and_in_company(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p01", "set-range", {"document": "D1", "members": ["p01", "p20"]})
    out = {"carriers": ["C1"], "purpose": "赴省委汇报", "back_by": "2026-03-04", "signed": SLIP}

    alone = await refused(binhai, "p03", "carry-out", {**out, "bearers": ["p20"]})
    assert alone == {"S03-4.8.2a", "S03-4.8.2b"}
    await office.do("p01", "approve-outing", {"carrier": "C1", "person": "p20"})
    assert await refused(binhai, "p03", "carry-out", {**out, "bearers": ["p20", "p20"]}) == {"S03-4.8.2b"}
    await office.do("p03", "carry-out", {"id": "OU1", **out, "bearers": ["p20", "p01"]})

    assert await whereabouts(binhai, "C1") == (["p20"], [])
    assert {("p20", "handled"), ("p01", "handled")} <= await knowers(binhai, "D1")
    await office.do("p03", "bring-back", {"outing": "OU1", "carriers": ["C1"], "kept_in": "B1"})
    assert await whereabouts(binhai, "C1") == (["p03"], ["B1"])


async def test_s03_4_8_1_an_outing_that_is_not_back_is_overdue(binhai: Wiring, clock: SetClock) -> None:
    out = {
        "id": "OU1",
        "carriers": ["C2", "C3"],
        "bearers": ["p05"],
        "purpose": "汇报",
        "back_by": "2026-03-04",
        "signed": SLIP,
    }
    await binhai.office.do("p03", "carry-out", out)

    clock.put(parse("2026-03-05T09:00:00+08:00", field="clock"))
    late = await overdue(binhai)
    half = await binhai.office.do("p03", "bring-back", {"outing": "OU1", "carriers": ["C2"], "kept_in": "B1"})
    whole = await binhai.office.do(
        "p03", "bring-back", {"outing": "OU1", "carriers": ["C3"], "kept_in": "B1"}
    )

    assert ("S03-4.8.1", "OU1") in late
    assert (half.result["state"], whole.result["state"]) == ("out", "back")
    assert ("S03-4.8.1", "OU1") not in await overdue(binhai)


async def test_s03_4_8_3_and_4_9_what_is_forbidden_cannot_be_approved_away(binhai: Wiring) -> None:
    top = {"carrier": "C1", "person": "p20", "measures": "专用箱", "permit": "证1号"}
    plain = {"carrier": "C2", "person": "p05"}

    assert await refused(binhai, "p01", "approve-outing", {**top, "foreign": True}) == {"S03-4.8.3c"}
    assert await refused(binhai, "p01", "approve-outing", {**top, "abroad": True}) == {"S03-4.9a"}
    assert await refused(binhai, "p01", "approve-outing", {**plain, "foreign": True}) == {"S03-4.8.3b"}
    assert await refused(binhai, "p01", "approve-outing", {**plain, "abroad": True}) == {"S03-4.9b"}
    out = {"carriers": ["C2"], "bearers": ["p05"], "purpose": "会谈", "back_by": "2026-03-04", "signed": SLIP}
    assert await refused(binhai, "p03", "carry-out", {**out, "foreign": True}) == {"S03-4.8.3a"}
    assert await refused(binhai, "p03", "carry-out", {**out, "reading": True}) == {"S03-4.2b"}
    await binhai.office.do("p01", "approve-outing", {**plain, "foreign": True, "measures": "专用箱"})
    assert await refused(binhai, "p03", "carry-out", {**out, "foreign": True, "abroad": True}) == {
        "S03-4.8.3a",
        "S03-4.9b",
    }
    await binhai.office.do("p03", "carry-out", {**out, "foreign": True})


async def test_s03_4_9a_what_was_taken_abroad_all_the_same_is_entered(binhai: Wiring) -> None:
    out = {
        "carriers": ["C1"],
        "bearers": ["p06"],
        "purpose": "出国",
        "back_by": "2026-03-04",
        "abroad": True,
        "signed": {"proof": "unsigned"},
    }

    told = await binhai.office.do("p03", "report-outing", {**out, "account": "海关来函"})

    assert {"S03-4.9a", "S03-4.8.2a", "S03-4.8.2b", "S01-3c"} <= set(await incident(told.result))
    assert await whereabouts(binhai, "C1") == (["p06"], [])


async def test_s03_4_9c_a_laptop_is_as_secret_as_what_it_holds(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    await office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-1", **SCAN})
    trip = {"device": "store", "bearer": "p05", "back_by": "2026-03-10"}

    assert await refused(binhai, "p01", "take-device-abroad", trip) == {"S03-4.9b"}
    away = await office.do("p01", "take-device-abroad", {"id": "OU1", **trip, "permit": "证1号"})
    await office.do("p03", "device-back", {"outing": "OU1"})

    assert away.result["level"] == "secret"
    assert {"S03-4.9b", "S03-4.9c"} <= set(away.rules)


# Keeping, counting, handing over


async def test_s03_5_2_a_loan_is_locked_away_in_the_evening_or_it_is_told(
    binhai: Wiring, clock: SetClock
) -> None:
    office = binhai.office
    for box, level in (("B8", "confidential"), ("B9", "secret")):
        await office.do(
            "p02", "add-container", {"id": box, "name": box, "kept_in": "R210", "accredited_for": level}
        )
    await office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP},
    )

    by_day = await overdue(binhai)
    clock.put(parse("2026-03-02T18:00:00+08:00", field="clock"))
    at_night = await overdue(binhai)
    assert await refused(binhai, "p05", "confirm-night", {"carrier": "C2", "container": "B8"}) == {"S03-5.2"}
    assert await refused(binhai, "p04", "confirm-night", {"carrier": "C2", "container": "B9"}) == {
        "S03-5.2",
        "P-role",
    }
    await office.do("p05", "confirm-night", {"carrier": "C2", "container": "B9"})

    assert ("S03-5.2", "C2") not in by_day
    assert ("S03-5.2", "C2") in at_night
    assert ("S03-5.2", "C2") not in await overdue(binhai)
    assert await whereabouts(binhai, "C2") == (["p05"], ["B9"])
    await office.do("p03", "return-carrier", {"carrier": "C2", "kept_in": "B1"})
    assert await whereabouts(binhai, "C2") == (["p03"], ["B1"])


async def test_s03_5_3b_a_missing_carrier_is_found_again_by_ticking_it(binhai: Wiring) -> None:
    office = binhai.office
    lost = await office.do("p03", "report-missing", {"carrier": "C2", "account": "未见"})
    missing = await state("C2"), await whereabouts(binhai, "C2")
    await office.do("p03", "start-inventory", {"id": "IV1", "year": 2026, "documents": ["D2"]})

    ticked = await office.do("p03", "tick-carriers", {"inventory": "IV1", "carriers": ["C2", "C3", "C5"]})
    await office.do("p03", "close-inventory", {"inventory": "IV1"})

    assert missing == ("missing", (["p03"], []))
    assert lost.result["could_reach"]["C2"] == ["p03", "p04", "p15", "p16", "p23"]
    assert ticked.result == {**ticked.result, "expected": 2, "found": 2, "missing": [], "extra": ["C5"]}
    assert await state("C2") == "present"


async def test_s03_5_4b_custody_moves_with_the_third_signature_and_all_of_it_at_once(binhai: Wiring) -> None:
    office = binhai.office
    listed = {
        "id": "HA1",
        "giver": "p03",
        "taker": "p23",
        "overseer": "p02",
        "scanned": ["C1", "C2", "C3", "C5"],
    }

    assert await refused(binhai, "p02", "prepare-handover", {**listed, "scanned": ["C1", "C2"]}) == {
        "S03-5.4b"
    }
    assert await refused(binhai, "p02", "prepare-handover", {**listed, "overseer": "p03"}) == {"S03-5.4b"}
    assert await refused(binhai, "p02", "prepare-handover", {**listed, "taker": "p06"}) == {
        "S03-6.5",
        "S03-5.4b",
    }
    await office.do("p02", "prepare-handover", listed)
    assert await refused(binhai, "p04", "sign-handover", {"handover": "HA1"}) == {"S03-5.4b", "P-role"}
    await office.do("p03", "sign-handover", {"handover": "HA1"})
    await office.do("p23", "sign-handover", {"handover": "HA1"})
    before = await whereabouts(binhai, "C1")
    signed = await office.do("p02", "sign-handover", {"handover": "HA1"})

    assert before == (["p03"], ["B1"])
    assert signed.result["state"] == "signed"
    assert [await whereabouts(binhai, each) for each in ("C1", "C2", "C3", "C5")] == [(["p23"], ["B1"])] * 4


async def test_s03_5_5_what_is_archived_keeps_its_level_and_its_range(binhai: Wiring) -> None:
    office = binhai.office
    before = await readers(binhai, "D2")
    filed = {
        "document": "D2",
        "volume": "V11",
        "fonds": "0101",
        "retention": "permanent",
        "number": "0101-1.1-1",
    }
    await office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP},
    )

    assert await refused(binhai, "p04", "archive-document", filed) == {"S03-5.5"}
    await office.do("p03", "return-carrier", {"carrier": "C2", "kept_in": "B1"})
    assert await refused(binhai, "p04", "archive-document", {**filed, "fonds": ""}) == {"S03-5.5"}
    await office.do("p04", "archive-document", filed)

    assert await readers(binhai, "D2") == before
    archived = await standing(binhai, "D2", "ARCHIVED_IN", label=Node.DOCUMENT)
    assert [(fact.target, fact.details["fonds"], fact.details["retention"]) for fact in archived] == [
        ("V11", "0101", "permanent")
    ]


# Destruction


async def test_s03_6_2a_a_file_goes_with_its_key_its_previews_and_its_index(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    staged = await office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-1", **SCAN})
    await office.do("p04", "accept-scan", {"file": "fl-1", "serial": "电-001"})
    carrier = staged.result["carrier"]
    await WrappedKey.insert(WrappedKey(file="fl-1", wrapped="sealed"))
    await office.do("p03", "request-destruction", {"id": "DE1", "carriers": [carrier], "reason": "过期"})
    await office.do("p01", "approve-destruction", {"destruction": "DE1"})
    await office.do("p03", "count-destruction", {"destruction": "DE1", "carriers": [carrier]})
    done = {"destruction": "DE1", "outcome": "密钥销毁", "witnesses": ["p02", "p04"]}

    assert await refused(binhai, "p03", "destroy-carriers", {**done, "method": "delete"}) == {"S03-6.3"}
    destroyed = await office.do("p03", "destroy-carriers", {**done, "method": "key"})

    assert (await state(carrier), destroyed.result["no_backup_after"]) == ("destroyed", "2026-04-01")
    assert (await WrappedKey.select().where(WrappedKey.file == "fl-1"))[0]["wrapped"] == ""
    assert (await File.select(File.state).where(File.id == "fl-1"))[0]["state"] == "rejected"
    assert "erase" in {row["kind"] for row in await Task.select().where(Task.subject == "fl-1")}
    assert (await state("C2"), await whereabouts(binhai, carrier)) == ("present", ([], []))


async def test_s03_6_5_the_registers_of_carriers_are_the_custodians_and_nobody_edits_them(
    binhai: Wiring,
) -> None:
    lent = await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP},
    )
    change = {"entry": lent.ref, "field": "due", "old": "2026-03-06", "new": "2026-04-06", "reason": "改期"}

    with pytest.raises(Refused) as archivist:
        await binhai.office.do("p04", "correct", change)
    with pytest.raises(Refused) as custodian:
        await binhai.office.do("p03", "correct", change)

    assert "S03-6.5" in archivist.value.rules
    assert custodian.value.rules == ("S03-6.5",)
