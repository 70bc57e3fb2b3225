"""What is kept: lost and found, counted, handed over, watched while it is destroyed.

Tests are named by the rule they hold (S03-4.1d: S03_4_1d).
"""

from __future__ import annotations

from typing import Any

from graph.kinds import Node
from graph.times import parse
from storage.organisations import SetClock
from storage.tables.catalogue import Errand
from storage.wiring import Wiring
from tests.storage.answers import standing, whereabouts
from tests.storage.carriage import SLIP
from tests.storage.refusals import bad, refused
from tests.storage.requests import ON_PAPER
from tests.storage.test_carriage import SENT, state
from tests.storage.test_custody import errand
from tests.storage.test_rounds import of, rounds

LOAN = {"to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP}
DONE = {"method": "shredder", "device": "SH1", "witnesses": ["p02", "p04"], "outcome": "已粉碎"}


async def shredder(wiring: Wiring) -> None:
    do = wiring.office.do
    machine = {"place": "R301", "owner": "p03", "serial": "SZ-01", "accredited_for": "secret"}
    await do("p02", "enrol-device", {"id": "SH1", "name": "碎纸机", "key_sha256": "5" * 64, **machine})
    await do("p02", "approve-destroyer", {"thing": "SH1", "certificate": "销字第1号"})


async def counted(wiring: Wiring, id_: str, carriers: list[str]) -> None:
    """A destruction as far as its count."""
    do = wiring.office.do
    await do("p03", "request-destruction", {"id": id_, "carriers": carriers, "reason": "过期"})
    await do("p01", "approve-destruction", {"destruction": id_})
    await do("p03", "count-destruction", {"destruction": id_, "carriers": carriers})


async def test_s03_4_3b_what_is_missing_goes_nowhere_until_it_is_found(binhai: Wiring) -> None:
    """S03-4.3b: neither lent, sent, carried out nor copied; put away or brought back, it is there again."""
    office = binhai.office
    await office.do("p03", "lend-carrier", {**LOAN, "carrier": "C3"})
    for carrier in ("C2", "C3"):
        await office.do("p03", "report-missing", {"carrier": carrier, "account": "未见"})
    out = {"carriers": ["C2"], "bearers": ["p05"], "purpose": "汇报", "back_by": "2026-03-04", "signed": SLIP}
    asked: list[tuple[str, dict[str, Any], str]] = [
        ("lend-carrier", {**LOAN, "carrier": "C2"}, "carrier"),
        ("send-carriers", {**SENT, "carriers": ["C2"]}, "carriers"),
        ("carry-out", out, "carriers"),
        ("circulate", {"carriers": ["C2"], "readers": ["p05"]}, "carriers"),
        ("request-destruction", {"carriers": ["C2"], "reason": "过期"}, "carriers"),
    ]

    for act, params, field in asked:
        assert await bad(binhai, "p03", act, params) == [(field, "not-in-this-state")], act
    await office.do("p03", "keep-carrier", {"carrier": "C2", "kept_in": "B1"})
    await office.do("p03", "return-carrier", {"carrier": "C3", "kept_in": "B1"})

    for carrier in ("C2", "C3"):
        assert await state(carrier) == "present"
        assert await standing(binhai, carrier, "MISSING", label=Node.CARRIER) == []
    await office.do("p03", "lend-carrier", {**LOAN, "carrier": "C2"})


async def test_s03_4_5_4b_a_copy_found_again_is_still_unsealed(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": "p04"})
    await office.do("p04", "register-copy", {"carrier": "C2", "serial": "复-1", "kept_in": "B1", "id": "CC"})
    await office.do("p03", "report-missing", {"carrier": "CC", "account": "未见"})

    await office.do("p03", "keep-carrier", {"carrier": "CC", "kept_in": "B1"})

    assert await refused(binhai, "p03", "lend-carrier", {**LOAN, "carrier": "CC"}) == {"S03-4.5.4b"}


async def test_s03_5_3b_what_left_lawfully_during_the_count_is_not_missing(binhai: Wiring) -> None:
    office = binhai.office
    await shredder(binhai)
    await counted(binhai, "DE1", ["C2"])
    await office.do("p03", "start-inventory", {"id": "IV1", "year": 2026})
    await office.do("p03", "destroy-carriers", {"destruction": "DE1", **DONE})
    await office.do("p03", "send-carriers", {**SENT, "id": "DP1", "carriers": ["C3"]})
    await office.do("p03", "confirm-dispatch", {"dispatch": "DP1", "receipt": "回执", "signed_by": "李"})

    gone = await bad(binhai, "p03", "tick-carriers", {"inventory": "IV1", "carriers": ["C2"]})
    ticked = await office.do("p03", "tick-carriers", {"inventory": "IV1", "carriers": ["C1", "C5"]})
    closed = await office.do("p03", "close-inventory", {"inventory": "IV1"})

    assert gone == [("carriers", "destroyed")]
    assert (ticked.result["expected"], ticked.result["missing"]) == (2, [])
    assert (closed.result["missing"], await state("C2"), await state("C3")) == ([], "destroyed", "sent")


async def test_s03_6_1b_what_was_lent_after_the_count_is_not_there_to_be_destroyed(binhai: Wiring) -> None:
    await shredder(binhai)
    await counted(binhai, "DE1", ["C2"])

    await binhai.office.do("p03", "lend-carrier", {**LOAN, "carrier": "C2"})

    assert await bad(binhai, "p03", "destroy-carriers", {"destruction": "DE1", **DONE}) == [
        ("destruction", "already-lent")
    ]


async def test_s03_5_4b_what_is_on_the_way_stays_so_and_keys_go_with_what_they_open(binhai: Wiring) -> None:
    office = binhai.office
    held = await standing(binhai, "p03", "HOLDS_KEY", label=Node.PERSON)
    if "B1" not in [fact.target for fact in held]:
        await office.do("p02", "hand-over-key", {"person": "p03", "thing": "B1"})
    await office.do("p03", "send-carriers", {**SENT, "carriers": ["C5"]})
    await office.do("p03", "report-missing", {"carrier": "C3", "account": "未见"})
    listed = {"id": "HA1", "giver": "p03", "taker": "p23", "overseer": "p02", "scanned": ["C1", "C2"]}

    assert await refused(binhai, "p02", "prepare-handover", listed) == {"S03-5.4b"}, "the key of B1"
    assert await bad(binhai, "p02", "prepare-handover", {**listed, "keys": ["R210"]}) == [
        ("keys[0]", "not-so")
    ]
    await office.do("p02", "prepare-handover", {**listed, "keys": ["B1"]})
    for signatory in ("p03", "p23", "p02"):
        await office.do(signatory, "sign-handover", {"handover": "HA1"})

    reasons = {
        carrier: [(fact.target, fact.details["reason"]) for fact in await standing(binhai, carrier, "HELD_BY", label=Node.CARRIER)]
        for carrier in ("C1", "C3", "C5")
    }  # fmt: skip
    assert reasons == {
        "C1": [("p23", "custody")],
        "C3": [("p23", "custody")],
        "C5": [("p23", "courier")],
    }
    assert await bad(binhai, "p23", "lend-carrier", {**LOAN, "carrier": "C5"}) == [
        ("carrier", "already-lent")
    ]
    keys = [fact.target for fact in await standing(binhai, "p23", "HOLDS_KEY", label=Node.PERSON)]
    assert "B1" in keys
    assert "B1" not in [fact.target for fact in await standing(binhai, "p03", "HOLDS_KEY", label=Node.PERSON)]


async def test_s03_6_2d_a_witness_is_cleared_and_is_no_stand_in(binhai: Wiring) -> None:
    """S03-6.2d, P-deputy: neither somebody without the level, nor whom the custodian stands in for, or who for them."""
    office = binhai.office
    await shredder(binhai)
    await counted(binhai, "DE1", ["C2"])
    await office.do("p01", "appoint-deputy", {
        "person": "p23", "principal": "p03", "acts": ["destroy-carriers"], "until": "2026-03-13",
    })  # fmt: skip
    destroy = {"destruction": "DE1", **DONE}

    assert await refused(binhai, "p03", "destroy-carriers", {**destroy, "witnesses": ["p02", "p06"]}) == {
        "S03-6.2d"
    }
    assert await refused(binhai, "p03", "destroy-carriers", {**destroy, "witnesses": ["p02", "p23"]}) == {
        "S03-6.2d"
    }
    acting = {**destroy, "on_behalf_of": "p03"}
    assert await refused(binhai, "p23", "destroy-carriers", {**acting, "witnesses": ["p02", "p03"]}) == {
        "S03-6.2d"
    }
    await office.do("p23", "destroy-carriers", acting)


async def test_s03_3_5_3_an_escort_of_the_unit_is_cleared_for_what_they_bring(binhai: Wiring) -> None:
    town = {**SENT, "carriers": ["C1"], "channel": "assigned-person", "same_place": True}

    assert await refused(binhai, "p03", "send-carriers", {**town, "escorts": ["p04", "p06"]}) == {"S03-3.5.3"}


async def test_s03_6_1a_a_disputed_approval_stops_the_destruction(binhai: Wiring) -> None:
    """S03-6.1a, P-paper: what rested on it waits for another approval, and for another count."""
    office = binhai.office
    await shredder(binhai)
    await office.do("p03", "request-destruction", {"id": "DE1", "carriers": ["C2"], "reason": "过期"})
    approved = await office.do("p03", "approve-destruction", {"destruction": "DE1", "decision": ON_PAPER})
    await office.do("p03", "count-destruction", {"destruction": "DE1", "carriers": ["C2"]})
    out = {"carrier": "C3", "person": "p05", "foreign": True, "measures": "专用箱", "decision": ON_PAPER}
    outing = await office.do("p03", "approve-outing", out)

    for entry in (approved.ref, outing.ref):
        await office.do("p01", "dispute-decision", {"entry": entry, "words": "当日未签过此件"})

    assert await errand("DE1") == "suspended"
    assert await refused(binhai, "p03", "destroy-carriers", {"destruction": "DE1", **DONE}) == {
        "S03-6.1a",
        "S03-6.5",
    }
    assert await standing(binhai, "C3", "OUTING_APPROVED", label=Node.CARRIER) == []
    await office.do("p01", "approve-destruction", {"destruction": "DE1"})
    assert await refused(binhai, "p03", "destroy-carriers", {"destruction": "DE1", **DONE}) == {"S03-6.1b"}


async def test_s18_5_4_1a_a_disputed_approval_stops_the_use_of_the_seal(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p20", "add-seal", {"id": "SEAL1", "name": "公章", "keeper": "p21"})
    await office.do("p04", "apply-seal", {"id": "U1", "seal": "SEAL1", "carrier": "C2", "purpose": "盖章"})
    approved = await office.do("p05", "approve-seal", {"use": "U1", "decision": ON_PAPER})
    await office.do("p21", "review-seal", {"use": "U1"})

    await office.do("p01", "dispute-decision", {"entry": approved.ref, "words": "当日未签过此件"})

    assert await refused(binhai, "p21", "use-seal", {"use": "U1"}) == {"S18-5.4.1a"}
    await office.do("p01", "approve-seal", {"use": "U1"})
    rows = await Errand.select(Errand.state).where(Errand.id == "U1")
    assert rows == [{"state": "approved"}]


async def test_s03_5_1a_a_carrier_that_lies_nowhere_is_found(binhai: Wiring, clock: SetClock) -> None:
    """S03-5.1a, S03-4.3b: a day after it was taken over, on its custodian's desk until it is put away."""
    await binhai.office.do("p04", "register-document", {
        "id": "D9", "title": "无处件", "level": "secret", "years": 10, "distribution": ["binhai"],
    })  # fmt: skip
    await binhai.office.do("p04", "register-carriers", {"document": "D9", "serials": ["1"], "ids": ["C9"]})
    code = "carrier-without-a-place/C9"

    await rounds(binhai).walk()
    today = await of(binhai, "p03")
    clock.put(parse("2026-03-04T09:00:00+08:00", field="clock"))
    await rounds(binhai).walk()
    later = await of(binhai, "p03")
    await binhai.office.do("p03", "keep-carrier", {"carrier": "C9", "kept_in": "B1"})
    await rounds(binhai).walk()

    assert (code in today, code in later, code in await of(binhai, "p03")) == (False, True, False)
    assert await whereabouts(binhai, "C9") == (["p03"], ["B1"])
