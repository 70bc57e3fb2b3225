"""A backup taken while the server runs: the ledger and the kept tables at one moment, the vault's objects, the signed heads.

What is left out: sessions and the tally of attempts, which end with the system; unfinished uploads with their keys and parts;
keys and objects of what was destroyed, also of what is destroyed while the backup is being made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import msgspec
from piccolo.table import Table

from graph.errors import BadField
from graph.times import to_text
from storage import manifest as manifests
from storage.act import opaque
from storage.files import file_of
from storage.manifest import ENTRIES, HEADS, OBJECTS, Lines, Manifest, Part, Stored, Whole
from storage.registers.founding import SYSTEM
from storage.tables.catalogue import File
from storage.tables.kept import Account, CounterPin, FileCheck, IndexEntry, Secret, Task, WrappedKey
from storage.tables.ledger import Anchor
from storage.vault import ObjectMissing
from storage.wiring import Stores

PAGE: Final = 500
TAKEN: Final[tuple[type[Table], ...]] = (
    Anchor, Account, CounterPin, FileCheck, IndexEntry, Secret, Task, WrappedKey,
)  # fmt: skip
"""Beside the entries. What is no projection and not here is left out on purpose."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """`missing` are files whose object is not in the vault, though it should be."""

    manifest: Manifest
    objects: int
    size: int
    missing: tuple[str, ...]


async def take(stores: Stores, folder: Path) -> Taken:
    """Into an empty folder, or one that does not exist. Raises BadField, and what a service that is down raises.

    It is entered before the first byte, so that the backup holds its own entry and certificates of destruction can reckon with it.
    """
    _prepare(folder)
    await stores.vault.check()
    entered = await stores.office.do(SYSTEM, "record-backup", {"backup": opaque("b")})
    parts: list[Part] = []
    async with stores.database.snapshot():
        head = await stores.ledger.head()
        parts.append(await _entries(stores, folder, head.seq))
        live = await _live()
        parts += [await _table(folder, table) for table in TAKEN if table is not WrappedKey]
        keys = [row async for row in _rows(WrappedKey) if row["file"] in live or not row["wrapped"]]
    parts.append(_heads(stores, folder, head.seq))
    found, present = await _objects(stores, folder, live)
    gone = await _gone(live)
    parts.append(_index(folder, [each for each in found if file_of(each.id) not in gone]))
    parts.append(_keys(folder, [row for row in keys if row["file"] not in gone]))
    for each in found:
        if file_of(each.id) in gone:
            (folder / OBJECTS / each.id).unlink()
    made_at = to_text(stores.now())
    manifest = Manifest(
        backup=entered.result["backup"], ledger=head.ledger, seq=head.seq, hash=head.hash, key=stores.key.id,
        made_at=made_at or "", keep_until=entered.result["keep_until"], parts=tuple(parts),
    )  # fmt: skip
    sealed = manifests.seal(folder, manifest, stores.key)
    kept = [each for each in found if file_of(each.id) not in gone]
    return Taken(
        manifest=sealed, objects=len(kept), size=sum(each.size for each in kept),
        missing=tuple(sorted(live - present - gone)),
    )  # fmt: skip


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadField("folder", "folder-not-empty", value=str(folder))
    (folder / OBJECTS).mkdir(mode=0o700)


async def _entries(stores: Stores, folder: Path, until: int) -> Part:
    part = Lines(folder, ENTRIES)
    async for text, hash_ in stores.ledger.texts(0, until):
        part.put({"body": text, "hash": hash_})
    return part.end()


async def _live() -> set[str]:
    """The files that are entered and whose keys stand."""
    entered = {row["id"] for row in await File.select(File.id)}
    keyed = {row["file"] for row in await WrappedKey.select(WrappedKey.file).where(WrappedKey.wrapped != "")}
    return entered & keyed


async def _gone(live: set[str]) -> set[str]:
    """Of these, the files whose keys were destroyed since."""
    rows = await WrappedKey.select(WrappedKey.file).where(WrappedKey.wrapped == "")
    return live & {row["file"] for row in rows}


async def _table(folder: Path, table: type[Table]) -> Part:
    part = Lines(folder, table._meta.tablename)
    async for row in _rows(table):
        part.put(row)
    return part.end()


async def _rows(table: type[Table]) -> AsyncIterator[dict[str, Any]]:
    """Every row, a page at a time, in the order of the primary key."""
    key = table._meta.primary_key
    last: Any = None
    while True:
        query = table.select().order_by(key).limit(PAGE)
        page = await (query if last is None else query.where(key > last))
        for row in page:
            yield row
        if len(page) < PAGE:
            return
        last = page[-1][key._meta.name]


def _heads(stores: Stores, folder: Path, until: int) -> Part:
    part = Lines(folder, HEADS)
    for line in stores.ledger.anchored()[0]:
        if line.seq <= until:
            part.put(line)
    return part.end()


async def _objects(stores: Stores, folder: Path, live: set[str]) -> tuple[list[Stored], set[str]]:
    """Copies of what belongs to these files, and the files whose own object was there."""
    found: list[Stored] = []
    async with aclosing(stores.vault.list_objects()) as names:
        async for name in names:
            if file_of(name) in live:
                try:
                    found.append(await _copied(stores, folder, name))
                except ObjectMissing:  # destroyed this moment
                    (folder / OBJECTS / name).unlink(missing_ok=True)
    return found, {each.id for each in found} & live


async def _copied(stores: Stores, folder: Path, name: str) -> Stored:
    whole = Whole(folder / OBJECTS / name)
    try:
        async with aclosing(stores.vault.read_range(name)) as pieces:
            async for piece in pieces:
                whole.write(piece)
    finally:
        size, sha256 = whole.end()
    return Stored(id=name, size=size, sha256=sha256)


def _index(folder: Path, found: list[Stored]) -> Part:
    part = Lines(folder, OBJECTS)
    for each in found:
        part.put(each)
    return part.end()


def _keys(folder: Path, rows: list[dict[str, Any]]) -> Part:
    part = Lines(folder, WrappedKey._meta.tablename)
    for row in rows:
        part.put(row)
    return part.end()
