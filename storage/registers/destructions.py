"""Destruction: a list approved, counted, destroyed before witnesses, with its certificate (S03-6.1–6.4, C10, C11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import Node
from graph.law.destruction import (
    Destruction,
    Method,
    counted_as_approved,
    destruction_approved,
    judge_destruction,
    not_to_be_returned,
)
from graph.law.flow import alike
from graph.law.person import cleared_below, in_force
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, act
from storage.entry import Body
from storage.registers import breaches, errands
from storage.registers.custody import (
    NOT_THERE,
    Held,
    carriers_of,
    highest,
    in_custody,
    people,
)
from storage.registers.erasing import erase, erased
from storage.registers.makers import BY_PRODUCTS, ByProducts

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]

CUSTODIAN = ("CUSTODIAN_OF",)
DESTRUCTION = "destruction"


class RequestDestruction(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of carriers to be destroyed, and by-products of productions with it (C10)."""

    carriers: Annotated[tuple[Id, ...], Meta(max_length=1000)] = ()
    by_products: Annotated[tuple[Id, ...], Meta(max_length=100)] = ()
    reason: Words
    id: Id | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    carriers: list[str]
    by_products: list[str] = []
    reason: str = ""
    approved_by: str = ""
    counted: list[str] | None = None
    method: str = ""
    outcome: str = ""
    witnesses: list[str] = []
    place: str = ""
    certificate: str = ""


@act("request-destruction", RequestDestruction, register="destructions", zh="提请销毁", en="Request destruction", by=CUSTODIAN,
     rules=("S03-6.5", "S03-6.1a"), project=errands.project, examples=({"carriers": ["C2"], "reason": "清理过期件"},))  # fmt: skip
async def request_destruction(params: RequestDestruction, bench: Bench) -> Draft:
    """S03-5.3d: what has to go back is never on the list."""
    held, world = await _listed(bench, params.carriers)
    for n, each in enumerate(params.by_products):
        await errands.errand(
            bench, each, BY_PRODUCTS, ByProducts, field=f"by_products[{n}]", states=("open",)
        )
    if not held and not params.by_products:
        raise BadField("carriers", "missing")
    bench.refuse(_owed(world, held, bench))
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    case = Case(carriers=list(params.carriers), by_products=list(params.by_products), reason=params.reason)
    errands.opened(draft, id_, DESTRUCTION, "requested", case, subject=bench.organisation)
    draft.rules += ["S03-6.1a", "S03-5.3d"]
    draft.result["destruction"] = id_
    return draft


async def _listed(bench: Bench, ids: Sequence[str]) -> tuple[list[Held], Facts]:
    held, world = await carriers_of(bench, ids, "carriers")
    in_custody(world, held, bench, "carriers")
    return held, world


def _owed(world: Facts, held: Sequence[Held], bench: Bench) -> tuple[Reason, ...]:
    return not_to_be_returned(
        [each.id for each in held if in_force(world.out(each.id, "RETURN_DUE"), bench.occurred)]
    )


