"""Who may be given work in a key unit and be active there: attested, found competent, countersigned (S02-4.3, S02-5.1–3)."""

from __future__ import annotations

from graph.facts import Fact, Facts
from graph.law.person import in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant, months_before

STAGES = ("entry", "in_post")


def serves(facts: Facts, person: str, at: Instant) -> bool:
    """Whether the person is a service worker (工勤人员)."""
    standing = in_force(facts.out(person, "MEMBER_OF"), at)
    return any(fact.details.get("standing") == "service" for fact in standing)


def locations(facts: Facts, person: str, at: Instant) -> tuple[str, ...]:
    """The places on whose entry lists the person stands as staff: of a key location these are its members."""
    listed = in_force(facts.out(person, "MAY_ENTER"), at)
    if not listed or serves(facts, person, at):
        return ()
    return tuple(fact.target for fact in listed)


@rule("S02-5.1", reads="act", kinds=("ATTESTED",))
def trustworthy(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """The vetting attests loyalty, a clean history and good conduct."""
    return _attested(facts, person, at, "conduct", "S02-5.1")


@rule("S02-5.3", reads="act", kinds=("ATTESTED",))
def relations_clear(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """The vetting attests clear social relations and a spouse of Chinese citizenship."""
    return _attested(facts, person, at, "relations", "S02-5.3")


def _attested(facts: Facts, person: str, at: Instant, what: str, rule_id: str) -> tuple[Reason, ...]:
    """Absent and negative read the same: what a vetting found is for the leading group alone [P]."""
    if any(fact.details.get(what) for fact in in_force(facts.out(person, "ATTESTED"), at)):
        return ()
    return (Reason((rule_id,), "not-attested", {"person": person}, (), "vet", "LEADING_GROUP_OF"),)


@rule("S02-5.2", reads="act", kinds=("ASSESSED",))
def competent(facts: Facts, person: str, at: Instant, *, months: int) -> tuple[Reason, ...]:
    """The latest yearly result is there and at least competent."""
    latest = max(
        (fact for fact in facts.out(person, "ASSESSED") if fact.since <= at),
        key=lambda fact: fact.since,
        default=None,
    )
    if latest is None or latest.since <= months_before(at, months):
        return (Reason(("S02-5.2",), "result-missing", {"person": person}, (), "assess", "LEADING_GROUP_OF"),)
    if latest.details.get("result") == "poor":
        return (
            Reason(
                ("S02-5.2",), "result-poor", {"person": person}, (latest.id,), "assess", "LEADING_GROUP_OF"
            ),
        )
    return ()


@rule("S02-4.3", reads="place", kinds=("SIGNED", "PRINCIPAL_OF"))
def countersigned(facts: Facts, person: str, unit: str, at: Instant) -> tuple[Reason, ...]:
    """The Principal has signed the undertaking with the person, who is not active in the unit before.

    Where there is no Principal, that is what is found (S02-3b).
    """
    principals = {fact.source for fact in in_force(facts.into(unit, "PRINCIPAL_OF"), at)}
    if not principals or person in principals:
        return ()
    if any(_signed_with(fact, principals) for fact in in_force(facts.out(person, "SIGNED"), at)):
        return ()
    values = {"place": unit, "people": person}
    return (Reason(("S02-4.3",), "not-countersigned", values, (), "countersign", "PRINCIPAL_OF"),)


def _signed_with(fact: Fact, principals: set[str]) -> bool:
    return fact.details.get("undertaking") in STAGES and fact.details.get("countersigned_by") in principals
