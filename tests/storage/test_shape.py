"""A database of another version: what is kept gains its columns, the catalogue is made anew from the ledger, a newer one is refused."""

from __future__ import annotations

import pytest
from piccolo.table import Table

from graph.errors import BadField
from storage.schema import shape
from storage.tables.catalogue import Document, Shape
from storage.tables.kept import Account, Session
from storage.transaction import Database
from storage.wiring import Wiring, opened, stores
from tests.columns import Ground
from tests.storage.fingerprint import fingerprint


async def owner(ground: Ground) -> Database:
    """The tables' owner, who alone may alter them."""
    settings = ground.storage
    found = Database(settings, ()) if not settings.database_owner else Database(
        type(settings)(**{**{n: getattr(settings, n) for n in settings.__struct_fields__}, "database": settings.database_owner}), ()
    )  # fmt: skip
    await found.open()
    return found


async def altered(ground: Ground, *statements: str) -> None:
    database = await owner(ground)
    try:
        await database.script(statements)
    finally:
        await database.close()


def codes(refused: pytest.ExceptionInfo[BadField]) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in refused.value.errors]


async def test_a_fresh_catalogue_is_of_this_version(binhai: Wiring) -> None:
    assert not await shape.outdated()


async def test_a_catalogue_of_another_version_is_made_anew_at_the_start(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    before = await fingerprint(binhai)
    await Shape.update({Shape.digest: "older"}).where(Shape.id == 1)
    await Document.update({Document.title: "另一版本所写"}).where(Document.id == "D2")

    with pytest.raises(BadField) as refused:
        async with stores(binhai_ground.storage, now=binhai.now):
            raise AssertionError
    async with opened(binhai_ground.storage, binhai_ground.graph, now=binhai.now) as again:
        after = await fingerprint(again)
        outdated = await shape.outdated()

    assert codes(refused) == [("ZHIXI_DATABASE", "catalogue-of-another-version")]
    assert after == before
    assert not outdated


async def test_a_catalogue_table_of_other_columns_is_dropped_and_made_again(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    before = await fingerprint(binhai)
    await altered(binhai_ground, 'ALTER TABLE "document" ADD COLUMN "colour" TEXT')
    await Shape.update({Shape.digest: "older"}).where(Shape.id == 1)

    async with opened(binhai_ground.storage, binhai_ground.graph, now=binhai.now) as again:
        assert await fingerprint(again) == before
        assert await columns(again.database, Document) == {
            c._meta.db_column_name for c in Document._meta.columns
        }


async def test_what_is_kept_stays_and_gains_the_columns_it_lacks(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    logins = {row["login"] for row in await Account.select(Account.login)}
    await altered(binhai_ground, 'ALTER TABLE "account" DROP COLUMN "language"')

    async with opened(binhai_ground.storage, binhai_ground.graph, now=binhai.now):
        rows = await Account.select(Account.login, Account.language)

    assert {row["login"] for row in rows} == logins
    assert {row["language"] for row in rows} <= {"zh"}


async def test_a_database_of_a_newer_version_is_refused(binhai: Wiring, binhai_ground: Ground) -> None:
    await altered(binhai_ground, 'ALTER TABLE "session" ADD COLUMN "newer" TEXT')

    with pytest.raises(BadField) as refused:
        async with opened(binhai_ground.storage, binhai_ground.graph, now=binhai.now):
            raise AssertionError

    assert codes(refused) == [("ZHIXI_DATABASE", "tables-of-another-version")]
    assert "session.newer" in str(refused.value.errors[0].values)
    assert await columns(binhai.database, Session) > {"newer"}


async def columns(database: Database, table: type[Table]) -> set[str]:
    missing, unknown = await shape._differing(database, table)
    return {column._meta.db_column_name for column in table._meta.columns} - missing | unknown
