"""工作台: what waits for whoever has just sat down."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.http.findings import sentence
from api.pages import conditions, hands, lists, view
from api.pages.seat import Seat
from graph.law import gate
from storage.casebook import Casebook
from storage.findings import Findings
from storage.tasks import Job


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """One of my readings; `known` says whether I may still know of the document."""

    reading: str
    document: str
    mode: str
    at: int
    known: bool


@get("/")
async def desk(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    mine = conditions.standing(seat.world, seat.person, seat.stand)
    opened = await _opened(seat)
    ids = conditions.labels_of(mine) | {each.document for each in opened}
    holdings = None
    if "CUSTODIAN_OF" not in seat.roles:
        holdings = await hands.held_by(seat.wiring.questions, seat.person, seat.person)
        ids |= hands.ids_of(holdings)
    book_of_findings = Findings(seat.wiring.questions)
    found = [
        each for each in (await book_of_findings.of(seat.person, mine=True)).lines if each.state != "accepted"
    ]
    standing = sum(count for _, count in (await book_of_findings.of(seat.person, limit=1)).units)
    ids |= {id_ for each in found for id_ in each.ids}
    book = Casebook(seat.wiring.questions)
    waiting, papers = await book.waiting(seat.person), await book.papers(seat.person)
    ids |= {part for each in waiting for part in (each.subject, each.behalf) if part}
    ids |= {each.subject for each in papers}
    names = await show.names(ids, seat.viewer)
    return seat.render(
        "desk.html",
        waiting=waiting,
        papers=papers,
        findings=found,
        standing=standing if seat.oversees else 0,
        sentences={each.id: sentence(each, names, seat.language) for each in found},
        mine=mine,
        staged=await lists.staged(seat.viewer) if seat.keeps else None,
        tasks=await _failed(request) if seat.keeps else None,
        unranged=await lists.without_range(seat.wiring.database, seat.viewer) if seat.leads else None,
        opened=opened,
        holdings=holdings,
        names=names,
        done=request.query_params.get("done", ""),
    )


async def _failed(request: Request[Any, Any, Any]) -> list[Job]:
    return list((await request.app.state.tasks.failures()).tasks)


async def _opened(seat: Seat) -> list[Opened]:
    rows = await lists.readings_of(seat.person)
    known = await seat.wiring.questions.may_know_of(seat.person, sorted({row["document"] for row in rows}))
    return [
        Opened(
            reading=row["id"],
            document=row["document"],
            mode=row["mode"],
            at=row["opened_at"],
            known=known[row["document"]][1],
        )
        for row in rows
    ]


@post("/tasks/{task:str}")
async def retry(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], task: FromPath[str]
) -> Response[str]:
    seat.require(*gate.KEEPERS)
    await request.app.state.tasks.retry(task)
    return view.to("/?done=retry")


HANDLERS = (desk, retry)
