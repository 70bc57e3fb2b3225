"""The Celery app and its one task: the id of a row. What the rows ask for stands in `workers/jobs.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from celery import Celery
from kombu.entity import Queue

from storage.keys import OrganisationKey
from workers.loop import Bench
from workers.settings import WorkerSettings

TASK: Final = "zhixi.run"
FILESYSTEM: Final = "filesystem:"
QUEUE_KEPT_MS: Final = 24 * 3600 * 1000
"""A queue that nobody uses for so long is removed: every task is a row, so nothing is lost with it."""
TELL_AGAIN_S: Final = 4


def make_app(settings: WorkerSettings) -> Celery:
    """`filesystem:PATH` keeps messages in a folder; anything else is the broker's own address.

    The queue is called after the organisation's key: two organisations on one broker never take each other's tasks.
    """
    folder = _folder(settings.broker)
    queue = f"zhixi-{OrganisationKey.load(settings.storage.key_file).id[:16]}"
    app = Celery("zhixi", broker="filesystem://" if folder else settings.broker, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue=queue,
        task_queues=[
            Queue(queue, routing_key=queue, queue_arguments={"x-expires": QUEUE_KEPT_MS})  # type: ignore[no-untyped-call]
        ],
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=TELL_AGAIN_S,
        broker_transport_options=_folders(folder) if folder else {},
    )
    return app


def _folder(broker: str) -> Path | None:
    return Path(broker.removeprefix(FILESYSTEM)) if broker.startswith(FILESYSTEM) else None


def _folders(folder: Path) -> dict[str, Any]:
    names = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
    for name in names.values():
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {**{option: str(folder / name) for option, name in names.items()}, "polling_interval": 0.5}


def worker_main(settings: WorkerSettings) -> None:
    """The child process: takes ids from the broker and does them, one at a time."""
    app = make_app(settings)
    bench = Bench(settings)

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def run(id_: str) -> None:
        bench.run(id_)

    app.worker_main(
        [
            "--quiet", "worker", "--pool=solo", "--loglevel=WARNING", "--without-gossip", "--without-mingle",
            "--without-heartbeat",
        ]
    )  # fmt: skip
