"""Reading: opened by a POST that is judged and entered, then page by page under it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.readings import READING_LASTS_MS, standing
from api.pages import forms, view
from api.pages.forms import Form
from api.pages.seat import Seat
from graph.errors import NotAvailable
from storage.tables.catalogue import Document, File

DOWNLOAD = "download"


@post("/documents/{document:str}/readings")
async def open_reading(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    """Refused with every rule id, or entered; the terminal is the session's."""
    form = await Form.sent(request)
    mode = DOWNLOAD if form.text("mode") == DOWNLOAD else "read"
    sent = forms.given(document=document, file=form.text("file"), device=seat.who.device or "", mode=mode)
    outcome = await seat.wiring.office.do(seat.person, "open-reading", sent)
    reading = outcome.result["reading"]
    return view.to(f"/api/v1/readings/{reading}/content" if mode == DOWNLOAD else f"/readings/{reading}")


@get("/readings/{reading:str}")
async def reading(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], reading: FromPath[str]
) -> Response[str]:
    """One page of the file under the reading; judged again now."""
    row = await standing(seat.wiring, seat.who, reading)
    documents = await Document.select().where(Document.id == row["document"])
    files = await File.select().where(File.id == row["file"])
    if not documents:
        raise NotAvailable
    pages = int(files[0]["pages"] or 0) if files else 0
    typed = str(request.query_params.get("page", "1"))
    page = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < 7 else 1
    return seat.render(
        "reading.html",
        reading=reading,
        document=(await seat.books.visible(seat.person, documents))[0],
        file=files[0] if files else None,
        pages=pages,
        page=min(max(page, 1), max(pages, 1)),
        until=row["opened_at"] + READING_LASTS_MS,
        opened_at=row["opened_at"],
    )


HANDLERS = (open_reading, reading)
