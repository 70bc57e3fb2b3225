"""Archiving: fonds, volume and retention given, level and range as they were (S03-5.5, S07-3a)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField
from graph.facts import Details
from graph.kinds import Node
from graph.law.handover import archivable, catalogued
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers.carriers import KEEPERS
from storage.registers.documents import class_of
from storage.tables.catalogue import Carrier

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
OUT = ("loan", "circulation", "outing", "courier")


class ArchiveDocument(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document and its carriers go into the archive: 全宗号, 案卷, 保管期限, 档号."""

    document: Id
    volume: Id | None = None
    fonds: Annotated[str, Meta(max_length=100)] = ""
    retention: Literal["", "permanent", "30-years", "10-years"] = ""
    number: Annotated[str, Meta(max_length=100)] = ""


@act("archive-document", ArchiveDocument, register="archive", zh="归档", en="Archive a document", by=KEEPERS, rules=("S03-5.5", "P-role"),
     examples=({"document": "D3", "volume": "V2", "fonds": "0101", "retention": "30-years", "number": "0101-2026-2-1"},))  # fmt: skip
async def archive_document(params: ArchiveDocument, bench: Bench) -> Draft:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    volume = await bench.subject(params.volume, Node.FOLDER, field="volume") if params.volume else None
    world = await bench.facts.around({document[0]: document[1]}, into=("CARRIES",))
    if in_force(world.out(document[0], "ARCHIVED_IN"), bench.occurred):
        raise BadField("document", "already-so", value=document[0])
    code = await class_of(volume[0]) if volume else ""
    bench.refuse(
        (
            *archivable(params.fonds, params.volume, params.retention, await _out(bench, document[0])),
            *(catalogued(code, params.number) if volume else ()),
        )
    )
    if volume is None:
        raise BadField("volume", "missing")
    details: Details = {"fonds": params.fonds, "retention": params.retention, "number": params.number}
    draft = Draft(document[0], bench.occurred)
    draft.begin("ARCHIVED_IN", document, volume, details=details)
    draft.rules += ["S03-5.5", "S07-3a"]
    return draft


async def _out(bench: Bench, document: str) -> list[str]:
    """Carriers of the document that somebody has out."""
    rows = await Carrier.select(Carrier.id).where(
        (Carrier.document == document) & Carrier.state.is_in(["present", "made", "missing"])
    )
    if not rows:
        return []
    world = await bench.facts.around({row["id"]: Node.CARRIER.value for row in rows})
    held = [fact for fact in world.facts() if fact.kind == "HELD_BY" and fact.holds(bench.occurred)]
    return sorted({fact.source for fact in held if fact.details.get("reason") in OUT})
