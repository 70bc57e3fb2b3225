"""The use of seals (S18-5.4.1a), and the seal on a copy (S03-4.5.4b)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from graph.law.rules import rule
from graph.law.verdict import Reason

OFFICIAL = "official"
"""公章, the only kind that makes a copy one."""


class SealUse(msgspec.Struct, frozen=True, kw_only=True):
    """Who applied, who of their department approved, who as keeper of the seal reviewed; None where not yet."""

    applicant: str
    approver: str | None = None
    reviewer: str | None = None


@rule("S18-5.4.1a", reads="act", kinds=("SEAL_KEEPER_OF",))
def judge_seal_use(use: SealUse) -> tuple[Reason, ...]:
    """申请 → 负责人批准 → 管理员审核 → 用印登记, and nobody reviews what they applied for or approved [P]."""
    if use.approver == use.applicant:
        return (Reason(("S18-5.4.1a", "P-self"), "two-different-persons"),)
    if use.reviewer is not None and use.reviewer in (use.applicant, use.approver):
        return (Reason(("S18-5.4.1a",), "two-different-persons"),)
    return ()


def seal_use_ready(state: str, wanted: str) -> tuple[Reason, ...]:
    """Steps come in their order."""
    if state == wanted:
        return ()
    return (Reason(("S18-5.4.1a",), "step-out-of-order", {"state": state, "needed": wanted}),)


@rule("S03-4.5.4b", reads="act", kinds=("SEALED_WITH", "COPY_OF"))
def copy_sealed(seals: Collection[str]) -> tuple[Reason, ...]:
    """A copy without the unit's official seal (公章), by an entered seal use, is not released; another seal is none."""
    if OFFICIAL in seals:
        return ()
    return (Reason(("S03-4.5.4b",), "copy-not-sealed", remedy="apply-seal", whose="SEAL_KEEPER_OF"),)
