"""The two columns of engines: what a throw-away house stands on, made fresh for a test and taken away after it."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import IO, Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest

from graph.connection import Connection
from graph.engine import EmbeddedEngine, EngineSettings
from graph.projection import empty
from graph.settings import GraphSettings
from graph.times import Instant, parse
from storage import organisations
from storage.keys import OrganisationKey
from storage.organisations import SetClock
from storage.scratch import drop
from storage.settings import StorageSettings
from storage.vault import open_vault
from storage.wiring import Wiring, opened

Column = Literal["embedded", "services"]
NEEDED = ("POSTGRES", "POSTGRES_SERVER", "NEO4J", "MINIO", "RABBITMQ")
TURN_WAIT_S = 240
CATCH_UP_S = 90.0
"""A fresh Neo4j plans every statement at its first use, on a busy machine: that is no failure of the graph."""
_STANDING: set[str] = set()


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
        yield GraphSettings(url=f"{service('NEO4J')}/neo4j", catch_up_wait_s=CATCH_UP_S)
        return
    running = await EmbeddedEngine.start(EngineSettings(home=home))
    host = running.url.partition("://")[2]
    try:
        yield GraphSettings(
            url=f"bolt://{running.user}:{running.password}@{host}/{running.database}",
            catch_up_wait_s=CATCH_UP_S,
        )
    finally:
        await running.stop()


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """An established house, closed: its files, its database, and where its clock stood. Copied, never opened."""

    home: Path
    database: str
    at: Instant


@asynccontextmanager
async def ground(graph: GraphSettings, template: Template | None = None) -> AsyncIterator[Ground]:
    """A database, a vault and a key, empty and new or copied from a template, and an emptied graph; gone afterwards.

    The first question or act brings the graph to the copied ledger's head.
    """
    home = Path(tempfile.mkdtemp(prefix="zhixi-test-"))
    try:
        if template is None:
            OrganisationKey.create(home / "key.json")
        else:
            shutil.copytree(template.home, home, dirs_exist_ok=True)
        async with alone(graph), _database(home, template) as (database, owner), _vault(home) as vault:
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
async def elsewhere(base: Ground) -> AsyncIterator[Ground]:
    """Another database, vault and anchor folder for the same key and graph, all new: where a backup may come back."""
    home = Path(tempfile.mkdtemp(prefix="zhixi-test-"))
    try:
        async with _database(home, None) as (database, owner), _vault(home) as vault:
            storage = msgspec.structs.replace(
                base.storage, database=database, database_owner=owner, vault=vault, anchors=home / "anchors"
            )
            yield Ground(storage=storage, graph=base.graph, home=home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def template(graph: GraphSettings, name: str) -> AsyncIterator[Template]:
    """The organisation of that name, established once through its acts; the graph is free again for others."""
    clock = SetClock(parse("2026-01-01T00:00:00+08:00", field="clock"))
    kept = Path(tempfile.mkdtemp(prefix="zhixi-template-"))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, kept, ignore_errors=True)
        async with ground(graph) as base:
            async with house(base, clock) as wiring:
                await organisations.establish(wiring, organisations.named(name), clock)
            shutil.copytree(base.home, kept, dirs_exist_ok=True)
            database = await stack.enter_async_context(_copied(_name_of(base.storage.database)))
        yield Template(home=kept, database=database, at=clock.at)


@asynccontextmanager
async def alone(graph: GraphSettings) -> AsyncIterator[None]:
    """The graph, emptied. One house at a time on one graph, whichever process it belongs to: each empties it for itself."""
    name = hashlib.sha256(graph.url.rpartition("@")[2].encode()).hexdigest()[:16]
    assert name not in _STANDING, "two houses of one test stand on one graph"
    give_up = time.monotonic() + TURN_WAIT_S
    with (Path(tempfile.gettempdir()) / f"zhixi-test-graph-{name}.lock").open("w") as lock:
        while not _taken(lock):
            assert time.monotonic() < give_up, "another run holds this graph"
            await asyncio.sleep(0.05)
        _STANDING.add(name)
        try:
            await _emptied(graph)
            yield
        finally:
            _STANDING.discard(name)


async def _emptied(graph: GraphSettings) -> None:
    connection = Connection(graph)
    try:
        await empty(connection)
    finally:
        await connection.close()


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def _database(home: Path, template: Template | None) -> AsyncIterator[tuple[str, str]]:
    if column() == "embedded":
        yield f"sqlite://{home}/zhixi.sqlite", ""
        return
    async with _copied(template.database if template else "") as name:
        yield _named(service("POSTGRES_SERVER"), name), _named(service("POSTGRES"), name)


@asynccontextmanager
async def _copied(database: str) -> AsyncIterator[str]:
    """A database of its own like that one, which nobody has open; a new one where that is "". SQLite's is a file of the home."""
    if column() == "embedded":
        yield ""
        return
    name = f"t_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(service("POSTGRES"))
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database or "template1"}"')
        yield name
    finally:
        await drop(admin, name)


def _name_of(url: str) -> str:
    return "" if url.startswith("sqlite:") else urlsplit(url).path.strip("/")


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@asynccontextmanager
async def _vault(home: Path) -> AsyncIterator[str]:
    if column() == "embedded":
        yield f"file://{home}/vault"
        return
    url = f"{service('MINIO')}/t-{secrets.token_hex(8)}"
    vault = open_vault(url)
    try:
        await vault.prepare()
    finally:
        await vault.close()
    yield url


@asynccontextmanager
async def house(base: Ground, clock: SetClock) -> AsyncIterator[Wiring]:
    """The house of that ground, opened. A copied one still has to be given its vault: the founding made the template's."""
    async with opened(base.storage, base.graph, now=clock) as wiring:
        if await wiring.founded():
            await wiring.vault.prepare()
        yield wiring
