"""The questions about hands, rooms and what has been: has-known, can-reach, exposure."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import show_reach
from api.http.questions import At, ItemId, KnownAt, Limit, Since, beginning, rooms, viewer_of, when
from graph import reach
from graph.access import PAGE
from graph.errors import BadField
from graph.reach import Asked
from storage.accounts import SignedIn
from storage.ledger import Ledger

Cursor = Annotated[str | None, QueryParameter(max_length=160, description="Where the last page ended")]
OptionalId = Annotated[str | None, QueryParameter(min_length=1, max_length=64)]


async def asked(
    ledger: Ledger, asker: str, at: str | None, known_at: str | None, since: str | None, limit: int, cursor: str | None
) -> Asked:  # fmt: skip
    return Asked(
        asker=asker, when=await when(ledger, at, known_at), since=beginning(since), limit=limit, cursor=cursor
    )


def one_of_two(item: str | None, carrier: str | None) -> str:
    """What the question is about: a carrier, or a document with all its carriers. Raises BadField."""
    if item and carrier:
        raise BadField("carrier", "one-of-two", other="item")
    named = carrier or item
    if not named:
        raise BadField("carrier", "missing")
    return named


@get("/has-known", summary="Who has in fact read, handled or heard an item")
async def has_known(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: ItemId, at: At = None,
    known_at: KnownAt = None, limit: Limit = PAGE, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """Whatever they may know today: mode, time, and the reading or carrier it was by (S03-4.1d)."""
    questions, ledger = rooms(request)
    return await show_reach.known(
        await reach.has_known(
            questions, item, await asked(ledger, ready.person, at, known_at, None, limit, cursor)
        ),
        viewer_of(request, ready),
    )


@get("/can-reach", summary="Who reaches a carrier, or a document's carriers, through rooms, keys and hands")
async def can_reach(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: OptionalId = None,
    carrier: OptionalId = None, person: OptionalId = None, at: At = None, known_at: KnownAt = None, since: Since = None, limit: Limit = PAGE,
    cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """Everyone, or the one person asked about. With `since`, whoever could at some instant from then on."""
    named = one_of_two(item, carrier)
    questions, ledger = rooms(request)
    sent = await asked(ledger, ready.person, at, known_at, since, limit, cursor)
    return await show_reach.reachers(
        await reach.can_reach(questions, named, sent, person=person), viewer_of(request, ready)
    )


@get("/exposure", summary="Who reaches it, may not know it, and is no custodian of it")
async def exposure(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: OptionalId = None,
    carrier: OptionalId = None, at: At = None, known_at: KnownAt = None, since: Since = None, limit: Limit = PAGE,
    cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """Of one carrier, or of every carrier of a document (`item` takes either)."""
    named = one_of_two(item, carrier)
    questions, ledger = rooms(request)
    sent = await asked(ledger, ready.person, at, known_at, since, limit, cursor)
    return await show_reach.reachers(await reach.exposure(questions, named, sent), viewer_of(request, ready))


router = Router(path="/questions", route_handlers=[has_known, can_reach, exposure], tags=["questions"])
