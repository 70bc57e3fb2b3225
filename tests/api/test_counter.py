"""Signing at the counter (窗口): whoever decides types their own PIN in the clerk's session."""

from __future__ import annotations

import re

import httpx
import pytest

from graph.errors import BadField
from storage.accounts import LOCK_AFTER, LOCK_MS
from storage.counter import check_pin
from storage.organisations import SetClock
from storage.tables.kept import CounterPin
from storage.tables.ledger import Entry
from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import PASSWORD, Doors
from tests.columns import Ground

PIN = "274091"
NARROW = {"document": "D2", "members": ["p05"]}


async def chosen(doors: Doors, person: str = "p01", pin: str = PIN) -> httpx.Response:
    async with doors.by(person) as owner:
        return await owner.post("/api/v1/session/pin", json={"password": PASSWORD, "pin": pin})


async def decided(clerk: httpx.AsyncClient, **decision: str) -> httpx.Response:
    sent = {**NARROW, "decision": {"by": "p01", "proof": "counter", **decision}}
    return await clerk.post("/api/v1/acts/set-range", json=sent)


def problems(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return [(each["field"], each["code"]) for each in response.json()["errors"]]


async def test_the_leader_signs_in_the_clerks_session_and_the_pin_is_entered_nowhere(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    choosing = await chosen(doors)
    async with doors.by("p03") as clerk:
        entered = await decided(clerk, pin=PIN)

    assert (choosing.status_code, entered.status_code) == (204, 201)
    body = await binhai.ledger.find(entered.json()["ref"])
    assert body is not None
    assert body.decision is not None
    assert (body.actor, body.decision.by, body.decision.proof) == ("p03", "p01", "counter")
    assert PIN not in (await Entry.select(Entry.body).where(Entry.seq == body.seq))[0]["body"]
    assert PIN not in (await CounterPin.select())[0]["pin_hash"]


async def test_without_the_right_pin_nothing_is_entered(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    async with doors.by("p03") as clerk:
        none = await decided(clerk, pin=PIN)
        await chosen(doors)
        head = await binhai.ledger.head()
        left_out, wrong = await decided(clerk), await decided(clerk, pin="111222")
        own = await clerk.post(
            "/api/v1/acts/set-range",
            json={**NARROW, "decision": {"by": "p03", "proof": "counter", "pin": PIN}},
        )
        elsewhere = await clerk.post(
            "/api/v1/acts/set-range", json={**NARROW, "decision": {"by": "p01", "proof": "own", "pin": PIN}}
        )
        not_this = await clerk.post(
            "/api/v1/acts/keep-carrier",
            json={
                "carrier": "C1",
                "kept_in": "B1",
                "decision": {"by": "p01", "proof": "counter", "pin": PIN},
            },
        )

    assert problems(none) == problems(wrong) == [("decision.pin", "pin-wrong")]
    assert problems(left_out) == [("decision.pin", "missing")]
    assert problems(own) == [("decision.proof", "counter-is-for-others")]
    assert problems(elsewhere) == [("decision.pin", "unknown-field")]
    assert problems(not_this) == [("decision.proof", "counter-not-allowed")]
    assert await binhai.ledger.head() == head


async def test_who_may_not_decide_may_not_at_the_counter_either(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await chosen(doors, "p05")

    async with doors.by("p03") as clerk:
        refused = await decided(clerk, by="p05", pin=PIN)

    assert refused.status_code == 403
    assert "S03-4.1a" in refused.json()["rules"]


async def test_too_many_wrong_pins_lock_it_for_a_while_the_right_one_included(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    doors = Doors(binhai, binhai_ground)
    await chosen(doors)
    async with doors.by("p03") as clerk:
        for _ in range(LOCK_AFTER):
            await decided(clerk, pin="111222")
        locked = await decided(clerk, pin=PIN)
        clock.put(binhai.now() + LOCK_MS + 1)
        again = await decided(clerk, pin=PIN)

    assert problems(locked) == [("decision.pin", "pin-locked")]
    assert again.status_code == 201


async def test_a_pin_is_chosen_by_whoever_knows_the_password_only(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    async with doors.by("p01") as leader:
        wrong = await leader.post("/api/v1/session/pin", json={"password": "guess-7-wrong", "pin": PIN})

    assert problems(wrong) == [("password", "wrong-password")]
    assert not await CounterPin.exists()


async def test_on_the_pages_one_chooses_a_pin_and_signs_beside_the_clerk(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    typed = {"password": PASSWORD, "pin": PIN}
    async with browser(doors, "p01") as leader:
        page = await leader.get("/pin")
        differing = await leader.send("/pin", page, **typed, pin_again="274092")
        plain = await leader.send("/pin", page, password=PASSWORD, pin="111111", pin_again="111111")
        done = await leader.send("/pin", page, **typed, pin_again=PIN)
        after = await leader.get("/pin")
    async with browser(doors, "p03") as clerk:
        form = await clerk.get("/documents/D2/range")
        wrong = await clerk.send("/documents/D2/range", form, members=["p05"], decided_by="p01", pin="111222")
        entered = await clerk.send("/documents/D2/range", form, members=["p05"], decided_by="p01", pin=PIN)

    assert (differing.status_code, plain.status_code, done.status_code) == (422, 422, 303)
    assert "您已设有签认码" in words(after)
    assert wrong.status_code == 422
    assert "签认码不对" in words(wrong)
    assert "111222" not in wrong.text
    assert entered.status_code == 303
    ((body, _),) = [each async for each in binhai.ledger.bodies((await binhai.ledger.head()).seq - 1)]
    assert body.decision is not None
    assert (body.act, body.decision.by, body.decision.proof) == ("set-range", "p01", "counter")


async def test_a_borrower_signs_at_the_counter_for_what_is_lent_and_the_signature_serves_once(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await chosen(doors, "p05")
    loan = {"carrier": "C2", "to": "p05", "due": "2026-03-06", "purpose": "核对数据"}
    signing = {"carriers": ["C2"], "decision": {"by": "p05", "proof": "counter", "pin": PIN}}
    async with doors.by("p03") as clerk:
        signed = await clerk.post("/api/v1/acts/sign-for", json=signing)
        lent = await clerk.post("/api/v1/acts/lend-carrier", json={**loan, "signed": {"proof": "own"}})
    async with doors.by("p06") as colleague:
        stranger = await colleague.post("/api/v1/acts/sign-for", json=signing)

    assert (signed.status_code, lent.status_code) == (201, 201), lent.text
    body = await binhai.ledger.find(signed.json()["ref"])
    assert body is not None
    assert body.decision is not None
    assert (body.actor, body.decision.by, body.decision.proof) == ("p03", "p05", "counter")
    assert stranger.status_code == 403
    assert {"S03-6.5", "S03-4.3a"} <= set(stranger.json()["rules"])


async def test_on_the_page_of_a_carrier_one_signs_with_the_pin_and_a_refused_loan_leaves_no_signature(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await chosen(doors, "p05")
    await chosen(doors, "p06")
    typed = {"act": "lend-carrier", "due": "2026-03-06", "purpose": "核对数据", "proof": "counter"}
    here = "/documents/D2/carriers/C2"
    async with browser(doors, "p03") as clerk:
        page = await clerk.get(here)
        head = await binhai.ledger.head()
        no_pin = await clerk.send(here, page, **typed, to="p05")
        wrong = await clerk.send(here, page, **typed, to="p05", pin="111222")
        nobodys = await clerk.send(here, page, **typed, to="p06", pin=PIN)
        after = await binhai.ledger.head()
        done = await clerk.send(here, await clerk.get(here), **typed, to="p05", pin=PIN)
        lent = await clerk.get(here)

    assert "签认码" in words(page)
    assert (no_pin.status_code, wrong.status_code, nobodys.status_code) == (422, 422, 403)
    assert "签认码不对" in words(wrong)
    assert re.search(r"S0\d-", words(nobodys)), "the clerk reads by which rules"
    assert after == head
    assert done.status_code == 303, words(done)
    assert "归还" in words(lent)
    signed, loan = [body async for body, _ in binhai.ledger.bodies(head.seq)]
    assert (signed.act, loan.act) == ("sign-for", "lend-carrier")
    assert signed.decision is not None
    assert (signed.decision.by, signed.decision.proof) == ("p05", "counter")


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("27409", "pin-not-digits"), ("2740912740912", "pin-not-digits"), ("27409a", "pin-not-digits"),
        ("２７４０９１", "pin-not-digits"), ("777777", "pin-too-plain"), ("123456", "pin-too-plain"),
        ("987654", "pin-too-plain"), ("789012", "pin-too-plain"),
    ],
)  # fmt: skip
def test_a_plain_pin_is_refused(pin: str, code: str) -> None:
    with pytest.raises(BadField) as refused:
        check_pin(pin)

    assert [each.code for each in refused.value.errors] == [code]
