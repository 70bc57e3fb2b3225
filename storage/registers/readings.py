"""Readings: what cannot be recorded does not happen. Each opening is first entered, then served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta

from graph.errors import BadField, NotAvailable, Refused
from graph.facts import Details, Fact, Facts, Overlay
from graph.kinds import Node
from graph.law import gate
from graph.law.person import in_force
from graph.times import parse, to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, opaque, refusal, subject_row
from storage.entry import Body
from storage.registers.copies import approvals
from storage.tables.catalogue import Carrier, File, Number, Reading

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
DOWNLOADS = "downloads"
SERIES = "下〔{year}〕{n:03d}"


class OpenReading(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One opening of a document by the actor. The device is the session's, never typed."""

    document: Id
    file: Id | None = None
    device: Id | None = None
    mode: Literal["read", "handled", "heard", "download"] = "read"
    again: Id | None = None
    """A download entered before, whose bytes are asked for once more: it is no further copy. Judged only, never entered."""


def project_reading(params: OpenReading, body: Body) -> Iterable[Change]:
    copy = body.result.get("copy")
    yield Put(
        Reading,
        {
            "id": body.result["reading"],
            "person": body.actor,
            "document": params.document,
            "carrier": copy["carrier"] if copy else "",
            "file": params.file or "",
            "device": params.device or "",
            "mode": params.mode,
            "opened_at": parse(body.occurred_at, field="occurred_at"),
            "made": body.seq,
        },
    )
    if copy:
        yield from _project_copy(params.document, copy, body)


def _project_copy(document: str, copy: dict[str, Any], body: Body) -> Iterable[Change]:
    id_, serial = copy["carrier"], copy["serial"]
    yield subject_row(id_, Node.CARRIER, serial, body, parent=document)
    yield Put(
        Carrier,
        {
            "id": id_, "document": document, "serial": serial, "medium": "hard-disk", "pages": copy["pages"],
            "copy_of": copy["of"], "state": "present", "file": "", "made": body.seq,
        },
    )  # fmt: skip
    year, n = copy["_number"]
    number = {"series": DOWNLOADS, "year": year, "n": n, "text": serial, "entry": body.ref}
    yield Put(Number, {"id": f"{DOWNLOADS}/{serial}", **number})


@act("open-reading", OpenReading, register="readings", zh="查阅", en="Open for reading", project=project_reading,
     rules=("S03-4.3a",), public=False)  # fmt: skip
async def open_reading(params: OpenReading, bench: Bench) -> Draft:
    """may_open: may_know, enrolled device accredited, place compliant, reading recorded (4.3)."""
    world = await bench.facts.pair(bench.actor, params.document)
    if world.label(params.document) != Node.DOCUMENT:
        raise NotAvailable
    facts: Facts = world
    if params.device:
        facts = await _with_endpoint(bench, params, world)
    verdict, reasons = gate.may_open(
        facts, bench.actor, params.document, bench.now, device=params.device, ruling=bench.regulations.ruling
    )
    reasons = tuple(bench.binding(reasons))
    if reasons:
        if not gate.knows_of(facts, bench.actor, params.document, bench.now, verdict):
            raise NotAvailable
        raise Refused(reasons)
    if params.again is not None and not await _own_download(params.again, bench):
        raise BadField("again", "not-so", value=params.again)
    file = await _file_open(params, bench)
    draft = Draft(params.document, bench.occurred)
    reading = opaque("rd")
    known_by = "read" if params.mode == "download" else params.mode
    details: Details = {"mode": known_by, "reading": reading}
    copy = await _copy(draft, params, bench, file) if file and params.mode == "download" else None
    if copy:
        details["carrier"] = copy["carrier"]
    draft.begin(
        "HAS_KNOWN",
        (bench.actor, Node.PERSON.value),
        (params.document, Node.DOCUMENT.value),
        details=details,
    )
    draft.rules += ["S03-4.3a", "S03-4.1d"]
    draft.result = {"reading": reading} | ({"copy": copy} if copy else {})
    return draft


