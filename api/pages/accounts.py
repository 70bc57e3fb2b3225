"""Accounts: opened for a person with a first password shown once, disabled, enabled, reset. Each is an entry."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.pages import forms, lists, pickers, view
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from storage.accounts import KEEPERS, first_password, hash_password

CHANGES = ("disable", "enable", "reset")


@get("/accounts")
async def accounts(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    seat.require(*KEEPERS)
    return await _page(seat, Form(), None, done=str(request.query_params.get("done", "")))


@post("/accounts")
async def open_account(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    """The first password is shown on the page that answers, and nowhere else."""
    seat.require(*KEEPERS)
    form = await Form.sent(request)
    if form.has("find"):
        return await _page(seat, form, None)
    params = forms.given(
        person=(form.many("person") or [form.required("person")])[0], login=form.required("login")
    )
    password = first_password()
    hashed = await asyncio.to_thread(hash_password, password)
    came = await forms.enter(seat, "open-account", params, form, secret={"password_hash": hashed})
    if isinstance(came, Faults):
        return await _page(seat, form, came)
    return await _page(seat, Form(), None, shown=None if came.repeated else (params["login"], password))


@post("/accounts/{login:str}")
async def change_account(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], login: FromPath[str]
) -> Response[str]:
    seat.require(*KEEPERS)
    form = await Form.sent(request)
    change = form.text("change")
    password = first_password() if change == "reset" else ""
    secret = {"password_hash": await asyncio.to_thread(hash_password, password)} if password else {}
    came = await forms.enter(
        seat, "change-account", {"login": login, "change": change}, form, {"login": "list"}, secret
    )
    if isinstance(came, Faults):
        return await _page(seat, Form(), came)
    if password and not came.repeated:
        return await _page(seat, Form(), None, shown=(login, password))
    return view.to("/accounts?done=change-account")


async def _page(
    seat: Seat, form: Form, faults: Faults | None, *, shown: tuple[str, str] | None = None, done: str = ""
) -> Response[str]:
    rows = await lists.accounts()
    now = seat.wiring.now()
    return seat.render(
        "accounts.html",
        status=faults.status if faults else 200,
        form=form,
        faults=faults,
        rows=rows,
        now=now,
        shown=shown,
        picker=await pickers.picker(seat, "person", form, structure=False, one=True),
        names=await show.names({row["person"] for row in rows}, seat.viewer),
        done=done,
    )


HANDLERS = (accounts, open_account, change_account)
