"""The yearly inventory 清查核对: expected against found, what is missing reported, and an incident with who could reach it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import Node
from graph.law.inventory import Count, problems_reported, rooms_of, who_could_reach, who_has_known
from graph.law.verdict import Reason
from graph.times import Instant, parse, to_datetime, to_text
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import breaches, errands
from storage.registers.custody import (
    GONE,
    LOST,
    NOT_THERE,
    carrier,
    carriers_of,
    contact,
    finish,
    found_again,
)
from storage.tables.catalogue import Carrier, Errand, RegisterRow

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
CUSTODIAN = ("CUSTODIAN_OF",)
INVENTORY = "inventory"


class StartInventory(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that should be there, of the whole unit or of the documents named, to be ticked one by one."""

    year: Annotated[int, Meta(ge=1990, le=2200)]
    documents: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()
    id: Id | None = None


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    year: int
    expected: list[str]
    whole: bool = True
    found: list[str] = []
    extra: list[str] = []
    report: str = ""
    missing: list[str] = []

    def counted(self) -> Count:
        return Count(
            expected=frozenset(self.expected), found=frozenset(self.found), reported=bool(self.report)
        )


@act("start-inventory", StartInventory, register="inventories", zh="开始清查", en="Start an inventory", by=CUSTODIAN,
     rules=("S03-6.5", "S03-5.3a"), project=errands.project, examples=({"year": 2026},))  # fmt: skip
async def start_inventory(params: StartInventory, bench: Bench) -> Draft:
    if params.year > to_datetime(bench.occurred).year:
        raise BadField("year", "in-the-future")
    for n, each in enumerate(params.documents):
        await bench.subject(each, Node.DOCUMENT, field=f"documents[{n}]")
    running = await Errand.select().where((Errand.kind == INVENTORY) & (Errand.state == "counting"))
    if not params.documents and any(errands.read(row, Inventory).content.whole for row in running):
        raise BadField("year", "already-so")
    query = Carrier.select(Carrier.id).where(
        Carrier.state.not_in(["destroyed", "sent", "staged", "arriving"])
    )
    if params.documents:
        query = query.where(Carrier.document.is_in(list(params.documents)))
    standing = await bench.standing_among([row["id"] for row in await query])
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Inventory(year=params.year, expected=sorted(standing), whole=not params.documents)
    errands.opened(draft, id_, INVENTORY, "counting", content, subject=bench.organisation)
    draft.rules.append("S03-5.3a")
    draft.result |= {"inventory": id_, "expected": len(standing)}
    return draft


