"""Who a request comes from: a bearer token for programs, a cookie for pages; CSRF for whatever changes something."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qs

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency

from graph.errors import NotSignedIn
from storage.accounts import Accounts, SignedIn

COOKIE = "zhixi_session"
DEVICE_COOKIE = "zhixi_terminal"
DEVICE_HEADER = "X-Zhixi-Terminal"
CSRF_HEADER = "X-Zhixi-CSRF"

Connection = ASGIConnection[Any, Any, Any, Any]


def bearer(connection: Connection) -> str | None:
    scheme, _, token = (connection.headers.get("authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def provide_signed_in(request: Connection) -> SignedIn:
    """The session of a request. A cookie counts for changes only with its CSRF token. Raises NotSignedIn."""
    accounts: Accounts = request.app.state.accounts
    token = bearer(request)
    if token is not None:
        who = await accounts.session(token)
        request.scope.setdefault("state", {})["asker"] = who.person
        return who
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedIn
    who = await accounts.session(cookie)
    request.scope.setdefault("state", {})["asker"] = who.person
    if request.scope.get("method") not in {"GET", "HEAD", "OPTIONS"}:
        await _check_csrf(request, who)
    return who


async def _check_csrf(request: Connection, who: SignedIn) -> None:
    sent = request.headers.get(CSRF_HEADER) or (await form_of(request)).get("csrf", [""])[0]
    if not hmac.compare_digest(sent.encode(), who.csrf.encode()):
        raise NotSignedIn("csrf")


async def form_of(request: Connection) -> dict[str, list[str]]:
    """The fields of a posted form, each with every value it was sent with. Litestar's own reader would keep passwords in its cache."""
    if not (request.headers.get("content-type") or "").startswith("application/x-www-form-urlencoded"):
        return {}
    body: bytes = await request.body()  # type: ignore[attr-defined]
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)


async def provide_ready(signed_in: NamedDependency[SignedIn]) -> SignedIn:
    """A session that has changed its first password. Raises NotSignedIn("change-password")."""
    if signed_in.must_change:
        raise NotSignedIn("change-password")
    return signed_in


def device_key(request: Connection) -> str | None:
    return request.headers.get(DEVICE_HEADER) or request.cookies.get(DEVICE_COOKIE)


def token_of(request: Connection) -> str:
    return bearer(request) or request.cookies.get(COOKIE) or ""
