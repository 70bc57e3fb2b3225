"""POST /questions/what-if: proposed acts, and who would gain or lose sight of what. Nothing is written."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, post
from litestar.di import NamedDependency
from msgspec import Meta

from api import show
from api.http.acts import body_of
from api.http.questions import rooms, viewer_of
from graph import whatif
from graph.access import When
from graph.errors import NotAvailable
from graph.law import gate
from graph.times import parse
from storage.accounts import SignedIn
from storage.act import bad_field
from storage.office import Proposal

MOST_ACTS = 50


class ProposedAct(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"who": "as", "sent": "with"},
):
    """An act as it would be sent to its door. `as` names whose act it would be; the asker's own where it is left out."""

    do: str
    sent: dict[str, Any] = {}
    who: str | None = None


class Proposed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to 50 acts in order, each judged as if those before it stood; `at` looks at a later date."""

    acts: Annotated[tuple[ProposedAct, ...], Meta(min_length=1, max_length=MOST_ACTS)]
    at: str | None = None


@post("/what-if", summary="Who would gain and who would lose sight of what", status_code=200)
async def what_if(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> dict[str, Any]:
    """Refused with all its rules where one of the acts would be refused. For those who oversee, and custodians [P-lookup]."""
    data = await _sent(request)
    questions, _ = rooms(request)
    when = When(at=parse(data.at, field="at", ends_day=True)) if data.at else None
    brought, stand = await questions.neighbourhood()
    world = await brought.people([ready.person])
    others = any(each.who not in (None, ready.person) for each in data.acts)
    allowed = gate.roles(world, ready.person, stand.at, *gate.OVERSEERS)
    if (others and not allowed) or not gate.may_ask_hands(world, ready.person, stand.at):
        raise NotAvailable
    proposals = [Proposal(actor=each.who or ready.person, act=each.do, sent=each.sent) for each in data.acts]
    steps = await request.app.state.wiring.office.suppose(proposals, asker=ready.person)
    answer = await whatif.what_if(questions, ready.person, steps, when)
    pairs = (*answer.gains, *answer.loses, *answer.exposed, *answer.no_longer_exposed)
    return {
        "gains": _rows(answer.gains, "item"),
        "loses": _rows(answer.loses, "item"),
        "exposed": _rows(answer.exposed, "carrier"),
        "no_longer_exposed": _rows(answer.no_longer_exposed, "carrier"),
        **show.stand(answer.stand),
        "complete": answer.complete,
        "names": await show.names({each for pair in pairs for each in pair}, viewer_of(request, ready)),
    }


async def _sent(request: Request[Any, Any, Any]) -> Proposed:
    """Raises BadField."""
    try:
        return msgspec.convert(await body_of(request), Proposed, strict=True)
    except msgspec.ValidationError as error:
        raise bad_field(error) from None


def _rows(pairs: tuple[whatif.Pair, ...], what: str) -> list[dict[str, str]]:
    return [{"person": person, what: other} for person, other in pairs]


router = Router(path="/questions", route_handlers=[what_if], tags=["questions"])
