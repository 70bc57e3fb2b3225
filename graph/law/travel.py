"""Private travel abroad of those in key units (S02-9)."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.person import in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


@rule("S02-9c", reads="act", kinds=("TRAVEL_ALLOWED",))
def approved(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """Nobody travels without the Office's approval for these days."""
    if in_force(facts.out(person, "TRAVEL_ALLOWED"), at):
        return ()
    return (Reason(("S02-9c",), "travel-not-approved", {"person": person}, (), "apply-for-travel", "PERSON"),)
