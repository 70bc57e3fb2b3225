"""What an item demands, evaluated once however many people are asked about."""

from __future__ import annotations

import msgspec

from graph.facts import Fact, Facts
from graph.law.levels import LEVELS, Level
from graph.times import Instant


class Demand(msgspec.Struct, frozen=True, gc=False):
    """An item's demands at one instant.

    `level` is None where it bears no mark: then nobody may know it (S03-2.1a). `range` and `distribution` map each
    listed node to its chain of facts down to the item; `ranged` and `distributed` say whether any list has been set.
    """

    item: str
    level: Level | None
    level_facts: tuple[Fact, ...]
    range: dict[str, tuple[Fact, ...]]
    distribution: dict[str, tuple[Fact, ...]]
    ranged: bool
    distributed: bool
    granted: dict[str, Fact]
    barred: dict[str, Fact]


def demand(facts: Facts, item: str, at: Instant) -> Demand:
    marks = tuple(fact for fact in facts.out(item, "CLASSIFIED_AS") if fact.holds(at))
    levels = [LEVELS[fact.target] for fact in marks if fact.target in LEVELS]
    return Demand(
        item=item,
        level=max(levels, key=lambda level: level.rank) if levels else None,
        level_facts=marks,
        range=_listed(facts, item, at, "RANGE_OF", "IN_RANGE"),
        distribution=_listed(facts, item, at, "DISTRIBUTION_OF", "IN_DISTRIBUTION"),
        ranged=_any(facts, item, at, "RANGE_OF"),
        distributed=_any(facts, item, at, "DISTRIBUTION_OF"),
        granted={fact.source: fact for fact in facts.into(item, "GRANTED_READ") if fact.holds(at)},
        barred={fact.source: fact for fact in facts.into(item, "BARRED_FROM") if fact.holds(at)},
    )


def _any(facts: Facts, item: str, at: Instant, of: str) -> bool:
    return any(link.holds(at) for link in facts.into(item, of))


def _listed(facts: Facts, item: str, at: Instant, of: str, member: str) -> dict[str, tuple[Fact, ...]]:
    """Who stands on the lists of an item, each with the chain member → list → item."""
    return {
        entry.source: (entry, link)
        for link in facts.into(item, of)
        if link.holds(at)
        for entry in facts.into(link.source, member)
        if entry.holds(at)
    }
