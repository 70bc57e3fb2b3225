"""Whether everything the doors need is reachable; each service by name."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, Router, get

from graph.errors import Unavailable


@get("/health", summary="Which services answer", exclude_from_auth=True)
async def health(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    wiring = request.app.state.wiring
    services = {
        "database": await _answers(wiring.database.run("SELECT 1 AS one")),
        "graph": await _answers(wiring.connection.read("clock", {})),
        "vault": await _answers(wiring.vault.check()),
    }
    well = all(services.values())
    return Response({"well": well, "services": services}, status_code=200 if well else 503)


async def _answers(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except Unavailable:
        return False
    return True


router = Router(path="/", route_handlers=[health], tags=["health"])
