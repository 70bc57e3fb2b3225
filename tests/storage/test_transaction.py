"""The door to the database: taken in turn, never stuck, whole or not at all, and known to be shut when it is."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest

from graph.errors import Unavailable
from storage.tables import ALL_TABLES
from storage.tables.catalogue import Setting
from storage.transaction import LEDGER_LOCK, Database, PersistentSQLite
from storage.wiring import Wiring
from tests.columns import Ground
from tests.faults.children import Child, Orders, child
from tests.faults.proxy import Proxy, between
from tests.faults.roles import COUNTER, add_one

only_postgres = pytest.mark.only_services
only_sqlite = pytest.mark.only_embedded


def a_row(key: str) -> Setting:
    return Setting(name=key, value="1")


async def keys() -> list[str]:
    return [row["name"] for row in await Setting.select(Setting.name).order_by(Setting.name)]


def engine_is_free(wiring: Wiring) -> bool:
    return wiring.database.engine.current_transaction.get() is None


# Standing still


async def test_a_snapshot_stands_still_and_holds_nobody_up(house: Wiring) -> None:
    await Setting.insert(a_row("before"))
    looked, written = asyncio.Event(), asyncio.Event()

    async def look() -> tuple[list[str], list[str]]:
        async with house.database.snapshot():
            first = await keys()
            looked.set()
            await written.wait()
            return first, await keys()

    async def write() -> None:
        await looked.wait()
        async with house.database.locked():
            await Setting.insert(a_row("meanwhile"))
        written.set()

    (first, again), _ = await asyncio.wait_for(asyncio.gather(look(), write()), 30)

    assert (first, again) == (["before"], ["before"])
    assert await keys() == ["before", "meanwhile"]


async def test_what_fails_beside_a_snapshot_is_not_the_databases_and_nothing_is_written_in_one(
    house: Wiring,
) -> None:
    async def fill_the_disk() -> None:
        async with house.database.snapshot():
            await keys()
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        await fill_the_disk()
    with pytest.raises((Unavailable, asyncpg.PostgresError)):
        async with house.database.snapshot():
            await Setting.insert(a_row("inside"))

    assert engine_is_free(house)
    assert await keys() == []


# Taken in turn


async def test_more_tasks_than_connections_write_and_none_is_lost(house: Wiring) -> None:
    writers = 4 * house.settings.pool_size
    await Setting.insert(Setting(name=COUNTER, value="0"))

    await asyncio.gather(*(add_one(house) for _ in range(writers)))

    assert await counted() == writers


async def test_two_processes_write_and_nothing_is_lost(house: Wiring, ground: Ground) -> None:
    await Setting.insert(Setting(name=COUNTER, value="0"))

    async with AsyncExitStack() as stack:
        children = [
            await stack.enter_async_context(child("counter", Orders(ground=ground, at=0))) for _ in range(2)
        ]
        for each in children:
            await each.say(60)
        await asyncio.gather(*(add_one(house) for _ in range(60)))
        said = [await each.hear() for each in children]

    assert said == ["counted", "counted"]
    assert await counted() == 180


async def counted() -> int:
    (row,) = await Setting.select().where(Setting.name == COUNTER)
    return int(row["value"])


async def test_several_processes_open_a_new_house_at_once(ground: Ground) -> None:
    async with AsyncExitStack() as stack:
        opening = [
            asyncio.create_task(stack.enter_async_context(child("opener", Orders(ground=ground, at=0))))
            for _ in range(3)
        ]
        children = await asyncio.gather(*opening)

    assert len({each.pid for each in children}) == 3


async def test_whoever_gives_up_waiting_leaves_the_door_as_it_was(house: Wiring, ground: Ground) -> None:
    async with _lock_held_elsewhere(ground) as elsewhere:
        waiting = asyncio.create_task(_insert_locked(house, "given up"))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        waiting.cancel()
        given_up = await asyncio.gather(waiting, return_exceptions=True)
        assert await elsewhere.ask("release") == "released"
        await _insert_locked(house, "after")

    assert done == set()
    assert isinstance(given_up[0], asyncio.CancelledError)
    assert engine_is_free(house)
    assert await keys() == ["after"]


@asynccontextmanager
async def _lock_held_elsewhere(ground: Ground) -> AsyncIterator[Child]:
    async with child("holder", Orders(ground=ground, at=0)) as elsewhere:
        assert await elsewhere.ask("take") == "held"
        yield elsewhere


async def _insert_locked(wiring: Wiring, key: str) -> None:
    async with wiring.database.locked():
        await Setting.insert(a_row(key))


async def test_whoever_dies_holding_the_lock_gives_it_back(house: Wiring, ground: Ground) -> None:
    async with child("holder", Orders(ground=ground, at=0)) as elsewhere:
        assert await elsewhere.ask("take") == "held"
        await elsewhere.kill()

        await asyncio.wait_for(_insert_locked(house, "after"), 60)

    assert await keys() == ["after"]


# Whole or not at all


async def test_an_error_takes_everything_back(house: Wiring) -> None:
    async def failing() -> None:
        async with house.database.transaction():
            await Setting.insert(a_row("one"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()

    assert engine_is_free(house)
    assert await keys() == []


async def test_a_transaction_inside_another_is_part_of_it(house: Wiring) -> None:
    async def failing() -> None:
        async with house.database.locked():
            async with house.database.locked():
                await Setting.insert(a_row("inner"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()

    assert await keys() == []


async def test_what_is_not_committed_is_seen_by_nobody_else(house: Wiring) -> None:
    written, seen = asyncio.Event(), asyncio.Event()

    async def looker() -> list[str]:
        await written.wait()
        found = await keys()
        seen.set()
        return found

    looking = asyncio.create_task(looker())
    async with house.database.transaction():
        await Setting.insert(a_row("one"))
        written.set()
        await seen.wait()

    assert await looking == []
    assert await keys() == ["one"]


async def test_a_failing_commit_gives_the_connection_back_every_time(house: Wiring) -> None:
    await _orphans_allowed_until_commit(house)

    for _ in range(house.settings.pool_size + 2):
        with pytest.raises((sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)):
            await _insert_orphan(house)

    assert engine_is_free(house)
    await asyncio.wait_for(_insert_locked(house, "kept"), 60)
    assert await keys() == ["kept"]


async def _insert_orphan(wiring: Wiring) -> None:
    async with wiring.database.locked():
        await Setting.insert(a_row("lost with it"))
        await wiring.database.run("INSERT INTO orphan (parent) VALUES ({})", 7)


async def _orphans_allowed_until_commit(wiring: Wiring) -> None:
    """A table whose rows are held against another's at COMMIT only."""
    tables = [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE orphan (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
    ]
    if not wiring.database.is_postgres:
        await wiring.database.script(tables)
        return
    owner = await asyncpg.connect(wiring.settings.database_owner)
    try:
        for statement in [*tables, "GRANT ALL ON parent, orphan TO PUBLIC"]:
            await owner.execute(statement)
    finally:
        await owner.close()


async def test_whoever_is_cancelled_in_the_middle_leaves_nothing(house: Wiring) -> None:
    written, never = asyncio.Event(), asyncio.Event()

    async def writer() -> None:
        async with house.database.locked():
            await Setting.insert(a_row("cancelled"))
            written.set()
            await never.wait()

    writing = asyncio.create_task(writer())
    await written.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    await asyncio.wait_for(_insert_locked(house, "after"), 60)
    assert await keys() == ["after"]


async def test_a_house_that_was_closed_is_shut(ground: Ground) -> None:
    database = Database(ground.storage, ())

    with pytest.raises(Unavailable) as shut:
        async with database.transaction():
            pass

    assert shut.value.service == "database"


@only_sqlite
async def test_every_connection_keeps_the_ledgers_promises(house: Wiring) -> None:
    engine = house.database.engine
    assert isinstance(engine, PersistentSQLite)
    asked = {
        "recursive_triggers": 1,
        "synchronous": 2,
        "foreign_keys": 1,
        "journal_mode": "wal",
        "secure_delete": 1,
    }

    found = {}
    for name in asked:
        reading = (await house.database.run(f"PRAGMA {name}"))[0]
        async with house.database.transaction():
            writing = (await house.database.run(f"PRAGMA {name}"))[0]
        found[name] = (next(iter(reading.values())), next(iter(writing.values())))

    assert found == {name: (value, value) for name, value in asked.items()}


# Shut, and open again


@pytest.fixture
async def wire(ground: Ground) -> AsyncIterator[Proxy]:
    async with between(ground.storage.database) as proxy:
        yield proxy


@asynccontextmanager
async def by_wire(ground: Ground, proxy: Proxy) -> AsyncIterator[Database]:
    """A database on the ground's, reached through the proxy, with its tables there."""
    settings = msgspec.structs.replace(ground.storage, database=proxy.url)
    database = Database(settings, ALL_TABLES)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@only_postgres
async def test_a_dead_postgres_is_told_as_the_database_and_works_again_when_it_is_back(
    house: Wiring, ground: Ground, wire: Proxy
) -> None:
    async with by_wire(ground, wire) as database:
        await Setting.insert(a_row("before"))
        wire.cut()
        told = [
            await service_told(keys()),
            await service_told(_locked(database)),
            await service_told(_locked(database)),
        ]
        wire.heal()
        await Setting.insert(a_row("after"))

        assert await keys() == ["after", "before"]

    assert told == ["database"] * 3


async def service_told(work: object) -> str:
    assert asyncio.iscoroutine(work)
    with pytest.raises(Unavailable) as down:
        await work
    return down.value.service


async def _locked(database: Database) -> None:
    async with database.locked():
        await Setting.insert(a_row("never"))


@only_postgres
async def test_a_postgres_that_dies_under_a_transaction_takes_it_along(
    house: Wiring, ground: Ground, wire: Proxy
) -> None:
    async with by_wire(ground, wire) as database:
        told = await service_told(_cut_under(database, wire))
        free = database.engine.current_transaction.get() is None
        wire.heal()

        await asyncio.wait_for(_insert_by(database, "after"), 60)

        assert told == "database"
        assert free
        assert await keys() == ["after"]


async def _cut_under(database: Database, wire: Proxy) -> None:
    async with database.locked():
        await Setting.insert(a_row("lost"))
        wire.cut()
        await Setting.insert(a_row("lost too"))


async def _insert_by(database: Database, key: str) -> None:
    async with database.locked():
        await Setting.insert(a_row(key))


@only_postgres
async def test_a_postgres_that_dies_at_the_commit_is_told_and_leaves_nothing(
    house: Wiring, ground: Ground, wire: Proxy
) -> None:
    async with by_wire(ground, wire) as database:
        wire.at(b"COMMIT", wire.cut)
        told = await service_told(_locked(database))
        wire.heal()

        assert told == "database"
        assert database.engine.current_transaction.get() is None
        assert await keys() == []


@only_postgres
async def test_a_postgres_that_answers_nothing_is_told_within_the_time_set(
    ground: Ground, wire: Proxy
) -> None:
    wire.stall()
    settings = msgspec.structs.replace(ground.storage, database=wire.url, connect_timeout_s=0.3)

    told = await asyncio.wait_for(service_told(Database(settings, ()).open()), 60)

    assert told == "database"


@only_postgres
async def test_a_house_is_not_opened_without_its_database(ground: Ground) -> None:
    nowhere = urlsplit(ground.storage.database)._replace(netloc="zhixi_server:x@127.0.0.1:1").geturl()

    told = await service_told(Database(msgspec.structs.replace(ground.storage, database=nowhere), ()).open())

    assert told == "database"


@only_postgres
async def test_the_lock_is_one_number_for_every_process(house: Wiring) -> None:
    async with house.database.locked():
        rows = await house.database.run("SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted")

    assert [row["objid"] for row in rows] == [LEDGER_LOCK]
