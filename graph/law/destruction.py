"""Destroying carriers: approved, counted, beyond restoring, witnessed (S03-5.3d, 6.1–6.4, C10, C11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from graph.law.levels import Level
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason

Method = Literal["shredder", "mill", "crush", "melt", "chemical", "burn", "key", "format", "delete", "scrap"]
PAPER: frozenset[str] = frozenset({"shredder", "mill", "burn"})
ELECTRONIC: frozenset[str] = frozenset({"key"})
MEDIA: frozenset[str] = frozenset({"crush", "melt", "chemical", "burn"})
"""Physical or chemical destruction of magnetic and optical media."""


class Destruction(msgspec.Struct, frozen=True, kw_only=True):
    """`certified` and `designated` say whether the machine and the mill are on the list.

    `witnesses` are those who watch it (监销) and escort it (押运); the custodian who enters it is none of them, nor is whoever
    counts as the same hand (`alike`: a deputy and whom they stand in for). `unqualified` are not cleared as high as it is.
    """

    level: Level
    mediums: frozenset[str]
    approved: bool
    listed: frozenset[str]
    counted: frozenset[str] | None
    method: Method
    outcome: str
    certified: bool
    designated: bool
    witnesses: tuple[str, ...]
    custodian: str
    alike: frozenset[str] = frozenset()
    unqualified: frozenset[str] = frozenset()


def judge_destruction(done: Destruction, figures: Figures) -> tuple[Reason, ...]:
    return (
        *destruction_approved(done.approved),
        *counted_as_approved(done.listed, done.counted),
        *recorded(done),
        *shredder_certified(done),
        *mill_designated(done),
        *witnessed(done, figures),
        *media_destroyed(done),
        *no_scrap(done),
    )


@rule("S03-6.1a", reads="act")
def destruction_approved(approved: bool) -> tuple[Reason, ...]:
    if approved:
        return ()
    return (
        Reason(("S03-6.1a",), "destruction-not-approved", remedy="approve-destruction", whose="LEADER_OF"),
    )


@rule("S03-6.1b", reads="act")
def counted_as_approved(listed: frozenset[str], counted: frozenset[str] | None) -> tuple[Reason, ...]:
    """Counted and registered: exactly the approved list lies there."""
    if counted == listed:
        return ()
    values = {"listed": str(len(listed)), "count": str(len(counted or ()))}
    return (Reason(("S03-6.1b",), "count-differs", values),)


@rule("S03-6.2a", reads="act")
def recorded(done: Destruction) -> tuple[Reason, ...]:
    """The information cannot be restored: how it was done and what came of it is written down."""
    return () if done.outcome.strip() else (Reason(("S03-6.2a",), "no-result-recorded"),)


@rule("S03-6.2b", reads="act", kinds=("DESTROYS_FOR",))
def shredder_certified(done: Destruction) -> tuple[Reason, ...]:
    """Paper in the unit: the shredder is certified; a furnace is one only where it is on the same list [P]."""
    if done.certified or not (
        done.method == "shredder" or (done.method == "burn" and "paper" in done.mediums)
    ):
        return ()
    code = "shredder-not-certified" if done.method == "shredder" else "furnace-not-listed"
    return (Reason(("S03-6.2b",), code, remedy="approve-destroyer", whose="SECURITY_OFFICER_OF"),)


@rule("S03-6.2c", reads="act", kinds=("DESTROYS_FOR",))
def mill_designated(done: Destruction) -> tuple[Reason, ...]:
    if done.method != "mill" or done.designated:
        return ()
    return (
        Reason(("S03-6.2c",), "mill-not-designated", remedy="approve-destroyer", whose="SECURITY_OFFICER_OF"),
    )


@rule("S03-6.2d", reads="act")
def witnessed(done: Destruction, figures: Figures) -> tuple[Reason, ...]:
    """Mill: two, fixed. In the unit two for 绝密 and 机密, one beside the custodian for 秘密 [P, C11]; each qualified (4.7)."""
    if done.method == "scrap" or done.level.scheme != "state":
        return ()
    needed = _witnesses_needed(done, figures)
    unfit = sorted(done.unqualified & set(done.witnesses))
    found = [Reason(("S03-6.2d",), "cleared-too-low-for-it", {"people": ", ".join(unfit)})] if unfit else []
    if len(set(done.witnesses) - {done.custodian} - done.alike) < needed:
        found.append(Reason(("S03-6.2d",), "too-few-witnesses", {"needed": str(needed)}))
    return tuple(found)


def _witnesses_needed(done: Destruction, figures: Figures) -> int:
    if done.method == "mill":
        return figures("mill-witnesses")
    name = "destruction-witnesses" if done.level.rank >= 2 else "destruction-witnesses-confidential"
    return figures(name)


@rule("S03-6.3", reads="act")
def media_destroyed(done: Destruction) -> tuple[Reason, ...]:
    """Magnetic and optical media physically or chemically; what lies in the store by its key; paper as paper."""
    unfit = [medium for medium in sorted(done.mediums) if not _fits(medium, done.method)]
    if not unfit or done.method == "scrap":
        return ()
    rules = ("S03-6.3",) if set(unfit) - {"paper"} else ("S03-6.2a",)
    return (Reason(rules, "method-can-be-undone", {"media": ", ".join(unfit)}),)


def _fits(medium: str, method: str) -> bool:
    if medium == "paper":
        return method in PAPER
    return method in (ELECTRONIC if medium == "electronic" else MEDIA)


@rule("S03-6.4", reads="act")
def no_scrap(done: Destruction) -> tuple[Reason, ...]:
    return (Reason(("S03-6.4",), "never-as-scrap"),) if done.method == "scrap" else ()


@rule("S03-5.3d", reads="act", kinds=("RETURN_DUE",))
def not_to_be_returned(owed: Sequence[str]) -> tuple[Reason, ...]:
    """What the originator wants back is never destroyed here [C10]."""
    if not owed:
        return ()
    return (
        Reason(
            ("S03-5.3d",),
            "has-to-be-returned",
            {"carriers": ", ".join(owed)},
            (),
            "return-it",
            "CUSTODIAN_OF",
        ),
    )
