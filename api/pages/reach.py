"""Beside the right to know: who has known a document, who reaches its carriers, and who reaches without the right."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show_reach
from api.http.questions import beginning, when
from api.pages import forms
from api.pages.carriers import carrier_of, known
from api.pages.forms import Faults
from api.pages.seat import Seat
from api.texts import text
from graph import reach
from graph.access import LARGEST_PAGE
from graph.errors import BadInput
from graph.law import gate
from graph.reach import Asked

ASKERS = (*gate.OVERSEERS, "CUSTODIAN_OF")
LIMIT = 200


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """The dates as typed, and where the last page ended."""

    at: str
    known_at: str
    since: str
    cursor: str


@get("/documents/{document:str}/known")
async def has_known(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*ASKERS)
    page = await known(seat, document)
    typed, asked, faults = await _asked(request, seat)
    answer = await show_reach.known(
        await reach.has_known(seat.wiring.questions, document, asked), seat.viewer
    )
    return seat.render(
        "known.html",
        status=faults.status if faults else 200,
        page=page,
        typed=typed,
        faults=faults,
        answer=answer,
        sentence=text(seat.language, "page.known.sentence", count=answer["total"], title=page.document.title),
    )


@get("/documents/{document:str}/exposure")
async def exposure(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    """Over every carrier of the document."""
    seat.require(*ASKERS)
    page = await known(seat, document)
    typed, asked, faults = await _asked(request, seat)
    answer = await show_reach.reachers(
        await reach.exposure(seat.wiring.questions, document, asked), seat.viewer
    )
    sentence = text(seat.language, "page.exposure.sentence", count=answer["total"], title=page.document.title)
    return seat.render(
        "reach.html",
        status=faults.status if faults else 200,
        page=page,
        line=None,
        typed=typed,
        faults=faults,
        answer=answer,
        exposed={each["person"] for each in answer["people"]},
        title=text(seat.language, "page.exposure.title"),
        sentence=sentence,
        serials=_serials(page),
    )


@get("/documents/{document:str}/carriers/{carrier:str}/reach")
async def can_reach(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str], carrier: FromPath[str]
) -> Response[str]:  # fmt: skip
    """Of one carrier: everyone who reaches it, those without the right to know marked."""
    seat.require(*ASKERS)
    page = await known(seat, document)
    line = carrier_of(page, carrier)
    typed, asked, faults = await _asked(request, seat)
    answer = await show_reach.reachers(
        await reach.can_reach(seat.wiring.questions, carrier, asked), seat.viewer
    )
    every = msgspec.structs.replace(asked, limit=LARGEST_PAGE, cursor=None)
    exposed = await reach.exposure(seat.wiring.questions, carrier, every)
    sentence = text(
        seat.language,
        "page.can-reach.sentence",
        serial=line.serial or line.id,
        count=answer["total"],
        exposed=exposed.total,
    )
    return seat.render(
        "reach.html",
        status=faults.status if faults else 200,
        page=page,
        line=line,
        typed=typed,
        faults=faults,
        answer=answer,
        exposed={each.person for each in exposed.people},
        title=text(seat.language, "page.can-reach.title"),
        sentence=sentence,
        serials=_serials(page),
    )


def _serials(page: Any) -> dict[str, str]:
    return {each.id: each.serial or each.id for each in page.carriers}


async def _asked(request: Request[Any, Any, Any], seat: Seat) -> tuple[Typed, Asked, Faults | None]:
    """A date that cannot be read is said beside its field; the page then answers for now."""
    query = request.query_params
    typed = Typed(**{name: str(query.get(name, "")).strip() for name in Typed.__struct_fields__})
    plain = Asked(asker=seat.person, limit=LIMIT)
    try:
        stands = await when(seat.wiring.ledger, typed.at or None, typed.known_at or None)
        asked = Asked(
            asker=seat.person,
            when=stands,
            since=beginning(typed.since or None),
            limit=LIMIT,
            cursor=typed.cursor or None,
        )
        asked.check(stands.at if stands.at is not None else seat.stand.at)
    except BadInput as error:
        return typed, plain, forms.faults(error, seat.language)
    return typed, asked, None


HANDLERS = (has_known, exposure, can_reach)
