"""The Celery app and its one task: the id of a row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery

from workers.loop import Bench
from workers.settings import WorkerSettings, read

TASK = "zhixi.run"
QUEUE = "zhixi"
FILESYSTEM = "filesystem:"


def make_app(settings: WorkerSettings) -> Celery:
    """`filesystem:PATH` keeps messages in a folder; anything else is the broker's own address."""
    app = Celery("zhixi", broker=_broker_url(settings.broker))
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue=QUEUE,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=4,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        event_queue_expires=60,
        broker_transport_options=_options(settings.broker),
    )
    return app


def _broker_url(broker: str) -> str:
    return "filesystem://" if broker.startswith(FILESYSTEM) else broker


def _options(broker: str) -> dict[str, Any]:
    if not broker.startswith(FILESYSTEM):
        return {"max_retries": 2, "interval_start": 0, "interval_step": 0.5}
    folder = Path(broker.removeprefix(FILESYSTEM))
    for name in ("messages", "control", "done"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "done"),
        "store_processed": False,
    }


def worker_main() -> None:
    """The child process: takes ids from the broker and does them, one at a time."""
    settings = read(os.environ)
    app = make_app(settings)
    benches: list[Bench] = []

    def bench() -> Bench:
        if not benches:
            benches.append(Bench(settings))
        return benches[0]

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def run(id_: str) -> None:
        bench().run(id_)

    app.worker_main(
        [
            "worker",
            "--pool=solo",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
