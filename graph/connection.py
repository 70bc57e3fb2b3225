"""One driver per process to whichever engine the URL names; every driver error becomes one of ours."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec
from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncTransaction
from neo4j.exceptions import ClientError, ConstraintError, DriverError, Neo4jError, TransientError

from graph import cypher
from graph.errors import BadField, Broken, Unavailable
from graph.settings import GraphSettings

Row = dict[str, Any]
TRIES = 60
"""How often a transaction is begun again that lost to another writer."""
LONGEST_PAUSE_S = 0.02
T = TypeVar("T")


class Address(msgspec.Struct, frozen=True):
    """Where the graph is. `database` differs by engine: both are named always."""

    uri: str
    user: str
    password: str
    database: str


def address(url: str) -> Address:
    """`bolt://user:password@host:port/database`; the database is `neo4j` where the URL names none."""
    parts = urlsplit(url)
    if parts.scheme not in {"bolt", "neo4j", "bolt+s", "neo4j+s"} or not parts.hostname:
        raise BadField("graph.url", "not-a-graph-url", value=parts.scheme)
    port = f":{parts.port}" if parts.port else ""
    return Address(
        uri=f"{parts.scheme}://{parts.hostname}{port}",
        user=unquote(parts.username or "neo4j"),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/") or "neo4j",
    )


class Connection:
    """Runs the query files. Reads are one statement each in auto-commit; writes share a transaction."""

    def __init__(self, settings: GraphSettings) -> None:
        self._address = address(settings.url)
        self._driver: AsyncDriver = AsyncGraphDatabase.driver(
            self._address.uri,
            auth=(self._address.user, self._address.password),
            connection_timeout=settings.connect_timeout_s,
            connection_acquisition_timeout=settings.connect_timeout_s + 5,
            max_connection_pool_size=settings.pool_size,
            max_transaction_retry_time=settings.connect_timeout_s,
            telemetry_disabled=True,
            notifications_min_severity="OFF",
        )

    async def close(self) -> None:
        await self._driver.close()

    async def read(
        self, name: str, parameters: Mapping[str, Any], fillings: Mapping[str, str] | None = None
    ) -> Row | None:
        """The one row of a query, or None. Raises Unavailable("graph")."""
        with _translated():
            async with self._driver.session(
                database=self._address.database, default_access_mode=READ_ACCESS
            ) as session:
                result = await session.run(cypher.text(name, fillings), dict(parameters))
                record = await result.single()
                return None if record is None else dict(zip(result.keys(), record, strict=True))

    async def transact(self, work: Callable[[Writer], Awaitable[T]]) -> T:
        """One transaction, committed; whoever loses to another writer begins again from the start.

        Neo4j lets the second writer wait; the embedded engine lets it fail at its commit. Raises Unavailable("graph").
        """
        losses = 0
        with _translated():
            while True:
                try:
                    return await self._transacted(work)
                except (TransientError, ConstraintError):
                    losses += 1
                    if losses == TRIES:
                        raise
                await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_S))  # noqa: S311  (so that two do not meet again)

    async def _transacted(self, work: Callable[[Writer], Awaitable[T]]) -> T:
        async with (
            self._driver.session(
                database=self._address.database, default_access_mode=WRITE_ACCESS
            ) as session,
            await session.begin_transaction() as transaction,
        ):
            done = await work(Writer(transaction))
            await transaction.commit()
            return done

    async def statement(self, text: str) -> None:
        """A schema statement from a migration file."""
        with _translated():
            async with self._driver.session(
                database=self._address.database, default_access_mode=WRITE_ACCESS
            ) as session:
                await (await session.run(text)).consume()

    async def explain(self, text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        with _translated():
            async with self._driver.session(database=self._address.database) as session:
                result = await session.run(f"EXPLAIN {text}", dict(parameters))
                return dict((await result.consume()).plan or {})


class Writer:
    def __init__(self, transaction: AsyncTransaction) -> None:
        self._transaction = transaction

    async def run(
        self, name: str, parameters: Mapping[str, Any], fillings: Mapping[str, str] | None = None
    ) -> Row | None:
        result = await self._transaction.run(cypher.text(name, fillings), dict(parameters))
        record = await result.single()
        return None if record is None else dict(zip(result.keys(), record, strict=True))


class _translated:  # noqa: N801  (reads as a phrase at the with statement)
    """Driver errors leave as ours: what the server calls our own mistake is Broken, the rest is Unavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if (
            isinstance(error, ClientError)
            and not error.is_retryable()
            and "Security" not in (error.code or "")
        ):
            raise Broken(f"the graph refused a statement: {error.code} {error.message}") from error
        if isinstance(error, (DriverError, Neo4jError, OSError)):
            raise Unavailable("graph") from error
