"""Signing in and out, and the first change of password."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from api import auth
from graph.times import to_text
from storage.accounts import SignedIn
from storage.counter import Counter

Secret = Annotated[str, Meta(min_length=1, max_length=200)]


class SignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`kind` page answers with a cookie, program with a bearer token."""

    login: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Secret
    kind: Literal["page", "program"] = "program"


class ChangePassword(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    old: Secret
    new: Secret


@post("/session", status_code=201, summary="Sign in", exclude_from_auth=True)
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> Response[dict[str, Any]]:
    """A session. A terminal's key may come with it; the session then runs on that terminal."""
    ticket = await request.app.state.accounts.sign_in(
        data.login,
        data.password,
        kind=data.kind,
        device_key=auth.device_key(request),
        address=request.client.host if request.client else "",
    )
    shown: dict[str, Any] = {
        "person": ticket.signed_in.person,
        "device": ticket.signed_in.device,
        "must_change": ticket.signed_in.must_change,
        "expires_at": to_text(ticket.expires_at),
    }
    if data.kind == "program":
        return Response({**shown, "token": ticket.token}, status_code=201)
    response = Response({**shown, "csrf": ticket.signed_in.csrf}, status_code=201)
    set_cookie(response, request, ticket.token)
    return response


def set_cookie(response: Response[Any], request: Request[Any, Any, Any], token: str) -> None:
    response.set_cookie(
        key=auth.COOKIE,
        value=token,
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.http.secure_cookies,
        path="/",
    )


@get("/session", summary="Who is signed in")
async def whoami(signed_in: NamedDependency[SignedIn]) -> dict[str, Any]:
    return {
        "person": signed_in.person,
        "login": signed_in.login,
        "device": signed_in.device,
        "must_change": signed_in.must_change,
        "language": signed_in.language,
    }


@delete("/session", status_code=204, summary="Sign out")
async def sign_out(request: Request[Any, Any, Any], signed_in: NamedDependency[SignedIn]) -> Response[None]:
    await request.app.state.accounts.sign_out(auth.token_of(request))
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(auth.COOKIE)
    return response


@post("/session/password", status_code=204, summary="Change the password")
async def change_password(
    request: Request[Any, Any, Any], data: JSONBody[ChangePassword], signed_in: NamedDependency[SignedIn]
) -> None:
    await request.app.state.accounts.change_password(
        signed_in.login, data.old, data.new, keep=auth.token_of(request)
    )


class ChoosePin(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`pin` is 6 to 12 digits; `password` the account's, typed again."""

    password: Secret
    pin: Secret


@post("/session/pin", status_code=204, summary="Choose the PIN for signing at the counter")
async def choose_pin(
    request: Request[Any, Any, Any], data: JSONBody[ChoosePin], ready: NamedDependency[SignedIn]
) -> None:
    """One's own, for decisions signed in a clerk's session (窗口)."""
    await counter_of(request).choose(ready.login, data.password, data.pin)


def counter_of(request: Request[Any, Any, Any]) -> Counter:
    wiring = request.app.state.wiring
    return Counter(wiring.database, wiring.now)


router = Router(
    path="/", route_handlers=[sign_in, whoami, sign_out, change_password, choose_pin], tags=["session"]
)
