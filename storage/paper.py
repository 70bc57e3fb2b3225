"""The books of carriers as paper shows them: 收文, 发文, 使用, 清退, 销毁, 知悉, each with the columns of its form.

Every line is a view of the ledger through the catalogue and the facts; nothing is kept beside them. Titles and numbers
are withheld as everywhere (`storage/titles.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from graph.access import Questions
from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law import gate
from graph.law.custody import where
from graph.times import Instant, to_date_text, to_text
from storage.books import OVERSEEING, mark_of
from storage.registers import destructions as destroyed
from storage.registers import dispatches, errands, returns
from storage.sight import Sight
from storage.slips import OUT, Row, Slips, Taken
from storage.tables.catalogue import Carrier, Document, Errand, RegisterRow
from storage.titles import Masked, Titles

COLUMNS: dict[str, tuple[str, ...]] = {
    "incoming": (
        "receipt", "date_of", "originator", "number", "title", "mark", "serial", "quantity", "pages", "attachments", "handed",
        "destination", "disposal",
    ),
    "outgoing": (
        "number_of", "date_of", "originator", "number", "title", "mark", "serial", "quantity", "pages", "attachments", "to",
        "channel", "escorts", "receipt_back", "signed_by",
    ),
    "use": (
        "number", "title", "mark", "serial", "person", "purpose", "approved_by", "place", "reason", "lent_at", "due_at",
        "returned_at", "signed",
    ),
    "returns": (
        "number", "title", "mark", "serial", "pages", "to", "notice", "due_at", "returned_at", "receipt_back", "state",
    ),
    "destruction": (
        "certificate_number", "date_of", "number", "title", "mark", "serial", "pages", "approved_by", "method", "place",
        "witnesses", "outcome",
    ),
    "knowing": ("number", "title", "mark", "person", "mode", "carrier", "date_of"),
}  # fmt: skip
AWAY = (*OUT, "courier")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One book: its columns and its lines, oldest first. `ids` are the nodes its cells name."""

    book: str
    columns: tuple[str, ...]
    lines: tuple[Row, ...]
    total: int
    ids: tuple[str, ...]


class PaperBooks:
    def __init__(self, questions: Questions, titles: Titles) -> None:
        self._questions = questions
        self._titles = titles
        self._sight = Sight(questions)

    async def keeps(self, asker: str) -> bool:
        brought, stand = await self._questions.neighbourhood()
        return bool(gate.roles(await brought.people([asker]), asker, stand.at, *OVERSEEING))

    async def page(self, asker: str, book: str, *, offset: int = 0, limit: int | None = None) -> Page:
        """A page of one book, the whole of it without a limit, for whoever keeps or oversees it.

        Lines about what they may not know of are left out.
        """
        lines = await BOOKS[book](self._questions)
        hidden = await self._sight.hidden(asker)
        if hidden is not None:
            lines = [line for line in lines if line["_document"] and line["_document"] not in hidden]
        shown = lines[offset:] if limit is None else lines[offset : offset + limit]
        masked = await self._titles.masked(asker, {line["_document"] for line in shown if line["_document"]})
        cells = tuple(_shown(line, COLUMNS[book], masked) for line in shown)
        named = {
            value for line in shown for name in NAMES for value in line.get(name, "").split("、") if value
        }
        return Page(book=book, columns=COLUMNS[book], lines=cells, total=len(lines), ids=tuple(sorted(named)))


NAMES = (
    "originator",
    "handed",
    "to",
    "person",
    "approved_by",
    "witnesses",
    "escorts",
    "destination",
    "disposal",
    "carrier",
    "place",
    "signed",
)
"""Columns whose cells hold ids or words, several parted by 、."""


def _shown(line: Row, columns: Sequence[str], masked: Mapping[str, Masked]) -> Row:
    found = {name: line.get(name, "") for name in columns}
    mask = masked.get(line["_document"])
    return mask.line(found) if mask else found


class _Shelf(msgspec.Struct):
    """Carriers and their documents, read once for a book, and what stands on both now."""

    carriers: dict[str, dict[str, Any]]
    documents: dict[str, dict[str, Any]]
    attachments: dict[str, str]
    facts: Facts
    at: Instant

    def line(self, carrier: str) -> Row:
        row = self.carriers.get(carrier, {})
        document = self.documents.get(str(row.get("document", "")))
        serial = {"serial": str(row.get("serial") or carrier)}
        if document is None:
            return {"_document": "", **serial}
        said = {
            "title": document["title"], "number": document["number"], "mark": mark_of(document), "receipt": document["receipt"],
            "originator": document["originator"], "quantity": str(document["quantity"]),
            "pages": str(row["pages"] or document["pages"] or ""), "attachments": self.attachments.get(document["id"], ""),
        }  # fmt: skip
        return {"_document": document["id"], **said, **serial}


