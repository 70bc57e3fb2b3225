"""What an asker may know of, as a list: found from their own reach and hands, never by going through the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from graph.access import Questions
from graph.kinds import Node
from graph.law import gate
from graph.law.person import groups, in_force
from graph.sources import Brings
from graph.times import Instant
from storage.notice import way_up
from storage.tables.catalogue import Carrier, Document, Errand, File, Subject
from storage.titles import WITHHELD, Masked, ids_in


class Hidden(msgspec.Struct, frozen=True):
    """What an asker may not know of: documents, their carriers and files, errands about them, folders that lead to none known.

    `documents` maps the ids of the first three to their document.
    """

    documents: Mapping[str, str]
    others: frozenset[str]

    def __contains__(self, id_: str) -> bool:
        return id_ in self.documents or id_ in self.others

    async def masks(self, spoken: Iterable[str]) -> list[Masked]:
        """By which words each of these is withheld wherever it stands: ids, title and numbers."""
        met: dict[str, list[str]] = {}
        for id_ in spoken:
            if id_ in self:
                met.setdefault(self.documents.get(id_, ""), []).append(id_)
        rows = await Document.select().where(Document.id.is_in(sorted(met))) if met else []
        words = {row["id"]: (row["title"], row["number"], row["receipt"]) for row in rows}
        return [
            Masked(document=document, receipt=WITHHELD, words=tuple(w for w in (*words.get(document, ()), *ids) if w))
            for document, ids in met.items()
        ]  # fmt: skip


class Sight:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def documents(self, asker: str) -> list[str] | None:
        """Ids in order; None where the asker may know of every one (`gate.KNOW_OF_ALL`).

        Whatever `gate.knows_of` allows else is open by a list or a grant, waits for its range, or is in the asker's hands.
        """
        brought, stand = await self._questions.neighbourhood()
        facts, items = await brought.reach(asker)
        if gate.roles(facts, asker, stand.at, *gate.KNOW_OF_ALL):
            return None
        hands = await brought.around({asker: Node.PERSON.value}, into=("HELD_BY",))
        carriers = {
            fact.source: Node.CARRIER.value for fact in in_force(hands.into(asker, "HELD_BY"), stand.at)
        }
        borne = await brought.around(carriers)
        held = {
            fact.target for carrier in carriers for fact in in_force(borne.out(carrier, "CARRIES"), stand.at)
        }
        sent = await _sent(brought, asker, groups(facts, asker, stand.at), stand.at)
        waiting = sent & set(await _unranged()) if sent else set()
        judged = await self._questions.may_know_of(asker, sorted({*items, *held, *waiting}))
        return [id_ for id_, (_, known) in judged.items() if known]

    async def hidden(self, asker: str) -> Hidden | None:
        """None where the asker may know of everything (`gate.KNOW_OF_ALL`)."""
        known = await self.documents(asker)
        if known is None:
            return None
        rows = await Document.select(Document.id, Document.folder)
        seen = set(known)
        documents = {row["id"]: row["id"] for row in rows if row["id"] not in seen}
        carriers = await Carrier.select(Carrier.id, Carrier.document)
        files = await File.select(File.id, File.document)
        documents |= {
            row["id"]: row["document"] for row in (*carriers, *files) if row["document"] in documents
        }
        errands = {
            row["id"]
            for row in await Errand.select(Errand.id, Errand.subject, Errand.content)
            if not documents.keys().isdisjoint({row["subject"], *ids_in(msgspec.json.decode(row["content"]))})
        }
        led = await _folders_to({row["folder"] for row in rows if row["id"] in seen})
        return Hidden(documents, frozenset(errands | led.hidden))

    async def folders(self, asker: str) -> frozenset[str] | None:
        """Those on the way to a document that the asker may know of; None where they may know of every one."""
        known = await self.documents(asker)
        if known is None:
            return None
        seen = set(known)
        rows = [row for row in await Document.select(Document.id, Document.folder) if row["id"] in seen]
        return (await _folders_to({row["folder"] for row in rows})).shown


async def _sent(brought: Brings, asker: str, above: Iterable[str], at: Instant) -> set[str]:
    """Documents whose distribution names the person, or a department of theirs."""
    rows = await Subject.select(Subject.id).where(
        Subject.id.is_in(sorted(above)) & (Subject.kind == Node.DEPARTMENT.value)
    )
    near = {asker: Node.PERSON.value} | {row["id"]: Node.DEPARTMENT.value for row in rows}
    listed = await brought.around(near)
    lists = {fact.target for each in near for fact in in_force(listed.out(each, "IN_DISTRIBUTION"), at)}
    onto = await brought.around(dict.fromkeys(sorted(lists), Node.DISTRIBUTION.value))
    return {fact.target for each in lists for fact in in_force(onto.out(each, "DISTRIBUTION_OF"), at)}


async def _unranged() -> list[str]:
    """Documents whose range has not been set yet: few, for they wait on the Leader's desk."""
    rows = await Document.raw(
        "SELECT d.id FROM document d WHERE d.level <> '' AND NOT EXISTS (SELECT 1 FROM register_row r"
        " WHERE r.subject = d.id AND r.act = 'set-range' AND r.voided_by = '' AND NOT EXISTS"
        " (SELECT 1 FROM paper_decision p WHERE p.id = r.reference AND p.state = 'disputed'))"
    )
    return [row["id"] for row in rows]


class _Folders(msgspec.Struct, frozen=True):
    shown: frozenset[str]
    hidden: frozenset[str]


async def _folders_to(ends: Iterable[str]) -> _Folders:
    rows = await Subject.select(Subject.id, Subject.parent).where(Subject.kind == Node.FOLDER.value)
    parents = {row["id"]: row["parent"] for row in rows}
    shown = frozenset(each for end in ends for each in way_up(end, parents))
    return _Folders(shown, frozenset(parents) - shown)
