"""Leaving one post of several, or a department, without a case: what has to be there (S01-11a, S02-10a, S02-10f, S03-5.4b)."""

from __future__ import annotations

from graph.facts import Facts, Overlay
from graph.law.gates import has_signed, unsigned
from graph.law.handover import Handover, handed_over
from graph.law.keeping import level_of
from graph.law.person import MEMBERSHIPS, groups, in_force
from graph.law.verdict import Reason
from graph.times import Instant


def judge_leaving_post(
    facts: Facts, person: str, post: str, handover: Handover | None, at: Instant
) -> tuple[Reason, ...]:
    """Every reason why this post may not be left by a line in the book: it is the last secret one, or nothing was handed over."""
    exit_ = exit_signed(facts, person, post, at)
    if not _secret(facts, post, at):
        return exit_
    return not_the_last(facts, person, post, at) or (*handed_over(handover), *exit_)


def not_the_last(facts: Facts, person: str, post: str, at: Instant) -> tuple[Reason, ...]:
    """S01-11a, S02-10a: the last secret post ends in a case of leaving, with its opinion, its papers and its cooling-off."""
    held = in_force(facts.out(person, "HOLDS_POST"), at)
    if any(fact.target != post and _secret(facts, fact.target, at) for fact in held):
        return ()
    return (Reason(("S01-11a", "S02-10a"), "last-secret-post", remedy="leave", whose="OFFICE_OF"),)


def exit_signed(facts: Facts, person: str, left: str, at: Instant) -> tuple[Reason, ...]:
    """S02-10f: who with this post or department stands in a key unit no longer has signed the undertaking of exit [C05]."""
    ending = [fact.id for fact in facts.out(person, *MEMBERSHIPS) if fact.target == left and fact.holds(at)]
    without = Overlay(facts, (), ending, {})
    gone = groups(facts, person, at).keys() - groups(without, person, at).keys()
    if not any(in_force(facts.out(group, "KEY_UNIT_OF"), at) for group in gone):
        return ()
    return () if has_signed(facts, person, at, "exit") else (unsigned("S02-10f", "exit"),)


def _secret(facts: Facts, post: str, at: Instant) -> bool:
    level = level_of(facts, post, at)
    return level is not None and level.scheme == "state"
