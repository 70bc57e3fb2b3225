"""Registers, documents, carriers, folders, people: what the asker may know of, and the evidence of a fact."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api import show
from api.cells import ids_of, table
from api.evidence import told
from api.sheets import MEDIA, Form, sheet
from api.texts import Language, pick
from graph.errors import NotAvailable
from storage.accounts import SignedIn
from storage.books import Books
from storage.lines import Line

MOST = 1000
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(max_length=64)]


def books(request: Request[Any, Any, Any]) -> Books:
    found: Books = request.app.state.books
    return found


@get("/registers", summary="The books there are")
async def registers(
    ready: NamedDependency[SignedIn], request: Request[Any, Any, Any]
) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(each) for each in await books(request).registers(ready.person)]


@get("/registers/{register:str}", summary="One book, a page at a time")
async def register(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], register: FromPath[str], limit: Limit = 100,
    cursor: Cursor = None, form: Annotated[Literal["json", "csv", "xlsx"], QueryParameter(name="format")] = "json",
    subject: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> Response[Any]:  # fmt: skip
    """Lines as paper shows them, newest first; those the asker may not know of are left out. A sheet holds the whole book."""
    if form != "json":
        return await _whole(request, ready, register, form, subject)
    page = await books(request).lines(ready.person, register, limit=limit, cursor=cursor, subject=subject)
    return Response(
        {
            "register": register,
            "lines": [msgspec.to_builtins(line) for line in page.lines],
            "complete": page.complete,
            "cursor": page.cursor,
            "names": await show.names(page.ids, books(request).viewer(ready.person)),
        }
    )


async def _whole(
    request: Request[Any, Any, Any], ready: SignedIn, register: str, form: Form, subject: str | None
) -> Response[Any]:
    """Every line of a book with its columns in words: a sheet has no next page to ask for."""
    kept = books(request)
    lines: list[Line] = []
    cursor: str | None = None
    while True:
        page = await kept.lines(ready.person, register, limit=MOST, cursor=cursor, subject=subject)
        lines += page.lines
        cursor = page.cursor
        if page.complete:
            break
    language = pick(ready.language if ready.kind == "page" else request.headers.get("accept-language"))
    names = await show.names(ids_of(lines), kept.viewer(ready.person))
    drawn = await asyncio.to_thread(_drawn, form, lines, register, names, language)
    return Response(drawn, media_type=MEDIA[form])


def _drawn(form: Form, lines: list[Line], register: str, names: show.Json, language: Language) -> bytes:
    whole = table(lines, register, names, language)
    return sheet(form, whole.heads, whole.rows, whole.struck)


@get("/documents", summary="Documents the asker may know of")
async def documents(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], limit: Limit = 100, cursor: Cursor = None,
    folder: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> dict[str, Any]:  # fmt: skip
    page = await books(request).documents(ready.person, limit=limit, cursor=cursor, folder=folder)
    return msgspec.to_builtins(page)  # type: ignore[no-any-return]


@get("/documents/{document:str}", summary="One document: marks, carriers, what the asker may do")
async def document(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], document: FromPath[str]
) -> dict[str, Any]:
    page = await books(request).document(ready.person, document)
    if page is None:
        raise NotAvailable
    return {
        **msgspec.to_builtins(page),
        "names": await show.names(page.ids, books(request).viewer(ready.person)),
    }


@get("/folders", summary="The filing plan")
async def folders(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(each) for each in await books(request).folders(ready.person)]


@get("/people", summary="People by name, pinyin, initials or staff number")
async def people(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn],
    q: Annotated[str, QueryParameter(max_length=100)] = "", limit: Limit = 20,
) -> list[dict[str, Any]]:  # fmt: skip
    return [msgspec.to_builtins(each) for each in await books(request).people(q, limit=limit)]


@get("/evidence/{fact:str}", summary="What stands behind an edge")
async def evidence(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], fact: FromPath[str]
) -> dict[str, Any]:
    """The entry that brought a fact: register, who entered it, who decided by what proof, the articles. In the page's language."""
    found = await books(request).evidence(ready.person, fact)
    if found is None:
        raise NotAvailable
    language = pick(ready.language if ready.kind == "page" else request.headers.get("accept-language"))
    names = await show.names({*found.ids, found.decided_by}, books(request).viewer(ready.person))
    return told(found, names, language)


router = Router(
    path="/",
    route_handlers=[registers, register, documents, document, folders, people, evidence],
    tags=["records"],
)
