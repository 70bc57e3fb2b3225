"""One event loop and one set of connections per worker process: Celery runs plain functions."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from graph.errors import BadInput, Unavailable, ZhixiError
from graph.sources import Sources
from storage import schema
from storage.files import Files
from storage.integrity import Integrity
from storage.keys import OrganisationKey
from storage.ledger import Ledger
from storage.office import Office
from storage.rounds import Rounds
from storage.search import Index
from storage.tables import ALL_TABLES
from storage.tasks import Job, Tasks
from storage.transaction import Database
from storage.vault import open_vault
from workers.jobs import JOBS, Tools
from workers.settings import WorkerSettings

log = logging.getLogger("zhixi.workers")
T = TypeVar("T")
STUCK: Final = 75
"""The exit status of a process that a task would not give back."""


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


class Bench:
    """Connections opened at the first task, on a loop of their own in a thread of its own."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._database = Database(settings.storage, ALL_TABLES)
        key = OrganisationKey.load(settings.storage.key_file)
        files = Files(self._database, open_vault(settings.storage.vault), key, wall_clock)
        self._tasks = Tasks(self._database, wall_clock, int(settings.lease_s * 1000))
        self._tools = Tools(
            files=files,
            index=Index(self._database, key),
            tasks=self._tasks,
            rounds=self._rounds(settings, key),
            integrity=Integrity(self._database, files, wall_clock),
        )
        self._opened = False
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="zhixi worker loop", daemon=True).start()

    def _rounds(self, settings: WorkerSettings, key: OrganisationKey) -> Rounds:
        """An office without a graph: the server's follows the ledger when it is next asked."""
        ledger = Ledger(self._database, key, settings.storage.anchors)
        sources = Sources(None, None, ledger, settings.replica_facts)
        office = Office(
            database=self._database, ledger=ledger, sources=sources, projection=None, now=wall_clock
        )
        return Rounds(office, sources, ledger, wall_clock)

    def run(self, id_: str) -> None:
        """Do one task to its end, or note why it failed. Where not even that can be noted, its lease brings it back."""
        try:
            self._wait(self._run(id_))
        except ZhixiError as error:
            log.warning("task %s: %s", id_, type(error).__name__)

    async def _run(self, id_: str) -> None:
        if not self._opened:
            await self._database.open()
            await schema.require_finished()
            self._opened = True
        job = await self._tasks.begin(id_)
        if job is None:
            return
        limit = asyncio.timeout(self._settings.longest_s)
        try:
            async with self._kept(job), limit:
                await JOBS[job.kind](job, self._tools)
        except Exception as error:  # noqa: BLE001  (whatever a library raises is the task's failure, and is seen)
            await self._note(job, error, stuck=limit.expired())
        else:
            await self._tasks.done(id_)

    async def _note(self, job: Job, error: Exception, *, stuck: bool) -> None:
        reason = f"{type(error).__name__}: {error}"
        log.warning("task %s, %s: %s", job.id, job.kind, type(error).__name__)
        if stuck:
            await self._tasks.given_up(job, f"not done after {self._settings.longest_s:g} seconds")
            log.warning("a new process goes on")
            os._exit(STUCK)  # a thread that draws or reads cannot be stopped otherwise
        if isinstance(error, Unavailable):
            await self._tasks.put_off(job, reason)
        elif isinstance(error, BadInput):
            await self._tasks.given_up(job, reason)
        else:
            await self._tasks.failed(job, reason)

    @asynccontextmanager
    async def _kept(self, job: Job) -> AsyncIterator[None]:
        """Nobody else is sent the task while it is being done here."""
        renewing = asyncio.create_task(self._renewed(job))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renewed(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_s / 3)
            await self._tasks.renew(job.id)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
