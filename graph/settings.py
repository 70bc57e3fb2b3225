"""Settings of the graph, one frozen struct with a description per field."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class GraphSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Annotated[
        str,
        Meta(
            description="embedded:PATH for the engine of that folder, or bolt://user:password@host:port/database"
        ),
    ]
    heap_mb: Annotated[int, Meta(ge=128, description="Heap of the embedded engine, in megabytes")] = 512
    connect_timeout_s: Annotated[
        float, Meta(gt=0, description="Seconds to wait for the graph before it counts as down")
    ] = 5.0
    pool_size: Annotated[int, Meta(ge=1, description="Bolt connections a process keeps at most")] = 32
    catch_up_wait_s: Annotated[
        float, Meta(gt=0, description="Seconds a question waits for the graph to reach the ledger's head")
    ] = 10.0
    replica_facts: Annotated[
        int,
        Meta(
            ge=0,
            description="Versions of facts a process keeps in memory at most; 0 asks the graph every time",
        ),
    ] = 2_000_000
