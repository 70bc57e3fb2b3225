"""Whether everything the doors need is reachable; each service by name."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, Router, get

from graph.errors import GraphMismatch, Unavailable
from storage.errors import NotFounded
from storage.wiring import Wiring

log = logging.getLogger("zhixi.health")


@get("/health", summary="Which services answer", exclude_from_auth=True)
async def health(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    found = await services(request.app.state.wiring)
    well = all(found.values())
    return Response({"well": well, "services": found}, status_code=200 if well else 503)


async def services(wiring: Wiring) -> dict[str, bool]:
    """Each service by name, and whether it answers."""
    return {
        "database": await _answers(wiring.database.run("SELECT 1 AS one")),
        "graph": await _answers(_graph(wiring)),
        "vault": await _answers(wiring.vault.check()),
    }


async def _answers(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except (Unavailable, GraphMismatch) as failed:
        log.warning("not well: %s", failed)
        return False
    return True


async def _graph(wiring: Wiring) -> None:
    """It answers, and what it holds is this ledger's."""
    try:
        head = await wiring.ledger.head()
    except NotFounded:
        await wiring.connection.read("clock", {})
    else:
        await wiring.projection.look(head)


router = Router(path="/", route_handlers=[health], tags=["health"])
