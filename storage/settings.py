"""Settings of storage, one frozen struct with a description per field."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    database: Annotated[
        str,
        Meta(
            description="sqlite:///PATH or postgresql://server-role:password@host:port/name; the role owns nothing"
        ),
    ]
    database_owner: Annotated[
        str,
        Meta(description="PostgreSQL only: the owner's address, used by found and rebuild to make tables"),
    ] = ""
    vault: Annotated[str, Meta(description="file:///PATH or http(s)://user:secret@host:port/bucket")]
    key_file: Annotated[Path, Meta(description="The organisation's key; keep it outside database and backup")]
    anchors: Annotated[
        Path, Meta(description="Folder of signed heads, where the database account cannot write")
    ]
    pool_size: Annotated[
        int,
        Meta(ge=2, description="Database connections a process keeps at most; one writes, the others read"),
    ] = 8
    connect_timeout_s: Annotated[
        float, Meta(gt=0, description="Seconds to wait for the database before it counts as down")
    ] = 5.0
