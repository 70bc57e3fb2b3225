"""How the rooms below the doors hang together: opened once per process, by the server, the command line and workers."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from graph import migrate
from graph.access import Questions
from graph.connection import Connection
from graph.engine import EmbeddedEngine, EngineSettings
from graph.errors import BadField
from graph.projection import Head, Projection
from graph.settings import GraphSettings
from graph.sources import Sources
from graph.times import Instant
from storage import accounts as _accounts  # noqa: F401  (likewise)
from storage import catalogue, schema
from storage import registers as _registers  # noqa: F401  (importing them fills the catalogue of acts)
from storage.act import opaque
from storage.entry import FORMAT, Body, Decision, fact_text, text_of
from storage.errors import NotFounded
from storage.figures import ruling_now
from storage.files import Files
from storage.keys import OrganisationKey
from storage.ledger import Ledger
from storage.office import Office
from storage.registers.founding import SYSTEM, Found, drafted
from storage.schema import shape
from storage.settings import StorageSettings
from storage.tables import ALL_TABLES
from storage.tables.kept import Account
from storage.transaction import Database
from storage.vault import Vault, open_vault

log = logging.getLogger("zhixi.storage")
EMBEDDED = "embedded:"
EVERYTHING = 2**62
"""Versions of facts that a command without a graph may keep: it has nowhere else to ask."""
Clock = Callable[[], Instant]


def wall_clock() -> Instant:
    return time.time_ns() // 1_000_000


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a door needs. `now` is the clock that every room reads."""

    settings: StorageSettings
    database: Database
    ledger: Ledger
    key: OrganisationKey
    vault: Vault
    files: Files
    connection: Connection
    projection: Projection
    questions: Questions
    office: Office
    now: Clock

    async def found(self, params: Found, hashed: Mapping[str, str] | None = None) -> str:
        """Write the founding entry on an empty ledger; the entry's reference. Raises BadInput.

        `hashed` are the hashes of first passwords by login, for the people who have an account from the first day.
        """
        now = self.now()
        draft = drafted(params, now)
        await self.vault.prepare()
        async with self.database.locked():
            seq, _ = await self.ledger.last()
            if seq:
                raise BadField("ledger", "already-founded")
            body = Body(
                format=FORMAT, ledger=opaque("z"), seq=1, ref=opaque("e"), prev="", occurred_at=text_of(draft.occurred),
                recorded_at=text_of(now), late=None, actor=SYSTEM, on_behalf_of=None,
                decision=Decision(by=params.signatories[0], proof="own"), register="founding", act="found",
                subject=draft.subject, payload=msgspec.to_builtins(params), result=draft.result, rules=draft.rules,
                nodes=draft.nodes, labels=draft.labels, superseded=[], facts=[fact_text(fact) for fact in draft.facts],
                idempotency=None,
            )  # fmt: skip
            hash_ = await self.ledger.append(body, now)
            await catalogue.write(catalogue.apply(body))
            await shape.shaped()
            for person in params.people:
                if hashed and person.login in hashed:
                    await Account.insert(
                        Account(
                            login=person.login,
                            person=person.id,
                            password_hash=hashed[person.login],
                            changed_at=now,
                        )
                    )
        head = Head(body.ledger, 1, hash_)
        self.ledger.anchor(head)
        await self.projection.reach(head)
        return body.ref

    async def rebuild(self) -> int:
        """Make catalogue and graph anew from the ledger; how many entries."""
        async with self.database.locked():
            head = await self.ledger.head()
            await self._rebuild_catalogue(head)
            await self.projection.rebuild(head)
        return head.seq

    async def keep_up(self) -> None:
        """A catalogue of another version is made anew, once, by whichever process comes first."""
        if await shape.outdated():
            async with self.database.locked():
                if await shape.outdated():
                    log.warning("the catalogue is of another version and is made anew from the ledger")
                    await self._rebuild_catalogue(await self.ledger.head())

    async def _rebuild_catalogue(self, head: Head) -> None:
        await schema.empty_catalogue(self.database)
        async for body, _ in self.ledger.bodies(0, head.seq):
            await catalogue.write(catalogue.apply(body))
        await shape.shaped()

    async def founded(self) -> bool:
        try:
            await self.ledger.head()
        except NotFounded:
            return False
        return True


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps, without the graph, which follows. Its office enters what the system itself does."""

    settings: StorageSettings
    database: Database
    ledger: Ledger
    key: OrganisationKey
    vault: Vault
    office: Office
    now: Clock


@asynccontextmanager
async def stores(
    storage: StorageSettings, *, now: Clock = wall_clock, unfinished: bool = False, outdated: bool = False
) -> AsyncIterator[Stores]:
    """Open database, key and vault. A store that a restore has not finished is opened for that alone, and one whose catalogue is
    of another version for who makes it anew. Raises BadField.
    """
    async with AsyncExitStack() as stack:
        await _prepare(storage)
        database = Database(storage, ALL_TABLES)
        await database.open()
        stack.push_async_callback(database.close)
        if not unfinished:
            await schema.require_finished()
        if not storage.database.startswith("sqlite:") and not storage.database_owner:
            await shape.require_ours(database)
        if not unfinished and not outdated and await shape.outdated():
            raise BadField("ZHIXI_DATABASE", "catalogue-of-another-version")
        key = OrganisationKey.load(storage.key_file)
        ledger = Ledger(database, key, storage.anchors)
        vault = open_vault(storage.vault)
        stack.push_async_callback(vault.close)
        sources = Sources(None, None, ledger, EVERYTHING)
        office = Office(database=database, ledger=ledger, sources=sources, projection=None, now=now)
        yield Stores(
            settings=storage, database=database, ledger=ledger, key=key, vault=vault, office=office, now=now
        )


@asynccontextmanager
async def opened(
    storage: StorageSettings, graph: GraphSettings, *, now: Clock = wall_clock, unfinished: bool = False
) -> AsyncIterator[Wiring]:
    """Open database, key, vault, graph engine and graph; close them in the reverse order. Raises BadField like `stores`."""
    async with AsyncExitStack() as stack:
        kept = await stack.enter_async_context(stores(storage, now=now, unfinished=unfinished, outdated=True))
        database, ledger, key, vault = kept.database, kept.ledger, kept.key, kept.vault
        graph = await _engine(graph, stack)
        connection = Connection(graph)
        stack.push_async_callback(connection.close)
        await migrate.migrate(connection)
        projection = Projection(connection, ledger, graph.catch_up_wait_s)
        sources = Sources(connection, projection, ledger, graph.replica_facts)
        questions = Questions(sources, ledger, now, ruling_now)
        office = Office(database=database, ledger=ledger, sources=sources, projection=projection, now=now)
        wiring = Wiring(
            settings=storage, database=database, ledger=ledger, key=key, vault=vault, files=Files(database, vault, key, now),
            connection=connection,
            projection=projection, questions=questions, office=office, now=now,
        )  # fmt: skip
        if not unfinished:
            await wiring.keep_up()
        yield wiring


async def _prepare(settings: StorageSettings) -> None:
    """Make the tables where this process may: SQLite always, PostgreSQL with the owner's address."""
    if settings.database.startswith("sqlite:"):
        owner = Database(settings, ())
    elif settings.database_owner:
        owner = Database(msgspec.structs.replace(settings, database=settings.database_owner), ())
    else:
        return
    await owner.open()
    try:
        for table in ALL_TABLES:
            table._meta.db = owner.engine
        await schema.prepare(owner, urlsplit(settings.database).username)
    finally:
        await owner.close()


async def _engine(graph: GraphSettings, stack: AsyncExitStack) -> GraphSettings:
    """`embedded:PATH` starts (or adopts) the engine of that folder; any other address is somebody else's engine."""
    if not graph.url.startswith(EMBEDDED):
        return graph
    engine = await EmbeddedEngine.start(
        EngineSettings(home=Path(graph.url.removeprefix(EMBEDDED)), heap_mb=graph.heap_mb)
    )
    stack.push_async_callback(engine.stop)
    host = engine.url.partition("://")[2]
    url = f"bolt://{engine.user}:{engine.password}@{host}/{engine.database}"
    return msgspec.structs.replace(graph, url=url)
