"""The registers: kept by a custodian, corrected by new entries and never over the old ones (S03-6.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graph.facts import Fact, Facts
from graph.kinds import RELATIONS, Node
from graph.law.rules import rule
from graph.law.verdict import Reason


@rule("S03-6.5", reads="act", kinds=("CUSTODIAN_OF",))
def kept_by_custodian(keepers: Collection[str], holder: str | None) -> tuple[Reason, ...]:
    """Whoever is entered as keeping a carrier is a custodian; with nobody named, there is one at all."""
    if holder is None:
        return () if keepers else (Reason(("S03-6.5",), "no-custodian"),)
    if holder in keepers:
        return ()
    return (Reason(("S03-6.5",), "holder-not-custodian", {"person": holder}),)


def correctable(field: str, *, clerical: bool) -> tuple[Reason, ...]:
    """Clerical fields alone: what decides is changed by the act that sets it."""
    return () if clerical else (Reason(("S03-6.5",), "not-clerical", {"field": field}),)


KEPT_TO_THE_END = {"ANNOTATED": "S01-13d"}
"""Kinds of facts that no entry takes back before their end, and the rule that says so."""
RELIED_ON = frozenset(
    name for name, kind in RELATIONS.items() if Node.PERSON in kind.sources and kind.effect != "record"
)
"""What stands on a person: whatever is entered about them later relies on it."""


def resting_on(facts: Facts, entered: Iterable[Fact], seq: int) -> frozenset[int]:
    """Entries after `seq` whose facts are about a person on whom one of these facts stands (S01-11a, S01-13d)."""
    people = {fact.source for fact in entered if fact.kind in RELIED_ON}
    about = (
        fact
        for person in people
        for fact in (*facts.out(person, *RELATIONS), *facts.into(person, *RELATIONS))
    )
    return frozenset(fact.seq_in for fact in about if fact.seq_in > seq)


def voidable(*, fixed: bool, resting: int, kinds: Collection[str] = ()) -> tuple[Reason, ...]:
    """An entry is struck out only while nothing rests on it; some never are."""
    lasting = tuple(dict.fromkeys(KEPT_TO_THE_END[kind] for kind in kinds if kind in KEPT_TO_THE_END))
    if lasting:
        return (Reason((*lasting, "S03-6.5"), "cannot-be-voided"),)
    if fixed:
        return (Reason(("S03-6.5",), "cannot-be-voided"),)
    if resting:
        return (Reason(("S03-6.5",), "something-rests-on-it", {"count": str(resting)}),)
    return ()
