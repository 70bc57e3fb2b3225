"""Circulation 传阅: a folder of carriers from reader to reader, every leg from and back to the custodian (S07-3b, S03-4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.contact import next_reader, passed_on
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.verdict import Reason
from graph.times import parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import breaches, errands
from storage.registers.carriers import placing
from storage.registers.custody import (
    Held,
    carriers_of,
    contact,
    found_again,
    in_custody,
    known,
    pass_to,
    people,
    released,
)
from storage.registers.signatures import Signed, proof_of
from storage.registers.wishes import wish_for

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
CUSTODIAN = ("CUSTODIAN_OF",)
CIRCULATION = "circulation"


class Circulate(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder is sent round: its carriers and its readers, in the unit's order or side by side."""

    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    readers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=300)]
    parallel: bool = False
    due: str | None = None
    id: Id | None = None


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """`states` of readers: out, read, skipped; not named: still to come. `words` are their 批示."""

    carriers: list[str]
    readers: list[str]
    parallel: bool = False
    states: dict[str, str] = {}
    words: dict[str, str] = {}


@act("circulate", Circulate, register="use", zh="发起传阅", en="Start a circulation", by=CUSTODIAN, rules=("S03-6.5", "S07-3b"),
     project=errands.project, examples=({"carriers": ["C2"], "readers": ["p01", "p05"]},))  # fmt: skip
async def circulate(params: Circulate, bench: Bench) -> Draft:
    """Readers are all checked at the start, and each again before their leg."""
    held, world = await carriers_of(bench, params.carriers, "carriers")
    await people(bench, params.readers, "readers")
    if len(set(params.readers)) != len(params.readers):
        raise BadField("readers", "listed-twice")
    in_custody(world, held, bench, "carriers")
    reasons = [reason for reader in params.readers for reason in await _may_know(bench, reader, held)]
    bench.refuse((*released(held), *reasons))
    due = None if params.due is None else parse(params.due, field="due", ends_day=True)
    if due is not None and due < bench.occurred:
        raise BadField("due", "ends-before-it-begins")
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Folder(carriers=list(params.carriers), readers=list(params.readers), parallel=params.parallel)
    errands.opened(draft, id_, CIRCULATION, "round", content, subject=held[0].document, due=due)
    draft.rules.append("S07-3b")
    draft.result["circulation"] = id_
    return draft


