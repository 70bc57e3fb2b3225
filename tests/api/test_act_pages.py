"""Acts without a page of their own, done at the form made of their parameters."""

from __future__ import annotations

import re

from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground
from tests.storage.answers import whereabouts


async def test_a_carrier_is_sent_and_carried_out_from_its_own_page(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    cover = {"packing.kind": "envelope", "packing.sealed": "yes"}
    way = {"to": "shengju", "channel": "confidential-post", "vehicle": "专车", "route": "市区"}

    async with browser(doors, "p03") as custodian:
        carrier = await custodian.get("/documents/D2/carriers/C2")
        links = re.findall(r'href="(/acts/[^"]+)"', carrier.text)
        form = await custodian.get("/acts/send-carriers?carriers=C2")
        unsealed = await custodian.send(
            "/acts/send-carriers", form, carriers="C2", **{**way, "packing.kind": "envelope"}
        )
        sent = await custodian.send("/acts/send-carriers", form, carriers="C2", **way, **cover)
        done = await custodian.get(sent.headers["location"])

    assert "/acts/send-carriers?carriers=C2" in links
    assert ">C2</textarea>" in form.text
    assert unsealed.status_code == 403
    assert "S03-3.3a" in words(unsealed)
    assert sent.status_code == 303
    assert "已登记" in words(done)
    assert await whereabouts(binhai, "C2") == (["p03"], [])


async def test_each_is_offered_their_own_acts_and_a_fault_stands_beside_its_field(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p03") as custodian:
        listed = await custodian.get("/acts")
        form = await custodian.get("/acts/start-inventory")
        words_in_a_number = await custodian.send("/acts/start-inventory", form, year="今年")
        english = await custodian.get("/acts/circulate")
    async with browser(doors, "p06") as staff:
        none = await staff.get("/acts")
        hidden = await staff.get("/acts/start-inventory")

    assert 'href="/acts/circulate"' in listed.text
    assert 'href="/acts/approve-destruction"' in listed.text
    assert 'id="w-year"' in words_in_a_number.text
    assert words_in_a_number.status_code == 422
    assert english.status_code == 200
    assert re.findall(r'href="/acts/([^"]+)"', none.text) == ["confirm-night", "sign-for"]
    assert hidden.status_code == 404
