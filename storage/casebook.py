"""Cases read: what waits for whom, one case with its steps, and the decisions on paper that wait to be confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from graph.access import Questions, Stand
from graph.facts import Facts, Joined
from graph.kinds import Node
from graph.law import flow
from graph.law.flow import Matter, Taken
from graph.law.person import in_force
from graph.law.procedure import Field, Procedure, Step, Term
from graph.law.regulation import Figures
from graph.times import DAY_MS, Instant
from storage import docket, procedures, vetting
from storage.calendar import Calendar
from storage.figures import figures_of, settings_now
from storage.registers.cases import STANDING


class StepLine(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a case as its page shows it. `state`: done, due, later, skipped, refused; `due` the last instant of its term."""

    id: str
    what: str
    state: str
    by: tuple[str, ...]
    missing: tuple[str, ...]
    quorum: int
    rules: tuple[str, ...]
    grounds: tuple[str, ...]
    fields: tuple[Field, ...]
    taken: tuple[Taken, ...]
    due: Instant | None
    overdue: bool


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list. `starts` is the day its next step waits for, `shown` whether it is near enough. `behalf` is for whom it waits, where that is somebody whom the reader stands in for."""

    id: str
    procedure: str
    subject: str
    opener: str
    responsible: str
    opened: Instant
    state: str
    next: str
    by: tuple[str, ...]
    due: Instant | None
    overdue: bool
    starts: Instant | None = None
    shown: bool = True
    behalf: str = ""


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One case. `mine` says whether the step that is due is the reader's; `withdrawable` whether they may take it back."""

    line: CaseLine
    cause: str
    closed: Instant | None
    form: dict[str, Any]
    fields: tuple[Field, ...]
    steps: tuple[StepLine, ...]
    rules: tuple[str, ...]
    mine: bool
    withdrawable: bool
    ids: tuple[str, ...]


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """以我名义登记: a decision entered in somebody's name, to be confirmed by `due` (P-paper)."""

    entry: str
    act: str
    subject: str
    number: str
    recorded_at: Instant
    due: Instant
    overdue: bool


class Terms(msgspec.Struct, frozen=True):
    """The unit's calendar and its figures."""

    calendar: Calendar
    figure: Figures

    def due(self, step: Step, matter: Matter) -> Instant | None:
        return flow.due_of(step, matter, self.figure, self.calendar)


class Casebook:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def waiting(self, person: str) -> list[CaseLine]:
        """Cases whose next step is this person's, or theirs for whom they stand in; the soonest due first."""
        matters = await docket.open_matters()
        world, stand = await self._world(person, matters)
        terms = await _terms()
        found = []
        for behalf in ("", *_principals(world, person, stand.at)):
            for matter in matters:
                line = _line(matter, world, stand.at, terms)
                if (
                    line.next
                    and line.shown
                    and _theirs(
                        line, flow.parties(world, behalf or person, matter, stand.at), deputy=bool(behalf)
                    )
                ):
                    found.append(msgspec.structs.replace(line, behalf=behalf))
        return sorted(found, key=lambda line: (line.due is None, line.due or 0, line.opened))

    async def cases(self, person: str) -> list[CaseLine]:
        """Every case the person may see: theirs, those of their steps that are open, all open ones for those who oversee."""
        matters = {each.id: each for each in await docket.open_matters()}
        matters |= {each.id: each for each in await docket.matters_of(person)}
        world, stand = await self._world(person, list(matters.values()))
        terms = await _terms()
        return [
            _line(matter, world, stand.at, terms)
            for matter in matters.values()
            if _seen(matter, world, person, stand.at)
        ]

    async def followed(self, person: str) -> list[CaseLine]:
        """S01-17b: the work list of a member of the leading group, open cases that they follow up."""
        matters = [each for each in await docket.open_matters() if each.responsible == person]
        world, stand = await self._world(person, matters)
        terms = await _terms()
        return [_line(matter, world, stand.at, terms) for matter in matters]

    async def case(self, person: str, id_: str) -> CasePage | None:
        """None where there is none, or the person may not see it: the same statements run."""
        matter = await docket.matter(id_)
        world, stand = await self._world(person, [matter] if matter else [])
        terms = await _terms()
        if matter is None or not _seen(matter, world, person, stand.at):
            return None
        return _page(matter, world, stand.at, terms, person)

    async def overdue(self) -> list[CaseLine]:
        """Open cases whose next step is past its term."""
        matters = await docket.open_matters()
        world, stand = await self._world("", matters)
        terms = await _terms()
        lines = [_line(matter, world, stand.at, terms) for matter in matters]
        return [line for line in lines if line.overdue]

    async def papers(self, person: str) -> list[PaperLine]:
        rows = await docket.papers_of(person)
        terms = await _terms()
        now = (await self._questions.neighbourhood())[1].at if rows else 0
        return [_paper(row, terms, now) for row in rows]

    async def _world(self, person: str, matters: Sequence[Matter]) -> tuple[Facts, Stand]:
        brought, stand = await self._questions.neighbourhood()
        people = {person, *(each.opener for each in matters)} - {""}
        subjects = {each.subject: each.subject_kind for each in matters}
        nodes = {**dict.fromkeys(people, Node.PERSON.value), **subjects}
        own = await brought.around({person: Node.PERSON.value}, into=("DEPUTY_OF",))
        principals = _principals(own, person, stand.at)
        nodes |= dict.fromkeys(principals, Node.PERSON.value)
        standing = {node: label for node, label in nodes.items() if label in STANDING}
        things = {node: label for node, label in subjects.items() if label not in STANDING}
        worlds: list[Facts] = [own, await brought.standing(standing)]
        persons = [node for node, label in subjects.items() if label == Node.PERSON.value]
        if things or persons:
            around = await brought.around({**things, **dict.fromkeys(persons, Node.PERSON.value)})
            worlds.append(around)
            listed = {fact.target for each in persons for fact in around.out(each, "MAY_ENTER")}
            if listed:
                worlds.append(await brought.around(dict.fromkeys(sorted(listed), Node.PLACE.value)))
        return Joined(worlds), stand