async def _may_know(bench: Bench, reader: str, held: Sequence[Held]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for document in dict.fromkeys(each.document for each in held):
        pair = await bench.facts.pair(reader, document)
        found += judge(card(pair, reader, bench.occurred), demand(pair, document, bench.occurred)).reasons
    return tuple(found)


class HandToReader(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One leg out: the folder, or some of its carriers where it goes side by side, over a signature."""

    circulation: Id
    reader: Id
    carriers: Annotated[tuple[Id, ...], Meta(max_length=50)] = ()
    signed: Signed


@act("hand-to-reader", HandToReader, register="use", zh="传阅送出", en="Hand a folder to a reader", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.3a"), project=errands.project,
     examples=({"circulation": "case-23456789abcdef", "reader": "p05", "signed": {"proof": "own"}},))  # fmt: skip
async def hand_to_reader(params: HandToReader, bench: Bench) -> Draft:
    found = await errands.errand(
        bench, params.circulation, CIRCULATION, Folder, field="circulation", states=("round",)
    )
    reader = await bench.subject(params.reader, Node.PERSON, field="reader")
    folder = found.content
    chosen = params.carriers or tuple(folder.carriers)
    held, world = await carriers_of(bench, chosen, "carriers")
    for n, each in enumerate(chosen):
        if each not in folder.carriers:
            raise BadField(f"carriers[{n}]", "not-so", value=each)
    if folder.states.get(reader[0]) == "out":
        errands.out_of_order(bench, found.id, "out", field="reader")
    in_custody(world, held, bench, "circulation")
    proof = await proof_of(bench, params.signed, reader[0], chosen)
    bench.refuse(
        (
            *next_reader(reader[0], folder.readers, folder.states, parallel=folder.parallel),
            *proof.reasons,
            *await _may_know(bench, reader[0], held),
        )
    )
    draft = Draft(found.id, bench.occurred)
    for carrier in held:
        pass_to(draft, bench, world, carrier, reader[0], "circulation")
        contact(draft, carrier, [bench.actor, reader[0]])
    proof.use(draft, chosen)
    content = msgspec.structs.replace(folder, states={**folder.states, reader[0]: "out"})
    errands.moved(draft, found, "round", content, due=found.due)
    draft.rules += ["S03-4.3a", "S03-4.3b", "S07-3b"]
    return draft


class TakeFromReader(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One leg back: 已知悉 is written, with the reader's 批示; readers it names further become a range request.

    `unread`: called in at the day's end before it was read.
    """

    circulation: Id
    reader: Id
    kept_in: Id
    words: Annotated[str, Meta(max_length=2000)] = ""
    further: Annotated[tuple[Id, ...], Meta(max_length=100)] = ()
    unread: bool = False


@act("take-from-reader", TakeFromReader, register="use", zh="传阅收回", en="Take a folder back from a reader", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.3a"), project=errands.project,
     examples=({"circulation": "case-23456789abcdef", "reader": "p05", "kept_in": "B1", "words": "请业务一科办理"},))  # fmt: skip
async def take_from_reader(params: TakeFromReader, bench: Bench) -> Draft:
    found = await errands.errand(
        bench, params.circulation, CIRCULATION, Folder, field="circulation", states=("round",)
    )
    reader = await bench.subject(params.reader, Node.PERSON, field="reader")
    where = await bench.subject(params.kept_in, Node.CONTAINER, Node.PLACE, field="kept_in")
    for n, each in enumerate(params.further):
        await bench.subject(each, Node.PERSON, Node.DEPARTMENT, field=f"further[{n}]")
    folder = found.content
    if folder.states.get(reader[0]) != "out":
        if reader[0] in folder.states:
            errands.out_of_order(bench, found.id, "taken-back", field="reader")
        raise BadField("reader", "not-so", value=reader[0])
    every, world = await carriers_of(bench, folder.carriers, "circulation", barring=())
    held = [
        each
        for each in every
        if any(f.target == reader[0] and f.holds(bench.now) for f in world.out(each.id, "HELD_BY"))
    ]
    draft = Draft(found.id, bench.occurred)
    for carrier in held:
        bench.follows(world, carrier.node, "HELD_BY")
        bench.refuse((await placing(bench, params.kept_in, carrier.document, world))[1])
        pass_to(draft, bench, world, carrier, bench.actor, "custody")
        await found_again(draft, bench, world, carrier)
        draft.begin("KEPT_IN", carrier.node, where)
        contact(draft, carrier, [bench.actor, reader[0]])
    documents = dict.fromkeys(each.document for each in held)
    if not params.unread:
        for document in documents:
            known(draft, document, reader[0], "read")
    for document in documents if params.further else ():
        await wish_for(draft, bench, document, params.further, found.id)
    states = {name: said for name, said in folder.states.items() if name != reader[0]}
    if not params.unread:
        states[reader[0]] = "read"
    words = {**folder.words, **({reader[0]: params.words} if params.words.strip() else {})}
    _go_on(draft, found, msgspec.structs.replace(folder, states=states, words=words))
    draft.rules += ["S03-4.3a", "S03-4.3b"]
    return draft


def _go_on(draft: Draft, found: errands.Found[Folder], folder: Folder) -> None:
    """Round, until everybody has read it or been skipped."""
    over = all(folder.states.get(reader) in ("read", "skipped") for reader in folder.readers)
    errands.moved(draft, found, "over" if over else "round", folder, due=None if over else found.due)
    draft.result |= {"circulation": found.id, "state": "over" if over else "round"}


class SkipReader(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reader who is absent is left out, and the folder goes on."""

    circulation: Id
    reader: Id
    reason: Words


@act("skip-reader", SkipReader, register="use", zh="跳过传阅人", en="Skip a reader", by=CUSTODIAN, rules=("S03-6.5", "S07-3b"),
     project=errands.project, examples=({"circulation": "case-23456789abcdef", "reader": "p05", "reason": "出差"},))  # fmt: skip
async def skip_reader(params: SkipReader, bench: Bench) -> Draft:
    found = await errands.errand(
        bench, params.circulation, CIRCULATION, Folder, field="circulation", states=("round",)
    )
    reader = await bench.subject(params.reader, Node.PERSON, field="reader")
    folder = found.content
    if reader[0] not in folder.readers or folder.states.get(reader[0]):
        raise BadField("reader", "not-so", value=reader[0])
    draft = Draft(found.id, bench.occurred)
    _go_on(draft, found, msgspec.structs.replace(folder, states={**folder.states, reader[0]: "skipped"}))
    draft.rules.append("S07-3b")
    return draft


class ReportPassing(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """横传: a reader passed the folder on without the custodian. It is with the other one now."""

    circulation: Id
    reader: Id
    to: Id
    account: Words


@act("report-passing", ReportPassing, register="use", zh="登记横传", en="Report a folder passed from reader to reader", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.3b"), project=errands.project,
     examples=({"circulation": "case-23456789abcdef", "reader": "p05", "to": "p01", "account": "当面转交"},))  # fmt: skip
async def report_passing(params: ReportPassing, bench: Bench) -> Draft:
    """As it happened: custody moves, both have known it, and an incident opens with every rule that was broken."""
    found = await errands.errand(
        bench, params.circulation, CIRCULATION, Folder, field="circulation", states=("round",)
    )
    reader = await bench.subject(params.reader, Node.PERSON, field="reader")
    to = await bench.subject(params.to, Node.PERSON, field="to")
    folder = found.content
    if folder.states.get(reader[0]) != "out" or reader == to:
        raise BadField("reader", "not-so", value=reader[0])
    every, world = await carriers_of(bench, folder.carriers, "circulation", barring=())
    held = [
        each
        for each in every
        if any(f.target == reader[0] and f.holds(bench.now) for f in world.out(each.id, "HELD_BY"))
    ]
    draft = Draft(found.id, bench.occurred)
    for carrier in held:
        bench.follows(world, carrier.node, "HELD_BY")
        pass_to(draft, bench, world, carrier, to[0], "circulation")
        await found_again(draft, bench, world, carrier)
    for document in dict.fromkeys(each.document for each in held):
        known(draft, document, reader[0], "read")
        known(draft, document, to[0], "handled")
    reasons = (*passed_on(reader[0], to[0]), *await _may_know(bench, to[0], held))
    readers = folder.readers if to[0] in folder.readers else [*folder.readers, to[0]]
    states = {**folder.states, reader[0]: "read", to[0]: "out"}
    errands.moved(
        draft, found, "round", msgspec.structs.replace(folder, readers=readers, states=states), due=found.due
    )
    await breaches.break_out(
        draft, bench, reasons, params.account, [each.id for each in held], cause="report-passing"
    )
    return draft
