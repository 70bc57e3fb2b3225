"""Carriers that went astray: taken or passed on past the custodian, or found where they do not belong (S03-4.3a–b)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.contact import passed_on, signed_for
from graph.law.custody import elsewhere
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card, in_force
from graph.times import to_date_text
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import breaches, errands
from storage.registers.carriers import placing
from storage.registers.custody import (
    NOT_THERE,
    OUT,
    carrier,
    contact,
    finish,
    found_again,
    in_hand,
    known,
    once,
    pass_to,
    released,
)

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
CUSTODIAN = ("CUSTODIAN_OF",)


class ReportTaking(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody took a carrier, or was given it by whoever had it out, and nobody entered it: it is with them now."""

    carrier: Id
    by: Id
    account: Words


@act("report-taking", ReportTaking, register="use", zh="登记擅自取用", en="Report a carrier taken or passed on past the books",
     by=CUSTODIAN, rules=("S03-6.5", "S03-4.3a"), project=errands.project,
     examples=({"carrier": "C2", "by": "p06", "account": "未登记从柜中取走"},))  # fmt: skip
async def report_taking(params: ReportTaking, bench: Bench) -> Draft:
    """As it happened: custody moves, they have handled it, it is owed back today, and every broken rule is cited."""
    held, world = await carrier(bench, params.carrier, barring=NOT_THERE)
    person = await bench.subject(params.by, Node.PERSON, field="by")
    bench.follows(world, held.node, "HELD_BY", "KEPT_IN")
    had = in_hand(world, held, bench.occurred)
    if person[0] in had:
        raise BadField("by", "already-so", value=person[0])
    pair = await bench.facts.pair(person[0], held.document)
    verdict = judge(card(pair, person[0], bench.occurred), demand(pair, held.document, bench.occurred))
    past = [
        reason for each in in_hand(world, held, bench.occurred, *OUT) for reason in passed_on(each, person[0])
    ]
    draft = Draft(held.id, bench.occurred)
    pass_to(draft, bench, world, held, person[0], "loan", due=to_date_text(bench.occurred))
    await found_again(draft, bench, world, held)
    await errands.left_out(draft, [held.id])
    contact(draft, held, had)
    known(draft, held.document, person[0], "handled", held.id)
    reasons = once((*signed_for(signed=False), *released([held]), *past, *verdict.reasons))
    await breaches.break_out(
        draft, bench, reasons, params.account, [held.id, person[0]], cause="report-taking"
    )
    return draft


class ReportPlace(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier in custody lay somewhere else than the books say. It is entered as lying there until it is put away."""

    carrier: Id
    kept_in: Id
    account: Words


@act("report-place", ReportPlace, register="custody", zh="登记异处发现", en="Report a carrier found in the wrong place",
     by=CUSTODIAN, rules=("S03-6.5", "S03-4.3b"), project=errands.project,
     examples=({"carrier": "C2", "kept_in": "R210", "account": "会议室遗留"},))  # fmt: skip
async def report_place(params: ReportPlace, bench: Bench) -> Draft:
    """Whether or not it may lie there; what speaks against the place is cited beside."""
    held, world = await carrier(bench, params.carrier, barring=NOT_THERE)
    bench.follows(world, held.node, "KEPT_IN")
    where = await bench.subject(params.kept_in, Node.CONTAINER, Node.PLACE, field="kept_in")
    booked = [fact.target for fact in in_force(world.out(held.id, "KEPT_IN"), bench.occurred)]
    if where[0] in booked:
        raise BadField("kept_in", "already-so", value=where[0])
    _, unfit = await placing(bench, params.kept_in, held.document, world)
    draft = Draft(held.id, bench.occurred)
    finish(draft, bench, world, held, "KEPT_IN")
    await found_again(draft, bench, world, held)
    draft.begin("KEPT_IN", held.node, where)
    contact(draft, held, [bench.actor])
    reasons = (*elsewhere(booked, where[0]), *unfit)
    await breaches.break_out(draft, bench, reasons, params.account, [held.id, where[0]], cause="report-place")
    return draft
