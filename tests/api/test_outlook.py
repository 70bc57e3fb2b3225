"""What would change: asked of an act's form before it is done, and nothing is written."""

from __future__ import annotations

from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground


async def entered_since(wiring: Wiring, seq: int) -> list[str]:
    """The acts, but for the accounts that signing in here opens."""
    return [body.act async for body, _ in wiring.ledger.bodies(seq) if body.act != "open-account"]


async def test_a_range_about_to_be_set_says_who_would_gain_and_lose(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    head = await binhai.ledger.head()
    async with browser(Doors(binhai, binhai_ground), "p03") as keeper:
        page = await keeper.get("/documents/D2/range")
        slip = {
            "paper_number": "批字7号",
            "paper_date": "2026-03-02",
            "paper_scan": "s-1",
            "decided_by": "p01",
        }
        looked = await keeper.send("/documents/D2/range", page, members=[], foresee="yes", **slip)
        await keeper.speak("en")
        english = await keeper.send("/documents/D2/range", page, members=[], foresee="yes", **slip)

    assert looked.status_code == 200, words(looked)
    assert "先看后果" in words(page)
    outlook = looked.text.split('id="outlook"')[1].split("</section>")[0]
    assert "将不再能知悉" in outlook
    assert "刘洋" in outlook
    assert "将能知悉" not in outlook
    assert 'value="批字7号"' in looked.text, "what was typed stays"
    assert "Would no longer know" in words(english)
    assert await entered_since(binhai, head.seq) == []


async def test_an_act_that_would_be_refused_is_refused_with_its_rules(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    head = await binhai.ledger.head()
    async with browser(Doors(binhai, binhai_ground), "p03") as keeper:
        page = await keeper.get("/documents/D2/range")
        refused = await keeper.send("/documents/D2/range", page, members=["p06"], foresee="yes", decided_by="p01",
                                    paper_number="批字7号", paper_date="2026-03-02", paper_scan="s-1")  # fmt: skip

    assert refused.status_code == 403
    assert "S02-4.5" in words(refused)
    assert await entered_since(binhai, head.seq) == []


async def test_any_act_can_be_looked_at_first_by_those_who_look_at_rooms_and_hands(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    head = await binhai.ledger.head()
    async with browser(doors, "p02") as officer:
        page = await officer.get("/acts/record-departure")
        looked = await officer.send("/acts/record-departure", page, person="p05", note="未归", foresee="yes")
        nothing = await officer.send("/acts/record-departure", page, person="", note="未归", foresee="yes")
    async with browser(doors, "p05") as staff:
        plain = await staff.get("/acts/sign-for")

    assert "将不再能知悉" in words(looked), words(looked)
    assert nothing.status_code == 422
    assert "先看后果" not in words(plain)
    assert await entered_since(binhai, head.seq) == []
