"""Carriers of a document: numbered and kept, lent and taken back."""

from __future__ import annotations

import re
from typing import Any, get_args

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.pages import acts, forms, lists, pickers, view
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from api.texts import text
from graph.errors import BadInput, Conflict, NotAvailable, Refused
from graph.kinds import Node
from graph.law import gate
from graph.law.person import in_force
from storage.lines import CarrierLine, DocumentPage
from storage.office import Proposal
from storage.registers.carriers import Medium

MEDIA: tuple[str, ...] = get_args(Medium)
CUSTODIAN = ("CUSTODIAN_OF",)
BESIDE = {
    "serial-missing": "serials",
    "serial-twice": "serials",
    "more-than-made": "serials",
    "not-a-secret-room": "kept_in",
    "needs-certified-container": "kept_in",
    "no-principal": "kept_in",
    "no-control-area": "kept_in",
    "no-custodian": "held_by",
    "holder-not-custodian": "held_by",
    "not-signed-for": "proof",
    "signed.proof": "proof",
    "signed.slip": "paper_number",
    "signed.date": "paper_date",
    "signed.scan": "paper_scan",
    "decision.pin": "pin",
    "decision.by": "to",
}
AT_THE_COUNTER = "counter"
HERE = ("lend-carrier", "return-carrier", "keep-carrier")
_BETWEEN = re.compile(r"[\s,，、;；]+")


async def known(seat: Seat, document: str) -> DocumentPage:
    """A document the one who sits here may know of. Raises NotAvailable."""
    page = await seat.books.document(seat.person, document)
    if page is None:
        raise NotAvailable
    return page


def carrier_of(page: DocumentPage, carrier: str) -> CarrierLine:
    """One of its carriers. Raises NotAvailable."""
    for each in page.carriers:
        if each.id == carrier:
            return each
    raise NotAvailable


@get("/documents/{document:str}/carriers")
async def blank(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*gate.KEEPERS)
    page = await known(seat, document)
    return await _page(seat, page, Form(), None, done=str(request.query_params.get("done", "")))


@post("/documents/{document:str}/carriers")
async def register(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*gate.KEEPERS)
    page = await known(seat, document)
    form = await Form.sent(request)
    params = forms.given(
        document=document,
        serials=[each for each in _BETWEEN.split(form.text("serials")) if each],
        count=form.number("count"),
        medium=form.text("medium"),
        pages=form.number("pages"),
        kept_in=form.text("kept_in"),
        held_by=form.text("held_by"),
        occurred_at=form.text("occurred_at"),
        late=form.text("late"),
    )
    came = await forms.enter(seat, "register-carriers", params, form, BESIDE)
    if isinstance(came, Faults):
        return await _page(seat, page, form, came)
    return view.to(f"/documents/{document}?done=register-carriers")


async def _page(
    seat: Seat, page: DocumentPage, form: Form, faults: Faults | None, *, done: str = ""
) -> Response[str]:
    return seat.render(
        "register_carriers.html",
        status=faults.status if faults else 200,
        page=page,
        form=form,
        faults=faults,
        media=[(each, text(seat.language, f"value.{each}")) for each in MEDIA],
        places=lists.options(await lists.nodes(Node.CONTAINER, Node.PLACE), seat.language),
        custodians=await office_holders(seat, "CUSTODIAN_OF"),
        originals=sum(1 for each in page.carriers if not each.copy_of),
        done=done,
    )


async def office_holders(seat: Seat, role: str) -> list[tuple[str, str]]:
    """Who holds a role over the unit, to choose from."""
    own = await lists.own_unit(seat.wiring.database)
    brought, stand = await seat.wiring.questions.neighbourhood()
    world = await brought.around({own: Node.ORGANISATION.value}, into=(role,))
    names = await show.names({fact.source for fact in in_force(world.into(own, role), stand.at)}, seat.viewer)
    return [(id_, str(name[seat.language])) for id_, name in names.items()]


# One carrier in the custodian's hands


