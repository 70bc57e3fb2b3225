"""Signing in and out, the first change of password, the language, and the terminal a browser stands for."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from api import auth, show
from api.http.session import counter_of
from api.http.session import set_cookie as set_session_cookie
from api.pages import forms, lists, view
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from api.texts import Language, text
from graph.errors import BadInput, NotSignedIn, TooMany
from graph.law import gate
from storage.accounts import SHORTEST_PASSWORD, Accounts, SignedIn

FORM_COOKIE = "zhixi_form"
TERMINAL_DAYS = 3650
SAID = {"session-over", "signed-out", "password-changed"}


def accounts_of(request: Request[Any, Any, Any]) -> Accounts:
    found: Accounts = request.app.state.accounts
    return found


async def _door(
    request: Request[Any, Any, Any], *, status: int = 200, login: str = "", going: str = "", wrong: str = "",
    said: str = "",
) -> Response[str]:  # fmt: skip
    """The sign-in page, with a token of its own: nobody can be signed in from another site's form."""
    device = await lists.device_with(request.cookies.get(auth.DEVICE_COOKIE, ""))
    names = await show.names({device}) if device else {}
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    page = view.render(
        "sign_in.html",
        view.language_of(request),
        status=status,
        seat=None,
        done="",
        csrf=token,
        login=login,
        going=going,
        wrong=wrong,
        said=said if said in SAID else "",
        terminal=names.get(device or ""),
    )
    view.set_cookie(page, request, FORM_COOKIE, token)
    return page


async def _own_form(request: Request[Any, Any, Any]) -> Form:
    """A form posted without a session, from a page of ours. Raises NotSignedIn("csrf")."""
    form = await Form.sent(request)
    token = request.cookies.get(FORM_COOKIE, "")
    if not token or not hmac.compare_digest(token.encode(), form.text("csrf").encode()):
        raise NotSignedIn("csrf")
    return form


@get("/sign-in", exclude_from_auth=True)
async def sign_in_page(request: Request[Any, Any, Any]) -> Response[str]:
    going = view.within(request.query_params.get("next"))
    return await _door(request, going=going, said=str(request.query_params.get("why", "")))


@post("/sign-in", exclude_from_auth=True)
async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    form = await _own_form(request)
    language = view.language_of(request)
    login, going = form.text("login"), view.within(form.text("next"))
    try:
        ticket = await accounts_of(request).sign_in(
            login,
            form.secret("password"),
            kind="page",
            device_key=request.cookies.get(auth.DEVICE_COOKIE),
            address=request.client.host if request.client else "",
        )
    except NotSignedIn as error:
        wrong = text(language, f"sign-in.{error.code}")
        return await _door(request, status=401, login=login, going=going, wrong=wrong)
    except TooMany as error:
        wrong = text(language, "page.sign-in.too-many", seconds=error.retry_after_s)
        return await _door(request, status=429, login=login, going=going, wrong=wrong)
    page = view.to("/password" if ticket.signed_in.must_change else going)
    set_session_cookie(page, request, ticket.token)
    view.set_cookie(page, request, view.LANGUAGE_COOKIE, ticket.signed_in.language, days=365)
    page.delete_cookie(FORM_COOKIE)
    return page


@post("/sign-out")
async def sign_out(request: Request[Any, Any, Any], signed_in: NamedDependency[SignedIn]) -> Response[str]:
    await accounts_of(request).sign_out(auth.token_of(request))
    page = view.to("/sign-in?why=signed-out")
    page.delete_cookie(auth.COOKIE)
    return page


@post("/language", exclude_from_auth=True)
async def choose_language(request: Request[Any, Any, Any]) -> Response[str]:
    """Kept in the account of who is signed in; before that in a cookie."""
    form = await Form.sent(request)
    chosen: Language = "en" if form.text("language") == "en" else "zh"
    if request.cookies.get(auth.COOKIE):
        who = await auth.provide_signed_in(request)
        await accounts_of(request).set_language(who.login, chosen)
    else:
        await _own_form(request)
    page = view.to(view.within(form.text("next")))
    view.set_cookie(page, request, view.LANGUAGE_COOKIE, chosen, days=365)
    return page


def _password_page(who: SignedIn, faults: Faults | None, status: int = 200) -> Response[str]:
    return view.render(
        "password.html",
        "en" if who.language == "en" else "zh",
        status=status,
        seat=None,
        done="",
        csrf=who.csrf,
        first=who.must_change,
        login=who.login,
        least=SHORTEST_PASSWORD,
        faults=faults,
    )


@get("/password")
async def password_page(signed_in: NamedDependency[SignedIn]) -> Response[str]:
    return _password_page(signed_in, None)


@post("/password")
async def change_password(
    request: Request[Any, Any, Any], signed_in: NamedDependency[SignedIn]
) -> Response[str]:
    form = await Form.sent(request)
    language: Language = "en" if signed_in.language == "en" else "zh"
    if form.secret("new") != form.secret("again"):
        return _password_page(signed_in, forms.amiss("again", "not-the-same", language), 422)
    try:
        await accounts_of(request).change_password(
            signed_in.login, form.secret("old"), form.secret("new"), keep=auth.token_of(request)
        )
    except BadInput as error:
        return _password_page(signed_in, forms.faults(error, language), 422)
    return view.to("/?done=password")


async def _pin_page(
    request: Request[Any, Any, Any], seat: Seat, faults: Faults | None, status: int = 200
) -> Response[str]:
    chosen = await counter_of(request).chosen(seat.person)
    return seat.render("pin.html", status=status, faults=faults, chosen=chosen)


@get("/pin")
async def pin_page(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    return await _pin_page(request, seat, None)


@post("/pin")
async def choose_pin(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    """One's own, to sign at the counter with."""
    form = await Form.sent(request)
    if form.secret("pin") != form.secret("pin_again"):
        return await _pin_page(request, seat, forms.amiss("pin_again", "not-the-same", seat.language), 422)
    try:
        await counter_of(request).choose(seat.who.login, form.secret("password"), form.secret("pin"))
    except BadInput as error:
        return await _pin_page(request, seat, forms.faults(error, seat.language), 422)
    return view.to("/?done=pin")


@get("/terminal")
async def terminal_page(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    return await _terminal(request, seat, None)


async def _terminal(
    request: Request[Any, Any, Any], seat: Seat, faults: Faults | None, status: int = 200
) -> Response[str]:
    """Which terminal this browser stands for: the officer's to set, at the machine."""
    seat.require(*gate.OVERSEERS)
    device = await lists.device_with(request.cookies.get(auth.DEVICE_COOKIE, ""))
    names = await show.names({device}) if device else {}
    return seat.render("terminal.html", status=status, faults=faults, enrolled=names.get(device or ""),
                       done=request.query_params.get("done", ""))  # fmt: skip


@post("/terminal")
async def enrol(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    seat.require(*gate.OVERSEERS)
    form = await Form.sent(request)
    if form.has("forget"):
        page = view.to("/terminal?done=forgotten")
        page.delete_cookie(auth.DEVICE_COOKIE)
        return page
    if await lists.device_with(form.secret("key")) is None:
        wrong = forms.amiss("key", "unknown-terminal", seat.language)
        return await _terminal(request, seat, wrong, 422)
    page = view.to("/terminal?done=enrolled")
    view.set_cookie(page, request, auth.DEVICE_COOKIE, form.secret("key"), days=TERMINAL_DAYS)
    return page


HANDLERS = (
    sign_in_page, sign_in, sign_out, choose_language, password_page, change_password, pin_page, choose_pin,
    terminal_page, enrol,
)  # fmt: skip
