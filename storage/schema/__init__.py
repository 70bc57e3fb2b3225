"""Making the tables, the triggers and the server role's narrow rights. Run by `zhixi found` and `zhixi rebuild`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from piccolo.table import Table

from graph.errors import BadField
from storage.schema import shape
from storage.tables import ALL_TABLES, CATALOGUE_TABLES, LEDGER_TABLES
from storage.tables.kept import Restoration
from storage.transaction import Database

_HERE = Path(__file__).parent


async def prepare(owner: Database, server_role: str | None) -> None:
    """Make what is missing, and mend what another version made, as the owner; on PostgreSQL give the server's role SELECT and INSERT on the ledger only."""
    async with owner.locked():
        for table in ALL_TABLES:
            await table.create_table(if_not_exists=True)
        await shape.mend(owner)
        for table in ALL_TABLES:
            await _indexes(owner, table)
        await owner.script(_statements("postgres.sql" if owner.is_postgres else "sqlite.sql"))
        if owner.is_postgres and server_role:
            await owner.script(_grants(server_role))


async def empty_catalogue(database: Database) -> None:
    """Before a rebuild: every row of every projection."""
    for table in CATALOGUE_TABLES:
        await table.delete(force=True)


async def require_finished() -> None:
    """Nothing is read from a store that a restore has not finished. Raises BadField."""
    for row in await Restoration.select(Restoration.backup):
        raise BadField("restore", "restore-unfinished", value=row["backup"])


async def _indexes(owner: Database, table: type[Table]) -> None:
    for column in table._meta.columns:
        if column._meta.index:
            name = column._meta.db_column_name
            tablename = table._meta.tablename
            await owner.script(
                [f'CREATE INDEX IF NOT EXISTS "{tablename}_{name}" ON "{tablename}" ("{name}")']
            )


def _statements(file: str) -> Sequence[str]:
    """The file's statements: blank lines part them, comment lines are left out."""
    text = (_HERE / file).read_text(encoding="utf-8")
    text = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _grants(role: str) -> Sequence[str]:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", role):
        raise ValueError("the server's role is a plain name")
    ledger = {table._meta.tablename for table in LEDGER_TABLES}
    statements = [f'GRANT USAGE ON SCHEMA public TO "{role}"']
    for table in ALL_TABLES:
        name = table._meta.tablename
        rights = "SELECT, INSERT" if name in ledger else "SELECT, INSERT, UPDATE, DELETE"
        statements.append(f'GRANT {rights} ON "{name}" TO "{role}"')
    return statements
