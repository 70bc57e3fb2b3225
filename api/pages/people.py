"""People found by name, pinyin or staff number; and one person: conditions, groups, holdings and what they can see."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.pages import conditions, hands, pickers
from api.pages.seat import Seat
from graph.access import Reach
from graph.closure import settled
from graph.errors import NotAvailable
from graph.kinds import Node
from graph.law import gate
from graph.law.obligations import duties
from storage import clearances
from storage.lines import DocumentLine
from storage.tables.catalogue import Document, Person

FOUND = 50
PAGE = 50


@get("/people")
async def people(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    q = str(request.query_params.get("q", "")).strip()[:100]
    found = await pickers.choices(await seat.books.people(q, limit=FOUND + 1))
    return seat.render("people.html", q=q, found=found[:FOUND], more=len(found) > FOUND)


@get("/people/{person:str}")
async def one(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], person: FromPath[str]
) -> Response[str]:
    """Full to the person, Head, Principal, leading group and security officer; to others name and groups."""
    brought, stand = await seat.wiring.questions.neighbourhood()
    world = await brought.people([seat.person, person])
    rows = await Person.select().where(Person.id == person)
    if not rows or not gate.someone(world, person):
        raise NotAvailable
    full = gate.may_ask_about(world, seat.person, person, stand.at) is gate.Sight.FULL
    found = conditions.standing(world, person, stand)
    holdings = None
    if full or gate.may_ask_hands(seat.world, seat.person, stand.at):
        holdings = await hands.held_by(seat.wiring.questions, seat.person, person)
    reach = await _reach(request, seat, person) if full else None
    past = await clearances.of(seat.wiring.questions, person) if full else None
    bound, _ = await settled(
        brought, {person: Node.PERSON.value}, lambda facts: duties(facts, person, stand.at)
    )
    ids = (
        conditions.labels_of(found)
        | ({change.basis for change in past.changes} if past else set())
        | (hands.ids_of(holdings) if holdings else set())
    )
    return seat.render(
        "person.html",
        row=rows[0],
        full=full,
        found=found,
        duties=[show.clause(rule) for rule in bound] if full else [],
        holdings=holdings,
        past=past,
        reach=reach,
        lines=await _lines(seat, reach),
        routes={each.item: [show.route(r) for r in each.routes] for each in reach.items} if reach else {},
        names=await show.names(ids | (_nodes(reach) if reach else set()), seat.viewer),
    )


async def _reach(request: Request[Any, Any, Any], seat: Seat, person: str) -> Reach:
    return await seat.wiring.questions.reach(
        seat.person, person, limit=PAGE, cursor=request.query_params.get("cursor") or None
    )


def _nodes(reach: Reach) -> set[str]:
    return {
        node
        for item in reach.items
        for route in item.routes
        for step in route.steps
        for node in (step.source, step.target)
    }


async def _lines(seat: Seat, reach: Reach | None) -> dict[str, DocumentLine]:
    """The documents of a reach as lists show them to the asker."""
    if reach is None or not reach.items:
        return {}
    rows = await Document.select().where(Document.id.is_in([each.item for each in reach.items]))
    return {line.id: line for line in await seat.books.visible(seat.person, rows)}


HANDLERS = (people, one)