class TickCarriers(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seen and in order: carriers scanned or ticked. What is not on the list is told as surplus."""

    inventory: Id
    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]


@act("tick-carriers", TickCarriers, register="inventories", zh="清查核对", en="Tick carriers that were found", by=CUSTODIAN,
     rules=("S03-6.5", "S03-5.3a"), project=errands.project,
     examples=({"inventory": "case-23456789abcdef", "carriers": ["C1", "C2"]},))  # fmt: skip
async def tick_carriers(params: TickCarriers, bench: Bench) -> Draft:
    found = await errands.errand(
        bench, params.inventory, INVENTORY, Inventory, field="inventory", states=("counting",)
    )
    held, world = await carriers_of(bench, params.carriers, "carriers", barring=NOT_THERE)
    inventory = await _still_expected(bench, found.content)
    twice = [n for n, each in enumerate(params.carriers) if each in (*inventory.found, *inventory.extra)]
    if twice:
        raise BadField(f"carriers[{twice[0]}]", "listed-twice")
    draft = Draft(found.id, bench.occurred)
    for each in held:
        await found_again(draft, bench, world, each)
        contact(draft, each, [bench.actor])
    extra = [each for each in params.carriers if each not in inventory.expected]
    content = msgspec.structs.replace(
        inventory, found=[*inventory.found, *(each for each in params.carriers if each not in extra)], extra=[*inventory.extra, *extra]
    )  # fmt: skip
    errands.moved(draft, found, "counting", content)
    draft.rules += ["S03-5.3a", "S03-4.3b"]
    draft.result |= {
        "expected": len(content.expected), "found": len(content.found), "missing": list(content.counted().missing), "extra": extra,
    }  # fmt: skip
    return draft


async def _still_expected(bench: Bench, inventory: Inventory) -> Inventory:
    """What was destroyed, sent or struck out since the count began is looked for no longer."""
    if not inventory.expected:
        return inventory
    rows = await Carrier.select(Carrier.id).where(
        Carrier.id.is_in(inventory.expected) & Carrier.state.is_in(list(GONE))
    )
    standing = await bench.standing_among(inventory.expected)
    gone = {row["id"] for row in rows} | (set(inventory.expected) - standing)
    left = [each for each in inventory.expected if each not in gone or each in inventory.found]
    return msgspec.structs.replace(inventory, expected=left)


class ReportInventory(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report to the secrecy department (市保密局) on what is missing or wrong."""

    inventory: Id
    number: Words
    date: str


@act("report-inventory", ReportInventory, register="inventories", zh="报告清查问题", en="Report what the inventory found",
     by=(*CUSTODIAN, "SECURITY_OFFICER_OF"), rules=("S03-5.3b", "P-role"), project=errands.project,
     examples=({"inventory": "case-23456789abcdef", "number": "滨密报〔2026〕1号", "date": "2026-03-02"},))  # fmt: skip
async def report_inventory(params: ReportInventory, bench: Bench) -> Draft:
    found = await errands.errand(
        bench, params.inventory, INVENTORY, Inventory, field="inventory", states=("counting",)
    )
    if parse(params.date, field="date") > bench.now:
        raise BadField("date", "in-the-future")
    draft = Draft(found.id, bench.occurred)
    errands.moved(draft, found, "counting", msgspec.structs.replace(found.content, report=params.number))
    draft.rules.append("S03-5.3b")
    return draft


class CloseInventory(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    inventory: Id
    account: Annotated[str, Meta(max_length=1000)] = ""


@act("close-inventory", CloseInventory, register="inventories", zh="清查结束", en="Close an inventory", by=CUSTODIAN,
     rules=("S03-6.5", "S03-5.3b"), project=errands.project, examples=({"inventory": "case-23456789abcdef"},))  # fmt: skip
async def close_inventory(params: CloseInventory, bench: Bench) -> Draft:
    """S03-5.3b: missing and not reported, it cannot be closed; reported, it closes with an incident for each carrier."""
    found = await errands.errand(
        bench, params.inventory, INVENTORY, Inventory, field="inventory", states=("counting",)
    )
    inventory = await _still_expected(bench, found.content)
    count = inventory.counted()
    bench.refuse(problems_reported(count))
    draft = Draft(found.id, bench.occurred)
    content = msgspec.structs.replace(inventory, missing=list(count.missing))
    errands.moved(draft, found, "closed", content)
    draft.rules += ["S03-5.3a", "S03-5.3b"]
    for each in count.missing:
        await lose(draft, bench, each, params.account or found.content.report)
    draft.result |= {
        "expected": len(count.expected),
        "found": len(count.found),
        "missing": list(count.missing),
    }
    return draft


class ReportMissing(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier is not where it should be, found out between two inventories."""

    carrier: Id
    account: Words


@act("report-missing", ReportMissing, register="inventories", zh="报告载体下落不明", en="Report a carrier missing", by=CUSTODIAN,
     rules=("S03-6.5", "S03-5.3b"), project=errands.project, examples=({"carrier": "C2", "account": "还卷时未见"},))  # fmt: skip
async def report_missing(params: ReportMissing, bench: Bench) -> Draft:
    held, _ = await carrier(bench, params.carrier, barring=NOT_THERE)
    if held.state == LOST:
        raise BadField("carrier", "already-so", value=held.id)
    draft = Draft(held.id, bench.occurred)
    await lose(draft, bench, held.id, params.account)
    return draft


async def lose(draft: Draft, bench: Bench, carrier_id: str, account: str) -> None:
    """The carrier is missing, and an incident says who has known it and who could reach it since it was last seen."""
    held, world = await carrier(bench, carrier_id, barring=())
    sighted = await _sighted(bench, carrier_id)
    known = who_has_known(await _knowing(bench, held.document), held.document)
    around = await _rooms(bench, world, carrier_id, sighted)
    finish(draft, bench, world, held, "KEPT_IN")
    if held.state != LOST:
        draft.begin("MISSING", held.node, bench.own)
    errands.became(draft, held.id, LOST)
    reasons = [Reason(("S03-5.3b",), "missing-not-reported", {"carriers": carrier_id})]
    case = await breaches.break_out(
        draft, bench, reasons, account or carrier_id, [carrier_id], cause="close-inventory"
    )
    reached = who_could_reach(around, carrier_id, sighted, bench.occurred)
    told = {
        "incidents": case,
        "sighted": to_text(sighted),
        "has_known": list(known),
        "could_reach": list(reached),
    }
    for name, value in told.items():
        draft.result.setdefault(name, {})[carrier_id] = value


async def _sighted(bench: Bench, carrier_id: str) -> Instant:
    """When it was last seen: the last act on it, or the last inventory that found it."""
    rows = await RegisterRow.select(RegisterRow.occurred_at).where(
        (RegisterRow.subject == carrier_id)
        & (RegisterRow.voided_by == "")
        & (RegisterRow.occurred_at <= bench.occurred)
    )
    seen: list[Instant] = [row["occurred_at"] for row in rows]
    closed = await Errand.select().where((Errand.kind == INVENTORY) & (Errand.state == "closed"))
    seen += [row["changed_at"] for row in closed if carrier_id in errands.read(row, Inventory).content.found]
    made = await Carrier.select(Carrier.made).where(Carrier.id == carrier_id)
    first = await RegisterRow.select(RegisterRow.occurred_at).where(RegisterRow.seq == made[0]["made"])
    seen += [row["occurred_at"] for row in first]
    return max(seen)


async def _knowing(bench: Bench, document: str) -> Facts:
    return await bench.facts.around({document: Node.DOCUMENT.value}, into=("HAS_KNOWN",))


async def _rooms(bench: Bench, world: Facts, carrier_id: str, since: Instant) -> Facts:
    """The places it lay in since then, what they stand in, and who may enter them."""
    things = {carrier_id: Node.CARRIER.value}
    for _ in range(3):  # carrier → container or store → room
        where = rooms_of(world, carrier_id, since, bench.occurred)
        things |= {each: str(world.label(each)) for each in where}
        world = await bench.facts.around(things, into=("MAY_ENTER",))
    return world
