"""People and their clearance: vetting, level, undertakings, education, unauthorised departure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from pypinyin import Style, lazy_pinyin

from graph.errors import BadField
from graph.facts import Joined
from graph.kinds import UNDERTAKINGS, Node
from graph.law.levels import LEVELS
from graph.law.person import in_force
from graph.law.posting import countersigns
from graph.law.proposal import taken_over
from graph.law.verdict import Reason
from graph.times import FOREVER, add_years, end_of, parse, start_of, to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, one_of, subject_row
from storage.entry import Body
from storage.registers.attesting import Attested, attest
from storage.registers.cases import open_by_itself
from storage.registers.undertakings import serves_kinds
from storage.tables.catalogue import Person

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
GROUP = ("LEADING_GROUP_OF",)
GROUP_AND_OFFICER = ("LEADING_GROUP_OF", "SECURITY_OFFICER_OF")
PERSONNEL = ("OFFICE_OF", "LEADING_GROUP_OF", "SECURITY_OFFICER_OF")
Standing = Literal["staff", "seconded", "rehired", "retired", "service"]


def person_rows(
    id_: str, name: str, staff_number: str, sex: str, ordering: int, body: Body
) -> Iterable[Change]:
    yield subject_row(id_, Node.PERSON, name, body, ordering=ordering)
    syllables = lazy_pinyin(name)
    yield Put(
        Person,
        {
            "id": id_,
            "name": name,
            "staff_number": staff_number,
            "pinyin": "".join(syllables).lower(),
            "initials": "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower(),
            "sex": sex,
            "ordering": ordering,
        },
    )


class AddPerson(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person enters the register. `staff_number` (工号) tells namesakes apart."""

    name: Name
    staff_number: str = ""
    sex: Literal["", "男", "女"] = ""
    department: Id | None = None
    standing: Standing = "staff"
    ordering: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    id: Id | None = None


def project_person(params: AddPerson, body: Body) -> Iterable[Change]:
    yield from person_rows(
        body.result["person"], params.name, params.staff_number, params.sex, params.ordering, body
    )


@act("add-person", AddPerson, register="people", zh="登记人员", en="Register a person", by=PERSONNEL,
     project=project_person, examples=({"name": "刘洋", "staff_number": "1005", "department": "dept1"},))  # fmt: skip
async def add_person(params: AddPerson, bench: Bench) -> Draft:
    group = bench.own
    if params.department:
        group = await bench.subject(params.department, Node.DEPARTMENT, field="department")
    if params.staff_number:
        same = await Person.select(Person.id).where(Person.staff_number == params.staff_number)
        if await bench.standing_among([row["id"] for row in same]):
            raise BadField("staff_number", "number-taken", value=params.staff_number)
    id_ = await bench.new_id(params.id, Node.PERSON)
    draft = Draft(id_, bench.occurred)
    person = (draft.node(id_, Node.PERSON), Node.PERSON.value)
    draft.begin("MEMBER_OF", person, group, details={"standing": params.standing})
    draft.result = {"person": id_}
    return draft


