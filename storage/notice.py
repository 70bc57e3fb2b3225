"""Whether somebody may know that a thing exists. To the acts of who may not, it is as if it did not [P, G12].

Documents, their carriers and the folders on the way to them follow `gate.knows_of`; cases are seen as `GET /cases/{id}` shows
them; an errand is known to those it names, to their Heads, to the keeper of its seal, and to whoever may know of all it is about; a
handover also to the Office, which closes posts over it (S03-5.4b).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from graph.facts import Joined
from graph.kinds import Node
from graph.law import flow, gate
from graph.law.flow import Matter
from graph.law.person import groups
from graph.sources import Brings
from graph.times import Instant
from storage import docket, procedures
from storage.registers.cases import STANDING
from storage.registers.founding import SYSTEM
from storage.registers.handovers import HANDOVER
from storage.tables.catalogue import Carrier, Document, Errand, Subject
from storage.titles import ids_in


async def noticed(facts: Brings, person: str, id_: str, kind: str | None, at: Instant) -> bool:
    """Judged now; the clock overlooks nothing. The same statements are sent for an id that nothing bears (`kind` None)."""
    if person == SYSTEM:
        return True
    carriers = await Carrier.select(Carrier.document).where(Carrier.id == id_)
    errands = await Errand.select().where(Errand.id == id_)
    matter = await docket.matter(id_)
    item = carriers[0]["document"] if carriers else id_
    known = gate.may_know_of(await facts.pair(person, item), person, item, at)
    if kind in (None, Node.DOCUMENT, Node.CARRIER):
        return known and kind is not None
    if kind == Node.FOLDER:
        return await _leads_to_known(facts, person, id_, at)
    if matter is not None:
        return await _case(facts, person, matter, at)
    if errands:
        return await _errand(facts, person, errands[0], at)
    return await _hazard(facts, person, id_, at)


async def _case(facts: Brings, person: str, matter: Matter, at: Instant) -> bool:
    nodes = {matter.subject: matter.subject_kind}
    nodes |= dict.fromkeys({person, matter.opener} - {""}, Node.PERSON.value)
    standing = {node: label for node, label in nodes.items() if label in STANDING}
    things = {node: label for node, label in nodes.items() if label not in STANDING}
    world = Joined([await facts.standing(standing), await facts.around(things)])
    parties = flow.parties(world, person, matter, at)
    return flow.may_see(procedures.load()[matter.procedure], matter, parties, person)


async def _errand(facts: Brings, person: str, row: Mapping[str, Any], at: Instant) -> bool:
    named = {row["subject"], *ids_in(msgspec.json.decode(row["content"]))}
    if person in named:
        return True
    rows = await Subject.select(Subject.id, Subject.kind).where(Subject.id.is_in(sorted(named)))
    people = [each["id"] for each in rows if each["kind"] == Node.PERSON]
    world = await facts.people([person, *people])
    above = named.union(*(groups(world, each, at) for each in people))
    if any(fact.target in above for fact in gate.roles(world, person, at, "HEAD_OF", "SEAL_KEEPER_OF")):
        return True
    items = await _documents({each["id"]: each["kind"] for each in rows})
    if row["kind"] == HANDOVER and gate.roles(world, person, at, "OFFICE_OF"):
        return True
    if not items:
        return bool(gate.roles(world, person, at, *gate.KNOW_OF_ALL))
    met = await facts.many(person, items)
    return all(gate.may_know_of(met, person, each, at) for each in items)


async def _documents(kinds: Mapping[str, str]) -> list[str]:
    """Of these nodes the documents, and those that the carriers bear."""
    found = {id_ for id_, kind in kinds.items() if kind == Node.DOCUMENT}
    carriers = [id_ for id_, kind in kinds.items() if kind == Node.CARRIER]
    rows = await Carrier.select(Carrier.document).where(Carrier.id.is_in(carriers)) if carriers else []
    return sorted(found | {row["document"] for row in rows})


async def _hazard(facts: Brings, person: str, id_: str, at: Instant) -> bool:
    """A hazard found at a key unit: for its Principal, and those who oversee."""
    rows = await Subject.select(Subject.parent).where(Subject.id == id_)
    world = await facts.people([person])
    answers = gate.roles(world, person, at, "PRINCIPAL_OF")
    return any(fact.target == row["parent"] for row in rows for fact in answers) or bool(
        gate.roles(world, person, at, *gate.OVERSEERS, *gate.KNOW_OF_ALL)
    )


async def _leads_to_known(facts: Brings, person: str, folder: str, at: Instant) -> bool:
    """Whether a document that the person may know of lies in the folder, or below it."""
    if gate.roles(await facts.people([person]), person, at, *gate.KNOW_OF_ALL):
        return True
    rows = await Subject.select(Subject.id, Subject.parent).where(Subject.kind == Node.FOLDER.value)
    parents = {row["id"]: row["parent"] for row in rows}
    below = sorted(each for each in parents if folder in way_up(each, parents))
    documents = await Document.select(Document.id).where(Document.folder.is_in(below)) if below else []
    ids = [row["id"] for row in documents]
    world = await facts.many(person, ids)
    return any(gate.may_know_of(world, person, each, at) for each in ids)


def way_up(folder: str, parents: Mapping[str, str]) -> Iterable[str]:
    """A folder and those it lies in, the nearest first."""
    seen: dict[str, None] = {}
    while folder and folder not in seen:
        seen[folder] = None
        folder = parents.get(folder, "")
    return seen
