"""发现: what the clock's rounds found wanting. Overseers see all of it by department, others what is their duty."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.http.findings import sentence
from api.pages import forms, view
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from storage.findings import Findings, Overview

BESIDE = {"until": "until", "ground": "ground"}


@get("/findings")
async def findings(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    asked = request.query_params
    return await _page(seat, unit=asked.get("unit"), cursor=asked.get("cursor"), done=asked.get("done", ""))


async def _page(
    seat: Seat, *, unit: str | None = None, cursor: str | None = None, form: Form | None = None, faults: Faults | None = None, done: str = "",
    about: str = "",
) -> Response[str]:  # fmt: skip
    found = await Findings(seat.wiring.questions).of(seat.person, unit=unit, cursor=cursor)
    lines = found.lines
    names = await _names(seat, found)
    return seat.render(
        "findings.html",
        status=faults.status if faults else 200,
        found=found,
        lines=lines,
        unit=unit,
        sentences={each.id: sentence(each, names, seat.language) for each in lines},
        cited={each.id: [show.clause(rule) for rule in each.rules] for each in lines},
        accepts=bool(seat.roles.intersection(("LEADING_GROUP_OF", "LEADER_OF"))),
        names=names,
        form=form or Form(),
        faults=faults,
        about=about,
        done=done,
    )


async def _names(seat: Seat, found: Overview) -> dict[str, Any]:
    units = {id_ for id_, _ in found.units if id_}
    return await show.names_known(units | {id_ for each in found.lines for id_ in each.ids}, seat.viewer)


@post("/findings/{finding:str}/take")
async def take(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], finding: FromPath[str]
) -> Response[str]:
    form = await Form.sent(request)
    came = await forms.enter(seat, "take-finding", {"finding": finding}, form, BESIDE)
    if isinstance(came, Faults):
        return await _page(seat, form=form, faults=came, about=finding)
    return view.to("/findings?done=take-finding")


@post("/findings/{finding:str}/accept")
async def accept(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], finding: FromPath[str]
) -> Response[str]:
    form = await Form.sent(request)
    params = {"finding": finding, "until": form.required("until"), "ground": form.required("ground")}
    came = await forms.enter(seat, "accept-finding", params, form, BESIDE)
    if isinstance(came, Faults):
        return await _page(seat, form=form, faults=came, about=finding)
    return view.to("/findings?done=accept-finding")


HANDLERS = (findings, take, accept)
