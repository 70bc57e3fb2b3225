"""Figures for monitoring in Prometheus's text format, for whoever shows the token of `ZHIXI_METRICS_TOKEN`.

A loopback address is no proof of anything behind a proxy. Without the token, and where none is set, this is no route.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from api import auth
from api.http.health import services
from api.metrics import Meter, by, gauge
from api.settings import Settings
from graph.errors import Unavailable
from storage.gauges import gauges
from storage.wiring import Wiring


@get("/metrics", summary="Figures for monitoring, for the token of ZHIXI_METRICS_TOKEN")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    settings: Settings = request.app.state.settings
    token = settings.http.metrics_token
    if not token or not hmac.compare_digest((auth.bearer(request) or "").encode(), token.encode()):
        raise NotFoundException
    meter: Meter = request.app.state.meter
    standing = [each async for each in _standing(request.app.state.wiring)]
    return Response(
        meter.text(standing), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"}
    )


async def _standing(wiring: Wiring) -> AsyncIterator[Metric]:
    """What cannot be asked now is left out: an old figure would look like a good one."""
    answering = await services(wiring)
    yield by(
        "service_up",
        "Whether a service answers",
        "service",
        ((name, int(up)) for name, up in answering.items()),
    )
    remembered = wiring.questions.remembered()
    if remembered is not None:
        yield gauge("replica_facts", "Versions of facts in this process's memory", remembered.facts)
        yield gauge("replica_seq", "The entry that this process's memory has come to", remembered.seq)
    if not answering["database"]:
        return
    found = await gauges(wiring.database)
    yield gauge("ledger_seq", "Entries of the ledger", found.head)
    yield by("tasks", "Tasks that are not done, by state", "state", found.tasks.items())
    yield by(
        "files_wrong", "Stored files that were not as entered when last read", "wrong", found.wrong.items()
    )
    if found.backup is not None:
        yield gauge("backup_timestamp_seconds", "When the last backup was begun", found.backup / 1000)
    try:
        clock = await wiring.connection.read("clock", {}) if answering["graph"] else None
    except Unavailable:
        return
    if clock is not None:
        yield gauge(
            "graph_lag", "Entries that the graph has yet to take in", max(0, found.head - clock["seq"])
        )


router = Router(path="/", route_handlers=[metrics], tags=["health"])
