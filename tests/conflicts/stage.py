"""Small worlds of facts, and cases on their way through the procedures that come with Zhixi."""

from __future__ import annotations

from collections.abc import Iterable

from graph.facts import Details, Fact, World
from graph.kinds import Node
from graph.law import flow
from graph.law.flow import Attempt, Matter, Taken
from graph.law.levels import LEVELS
from graph.law.verdict import Reason
from graph.times import DAY_MS, FOREVER, Instant, parse
from storage import procedures

NOW = parse("2026-03-02T09:00:00+08:00", field="now")
LABELS: dict[str, str] = {
    "unit": Node.ORGANISATION, "office": Node.DEPARTMENT, "wing": Node.DEPARTMENT, "desk": Node.POST, "vault": Node.PLACE,
    "plant": Node.PLACE, "room": Node.PLACE, "safe": Node.CONTAINER, "copy": Node.CARRIER, "plan": Node.DOCUMENT,
    "memo": Node.DOCUMENT, "range": Node.RANGE, "list": Node.DISTRIBUTION,
    **dict.fromkeys(("an", "bo", "cai", "du"), Node.PERSON), **dict.fromkeys(LEVELS, Node.LEVEL),
}  # fmt: skip


def fact(
    source: str, kind: str, target: str, since: Instant = 0, until: Instant = FOREVER, **details: str | bool
) -> Fact:
    given: Details = dict(details)
    id_ = "-".join((source, kind, target, *map(str, details.values())))
    return Fact(id=id_, kind=kind, source=source, target=target, since=since, until=until, details=given)


def world(*facts: Fact) -> World:
    return World(facts, LABELS)


def cleared(person: str, level: str) -> list[Fact]:
    """Vetted, signed and cleared, in the office."""
    return [
        fact(person, "CLEARED_TO", level), fact(person, "VETTED", "unit", conclusion="passed"),
        fact(person, "SIGNED", "unit", undertaking="entry"), fact(person, "MEMBER_OF", "office"),
    ]  # fmt: skip


def listed(level: str = "secret", *, distribution: Iterable[str], range_: Iterable[str]) -> list[Fact]:
    """The plan with its mark and its two lists; the office is a part of the unit."""
    return [
        fact("plan", "CLASSIFIED_AS", level), fact("list", "DISTRIBUTION_OF", "plan"), fact("range", "RANGE_OF", "plan"),
        *(fact(each, "IN_DISTRIBUTION", "list") for each in distribution),
        *(fact(each, "IN_RANGE", "range") for each in range_), fact("office", "PART_OF", "unit"),
    ]  # fmt: skip


def rules(reasons: Iterable[Reason]) -> set[str]:
    return {rule for reason in reasons for rule in reason.rules}


class Going:
    """A case of a procedure, about `an` and opened by `du`; each step is taken by a person of its own unless named."""

    def __init__(self, procedure: str) -> None:
        self.procedure = procedures.load()[procedure]
        self.matter = Matter(
            id="case", procedure=procedure, subject="an", subject_kind="Person", opener="du", opened=NOW - DAY_MS,
            since=NOW - DAY_MS,
        )  # fmt: skip

    def against(self, step: str, person: str, *parties: str) -> set[str]:
        """The rules that refuse this step to somebody who is that to the case."""
        found = self.procedure.step(step)
        assert found is not None
        attempt = Attempt(
            step=found,
            person=person,
            behalf="",
            parties=frozenset(parties),
            alike=frozenset({person}),
            at=NOW,
        )
        return rules(flow.judge(self.procedure, self.matter, attempt))

    def take(
        self, step: str, person: str, party: str, verdict: flow.Verdict = "approve", words: str = ""
    ) -> str:
        """The step is taken; the state it leaves the case in."""
        assert self.against(step, person, party) == set(), (step, party)
        taken = Taken(
            n=len(self.matter.taken) + 1, step=step, party=party, person=person, behalf="", verdict=verdict, at=NOW,
            words=words,
        )  # fmt: skip
        self.matter = flow.after(self.procedure, self.matter, taken, frozenset())
        return self.matter.state

    def order(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(step.id, step.what, step.by) for step in self.procedure.steps]

    def gates(self, step: str) -> tuple[str, ...]:
        found = self.procedure.step(step)
        assert found is not None
        return found.gates
