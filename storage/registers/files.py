"""Scans: uploaded under an approval, already carriers while staged, accepted or rejected (G04, S03-4.5, registry.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law import gate
from graph.law.arrears import staged_too_long
from graph.law.books import kept_by_custodian
from graph.law.keeping import level_of
from graph.law.levels import INTERNAL
from graph.law.marking import Batch, serials_unique
from graph.law.person import in_force
from graph.law.regulation import Figures
from graph.law.verdict import Reason
from graph.times import Instant
from storage.act import (
    ID_PATTERN,
    LARGEST,
    Act,
    Bench,
    Change,
    Draft,
    Patch,
    Put,
    Work,
    act,
    subject_row,
)
from storage.entry import Body
from storage.registers import custody
from storage.registers.carriers import carrier_of, serials_of
from storage.registers.copies import approvals
from storage.registers.erasing import erase, erased
from storage.registers.findings import by_the_clock
from storage.tables.catalogue import Carrier, File, RegisterRow

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
KEEPERS = ("ARCHIVIST_OF", "CUSTODIAN_OF")
REGISTER = "files"


class StageScan(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scan has arrived whole: its source carrier, and what was found on completion."""

    carrier: Id
    file: Id
    name: Words
    media_type: Words
    size: Annotated[int, Meta(ge=1, le=LARGEST)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    pages: Annotated[int, Meta(ge=1, le=100_000)] | None = None


def project_staged(params: StageScan, body: Body) -> Iterable[Change]:
    carrier, document = body.result["carrier"], body.result["document"]
    yield subject_row(carrier, Node.CARRIER, carrier, body, parent=document)
    yield Put(
        Carrier,
        {
            "id": carrier, "document": document, "serial": "", "medium": "electronic", "pages": params.pages,
            "copy_of": params.carrier, "state": "staged", "file": params.file, "made": body.seq,
        },
    )  # fmt: skip
    yield Put(
        File,
        {
            "id": params.file, "document": document, "carrier": carrier, "name": params.name,
            "media_type": params.media_type, "size": params.size, "sha256": params.sha256, "pages": params.pages,
            "state": "staged", "made": body.seq,
        },
    )  # fmt: skip


@act("stage-scan", StageScan, register=REGISTER, zh="上传扫描件", en="Upload a scan", by=KEEPERS,
     rules=("S03-4.5.4a", "P-role"), project=project_staged, public=False)  # fmt: skip
async def stage_scan(params: StageScan, bench: Bench) -> Draft:
    """Approved before bytes (S03-4.5.1–2), bounded by the store's accreditation (S02-15c); custodian only (暂存)."""
    source, document, world = await carrier_of(bench, params.carrier)
    level = level_of(world, document, bench.occurred) or INTERNAL
    store = (bench.settings["store"], Node.DEVICE.value)
    around = await bench.facts.around({store[0]: store[1]})
    reasons: list[Reason] = [*gate.accredited(around, store[0], level, bench.now)]
    granted = approvals(world, source[0], bench.actor, "scan", bench.now)
    if not granted:
        rule = "S03-4.5.1" if level.rank >= 3 else "S03-4.5.2"
        reasons.append(Reason((rule,), "copy-not-approved", remedy="approve-copy", whose="LEADER_OF"))
    else:
        made = await Carrier.count().where(
            (Carrier.copy_of == source[0]) & (Carrier.medium == "electronic") & (Carrier.state != "destroyed")
        )
        if made >= sum(int(fact.details.get("copies", 1)) for fact in granted):
            reasons.append(Reason(("S03-4.5.4a",), "more-than-approved"))
    bench.refuse(reasons)
    holder = await _custodian(bench)
    id_ = await bench.new_id(None, Node.CARRIER)
    draft = Draft(id_, bench.occurred)
    carrier = (draft.node(id_, Node.CARRIER), Node.CARRIER.value)
    draft.begin("CARRIES", carrier, (document, Node.DOCUMENT.value))
    draft.begin("COPY_OF", carrier, source, details={"mode": "scan"})
    draft.begin("HELD_BY", carrier, holder, details={"reason": "custody"})
    draft.begin("KEPT_IN", carrier, store)
    draft.rules += ["S03-4.5.3", "S03-4.5.4a", "S02-15c"]
    draft.result = {"carrier": id_, "document": document, "file": params.file}
    draft.work.append(Work("preview", params.file))  # whoever accepts it compares its pages first
    return draft


async def _custodian(bench: Bench) -> tuple[str, str]:
    """The holder of what lies in the store: the unit's first custodian [G04]."""
    world = await bench.facts.around({bench.own[0]: bench.own[1]}, into=("CUSTODIAN_OF",))
    keepers = sorted(fact.source for fact in in_force(world.into(bench.own[0], "CUSTODIAN_OF"), bench.now))
    reasons = kept_by_custodian(keepers, None)
    bench.refuse(reasons)
    return (keepers[0], Node.PERSON.value)


class AcceptScan(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The staged scan was compared with its source and is good; it gets its copy number, which only 秘密 may do without."""

    file: Id
    serial: Annotated[str, Meta(max_length=40)] = ""


def project_accepted(params: AcceptScan, body: Body) -> Iterable[Change]:
    yield Patch(File, params.file, {"state": "accepted"})
    yield Patch(Carrier, body.result["carrier"], {"state": "present", "serial": params.serial})


@act("accept-scan", AcceptScan, register=REGISTER, zh="验收扫描件", en="Accept a scan", by=KEEPERS,
     rules=("S03-4.5.4a", "P-role"), project=project_accepted, examples=({"file": "fl-23456789abcdef", "serial": "电-001"},))  # fmt: skip
async def accept_scan(params: AcceptScan, bench: Bench) -> Draft:
    row = await _staged(bench, params.file)
    world = await bench.facts.around({row["document"]: Node.DOCUMENT.value})
    level = level_of(world, row["document"], bench.occurred) or INTERNAL
    present = await serials_of(bench, row["document"], copies=True)
    reasons = serials_unique(Batch(level, 0, [each for each in present if each], [params.serial or None]))
    bench.refuse(reasons)
    draft = Draft(row["carrier"], bench.occurred)
    draft.rules += ["S03-4.5.4a", "S03-4.5.4c"]
    draft.result = {"carrier": row["carrier"], "document": row["document"]}
    draft.work.append(Work("text", params.file))
    return draft


class RejectScan(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The staged scan is no good: destroyed with its key; the certificate says from when no backup holds it."""

    file: Id
    reason: Words


def project_gone(params: RejectScan | ExpireScan, body: Body) -> Iterable[Change]:
    yield Patch(File, params.file, {"state": "rejected"})
    yield Patch(Carrier, body.result["carrier"], {"state": "destroyed"})
    if "certificate" in body.result:
        yield from erased(body)


@act("reject-scan", RejectScan, register=REGISTER, zh="退回扫描件", en="Reject a scan", by=KEEPERS,
     rules=("S03-4.5.4a", "P-role"), project=project_gone,
     examples=({"file": "fl-23456789abcdef", "reason": "第3页缺角"},))  # fmt: skip
async def reject_scan(params: RejectScan, bench: Bench) -> Draft:
    return await _gone(bench, await _staged(bench, params.file), [bench.actor])


class ExpireScan(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nobody accepted the staged scan in time: the clock destroys it like one that was rejected."""

    file: Id


@act("expire-scan", ExpireScan, register=REGISTER, zh="销毁逾期暂存件", en="Destroy a scan left staged", rules=("P-staged",),
     project=project_gone, public=False)  # fmt: skip
async def expire_scan(params: ExpireScan, bench: Bench) -> Draft:
    by_the_clock(bench)
    row = await _staged(bench, params.file)
    if not staged_too_long(await arrived(row["made"]), bench.now, bench.parameter):
        raise BadField("file", "not-so", value=params.file)
    draft = await _gone(bench, row, [])
    draft.rules.append("P-staged")
    return draft


async def left_staged(now: Instant, figures: Figures) -> list[str]:
    """The files that have been staged for longer than the unit allows."""
    rows = await File.select().where(File.state == "staged").order_by(File.made)
    return [row["id"] for row in rows if staged_too_long(await arrived(row["made"]), now, figures)]


async def arrived(made: int) -> Instant:
    rows = await RegisterRow.select(RegisterRow.recorded_at).where(RegisterRow.seq == made)
    return int(rows[0]["recorded_at"])


async def _gone(bench: Bench, row: dict[str, Any], hands: Sequence[str]) -> Draft:
    held, world = await custody.carrier(bench, row["carrier"], "file", barring=())
    draft = Draft(held.id, bench.occurred)
    await erase(draft, bench, world, [held], method="key", hands=hands, series="scan-destruction")
    draft.rules += ["S03-6.2a"]
    draft.result |= {"carrier": held.id, "document": row["document"]}
    return draft


async def _staged(bench: Bench, file: str) -> dict[str, Any]:
    rows = await File.select().where(File.id == file)
    if not rows or not await bench.notices(rows[0]["document"], Node.DOCUMENT):
        raise BadField("file", "unknown-id", value=file)
    if rows[0]["state"] != "staged":
        raise BadField("file", "already-so")
    return dict(rows[0])
