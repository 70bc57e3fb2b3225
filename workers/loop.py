"""One event loop and one set of connections per worker process: Celery runs plain functions."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from graph.errors import ZhixiError
from storage.files import Files
from storage.keys import OrganisationKey
from storage.search import Index
from storage.tables import ALL_TABLES
from storage.tasks import Tasks
from storage.transaction import Database
from storage.vault import open_vault
from workers.jobs import JOBS, Tools
from workers.settings import WorkerSettings

log = logging.getLogger("zhixi.workers")
T = TypeVar("T")


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


class Bench:
    """Connections opened once, on a loop of their own in a thread of its own."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="zhixi worker loop", daemon=True).start()
        self._tasks, self._tools = self._wait(self._opened(settings))

    async def _opened(self, settings: WorkerSettings) -> tuple[Tasks, Tools]:
        database = Database(settings.storage, ALL_TABLES)
        await database.open()
        key = OrganisationKey.load(settings.storage.key_file)
        files = Files(database, open_vault(settings.storage.vault), key, wall_clock)
        tasks = Tasks(database, wall_clock, int(settings.lease_s * 1000))
        return tasks, Tools(files=files, index=Index(database, key))

    def run(self, id_: str) -> None:
        """Do one task to its end, or note why it failed."""
        self._wait(self._run(id_))

    async def _run(self, id_: str) -> None:
        job = await self._tasks.begin(id_)
        if job is None:
            return
        try:
            await JOBS[job.kind](job, self._tools)
        except (ZhixiError, OSError, ValueError, MemoryError) as error:
            log.warning("task %s failed: %s", id_, type(error).__name__, exc_info=error)
            await self._tasks.failed(job, f"{type(error).__name__}: {error}")
            return
        await self._tasks.done(id_)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