async def _copy(draft: Draft, params: OpenReading, bench: Bench, file: dict[str, Any]) -> dict[str, Any]:
    """A download is a copy on the terminal's disk: a carrier with its number, in the hands of who took it (G04, S03-4.5.4a)."""
    id_ = await bench.new_id(None, Node.CARRIER)
    carrier = (draft.node(id_, Node.CARRIER), Node.CARRIER.value)
    draft.begin("CARRIES", carrier, (params.document, Node.DOCUMENT.value))
    draft.begin("COPY_OF", carrier, (file["carrier"], Node.CARRIER.value), details={"mode": "download"})
    draft.begin("HELD_BY", carrier, (bench.actor, Node.PERSON.value), details={"reason": "loan"})
    if params.device:
        draft.begin("KEPT_IN", carrier, (params.device, Node.DEVICE.value))
    year = to_datetime(bench.occurred).year
    n = await bench.next_number(DOWNLOADS, year)
    serial = bench.settings.get(f"unit.series.{DOWNLOADS}", SERIES).format(year=year, n=n)
    draft.rules += ["S03-4.5.3", "S03-4.5.4a", "S03-4.5.4c"]
    return {
        "carrier": id_,
        "serial": serial,
        "of": file["carrier"],
        "pages": file["pages"],
        "_number": [year, n],
    }


async def _file_open(params: OpenReading, bench: Bench) -> dict[str, Any] | None:
    """The file is one of the document's; staged ones are for their keepers, downloads for whom one was approved."""
    if params.file is None:
        if params.mode == "download":
            raise BadField("file", "missing")
        return None
    rows = await File.select().where((File.id == params.file) & (File.document == params.document))
    if not rows or rows[0]["state"] == "rejected":
        raise BadField("file", "unknown-id", value=params.file)
    if rows[0]["state"] == "staged":
        await bench.require(bench.actor, ("ARCHIVIST_OF", "CUSTODIAN_OF"), ("S03-4.5.4a", "P-role"))
    if params.mode == "download":
        carrier = rows[0]["carrier"]
        world = await bench.facts.around({carrier: Node.CARRIER.value})
        granted = approvals(world, carrier, bench.actor, "download", bench.now)
        if not granted:
            raise refusal(("S03-4.5.2", "S03-4.5.4a"), "copy-not-approved")
        if await _downloaded(params, bench, granted) >= sum(int(f.details.get("copies", 1)) for f in granted):
            raise refusal(("S03-4.5.4a",), "more-than-approved")
    row: dict[str, Any] = rows[0]
    return row


async def _own_download(reading: str, bench: Bench) -> bool:
    return await Reading.exists().where(
        (Reading.id == reading) & (Reading.person == bench.actor) & (Reading.mode == "download")
    )


async def _downloaded(params: OpenReading, bench: Bench, granted: Sequence[Fact]) -> int:
    """Copies that the actor has downloaded since the first of these approvals, the one asked for again left out."""
    rows = await Reading.select(Reading.id).where(
        (Reading.person == bench.actor)
        & (Reading.file == (params.file or ""))
        & (Reading.mode == "download")
        & (Reading.opened_at >= min(fact.since for fact in granted))
    )
    return sum(row["id"] != params.again for row in rows)


async def _with_endpoint(bench: Bench, params: OpenReading, world: Facts) -> Facts:
    """The pair's facts with the device's and its room's on top."""
    device = params.device or ""
    around = await bench.facts.around({device: Node.DEVICE.value})
    rooms = {fact.target: Node.PLACE.value for fact in in_force(around.out(device, "ENROLLED_AT"), bench.now)}
    full = await bench.facts.around({device: Node.DEVICE.value, **rooms})
    return Overlay(world, full.facts(), (), full.labels)
