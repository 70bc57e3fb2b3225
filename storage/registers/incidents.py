"""Incidents (失泄密): investigated and concluded, the sanction on the record of whoever answers for it (S01-18a–b)."""

from __future__ import annotations

import msgspec

from graph.law.flow import Matter
from storage import docket
from storage import entry as entries
from storage.act import Bench, Draft
from storage.registers.cases import effect
from storage.tables.ledger import Entry


@effect("close-incident")
async def close_incident(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-18b. A case that a dispute suspended goes on where the decision is found to stand, and ends where it is not."""
    if matter.cause == "dispute-decision":
        await _settle(
            str(matter.said("entry")), stands=matter.said("stands") is True, bench=bench, draft=draft
        )
    draft.result["answerable"] = list(matter.said("answerable") or ())
    draft.rules += ["S01-18a", "S01-18b"]


async def _settle(ref: str, *, stands: bool, bench: Bench, draft: Draft) -> None:
    rows = await Entry.select(Entry.body).where(Entry.reference == ref)
    for change in entries.read(rows[0]["body"]).result.get(docket.KEY, ()):
        matter = await docket.matter(change["case"]) if "taken" in change else None
        if matter is None or matter.state != "suspended":
            continue
        settled = (
            msgspec.structs.replace(matter, state="open")
            if stands
            else msgspec.structs.replace(matter, state="refused", closed=bench.occurred)
        )
        docket.put_matter(draft, settled)
