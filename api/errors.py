"""Every error of the tree to one problem document (RFC 9457). Public text apart from internal cause."""

from __future__ import annotations

import logging
import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Scope

from api import show
from api.texts import Language, pick, text
from graph.errors import (
    BadInput,
    Broken,
    Conflict,
    GraphMismatch,
    NotAvailable,
    NotReady,
    NotSignedIn,
    NotYetEffective,
    Refused,
    TooMany,
    Unavailable,
    ZhixiError,
)
from storage.files import OffsetNotDue

log = logging.getLogger("zhixi.api")
MEDIA = "application/problem+json"
WAIT_S = "2"
_MISSING = re.compile(r"Missing required (?:query|header|cookie|path) parameter '([^']+)'")

STATUS: dict[type[ZhixiError], tuple[int, str]] = {
    BadInput: (422, "bad-input"),
    OffsetNotDue: (409, "offset-not-due"),
    NotAvailable: (404, "not-available"),
    Refused: (403, "refused"),
    Conflict: (409, "conflict"),
    NotReady: (409, "preview-waiting"),
    NotSignedIn: (401, "not-signed-in"),
    TooMany: (429, "too-many"),
    NotYetEffective: (503, "recorded-not-yet-effective"),
    Unavailable: (503, "unavailable"),
    GraphMismatch: (500, "rebuild-the-graph"),
    Broken: (500, "broken"),
    ZhixiError: (500, "broken"),
}
"""The most special class that fits decides."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document. `rules` are all that refused; `errors` the fields that were wrong."""

    type: str
    title: str
    status: int
    rules: list[str] = []
    reasons: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    service: str = ""
    entry: str = ""
    detail: str = ""


def problem(error: ZhixiError, language: Language, names: show.Json) -> Problem:
    """`names` are those of the nodes its reasons speak of."""
    kind = next(each for each in type(error).__mro__ if each in STATUS)
    status, code = STATUS[kind]
    base: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": text(language, f"problem.{code}"),
        "status": status,
    }
    if isinstance(error, Refused):
        return Problem(
            **base, rules=list(error.rules), reasons=[show.reason(each, names) for each in error.reasons]
        )
    if isinstance(error, BadInput):
        return Problem(
            **base,
            errors=[
                {
                    "field": each.field,
                    "code": each.code,
                    "message": text(language, f"field.{each.code}", **each.values),
                }
                for each in error.errors
            ],
        )
    if isinstance(error, NotYetEffective):
        return Problem(**base, service=error.service, entry=error.entry)
    if isinstance(error, Unavailable):
        return Problem(**base, service=error.service)
    if isinstance(error, NotSignedIn):
        return Problem(**base, detail=text(language, f"sign-in.{error.code}"))
    if isinstance(error, NotReady):
        return Problem(**base, detail=text(language, f"waiting.{error.code}"))
    return Problem(**base)


def respond(error: ZhixiError, language: Language, names: show.Json) -> Response[bytes]:
    found = problem(error, language, names)
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotReady):
        headers["Retry-After"] = WAIT_S
    return Response(msgspec.json.encode(found), status_code=found.status, media_type=MEDIA, headers=headers)


async def name(error: Exception, scope: Scope) -> None:
    """Before a refusal is shown: the names of what its reasons speak of, as far as whoever is refused may know them."""
    if not isinstance(error, Refused):
        return
    state = scope.setdefault("state", {})
    viewer = scope["litestar_app"].state.books.viewer(state["asker"]) if "asker" in state else None
    state["names"] = await show.names_in(error.reasons, viewer)


def names_of(request: Request[Any, Any, Any]) -> show.Json:
    found: show.Json = request.scope.get("state", {}).get("names", {})
    return found


def handle(request: Request[Any, Any, Any], error: ZhixiError) -> Response[bytes]:
    log_if_ours(error)
    return respond(error, pick(request.headers.get("accept-language")), names_of(request))


def log_if_ours(error: ZhixiError) -> None:
    """What is nobody's input goes to the log with its cause."""
    if isinstance(error, (Broken, Unavailable)):
        log.error("%s: %s", type(error).__name__, error, exc_info=error)


def handle_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The framework's own refusals (no such route, method, body too large) in the same dress."""
    language = pick(request.headers.get("accept-language"))
    found = framework_problem(error, language)
    return Response(
        msgspec.json.encode(found),
        status_code=found.status,
        media_type=MEDIA,
        headers={"Content-Language": language, "Cache-Control": "no-store"},
    )


def framework_problem(error: HTTPException, language: Language) -> Problem:
    code = {404: "not-available", 405: "no-such-method", 413: "too-large", 401: "not-signed-in", 403: "refused"}.get(
        error.status_code, "bad-input" if error.status_code < 500 else "broken"
    )  # fmt: skip
    status = 422 if error.status_code == 400 else error.status_code
    return Problem(
        type=f"/problems/{code}",
        title=text(language, f"problem.{code}"),
        status=status,
        errors=_fields(error, language) if code == "bad-input" else [],
    )


def _fields(error: HTTPException, language: Language) -> list[dict[str, Any]]:
    """What the framework found wrong with parameters or body, field by field."""
    found = error.extra if isinstance(error, ValidationException) and isinstance(error.extra, list) else []
    named = [
        {
            "field": str(each.get("key") or "body"),
            "code": "wrong-type",
            "message": text(language, "field.wrong-type", expected=each.get("message", "")),
        }
        for each in found
        if isinstance(each, dict)
    ]
    if named:
        return named
    missing = _MISSING.search(error.detail)
    field, code = (missing[1], "missing") if missing else ("body", "wrong-type")
    return [{"field": field, "code": code, "message": text(language, f"field.{code}", expected=error.detail)}]


def handle_unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("unforeseen", exc_info=error)
    return respond(Broken("unforeseen"), pick(request.headers.get("accept-language")), {})


def unforeseen(error: Exception, language: Language) -> Problem:
    log.error("unforeseen", exc_info=error)
    return problem(Broken("unforeseen"), language, {})
