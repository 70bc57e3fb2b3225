"""Dispatch: carriers packed, labelled from the record and sent; gone when the receipt 回执 is back (S03-3.1–3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import Node
from graph.law.dispatch import Channel, Dispatch, Label, Packing, judge_dispatch
from graph.law.person import cleared_below, groups, in_force
from graph.law.verdict import Reason
from graph.times import Instant, parse, to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act
from storage.entry import Body
from storage.registers import breaches, errands, returns
from storage.registers.custody import (
    NOT_THERE,
    NOT_TO_HAND,
    OUT,
    Held,
    carriers_of,
    contact,
    finish,
    found_again,
    highest,
    in_custody,
    in_hand,
    released,
)
from storage.tables.catalogue import Number, Subject

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
CUSTODIAN = ("CUSTODIAN_OF",)
DISPATCH = "dispatch"
SERIES = "机发〔{year}〕{n:03d}"


class Cover(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers under one cover. `escorts` are people of the unit or of the receiver.

    `packing` is the checklist of the envelope or bag; the label is written from the record. `permit` is the number under
    which they leave the country, where the receiver is abroad.
    """

    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=200)]
    channel: Channel
    packing: Packing
    vehicle: Annotated[str, Meta(max_length=200)] = ""
    route: Annotated[str, Meta(max_length=500)] = ""
    same_place: bool = False
    escorts: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()
    permit: Annotated[str, Meta(max_length=200)] = ""
    answer_by: str | None = None
    id: Id | None = None


