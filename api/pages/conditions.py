"""我的条件: one person's level, vetting, undertaking, education and leaving, tied to no item, each with what mends it."""

from __future__ import annotations

from typing import Any

import msgspec

from api import show
from graph.access import Stand
from graph.facts import Fact, Facts
from graph.law import gate
from graph.law.know import lifted
from graph.law.levels import Level
from graph.law.person import card, in_force
from graph.law.verdict import Mark, Reason
from graph.times import FOREVER, Instant

Json = dict[str, Any]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """`holds` is None where it does not apply. Instants; `until` is None where it has no end."""

    name: str
    holds: bool | None
    rules: tuple[Json, ...]
    since: Instant | None = None
    until: Instant | None = None
    fact: str = ""
    reason: Json | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person stands: clearance, conditions, and what they belong to and hold, by id."""

    level: Level | None
    conditions: tuple[Condition, ...]
    departments: tuple[str, ...]
    posts: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]


def standing(world: Facts, person: str, stand: Stand) -> Standing:
    at, silent = stand.at, stand.silent
    who = card(world, person, at)
    own = in_force(world.out(person, "MEMBER_OF"), at)
    posts = in_force(world.out(person, "HOLDS_POST"), at)
    marks = [
        lifted(mark, silent)
        for mark in (*who.marks, *who.bars)
        if not (mark.name == "departure" and mark.holds is None)
    ]
    return Standing(
        level=who.clearance,
        conditions=(_clearance(who.clearance, who.clearance_facts), *(_condition(mark) for mark in marks)),
        departments=tuple(fact.target for fact in own),
        posts=tuple(fact.target for fact in posts),
        roles=tuple((fact.kind, fact.target) for fact in gate.roles(world, person, at)),
    )


def _clearance(level: Level | None, facts: tuple[Fact, ...]) -> Condition:
    """The level itself; how high it has to be depends on the item."""
    if level is not None:
        return _dated("level", True, (level.clearance_rule,), facts, None)
    missing = Reason(("S01-3c",), "no-level", remedy="clear", whose="LEADING_GROUP_OF")
    return _dated("level", None, missing.rules, facts, missing)


def _condition(mark: Mark) -> Condition:
    return _dated(mark.name, mark.holds, mark.rules, mark.facts, mark.reason)


def _dated(
    name: str, holds: bool | None, rules: tuple[str, ...], facts: tuple[Fact, ...], reason: Reason | None
) -> Condition:
    first = facts[0] if facts else None
    return Condition(
        name=name,
        holds=holds,
        rules=tuple(show.clause(rule) for rule in rules),
        since=first.since if first else None,
        until=first.until if first and first.until < FOREVER else None,
        fact=first.id if first else "",
        reason=show.reason(reason, {}) if reason else None,
    )


def labels_of(found: Standing) -> set[str]:
    return {*found.departments, *found.posts, *(over for _, over in found.roles)}
