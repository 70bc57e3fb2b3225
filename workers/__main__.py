"""`python -m workers`: the relay, and one Celery worker as a child. Both end with whoever started them.

`python -m workers under PID` is what a server starts: it also ends where its parent did before it could ask to.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
from typing import Final

from graph.errors import BadInput
from storage.keys import KeyFileError
from storage.tables import ALL_TABLES
from storage.tasks import Tasks
from storage.transaction import Database
from workers.app import make_app, worker_main
from workers.loop import wall_clock
from workers.relay import relay
from workers.settings import WorkerSettings, read

PR_SET_PDEATHSIG: Final = 1
AGAIN_S: Final = 2.0
LEAVE_S: Final = 5.0
CHILD: Final = "child"
UNDER: Final = "under"
log = logging.getLogger("zhixi.workers")


def end_with(parent: int, by: signal.Signals) -> None:
    """Linux: be ended when the parent is, which may have ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
        if os.getppid() != parent:
            raise SystemExit(0)


async def main(settings: WorkerSettings) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    app = make_app(settings)
    database = Database(settings.storage, ALL_TABLES)
    await database.open()
    tasks = Tasks(database, wall_clock, int(settings.lease_s * 1000))
    running = [asyncio.create_task(relay(tasks, app, settings)), asyncio.create_task(_keep_a_child())]
    try:
        await stop.wait()
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await database.close()


async def _keep_a_child() -> None:
    """A worker at all times, until cancelled; then it may end what it does for a moment."""
    while True:
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", CHILD, str(os.getpid()))
        try:
            ended = await child.wait()
            log.warning("the worker ended with status %s; another is started", ended)
            await asyncio.sleep(AGAIN_S)
        finally:
            if child.returncode is None:
                await _ended(child)


async def _ended(child: asyncio.subprocess.Process) -> None:
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), LEAVE_S)
    except TimeoutError:
        child.kill()
        await child.wait()


def run(arguments: list[str]) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)  # it misses the host that a folder has not
    if arguments[:1] == [CHILD]:
        end_with(int(arguments[1]), signal.SIGKILL)
        worker_main(read(os.environ))
        return
    end_with(int(arguments[1]) if arguments[:1] == [UNDER] else os.getppid(), signal.SIGTERM)
    try:
        settings = read(os.environ)
        asyncio.run(main(settings))
    except (BadInput, KeyFileError) as error:
        raise SystemExit(f"workers: {error}") from None


if __name__ == "__main__":
    run(sys.argv[1:])
