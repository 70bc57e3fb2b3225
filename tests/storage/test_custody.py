"""Whose hands a carrier is in: what is asked, what has happened, what is owed, and what nobody signed for.

Tests are named by the rule they hold (S03-4.1d: S03_4_1d).
"""

from __future__ import annotations

from graph.kinds import Node
from graph.times import parse
from storage.duties import Duties
from storage.organisations import SetClock
from storage.tables.catalogue import Carrier, Errand
from storage.wiring import Wiring
from tests.storage.answers import standing, whereabouts
from tests.storage.carriage import SLIP
from tests.storage.refusals import bad, refused
from tests.storage.test_carriage import SENT, incident, knowers, overdue, state
from tests.storage.test_rounds import of, rounds

ENVELOPE = {
    "id": "R1", "number": "机字0101", "sender": "shengju", "level": "secret", "seal_intact": True, "list_signed": True,
}  # fmt: skip


async def owed(wiring: Wiring) -> set[tuple[str, str, str]]:
    return {(duty.kind, duty.subject, duty.whose) for duty in await Duties(wiring.questions).owed()}


async def errand(id_: str) -> str:
    return str((await Errand.select(Errand.state).where(Errand.id == id_))[0]["state"])


def tuesday(hour: int) -> dict[str, str]:
    return {"occurred_at": f"2026-03-03T{hour:02}:00:00+08:00"}


# In the order it happened


async def test_s03_6_1a_a_step_is_not_dated_before_the_step_it_rests_on(
    binhai: Wiring, clock: SetClock
) -> None:
    """S03-6.1a: approved on Tuesday noon, a destruction of Tuesday morning had no approval."""
    office = binhai.office
    done = {"destruction": "DE1", "method": "shredder", "witnesses": ["p02", "p04"], "outcome": "粉碎"}
    meeting = {"documents": ["D2"], "place": "R210", "relayer": "p01", "attendees": ["p05"], "title": "传达"}
    await office.do("p03", "request-destruction", {"id": "DE1", "carriers": ["C2"], "reason": "过期"})
    await office.do("p04", "plan-meeting", {"id": "ME1", **meeting, "no_notes": True})
    clock.put(parse("2026-03-03T15:00:00+08:00", field="clock"))

    await office.do("p01", "approve-destruction", {"destruction": "DE1", **tuesday(12)})
    await office.do("p01", "declare-no-notes", {"meeting": "ME1", **tuesday(12)})
    counted = await bad(
        binhai, "p03", "count-destruction", {"destruction": "DE1", "carriers": ["C2"], **tuesday(10)}
    )
    destroyed = await bad(binhai, "p03", "destroy-carriers", {**done, **tuesday(10)})
    held = await bad(binhai, "p04", "hold-meeting", {"meeting": "ME1", "present": ["p05"], **tuesday(10)})

    assert counted == destroyed == held == [("occurred_at", "dates-backwards")]


# What leaves the house, and what comes back


async def test_s03_3_4b_a_borrower_who_posts_a_loan_is_entered_and_the_loan_is_over(binhai: Wiring) -> None:
    """S03-3.4b, S03-4.3b: as it happened; asked for, it would be refused."""
    office = binhai.office
    await office.do("p03", "circulate", {"id": "CI1", "carriers": ["C2"], "readers": ["p05"]})
    await office.do("p03", "hand-to-reader", {"circulation": "CI1", "reader": "p05", "signed": SLIP})
    post = {**SENT, "carriers": ["C2"], "channel": "ordinary-post"}

    assert await bad(binhai, "p03", "send-carriers", {**SENT, "carriers": ["C2"]}) == [
        ("carriers", "already-lent")
    ]
    told = await office.do("p03", "report-dispatch", {**post, "account": "阅后自行邮寄"})

    assert {"S03-3.4a", "S03-3.4b"} <= set(await incident(told.result))
    hands = await standing(binhai, "C2", "HELD_BY", label=Node.CARRIER)
    assert [(fact.target, fact.details["reason"]) for fact in hands] == [("p03", "courier")]
    assert await errand("CI1") == "over"


