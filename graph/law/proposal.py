"""The level that a person's posts and tasks call for, and why (S01-3a–c, S01-4)."""

from __future__ import annotations

import msgspec

from graph.facts import Fact, Facts
from graph.law.levels import LEVELS, NO_CLEARANCE_RULE, Level
from graph.law.person import clearance, in_force, leaving
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import DAY_MS, Instant


class Proposal(msgspec.Struct, frozen=True):
    """`grounds` are the posts held and tasks worked on, each with its level, the highest first."""

    person: str
    level: Level | None
    grounds: tuple[tuple[Fact, Level], ...]
    rules: tuple[str, ...]


@rule("S01-4", reads="act", kinds=("HOLDS_POST", "HAS_TASK", "CLASSIFIED_AS"))
def proposed(facts: Facts, person: str, at: Instant) -> Proposal:
    """The whole of posts and tasks counts: the highest of them decides. None calls for no level."""
    grounds: list[tuple[Fact, Level]] = []
    for fact in in_force(facts.out(person, "HOLDS_POST", "HAS_TASK"), at):
        targets = (
            [fact.target]
            if fact.kind == "HAS_TASK"
            else [mark.target for mark in in_force(facts.out(fact.target, "CLASSIFIED_AS"), at)]
        )
        grounds += [(fact, LEVELS[each]) for each in targets if each in LEVELS]
    state = sorted(
        ((fact, level) for fact, level in grounds if level.scheme == "state"),
        key=lambda ground: (-ground[1].rank, ground[0].id),
    )
    if not state:
        return Proposal(person, None, (), ("S01-4", NO_CLEARANCE_RULE))
    highest = state[0][1]
    return Proposal(person, highest, tuple(state), ("S01-4", highest.clearance_rule))


@rule("S01-6a", reads="act", kinds=("CLEARED_TO", "HOLDS_POST", "HAS_TASK", "CLASSIFIED_AS", "COOLING_OFF"))
def unfit(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """The level held is not what is called for: a review is due. Of leavers, the leaving case sees to it."""
    held, evidence = clearance(facts, person, at)
    found = proposed(facts, person, at)
    if held is None or held == found.level:
        return ()
    if found.level is None and leaving(facts, person, at).holds is False:
        return ()
    values = {"held": held.id, "proposed": found.level.id if found.level else "none"}
    rules = tuple(dict.fromkeys(("S01-6a", *found.rules)))
    return (Reason(rules, "level-unfit", values, tuple(each.id for each in evidence), "clear", "HEAD_OF"),)


@rule("S01-5b", reads="act", kinds=())
def taken_over(at: Instant, now: Instant, *, opening: Instant, days: int) -> tuple[Reason, ...]:
    """Outside a case a level is entered only as it stood on the opening day (which ends at `opening`), and soon after it.

    Everything later goes through designation or review, step by step (S01-6b).
    """
    if at <= opening and now <= opening + days * DAY_MS:
        return ()
    return (Reason(("S01-5b", "S01-6b"), "level-needs-its-case", {}, (), "clear", "HEAD_OF"),)
