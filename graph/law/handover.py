"""Handing over what one keeps (S03-5.4b), and archiving (S03-5.5, S07-3a)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from graph.law.rules import rule
from graph.law.verdict import Reason


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """Giver 移交人, taker 接收人 and overseer 监交人: three people, each signing for themselves."""

    giver: str
    taker: str
    overseer: str
    signed: tuple[str, ...] = ()


@rule("S03-5.4b", reads="act")
def handed_over(handover: Handover | None) -> tuple[Reason, ...]:
    """A list signed by giver, taker and overseer, or neither is the custody moved nor a post left."""
    missing = (
        ["list"]
        if handover is None
        else [p for p in (handover.giver, handover.taker, handover.overseer) if p not in handover.signed]
    )
    if not missing:
        return ()
    return (Reason(("S03-5.4b",), "handover-not-signed", {"missing": ", ".join(missing)}),)


def three_people(handover: Handover) -> tuple[Reason, ...]:
    if len({handover.giver, handover.taker, handover.overseer}) == 3:
        return ()
    return (Reason(("S03-5.4b",), "two-different-persons"),)


def keys_listed(needed: Collection[str], named: Collection[str]) -> tuple[Reason, ...]:
    """The keys to where the carriers lie go with them (S03-5.4b)."""
    missing = sorted(set(needed) - set(named))
    if not missing:
        return ()
    return (Reason(("S03-5.4b",), "keys-not-listed", {"missing": ", ".join(missing)}),)


@rule("S07-3a", reads="act", kinds=("FILED_IN",))
def catalogued(code: str, number: str) -> tuple[Reason, ...]:
    """Filed under a class of the plan and with a number."""
    missing = [name for name, said in (("class", code), ("number", number)) if not said.strip()]
    if not missing:
        return ()
    return (Reason(("S07-3a",), "no-class-or-number", {"missing": ", ".join(missing)}),)


@rule("S03-5.5", reads="act", kinds=("ARCHIVED_IN", "FILED_IN"))
def archivable(fonds: str, volume: str | None, retention: str, held: Collection[str]) -> tuple[Reason, ...]:
    """Fonds, volume and retention are given, and none of its carriers is out."""
    missing = [
        name
        for name, said in (("fonds", fonds), ("volume", volume or ""), ("retention", retention))
        if not said.strip()
    ]
    found: list[Reason] = []
    if missing:
        found.append(Reason(("S03-5.5",), "archive-details-missing", {"missing": ", ".join(missing)}))
    if held:
        found.append(Reason(("S03-5.5",), "carriers-still-out", {"carriers": ", ".join(sorted(held))}))
    return tuple(found)
