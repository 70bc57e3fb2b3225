"""The two columns of engines: what a throw-away house stands on, made fresh for a test and taken away after it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest

from graph.connection import Connection
from graph.engine import EmbeddedEngine, EngineSettings
from graph.projection import empty
from graph.settings import GraphSettings
from storage.keys import OrganisationKey
from storage.organisations import SetClock
from storage.settings import StorageSettings
from storage.wiring import Wiring, opened

Column = Literal["embedded", "services"]
NEEDED = ("POSTGRES", "POSTGRES_SERVER", "NEO4J", "MINIO", "RABBITMQ")


def column() -> Column:
    """The column this run of the suites is for."""
    return "services" if os.environ.get("ZHIXI_COLUMN") == "services" else "embedded"


def service(name: str) -> str:
    """A real service's address; without it the test is skipped by name, and under CI that is a failure."""
    address = os.environ.get(f"ZHIXI_TEST_{name}", "")
    if not address:
        if os.environ.get("CI") or os.environ.get("ZHIXI_REQUIRE_SERVICES"):
            pytest.fail(f"{name} is required here and is not running: deploy/services start")
        pytest.skip(f"{name} is not running: deploy/services start")
    return address


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of one fresh house: several processes may be opened on the same ground."""

    storage: StorageSettings
    graph: GraphSettings
    home: Path


@asynccontextmanager
async def engine(home: Path) -> AsyncIterator[GraphSettings]:
    """The session's graph engine: ours as a child process, or the Neo4j that is running."""
    if column() == "services":
        yield GraphSettings(url=f"{service('NEO4J')}/neo4j")
        return
    running = await EmbeddedEngine.start(EngineSettings(home=home))
    host = running.url.partition("://")[2]
    try:
        yield GraphSettings(url=f"bolt://{running.user}:{running.password}@{host}/{running.database}")
    finally:
        await running.stop()


@asynccontextmanager
async def ground(graph: GraphSettings) -> AsyncIterator[Ground]:
    """An empty database, an emptied graph, an empty vault, a new key; gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="zhixi-test-"))
    OrganisationKey.create(home / "key.json")
    connection = Connection(graph)
    try:
        await empty(connection)
    finally:
        await connection.close()
    try:
        async with _database(home) as (database, owner), _vault(home) as vault:
            storage = StorageSettings(
                database=database,
                database_owner=owner,
                vault=vault,
                key_file=home / "key.json",
                anchors=home / "anchors",
            )
            yield Ground(storage=storage, graph=graph, home=home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _database(home: Path) -> AsyncIterator[tuple[str, str]]:
    if column() == "embedded":
        yield f"sqlite://{home}/zhixi.sqlite", ""
        return
    owner, server = service("POSTGRES"), service("POSTGRES_SERVER")
    name = f"t_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(owner)
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        yield _named(server, name), _named(owner, name)
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@asynccontextmanager
async def _vault(home: Path) -> AsyncIterator[str]:
    if column() == "embedded":
        yield f"file://{home}/vault"
        return
    yield f"{service('MINIO')}/t-{secrets.token_hex(8)}"


@asynccontextmanager
async def house(base: Ground, clock: SetClock) -> AsyncIterator[Wiring]:
    async with opened(base.storage, base.graph, now=clock) as wiring:
        yield wiring
