"""Taking up a post in a key unit, or a place on a key location's list: what comes beforehand (S02-4.3, S02-5, S02-7, S02-8a–b)."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.active import competent, countersigned, relations_clear, serves, trustworthy
from graph.law.entry import judge_listed
from graph.law.person import groups, in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


def judge_posting(facts: Facts, person: str, post: str, at: Instant, *, months: int) -> tuple[Reason, ...]:
    """Every reason why this person may not start in this post. A post outside key units asks nothing beforehand.

    `months` is how far back the yearly assessment may lie.
    """
    units = [group for group in groups(facts, post, at) if in_force(facts.out(group, "KEY_UNIT_OF"), at)]
    if not units:
        return ()
    return (
        *judge_assignment(facts, person, at, months=months),
        *(reason for unit in units for reason in countersigned(facts, person, unit, at)),
    )


def judge_line(
    facts: Facts, person: str, pair: str, at: Instant, *, monitored: bool, key: bool, months: int
) -> tuple[Reason, ...]:
    """Every reason why this person may not stand on an entry list: staff of a key location are given work there [S02-13a]."""
    listed = judge_listed(facts, person, pair, at, monitored=monitored)
    if not key or pair or serves(facts, person, at):
        return listed
    return (*listed, *judge_assignment(facts, person, at, months=months))


def judge_assignment(facts: Facts, person: str, at: Instant, *, months: int) -> tuple[Reason, ...]:
    """Every reason why this person may not be given work in a key unit, whichever it is."""
    return (
        *educated_before_post(facts, person, at),
        *signed_before_post(facts, person, at),
        *trustworthy(facts, person, at),
        *competent(facts, person, at, months=months),
        *relations_clear(facts, person, at),
    )


def educated_before_post(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """S02-7 at the start of the post; `person.induction` holds the same at every reading."""
    if any(fact.details.get("course") == "induction" for fact in in_force(facts.out(person, "TRAINED"), at)):
        return ()
    return (Reason(("S02-7",), "induction-missing", remedy="train", whose="PERSON", own=True),)


@rule("S02-8a", reads="act", kinds=("SIGNED", "KEY_UNIT_OF", "PART_OF"))
def signed_before_post(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """The undertaking comes before the post; whoever has not signed may not work in a key unit."""
    signed = {fact.details.get("undertaking") for fact in in_force(facts.out(person, "SIGNED"), at)}
    if signed & {"entry", "in_post"}:
        return ()
    return (
        Reason(("S02-8a", "S02-8b"), "undertaking-entry-missing", remedy="sign", whose="PERSON", own=True),
    )


UNIT_WIDE = ("OFFICE_OF", "LEADING_GROUP_OF", "SECURITY_OFFICER_OF")
"""Who gives tasks to anybody in the unit."""


def gives_task(facts: Facts, giver: str, person: str, at: Instant) -> tuple[Reason, ...]:
    """S01-5a: a Head gives secret tasks to, and takes them from, people of their own department."""
    if in_force(facts.out(giver, *UNIT_WIDE), at):
        return ()
    above = groups(facts, person, at)
    if any(fact.target in above for fact in in_force(facts.out(giver, "HEAD_OF"), at)):
        return ()
    return (Reason(("S01-5a", "P-role"), "not-of-your-department", {"person": person}),)


def countersigns(facts: Facts, signer: str, person: str, at: Instant) -> tuple[Reason, ...]:
    """S01-17.3, S02-4.3: the leading group signs for the unit, a Principal with their own subordinates."""
    if in_force(facts.out(signer, "LEADING_GROUP_OF"), at):
        return ()
    above = groups(facts, person, at)
    if any(fact.target in above for fact in in_force(facts.out(signer, "PRINCIPAL_OF"), at)):
        return ()
    return (Reason(("S01-8b", "P-role"), "not-of-your-department", {"person": person}),)
