"""Outings: carriers carried outside, to foreign-related activities, abroad; and brought back (S03-4.2b, 4.8, 4.9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Details, Facts
from graph.kinds import Node
from graph.law.item import demand
from graph.law.keeping import level_of
from graph.law.know import judge
from graph.law.levels import INTERNAL, Level
from graph.law.outing import Outing, judge_outing, level_of_device
from graph.law.person import card, in_force
from graph.law.verdict import Reason
from graph.times import DAY_MS, Instant, parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import breaches, errands
from storage.registers.carriers import placing
from storage.registers.custody import (
    NOT_THERE,
    NOT_TO_HAND,
    OUT,
    Held,
    carrier,
    carriers_of,
    contact,
    found_again,
    in_custody,
    in_hand,
    once,
    pass_to,
    people,
    released,
)
from storage.registers.signatures import Signed, proof_of
from storage.tables.catalogue import Errand

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
CUSTODIAN = ("CUSTODIAN_OF",)
OUTING, DEVICE = "outing", "device-abroad"
APPROVAL_DAYS = 30
BEARERS = Annotated[tuple[Id, ...], Meta(min_length=1, max_length=20)]


class ApproveOuting(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Leader lets one person carry a carrier out, for what is named here and nothing else."""

    carrier: Id
    person: Id
    foreign: bool = False
    abroad: bool = False
    outside: bool = False
    measures: Annotated[str, Meta(max_length=1000)] = ""
    permit: Annotated[str, Meta(max_length=200)] = ""


@act("approve-outing", ApproveOuting, register="outings", zh="批准携带外出", en="Approve carrying out", by=CUSTODIAN,
     decided_by=("LEADER_OF",), rules=("S03-4.8.2a", "S03-4.8.3b"), paper=True,
     examples=({"carrier": "C2", "person": "p05", "foreign": True, "measures": "专人随身,专用密码箱"},))  # fmt: skip
async def approve_outing(params: ApproveOuting, bench: Bench) -> Draft:
    """What is forbidden cannot be approved: 绝密 abroad or among foreigners [C22]."""
    held, _ = await carrier(bench, params.carrier)
    person = await bench.subject(params.person, Node.PERSON, field="person")
    bench.about(person[0])
    asked = Outing(
        level=held.level, bearers=(person[0], bench.decision.by), purpose="-", back_by=True, reading=params.outside,
        foreign=params.foreign, abroad=params.abroad, approved=True, measures=params.measures, permit=params.permit,
    )  # fmt: skip
    bench.refuse(judge_outing(asked, bench.parameter))
    flags = {"foreign": params.foreign, "abroad": params.abroad, "outside": params.outside}
    details: Details = {**flags, "permit": params.permit, "measures": params.measures}
    draft = Draft(held.id, bench.occurred)
    draft.begin(
        "OUTING_APPROVED", held.node, person, until=bench.occurred + APPROVAL_DAYS * DAY_MS, details=details
    )
    draft.rules += ["S03-4.8.2a", "S03-4.8.3b", "S03-4.9b"]
    return draft


