"""The relay: looks for tasks and sends their ids; what has no result when its lease is over is sent again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from celery import Celery

from storage.tasks import Tasks
from workers.app import TASK
from workers.jobs import RECHECK, ROUND, SWEEP
from workers.settings import WorkerSettings

log = logging.getLogger("zhixi.relay")
LOOK_ANYWAY = 30
"""Looks after which what comes round is looked at as well."""


async def relay(tasks: Tasks, app: Celery, settings: WorkerSettings) -> None:
    """Until cancelled. A broker or database that is down is said once and waited for; tasks stay rows meanwhile."""
    well, looks = True, 0
    while True:
        try:
            if looks % LOOK_ANYWAY == 0:
                await tasks.due(SWEEP, "store", int(settings.sweep_s * 1000))
                await tasks.due(RECHECK, "store", int(settings.sweep_s * 1000))
                await tasks.due(ROUND, "unit", int(settings.round_s * 1000))
            await _send(tasks, app, settings.lease_s)
        except Exception as error:  # noqa: BLE001  (each broker has errors of its own, and the relay outlives them all)
            if well:
                log.warning("tasks wait: %s", type(error).__name__)
            well = False
        else:
            if not well:
                log.warning("tasks go on")
            well = True
        looks += 1
        await asyncio.sleep(settings.pause_s)


async def _send(tasks: Tasks, app: Celery, lease_s: float) -> None:
    ids = await tasks.claim()
    if not ids:
        return
    sent: list[str] = []
    try:
        await asyncio.to_thread(_sent, app, ids, lease_s, sent)
    finally:
        if len(sent) < len(ids):
            await tasks.release([id_ for id_ in ids if id_ not in sent])


def _sent(app: Celery, ids: Sequence[str], lease_s: float, sent: list[str]) -> None:
    """A message is good for as long as the lease: then the id is sent again."""
    for id_ in ids:
        app.send_task(TASK, args=[id_], expires=lease_s)
        sent.append(id_)