async def _shelf(questions: Questions) -> _Shelf:
    brought, stand = await questions.neighbourhood()
    carriers = {row["id"]: row for row in await Carrier.select().order_by(Carrier.made, Carrier.id)}
    documents = {row["id"]: row for row in await Document.select().order_by(Document.made)}
    things = dict.fromkeys(carriers, Node.CARRIER.value) | dict.fromkeys(documents, Node.DOCUMENT.value)
    return _Shelf(carriers, documents, await _attachments(), await brought.around(things), stand.at)


async def _attachments() -> dict[str, str]:
    """What comes with each document, as its registration says."""
    rows = await RegisterRow.select(RegisterRow.subject, RegisterRow.line).where(
        (RegisterRow.act == "register-document") & (RegisterRow.voided_by == "")
    )
    return {row["subject"]: str(msgspec.json.decode(row["line"]).get("attachments", "")) for row in rows}


def _held(shelf: _Shelf, carrier: str) -> list[Fact]:
    return sorted(shelf.facts.out(carrier, "HELD_BY"), key=lambda fact: fact.since)


async def incoming(questions: Questions) -> list[Row]:
    """收文: one line a carrier, with who signed for it first, where it is now, and what has become of it."""
    shelf = await _shelf(questions)
    ends = await _ends(shelf)
    found = []
    for carrier, row in shelf.carriers.items():
        if row["document"] not in shelf.documents or row["copy_of"]:
            continue
        held = _held(shelf, carrier)
        line = {
            "date_of": to_date_text(held[0].since) if held else "", "handed": held[0].target if held else "",
            "destination": _destination(shelf, carrier), "disposal": ends.get(carrier) or _filed(shelf, row["document"]),
        }  # fmt: skip
        found.append({**shelf.line(carrier), **line})
    return found


def _destination(shelf: _Shelf, carrier: str) -> str:
    """Whoever has it out, or else its place; where it was sent; nothing of what is no more."""
    now = where(shelf.facts, carrier, shelf.at)
    if now.state in ("destroyed", "missing"):
        return now.state
    if now.state == "sent":
        return now.sent_to or ""
    out = any(
        f.holds(shelf.at) and f.details.get("reason") in AWAY for f in shelf.facts.out(carrier, "HELD_BY")
    )
    return (now.holder if out or not now.place else now.place) or ""


def _filed(shelf: _Shelf, document: str) -> str:
    for kind, word in (("ARCHIVED_IN", "archived"), ("FILED_IN", "filed")):
        for fact in shelf.facts.out(document, kind):
            if fact.holds(shelf.at):
                return f"{word}、{fact.target}"
    return ""


async def _ends(shelf: _Shelf) -> dict[str, str]:
    """Carriers that have gone back to their originator or were destroyed, with the paper that says so."""
    found = {}
    for row in await Errand.select().where(Errand.kind == returns.CLEARING):
        for carrier in errands.read(row, returns.Clearing).content.carriers:
            gone = [f for f in shelf.facts.out(carrier, "SENT_TO") if f.since >= row["opened_at"]]
            if gone:
                found[carrier] = _words("returned", gone[0].details.get("receipt", ""))
    for carrier in shelf.carriers:
        if any(fact.holds(shelf.at) for fact in shelf.facts.out(carrier, "DESTROYED")):
            found[carrier] = "destroyed"
    for row in await Errand.select().where(
        (Errand.kind == destroyed.DESTRUCTION) & (Errand.state == "destroyed")
    ):
        case = errands.read(row, destroyed.Case).content
        found |= {carrier: _words("destroyed", case.certificate) for carrier in case.carriers}
    return found


def _words(*parts: object) -> str:
    return "、".join(str(part) for part in parts if part)


