"""Settings of the workers, read from the mapping the entry point passes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from storage.settings import StorageSettings


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    storage: Annotated[StorageSettings, Meta(description="The same storage as the server's")]
    broker: Annotated[str, Meta(description="filesystem:PATH or amqp://user:password@host:port//")]
    lease_s: Annotated[
        float, Meta(gt=0, description="Seconds after which a task without a result is sent again")
    ] = 120.0
    pause_s: Annotated[float, Meta(gt=0, description="Seconds between two looks for tasks")] = 1.0
    longest_s: Annotated[
        float, Meta(gt=0, description="Seconds after which a task is given up and its process begun anew")
    ] = 1800.0
    sweep_s: Annotated[
        float, Meta(gt=0, description="Seconds from one clearing-up of abandoned uploads to the next")
    ] = 3600.0
    round_s: Annotated[float, Meta(gt=0, description="Seconds from one round of the clock to the next")] = (
        3600.0
    )
    replica_facts: Annotated[
        int, Meta(ge=1, description="Versions of facts a worker keeps in memory at most")
    ] = 2_000_000


FIELDS = {
    "ZHIXI_BROKER": "broker",
    "ZHIXI_TASK_LEASE_S": "lease_s",
    "ZHIXI_TASK_LONGEST_S": "longest_s",
    "ZHIXI_ROUND_S": "round_s",
}
STORAGE = {
    "ZHIXI_DATABASE": "database",
    "ZHIXI_VAULT": "vault",
    "ZHIXI_KEY_FILE": "key_file",
    "ZHIXI_ANCHORS": "anchors",
}


def read(mapping: Mapping[str, str]) -> WorkerSettings:
    """Whoever starts the workers names every address: nothing is guessed here. Raises BadField naming the setting."""
    for name in (*STORAGE, "ZHIXI_BROKER"):
        if not mapping.get(name):
            raise BadField(name, "missing")
    own = {field: mapping[name] for name, field in FIELDS.items() if mapping.get(name)}
    storage = {field: mapping[name] for name, field in STORAGE.items()}
    try:
        return msgspec.convert({**own, "storage": storage}, WorkerSettings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        field = path.rstrip("`")
        names = {field: name for name, field in FIELDS.items()}
        raise BadField(names.get(field, field), "wrong-type", expected=message) from None


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise TypeError(kind)
