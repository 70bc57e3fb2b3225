"""A backup brought back into an empty store: first read to its last byte, then written, then proved, and only then served.

While there is a row in `restoration` the store is unfinished: whatever opens it refuses, except bringing the same backup back once
more. Entries and rows are written in one transaction; the vault's objects before it, so that no row speaks of bytes that are not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from piccolo.table import Table

from graph.errors import BadField
from graph.times import parse, to_date_text
from storage import destroyed, manifest
from storage import entry as entries
from storage.backup import TAKEN
from storage.errors import Forged
from storage.files import PART, file_of
from storage.ledger import HEADS as HEADS_FILE
from storage.ledger import Finding, heads_of, row_of
from storage.manifest import ENTRIES, HEADS, Manifest, Stored
from storage.registers.founding import SYSTEM
from storage.tables import CATALOGUE_TABLES, KEPT_TABLES, LEDGER_TABLES
from storage.tables.kept import Restoration, WrappedKey
from storage.tables.ledger import Entry
from storage.wiring import Stores, Wiring

ROWS: Final = 200
"""How many rows one statement puts."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore will have to say: `last_known` is the last entry known to have been made, perhaps after the backup;
    `destroyed` the files destroyed since, whose keys stay away; `unsure` whether nothing told of destructions since;
    `overdue` whether the backup should be gone already.
    """

    manifest: Manifest
    last_known: int
    destroyed: tuple[str, ...]
    unsure: bool
    overdue: bool


async def bring(
    stores: Stores, folder: Path, *, lose_later: bool = False, destroyed_list: Path | None = None
) -> Brought:
    """Everything but catalogue and graph. Raises BadField before anything is written, and what a service that is down raises."""
    found = manifest.read(folder, stores.key)
    manifest.check(folder, found)
    begun = await _begun(found)
    if not begun:
        await _empty_database()
    last_known = _held_against_heads(stores, found, lose_later=lose_later)
    if not begun:
        await _empty_vault(stores)
        await Restoration.insert(Restoration(backup=found.backup, begun_at=stores.now()))
    listed = destroyed_list or stores.settings.anchors / destroyed.NAME
    live = _live_in(folder, found)
    if not await Entry.exists():
        since = live & destroyed.noted(listed, stores.key, found.ledger)
        for stored in manifest.objects(folder, found):
            if file_of(stored.id) not in since:
                await _put(stores, folder, stored)
        await _rows(stores, folder, found, since)
    _heads(stores, folder, found)
    away = {row["file"] for row in await WrappedKey.select(WrappedKey.file).where(WrappedKey.wrapped == "")}
    return Brought(
        manifest=found, last_known=last_known, destroyed=tuple(sorted(live & away)), unsure=not listed.exists(),
        overdue=found.keep_until < to_date_text(stores.now()),
    )  # fmt: skip


async def finish(wiring: Wiring, brought: Brought) -> list[Finding]:
    """Catalogue and graph made anew, chain and heads proved, and the restore entered; what does not hold, and then it stays unfinished."""
    await wiring.rebuild()
    proved = await wiring.ledger.verify()
    if proved.findings:
        return list(proved.findings)
    found = brought.manifest
    params = {
        "backup": found.backup, "position": found.seq, "last_known": max(brought.last_known, found.seq),
        "destroyed": list(brought.destroyed),
    }  # fmt: skip
    await wiring.office.do(SYSTEM, "record-restore", params)
    return []


def warnings(brought: Brought) -> Iterable[tuple[str, dict[str, str | int]]]:
    """What whoever restores has to know, as codes of the catalogue: what was lost, what stays destroyed, what may have come back."""
    found = brought.manifest
    if brought.last_known > found.seq:
        yield "restore-lost", {"first": found.seq + 1, "last": brought.last_known}
    if brought.destroyed:
        yield "restore-destroyed", {"files": ", ".join(brought.destroyed)}
    if brought.unsure:
        yield "restore-unsure", {"made": found.made_at}
    if brought.overdue:
        yield "restore-overdue", {"until": found.keep_until}


async def _begun(found: Manifest) -> bool:
    """Whether this very backup was being brought back already. Raises BadField where another one was."""
    rows = await Restoration.select()
    if rows and rows[0]["backup"] != found.backup:
        raise BadField("restore", "restore-unfinished", value=rows[0]["backup"])
    return bool(rows)


async def _empty_database() -> None:
    """Raises BadField where it holds anything."""
    for table in (*LEDGER_TABLES, *CATALOGUE_TABLES, *KEPT_TABLES):
        if await table.exists():
            raise BadField("ZHIXI_DATABASE", "store-not-empty", value=table._meta.tablename)


async def _empty_vault(stores: Stores) -> None:
    """Raises BadField where it holds anything."""
    await stores.vault.prepare()
    for names in (stores.vault.list_objects(), stores.vault.list_staged()):
        async for name in names:
            raise BadField("ZHIXI_VAULT", "store-not-empty", value=name)


def _held_against_heads(stores: Stores, found: Manifest, *, lose_later: bool) -> int:
    """The last entry that the heads here know of. Raises BadField where they know of later ones that nobody agreed to lose."""
    lines = [line for line in stores.ledger.anchored()[0] if stores.ledger.signed(line)]
    if any(line.ledger != found.ledger for line in lines):
        raise BadField("ZHIXI_ANCHORS", "anchors-of-another-ledger")
    last = max((line.seq for line in lines), default=0)
    aside = stores.settings.anchors / f"heads-before-{found.backup}.jsonl"
    if last > found.seq:
        if not lose_later:
            raise BadField("ZHIXI_ANCHORS", "entries-after-the-backup", seq=found.seq, last=last)
        (stores.settings.anchors / HEADS_FILE).rename(aside)
    elif aside.exists():  # put there by an earlier attempt
        last = max((line.seq for line in heads_of(aside)[0]), default=0)
    return last


def _live_in(folder: Path, found: Manifest) -> set[str]:
    """The files whose keys the backup holds."""
    part = found.part(WrappedKey._meta.tablename)
    return {row["file"] for row in manifest.rows(folder, part) if row["wrapped"]}


async def _put(stores: Stores, folder: Path, stored: Stored) -> None:
    """An object, a part at a time; what an earlier attempt left of it is replaced."""
    await stores.vault.delete(stored.id)
    await stores.vault.begin(stored.id)
    number, waiting = 0, bytearray()
    for piece in manifest.pieces(folder, stored):
        waiting += piece
        if len(waiting) >= PART:
            number += 1
            await stores.vault.put_part(stored.id, number, bytes(waiting))
            waiting.clear()
    if waiting:
        number += 1
        await stores.vault.put_part(stored.id, number, bytes(waiting))
    await stores.vault.complete(stored.id, parts=number, size=stored.size)


async def _rows(stores: Stores, folder: Path, found: Manifest, since: set[str]) -> None:
    """Entries and kept tables, all or nothing."""
    async with stores.database.locked():
        await _insert(Entry, _entries(folder, found))
        if await stores.ledger.last() != (found.seq, found.hash):
            raise Forged(f"the entries of backup {found.backup} do not end in its head")
        for table in TAKEN:
            rows = manifest.rows(folder, found.part(table._meta.tablename))
            if table is WrappedKey:
                rows = _without(rows, since, stores.now())
            await _insert(table, (table(**row) for row in rows))


def _entries(folder: Path, found: Manifest) -> Iterable[Entry]:
    for row in manifest.rows(folder, found.part(ENTRIES)):
        body = entries.read(row["body"])
        if entries.digest(row["body"]) != row["hash"]:
            raise BadField(manifest.FIELD, "backup-altered", part=f"{ENTRIES}.jsonl")
        yield row_of(body, row["body"], row["hash"], parse(body.recorded_at, field="recorded_at"))


def _without(rows: Iterable[dict[str, Any]], since: set[str], now: int) -> Iterator[dict[str, Any]]:
    """The keys, but for those of files that were destroyed after the backup."""
    for row in rows:
        yield {**row, "wrapped": "", "destroyed_at": now} if row["file"] in since else row


async def _insert(table: type[Table], rows: Iterable[Table]) -> None:
    waiting: list[Table] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == ROWS:
            await table.insert(*waiting)
            waiting.clear()
    if waiting:
        await table.insert(*waiting)


def _heads(stores: Stores, folder: Path, found: Manifest) -> None:
    """The signed heads of the backup, where there are none: those that outlived the loss know more."""
    path = stores.settings.anchors / HEADS_FILE
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    whole = manifest.Whole(draft)
    for line in manifest.lines(folder, found.part(HEADS)):
        whole.write(line)
    whole.end()
    draft.rename(path)
