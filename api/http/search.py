"""Search over titles, numbers and text, under the gate."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from storage.accounts import SignedIn


@get("/search", summary="Find documents by title, number or text")
async def search(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn],
    q: Annotated[str, QueryParameter(max_length=200, description="A phrase")],
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> dict[str, Any]:  # fmt: skip
    """Newest first; what the asker may not know of is not counted, ranked or hinted at."""
    found = await request.app.state.search.find(ready.person, q, limit=limit, cursor=cursor)
    return {"query": q, **msgspec.to_builtins(found)}


router = Router(path="/", route_handlers=[search], tags=["records"])
