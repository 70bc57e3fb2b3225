"""What an undertaking says, and who stands behind a proposed marking (S02-8c, S02-6.2)."""

from __future__ import annotations

import msgspec

from graph.law.rules import rule
from graph.law.verdict import Reason


class Text(msgspec.Struct, frozen=True):
    """The four parts of an undertaking's text: empty where one is not there."""

    duties: str
    restrictions: str
    notify: str
    penalties: str


class Proposal(msgspec.Struct, frozen=True):
    """A marking that a member proposes: by whom, on what basis, and who approved it."""

    proposer: str
    basis: str
    approver: str


@rule("S02-8c", reads="act")
def four_parts(text: Text) -> tuple[Reason, ...]:
    """Responsibilities, discipline and restrictions, matters to notify beforehand, and penalties all stand in it."""
    missing = [name for name, value in msgspec.structs.asdict(text).items() if not value.strip()]
    if not missing:
        return ()
    return (Reason(("S02-8c",), "undertaking-text-incomplete", {"missing": ", ".join(missing)}),)


@rule("S02-6.2", reads="act")
def lawfully_determined(proposal: Proposal) -> tuple[Reason, ...]:
    """A member's proposal of a mark is kept with its basis and with who approved it, who is somebody else."""
    missing = [name for name, value in msgspec.structs.asdict(proposal).items() if not value.strip()]
    if missing:
        return (Reason(("S02-6.2",), "marking-proposal-incomplete", {"missing": ", ".join(missing)}),)
    if proposal.proposer == proposal.approver:
        return (Reason(("S02-6.2", "P-self"), "not-for-oneself"),)
    return ()
