"""What the Leader decides: the range of a document, and whether a carrier may be copied. Keepers enter what was decided on paper."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.pages import forms, outlook, pickers, view
from api.pages.carriers import known, office_holders
from api.pages.forms import Faults, Form
from api.pages.outlook import Outlook
from api.pages.seat import LEADER, Seat
from api.texts import text
from graph.errors import NotAvailable
from graph.law import gate
from graph.law.person import in_force
from storage.lines import CarrierLine

MODES = ("scan", "copy", "print", "download")
AUTHORITIES = ("leader", "originator", "superior")
DECIDERS = (LEADER, *gate.KEEPERS)
BESIDE = {
    "persons-only": "members",
    "member-outside-distribution": "members",
    "member-cleared-too-low": "members",
    "decision.by": "decided_by",
    "decision.pin": "pin",
    "decision.paper.number": "paper_number",
    "decision.paper.date": "paper_date",
    "decision.paper.scan": "paper_scan",
    "not-for-oneself": "person",
    "copy-needs-originator": "authority",
    "copy-forbidden": "authority",
}


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """The document a decision is about, as far as whoever decides has to see it."""

    id: str
    title: str
    receipt: str
    mark: str
    level: str
    carriers: tuple[CarrierLine, ...] = ()


async def matter(seat: Seat, document: str) -> Matter:
    """What one may know of, the Leader also before its range is set (S03-4.1a). Raises NotAvailable."""
    page = await known(seat, document)
    line = page.document
    return Matter(
        id=line.id, title=line.title, receipt=line.receipt, mark=line.mark, level=line.level, carriers=page.carriers
    )  # fmt: skip


def decision(seat: Seat, form: Form) -> forms.Json:
    """The Leader decides in their own session, or at the counter with their PIN; else a keeper enters the paper."""
    if seat.leads:
        return {}
    if form.secret("pin"):
        return {"decision": {"by": form.required("decided_by"), "proof": "counter"}}
    paper = {"number": form.required("paper_number"), "date": form.required("paper_date"),
             "scan": form.required("paper_scan")}  # fmt: skip
    return {"decision": {"by": form.required("decided_by"), "proof": "paper", "paper": paper}}


def typed(form: Form) -> dict[str, str]:
    """The PIN of whoever decides at the counter: checked, and never entered."""
    return {"pin": form.secret("pin")}


# The range


@get("/documents/{document:str}/range")
async def range_page(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*DECIDERS)
    about = await matter(seat, document)
    return await _range(seat, about, Form({"members": await _standing(seat, document)}), None)


@post("/documents/{document:str}/range")
async def set_range(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*DECIDERS)
    about = await matter(seat, document)
    form = await Form.sent(request)
    if form.has("find"):
        return await _range(seat, about, form, None)
    params = {
        "document": document,
        "members": list(dict.fromkeys(form.many("members"))),
        **decision(seat, form),
    }
    params |= forms.given(occurred_at=form.text("occurred_at"), late=form.text("late"))
    if form.has(outlook.ASKED) and seat.draws:
        return await _range(
            seat, about, form, await outlook.foreseen(seat, "set-range", params, form, BESIDE)
        )
    came = await forms.enter(seat, "set-range", params, form, BESIDE, typed(form))
    if isinstance(came, Faults):
        return await _range(seat, about, form, came)
    return view.to(f"/documents/{document}?done=set-range")


async def _standing(seat: Seat, document: str) -> list[str]:
    """Who stands on the range now."""
    brought, stand = await seat.wiring.questions.neighbourhood()
    world, _ = await brought.audience(document, people=False)
    return sorted(
        entry.source
        for link in in_force(world.into(document, "RANGE_OF"), stand.at)
        for entry in in_force(world.into(link.source, "IN_RANGE"), stand.at)
    )


async def _distribution(seat: Seat, document: str) -> list[str]:
    """The originator's outer bound, to choose within (S03-2.1c)."""
    brought, stand = await seat.wiring.questions.neighbourhood()
    world, _ = await brought.audience(document, people=False)
    return sorted(
        entry.source
        for link in in_force(world.into(document, "DISTRIBUTION_OF"), stand.at)
        for entry in in_force(world.into(link.source, "IN_DISTRIBUTION"), stand.at)
    )


async def _range(seat: Seat, about: Matter, form: Form, came: Faults | Outlook | None) -> Response[str]:
    faults = came if isinstance(came, Faults) else None
    bound = await _distribution(seat, about.id)
    return seat.render(
        "range.html",
        status=faults.status if faults else 200,
        outlook=came if isinstance(came, Outlook) else None,
        about=about,
        form=form,
        faults=faults,
        picker=await pickers.picker(seat, "members", form, structure=about.level != "top-secret"),
        bound=list((await show.names(bound, seat.viewer)).values()),
        leaders=[] if seat.leads else await office_holders(seat, LEADER),
    )


# Copying and scanning


@get("/documents/{document:str}/approval")
async def approval_page(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*DECIDERS)
    about = await matter(seat, document)
    sent = {"carrier": [str(request.query_params.get("carrier", ""))], "mode": ["scan"], "copies": ["1"]}
    return await _approval(seat, about, Form(sent), None)


@post("/documents/{document:str}/approval")
async def approve(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*DECIDERS)
    about = await matter(seat, document)
    form = await Form.sent(request)
    if form.has("find"):
        return await _approval(seat, about, form, None)
    if form.text("carrier") and form.text("carrier") not in {each.id for each in about.carriers}:
        raise NotAvailable
    params = forms.given(
        carrier=form.required("carrier"),
        mode=form.text("mode"),
        person=(form.many("person") or [form.required("person")])[0],
        copies=form.number("copies"),
        authority=form.text("authority"),
        letter=form.text("letter"),
        slip=form.text("slip"),
        **decision(seat, form),
    )
    came = await forms.enter(seat, "approve-copy", params, form, BESIDE, typed(form))
    if isinstance(came, Faults):
        return await _approval(seat, about, form, came)
    return view.to(f"/documents/{document}?done=approve-copy")


async def _approval(seat: Seat, about: Matter, form: Form, faults: Faults | None) -> Response[str]:
    return seat.render(
        "approval.html",
        status=faults.status if faults else 200,
        about=about,
        form=form,
        faults=faults,
        carriers=[(each.id, each.serial or each.id) for each in about.carriers if each.state == "present"],
        modes=[(each, text(seat.language, f"value.{each}")) for each in MODES],
        authorities=[(each, text(seat.language, f"authority.{each}")) for each in AUTHORITIES],
        picker=await pickers.picker(seat, "person", form, structure=False, one=True),
        leaders=[] if seat.leads else await office_holders(seat, LEADER),
    )


HANDLERS = (range_page, set_range, approval_page, approve)
