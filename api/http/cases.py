"""Cases: what waits for whoever asks, one case with its steps, the procedures there are, decisions that wait to be confirmed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api import show
from api.texts import LANGUAGES, text
from graph.errors import NotAvailable
from graph.law.procedure import Procedure
from graph.times import Instant, to_text
from storage import procedures
from storage.accounts import SignedIn
from storage.casebook import Casebook, CaseLine, CasePage, PaperLine, StepLine
from storage.titles import Viewer

Json = dict[str, Any]


def casebook(request: Request[Any, Any, Any]) -> Casebook:
    return Casebook(request.app.state.wiring.questions)


def viewer(request: Request[Any, Any, Any], ready: SignedIn) -> Viewer:
    """By whose eyes names are shown: a secret title stays one."""
    found: Viewer = request.app.state.books.viewer(ready.person)
    return found


@get("/cases", summary="Cases that wait for whoever asks, or all they may see")
async def cases(
    request: Request[Any, Any, Any],
    ready: NamedDependency[SignedIn],
    which: Annotated[Literal["waiting", "followed", "all"], QueryParameter()] = "waiting",
) -> Json:
    """`waiting`: those whose next step is the asker's, or theirs for whom they stand in; `followed`: open ones they follow up."""
    book = casebook(request)
    lists = {"waiting": book.waiting, "followed": book.followed, "all": book.cases}
    found = await lists[which](ready.person)
    ids = {
        part for each in found for part in (each.subject, each.opener, each.responsible, each.behalf) if part
    }
    return {
        "cases": [line(each) for each in found],
        "complete": True,
        "names": await show.names(ids, viewer(request, ready)),
    }


@get("/cases/{case:str}", summary="One case: its steps in order, who took them, what is missing and by when")
async def case(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], case: FromPath[str]
) -> Json:
    found = await casebook(request).case(ready.person, case)
    if found is None:
        raise NotAvailable
    return {**page(found), "names": await show.names(found.ids, viewer(request, ready))}


@get("/decisions", summary="Decisions on paper entered in the asker's name that wait to be confirmed")
async def decisions(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> Json:
    found = await casebook(request).papers(ready.person)
    return {
        "decisions": [paper(each) for each in found],
        "complete": True,
        "names": await show.names({each.subject for each in found}, viewer(request, ready)),
    }


@get("/procedures", summary="The procedures there are, with their steps and forms")
async def definitions(ready: NamedDependency[SignedIn]) -> list[Json]:
    return [definition(each) for each in procedures.load().values()]


def line(each: CaseLine) -> Json:
    return {
        **msgspec.to_builtins(each),
        "title": titled(f"procedure.{each.procedure}"),
        "step": titled(f"procedure.{each.procedure}.{each.next}") if each.next else None,
        "opened": to_text(each.opened),
        "due": moment(each.due),
        "starts": moment(each.starts),
    }


def page(each: CasePage) -> Json:
    shown = line(each.line)
    return {
        **shown,
        "cause": each.cause,
        "closed": moment(each.closed),
        "form": each.form,
        "steps": [step(one, each.line.procedure) for one in each.steps],
        "rules": list(each.rules),
        "clauses": [show.clause(rule) for rule in each.rules],
        "mine": each.mine,
        "withdrawable": each.withdrawable,
    }


def step(each: StepLine, procedure: str) -> Json:
    shown = msgspec.to_builtins(each)
    return {
        **shown,
        "title": titled(f"procedure.{procedure}.{each.id}"),
        "clauses": [show.clause(rule) for rule in each.rules],
        "due": moment(each.due),
        "taken": [
            {**one, "at": to_text(taken.at)} for one, taken in zip(shown["taken"], each.taken, strict=True)
        ],
    }


def paper(each: PaperLine) -> Json:
    return {
        **msgspec.to_builtins(each),
        "recorded_at": to_text(each.recorded_at),
        "due": to_text(each.due),
    }


def definition(each: Procedure) -> Json:
    return {**msgspec.to_builtins(each), "title": titled(f"procedure.{each.id}")}


def titled(code: str) -> Json:
    return {language: text(language, code) for language in LANGUAGES}


def moment(instant: Instant | None) -> str | None:
    return None if instant is None else to_text(instant)


router = Router(path="/", route_handlers=[cases, case, decisions, definitions], tags=["cases"])
