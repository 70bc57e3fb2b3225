"""Scans: sent up under an approval, compared with their source, accepted or rejected."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages import forms, lists, view
from api.pages.carriers import known
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from graph.errors import NotAvailable
from graph.kinds import Node
from graph.law import gate
from storage.registers.copies import approvals

UPLOADS = "/api/v1/uploads"


@get("/documents/{document:str}/scan")
async def upload_page(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    """Which carriers one may scan now, under which approvals, and the form that sends the scan up."""
    seat.require(*gate.KEEPERS)
    page = await known(seat, document)
    originals = [each for each in page.carriers if each.state == "present" and not each.file]
    brought, stand = await seat.wiring.questions.neighbourhood()
    world = await brought.around({each.id: Node.CARRIER.value for each in originals})
    approved = {each.id: approvals(world, each.id, seat.person, "scan", stand.at) for each in originals}
    return seat.render(
        "scan.html",
        page=page,
        originals=originals,
        approved=approved,
        chosen=str(request.query_params.get("carrier", "")),
        staged=await lists.staged(seat.viewer, document),
        uploads=UPLOADS,
    )


@get("/files/{file:str}")
async def compare_page(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], file: FromPath[str]
) -> Response[str]:
    return await _compare(seat, file, Form(), None)


async def _staged(seat: Seat, file: str) -> lists.Staged:
    found = await lists.staged(seat.viewer, file=file)
    if not found:
        raise NotAvailable
    return found[0]


async def _compare(seat: Seat, file: str, form: Form, faults: Faults | None) -> Response[str]:
    seat.require(*gate.KEEPERS)
    return seat.render(
        "compare.html",
        status=faults.status if faults else 200,
        scan=await _staged(seat, file),
        form=form,
        faults=faults,
        names={},
    )


@post("/files/{file:str}")
async def decide(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], file: FromPath[str]
) -> Response[str]:
    """Accept it with its copy number, or reject it with the reason: then its key is destroyed."""
    seat.require(*gate.KEEPERS)
    scan = await _staged(seat, file)
    form = await Form.sent(request)
    if form.text("act") == "reject-scan":
        params = forms.given(file=file, reason=form.required("reason"))
        came = await forms.enter(seat, "reject-scan", params, form)
    else:
        params = forms.given(file=file, serial=form.text("serial"))
        came = await forms.enter(
            seat, "accept-scan", params, form, {"serial-twice": "serial", "serial-missing": "serial"}
        )
    if isinstance(came, Faults):
        return await _compare(seat, file, form, came)
    return view.to(f"/documents/{scan.document.id}?done={came.act}")


HANDLERS = (upload_page, compare_page, decide)
