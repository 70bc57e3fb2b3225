"""`python -m workers`: the relay, and one Celery worker as a child. Both end with whoever started them."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys

from storage.tables import ALL_TABLES
from storage.tasks import Tasks
from storage.transaction import Database
from workers.app import make_app, worker_main
from workers.loop import wall_clock
from workers.relay import relay
from workers.settings import read

PR_SET_PDEATHSIG = 1
AGAIN_S = 2.0


def die_with_parent() -> None:
    """Linux: be ended when the parent is."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


async def main() -> None:
    settings = read(os.environ)
    database = Database(settings.storage, ALL_TABLES)
    await database.open()
    sending = asyncio.create_task(
        relay(Tasks(database, wall_clock, int(settings.lease_s * 1000)), make_app(settings), settings.pause_s)
    )
    parent = os.getppid()
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    child = await _start()
    try:
        while os.getppid() == parent and not stop.is_set():
            await asyncio.sleep(0.5)
            if child.returncode is not None:
                await asyncio.sleep(AGAIN_S)
                child = await _start()
            if sending.done():
                sending.result()
    finally:
        sending.cancel()
        if child.returncode is None:
            child.kill()
            await child.wait()
        await database.close()


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", "child")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    die_with_parent()
    if sys.argv[1:] == ["child"]:
        worker_main()
    else:
        asyncio.run(main())
