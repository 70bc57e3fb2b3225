"""Settings of the workers, read from the mapping the entry point passes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from storage.settings import StorageSettings


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    storage: Annotated[StorageSettings, Meta(description="The same storage as the server's")]
    broker: Annotated[str, Meta(description="filesystem:PATH or amqp://user:password@host:port//")]
    lease_s: Annotated[
        float, Meta(gt=0, description="Seconds after which a task without a result is sent again")
    ] = 120.0
    pause_s: Annotated[float, Meta(gt=0, description="Seconds between two looks for tasks")] = 1.0


def read(mapping: Mapping[str, str]) -> WorkerSettings:
    """Whoever starts the workers names every address: nothing is guessed here."""
    return WorkerSettings(
        storage=StorageSettings(
            database=mapping["ZHIXI_DATABASE"],
            vault=mapping["ZHIXI_VAULT"],
            key_file=Path(mapping["ZHIXI_KEY_FILE"]),
            anchors=Path(mapping["ZHIXI_ANCHORS"]),
        ),
        broker=mapping["ZHIXI_BROKER"],
        lease_s=float(mapping.get("ZHIXI_TASK_LEASE_S", "120")),
    )
