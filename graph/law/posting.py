"""Taking up a post in a key unit: educated and signed beforehand (S02-7, S02-8a–b)."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.person import groups, in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


def judge_posting(facts: Facts, person: str, post: str, at: Instant) -> tuple[Reason, ...]:
    """Every reason why this person may not start in this post. A post outside key units asks nothing beforehand."""
    if not any(in_force(facts.out(group, "KEY_UNIT_OF"), at) for group in groups(facts, post, at)):
        return ()
    return (*educated_before_post(facts, person, at), *signed_before_post(facts, person, at))


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
