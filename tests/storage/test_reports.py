"""What has happened against a rule is entered as it happened, whatever it was: custody moves and an incident opens.

Tests are named by the rule they hold (S03-4.1d: S03_4_1d).
"""

from __future__ import annotations

from storage.wiring import Wiring
from tests.storage.answers import whereabouts
from tests.storage.carriage import SLIP
from tests.storage.refusals import bad, refused
from tests.storage.requests import SCAN
from tests.storage.test_carriage import incident, knowers, state


async def test_s03_4_3a_a_carrier_taken_without_right_is_with_whoever_has_it(binhai: Wiring) -> None:
    told = await binhai.office.do(
        "p03", "report-taking", {"carrier": "C2", "by": "p06", "account": "自行取走"}
    )

    assert {"S03-4.3a", "S01-3c", "S02-4.5"} <= set(await incident(told.result))
    assert await whereabouts(binhai, "C2") == (["p06"], [])
    assert ("p06", "handled") in await knowers(binhai, "D2")
    await binhai.office.do("p03", "return-carrier", {"carrier": "C2", "kept_in": "B1"})
    assert await whereabouts(binhai, "C2") == (["p03"], ["B1"])


async def test_s03_4_3b_a_loan_passed_on_is_with_the_other_one(binhai: Wiring) -> None:
    """S03-4.3b, S07-3b: 横传 of a loan, past the custodian."""
    loan = {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "阅", "signed": SLIP}
    await binhai.office.do("p03", "lend-carrier", loan)

    told = await binhai.office.do(
        "p03", "report-taking", {"carrier": "C2", "by": "p01", "account": "当面转交"}
    )

    assert await incident(told.result) == ["S03-4.3a", "S07-3b", "S03-4.3b"]
    assert await whereabouts(binhai, "C2") == (["p01"], [])
    assert await bad(binhai, "p03", "report-taking", {"carrier": "C2", "by": "p01", "account": "再次"}) == [
        ("by", "already-so")
    ]


async def test_s03_4_3b_a_carrier_found_elsewhere_lies_there(binhai: Wiring) -> None:
    found = {"carrier": "C2", "kept_in": "R210", "account": "会议室遗留"}
    told = await binhai.office.do("p03", "report-place", found)

    assert {"S03-4.3b", "S03-5.1a"} <= set(await incident(told.result))
    assert await whereabouts(binhai, "C2") == (["p03"], ["R210"])
    assert await bad(binhai, "p03", "report-place", found) == [("kept_in", "already-so")]


async def test_s03_4_5_4a_a_copy_that_nobody_entered_becomes_a_carrier_and_an_incident(
    binhai: Wiring,
) -> None:
    copy = {
        "carrier": "C2",
        "serial": "复-9",
        "kept_in": "B1",
        "by": "p06",
        "account": "自行复印",
        "id": "CC",
    }

    told = await binhai.office.do("p03", "report-copy", copy)

    assert {"S03-4.5.2", "S03-4.5.4a", "S01-3c"} <= set(await incident(told.result))
    assert (await state("CC"), await whereabouts(binhai, "CC")) == ("made", (["p03"], ["B1"]))
    assert ("p06", "handled") in await knowers(binhai, "D2")


async def test_s03_2_2_what_was_made_in_the_wrong_place_was_made(binhai: Wiring) -> None:
    made = {"document": "D2", "place": "R301", "devices": ["T301"], "made": 2, "by_products": 1, "id": "BP1"}
    asked = await refused(binhai, "p04", "record-production", made)

    told = await binhai.office.do("p04", "report-production", {**made, "account": "自行打印"})

    assert asked == set(await incident(told.result)) == {"S03-2.2", "S03-2.5b"}
    assert told.result["by_products"] == "BP1"


async def test_s03_4_9b_a_device_abroad_without_leave_is_abroad(binhai: Wiring) -> None:
    office = binhai.office
    await office.do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    await office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-1", **SCAN})
    trip = {"id": "OU1", "device": "store", "bearer": "p05", "back_by": "2026-03-10"}

    told = await office.do("p03", "report-device-abroad", {**trip, "account": "未经批准"})
    again = {name: value for name, value in trip.items() if name != "id"}

    assert await incident(told.result) == ["S03-4.9b"]
    assert await bad(binhai, "p01", "take-device-abroad", {**again, "permit": "证1号"}) == [
        ("device", "already-so")
    ]
    await office.do("p03", "device-back", {"outing": "OU1"})
    await office.do("p01", "take-device-abroad", {**again, "permit": "证1号"})


async def test_s03_4_1d_what_was_relayed_in_a_corridor_was_heard(binhai: Wiring) -> None:
    """S03-4.1d, S03-4.2a: unplanned, in a room that does not comply, to one who may not know it."""
    relay = {"title": "走廊传达", "documents": ["D2"], "place": "lou", "relayer": "p05", "present": ["p06"]}

    told = await binhai.office.do("p04", "report-relay", {**relay, "account": "听者自述"})

    assert {"S03-4.3a", "S03-4.2a", "S01-3c"} <= set(await incident(told.result))
    assert {("p05", "heard"), ("p06", "heard")} <= await knowers(binhai, "D2")


async def test_s03_4_2a_reading_in_an_unfit_room_is_entered_for_whoever_may_know_it(binhai: Wiring) -> None:
    read = {"document": "D2", "person": "p05", "mode": "read", "account": "带到走廊阅读"}

    assert await bad(binhai, "p03", "report-knowing", read) == [("account", "nothing-irregular")]
    told = await binhai.office.do("p03", "report-knowing", {**read, "place": "lou"})

    assert await incident(told.result) == ["S03-4.2a"]
