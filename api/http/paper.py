"""The books of carriers as paper shows them: 收文, 发文, 使用, 清退, 销毁, 知悉."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api import show
from api.http.records import books
from api.sheets import MEDIA, sheet
from api.texts import Language, catalogue, pick, text
from graph.errors import NotAvailable
from storage.accounts import SignedIn
from storage.paper import BOOKS, NAMES, Page, PaperBooks

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000)]


@get("/paper", summary="The paper books there are, with their columns")
async def paper_books(
    ready: NamedDependency[SignedIn], request: Request[Any, Any, Any]
) -> list[dict[str, str]]:
    await kept(request, ready.person)
    return [
        {"book": name, "zh": text("zh", f"paper.{name}"), "en": text("en", f"paper.{name}")} for name in BOOKS
    ]


@get("/paper/{book:str}", summary="One paper book")
async def paper_book(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], book: FromPath[str], limit: Limit = 100,
    offset: Offset = 0, form: Annotated[Literal["json", "csv", "xlsx"], QueryParameter(name="format")] = "json",
) -> Response[Any]:  # fmt: skip
    """Its columns in the order of the form. For those who keep or oversee the books. A sheet holds the whole book."""
    paper = await kept(request, ready.person)
    if book not in BOOKS:
        raise NotAvailable
    whole = form != "json"
    page = await paper.page(ready.person, book, offset=0 if whole else offset, limit=None if whole else limit)
    language = pick(ready.language if ready.kind == "page" else request.headers.get("accept-language"))
    if form == "json":
        return Response({**msgspec.to_builtins(page), "complete": offset + limit >= page.total})
    rows = await in_words(request, ready.person, page, language)
    heads = [text(language, f"column.{name}") for name in page.columns]
    return Response(sheet(form, heads, rows), media_type=MEDIA[form])


async def kept(request: Request[Any, Any, Any], asker: str) -> PaperBooks:
    """The paper books, for whoever keeps or oversees them. Raises NotAvailable."""
    paper = PaperBooks(request.app.state.wiring.questions, books(request).titles)
    if not await paper.keeps(asker):
        raise NotAvailable
    return paper


async def in_words(
    request: Request[Any, Any, Any], asker: str, page: Page, language: Language
) -> list[list[str]]:
    """The cells as people read them: names for ids, words for values."""
    names = await show.names(set(page.ids), books(request).viewer(asker))
    known = catalogue(language)

    def said(column: str, value: str) -> str:
        if column in NAMES:
            return "、".join(
                str(names[each][language]) if each in names else known.get(f"value.{each}", each)
                for each in value.split("、")
            )
        return known.get(f"value.{value}", value)

    return [[said(name, line[name]) for name in page.columns] for line in page.lines]


router = Router(path="/", route_handlers=[paper_books, paper_book], tags=["records"])
