"""Carriers outside the office, at foreign-related activities, and abroad (S03-4.2b, 4.8, 4.9, C22)."""

from __future__ import annotations

import msgspec

from graph.law.levels import TOP_SECRET, Level
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason


class Outing(msgspec.Struct, frozen=True, kw_only=True):
    """`approved`: by the Leader, for this person and for such an outing. `reading`: to be read where no office is compliant."""

    level: Level
    bearers: tuple[str, ...]
    purpose: str
    back_by: bool
    reading: bool
    foreign: bool
    abroad: bool
    approved: bool
    measures: str
    permit: str


def judge_outing(outing: Outing, figures: Figures) -> tuple[Reason, ...]:
    """Purpose and destination first: what is forbidden cannot be approved away [C22]."""
    if outing.level.scheme != "state":
        return ()
    forbidden = (*no_top_secret_among_foreigners(outing), *no_top_secret_abroad(outing))
    return (
        *forbidden,
        *borne_and_dated(outing),
        *read_outside_with_leave(outing),
        *top_secret_with_leave(outing),
        *top_secret_in_company(outing, figures),
        *foreign_with_leave(outing),
        *foreign_with_measures(outing),
        *abroad_with_permit(outing),
    )


@rule("S03-4.8.3c", reads="act")
def no_top_secret_among_foreigners(outing: Outing) -> tuple[Reason, ...]:
    if outing.level != TOP_SECRET or not outing.foreign:
        return ()
    return (Reason(("S03-4.8.3c",), "never-among-foreigners"),)


@rule("S03-4.9a", reads="act")
def no_top_secret_abroad(outing: Outing) -> tuple[Reason, ...]:
    if outing.level != TOP_SECRET or not outing.abroad:
        return ()
    return (Reason(("S03-4.9a",), "never-abroad"),)


@rule("S03-4.8.1", reads="act")
def borne_and_dated(outing: Outing) -> tuple[Reason, ...]:
    """Under somebody's effective control all the time: a bearer, a purpose, and a time to be back."""
    if outing.bearers and outing.purpose.strip() and outing.back_by:
        return ()
    return (Reason(("S03-4.8.1",), "outing-without-bearer"),)


@rule("S03-4.2b", reads="act", kinds=("OUTING_APPROVED",))
def read_outside_with_leave(outing: Outing) -> tuple[Reason, ...]:
    if not outing.reading or outing.approved:
        return ()
    return (
        Reason(("S03-4.2b",), "reading-outside-not-approved", remedy="approve-outing", whose="LEADER_OF"),
    )


@rule("S03-4.8.2a", reads="act", kinds=("OUTING_APPROVED",))
def top_secret_with_leave(outing: Outing) -> tuple[Reason, ...]:
    if outing.level != TOP_SECRET or outing.approved:
        return ()
    return (Reason(("S03-4.8.2a",), "outing-not-approved", remedy="approve-outing", whose="LEADER_OF"),)


@rule("S03-4.8.2b", reads="act")
def top_secret_in_company(outing: Outing, figures: Figures) -> tuple[Reason, ...]:
    least = figures("top-secret-travellers")
    if outing.level != TOP_SECRET or len(set(outing.bearers)) >= least:
        return ()
    return (Reason(("S03-4.8.2b",), "too-few-travellers", {"needed": str(least)}),)


@rule("S03-4.8.3a", reads="act", kinds=("OUTING_APPROVED",))
def foreign_with_leave(outing: Outing) -> tuple[Reason, ...]:
    if not outing.foreign or outing.level == TOP_SECRET or outing.approved:
        return ()
    return (Reason(("S03-4.8.3a",), "foreign-not-approved", remedy="approve-outing", whose="LEADER_OF"),)


@rule("S03-4.8.3b", reads="act")
def foreign_with_measures(outing: Outing) -> tuple[Reason, ...]:
    if not outing.foreign or outing.level == TOP_SECRET or not outing.approved or outing.measures.strip():
        return ()
    return (Reason(("S03-4.8.3b",), "no-measures"),)


@rule("S03-4.9b", reads="act")
def abroad_with_permit(outing: Outing) -> tuple[Reason, ...]:
    if not outing.abroad or outing.level == TOP_SECRET or (outing.approved and outing.permit.strip()):
        return ()
    return (Reason(("S03-4.9b",), "no-permit-abroad", remedy="approve-outing", whose="LEADER_OF"),)


@rule("S03-4.9c", reads="act", kinds=("KEPT_IN", "CARRIES", "CLASSIFIED_AS"))
def level_of_device(levels: tuple[Level, ...]) -> Level | None:
    """A laptop is as secret as the most secret it holds: S03-4.9a and 4.9b then apply to it."""
    secret = [level for level in levels if level.scheme == "state"]
    return max(secret, key=lambda level: level.rank) if secret else None
