"""What somebody with a database could do to the ledger in it, and with which rights."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import asyncpg
import msgspec

from storage import entry as entries
from storage.entry import Body
from storage.ledger import Verification
from storage.settings import StorageSettings
from storage.transaction import PRAGMAS

REFUSED = (sqlite3.IntegrityError, asyncpg.InsufficientPrivilegeError, asyncpg.RaiseError)


class Attack(NamedTuple):
    """One statement on the ledger. `sqlite` "" where that database knows no such thing."""

    name: str
    sqlite: str
    postgres: str
    sees: str
    """What `verify` says once it went through."""


def _alike(name: str, statement: str, sees: str) -> Attack:
    return Attack(name, statement, statement, sees)


_REPLACED = "seq, reference, hash, prev, recorded_at, 'p06', act, subject, idempotency, body"
_COLUMNS = "(seq, reference, hash, prev, recorded_at, actor, act, subject, idempotency, body)"
_AS_ANOTHER = f"INTO entry {_COLUMNS} SELECT {_REPLACED} FROM entry WHERE seq = 7"  # noqa: S608
_FAR_ON = "seq + 1000, 'e-x', 'x', prev, recorded_at, actor, act, subject, NULL, body"

ATTACKS = (
    Attack(
        "replace",
        f"REPLACE {_AS_ANOTHER}",
        f"INSERT {_AS_ANOTHER} ON CONFLICT (seq) DO UPDATE SET actor = excluded.actor",
        "entry-altered",
    ),
    _alike("update", "UPDATE entry SET actor = 'p06' WHERE seq = 7", "entry-altered"),
    _alike("update the text", "UPDATE entry SET body = body || ' ' WHERE seq = 7", "entry-altered"),
    _alike("delete", "DELETE FROM entry WHERE seq = 7", "entry-missing"),
    Attack("truncate", "DELETE FROM entry", "TRUNCATE entry", "ledger-cut-short"),
    _alike(
        "an entry that follows none",
        f"INSERT INTO entry {_COLUMNS} SELECT {_FAR_ON} FROM entry WHERE seq = 7",  # noqa: S608
        "entry-missing",
    ),
    _alike("anchor", "UPDATE anchor SET hash = 'x'", "anchor-signature"),
    Attack("drop", "", "DROP TABLE entry", "ledger-cut-short"),
)


async def as_server(settings: StorageSettings, *statements: str) -> None:
    """With the server's own role: on SQLite, whoever may open the file."""
    await _run(settings.database, statements)


async def as_owner(settings: StorageSettings, *statements: str) -> None:
    await _run(settings.database_owner or settings.database, statements)


async def unprotect(settings: StorageSettings) -> None:
    """The triggers, taken out with the owner's rights: the server's own role on PostgreSQL could not."""
    if settings.database.startswith("sqlite:"):
        names = ["entry_no_update", "entry_no_delete", "entry_next"]
        names += ["anchor_no_update", "anchor_no_delete", "anchor_no_replace"]
        await as_owner(settings, *(f"DROP TRIGGER {name}" for name in names))
        return
    await as_owner(
        settings, "ALTER TABLE entry DISABLE TRIGGER USER", "ALTER TABLE anchor DISABLE TRIGGER USER"
    )


async def recompute(settings: StorageSettings, seq: int, change: Callable[[Body], Body]) -> None:
    """Entry `seq` told differently, and every hash after it made anew: what full rights over the database can do."""
    rows = await _rows(settings, seq)
    prev = rows[0]["prev"]
    changed = change(entries.read(rows[0]["body"]))
    bodies = [changed, *(entries.read(row["body"]) for row in rows[1:])]
    values = []
    for body in bodies:
        text = entries.write(msgspec.structs.replace(body, prev=prev))
        values.append((body.seq, entries.digest(text), prev, body.actor, text))
        prev = entries.digest(text)
    await unprotect(settings)
    await as_owner(
        settings,
        *(
            f"UPDATE entry SET hash = '{hash_}', prev = '{before}', actor = '{actor}', body = {_quoted(text)} WHERE seq = {n}"  # noqa: S608
            for n, hash_, before, actor, text in values
        ),
    )


async def cut(settings: StorageSettings, after: int) -> None:
    """The last entries, gone."""
    await unprotect(settings)
    await as_owner(settings, f"DELETE FROM entry WHERE seq > {after}")  # noqa: S608


async def forget_anchors(settings: StorageSettings) -> None:
    """The twin: nothing outside the chain is left to hold it against."""
    await as_owner(settings, "DELETE FROM anchor")
    (settings.anchors / "heads.jsonl").unlink()


def codes(found: Verification) -> set[str]:
    return {finding.code for finding in found.findings}


async def _rows(settings: StorageSettings, from_seq: int) -> list[dict[str, Any]]:
    query = f"SELECT prev, body FROM entry WHERE seq >= {from_seq} ORDER BY seq"  # noqa: S608
    if settings.database.startswith("sqlite:"):

        def read() -> list[dict[str, Any]]:
            connection = sqlite3.connect(urlsplit(settings.database).path)
            connection.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in connection.execute(query)]
            finally:
                connection.close()

        return await asyncio.to_thread(read)
    connection = await asyncpg.connect(settings.database_owner)
    try:
        return [dict(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def _run(url: str, statements: Sequence[str]) -> None:
    """In one transaction, on a connection like the product's own."""
    if url.startswith("sqlite:"):
        await asyncio.to_thread(_run_sqlite, urlsplit(url).path, statements)
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


def _run_sqlite(path: str, statements: Sequence[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
