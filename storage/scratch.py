"""Throw-away houses: for rehearsals and tests. A key, a database, a vault and a graph of their own, gone afterwards."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec

from graph.connection import Connection
from graph.errors import GraphMismatch, Unavailable
from graph.projection import empty
from graph.settings import GraphSettings
from storage.keys import OrganisationKey
from storage.settings import StorageSettings


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of one fresh house: several processes may be opened on the same ground."""

    storage: StorageSettings
    graph: GraphSettings
    home: Path


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of real services; the embedded default stands in for each that is empty."""

    postgres_owner: str = ""
    postgres_server: str = ""
    vault: str = ""
    graph: str = ""


@asynccontextmanager
async def ground(services: Services) -> AsyncIterator[Ground]:
    """Fresh ground. A graph that already belongs to a ledger is refused, and ours is emptied when we go."""
    home = Path(tempfile.mkdtemp(prefix="zhixi-"))
    try:
        OrganisationKey.create(home / "organisation.key")
        graph = GraphSettings(url=services.graph or f"embedded:{home}/graph")
        async with database(home, services) as (server, owner), _graph(graph):
            storage = StorageSettings(
                database=server,
                database_owner=owner,
                vault=_vault(home, services),
                key_file=home / "organisation.key",
                anchors=home / "anchors",
            )
            yield Ground(storage=storage, graph=graph, home=home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


DROPS, DROP_PAUSE_S = 40, 0.5


@asynccontextmanager
async def database(home: Path, services: Services) -> AsyncIterator[tuple[str, str]]:
    """A new, empty database: its address for the server's role and for the owner."""
    if not services.postgres_owner:
        yield f"sqlite://{home}/zhixi.sqlite", ""
        return
    name = f"scratch_{secrets.token_hex(6)}"
    try:
        admin = await asyncpg.connect(services.postgres_owner)
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable("database") from error
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        yield _named(services.postgres_server, name), _named(services.postgres_owner, name)
    finally:
        await drop(admin, name)


async def drop(admin: asyncpg.Connection, name: str) -> None:
    """Drop a database that is somebody's scratch, and close the connection.

    PostgreSQL refuses an owner who is no superuser while an autovacuum worker looks at the database: that is soon over.
    """
    try:
        for attempt in range(DROPS):
            try:
                await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError):
                if attempt == DROPS - 1:
                    raise
                await asyncio.sleep(DROP_PAUSE_S)
            else:
                return
    finally:
        await admin.close()


@asynccontextmanager
async def _graph(graph: GraphSettings) -> AsyncIterator[None]:
    if graph.url.startswith("embedded:"):
        yield
        return
    connection = Connection(graph)
    try:
        clock = await connection.read("clock", {})
        if clock is not None:
            raise GraphMismatch(f"the graph belongs to ledger {clock['ledger']}")
        try:
            yield
        finally:
            await empty(connection)
    finally:
        await connection.close()


def _vault(home: Path, services: Services) -> str:
    return f"{services.vault}/scratch-{secrets.token_hex(8)}" if services.vault else f"file://{home}/vault"


def _named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
