"""Search over titles, numbers and text, under the gate: what one may not know of is neither found nor counted."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.pages import forms
from api.pages.forms import Faults
from api.pages.seat import Seat
from graph.errors import BadInput
from storage.search import Hits

PAGE = 50
LONGEST = 100


@get("/search")
async def search(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    typed = str(request.query_params.get("q", "")).strip()[:LONGEST]
    hits: Hits | None = None
    faults: Faults | None = None
    if typed:
        try:
            hits = await request.app.state.search.find(
                seat.person, typed, limit=PAGE, cursor=request.query_params.get("cursor") or None
            )
        except BadInput as error:
            faults = forms.faults(error, seat.language)
    return seat.render(
        "search.html", status=faults.status if faults else 200, q=typed, hits=hits, faults=faults
    )


HANDLERS = (search,)
