"""A database of another version: what the catalogue's rows were made for, and the columns a table has and should have.

The ledger's columns never change. Kept tables gain the columns they lack; a catalogue table of other columns is dropped and made
again, and its rows come from the ledger (design: catalogue changes drop and rebuild).
"""

from __future__ import annotations

import hashlib
from typing import Final

from piccolo.table import Table

from graph.errors import BadField
from storage.tables import ALL_TABLES, CATALOGUE_TABLES, LEDGER_TABLES
from storage.tables.catalogue import Shape
from storage.tables.ledger import Entry
from storage.transaction import Database

MEANING: Final = 1
"""One more wherever `catalogue.apply` makes other rows of the same entry in the same columns."""


def current() -> str:
    """What this version makes: a digest of every column of the catalogue, and `MEANING`."""
    columns = sorted(
        (table._meta.tablename, column._meta.db_column_name, type(column).__name__, column._meta.unique)
        for table in CATALOGUE_TABLES
        for column in table._meta.columns
    )
    return hashlib.sha256(repr((MEANING, columns)).encode()).hexdigest()


async def shaped() -> None:
    """The catalogue's rows are of this version from now on."""
    await Shape.delete(force=True)
    await Shape.insert(Shape(id=1, digest=current()))


async def outdated() -> bool:
    """Whether there are entries, and the catalogue's rows were made of them by a version that made others."""
    rows = await Shape.select(Shape.digest)
    return not (rows and rows[0]["digest"] == current()) and await Entry.exists()


async def mend(owner: Database) -> None:
    """Bring the columns of every table to what this version wants. Raises BadField for a database of a newer version."""
    for table in ALL_TABLES:
        missing, unknown = await _differing(owner, table)
        if table in CATALOGUE_TABLES and (missing or unknown):
            await owner.script([f'DROP TABLE "{table._meta.tablename}"'])
            await table.create_table()
        elif unknown or (missing and table in LEDGER_TABLES):
            raise _not_ours(table, unknown or missing)
        else:
            wanted = {column._meta.db_column_name: column for column in table._meta.columns}
            await owner.script(
                [
                    f'ALTER TABLE "{table._meta.tablename}" ADD COLUMN {wanted[each].ddl}'
                    for each in sorted(missing)
                ]
            )


async def require_ours(database: Database) -> None:
    """For who may not alter tables. Raises BadField where a table is not as this version wants it."""
    for table in ALL_TABLES:
        missing, unknown = await _differing(database, table)
        if missing or unknown:
            raise _not_ours(table, missing or unknown)


def _not_ours(table: type[Table], columns: set[str]) -> BadField:
    named = ", ".join(f"{table._meta.tablename}.{each}" for each in sorted(columns))
    return BadField("ZHIXI_DATABASE", "tables-of-another-version", value=named)


async def _differing(database: Database, table: type[Table]) -> tuple[set[str], set[str]]:
    """The columns a table lacks, and those nobody here knows. A table that is not there lacks nothing."""
    name = table._meta.tablename
    rows = await (
        database.run("SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = {}", name)
        if database.is_postgres
        else database.run("SELECT name FROM pragma_table_info({})", name)
    )  # fmt: skip
    there = {str(row["name"]) for row in rows}
    wanted = {column._meta.db_column_name for column in table._meta.columns}
    return (wanted - there, there - wanted) if there else (set(), set())