def _principals(world: Facts, person: str, at: Instant) -> tuple[str, ...]:
    """For whom the person takes steps as a deputy."""
    return tuple(
        fact.target
        for fact in in_force(world.out(person, "DEPUTY_OF"), at)
        if "take-step" in str(fact.details.get("acts", "")).split(",")
    )


def _theirs(line: CaseLine, parties: frozenset[str], *, deputy: bool) -> bool:
    own = parties - {"subject", "holder-of-subject"} if deputy else parties
    return bool(own & set(line.by))


def _seen(matter: Matter, world: Facts, person: str, at: Instant) -> bool:
    procedure = procedures.load()[matter.procedure]
    return flow.may_see(procedure, matter, flow.parties(world, person, matter, at), person)


def _line(matter: Matter, world: Facts, at: Instant, terms: Terms) -> CaseLine:
    procedure = procedures.load()[matter.procedure]
    step = flow.following(procedure, matter, flow.skipped(procedure, world, matter, at))
    starts = flow.starts(step, matter) if step else None
    due = terms.due(step, matter) if step else None
    before = terms.figure(step.remind) * DAY_MS if step and step.remind else 0
    return CaseLine(
        id=matter.id,
        procedure=matter.procedure,
        subject=matter.subject,
        opener=matter.opener,
        responsible=matter.responsible,
        opened=matter.opened,
        state=matter.state,
        next=step.id if step else "",
        by=flow.missing(step, matter) if step else (),
        due=due,
        overdue=due is not None and at > due,
        starts=starts,
        shown=starts is None or at >= starts - before,
    )


def _page(matter: Matter, world: Facts, at: Instant, terms: Terms, person: str) -> CasePage:
    procedure = procedures.load()[matter.procedure]
    line = _line(matter, world, at, terms)
    parties = flow.parties(world, person, matter, at)
    shown = matter if vetting.INSIDE in parties or procedure.register != vetting.REGISTER else _vetted(matter)
    steps = _steps(procedure, shown, line, flow.skipped(procedure, world, matter, at))
    return CasePage(
        line=line,
        cause=matter.cause,
        closed=matter.closed,
        form=dict(matter.form),
        fields=procedure.fields,
        steps=steps,
        rules=procedure.rules,
        mine=_theirs(line, parties, deputy=False),
        withdrawable=matter.state == "open" and bool(parties & {"opener", *procedure.opened_by}),
        ids=tuple(sorted(_ids(procedure, matter))),
    )


def _vetted(matter: Matter) -> Matter:
    taken = [
        msgspec.structs.replace(each, words="", form=vetting.conclusion_alone(each.form))
        for each in matter.taken
    ]
    return msgspec.structs.replace(matter, taken=tuple(taken))


def _steps(
    procedure: Procedure, matter: Matter, line: CaseLine, skipped: frozenset[str]
) -> tuple[StepLine, ...]:
    found = []
    for step in procedure.steps:
        taken = tuple(each for each in matter.taken if each.step == step.id)
        due = step.id == line.next
        found.append(
            StepLine(
                id=step.id,
                what=step.what,
                state=_state(step, matter, taken, skipped, due=due),
                by=step.by,
                missing=flow.missing(step, matter),
                quorum=step.quorum,
                rules=step.rules,
                grounds=step.grounds,
                fields=step.fields,
                taken=taken,
                due=line.due if due else None,
                overdue=due and line.overdue,
            )
        )
    return tuple(found)


def _state(step: Step, matter: Matter, taken: Iterable[Taken], skipped: frozenset[str], *, due: bool) -> str:
    if any(each.verdict == "refuse" for each in taken):
        return "refused"
    if flow.complete(step, matter):
        return "done"
    return "due" if due else "skipped" if step.id in skipped else "later"


def _ids(procedure: Procedure, matter: Matter) -> set[str]:
    """Everything whose name the page needs."""
    ids = {matter.subject, matter.opener, matter.responsible}
    ids |= {person for taken in matter.taken for person in taken.hands}
    forms = [(procedure.fields, matter.form)]
    forms += [
        (step.fields, taken.form)
        for step in procedure.steps
        for taken in matter.taken
        if taken.step == step.id
    ]
    for fields, form in forms:
        for field in fields:
            if field.type == "node":
                ids |= flow.ids_in(form.get(field.id))
    return ids - {""}


def _paper(row: dict[str, Any], terms: Terms, now: Instant) -> PaperLine:
    term = Term(unit="working-days", parameter="paper-confirmation")
    due = flow.due(term, terms.figure("paper-confirmation"), row["recorded_at"], terms.calendar) or 0
    return PaperLine(
        entry=row["id"],
        act=row["act"],
        subject=row["subject"],
        number=row["number"],
        recorded_at=row["recorded_at"],
        due=due,
        overdue=now > due,
    )


async def _terms() -> Terms:
    settings = await settings_now()
    calendar = msgspec.json.decode(settings.get("calendar", "{}"), type=Calendar)
    return Terms(calendar, figures_of(settings))
