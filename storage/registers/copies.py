"""Copies: copying and scanning approved, and a copy registered before it is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField
from graph.facts import Details, Fact, Facts
from graph.kinds import Node
from graph.law.contact import touched
from graph.law.copying import CopyRequest, copy_registered, judge_copy
from graph.law.custody import bears
from graph.law.derivation import copying_allowed
from graph.law.item import demand
from graph.law.keeping import level_of
from graph.law.know import judge
from graph.law.levels import INTERNAL
from graph.law.person import card, in_force
from graph.law.sealing import copy_sealed
from graph.law.verdict import Reason
from graph.times import DAY_MS
from storage.act import ID_PATTERN, Act, Bench, Change, Clerical, Draft, Put, act, refusal, subject_row
from storage.entry import Body
from storage.registers import breaches, errands
from storage.registers.carriers import KEEPERS, Medium, carrier_of, custodian, placing, serials_of
from storage.registers.custody import known
from storage.registers.lineage import ancestry
from storage.tables.catalogue import Carrier, Document, RegisterRow, Subject

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
COPY_APPROVAL_DAYS = 30


class ApproveCopy(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copying, scanning, printing or downloading a carrier is allowed to one person.

    `authority` says who decided: the own leader, or the originator or superior by a registered letter.
    """

    carrier: Id
    mode: Literal["copy", "scan", "print", "download"]
    person: Id
    copies: Annotated[int, Meta(ge=1, le=1000)] = 1
    authority: Literal["leader", "originator", "superior"] = "leader"
    letter: str = ""
    slip: str = ""


@act("approve-copy", ApproveCopy, register="copies", zh="批准复制或扫描", en="Approve copying or scanning", by=KEEPERS,
     decided_by=("LEADER_OF",), rules=("S03-4.5.2", "S03-4.5.1"), paper=True,
     examples=({"carrier": "C2", "mode": "scan", "person": "p04"},))  # fmt: skip
async def approve_copy(params: ApproveCopy, bench: Bench) -> Draft:
    """S03-4.5.1–2 [G04: a scan, a print and a download are copies]."""
    carrier, document, world = await carrier_of(bench, params.carrier)
    person = await bench.subject(params.person, Node.PERSON, field="person")
    bench.about(person[0])
    if params.authority != "leader" and not params.letter.strip():
        raise BadField("letter", "missing")
    level = level_of(world, document, bench.occurred) or INTERNAL
    free = copying_allowed(await ancestry(bench, [document]), document, bench.occurred)
    reasons = judge_copy(CopyRequest(level, free, params.authority))
    bench.refuse(reasons)
    if bench.decision.proof == "paper" and level.rank >= 3:
        raise refusal(("S03-4.5.1",), "not-on-paper")
    details: Details = {"mode": params.mode, "copies": params.copies}
    if params.slip:
        details["slip"] = params.slip
    draft = Draft(carrier[0], bench.occurred)
    draft.begin(
        "COPY_APPROVED", carrier, person, until=bench.occurred + COPY_APPROVAL_DAYS * DAY_MS, details=details
    )
    draft.rules.append("S03-4.5.1" if level.rank >= 3 else "S03-4.5.2")
    return draft


def approvals(world: Facts, carrier: str, person: str, mode: str, at: int) -> tuple[Fact, ...]:
    """Approvals in force for one person to copy a carrier in this way."""
    return tuple(
        fact
        for fact in in_force(world.out(carrier, "COPY_APPROVED"), at)
        if fact.target == person and fact.details.get("mode") == mode
    )


class RegisterCopy(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A copy or a print made on paper or another medium under an approval: a carrier like the original (S03-4.5.4a–c)."""

    carrier: Id
    mode: Literal["copy", "print"] = "copy"
    serial: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S")]
    medium: Medium = "paper"
    kept_in: Id | None = None
    id: Id | None = None


def project_copy(params: RegisterCopy, body: Body) -> Iterable[Change]:
    yield from errands.project(params, body)
    id_ = body.result["carrier"]
    document = body.result["document"]
    yield subject_row(id_, Node.CARRIER, params.serial, body, parent=document)
    yield Put(
        Carrier,
        {
            "id": id_, "document": document, "serial": params.serial, "medium": params.medium, "pages": None,
            "copy_of": params.carrier, "state": "made", "file": "", "made": body.seq,
        },
    )  # fmt: skip


@act("register-copy", RegisterCopy, register="copies", zh="登记复制件", en="Register a copy", by=KEEPERS,
     project=project_copy, rules=("S03-4.5.4a", "P-role"),
     clerical=(Clerical("serial", Carrier, "serial", "carrier", beside=("document",)),
               Clerical("serial", Subject, "name", "carrier")),
     examples=({"carrier": "C2", "serial": "复-001", "kept_in": "B1"},))  # fmt: skip
async def register_copy(params: RegisterCopy, bench: Bench) -> Draft:
    carrier, document, world = await carrier_of(bench, params.carrier)
    granted = approvals(world, carrier[0], bench.actor, params.mode, bench.occurred)
    if not granted:
        level = level_of(world, document, bench.occurred) or INTERNAL
        rule = "S03-4.5.1" if level.rank >= 3 else "S03-4.5.2"
        raise refusal((rule, "S03-4.5.4a"), "copy-not-approved")
    if await _made_by(bench, carrier[0], granted, params.mode) >= sum(
        int(f.details.get("copies", 1)) for f in granted
    ):
        raise refusal(("S03-4.5.4a",), "more-than-approved")
    if params.serial in await serials_of(bench, document, copies=True):
        raise refusal(("S03-2.1e", "S03-4.5.4c"), "serial-twice", serials=params.serial)
    return await _copied(params, bench, carrier, document, world)


async def _copied(
    params: RegisterCopy, bench: Bench, carrier: tuple[str, str], document: str, world: Facts
) -> Draft:
    """The copy as a carrier of its own, in custody and unsealed."""
    where, reasons = await placing(bench, params.kept_in, document, world)
    bench.refuse(reasons)
    holder = await custodian(bench, None)
    id_ = await bench.new_id(params.id, Node.CARRIER)
    draft = Draft(id_, bench.occurred)
    copy = (draft.node(id_, Node.CARRIER), Node.CARRIER.value)
    draft.begin("CARRIES", copy, (document, Node.DOCUMENT.value))
    draft.begin("COPY_OF", copy, carrier, details={"mode": params.mode})
    draft.begin("HELD_BY", copy, holder, details={"reason": "custody"})
    if where:
        draft.begin("KEPT_IN", copy, where)
    for toucher in touched(level_of(world, document, bench.occurred), [bench.actor, holder[0]]):
        known(draft, document, toucher, "handled", id_)
    draft.rules += ["S03-4.5.3", "S03-4.5.4a", "S03-4.5.4c"]
    draft.result = {"carrier": id_, "document": document}
    return draft


class ReportCopy(RegisterCopy, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A copy was found that nobody had entered: taken into custody as it is. `by` made it, or had it."""

    by: Id
    account: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]