class ApproveDestruction(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Leader has gone through the list and approves it (审核批准)."""

    destruction: Id


@act("approve-destruction", ApproveDestruction, register="destructions", zh="批准销毁", en="Approve destruction", by=CUSTODIAN,
     decided_by=("LEADER_OF",), rules=("S03-6.1a",), paper=True, project=errands.project,
     examples=({"destruction": "case-23456789abcdef"},))  # fmt: skip
async def approve_destruction(params: ApproveDestruction, bench: Bench) -> Draft:
    found = await errands.errand(
        bench,
        params.destruction,
        DESTRUCTION,
        Case,
        field="destruction",
        states=("requested", errands.SUSPENDED),
    )
    draft = Draft(found.id, bench.occurred)
    content = msgspec.structs.replace(found.content, approved_by=bench.decision.by, counted=None)
    errands.moved(draft, found, "approved", content)
    draft.rules.append("S03-6.1a")
    return draft


class CountDestruction(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies there to be destroyed, scanned or ticked one by one."""

    destruction: Id
    carriers: Annotated[tuple[Id, ...], Meta(max_length=1000)] = ()


@act("count-destruction", CountDestruction, register="destructions", zh="清点待销毁载体", en="Count what is to be destroyed",
     by=CUSTODIAN, rules=("S03-6.5", "S03-6.1b"), project=errands.project,
     examples=({"destruction": "case-23456789abcdef", "carriers": ["C2"]},))  # fmt: skip
async def count_destruction(params: CountDestruction, bench: Bench) -> Draft:
    """S03-6.1b: exactly what was approved, or it does not proceed."""
    found = await errands.errand(
        bench, params.destruction, DESTRUCTION, Case, field="destruction", states=("requested", "approved", "counted")
    )  # fmt: skip
    await _listed(bench, params.carriers)
    case = found.content
    bench.refuse(
        (
            *destruction_approved(bool(case.approved_by)),
            *counted_as_approved(frozenset(case.carriers), frozenset(params.carriers)),
        )
    )
    draft = Draft(found.id, bench.occurred)
    errands.moved(draft, found, "counted", msgspec.structs.replace(case, counted=list(params.carriers)))
    draft.rules.append("S03-6.1b")
    return draft


class DestroyCarriers(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The destruction itself: how, on what machine or at which mill, before whom, and what came of it."""

    destruction: Id
    method: Method
    outcome: Annotated[str, Meta(max_length=1000)] = ""
    device: Id | None = None
    mill: Id | None = None
    witnesses: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()
    place: Annotated[str, Meta(max_length=200)] = ""


def project_destroyed(params: DestroyCarriers | ReportDestruction, body: Body) -> Iterable[Change]:
    yield from errands.project(params, body)
    yield from erased(body)


@act("destroy-carriers", DestroyCarriers, register="destructions", zh="销毁", en="Destroy carriers", by=CUSTODIAN,
     rules=("S03-6.5", "S03-6.1a"), project=project_destroyed,
     examples=({"destruction": "case-23456789abcdef", "method": "shredder", "device": "SH1", "witnesses": ["p02", "p04"],
                "outcome": "已粉碎,不可恢复"},))  # fmt: skip
async def destroy_carriers(params: DestroyCarriers, bench: Bench) -> Draft:
    """S03-6.1–6.4; keys, versions, previews and index entries of what lies in the store go with it (S03-6.2a)."""
    found = await errands.errand(
        bench, params.destruction, DESTRUCTION, Case, field="destruction", states=("requested", "approved", "counted")
    )  # fmt: skip
    case = found.content
    held, world = await carriers_of(bench, case.carriers, "destruction")
    in_custody(world, held, bench, "destruction")
    judged = await _judged(params, bench, held, case)
    bench.refuse((*_owed(world, held, bench), *judge_destruction(judged, bench.parameter)))
    draft = Draft(found.id, bench.occurred)
    await erase(draft, bench, world, held, method=params.method, hands=[bench.actor, *params.witnesses])
    content = msgspec.structs.replace(
        case, method=params.method, outcome=params.outcome, witnesses=list(params.witnesses), place=params.place,
        certificate=draft.result["certificate"],
    )  # fmt: skip
    errands.moved(draft, found, "destroyed", content)
    for each in case.by_products:
        waste = await errands.errand(
            bench, each, BY_PRODUCTS, ByProducts, field="destruction", states=("open",)
        )
        done = msgspec.structs.replace(waste.content, certificate=content.certificate)
        errands.moved(draft, waste, "destroyed", done)
        draft.rules.append("S03-2.4")
    draft.rules += ["S03-6.1a", "S03-6.1b", "S03-6.2a", "S03-6.2d"]
    draft.result["destruction"] = found.id
    return draft


async def _judged(params: DestroyCarriers, bench: Bench, held: Sequence[Held], case: Case) -> Destruction:
    things: dict[str, str] = {}
    if params.device is not None:
        things |= dict([await bench.subject(params.device, Node.DEVICE, field="device")])
    if params.mill is not None:
        things |= dict([await bench.subject(params.mill, Node.ORGANISATION, field="mill")])
    await people(bench, params.witnesses, "witnesses")
    world = await bench.facts.around(things)

    def listed(thing: str | None) -> bool:
        return thing is not None and bool(in_force(world.out(thing, "DESTROYS_FOR"), bench.occurred))

    around = await bench.facts.people(params.witnesses)
    hands = frozenset({bench.actor, bench.on_behalf_of or bench.actor})
    stand_ins = alike(
        await bench.facts.around(dict.fromkeys(hands, Node.PERSON.value), into=("DEPUTY_OF",)),
        hands,
        bench.occurred,
    )
    return Destruction(
        level=highest(held),
        mediums=frozenset(each.medium for each in held),
        approved=bool(case.approved_by),
        listed=frozenset(case.carriers),
        counted=None if case.counted is None else frozenset(case.counted),
        method=params.method,
        outcome=params.outcome,
        certified=listed(params.device),
        designated=listed(params.mill),
        witnesses=params.witnesses,
        custodian=bench.actor,
        alike=stand_ins,
        unqualified=cleared_below(around, params.witnesses, highest(held), bench.occurred),
    )


class ReportDestruction(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers have been destroyed against the rules: they are gone, and the register says how.

    `destruction` is the list they stood on, where there was one: what was approved and counted of it is judged as it was.
    """

    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]
    destruction: Id | None = None
    method: Method
    device: Id | None = None
    mill: Id | None = None
    place: Annotated[str, Meta(max_length=200)] = ""
    witnesses: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()
    outcome: Annotated[str, Meta(max_length=1000)] = ""
    account: Words


@act("report-destruction", ReportDestruction, register="destructions", zh="登记违规销毁", en="Report carriers destroyed against the rules",
     by=CUSTODIAN, rules=("S03-6.5", "S03-6.1a"), project=project_destroyed,
     examples=({"carriers": ["C2"], "method": "scrap", "account": "随废纸卖出"},))  # fmt: skip
async def report_destruction(params: ReportDestruction, bench: Bench) -> Draft:
    held, world = await carriers_of(bench, params.carriers, "carriers", barring=NOT_THERE)
    case, found = Case(carriers=list(params.carriers), reason=params.account), None
    if params.destruction is not None:
        found = await errands.errand(
            bench, params.destruction, DESTRUCTION, Case, field="destruction", states=("requested", "approved", "counted", errands.SUSPENDED)
        )  # fmt: skip
        case = found.content
        if found.state == errands.SUSPENDED:
            case = msgspec.structs.replace(case, approved_by="")
        for n, each in enumerate(params.carriers):
            if each not in case.carriers:
                raise BadField(f"carriers[{n}]", "not-so", value=each)
        if case.counted is not None:
            case = msgspec.structs.replace(case, counted=list(params.carriers))
    asked: dict[str, Any] = {
        name: getattr(params, name) for name in ("method", "witnesses", "outcome", "device", "mill", "place")
    }
    judged = await _judged(DestroyCarriers(destruction="-", **asked), bench, held, case)
    reasons = bench.binding((*_owed(world, held, bench), *judge_destruction(judged, bench.parameter)))
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = Draft(params.carriers[0], bench.occurred)
    await errands.left_out(draft, params.carriers)
    await erase(draft, bench, world, held, method=params.method, hands=[bench.actor, *params.witnesses])
    done = msgspec.structs.replace(
        case, carriers=list(params.carriers), method=params.method, outcome=params.outcome, place=params.place,
        witnesses=list(params.witnesses), certificate=draft.result["certificate"],
    )  # fmt: skip
    if found is None:
        id_ = await bench.new_id(None, Node.CASE)
        errands.opened(draft, id_, DESTRUCTION, "destroyed", done, subject=bench.organisation)
    else:
        errands.moved(draft, found, "destroyed", done)
    draft.result["destruction"] = id_ if found is None else found.id
    await breaches.break_out(
        draft, bench, reasons, params.account, params.carriers, cause="report-destruction"
    )
    return draft
