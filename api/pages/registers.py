"""The books: as paper shows them, newest first, what was struck through with the new beside it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.cells import cells, ids_of
from api.pages.seat import Seat
from graph.errors import NotAvailable
from storage.act import ACTS
from storage.office import REFUSAL_REGISTER
from storage.paper import BOOKS

PAGE = 50
OWN = "own"


@get("/registers")
async def registers(seat: NamedDependency[Seat]) -> Response[str]:
    return seat.render(
        "registers.html",
        books=await seat.books.registers(seat.person),
        paper=tuple(BOOKS) if seat.reads_books else (),
    )


@get("/registers/{register:str}")
async def register(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], register: FromPath[str]
) -> Response[str]:
    books = {kind.register for kind in ACTS.values()} | {REFUSAL_REGISTER} if seat.reads_books else set()
    if register not in books | {OWN}:
        raise NotAvailable
    page = await seat.books.lines(
        seat.person, register, limit=PAGE, cursor=request.query_params.get("cursor") or None
    )
    names = await show.names({*page.ids, *ids_of(page.lines)}, seat.viewer)
    return seat.render(
        "register.html",
        register=register,
        page=page,
        cells={line.ref: cells(line, names, seat.language) for line in page.lines},
        names=names,
        acts=ACTS,
    )


HANDLERS = (registers, register)
