"""The only door to a database: one engine per process, a locked transaction for acts, and the ledger lock.

SQLite keeps one connection for writing, taken in turn and begun IMMEDIATE, and one for reading. PostgreSQL uses a pool;
the ledger lock is `pg_advisory_xact_lock` in a statement of its own, since lock and read in one statement would read
an old snapshot. Whatever COMMIT does, the connection is released and the current transaction reset.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite
import asyncpg
from piccolo.engine import PostgresEngine, SQLiteEngine
from piccolo.querystring import QueryString
from piccolo.table import Table

from graph.errors import BadField, Unavailable
from storage.settings import StorageSettings

LEDGER_LOCK = 0x5A484958
"""The advisory lock's number on PostgreSQL: ZHIX."""

PRAGMAS = (
    "PRAGMA busy_timeout = 15000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = 1",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
)
_DOWN = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError,
         asyncpg.InsufficientResourcesError, asyncpg.ReadOnlySQLTransactionError, sqlite3.OperationalError)  # fmt: skip


class _Current:
    """What Piccolo looks for while a transaction runs."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection


class PersistentSQLite(SQLiteEngine):
    """Piccolo's engine with connections that stay open: its own opens one for every statement."""

    __slots__ = ("_reader", "_turn", "_writer", "reader_turn")

    def __init__(self, path: str) -> None:
        super().__init__(path=path)
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._turn = asyncio.Lock()
        self.reader_turn = asyncio.Lock()

    async def open(self) -> None:
        self._writer = await self._connected()
        self._reader = await self._connected()

    async def close(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None:
                await connection.close()
        self._writer = self._reader = None

    async def _connected(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(**self.connection_kwargs)
        connection.row_factory = _as_dict  # type: ignore[assignment]
        for pragma in PRAGMAS:
            await connection.execute(pragma)
        return connection

    async def _run_in_new_connection(
        self, query: str, args: list[Any] | None = None, query_type: str = "generic", table: Any = None
    ) -> Any:
        """Outside a transaction: reads on the reading connection, single writes in a transaction of their own."""
        if query.lstrip()[:6].upper() in {"SELECT", "PRAGMA"}:
            async with self.reader_turn:
                return await self._run_in_existing_connection(
                    _opened(self._reader), query, args, query_type, table
                )
        async with self.writing() as connection:
            return await self._run_in_existing_connection(connection, query, args, query_type, table)

    async def _run_in_existing_connection(
        self,
        connection: Any,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: Any = None,
    ) -> Any:
        """One call of the connection's thread, where a cursor would take three."""
        return await connection.execute_fetchall(query, args or [])

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Any:
        with _down_is_unavailable():
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Any:
        with _down_is_unavailable():
            return await super().run_ddl(ddl, in_pool)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[aiosqlite.Connection]:
        """A connection of its own; with the first statement it stands still at that moment."""
        with _down_is_unavailable():
            connection = await self._connected()
        try:
            with _down_is_unavailable():
                await connection.execute("PRAGMA query_only = ON")
                await connection.execute("BEGIN")
            yield connection
        finally:
            await connection.rollback()
            await connection.close()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[aiosqlite.Connection]:
        """A caller cancelled at BEGIN or COMMIT leaves it running in the connection's thread: the roll-back queues behind it."""
        async with self._turn:
            connection = _opened(self._writer)
            try:
                with _down_is_unavailable():
                    await connection.execute("BEGIN IMMEDIATE")
                yield connection
                with _down_is_unavailable():
                    await connection.execute("COMMIT")
            except BaseException:
                await connection.rollback()
                raise


class PooledPostgres(PostgresEngine):
    """Piccolo's engine whose lost connections are errors of ours, and which connects to nothing before it is opened."""

    async def check_version(self) -> None:
        """Piccolo's own connects when the engine is made, and holds up every task of the process meanwhile."""

    async def prep_database(self) -> None:
        """No extension is wanted, and the server's role may make none."""

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        with _down_is_unavailable():
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        with _down_is_unavailable():
            return await super().run_ddl(ddl, in_pool)


def _opened(connection: aiosqlite.Connection | None) -> aiosqlite.Connection:
    if connection is None:
        raise Unavailable("database")
    return connection


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


class Database:
    """The process's database. `is_postgres` tells the few places apart where SQL differs."""

    def __init__(self, settings: StorageSettings, tables: Sequence[type[Table]]) -> None:
        self._settings = settings
        self._tables = tables
        self.engine: PersistentSQLite | PooledPostgres = _engine(settings.database, settings)
        self.is_postgres = isinstance(self.engine, PooledPostgres)
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect, and bind every table class of the process to this database."""
        with _down_is_unavailable():
            if isinstance(self.engine, PersistentSQLite):
                await self.engine.open()
            else:
                await self.engine.start_connection_pool(
                    min_size=1,
                    max_size=self._settings.pool_size,
                    timeout=self._settings.connect_timeout_s,
                    command_timeout=60,
                )
        for table in self._tables:
            table._meta.db = self.engine

    async def close(self) -> None:
        if isinstance(self.engine, PersistentSQLite):
            await self.engine.close()
        else:
            await self.engine.close_connection_pool()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Everything inside commits together or not at all. Inside another, it joins that one."""
        if self.engine.current_transaction.get() is not None:
            yield
            return
        async with self._writing() as connection:
            with self._current(connection):
                yield

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """A transaction that holds the ledger lock: whoever appends is alone until it has committed.

        Those of one process queue here, each without a connection: were the whole pool to wait for the lock, the holder's
        projection would find none to read the ledger by.
        """
        async with AsyncExitStack() as stack:
            if self.engine.current_transaction.get() is None:
                await stack.enter_async_context(self._turn)
            await stack.enter_async_context(self.transaction())
            if self.is_postgres:
                await self.run(f"SELECT pg_advisory_xact_lock({LEDGER_LOCK})")
            yield

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Everything read inside is of one moment, and holds up nobody who writes meanwhile. Nothing may be written inside."""
        async with self._reading() as connection:
            with self._current(connection):
                yield

    @contextmanager
    def _current(self, connection: Any) -> Iterator[None]:
        """Every statement inside runs on this connection."""
        current: ContextVar[Any] = self.engine.current_transaction
        token = current.set(_Current(connection))
        try:
            yield
        finally:
            current.reset(token)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Any]:
        if isinstance(self.engine, PersistentSQLite):
            async with self.engine.reading() as connection:
                yield connection
            return
        async with self._begun(isolation="repeatable_read", readonly=True) as (connection, running):
            try:
                yield connection
            finally:
                with suppress(*_DOWN):
                    await running.rollback()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Any]:
        if isinstance(self.engine, PersistentSQLite):
            async with self.engine.writing() as connection:
                yield connection
            return
        async with self._begun() as (connection, running):
            try:
                yield connection
            except BaseException:
                with suppress(*_DOWN):  # a connection that is gone has taken its transaction along
                    await running.rollback()
                raise
            with _down_is_unavailable():
                await running.commit()

    @asynccontextmanager
    async def _begun(self, **how: Any) -> AsyncIterator[tuple[Any, Any]]:
        """A connection of the pool with a transaction begun on it, for the caller to end."""
        pool = self.engine.pool if isinstance(self.engine, PooledPostgres) else None
        if pool is None:
            raise Unavailable("database")
        with _down_is_unavailable():
            connection = await pool.acquire(timeout=self._settings.connect_timeout_s)
        try:
            running = connection.transaction(**how)
            with _down_is_unavailable():
                await running.start()
            yield connection, running
        finally:
            await pool.release(connection)

    async def run(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """One statement, `{}` standing for each value; its rows."""
        rows = await self.engine.run_querystring(QueryString(sql, *values))
        return [dict(row) for row in rows or []]

    async def script(self, statements: Sequence[str]) -> None:
        for statement in statements:
            await self.engine.run_ddl(statement)


class _down_is_unavailable:  # noqa: N801  (reads as a phrase at the with statement)
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, _DOWN):
            raise Unavailable("database") from error


def _engine(url: str, settings: StorageSettings) -> PersistentSQLite | PooledPostgres:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return PersistentSQLite(unquote(parts.path))
    if parts.scheme not in {"postgresql", "postgres"}:
        raise BadField("storage.database", "not-a-database-url", value=parts.scheme)
    return PooledPostgres(
        config={
            "host": parts.hostname,
            "port": parts.port or 5432,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "database": parts.path.strip("/"),
        }
    )