async def test_s03_4_8_1_a_borrower_who_takes_a_loan_out_is_entered(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p03", "circulate", {"id": "CI1", "carriers": ["C1"], "readers": ["p01"]})
    await office.do("p03", "hand-to-reader", {"circulation": "CI1", "reader": "p01", "signed": SLIP})
    out = {"carriers": ["C1"], "bearers": ["p01"], "purpose": "开会", "back_by": "2026-03-04", "signed": SLIP}

    assert await bad(binhai, "p03", "carry-out", out) == [("carriers", "already-lent")]
    told = await office.do("p03", "report-outing", {**out, "account": "自行带出"})

    assert "S03-4.8.2a" in await incident(told.result)
    hands = await standing(binhai, "C1", "HELD_BY", label=Node.CARRIER)
    assert [(fact.target, fact.details["reason"]) for fact in hands] == [("p01", "outing")]


async def test_s03_3_5_3_what_goes_back_goes_as_it_came(binhai: Wiring) -> None:
    """S03-3.5.3, S03-3.3a, S03-5.3c: two escorts, a sealed cover; back with the receipt, and only then."""
    office = binhai.office
    await office.do(
        "p03",
        "require-return",
        {"id": "CL1", "carriers": ["C1"], "to": "shengju", "by": "2026-06-30", "notice": "清退1号"},
    )
    bare = {"clearing": "CL1", "carriers": ["C1"], "channel": "courier-firm", "packing": {"kind": "envelope"}}

    naked = await refused(binhai, "p03", "return-to-originator", bare)
    sent = {name: value for name, value in SENT.items() if name != "to"}
    away = {**sent, "id": "DP1", "clearing": "CL1", "carriers": ["C1"], "escorts": ["p01", "p20"]}
    await office.do("p03", "return-to-originator", away)
    on_the_way = await state("C1"), await errand("CL1")
    back = await office.do(
        "p03", "confirm-dispatch", {"dispatch": "DP1", "receipt": "清退回执1号", "signed_by": "李"}
    )

    assert {"S03-3.2", "S03-3.3a", "S03-3.4a", "S03-3.4b", "S03-3.5.3"} <= naked
    assert on_the_way == ("present", "open")
    assert back.result["clearings"] == {"CL1": []}
    assert (await state("C1"), await errand("CL1")) == ("sent", "closed")
    assert await standing(binhai, "C1", "RETURN_DUE", label=Node.CARRIER) == []


async def test_s03_5_3c_only_whoever_asked_for_a_carrier_has_it_back(binhai: Wiring) -> None:
    """S03-5.3c: sent to somebody else it is still owed; sent to whoever asked, by whatever act, it is back."""
    office = binhai.office
    await office.do("p04", "add-organisation", {"id": "shiju", "name": "市局"})
    for id_, carrier in (("CL1", "C2"), ("CL2", "C3")):
        due = {"carriers": [carrier], "to": "shengju", "by": "2026-06-30", "notice": "清退"}
        await office.do("p03", "require-return", {"id": id_, **due})

    await office.do("p03", "send-carriers", {**SENT, "id": "DP1", "carriers": ["C2"], "to": "shiju"})
    await office.do("p03", "send-carriers", {**SENT, "id": "DP2", "carriers": ["C3"]})
    for id_ in ("DP1", "DP2"):
        await office.do("p03", "confirm-dispatch", {"dispatch": id_, "receipt": "回执", "signed_by": "李"})

    assert (await errand("CL1"), await errand("CL2")) == ("open", "closed")
    debts = [await standing(binhai, each, "RETURN_DUE", label=Node.CARRIER) for each in ("C2", "C3")]
    assert [[fact.target for fact in each] for each in debts] == [["shengju"], []]


# Everyone who touches 绝密


async def test_s03_4_1d_a_reader_called_in_unread_has_had_it_in_hand(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p03", "circulate", {"id": "CI1", "carriers": ["C1"], "readers": ["p01"]})
    await office.do("p03", "hand-to-reader", {"circulation": "CI1", "reader": "p01", "signed": SLIP})

    await office.do(
        "p03", "take-from-reader", {"circulation": "CI1", "reader": "p01", "kept_in": "B1", "unread": True}
    )

    assert await knowers(binhai, "D1") == {("p03", "handled"), ("p01", "handled")}


async def test_s03_4_1d_who_copies_and_who_seals_top_secret_is_written_down(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p20", "add-seal", {"id": "SEAL1", "name": "公章", "keeper": "p21"})
    letter = {"authority": "originator", "letter": "省委办函〔2026〕8号"}
    await office.do("p01", "approve-copy", {"carrier": "C1", "mode": "copy", "person": "p04", **letter})

    copied = await office.do(
        "p04", "register-copy", {"carrier": "C1", "serial": "复-1", "kept_in": "B1", "id": "CC"}
    )
    after_copying = await knowers(binhai, "D1")
    await office.do("p04", "apply-seal", {"id": "U1", "seal": "SEAL1", "carrier": "CC", "purpose": "盖章"})
    for actor, act in (("p01", "approve-seal"), ("p21", "review-seal"), ("p21", "use-seal")):
        await office.do(actor, act, {"use": "U1"})

    assert "S03-4.1d" in copied.rules
    assert after_copying == {("p04", "handled"), ("p03", "handled")}
    assert ("p21", "handled") in await knowers(binhai, "D1")


# Signed for, counted, opened


async def test_s03_3_1_an_archivists_word_is_no_custodians_signature(binhai: Wiring) -> None:
    """S03-3.1: who opens it without keeping carriers signs for nobody."""
    await binhai.office.do("p04", "receive-envelope", {**ENVELOPE, "listed": 1})
    item = {"title": "丁号通知", "serial": "0007", "document": "D20", "carrier": "C20"}

    opened = await binhai.office.do(
        "p04", "open-envelope", {"receipt": "R1", "counted": 1, "signed": True, "items": [item]}
    )

    assert (opened.result["state"], opened.result["missing"]) == ("in-transit", ["signed"])
    assert await whereabouts(binhai, "C20") == ([], [])
    await binhai.office.do("p04", "receive-envelope", {**ENVELOPE, "id": "R2", "listed": 1})
    own = {"title": "戊号通知", "serial": "0008", "carrier": "C21"}
    await binhai.office.do(
        "p03", "open-envelope", {"receipt": "R2", "counted": 1, "signed": True, "items": [own]}
    )
    assert await whereabouts(binhai, "C21") == (["p03"], [])


async def test_s03_3_1_what_is_signed_for_is_counted_numbered_and_held_against_the_list(
    binhai: Wiring,
) -> None:
    office = binhai.office
    await office.do("p04", "receive-envelope", {**ENVELOPE, "listed": 3})
    items = [
        {"title": f"{name}号", "number": "省局〔2026〕9号", "level": "secret", "years": 10, "distribution": ["binhai"], "carrier": c}
        for name, c in (("戊", "C21"), ("己", "C22"))
    ]  # fmt: skip
    twice = [{**each, "serial": "0001"} for each in items]

    miscounted = await refused(
        binhai, "p04", "open-envelope", {"receipt": "R1", "counted": 3, "items": items}
    )
    doubled = await refused(binhai, "p04", "open-envelope", {"receipt": "R1", "counted": 2, "items": twice})
    await office.do("p04", "open-envelope", {"receipt": "R1", "items": items})
    sign = {"receipt": "R1", "serials": ["0001", "0002"]}

    assert (miscounted, doubled) == ({"S03-3.1"}, {"S03-2.1e"})
    assert await refused(binhai, "p03", "sign-receipt", {**sign, "counted": 0}) == {"S03-3.1"}
    assert await refused(
        binhai, "p03", "sign-receipt", {**sign, "counted": 2, "serials": ["0001", "0001"]}
    ) == {"S03-2.1e"}
    assert await bad(binhai, "p03", "sign-receipt", {**sign, "counted": 2, "serials": ["0001", "第二"]}) == [
        ("serials[1]", "not-a-serial")
    ]
    signed = await office.do("p03", "sign-receipt", {**sign, "counted": 2})
    assert await incident(signed.result) == ["S03-3.1"], "one short of the sender's list"
    assert [
        row["serial"]
        for row in await Carrier.select().where(Carrier.id.is_in(["C21", "C22"])).order_by(Carrier.id)
    ] == ["0001", "0002"]


async def test_an_envelope_for_one_person_is_opened_by_that_person_and_tracked_till_then(
    binhai: Wiring,
) -> None:
    await binhai.office.do("p04", "receive-envelope", {**ENVELOPE, "listed": 1, "addressee": "p01"})
    await binhai.office.do("p04", "receive-envelope", {**ENVELOPE, "id": "R2", "listed": 1})
    opening = {
        "receipt": "R1",
        "counted": 1,
        "items": [{"title": "亲启件", "serial": "0007", "carrier": "C20"}],
    }

    sealed = await owed(binhai)
    assert await refused(binhai, "p04", "open-envelope", opening) == {"P-role"}
    for other in (opening, {**opening, "receipt": "R2"}, {**opening, "receipt": "R9"}):
        assert await refused(binhai, "p05", "open-envelope", other) == {"S03-3.1", "P-role"}
    await binhai.office.do("p01", "open-envelope", opening)

    assert {("receipt", "R1", "p01"), ("receipt", "R2", "ARCHIVIST_OF")} <= sealed
    assert ("receipt", "R1", "CUSTODIAN_OF") in await owed(binhai), "opened, and not signed for"


# Signed for by whoever takes it


async def test_s03_4_3a_nobody_signs_for_another(binhai: Wiring) -> None:
    """S03-4.3a: the borrower's own session, once; or a slip that is named whole."""
    office = binhai.office
    loan = {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅"}
    own = {**loan, "signed": {"proof": "own"}}

    assert await bad(binhai, "p03", "lend-carrier", loan) == [("signed", "missing")]
    assert await refused(binhai, "p03", "lend-carrier", own) == {"S03-4.3a"}
    await office.do("p01", "sign-for", {"carriers": ["C2"]})
    assert await refused(binhai, "p03", "lend-carrier", own) == {"S03-4.3a"}, "somebody else's signature"
    half = {"proof": "paper", "slip": "借字1号", "date": "2026-03-02"}
    assert await bad(binhai, "p03", "lend-carrier", {**loan, "signed": half}) == [("signed.scan", "missing")]
    tomorrow = {**half, "date": "2026-03-03", "scan": "s-1"}
    assert await bad(binhai, "p03", "lend-carrier", {**loan, "signed": tomorrow}) == [
        ("signed.date", "in-the-future")
    ]
    signature = await office.do("p05", "sign-for", {"carriers": ["C2"]})
    await office.do("p03", "lend-carrier", own)
    assert await errand(signature.result["signature"]) == "used"
    await office.do("p03", "return-carrier", {"carrier": "C2", "kept_in": "B1"})
    assert await refused(binhai, "p03", "lend-carrier", own) == {"S03-4.3a"}, "a signature serves once"


async def test_s03_4_3a_a_carrier_nobody_told_of_cannot_be_found_by_signing(binhai: Wiring) -> None:
    hidden = await bad(binhai, "p06", "sign-for", {"carriers": ["C1"]})
    nothing = await bad(binhai, "p06", "sign-for", {"carriers": ["C999"]})

    assert hidden == nothing == [("carriers[0]", "unknown-id")]


async def test_s03_4_3a_carrying_out_and_each_leg_are_signed_for_too(binhai: Wiring) -> None:
    office = binhai.office
    out = {"carriers": ["C2", "C3"], "bearers": ["p05"], "purpose": "汇报", "back_by": "2026-03-04"}
    await office.do("p03", "circulate", {"id": "CI1", "carriers": ["C1"], "readers": ["p01"]})
    leg = {"circulation": "CI1", "reader": "p01", "signed": {"proof": "own"}}

    assert await refused(binhai, "p03", "carry-out", {**out, "signed": {"proof": "unsigned"}}) == {"S03-4.3a"}
    assert await refused(binhai, "p03", "hand-to-reader", leg) == {"S03-4.3a"}
    gone = await office.do(
        "p03", "report-outing", {**out, "signed": {"proof": "unsigned"}, "account": "未签字取走"}
    )
    await office.do("p01", "sign-for", {"carriers": ["C1"]})
    await office.do("p03", "hand-to-reader", leg)

    assert await incident(gone.result) == ["S03-4.3a"]
    assert await whereabouts(binhai, "C1") == (["p01"], [])


async def test_s03_4_3a_a_loan_past_its_day_is_on_both_desks(binhai: Wiring, clock: SetClock) -> None:
    """S03-4.3a: the borrower's and the custodian's; gone with the return."""
    loan = {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP}
    await binhai.office.do("p03", "lend-carrier", loan)

    in_time = [each for each in await rounds(binhai).found(clock()) if each.code == "loan-overdue"]
    clock.put(parse("2026-03-07T09:00:00+08:00", field="clock"))
    assert ("S03-4.3a", "C2") in await overdue(binhai)
    await rounds(binhai).walk()
    desks = {person: "loan-overdue/C2" in await of(binhai, person) for person in ("p05", "p03", "p06")}
    await binhai.office.do("p03", "return-carrier", {"carrier": "C2", "kept_in": "B1"})

    assert in_time == []
    assert desks == {"p05": True, "p03": True, "p06": False}
    assert [each for each in await rounds(binhai).found(clock()) if each.code == "loan-overdue"] == []
