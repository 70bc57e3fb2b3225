"""Readings: what cannot be recorded does not happen. Each opening is first entered, then served."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField, NotAvailable, Refused
from graph.facts import Details, Facts, Overlay
from graph.kinds import Node
from graph.law import gate
from graph.law.person import in_force
from graph.times import parse
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, opaque, refusal
from storage.entry import Body
from storage.registers.copies import approvals
from storage.tables.catalogue import File, Reading

Id = Annotated[str, Meta(pattern=ID_PATTERN)]


class OpenReading(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One opening of a document by the actor. The device is the session's, never typed."""

    document: Id
    file: Id | None = None
    device: Id | None = None
    mode: Literal["read", "handled", "heard", "download"] = "read"


def project_reading(params: OpenReading, body: Body) -> Iterable[Change]:
    yield Put(
        Reading,
        {
            "id": body.result["reading"],
            "person": body.actor,
            "document": params.document,
            "carrier": "",
            "file": params.file or "",
            "device": params.device or "",
            "mode": params.mode,
            "opened_at": parse(body.occurred_at, field="occurred_at"),
            "made": body.seq,
        },
    )


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
    verdict, reasons = gate.may_open(facts, bench.actor, params.document, bench.now, device=params.device)
    if reasons:
        if not gate.knows_of(facts, bench.actor, params.document, bench.now, verdict):
            raise NotAvailable
        raise Refused(reasons)
    await _file_open(params, bench)
    draft = Draft(params.document, bench.occurred)
    reading = opaque("rd")
    known_by = "read" if params.mode == "download" else params.mode
    details: Details = {"mode": known_by, "reading": reading}
    draft.begin(
        "HAS_KNOWN",
        (bench.actor, Node.PERSON.value),
        (params.document, Node.DOCUMENT.value),
        details=details,
    )
    draft.rules += ["S03-4.3a", "S03-4.1d"]
    draft.result = {"reading": reading}
    return draft


async def _file_open(params: OpenReading, bench: Bench) -> None:
    """The file is one of the document's; staged ones are for their keepers, downloads for whom one was approved."""
    if params.file is None:
        if params.mode == "download":
            raise BadField("file", "missing")
        return
    rows = await File.select().where((File.id == params.file) & (File.document == params.document))
    if not rows or rows[0]["state"] == "rejected":
        raise BadField("file", "unknown-id", value=params.file)
    if rows[0]["state"] == "staged":
        await bench.require(bench.actor, ("ARCHIVIST_OF", "CUSTODIAN_OF"), ("S03-4.5.4a", "P-role"))
    if params.mode == "download":
        carrier = rows[0]["carrier"]
        world = await bench.facts.around({carrier: Node.CARRIER.value})
        if not approvals(world, carrier, bench.actor, "download", bench.now):
            raise refusal(("S03-4.5.2", "S03-4.5.4a"), "copy-not-approved")


async def _with_endpoint(bench: Bench, params: OpenReading, world: Facts) -> Facts:
    """The pair's facts with the device's and its room's on top."""
    device = params.device or ""
    around = await bench.facts.around({device: Node.DEVICE.value})
    rooms = {fact.target: Node.PLACE.value for fact in in_force(around.out(device, "ENROLLED_AT"), bench.now)}
    full = await bench.facts.around({device: Node.DEVICE.value, **rooms})
    return Overlay(world, full.facts(), (), full.labels)
