"""One document: its mark and numbers, its carriers and files, who can see it and through what, and why somebody cannot."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.http.questions import when
from api.pages import forms, lists, pickers
from api.pages.forms import Faults
from api.pages.seat import Seat
from graph.access import When
from graph.errors import BadInput, NotAvailable
from graph.kinds import Node
from storage.lines import DocumentPage, Line
from storage.registers.copies import approvals

PEOPLE = 100
READINGS = 20


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the page was asked: the two dates as typed, and about whom."""

    at: str
    known_at: str
    q: str
    person: str
    cursor: str


@get("/documents/{document:str}")
async def document(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    page = await seat.books.document(seat.person, document)
    if page is None:
        raise NotAvailable
    query = request.query_params
    asked = Asked(**{name: str(query.get(name, "")).strip() for name in Asked.__struct_fields__})
    stands, faults = await _when(seat, asked)
    audience = await show.audience(
        await seat.wiring.questions.audience(
            seat.person, document, stands, limit=PEOPLE, cursor=asked.cursor or None
        ),
        seat.viewer,
    )
    judged, offered = await _why(seat, document, asked, stands)
    readings = await _readings(seat, document)
    ids = {*page.ids, *(line.actor for line in readings), *([asked.person] if judged else [])}
    return seat.render(
        "document.html",
        status=faults.status if faults else 200,
        page=page,
        asked=asked,
        faults=faults,
        audience=audience,
        judged=judged,
        offered=offered,
        readings=readings,
        ways=ways_of(audience),
        sources={each.id: each.serial or each.id for each in page.carriers},
        names={**await show.names(ids, seat.viewer), **audience["names"]},
        downloads=await _downloads(seat, page),
        staged=await lists.staged(seat.viewer, document) if seat.keeps else [],
        needs_range=await _needs_range(seat, page),
        done=query.get("done", ""),
    )


async def _when(seat: Seat, asked: Asked) -> tuple[When, Faults | None]:
    """A date that cannot be read is said beside its field; the page then answers for now."""
    try:
        return await when(seat.wiring.ledger, asked.at or None, asked.known_at or None), None
    except BadInput as error:
        return When(), forms.faults(error, seat.language)


async def _why(
    seat: Seat, document: str, asked: Asked, stands: When
) -> tuple[forms.Json | None, tuple[pickers.Choice, ...]]:
    """The judgement on one person; where several answer to what was typed, who they are."""
    person = asked.person
    offered: tuple[pickers.Choice, ...] = ()
    if not person and asked.q:
        offered = await pickers.choices(await seat.books.people(asked.q, limit=pickers.OFFERED))
        person = offered[0].id if len(offered) == 1 else ""
    if not person:
        return None, offered
    try:
        answer = await seat.wiring.questions.may_know(seat.person, person, document, stands)
    except NotAvailable:
        return None, offered
    return await show.judgement(answer, seat.viewer), ()


def ways_of(audience: forms.Json) -> dict[str, list[list[forms.Json]]]:
    """Routes by person, the steps of each in the order they are walked."""
    return {each["person"]: [route["steps"] for route in each["routes"]] for each in audience["people"]}


async def _downloads(seat: Seat, page: DocumentPage) -> set[str]:
    """The files one may download now, under an approval that runs."""
    carriers = {each.carrier: each.id for each in page.files if each.state == "accepted"}
    if not carriers:
        return set()
    brought, stand = await seat.wiring.questions.neighbourhood()
    world = await brought.around(dict.fromkeys(carriers, Node.CARRIER.value))
    return {
        file
        for carrier, file in carriers.items()
        if approvals(world, carrier, seat.person, "download", stand.at)
    }


async def _readings(seat: Seat, document: str) -> tuple[Line, ...]:
    """The reading register of this document, for those who keep or oversee the books."""
    if not seat.reads_books:
        return ()
    page = await seat.books.lines(seat.person, "readings", limit=READINGS, cursor=None, subject=document)
    return page.lines


async def _needs_range(seat: Seat, page: DocumentPage) -> bool:
    if not (seat.keeps or seat.leads):
        return False
    return bool(await lists.without_range(seat.wiring.database, seat.viewer, page.document.id))


HANDLERS = (document,)
