"""The books of carriers on the page, with the columns of their forms."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http import paper
from api.pages.seat import Seat
from api.texts import text
from graph.errors import NotAvailable
from storage.paper import BOOKS

PAGE = 100


@get("/paper/{book:str}")
async def book(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], book: FromPath[str]
) -> Response[str]:
    kept = await paper.kept(request, seat.person)
    if book not in BOOKS:
        raise NotAvailable
    typed = request.query_params.get("offset", "0")
    offset = int(typed) if typed.isdecimal() and len(typed) < 8 else 0
    page = await kept.page(seat.person, book, offset=offset, limit=PAGE)
    return seat.render(
        "paper.html",
        book=book,
        page=page,
        heads=[text(seat.language, f"column.{name}") for name in page.columns],
        rows=await paper.in_words(request, seat.person, page, seat.language),
        following=offset + PAGE,
        complete=offset + PAGE >= page.total,
    )


HANDLERS = (book,)
