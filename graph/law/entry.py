"""Who may come into a key location or machine room, and how (S02-12 … S02-14.4, S22-2.3b): one entry check [C23]."""

from __future__ import annotations

from graph.facts import Fact, Facts
from graph.law.person import in_force
from graph.times import Instant


def paired(facts: Facts, fact: Fact, at: Instant) -> bool:
    """Whether the second person of a two-person entry stands there too, named as such by both (S02-14.3)."""
    beside = fact.details.get("pair")
    return beside != fact.source and any(
        each.source == beside and each.details.get("pair") == fact.source
        for each in in_force(facts.into(fact.target, fact.kind), at)
    )
