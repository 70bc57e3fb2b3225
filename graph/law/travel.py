"""Private travel abroad of those in key units (S02-9)."""

from __future__ import annotations

import re
import unicodedata

from graph.facts import Facts
from graph.law.person import in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant

BETWEEN = re.compile(r"[、，,;；/\s]+")


@rule("S02-9c", reads="act", kinds=("TRAVEL_ALLOWED",))
def approved(facts: Facts, person: str, destination: str, at: Instant) -> tuple[Reason, ...]:
    """Nobody travels without the Office's approval for these days and this destination."""
    allowed = [
        _places(str(fact.details.get("destination", "")))
        for fact in in_force(facts.out(person, "TRAVEL_ALLOWED"), at)
    ]
    if any(_places(destination) <= each for each in allowed):
        return ()
    code = "travelled-elsewhere" if allowed else "travel-not-approved"
    return (Reason(("S02-9c",), code, {"person": person}, (), "apply-for-travel", "PERSON"),)


def _places(said: str) -> frozenset[str]:
    """The destinations named, several by a comma or a space; width and case do not matter."""
    plain = unicodedata.normalize("NFKC", said).casefold()
    return frozenset(each for each in BETWEEN.split(plain) if each)
