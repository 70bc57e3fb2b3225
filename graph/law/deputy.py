"""Who may stand in for whom (代理): only someone who qualifies as the principal does [P]."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.person import card
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


@rule("P-deputy", reads="act")
def may_deputise(facts: Facts, deputy: str, principal: str, at: Instant) -> tuple[Reason, ...]:
    """Cleared as high as the principal, with every mark of the card holding; never oneself."""
    if deputy == principal:
        return (Reason(("P-deputy",), "not-ones-own-deputy"),)
    theirs, own = card(facts, principal, at).clearance, card(facts, deputy, at)
    reasons = []
    if theirs is not None and (own.clearance is None or own.clearance.rank < theirs.rank):
        held = own.clearance.id if own.clearance else "none"
        reasons.append(Reason(("P-deputy",), "clearance-too-low", {"held": held, "needed": theirs.id}))
    marks = own.marks if theirs is not None else ()
    reasons += [mark.reason for mark in (*marks, *own.bars) if mark.holds is False and mark.reason]
    return tuple(reasons)
