"""Registering a document: its mark, its numbers and where it may go, every fault beside its field."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from api.pages import forms, lists, pickers, view
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from api.texts import text
from graph.kinds import Node
from graph.law import gate
from graph.law.levels import LEVELS

URGENCIES = ("平件", "加急", "特急")
BESIDE = {
    "not-marked": "level",
    "no-period": "years",
    "no-distribution": "distribution",
    "years-or-permanent": "years",
    "permanent": "years",
}


@get("/documents/new")
async def blank(seat: NamedDependency[Seat]) -> Response[str]:
    seat.require(*gate.KEEPERS)
    return await _page(seat, Form({"quantity": ["1"], "copying": ["allowed"]}), None)


@post("/documents/new")
async def register(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    seat.require(*gate.KEEPERS)
    form = await Form.sent(request)
    if form.has("find"):
        return await _page(seat, form, None)
    came = await forms.enter(seat, "register-document", _params(form), form, BESIDE)
    if isinstance(came, Faults):
        return await _page(seat, form, came)
    return view.to(f"/documents/{came.result['document']}/carriers?done=register-document")


def _params(form: Form) -> forms.Json:
    period = form.text("period")
    return forms.given(
        title=form.required("title"),
        title_secret={"yes": True, "no": False}.get(form.text("title_secret")),
        level=form.text("level"),
        years=form.number("years") if period != "permanent" else None,
        permanent=True if period == "permanent" else None,
        marked_from=form.text("marked_from"),
        distribution=list(dict.fromkeys(form.many("distribution"))),
        quantity=form.number("quantity"),
        originator=form.text("originator"),
        copying=form.text("copying"),
        number=form.text("number"),
        folder=form.text("folder"),
        pages=form.number("pages"),
        drafted=form.text("drafted"),
        urgency=form.text("urgency"),
        occurred_at=form.text("occurred_at"),
        late=form.text("late"),
    )


async def _page(seat: Seat, form: Form, faults: Faults | None) -> Response[str]:
    own = await lists.own_unit(seat.wiring.database)
    return seat.render(
        "register_document.html",
        status=faults.status if faults else 200,
        form=form,
        faults=faults,
        levels=[(each.id, each.zh if seat.language == "zh" else each.en) for each in LEVELS.values()],
        urgencies=[(each, text(seat.language, f"value.{each}")) for each in URGENCIES],
        organisations=[
            each
            for each in lists.options(await lists.nodes(Node.ORGANISATION), seat.language)
            if each[0] != own
        ],
        folders=[
            (each.id, f"{each.code} {each.title}".strip()) for each in await seat.books.folders(seat.person)
        ],
        picker=await pickers.picker(seat, "distribution", form),
    )


HANDLERS = (blank, register)
