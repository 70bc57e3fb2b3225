"""Cases of a world: who may take which step of a procedure, and why not."""

from __future__ import annotations

from typing import Any

import msgspec

from graph.facts import World
from graph.kinds import Node
from graph.law import (
    flow,
    gates,  # noqa: F401  (importing them fills the registry of gates)
)
from graph.law.deputy import may_deputise
from graph.law.regulation import load
from graph.law.verdict import Reason
from graph.times import Instant, parse
from storage import procedures
from storage.calendar import Calendar
from tests.worlds.things import Answer

ON_PAPER, FOR = " on paper", " for "


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step that was taken, or its form while somebody tries to take it."""

    step: str
    by: str
    on: str | None = None
    verdict: flow.Verdict = "approve"
    form: dict[str, Any] = {}


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case as it stood `at` a date, and by step and hand whether it could be taken.

    A hand is a person, `an for bo` (a deputy) or `an on paper`. `forms` are what the hands would fill in at each step,
    `gates` the conditions that definitions may name, asked by themselves, `withdraw` what stands against taking it back.
    """

    at: str
    procedure: str
    subject: str
    opener: str = ""
    cause: str = ""
    form: dict[str, Any] = {}
    since: str | None = None
    state: flow.State = "open"
    taken: list[Step] = []
    forms: dict[str, dict[str, Any]] = {}
    steps: dict[str, dict[str, Answer]] = {}
    gates: dict[str, Answer] = {}
    withdraw: dict[str, Answer] = {}
    next: str | None = None

    @property
    def instant(self) -> Instant:
        return parse(self.at, field="at", ends_day=True)


class Deputies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may stand in for whom on a date: by principal and deputy."""

    at: str
    may: dict[str, dict[str, Answer]]


def matter_of(case: Case, world: World) -> flow.Matter:
    began = parse(case.since, field="since") if case.since else case.instant
    matter = flow.Matter(
        id="case",
        procedure=case.procedure,
        subject=case.subject,
        subject_kind=world.label(case.subject) or Node.CASE.value,
        opener=case.opener,
        cause=case.cause,
        opened=began,
        since=began,
        state=case.state,
        form=case.form,
    )
    for each in case.taken:
        attempt = _attempt(case, each.step, each.by, matter, world)
        taken = _taken(attempt, matter, each.verdict, each.form)
        matter = msgspec.structs.replace(matter, taken=(*matter.taken, taken))
    return matter


def answers(case: Case, world: World) -> dict[str, dict[str, tuple[Reason, ...]]]:
    """By step and hand the reasons against taking it."""
    matter = matter_of(case, world)
    return {
        step: {hand: _against(case, step, hand, matter, world) for hand in row}
        for step, row in case.steps.items()
    }


def asked_of_gates(case: Case, world: World) -> dict[str, tuple[Reason, ...]]:
    matter = matter_of(case, world)
    return {name: flow.GATES[name].judge(world, matter, case.instant) for name in case.gates}


def withdrawing(case: Case, world: World) -> dict[str, tuple[Reason, ...]]:
    procedure, matter = procedures.load()[case.procedure], matter_of(case, world)
    return {hand: flow.may_be_withdrawn(procedure, matter, hand, "") for hand in case.withdraw}


def due(case: Case, world: World) -> str | None:
    """The step that is due, by the law."""
    procedure = procedures.load()[case.procedure]
    matter = matter_of(case, world)
    step = flow.following(procedure, matter, flow.skipped(procedure, world, matter, case.instant))
    return step.id if step else None


def deputies(asked: Deputies, world: World) -> dict[str, dict[str, tuple[Reason, ...]]]:
    at = parse(asked.at, field="at", ends_day=True)
    return {
        principal: {deputy: may_deputise(world, deputy, principal, at) for deputy in row}
        for principal, row in asked.may.items()
    }


def _against(case: Case, step: str, hand: str, matter: flow.Matter, world: World) -> tuple[Reason, ...]:
    procedure = procedures.load()[case.procedure]
    attempt = _attempt(case, step, hand, matter, world)
    form = case.forms.get(step, {})
    proposed = msgspec.structs.replace(
        matter, taken=(*matter.taken, _taken(attempt, matter, "approve", form))
    )
    asked = (flow.GATES[name].judge(world, proposed, case.instant) for name in attempt.step.gates)
    return (*flow.judge(procedure, matter, attempt), *(reason for gate in asked for reason in gate))


def _attempt(case: Case, name: str, hand: str, matter: flow.Matter, world: World) -> flow.Attempt:
    procedure = procedures.load()[case.procedure]
    step = procedure.step(name)
    assert step is not None, f"{case.procedure} has no step {name}"
    person, _, behalf = hand.removesuffix(ON_PAPER).partition(FOR)
    hands = frozenset({person, behalf} - {""})
    parties = flow.parties(world, behalf or person, matter, case.instant)
    term = step.term
    length = (load().parameter(term.parameter).default if term.parameter else term.length) if term else None
    return flow.Attempt(
        step=step,
        person=person,
        behalf=behalf,
        parties=parties - {"subject", "opener", "responsible"} if behalf else parties,
        alike=flow.alike(world, hands, case.instant),
        at=case.instant,
        due=flow.due(term, length, matter.since, Calendar()),
        skipped=flow.skipped(procedure, world, matter, case.instant),
        paper=hand.endswith(ON_PAPER),
        form=case.forms.get(name, {}),
    )


def _taken(
    attempt: flow.Attempt, matter: flow.Matter, verdict: flow.Verdict, form: dict[str, Any]
) -> flow.Taken:
    return flow.Taken(
        n=len(matter.taken) + 1,
        step=attempt.step.id,
        party=flow.party_of(matter, attempt),
        person=attempt.person,
        behalf=attempt.behalf,
        verdict=verdict,
        at=attempt.at,
        form=form,
    )