async def outgoing(questions: Questions) -> list[Row]:
    """发文: one line a carrier of each dispatch, with its receipt 回执."""
    shelf = await _shelf(questions)
    found = []
    for row in await Errand.select().where(Errand.kind == dispatches.DISPATCH).order_by(Errand.opened_at):
        sent = errands.read(row, dispatches.Sent).content
        line = {
            "number_of": sent.number, "date_of": to_date_text(row["opened_at"]), "to": sent.to, "channel": sent.channel,
            "escorts": "、".join(sent.escorts), "receipt_back": sent.returned, "signed_by": sent.signed_by,
        }  # fmt: skip
        found += [{**shelf.line(carrier), **line} for carrier in sent.carriers]
    return found


async def use(questions: Questions) -> list[Row]:
    """使用: each time a carrier was out of its custodian's hands, why, by whose leave, and when it came back."""
    shelf = await _shelf(questions)
    slips = await Slips.read()
    found: list[tuple[Instant, Row]] = []
    for carrier, row in shelf.carriers.items():
        copied = next((f.details["mode"] for f in shelf.facts.out(carrier, "COPY_OF")), "")
        for fact in _held(shelf, carrier):
            if fact.details.get("reason") not in OUT:
                continue
            taken = Taken(carrier, row["document"], fact, row["copy_of"] if copied == "download" else "")
            line = {
                **slips.of(taken), "person": fact.target, "lent_at": to_text(fact.since) or "",
                "returned_at": to_text(fact.until) or "",
            }  # fmt: skip
            found.append((fact.since, {**shelf.line(carrier), **line}))
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


async def cleared(questions: Questions) -> list[Row]:
    """清退: one line a carrier that has to go back, or has."""
    shelf = await _shelf(questions)
    found = []
    for row in await Errand.select().where(Errand.kind == returns.CLEARING).order_by(Errand.opened_at):
        clearing = errands.read(row, returns.Clearing).content
        for carrier in clearing.carriers:
            gone = [f for f in shelf.facts.out(carrier, "SENT_TO") if f.since >= row["opened_at"]]
            owed = [f for f in shelf.facts.out(carrier, "RETURN_DUE") if f.since >= row["opened_at"]]
            line = {
                "to": clearing.to, "notice": clearing.notice, "due_at": str(owed[0].details.get("by", "")) if owed else "",
                "returned_at": to_date_text(gone[0].since) if gone else "", "state": "sent" if gone else "present",
                "receipt_back": str(gone[0].details.get("receipt", "")) if gone else "",
            }  # fmt: skip
            found.append({**shelf.line(carrier), **line})
    return found


async def destruction(questions: Questions) -> list[Row]:
    """销毁: one line a carrier, with who approved it, how, and before whom."""
    shelf = await _shelf(questions)
    rows = await Errand.select().where((Errand.kind == destroyed.DESTRUCTION) & (Errand.state == "destroyed"))
    found = []
    for row in sorted(rows, key=lambda each: (each["changed_at"], each["made"])):
        case = errands.read(row, destroyed.Case).content
        line = {
            "certificate_number": case.certificate, "date_of": to_date_text(row["changed_at"]), "approved_by": case.approved_by,
            "method": case.method, "place": case.place, "witnesses": "、".join(case.witnesses), "outcome": case.outcome,
        }  # fmt: skip
        found += [{**shelf.line(carrier), **line} for carrier in case.carriers]
    return found


async def knowing(questions: Questions) -> list[Row]:
    """知悉: everyone who has read, handled, heard or couriered it, in order of time (S03-4.1d)."""
    brought, _ = await questions.neighbourhood()
    documents = {row["id"]: row for row in await Document.select()}
    world = await brought.around(dict.fromkeys(documents, Node.DOCUMENT.value), into=("HAS_KNOWN",))
    facts = sorted(
        (fact for each in documents for fact in world.into(each, "HAS_KNOWN")),
        key=lambda fact: (fact.since, fact.id),
    )
    return [
        {
            "_document": fact.target, "title": documents[fact.target]["title"],
            "number": documents[fact.target]["number"], "mark": mark_of(documents[fact.target]),
            "person": fact.source, "mode": str(fact.details["mode"]), "carrier": str(fact.details.get("carrier", "")),
            "date_of": to_text(fact.since) or "",
        }
        for fact in facts
    ]  # fmt: skip


BOOKS: dict[str, Callable[[Questions], Awaitable[list[Row]]]] = {
    "incoming": incoming,
    "outgoing": outgoing,
    "use": use,
    "returns": cleared,
    "destruction": destruction,
    "knowing": knowing,
}
