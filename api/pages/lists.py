"""Short lists that a page shows and no question answers: staged scans, documents waiting for a range, readings, accounts, structure.

Each is for those whose work it is; the page that shows it has asked for the role before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.texts import Language
from graph.kinds import Node
from storage.books import mark_of
from storage.tables.catalogue import Carrier, Device, Document, File, Reading, RegisterRow, Subject
from storage.tables.kept import Account
from storage.titles import Masked, Viewer
from storage.transaction import Database

Row = dict[str, Any]
SHOWN = 50


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A document as its list shows it to whoever has to act on it, by its receipt number where the title is withheld."""

    id: str
    title: str
    receipt: str
    mark: str
    level: str
    since: int


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that waits to be compared with its source."""

    file: str
    name: str
    media_type: str
    size: int
    document: Waiting
    source: str


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One that may be chosen in a form."""

    id: str
    name: str
    name_en: str
    kind: str
    parent: str = ""
    depth: int = 0


async def staged(viewer: Viewer, document: str | None = None, file: str | None = None) -> list[Staged]:
    query = File.select().where(File.state == "staged").order_by(File.made).limit(SHOWN)
    if document is not None:
        query = query.where(File.document == document)
    if file is not None:
        query = query.where(File.id == file)
    rows = await query
    documents = {row["id"]: row for row in await _documents({row["document"] for row in rows})}
    masked = await viewer.masked(documents)
    sources = await _sources([row["carrier"] for row in rows])
    entered = await _recorded({row["made"] for row in rows})
    return [
        Staged(
            file=row["id"],
            name=masked[row["document"]].text(row["name"]) if row["document"] in masked else row["name"],
            media_type=row["media_type"],
            size=row["size"],
            document=_waiting(documents[row["document"]], entered.get(row["made"], 0), masked),
            source=sources.get(row["carrier"], ""),
        )
        for row in rows
    ]


async def _documents(ids: set[str]) -> list[Row]:
    return await Document.select().where(Document.id.is_in(sorted(ids))) if ids else []


async def _sources(carriers: Sequence[str]) -> dict[str, str]:
    """The serial (or id) of what each scan was made from."""
    if not carriers:
        return {}
    copies = await Carrier.select(Carrier.id, Carrier.copy_of).where(Carrier.id.is_in(list(carriers)))
    wanted = [row["copy_of"] for row in copies if row["copy_of"]]
    if not wanted:
        return {}
    serials = await Carrier.select(Carrier.id, Carrier.serial).where(Carrier.id.is_in(wanted))
    by_id = {row["id"]: row["serial"] or row["id"] for row in serials}
    return {row["id"]: by_id.get(row["copy_of"], "") for row in copies}


async def _recorded(seqs: set[int]) -> dict[int, int]:
    if not seqs:
        return {}
    rows = await RegisterRow.select(RegisterRow.seq, RegisterRow.recorded_at).where(
        RegisterRow.seq.is_in(sorted(seqs))
    )
    return {row["seq"]: row["recorded_at"] for row in rows}


def _waiting(row: Row, since: int, masked: Mapping[str, Masked]) -> Waiting:
    return Waiting(
        id=row["id"],
        title=masked[row["id"]].receipt if row["id"] in masked else row["title"],
        receipt=row["receipt"],
        mark=mark_of(row),
        level=row["level"],
        since=since,
    )


async def without_range(database: Database, viewer: Viewer, document: str | None = None) -> list[Waiting]:
    """Marked documents whose range nobody has set yet: the Leader's to decide (S03-4.1a)."""
    one = "d.id = {} AND " if document else ""
    rows = await database.run(
        f"SELECT d.*, r.recorded_at FROM document d JOIN register_row r ON r.seq = d.made WHERE {one}d.level <> ''"  # noqa: S608
        " AND r.voided_by = '' AND NOT EXISTS (SELECT 1 FROM register_row s WHERE s.subject = d.id"
        " AND s.act = 'set-range' AND s.voided_by = '') ORDER BY d.made LIMIT {}",
        *([document] if document else []),
        SHOWN,
    )
    masked = await viewer.masked([row["id"] for row in rows])
    return [_waiting(row, row["recorded_at"], masked) for row in rows]


async def readings_of(person: str) -> list[Row]:
    """One's own recent openings."""
    return await (
        Reading.select()
        .where(Reading.person == person)
        .order_by(Reading.opened_at, ascending=False)
        .limit(10)
    )


async def accounts() -> list[Row]:
    """Never a hash, never a session."""
    return await (
        Account.select(
            Account.login, Account.person, Account.disabled, Account.must_change, Account.locked_until,
            Account.changed_at, Account.language,
        ).order_by(Account.login)
    )  # fmt: skip


async def device_with(key: str) -> str | None:
    """The enrolled terminal that this key belongs to."""
    if not key:
        return None
    digest = hashlib.sha256(key.encode()).hexdigest()
    rows = await Device.select(Device.id).where(Device.key_sha256 == digest)
    return str(rows[0]["id"]) if rows else None


async def nodes(*kinds: Node) -> list[Option]:
    """Nodes of these kinds in the unit's order."""
    rows = await (
        Subject.select()
        .where(Subject.kind.is_in([kind.value for kind in kinds]) & (Subject.void == False))  # noqa: E712
        .order_by(Subject.ordering, Subject.name, Subject.id)
    )
    return [
        Option(id=r["id"], name=r["name"], name_en=r["name_en"] or r["name"], kind=r["kind"], parent=r["parent"])
        for r in rows
    ]  # fmt: skip


def options(found: Sequence[Option], language: Language) -> list[tuple[str, str]]:
    """What a select offers: value and word."""
    return [(each.id, each.name if language == "zh" else each.name_en) for each in found]


async def structure(own: str) -> list[Option]:
    """The unit, then its departments as a tree, each with the depth it is shown at."""
    found = await nodes(Node.ORGANISATION, Node.DEPARTMENT)
    below: dict[str, list[Option]] = {}
    for each in found:
        if each.kind == Node.DEPARTMENT:
            below.setdefault(each.parent or own, []).append(each)

    def walk(id_: str, depth: int) -> list[Option]:
        return [
            line
            for each in below.get(id_, [])
            for line in (msgspec.structs.replace(each, depth=depth), *walk(each.id, depth + 1))
        ]

    return [*(each for each in found if each.id == own), *walk(own, 1)]


async def own_unit(database: Database) -> str:
    rows = await database.run("SELECT value FROM organisation_setting WHERE name = 'organisation'")
    return str(rows[0]["value"]) if rows else ""
