"""Somebody leaves secret work as they have to: opinion, handover by three hands, both papers, and the case closed."""

from __future__ import annotations

from typing import Any

from storage.wiring import Wiring

Outcome = dict[str, Any]
TAKER, OVERSEER = "p03", "p01"


async def take(wiring: Wiring, actor: str, case: str, step: str, **more: Any) -> Outcome:
    done = await wiring.office.do(actor, "take-step", {"case": case, "step": step, **more})
    return {**done.result, "rules": done.rules}


async def hand_over(wiring: Wiring, case: str, person: str, *, taker: str = TAKER) -> None:
    """Each of the three signs in their own session."""
    for hand in (person, taker, OVERSEER):
        await take(wiring, hand, case, "handover")


async def sign(wiring: Wiring, person: str, *kinds: str) -> None:
    for kind in kinds:
        await wiring.office.do(
            person, "record-undertaking", {"person": person, "undertaking": kind, "version": "2026版"}
        )


async def begin_leaving(wiring: Wiring, person: str, *, taker: str = TAKER, opener: str = "p20") -> str:
    """The case opened: posts and access end."""
    opened = await wiring.office.do(opener, "open-case", {
        "procedure": "leaving", "subject": person, "form": {"taker": taker, "supervisor": OVERSEER},
    })  # fmt: skip
    if opened.result["next"] == "opinion":
        await take(wiring, "p01", opened.result["case"], "opinion", words="同意离岗")
    return str(opened.result["case"])


async def close_leaving(wiring: Wiring, case: str, person: str, *, taker: str = TAKER) -> Outcome:
    await hand_over(wiring, case, person, taker=taker)
    await sign(wiring, person, "leaving", "exit")
    return await take(wiring, "p20", case, "close")


async def leave(wiring: Wiring, person: str, *, taker: str = TAKER, opener: str = "p20") -> Outcome:
    """What the reply to the last step says: when the cooling-off ends."""
    case = await begin_leaving(wiring, person, taker=taker, opener=opener)
    return await close_leaving(wiring, case, person, taker=taker)


async def release(wiring: Wiring, person: str, *, by: str = "p02") -> Outcome:
    """Released from the period by a member of the leading group."""
    rows = await wiring.database.run(
        "SELECT id FROM case_file WHERE subject = {} AND procedure = 'release' AND state = 'open'", person
    )
    return await take(wiring, by, rows[0]["id"], "release")


async def leave_one_of_two(wiring: Wiring, person: str, post: str, *, taker: str = "p04") -> Outcome:
    """A secret post left beside another: what was kept in it is handed over by its list first."""
    prepared = await wiring.office.do(
        "p02", "prepare-handover", {"giver": person, "taker": taker, "overseer": "p02"}
    )
    handover = prepared.result["handover"]
    for hand in (person, taker, "p02"):
        await wiring.office.do(hand, "sign-handover", {"handover": handover})
    left = await wiring.office.do("p20", "leave-post", {"person": person, "post": post, "handover": handover})
    return left.result
