"""The relay: looks for tasks and sends their ids; what has no result when its lease is over is sent again."""

from __future__ import annotations

import asyncio
import logging

from celery import Celery
from kombu.exceptions import OperationalError

from graph.errors import ZhixiError
from storage.tasks import Tasks
from workers.app import TASK

log = logging.getLogger("zhixi.relay")


async def relay(tasks: Tasks, app: Celery, pause_s: float) -> None:
    """Until cancelled. A broker or database that is down is said once and waited for; tasks stay rows meanwhile."""
    well = True
    while True:
        try:
            for id_ in await tasks.claim():
                await asyncio.to_thread(app.send_task, TASK, args=[id_])
        except (OperationalError, OSError, ZhixiError) as error:
            if well:
                log.warning("tasks wait: %s", type(error).__name__)
            well = False
        else:
            if not well:
                log.warning("tasks go on")
            well = True
        await asyncio.sleep(pause_s)
