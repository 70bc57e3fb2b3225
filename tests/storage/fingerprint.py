"""Everything an act could have written, as one value: compared before and after whatever must write nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from piccolo.table import Table

from storage.tables import ALL_TABLES, CATALOGUE_TABLES
from storage.wiring import Wiring

Rows = list[dict[str, Any]]


async def fingerprint(wiring: Wiring) -> dict[str, Any]:
    """Each table's rows, the graph's clock, the vault's objects and the signed heads."""
    found: dict[str, Any] = {table._meta.tablename: await rows(table) for table in ALL_TABLES}
    found["clock"] = await wiring.connection.read("clock", {})
    found["vault"] = await _objects(wiring)
    found["anchors"] = len(wiring.ledger.anchored()[0])
    return found


@asynccontextmanager
async def unwritten(wiring: Wiring) -> AsyncIterator[None]:
    """Fails where anything at all was written inside."""
    before = await fingerprint(wiring)
    yield
    written = difference(before, await fingerprint(wiring))
    assert written == {}, sorted(written)


async def catalogue() -> dict[str, Rows]:
    """Every projected table, whole."""
    return {table._meta.tablename: await rows(table) for table in CATALOGUE_TABLES}


async def rows(table: type[Table]) -> Rows:
    key = table._meta.primary_key._meta.name
    found = await table.select().order_by(table._meta.get_column_by_name(key))
    return [dict(row) for row in found]


async def _objects(wiring: Wiring) -> list[str]:
    return sorted([*[each async for each in wiring.vault.list_objects()],
                   *[f"{each} (staged)" async for each in wiring.vault.list_staged()]])  # fmt: skip


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What was written, by table: rows that are new or changed, or the value itself where it is not a table."""
    return {name: _new(before[name], after[name]) for name in before if before[name] != after[name]}


def _new(before: Any, after: Any) -> Any:
    if isinstance(after, list):
        return [row for row in after if row not in before] or [
            {"gone": row} for row in before if row not in after
        ]
    return after
