"""导出: what leaves the screen as a file is entered first, and bears the entry's reference as its watermark."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from graph.kinds import Node
from graph.law import gate
from storage.act import ID_PATTERN, Act, Bench, Draft, act

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
DRAWERS = (*gate.OVERSEERS, "CUSTODIAN_OF")


class RecordExport(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One export of a drawing of a document. `names_hidden` says whether people and titles were left out of it."""

    document: Id
    format: Literal["svg", "png"]
    names_hidden: bool = True


@act("record-export", RecordExport, register="exports", zh="导出图", en="Export a drawing", by=DRAWERS,
     rules=("P-export", "P-role"), examples=({"document": "D2", "format": "png", "names_hidden": True},))  # fmt: skip
async def record_export(params: RecordExport, bench: Bench) -> Draft:
    document, _ = await bench.subject(params.document, Node.DOCUMENT, field="document")
    draft = Draft(document, bench.occurred)
    draft.rules.append("P-export")
    return draft
