"""What a procedure is: steps in order, whose each is, and what it asks for. Read from `storage/procedures/*.toml`.

`docs/procedures.md` explains the format. Unknown keys are refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from graph.errors import Broken
from graph.kinds import RELATIONS, ROLES, Node
from graph.law.levels import LEVELS

Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Mode = Literal["one", "either", "joint"]
What = Literal["approval", "opinion", "evidence", "record"]
RELATIONS_TO_SUBJECT = (
    "subject", "opener", "member-of-subject", "head-of-subject", "principal-of-subject", "holder-of-subject",
    "colleague-of-subject", "head-of-opener", "responsible",
)  # fmt: skip
NAMED = "named:"
"""`named:taker` is whoever the form's field `taker` names."""


class BadProcedure(Broken):
    """A definition cannot be read or contradicts itself; the message names the file and the step."""


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a step may take from when it could first be taken: a figure, a parameter of a regulation, or `until` a day that
    the opening form names.

    Past it the step is overdue; where it `closes`, it can no longer be taken.
    """

    unit: Literal["working-days", "days", "months"] = "working-days"
    length: Annotated[int, Meta(ge=1)] | None = None
    parameter: str = ""
    until: str = ""
    closes: bool = False


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a form. `nodes` are the kinds of node it may name; whoever a `concerned` field names decides nothing here."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,39}$")]
    type: Literal["text", "date", "number", "yes", "level", "choice", "node"] = "text"
    nodes: tuple[Node, ...] = ()
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = True
    concerned: bool = False


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. `by` are roles or relations to the subject; `apart` names steps (or `opener`) that other people take.

    what    `approval` may refuse; `opinion` has to be given and binds nobody; `evidence` registers an approval from
            outside with its letter; `record` is done and noted.
    mode    `one` and `either`: any of `by`; `joint`: each of `by`, by different people. `quorum` people of each.
    grounds the rules a refusal may rest on; those `referenced` name the text they rest on, as `letter`.
    when    a condition of the law: where it does not hold, the step falls away.
    not_before  a date field of the opening form: the step waits for that day, and shows `remind` (a parameter) before it.
    """

    id: Code
    what: What
    by: Annotated[tuple[str, ...], Meta(min_length=1)]
    rules: Annotated[tuple[str, ...], Meta(min_length=1)]
    mode: Mode = "one"
    quorum: Annotated[int, Meta(ge=1, le=9)] = 1
    apart: tuple[str, ...] = ()
    term: Term | None = None
    gates: tuple[str, ...] = ()
    when: str = ""
    not_before: str = ""
    remind: str = ""
    paper: bool = False
    grounds: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()
    fields: tuple[Field, ...] = msgspec.field(name="field", default=())

    @property
    def parties(self) -> tuple[str, ...]:
        """Who each have to take it: all of `by` where it is joint, else any as one."""
        return self.by if self.mode == "joint" else ("",)


class Procedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A definition. `effect` runs with the last step, `begin` with the opening, `refused` with a refusal; each is named.

    A `discreet` case is not shown to those it is about; a `single` one is not opened twice about the same subject; one that
    `stays` is not withdrawn, since its opening alone already did something.
    """

    id: Code
    register: Code
    subject: Annotated[tuple[Node, ...], Meta(min_length=1)]
    opened_by: Annotated[tuple[str, ...], Meta(min_length=1)]
    rules: Annotated[tuple[str, ...], Meta(min_length=1)]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)] = msgspec.field(name="step")
    effect: str = ""
    begin: str = ""
    refused: str = ""
    gates: tuple[str, ...] = ()
    responsible: bool = False
    single: bool = True
    discreet: bool = False
    stays: bool = False
    fields: tuple[Field, ...] = msgspec.field(name="field", default=())

    def step(self, id_: str) -> Step | None:
        return next((step for step in self.steps if step.id == id_), None)

    def before(self, id_: str) -> tuple[Step, ...]:
        ids = [step.id for step in self.steps]
        return self.steps[: ids.index(id_)]

    @property
    def everyone(self) -> frozenset[str]:
        """Every role and relation that opens it or takes a step of it."""
        return frozenset((*self.opened_by, *(party for step in self.steps for party in step.by)))


def read(text: str, name: str) -> Procedure:
    """One file. Raises BadProcedure."""
    try:
        found = msgspec.toml.decode(text, type=Procedure)
    except msgspec.DecodeError as cause:
        raise BadProcedure(f"{name}: {cause}") from cause
    for problem in _problems(found):
        raise BadProcedure(f"{name}: {problem}")
    return found


def _problems(procedure: Procedure) -> list[str]:
    found = [
        f"opened by {party}, which is nobody"
        for party in procedure.opened_by
        if not _somebody(party, procedure)
    ]
    found += _twice("step", [step.id for step in procedure.steps])
    found += _twice("field", [field.id for field in procedure.fields])
    seen = {"opener"}
    for step in procedure.steps:
        found += [f"{step.id}: {problem}" for problem in _step_problems(step, procedure, seen)]
        seen.add(step.id)
    fields = (*procedure.fields, *(field for step in procedure.steps for field in step.fields))
    found += [f"{field.id}: {problem}" for field in fields for problem in _field_problems(field)]
    return found


def _step_problems(step: Step, procedure: Procedure, seen: set[str]) -> list[str]:
    found = [f"taken by {party}, which is nobody" for party in step.by if not _somebody(party, procedure)]
    found += [f"apart from {other}, which is no earlier step" for other in step.apart if other not in seen]
    found += _twice("party", step.by) + _twice("field", [field.id for field in step.fields])
    if step.mode == "one" and len(step.by) > 1:
        found.append("one of several: say either or joint")
    if step.mode != "one" and len(step.by) == 1:
        found.append("either or joint of one")
    term = step.term
    if term and [term.length is not None, bool(term.parameter), bool(term.until)].count(True) != 1:
        found.append("a term is a figure, a parameter or a day of the form")
    dates = [field.id for field in procedure.fields if field.type == "date" and field.required]
    if term and term.until and term.until not in dates:
        found.append(f"until {term.until}, which is no date that has to be given")
    if step.not_before and step.not_before not in dates:
        found.append(f"not before {step.not_before}, which is no date that has to be given")
    found += [
        f"{ground} is referenced and no ground" for ground in step.referenced if ground not in step.grounds
    ]
    if step.grounds and step.what != "approval":
        found.append("only an approval is refused")
    return found


def _field_problems(field: Field) -> list[str]:
    found = []
    if (field.type == "node") != bool(field.nodes):
        found.append("nodes go with the type node")
    if (field.type == "choice") != bool(field.choices):
        found.append("choices go with the type choice")
    if field.concerned and field.nodes != (Node.PERSON,):
        found.append("only people are concerned")
    return found


def _twice(what: str, ids: tuple[str, ...] | list[str]) -> list[str]:
    return [f"{what} {each} stands twice" for each in dict.fromkeys(ids) if list(ids).count(each) > 1]


def _somebody(party: str, procedure: Procedure) -> bool:
    """A role over the unit, a relation to the subject, or a person that a field names."""
    if party.startswith(NAMED):
        named = party.removeprefix(NAMED)
        return any(field.id == named and field.nodes == (Node.PERSON,) for field in procedure.fields)
    return party in RELATIONS_TO_SUBJECT or (party in ROLES and Node.ORGANISATION in RELATIONS[party].targets)


STATE_LEVELS = tuple(level.id for level in LEVELS.values() if level.scheme == "state")
