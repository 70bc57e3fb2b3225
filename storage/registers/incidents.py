"""Incidents (失泄密): investigated and concluded, the sanction on the record of whoever answers for it (S01-18a–b)."""

from __future__ import annotations

from functools import partial

import msgspec

from graph.closure import settled
from graph.facts import Facts
from graph.kinds import Node
from graph.law.flow import Matter
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card, in_force
from graph.law.reach import ways
from graph.times import Instant
from storage import docket
from storage import entry as entries
from storage.act import Bench, Draft
from storage.registers.cases import effect
from storage.tables.ledger import Entry


@effect("gather-knowledge", drafts=True)
async def gather_knowledge(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-18a: who has in fact known the item, in whose hands its carriers are, and who could know or reach them."""
    if matter.subject_kind not in (Node.DOCUMENT.value, Node.CARRIER.value):
        return
    around = await bench.facts.around({matter.subject: matter.subject_kind}, into=("HAS_KNOWN", "CARRIES"))
    borne = [fact.target for fact in around.out(matter.subject, "CARRIES")]
    documents = borne or [matter.subject]
    world = await bench.facts.around(
        dict.fromkeys(documents, Node.DOCUMENT.value), into=("HAS_KNOWN", "CARRIES")
    )
    carriers = [matter.subject] if borne else [
        fact.source for each in documents for fact in in_force(world.into(each, "CARRIES"), bench.occurred)
    ]  # fmt: skip
    hands = await bench.facts.around(dict.fromkeys(carriers, Node.CARRIER.value))
    known = {
        fact.source
        for each in documents
        for fact in world.into(each, "HAS_KNOWN")
        if fact.since <= bench.occurred
    }
    possible = await _could(bench, documents, carriers) - known
    draft.result["known"], draft.result["possible"] = sorted(known), sorted(possible)
    draft.result["held_by"] = {
        carrier: [fact.target for fact in in_force(hands.out(carrier, "HELD_BY"), bench.occurred)]
        for carrier in sorted(carriers)
    }
    form = {**matter.form, "known": sorted(known), "possible": sorted(possible)}
    docket.put_matter(draft, msgspec.structs.replace(matter, form=form))
    draft.rules.append("S01-18a")


async def _could(bench: Bench, documents: list[str], carriers: list[str]) -> set[str]:
    """Who may know one of the documents, or can reach one of the carriers, when it happened."""
    found: set[str] = set()
    for document in documents:
        facts, people = await bench.facts.audience(document)
        what = demand(facts, document, bench.occurred)
        found |= {each for each in people if judge(card(facts, each, bench.occurred), what).allowed}
    for carrier in carriers:
        reached, _ = await settled(
            bench.facts, {carrier: Node.CARRIER.value}, partial(_reach, carrier, bench.occurred)
        )
        found |= reached
    return found


def _reach(carrier: str, at: Instant, facts: Facts) -> set[str]:
    return set(ways(facts, carrier, at))


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