class Heads(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The four heads of a vetting (S01-7c)."""

    politics: str = ""
    work: str = ""
    study: str = ""
    compliance: str = ""


class RecordVetting(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vetting concluded, in writing, with its four heads; `attested` is what work in a key unit asks beside them."""

    person: Id
    conclusion: Literal["passed", "failed"]
    heads: Heads
    record: Words
    attested: Attested = Attested()


@act("record-vetting", RecordVetting, register="vetting", zh="记载保密审查", en="Record a vetting", by=GROUP,
     decided_by=GROUP, paper=True, rules=("S01-17.1", "S01-17a"),
     examples=({"person": "p05", "conclusion": "passed", "record": "审字第5号",
                "heads": {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}},))  # fmt: skip
async def record_vetting(params: RecordVetting, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    empty = [name for name, value in msgspec.structs.asdict(params.heads).items() if not value.strip()]
    if empty:
        bench.refuse([Reason(("S01-7c",), "vetting-heads-missing", {"heads": ", ".join(empty)})])
    bench.about(person[0])
    world = await bench.facts.around({person[0]: person[1]})
    bench.follows(world, person, "VETTED")
    draft = Draft(person[0], bench.occurred)
    for fact in in_force(world.out(person[0], "VETTED"), bench.occurred):
        draft.end(fact, world)
    draft.begin("VETTED", person, bench.own, details={"conclusion": params.conclusion})
    attest(draft, bench, world, person[0], params.attested)
    draft.rules += ["S01-7a", "S01-7b", "S01-7c", "S01-17.1"]
    return draft


class RecordClearance(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level that stood already when the register was opened (启用时接管): `basis` is its paper, `dated` the day on it."""

    person: Id
    level: str
    basis: Words
    dated: str


@act("record-clearance", RecordClearance, register="cleared-persons", zh="接管原有涉密等级", en="Take over a clearance that stood before",
     by=GROUP, decided_by=GROUP, paper=True, rules=("S01-17.2", "S01-17a"),
     examples=({"person": "p05", "level": "secret", "basis": "审批表第5号", "dated": "2025-03-01", "occurred_at": "2026-01-01",
                "late": "启用时接管"},))  # fmt: skip
async def record_clearance(params: RecordClearance, bench: Bench) -> Draft:
    """As of the opening date and soon after it only: whatever comes later is designated or reviewed (S01-5b, S01-6b)."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    bench.about(person[0])
    one_of("level", params.level, (level.id for level in LEVELS.values() if level.scheme == "state"))
    opening = int(bench.settings.get("opening", "0"))
    day = to_datetime(opening).date()
    if parse(params.dated, field="dated") >= end_of(day):
        raise BadField("dated", "after-opening")
    found = taken_over(bench.occurred, bench.now, opening=end_of(day), days=bench.parameter("takeover"))
    bench.refuse(found)
    world = await bench.facts.around({person[0]: person[1]})
    if world.out(person[0], "CLEARED_TO"):
        raise BadField("person", "already-so", value=params.person)
    draft = Draft(person[0], bench.occurred)
    draft.begin(
        "CLEARED_TO",
        person,
        (params.level, Node.LEVEL.value),
        details={"basis": params.basis, "dated": params.dated},
    )
    draft.rules += ["S01-5c", "S01-17.2"]
    return draft


class RecordUndertaking(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed 责任书 or 承诺书: stage or purpose, version of the text, countersignatory, scan of the paper, until when it holds.

    `also` are further kinds that the same paper serves, as its text says (C05).
    """

    person: Id
    undertaking: str
    version: Words
    also: tuple[str, ...] = ()
    countersigned_by: Id | None = None
    scan: Annotated[str, Meta(max_length=200)] = ""
    years: Annotated[int, Meta(ge=1, le=30)] | None = None


@act("record-undertaking", RecordUndertaking, register="undertakings", zh="登记责任书", en="Record an undertaking",
     rules=("S01-8a", "P-role"),
     examples=({"person": "p07", "undertaking": "in_post", "version": "2026版"},))  # fmt: skip
async def record_undertaking(params: RecordUndertaking, bench: Bench) -> Draft:
    """Signed in the person's own session, or entered by the leading group or the security officer from the paper."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    kinds = (params.undertaking, *params.also)
    one_of("undertaking", params.undertaking, UNDERTAKINGS)
    for n, each in enumerate(params.also):
        one_of(f"also[{n}]", each, UNDERTAKINGS)
    if len(set(kinds)) != len(kinds):
        raise BadField("also", "listed-twice")
    if bench.actor != params.person:
        await bench.require(bench.actor, GROUP_AND_OFFICER, ("S01-8a", "P-role"))
    if params.countersigned_by:
        await bench.subject(params.countersigned_by, Node.PERSON, field="countersigned_by")
        if params.countersigned_by == params.person:
            raise BadField("countersigned_by", "two-different-signatories")
    await serves_kinds(params.version, kinds)
    world = await bench.facts.around({person[0]: person[1]})
    draft = Draft(person[0], bench.occurred)
    for fact in in_force(world.out(person[0], "SIGNED"), bench.occurred):
        if fact.details.get("undertaking") in kinds:
            draft.end(fact, world)
    details: dict[str, str | int | bool] = {
        "version": params.version,
        "proof": "own" if bench.actor == params.person else "paper",
    }
    if params.scan.strip():
        details["scan"] = params.scan.strip()
    if params.countersigned_by:
        details["countersigned_by"] = params.countersigned_by
    day = to_datetime(bench.occurred).date()
    ends = start_of(add_years(day, params.years)) if params.years else FOREVER
    for each in kinds:
        draft.begin("SIGNED", person, bench.own, until=ends, details={"undertaking": each, **details})
    draft.rules += ["S01-8a", "S01-8b"]
    return draft


class CountersignUndertaking(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The unit's signature beside the person's, in the signatory's own session."""

    person: Id
    undertaking: str


@act("countersign-undertaking", CountersignUndertaking, register="undertakings", zh="会签责任书", en="Countersign an undertaking",
     by=("LEADING_GROUP_OF", "PRINCIPAL_OF"), rules=("S01-8b", "P-role"),
     examples=({"person": "p07", "undertaking": "in_post"},))  # fmt: skip
async def countersign_undertaking(params: CountersignUndertaking, bench: Bench) -> Draft:
    """S01-8b: the same undertaking from the same day, with its countersignatory."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    one_of("undertaking", params.undertaking, UNDERTAKINGS)
    bench.about(person[0])
    signer = bench.on_behalf_of or bench.actor
    people = dict([person, (signer, Node.PERSON.value)])
    world = Joined([await bench.facts.standing(people), await bench.facts.around(people)])
    bench.refuse(countersigns(world, signer, person[0], bench.now))
    signed = in_force(world.out(person[0], "SIGNED"), bench.occurred)
    mine = [fact for fact in signed if fact.details.get("undertaking") == params.undertaking]
    if not mine:
        raise BadField("undertaking", "not-so", value=params.undertaking)
    if all("countersigned_by" in fact.details for fact in mine):
        raise BadField("undertaking", "already-so")
    draft = Draft(person[0], bench.occurred)
    for fact in mine:
        draft.void(fact, world)
        draft.begin(
            "SIGNED", person, (fact.target, world.label(fact.target) or ""), since=fact.since, until=fact.until,
            details={**fact.details, "countersigned_by": signer},
        )  # fmt: skip
    draft.rules += ["S01-8b", "S01-17.3"]
    return draft


class RecordTraining(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One activity and the list of those who signed for it; `struck` are lines struck out, which count for nobody."""

    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=2000)]
    course: Literal["induction", "periodic"]
    topic: Words
    struck: Annotated[tuple[Id, ...], Meta(max_length=2000)] = ()


@act("record-training", RecordTraining, register="training", zh="登记保密教育", en="Record secrecy education",
     by=GROUP_AND_OFFICER, rules=("S01-17.4", "P-role"),
     examples=({"people": ["p05"], "course": "induction", "topic": "上岗前保密教育"},))  # fmt: skip
async def record_training(params: RecordTraining, bench: Bench) -> Draft:
    if len(set(params.people)) != len(params.people):
        raise BadField("people", "listed-twice")
    draft = Draft(bench.organisation, bench.occurred)
    for n, each in enumerate(params.people):
        person = await bench.subject(each, Node.PERSON, field=f"people[{n}]")
        if each not in params.struck:
            draft.begin(
                "TRAINED", person, bench.own, details={"course": params.course, "topic": params.topic}
            )
    for n, each in enumerate(params.struck):
        await bench.subject(each, Node.PERSON, field=f"struck[{n}]")
        if each not in params.people:
            raise BadField(f"struck[{n}]", "not-so", value=each)
    draft.result = {"counted": len(draft.facts)}
    draft.rules += ["S01-9", "S01-17.4", "S02-7"]
    return draft


class RecordDeparture(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """擅自离职 as it happened. It ends with the case that it opens, once the person has been urged to return (S01-15b)."""

    person: Id
    note: Words


@act("record-departure", RecordDeparture, register="departures", zh="登记擅自离职", en="Record an unauthorised departure",
     by=GROUP_AND_OFFICER, rules=("S01-15a", "P-role"),
     examples=({"person": "p06", "note": "连续三日未到岗，电话无人接听"},))  # fmt: skip
async def record_departure(params: RecordDeparture, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    bench.about(person[0])
    world = await bench.facts.around({person[0]: person[1]})
    bench.follows(world, person, "DEPARTED")
    if in_force(world.out(person[0], "DEPARTED"), bench.occurred):
        raise BadField("person", "already-so", value=params.person)
    draft = Draft(person[0], bench.occurred)
    draft.begin("DEPARTED", person, bench.own)
    await open_by_itself(draft, bench, "departure", person, {"note": params.note}, "record-departure")
    draft.rules.append("S01-15a")
    return draft
