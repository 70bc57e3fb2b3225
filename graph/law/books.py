"""The registers: kept by a custodian, corrected by new entries and never over the old ones (S03-6.5)."""

from __future__ import annotations

from collections.abc import Collection

from graph.law.rules import rule
from graph.law.verdict import Reason


@rule("S03-6.5", reads="act", kinds=("CUSTODIAN_OF",))
def kept_by_custodian(keepers: Collection[str], holder: str | None) -> tuple[Reason, ...]:
    """Whoever is entered as keeping a carrier is a custodian; with nobody named, there is one at all."""
    if holder is None:
        return () if keepers else (Reason(("S03-6.5",), "no-custodian"),)
    if holder in keepers:
        return ()
    return (Reason(("S03-6.5",), "holder-not-custodian", {"person": holder}),)


def correctable(field: str, *, clerical: bool) -> tuple[Reason, ...]:
    """Clerical fields alone: what decides is changed by the act that sets it."""
    return () if clerical else (Reason(("S03-6.5",), "not-clerical", {"field": field}),)


def voidable(*, fixed: bool, resting: int) -> tuple[Reason, ...]:
    """An entry is struck out only while nothing rests on it; some never are."""
    if fixed:
        return (Reason(("S03-6.5",), "cannot-be-voided"),)
    if resting:
        return (Reason(("S03-6.5",), "something-rests-on-it", {"count": str(resting)}),)
    return ()
