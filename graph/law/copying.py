"""Copying, scanning, printing, downloading: each makes a copy and is approved beforehand (S03-4.5, G04)."""

from __future__ import annotations

from typing import Literal

import msgspec

from graph.law.levels import Level
from graph.law.rules import rule
from graph.law.verdict import Reason

Approver = Literal["leader", "originator", "superior", "none"]


class CopyRequest(msgspec.Struct, frozen=True):
    """`approver` says by what authority the decision was taken; `allowed` whether the originator lets it be copied."""

    level: Level
    allowed: bool
    approver: Approver


def judge_copy(request: CopyRequest) -> tuple[Reason, ...]:
    return (*top_secret_copy(request), *secret_copy(request))


@rule("S03-4.5.1", reads="act", kinds=("CLASSIFIED_AS", "COPY_APPROVED"))
def top_secret_copy(request: CopyRequest) -> tuple[Reason, ...]:
    """绝密: only the body that set the level, or its superior, approves."""
    if request.level.rank < 3 or request.approver in ("originator", "superior"):
        return ()
    return (Reason(("S03-4.5.1",), "copy-needs-originator", remedy="ask-originator", whose="ORIGINATOR"),)


@rule("S03-4.5.2", reads="act", kinds=("CLASSIFIED_AS", "ORIGINATED_BY", "COPY_APPROVED"))
def secret_copy(request: CopyRequest) -> tuple[Reason, ...]:
    """机密 and 秘密: the own Leader approves what the originator allows; a prohibition cannot be approved away."""
    if request.level.rank >= 3:
        return ()
    if request.level.scheme == "state" and not request.allowed:
        return (Reason(("S03-4.5.2",), "copy-forbidden", remedy="ask-originator", whose="ORIGINATOR"),)
    if request.approver == "none":
        return (Reason(("S03-4.5.2",), "copy-not-approved", remedy="approve-copy", whose="LEADER_OF"),)
    return ()


@rule("S03-4.5.4a", reads="act", kinds=("COPY_OF",))
def copy_registered(registered: bool) -> tuple[Reason, ...]:
    """A copy that stands in no register is none: it cannot be used, lent or counted."""
    if registered:
        return ()
    return (Reason(("S03-4.5.4a",), "copy-not-registered", remedy="register-copy", whose="ARCHIVIST_OF"),)
