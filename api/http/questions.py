"""The questions about the right to know: may-know, why-not, audience, reach, paths."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import show, show_reach
from graph import reach as reaching
from graph.access import PAGE, Questions, When
from graph.errors import BadField
from graph.reach import Asked
from graph.times import Instant, parse
from storage.accounts import SignedIn
from storage.books import Books
from storage.ledger import Ledger
from storage.titles import Viewer

AT = QueryParameter(
    description="The date asked about: an ISO date (24:00 that day, Asia/Shanghai) or date-time"
)
KNOWN_AT = QueryParameter(
    description="As the register stood then: an ISO date or date-time, or an entry's reference"
)
SINCE = QueryParameter(
    description="Everyone of whom it was true at some instant from then on: an ISO date (00:00) or date-time"
)
At = Annotated[str | None, AT]
Since = Annotated[str | None, SINCE]
KnownAt = Annotated[str | None, KNOWN_AT]
PersonId = Annotated[str, QueryParameter(min_length=1, max_length=64, description="Whose right to know")]
ItemId = Annotated[str, QueryParameter(min_length=1, max_length=64, description="Which document")]
Limit = Annotated[int, QueryParameter(description="How many on one page")]
Cursor = Annotated[str | None, QueryParameter(max_length=64, description="Where the last page ended")]


def beginning(since: str | None) -> Instant | None:
    """`since` as sent; a bare date is 00:00 of that day. Raises BadField."""
    return parse(since, field="since") if since else None


async def when(ledger: Ledger, at: str | None, known_at: str | None) -> When:
    """`at` and `known_at` as sent → where the question stands. Raises BadField."""
    instant = parse(at, field="at", ends_day=True) if at else None
    if not known_at:
        return When(at=instant)
    if known_at.startswith("e-"):
        body = await ledger.find(known_at)
        if body is None:
            raise BadField("known_at", "unknown-id", value=known_at)
        return When(at=instant, known=body.seq)
    return When(at=instant, known=await ledger.seq_at(parse(known_at, field="known_at", ends_day=True)))


def viewer_of(request: Request[Any, Any, Any], who: SignedIn) -> Viewer:
    """Whose eyes an answer to this request is for."""
    books: Books = request.app.state.books
    return books.viewer(who.person)


def rooms(request: Request[Any, Any, Any]) -> tuple[Questions, Ledger]:
    wiring = request.app.state.wiring
    return wiring.questions, wiring.ledger


@get("/may-know", summary="May this person know this item, and through what")
async def may_know(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: ItemId,
    person: Annotated[str | None, QueryParameter(max_length=64)] = None, at: At = None, known_at: KnownAt = None,
) -> dict[str, Any]:  # fmt: skip
    """The verdict with its routes; every failing condition where the asker may see reasons. Yourself if `person` is left out."""
    questions, ledger = rooms(request)
    answer = await questions.may_know(
        ready.person, person or ready.person, item, await when(ledger, at, known_at)
    )
    return await show.judgement(answer, viewer_of(request, ready))


@get("/why-not", summary="Every failing condition, its remedy and whose act mends it")
async def why_not(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: ItemId,
    person: Annotated[str | None, QueryParameter(max_length=64)] = None, at: At = None, known_at: KnownAt = None,
) -> dict[str, Any]:  # fmt: skip
    questions, ledger = rooms(request)
    answer = await questions.may_know(
        ready.person, person or ready.person, item, await when(ledger, at, known_at)
    )
    shown = await show.judgement(answer, viewer_of(request, ready))
    return {
        name: shown[name]
        for name in (
            "person",
            "item",
            "allowed",
            "rules",
            "reasons",
            "sight",
            "at",
            "live",
            "complete",
            "names",
        )
    }


@get("/audience", summary="Everyone who may know an item")
async def audience(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: ItemId, at: At = None,
    known_at: KnownAt = None, since: Since = None, limit: Limit = PAGE, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """Groups with counts first, then one page of people with their routes; handlers apart [G13].

    With `since`, everyone who could know it at some instant from then on, with the stretches over which they could.
    """
    questions, ledger = rooms(request)
    start = beginning(since)
    if start is not None:
        asked = Asked(asker=ready.person, when=await when(ledger, at, known_at), limit=limit, cursor=cursor)
        return await show_reach.audience_over(
            await reaching.audience_over(questions, item, start, asked), viewer_of(request, ready)
        )
    answer = await questions.audience(
        ready.person, item, await when(ledger, at, known_at), limit=limit, cursor=cursor
    )
    return await show.audience(answer, viewer_of(request, ready))


@get("/reach", summary="Everything a person may know")
async def reach(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn],
    person: Annotated[str | None, QueryParameter(max_length=64)] = None, at: At = None, known_at: KnownAt = None,
    limit: Limit = PAGE, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """One page in order of id, and the exact count."""
    questions, ledger = rooms(request)
    answer = await questions.reach(
        ready.person, person or ready.person, await when(ledger, at, known_at), limit=limit, cursor=cursor
    )
    return await show.reach(answer, viewer_of(request, ready))


@get("/paths", summary="The subgraph that proves an audience, to be drawn")
async def paths(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], item: ItemId, at: At = None,
    known_at: KnownAt = None,
) -> dict[str, Any]:  # fmt: skip
    questions, ledger = rooms(request)
    answer = await questions.paths(ready.person, item, await when(ledger, at, known_at))
    return await show.paths(answer, viewer_of(request, ready))


router = Router(
    path="/questions", route_handlers=[may_know, why_not, audience, reach, paths], tags=["questions"]
)