class SendCarriers(Cover, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asking leave to send carriers to one organisation."""

    to: Id


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    carriers: list[str]
    to: str
    number: str
    channel: str
    vehicle: str
    route: str
    escorts: list[str]
    label: dict[str, str]
    returned: str = ""
    signed_by: str = ""


def project_sent(params: Cover, body: Body) -> Iterable[Change]:
    yield from errands.project(params, body)
    year, n = body.result["_number"]
    text = body.result["label"]["number"]
    yield Put(
        Number,
        {
            "id": f"{DISPATCH}/{text}",
            "series": DISPATCH,
            "year": year,
            "n": n,
            "text": text,
            "entry": body.ref,
        },
    )


class _Covered(msgspec.Struct, frozen=True, kw_only=True):
    """What is judged, and what stands on the carriers it is about."""

    held: list[Held]
    world: Facts
    to: tuple[str, str]
    judged: Dispatch
    reasons: tuple[Reason, ...]


@act("send-carriers", SendCarriers, register="dispatches", zh="寄发载体", en="Send carriers", by=CUSTODIAN,
     rules=("S03-6.5", "S03-3.1"), project=project_sent,
     examples=({"carriers": ["C2"], "to": "shengju", "channel": "confidential-transport", "vehicle": "机要专车", "route": "市区直达",
                "packing": {"kind": "envelope", "sealed": True}},))  # fmt: skip
async def send_carriers(params: SendCarriers, bench: Bench) -> Draft:
    cover = await _cover(params, params.to, bench)
    return await _leave(params, bench, cover)


async def _leave(params: Cover, bench: Bench, cover: _Covered) -> Draft:
    in_custody(cover.world, cover.held, bench, "carriers")
    bench.refuse((*released(cover.held), *cover.reasons))
    return await _sent(params, bench, cover)


class ReturnToOriginator(Cover, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers go back to whoever asked for them: sent like everything else, and back once the receipt is (S03-5.3c)."""

    clearing: Id


@act("return-to-originator", ReturnToOriginator, register="clearings", zh="清退", en="Return carriers to the originator", by=CUSTODIAN,
     rules=("S03-6.5", "S03-5.3c"), project=project_sent,
     examples=({"clearing": "case-23456789abcdef", "carriers": ["C2"], "channel": "confidential-transport", "vehicle": "机要专车",
                "route": "市区直达", "packing": {"kind": "envelope", "sealed": True}},))  # fmt: skip
async def return_to_originator(params: ReturnToOriginator, bench: Bench) -> Draft:
    """On the way to the originator; the clearing goes on with the receipt (`confirm-dispatch`)."""
    found = await errands.errand(
        bench, params.clearing, returns.CLEARING, returns.Clearing, field="clearing", states=("open",)
    )
    clearing = found.content
    cover = await _cover(params, clearing.to, bench)
    for n, each in enumerate(params.carriers):
        if each not in clearing.carriers:
            raise BadField(f"carriers[{n}]", "not-so", value=each)
    draft = await _leave(params, bench, cover)
    draft.rules.append("S03-5.3c")
    draft.result["clearing"] = found.id
    return draft


class ReportDispatch(SendCarriers, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers have been sent against the rules: entered as it happened."""

    account: Words


@act("report-dispatch", ReportDispatch, register="dispatches", zh="登记违规寄发", en="Report carriers sent against the rules",
     by=CUSTODIAN, rules=("S03-6.5", "S03-3.1"), project=project_sent,
     examples=({"carriers": ["C2"], "to": "shengju", "channel": "ordinary-post", "packing": {"kind": "envelope"},
                "account": "误投普通邮筒"},))  # fmt: skip
async def report_dispatch(params: ReportDispatch, bench: Bench) -> Draft:
    """Whoever had it in hand has it no longer, and what it was out for goes on without it."""
    cover = await _cover(params, params.to, bench, barring=NOT_THERE)
    reasons = (*released(cover.held), *cover.reasons)
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = await _sent(params, bench, cover)
    await errands.left_out(draft, params.carriers)
    await breaches.break_out(draft, bench, reasons, params.account, params.carriers, cause="report-dispatch")
    return draft


async def _cover(
    params: Cover, receiver: str, bench: Bench, *, barring: Sequence[str] = NOT_TO_HAND
) -> _Covered:
    held, world = await carriers_of(bench, params.carriers, "carriers", barring=barring)
    to = await bench.subject(receiver, Node.ORGANISATION, field="to")
    escorts = [
        await bench.subject(each, Node.PERSON, field=f"escorts[{n}]") for n, each in enumerate(params.escorts)
    ]
    if to[0] == bench.organisation:
        raise BadField("to", "not-so", value=to[0])
    for each in held:
        bench.follows(world, each.node, "HELD_BY", "KEPT_IN")
    belong = await bench.facts.standing(dict(escorts)) if escorts else None
    direct = belong is not None and all(
        {bench.organisation, to[0]} & set(groups(belong, each, bench.occurred)) for each, _ in escorts
    )
    own = [
        each for each, _ in escorts if belong and bench.organisation in groups(belong, each, bench.occurred)
    ]
    unfit = (
        cleared_below(await bench.facts.people(own), own, highest(held), bench.occurred)
        if own
        else frozenset()
    )
    judged = Dispatch(
        level=highest(held), packing=params.packing, label=await _label(bench, held, to[0]), channel=params.channel,
        vehicle=params.vehicle, route=params.route, same_place=params.same_place, escorts=params.escorts, direct=direct,
        abroad=bool(await bench.standing(to, "ABROAD")), permit=params.permit, unqualified=unfit,
    )  # fmt: skip
    return _Covered(
        held=held, world=world, to=to, judged=judged, reasons=judge_dispatch(judged, bench.parameter)
    )


async def _label(bench: Bench, held: Sequence[Held], to: str) -> Label:
    """S03-3.3b: from the record. The number is the dispatch's own."""
    rows = await Subject.select(Subject.id, Subject.name).where(Subject.id.is_in([bench.organisation, to]))
    names: dict[str, Any] = {row["id"]: row["name"] for row in rows}
    year = to_datetime(bench.occurred).year
    number = SERIES.format(year=year, n=await bench.next_number(DISPATCH, year))
    level = highest(held)
    return Label(
        level=level.zh, number=number, sender=names.get(bench.organisation, ""), receiver=names.get(to, "")
    )


async def _sent(params: Cover, bench: Bench, cover: _Covered) -> Draft:
    """On the way: out of its place, still answered for by its custodian until the receipt is back."""
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    due = _due(params, bench)
    label = msgspec.structs.asdict(cover.judged.label)
    sent = Sent(
        carriers=list(params.carriers), to=cover.to[0], number=cover.judged.label.number, channel=params.channel,
        vehicle=params.vehicle, route=params.route, escorts=list(params.escorts), label=label,
    )  # fmt: skip
    errands.opened(draft, id_, DISPATCH, "on-the-way", sent, subject=cover.to[0], due=due)
    for each in cover.held:
        had = in_hand(cover.world, each, bench.occurred, *OUT)
        finish(draft, bench, cover.world, each, "HELD_BY", "KEPT_IN", "ACCOMPANIED_BY")
        await found_again(draft, bench, cover.world, each)
        draft.begin("HELD_BY", each.node, (bench.actor, Node.PERSON.value), details={"reason": "courier"})
        for escort in dict.fromkeys(params.escorts):
            draft.begin(
                "ACCOMPANIED_BY", each.node, (escort, Node.PERSON.value), details={"reason": "courier"}
            )
        contact(draft, each, [bench.actor, *had])
        contact(draft, each, params.escorts, "couriered")
    draft.rules += ["S03-3.1", "S03-3.2", "S03-3.3a", "S03-3.3b", "S03-3.4a"]
    year = to_datetime(bench.occurred).year
    draft.result |= {
        "dispatch": id_,
        "label": label,
        "_number": [year, await bench.next_number(DISPATCH, year)],
    }
    return draft


def _due(params: Cover, bench: Bench) -> Instant | None:
    if params.answer_by is None:
        return None
    due = parse(params.answer_by, field="answer_by", ends_day=True)
    if due < bench.occurred:
        raise BadField("answer_by", "ends-before-it-begins")
    return due


class ConfirmDispatch(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The receipt 回执 is back: counted, registered, numbered and signed for at the other end."""

    dispatch: Id
    receipt: Words
    signed_by: Words


@act("confirm-dispatch", ConfirmDispatch, register="dispatches", zh="登记回执", en="Enter the receipt that came back",
     by=CUSTODIAN, rules=("S03-6.5", "S03-3.1"), project=errands.project,
     examples=({"dispatch": "case-23456789abcdef", "receipt": "回执0012", "signed_by": "省局机要科 李"},))  # fmt: skip
async def confirm_dispatch(params: ConfirmDispatch, bench: Bench) -> Draft:
    """Only now does custody move (S03-3.1), and only this receiver has its own back (S03-5.3c)."""
    found = await errands.errand(
        bench, params.dispatch, DISPATCH, Sent, field="dispatch", states=("on-the-way",)
    )
    held, world = await carriers_of(bench, found.content.carriers, "dispatch", barring=NOT_THERE)
    draft = Draft(found.id, bench.occurred)
    for each in held:
        finish(draft, bench, world, each, "HELD_BY", "ACCOMPANIED_BY", "MISSING")
        for fact in in_force(world.out(each.id, "RETURN_DUE"), bench.occurred):
            if fact.target == found.content.to:
                draft.end(fact, world)
        to = (found.content.to, Node.ORGANISATION.value)
        draft.begin("SENT_TO", each.node, to, details={"receipt": params.receipt})
        errands.became(draft, each.id, "sent")
    content = msgspec.structs.replace(found.content, returned=params.receipt, signed_by=params.signed_by)
    errands.moved(draft, found, "received", content)
    draft.rules.append("S03-3.1")
    draft.result["dispatch"] = found.id
    await returns.settled(draft, found.content.to, found.content.carriers)
    return draft
