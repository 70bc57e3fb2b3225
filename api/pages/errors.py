"""Errors as pages: the same problems as the API's, in the same words, with every rule, clause and remedy."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from api import errors as problems
from api.pages import view
from api.pages.seat import Seat
from api.texts import Language
from graph.errors import NotAvailable, NotSignedIn, ZhixiError

API = "/api/"


def handle(request: Request[Any, Any, Any], error: ZhixiError) -> Response[Any]:
    if request.url.path.startswith(API):
        return problems.handle(request, error)
    if isinstance(error, NotSignedIn) and error.code != "csrf":
        return _sign_in(request, error)
    problems.log_if_ours(error)
    return _page(request, problems.problem(error, _language(request), problems.names_of(request)))


def handle_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if request.url.path.startswith(API):
        return problems.handle_http(request, error)
    if error.status_code == 404:
        return handle(request, NotAvailable())
    return _page(request, problems.framework_problem(error, _language(request)))


def handle_unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if request.url.path.startswith(API):
        return problems.handle_unforeseen(request, error)
    return _page(request, problems.unforeseen(error, _language(request)))


def _sign_in(request: Request[Any, Any, Any], error: NotSignedIn) -> Response[str]:
    """Where one has to sign in, or to change the first password, the page for it."""
    if error.code == "change-password":
        return view.to("/password")
    going = request.url.path if request.method == "GET" else ""
    if going and request.url.query:
        going = f"{going}?{request.url.query}"
    why = error.code if error.code == "session-over" else None
    return view.to(view.address("/sign-in", next=going if going != "/" else None, why=why))


def _language(request: Request[Any, Any, Any]) -> Language:
    seat = _seat(request)
    return seat.language if seat else view.language_of(request)


def _seat(request: Request[Any, Any, Any]) -> Seat | None:
    found = request.scope.get("state", {}).get("seat")
    return found if isinstance(found, Seat) else None


def _page(request: Request[Any, Any, Any], found: problems.Problem) -> Response[str]:
    return view.render(
        "error.html",
        _language(request),
        status=found.status,
        seat=_seat(request),
        done="",
        problem=found,
        problem_kind=found.type.rpartition("/")[2],
    )