@get("/documents/{document:str}/carriers/{carrier:str}")
async def one(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str], carrier: FromPath[str]
) -> Response[str]:  # fmt: skip
    seat.require(*CUSTODIAN)
    page = await known(seat, document)
    return await _one(seat, page, carrier_of(page, carrier), Form(), None)


@post("/documents/{document:str}/carriers/{carrier:str}")
async def handle(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str], carrier: FromPath[str]
) -> Response[str]:  # fmt: skip
    """Lend, take back or put away."""
    seat.require(*CUSTODIAN)
    page = await known(seat, document)
    line = carrier_of(page, carrier)
    form = await Form.sent(request)
    if form.has("find"):
        return await _one(seat, page, line, form, None)
    act = form.text("act")
    if act == "lend-carrier":
        params = forms.given(
            carrier=carrier,
            to=(form.many("to") or [form.required("to")])[0],
            due=form.required("due"),
            purpose=form.required("purpose"),
            signed=_signed(form),
        )
    elif act in ("return-carrier", "keep-carrier"):
        params = forms.given(carrier=carrier, kept_in=form.required("kept_in"))
    else:
        raise NotAvailable
    params |= forms.given(occurred_at=form.text("occurred_at"), late=form.text("late"))
    if act == "lend-carrier" and form.text("proof") == AT_THE_COUNTER:
        signed = await _sign_at_the_counter(seat, params, form)
        if signed is not None:
            return await _one(seat, page, line, form, signed)
    came = await forms.enter(seat, act, params, form, {**BESIDE, "carrier": "act"})
    if isinstance(came, Faults):
        return await _one(seat, page, line, form, came)
    return view.to(f"/documents/{document}?done={act}")


async def _sign_at_the_counter(seat: Seat, lending: forms.Json, form: Form) -> Faults | None:
    """The borrower signs with their PIN. First both acts are tried: no signature is left behind by a loan that is refused."""
    signing = {
        "carriers": [lending["carrier"]],
        "decision": {"by": lending["to"], "proof": "counter"},
        **forms.given(occurred_at=form.text("occurred_at"), late=form.text("late")),
    }
    here = Proposal(actor=seat.person, act="sign-for", sent=signing)
    try:
        form.check()
        await seat.wiring.office.suppose(
            [here, Proposal(actor=seat.person, act="lend-carrier", sent=lending)]
        )
    except (BadInput, Conflict, Refused) as error:
        reasons = error.reasons if isinstance(error, Refused) else ()
        return forms.faults(error, seat.language, BESIDE, await show.names_in(reasons, seat.viewer))
    came = await forms.enter(seat, "sign-for", signing, form, BESIDE, {"pin": form.secret("pin")})
    return came if isinstance(came, Faults) else None


def _signed(form: Form) -> dict[str, str]:
    """How the borrower has signed: in their own session or at the counter, or on a slip that is named whole."""
    if form.text("proof") == AT_THE_COUNTER:
        return {"proof": "own"}
    slip = forms.given(
        slip=form.text("paper_number"), date=form.text("paper_date"), scan=form.text("paper_scan")
    )
    return {"proof": form.text("proof") or "unsigned", **slip}


async def _one(
    seat: Seat, page: DocumentPage, line: CarrierLine, form: Form, faults: Faults | None
) -> Response[str]:
    brought, stand = await seat.wiring.questions.neighbourhood()
    world = await brought.around({line.id: Node.CARRIER.value})
    held = in_force(world.out(line.id, "HELD_BY"), stand.at)
    return seat.render(
        "carrier.html",
        status=faults.status if faults else 200,
        page=page,
        line=line,
        acts=[pair for pair in acts.on_carrier(seat) if pair[0].name not in HERE],
        form=form,
        faults=faults,
        lent=any(fact.details.get("reason") == "loan" for fact in held),
        since=held[0].since if held else None,
        places=lists.options(await lists.nodes(Node.CONTAINER, Node.PLACE), seat.language),
        proofs=[(each, text(seat.language, f"value.{each}")) for each in ("own", AT_THE_COUNTER, "paper")],
        picker=await pickers.picker(seat, "to", form, structure=False, one=True),
        names=await show.names(page.ids, seat.viewer),
    )


HANDLERS = (blank, register, one, handle)