class CarryOut(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers leave the house in somebody's hands; further bearers travel with them. `back_by` is when they are due back.

    The first bearer has signed for them.
    """

    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    bearers: BEARERS
    purpose: Words
    back_by: str
    reading: bool = False
    foreign: bool = False
    abroad: bool = False
    signed: Signed
    id: Id | None = None


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    carriers: list[str]
    bearers: list[str]
    purpose: str
    back_by: str
    back: list[str] = []


@act("carry-out", CarryOut, register="use", zh="携带外出", en="Carry a carrier out", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.8.1"), project=errands.project,
     examples=({"carriers": ["C2"], "bearers": ["p05"], "purpose": "赴省局汇报", "back_by": "2026-03-04",
                "signed": {"proof": "own"}},))  # fmt: skip
async def carry_out(params: CarryOut, bench: Bench) -> Draft:
    """The bearers may know what they carry, and the outing is one that rules and approval allow."""
    held, world, reasons = await _judged(params, bench)
    in_custody(world, held, bench, "carriers")
    proof = await proof_of(bench, params.signed, params.bearers[0], params.carriers)
    bench.refuse((*released(held), *proof.reasons, *reasons, *await _bearers_may_know(params, bench, held)))
    draft = await _out(params, bench, held, world)
    proof.use(draft, params.carriers)
    return draft


class ReportOuting(CarryOut, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier has been taken out against the rules: entered as it happened."""

    account: Words


@act("report-outing", ReportOuting, register="use", zh="登记违规携带外出", en="Report a carrier taken out against the rules",
     by=CUSTODIAN, rules=("S03-6.5", "S03-4.8.1"), project=errands.project,
     examples=({"carriers": ["C1"], "bearers": ["p01"], "purpose": "开会", "back_by": "2026-03-04", "account": "事后得知",
                "signed": {"proof": "unsigned"}},))  # fmt: skip
async def report_outing(params: ReportOuting, bench: Bench) -> Draft:
    held, world, reasons = await _judged(params, bench, barring=NOT_THERE)
    proof = await proof_of(bench, params.signed, params.bearers[0], params.carriers)
    reasons = (*released(held), *proof.reasons, *reasons, *await _bearers_may_know(params, bench, held))
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = await _out(params, bench, held, world)
    proof.use(draft, params.carriers)
    await errands.left_out(draft, params.carriers)
    await breaches.break_out(draft, bench, reasons, params.account, params.carriers, cause="report-outing")
    return draft


async def _judged(
    params: CarryOut, bench: Bench, *, barring: Sequence[str] = NOT_TO_HAND
) -> tuple[list[Held], Facts, tuple[Reason, ...]]:
    held, world = await carriers_of(bench, params.carriers, "carriers", barring=barring)
    await people(bench, params.bearers, "bearers")
    for each in held:
        bench.follows(world, each.node, "HELD_BY", "KEPT_IN")
    if parse(params.back_by, field="back_by", ends_day=True) < bench.occurred:
        raise BadField("back_by", "ends-before-it-begins")
    reasons: list[Reason] = []
    for each in held:
        granted = _granted(world, each, params, bench)
        outing = Outing(
            level=each.level, bearers=params.bearers, purpose=params.purpose, back_by=True, reading=params.reading,
            foreign=params.foreign, abroad=params.abroad, approved=granted is not None,
            measures=str((granted or {}).get("measures", "")), permit=str((granted or {}).get("permit", "")),
        )  # fmt: skip
        reasons += judge_outing(outing, bench.parameter)
    return held, world, once(reasons)


def _granted(world: Facts, held: Held, params: CarryOut, bench: Bench) -> Details | None:
    """An approval for the first bearer that covers what is meant to be done."""
    wanted = [
        name
        for name, on in (("foreign", params.foreign), ("abroad", params.abroad), ("outside", params.reading))
        if on
    ]
    for fact in in_force(world.out(held.id, "OUTING_APPROVED"), bench.occurred):
        if fact.target == params.bearers[0] and all(fact.details.get(name) for name in wanted):
            return fact.details
    return None


async def _bearers_may_know(params: CarryOut, bench: Bench, held: Sequence[Held]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for person in dict.fromkeys(params.bearers):
        for document in dict.fromkeys(each.document for each in held):
            pair = await bench.facts.pair(person, document)
            found += judge(card(pair, person, bench.occurred), demand(pair, document, bench.occurred)).reasons
    return tuple(found)


async def _out(params: CarryOut, bench: Bench, held: Sequence[Held], world: Facts) -> Draft:
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    trip = Trip(
        carriers=list(params.carriers), bearers=list(params.bearers), purpose=params.purpose, back_by=params.back_by
    )  # fmt: skip
    errands.opened(draft, id_, OUTING, "out", trip, subject=params.bearers[0], due=_back(params.back_by))
    for each in held:
        pass_to(draft, bench, world, each, params.bearers[0], "outing")
        await found_again(draft, bench, world, each)
        for companion in dict.fromkeys(params.bearers[1:]):
            draft.begin(
                "ACCOMPANIED_BY", each.node, (companion, Node.PERSON.value), details={"reason": "outing"}
            )
        had = in_hand(world, each, bench.occurred, *OUT)
        contact(draft, each, [bench.actor, *had, *params.bearers])
    draft.rules += ["S03-4.8.1", "S03-4.3b"]
    draft.result["outing"] = id_
    return draft


def _back(text: str) -> Instant:
    return parse(text, field="back_by", ends_day=True)


class BringBack(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers of an outing are back with the custodian and in their place; those still out keep it open."""

    outing: Id
    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    kept_in: Id


@act("bring-back", BringBack, register="use", zh="外出归还", en="Bring a carrier back", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.8.1"), project=errands.project,
     examples=({"outing": "case-23456789abcdef", "carriers": ["C2"], "kept_in": "B1"},))  # fmt: skip
async def bring_back(params: BringBack, bench: Bench) -> Draft:
    found = await errands.errand(bench, params.outing, OUTING, Trip, field="outing", states=("out",))
    held, world = await carriers_of(bench, params.carriers, "carriers", barring=NOT_THERE)
    where = await bench.subject(params.kept_in, Node.CONTAINER, Node.PLACE, field="kept_in")
    trip = found.content
    draft = Draft(found.id, bench.occurred)
    for n, each in enumerate(held):
        if each.id not in trip.carriers or each.id in trip.back:
            raise BadField(f"carriers[{n}]", "not-so", value=each.id)
        bench.refuse((await placing(bench, params.kept_in, each.document, world))[1])
        pass_to(draft, bench, world, each, bench.actor, "custody")
        await found_again(draft, bench, world, each)
        draft.begin("KEPT_IN", each.node, where)
        contact(draft, each, [bench.actor])
    back = [*trip.back, *params.carriers]
    state = "back" if set(back) == set(trip.carriers) else "out"
    content = msgspec.structs.replace(trip, back=back)
    errands.moved(draft, found, state, content, due=None if state == "back" else found.due)
    draft.rules += ["S03-4.8.1", "S03-4.3b"]
    draft.result |= {"outing": found.id, "state": state}
    return draft


class TakeDeviceAbroad(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A laptop goes abroad: as secret as the most secret it holds (S03-4.9c)."""

    device: Id
    bearer: Id
    permit: Annotated[str, Meta(max_length=200)] = ""
    back_by: str
    id: Id | None = None


@act("take-device-abroad", TakeDeviceAbroad, register="outings", zh="携带便携设备出境", en="Take a device abroad", by=CUSTODIAN,
     decided_by=("LEADER_OF",), rules=("S03-4.9b", "S03-4.9c"), paper=True, project=errands.project,
     examples=({"device": "T301", "bearer": "p05", "permit": "携境证3号", "back_by": "2026-03-10"},))  # fmt: skip
async def take_device_abroad(params: TakeDeviceAbroad, bench: Bench) -> Draft:
    level, reasons = await _device(params, bench, approved=True)
    bench.about(params.bearer)
    bench.refuse(reasons)
    return await _abroad(params, bench, level)


class ReportDeviceAbroad(TakeDeviceAbroad, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device has been taken abroad without leave or permit: entered as it happened."""

    account: Words


@act("report-device-abroad", ReportDeviceAbroad, register="outings", zh="登记违规携带设备出境",
     en="Report a device taken abroad against the rules", by=(*CUSTODIAN, "SECURITY_OFFICER_OF"), rules=("S03-4.9b", "S03-4.9c"),
     project=errands.project,
     examples=({"device": "T301", "bearer": "p05", "back_by": "2026-03-10", "account": "未经批准带出境"},))  # fmt: skip
async def report_device_abroad(params: ReportDeviceAbroad, bench: Bench) -> Draft:
    level, reasons = await _device(params, bench, approved=False)
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = await _abroad(params, bench, level)
    about = [params.device, params.bearer]
    await breaches.break_out(draft, bench, reasons, params.account, about, cause="report-device-abroad")
    return draft


async def _device(
    params: TakeDeviceAbroad, bench: Bench, *, approved: bool
) -> tuple[Level, tuple[Reason, ...]]:
    """How secret the device is, and what speaks against its going. Raises BadField where it is abroad already."""
    device = await bench.subject(params.device, Node.DEVICE, field="device")
    bearer = await bench.subject(params.bearer, Node.PERSON, field="bearer")
    if _back(params.back_by) < bench.occurred:
        raise BadField("back_by", "ends-before-it-begins")
    if await Errand.exists().where(
        (Errand.kind == DEVICE) & (Errand.subject == device[0]) & (Errand.state == "out")
    ):
        raise BadField("device", "already-so", value=device[0])
    levels = await _stored(bench, device)
    level = level_of_device(levels) or INTERNAL
    outing = Outing(
        level=level, bearers=(bearer[0], bench.decision.by), purpose="-", back_by=True, reading=False, foreign=False, abroad=True,
        approved=approved, measures="", permit=params.permit,
    )  # fmt: skip
    return level, judge_outing(outing, bench.parameter)


async def _abroad(params: TakeDeviceAbroad, bench: Bench, level: Level) -> Draft:
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(params.device, bench.occurred)
    trip = Trip(
        carriers=[params.device],
        bearers=[params.bearer],
        purpose=params.permit or "-",
        back_by=params.back_by,
    )
    errands.opened(draft, id_, DEVICE, "out", trip, subject=params.device, due=_back(params.back_by))
    draft.rules += ["S03-4.9b", "S03-4.9c"]
    draft.result |= {"outing": id_, "level": level.id}
    return draft


async def _stored(bench: Bench, device: tuple[str, str]) -> tuple[Level, ...]:
    """The levels of everything that lies on a device."""
    around = await bench.facts.around({device[0]: device[1]}, into=("KEPT_IN",))
    inside = {
        fact.source: Node.CARRIER.value
        for fact in in_force(around.into(device[0], "KEPT_IN"), bench.occurred)
    }
    if not inside:
        return ()
    carried = await bench.facts.around(inside)
    documents = {fact.target: Node.DOCUMENT.value for fact in carried.facts() if fact.kind == "CARRIES"}
    world = await bench.facts.around(documents)
    return tuple(
        level for level in (level_of(world, each, bench.occurred) for each in documents) if level is not None
    )


class DeviceBack(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outing: Id


@act("device-back", DeviceBack, register="outings", zh="便携设备回国登记", en="A device is back from abroad", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.9c"), project=errands.project, examples=({"outing": "case-23456789abcdef"},))  # fmt: skip
async def device_back(params: DeviceBack, bench: Bench) -> Draft:
    found = await errands.errand(bench, params.outing, DEVICE, Trip, field="outing", states=("out",))
    draft = Draft(found.subject, bench.occurred)
    errands.moved(draft, found, "back", msgspec.structs.replace(found.content, back=found.content.carriers))
    draft.rules.append("S03-4.9c")
    return draft
