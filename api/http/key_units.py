"""Key departments and locations: how they stand, and which ought to be designated and are not."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.http.questions import At, KnownAt, rooms, viewer_of, when
from graph import premises
from graph.access import Stand
from graph.kinds import Node
from graph.premises import KeyUnit
from graph.times import to_text
from storage.accounts import SignedIn
from storage.figures import figures
from storage.tables.catalogue import Subject
from storage.titles import Viewer


async def shown(found: KeyUnit, stand: Stand, viewer: Viewer) -> dict[str, Any]:
    named = await show.names_in(found.findings, viewer)
    people = {fact.source for fact in (*found.entry_list, *found.inside)}
    ids = {found.unit, *found.principals, *people}
    return {
        "unit": found.unit,
        "kind": found.kind,
        "since": to_text(found.since),
        "control_area": found.control_area,
        "principals": list(found.principals),
        "entry_list": sorted({fact.source for fact in found.entry_list}),
        "inside": [
            {"person": fact.source, "since": to_text(fact.since), **fact.details} for fact in found.inside
        ],
        "rules": list(found.rules),
        "findings": [show.reason(each, named) for each in found.findings],
        **show.stand(stand),
        "names": await show.names(ids, viewer),
    }


async def _every(kind: Node) -> list[str]:
    rows = await (
        Subject.select(Subject.id)
        .where((Subject.kind == kind.value) & (Subject.void == False))  # noqa: E712
        .order_by(Subject.id)
    )
    return [row["id"] for row in rows]


@get("/", summary="The key departments and locations one answers for or oversees")
async def every(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], at: At = None, known_at: KnownAt = None
) -> dict[str, Any]:
    questions, ledger = rooms(request)
    found, stand = await premises.overview(
        questions, ready.person, await figures(), await when(ledger, at, known_at)
    )
    viewer = viewer_of(request, ready)
    return {"units": [await shown(each, stand, viewer) for each in found], **show.stand(stand)}


@get(
    "/undesignated", summary="Departments and places that ought to be designated and are not (S02-2a, S02-2b)"
)
async def undesignated(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> dict[str, Any]:
    """Proposed only: the leading group decides."""
    questions, _ = rooms(request)
    departments, places = await _every(Node.DEPARTMENT), await _every(Node.PLACE)
    found, stand = await premises.wanting_designation(
        questions, ready.person, departments, places, await figures()
    )
    named = await show.names_in(found, viewer_of(request, ready))
    return {
        "rules": list(dict.fromkeys(rule for each in found for rule in each.rules)),
        "findings": [show.reason(each, named) for each in found],
        **show.stand(stand),
    }


@get("/{unit:str}", summary="One key department or location")
async def one(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], unit: FromPath[str], at: At = None,
    known_at: KnownAt = None,
) -> dict[str, Any]:  # fmt: skip
    questions, ledger = rooms(request)
    found, stand = await premises.one(
        questions, ready.person, unit, await figures(), await when(ledger, at, known_at)
    )
    return await shown(found, stand, viewer_of(request, ready))


router = Router(path="/key-units", route_handlers=[every, undesignated, one], tags=["key units"])
