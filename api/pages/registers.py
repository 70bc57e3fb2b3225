"""The books: as paper shows them, newest first, what was struck through with the new beside it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.http.findings import told
from api.pages.seat import Seat
from api.texts import Language, catalogue, text
from graph.errors import NotAvailable
from graph.kinds import RELATIONS
from graph.law.levels import LEVELS
from storage.act import ACTS
from storage.lines import Line
from storage.office import REFUSAL_REGISTER
from storage.paper import BOOKS
from storage.titles import WITHHELD, ids_in

PAGE = 50
OWN = "own"
EITHER_WAY = {"names_hidden"}
"""Fields whose no says as much as their yes."""
LEFT_OUT = {"id", "series", "keys", "before", "seq", "ids", "nodes", "key_sha256", "sha256"}


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a line: what it said, and what it says now where it was corrected."""

    name: str
    said: str
    now: str | None = None
    reason: str = ""


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
    ids = {
        *page.ids,
        *(part.strip() for line in page.lines for id_ in ids_in(line.line) for part in id_.split(",")),
    }
    names = await show.names(ids, seat.viewer)
    return seat.render(
        "register.html",
        register=register,
        page=page,
        cells={line.ref: cells(line, names, seat.language) for line in page.lines},
        names=names,
        acts=ACTS,
    )


def cells(line: Line, names: show.Json, language: Language) -> list[Cell]:
    """The fields of a line in words, corrections beside what they correct."""
    known = catalogue(language)
    mended = {each["field"]: each for each in line.corrections}
    fields = ACTS[line.act].params.__struct_fields__ if line.act in ACTS else ()
    if "key" in line.line and "code" in line.line:
        said = told(
            line.line["code"], line.line["subject"], line.line["person"], line.line["values"], names, language
        )
        return [Cell(name=text(language, "column.content"), said=said)]
    found = []
    for name, value in sorted(line.line.items(), key=lambda pair: _place(pair[0], fields)):
        empty = value in (None, "", [], {}) or (value is False and name not in EITHER_WAY)
        if name in LEFT_OUT or empty or value == line.subject:
            continue
        label = f"column.{name}"
        correction = mended.get(name)
        found.append(
            Cell(
                name=known.get(label, name),
                said=_said(value, names, language),
                now=_said(correction["new"], names, language) if correction else None,
                reason=str(correction["reason"]) if correction else "",
            )
        )
    return found


def _place(name: str, fields: tuple[str, ...]) -> int:
    """What was typed in the order of its form, then what came of it."""
    return fields.index(name) if name in fields else len(fields)


def _said(value: Any, names: show.Json, language: Language) -> str:
    if isinstance(value, bool):
        return text(language, "word.yes" if value else "word.no")
    if value is None:
        return text(language, "word.none")
    if isinstance(value, list):
        return text(language, "word.comma").join(_said(each, names, language) for each in value)
    if isinstance(value, dict):
        if value.get("serial"):
            return str(value["serial"])
        parts = [_said(each, names, language) for each in value.values() if each not in (None, "", [])]
        return text(language, "word.comma").join(parts)
    shown = str(value)
    if shown == WITHHELD:
        return text(language, "word.withheld")
    if shown in names:
        return str(names[shown][language])
    if shown in LEVELS or shown in RELATIONS:
        return str(show.word(shown, {})[language])
    if f"procedure.{shown}" in catalogue(language):
        return text(language, f"procedure.{shown}")
    return catalogue(language).get(f"value.{shown}", shown)


HANDLERS = (registers, register)
