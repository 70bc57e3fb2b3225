"""What a Principal does for a key unit: local rules, inspections and hazards, protective measures, who answers for what (S02-4, S02-6, S02-11)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.person import in_force
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, act, opaque, subject_row
from storage.entry import Body

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")
BY = (*OFFICER, "PRINCIPAL_OF")


async def _unit(bench: Bench, id_: str, *, field: str = "unit") -> tuple[str, str]:
    """A designated key unit the actor answers for, or oversees. Raises BadField, Refused."""
    unit = await bench.subject(id_, Node.DEPARTMENT, Node.PLACE, field=field)
    held = await bench.roles_of(bench.actor, *BY)
    if not any(fact.kind in OFFICER or fact.target == id_ for fact in held):
        roles = {"roles": ",".join(("PRINCIPAL_OF", *OFFICER))}
        bench.refuse([Reason(("S02-3b", "P-role"), "not-your-act", roles, whose="PRINCIPAL_OF")])
    if not await bench.standing(unit, "KEY_UNIT_OF"):
        raise BadField(field, "not-so", value=id_)
    return unit


class SetLocalRules(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Principal's own rules and measures for the unit are set, or confirmed for another year, by a document."""

    unit: Id
    document: Id


@act("set-local-rules", SetLocalRules, register="key-units", zh="制定本处保密办法", en="Set local rules", by=BY,
     rules=("S02-4.2", "P-role"), examples=({"unit": "R301", "document": "D3"},))  # fmt: skip
async def set_local_rules(params: SetLocalRules, bench: Bench) -> Draft:
    unit = await _unit(bench, params.unit)
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    world = await bench.facts.around({unit[0]: unit[1]}, into=("LOCAL_RULES_OF",))
    draft = Draft(unit[0], bench.occurred)
    for fact in in_force(world.into(unit[0], "LOCAL_RULES_OF"), bench.occurred):
        draft.end(fact, world)
    draft.begin("LOCAL_RULES_OF", document, unit)
    draft.rules.append("S02-4.2")
    return draft


class RecordInspection(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Surroundings and carriers of a key unit were inspected; each hazard found stays open until it is removed."""

    unit: Id
    hazards: Annotated[tuple[Words, ...], Meta(max_length=50)] = ()


def project_inspection(params: RecordInspection, body: Body) -> Iterable[Change]:
    for id_, hazard in zip(body.result["hazards"], params.hazards, strict=True):
        yield subject_row(id_, Node.CASE, hazard, body, parent=params.unit)


@act("record-inspection", RecordInspection, register="inspections", zh="登记检查", en="Record an inspection", by=BY,
     project=project_inspection, rules=("S02-4.8", "P-role"),
     examples=({"unit": "R301", "hazards": ["窗栅松动"]},))  # fmt: skip
async def record_inspection(params: RecordInspection, bench: Bench) -> Draft:
    unit = await _unit(bench, params.unit)
    draft = Draft(unit[0], bench.occurred)
    draft.begin("INSPECTED", (bench.actor, Node.PERSON.value), unit)
    found = []
    for hazard in params.hazards:
        case = (draft.node(opaque("case"), Node.CASE), Node.CASE.value)
        draft.begin("HAZARD_AT", case, unit, details={"hazard": hazard})
        found.append(case[0])
    draft.rules.append("S02-4.8")
    draft.result = {"hazards": found}
    return draft


class RemoveHazard(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hazard is gone, and how."""

    hazard: Id
    fix: Words


@act("remove-hazard", RemoveHazard, register="inspections", zh="消除隐患", en="Remove a hazard", by=BY,
     rules=("S02-4.8", "P-role"), examples=({"hazard": "case-23456789abcdef", "fix": "已加固"},))  # fmt: skip
async def remove_hazard(params: RemoveHazard, bench: Bench) -> Draft:
    hazard = await bench.subject(params.hazard, Node.CASE, field="hazard")
    world = await bench.facts.around({hazard[0]: hazard[1]})
    standing = in_force(world.out(hazard[0], "HAZARD_AT"), bench.occurred)
    if not standing:
        raise BadField("hazard", "not-so", value=hazard[0])
    await _unit(bench, standing[0].target, field="hazard")
    draft = Draft(standing[0].target, bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.rules.append("S02-4.8")
    return draft


class RecordMeasure(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure of protection works, by people, technology or objects (人防、技防、物防), or still does when it is looked at again; or
    works no longer."""

    unit: Id
    kind: Literal["people", "technology", "objects"]
    measure: Words
    works: bool = True


@act("record-measure", RecordMeasure, register="key-units", zh="登记防护措施", en="Record a protective measure", by=BY,
     rules=("S02-11", "P-role"), examples=({"unit": "R301", "kind": "technology", "measure": "红外报警"},))  # fmt: skip
async def record_measure(params: RecordMeasure, bench: Bench) -> Draft:
    unit = await _unit(bench, params.unit)
    world = await bench.facts.around({unit[0]: unit[1]})
    details = {"class": params.kind, "measure": params.measure}
    standing = [
        f for f in in_force(world.out(unit[0], "PROTECTED_BY"), bench.occurred) if f.details == details
    ]
    if not standing and not params.works:
        raise BadField("measure", "not-so", value=params.measure)
    if any(fact.since >= bench.occurred for fact in standing):
        raise BadField("measure", "already-so", value=params.measure)
    draft = Draft(unit[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    if params.works:
        draft.begin("PROTECTED_BY", unit, bench.own, details=msgspec.to_builtins(details))
    draft.rules.append("S02-11")
    return draft


class NameResponsible(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for the security of an office, a container or equipment; whoever did before does no longer."""

    person: Id
    thing: Id


@act("name-responsible", NameResponsible, register="key-units", zh="指定责任人", en="Name who answers for it", by=BY,
     rules=("S02-6.3", "P-role"), examples=({"person": "p23", "thing": "R301"},))  # fmt: skip
async def name_responsible(params: NameResponsible, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    thing = await bench.subject(params.thing, Node.PLACE, Node.CONTAINER, Node.DEVICE, field="thing")
    world = await bench.facts.around({thing[0]: thing[1]}, into=("ANSWERS_FOR",))
    standing = in_force(world.into(thing[0], "ANSWERS_FOR"), bench.occurred)
    if any(fact.source == person[0] for fact in standing):
        raise BadField("person", "already-so")
    draft = Draft(thing[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.begin("ANSWERS_FOR", person, thing)
    draft.rules.append("S02-6.3")
    return draft