@act("report-copy", ReportCopy, register="copies", zh="登记擅自复制", en="Report a copy made past the books", by=("CUSTODIAN_OF",),
     project=project_copy, rules=("S03-4.5.4a", "S03-6.5"),
     examples=({"carrier": "C2", "serial": "复-009", "kept_in": "B1", "by": "p06", "account": "自行复印一份"},))  # fmt: skip
async def report_copy(params: ReportCopy, bench: Bench) -> Draft:
    """S03-4.5.1–2, 4.5.4a: a carrier like every other from now on; sealed or destroyed like any copy."""
    carrier, document, world = await carrier_of(bench, params.carrier, found=True)
    person = await bench.subject(params.by, Node.PERSON, field="by")
    if params.serial in await serials_of(bench, document, copies=True):
        raise refusal(("S03-2.1e", "S03-4.5.4c"), "serial-twice", serials=params.serial)
    pair = await bench.facts.pair(person[0], document)
    verdict = judge(card(pair, person[0], bench.occurred), demand(pair, document, bench.occurred))
    reasons = [*copy_registered(registered=False), *verdict.reasons]
    if not approvals(world, carrier[0], person[0], params.mode, bench.occurred):
        level = level_of(world, document, bench.occurred) or INTERNAL
        reasons.insert(0, Reason(("S03-4.5.1" if level.rank >= 3 else "S03-4.5.2",), "copy-not-approved"))
    draft = await _copied(params, bench, carrier, document, world)
    known(draft, document, person[0], "handled", draft.subject)
    about = [carrier[0], draft.subject, person[0]]
    await breaches.break_out(draft, bench, reasons, params.account, about, cause="report-copy")
    return draft


async def _made_by(bench: Bench, carrier: str, granted: Sequence[Fact], mode: str) -> int:
    """Copies the actor has registered since the first of these approvals in this way, voided ones left out."""
    around = await bench.facts.around({carrier: Node.CARRIER.value}, into=("COPY_OF",))
    copies = [fact.source for fact in around.into(carrier, "COPY_OF") if fact.details.get("mode") == mode]
    if not copies:
        return 0
    lines = await RegisterRow.select(RegisterRow.seq).where(
        (RegisterRow.act == "register-copy")
        & (RegisterRow.actor == bench.actor)
        & (RegisterRow.voided_by == "")
        & (RegisterRow.occurred_at >= min(fact.since for fact in granted))
        & RegisterRow.subject.is_in(copies)
    )
    return len(lines)


class ReleaseCopy(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A copy of a carrier, by its copy number, is given out for use like an original."""

    of: Id
    serial: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S")]


@act("release-copy", ReleaseCopy, register="copies", zh="发放复制件", en="Release a copy", by=KEEPERS, project=errands.project,
     rules=("S03-4.5.4b", "P-role"), examples=({"of": "C2", "serial": "复-001"},))  # fmt: skip
async def release_copy(params: ReleaseCopy, bench: Bench) -> Draft:
    """S03-4.5.4a: not in the register, not there; S03-4.5.4b: without the unit's seal it stays where it is."""
    source = await bench.subject(params.of, Node.CARRIER, field="of")
    rows = await Carrier.select().where((Carrier.copy_of == source[0]) & (Carrier.serial == params.serial))
    reasons = copy_registered(bool(rows) and rows[0]["id"] in await bench.standing_among([rows[0]["id"]]))
    bench.refuse(reasons)
    if rows[0]["state"] != "made":
        raise BadField("serial", "already-so", value=params.serial)
    copy = (rows[0]["id"], Node.CARRIER.value)
    world = await bench.facts.around({copy[0]: copy[1], rows[0]["document"]: Node.DOCUMENT.value})
    seals = in_force(world.out(copy[0], "SEALED_WITH"), bench.occurred)
    bench.refuse(copy_sealed([str(fact.details.get("seal", "other")) for fact in seals]))
    carried = bears(world, copy[0], bench.occurred)
    draft = Draft(copy[0], bench.occurred)
    errands.became(draft, copy[0], "present")
    document = (await Document.select(Document.expires).where(Document.id == rows[0]["document"]))[0]
    level = carried.level.id if carried and carried.level else ""
    draft.result |= {
        "carrier": copy[0],
        "document": rows[0]["document"],
        "level": level,
        "expires": document["expires"],
    }
    draft.rules += ["S03-4.5.3", "S03-4.5.4a", "S03-4.5.4b", "S03-4.5.4c"]
    return draft
