"""From a template and an answer to a page: words, dates and addresses of assets for the templates, headers for the browser."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.connection import ASGIConnection
from markupsafe import Markup

from api import show
from api.texts import Language, pick, text
from graph.kinds import NODES, Node
from graph.law.levels import LEVELS
from graph.times import parse, to_datetime
from storage.act import ACTS

HERE = Path(__file__).resolve().parents[1]
ASSETS = HERE / "assets"
BUILT = HERE / "static"
LANGUAGE_COOKIE = "zhixi_language"

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:;"
        " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": asset, "built": built, "address": address}
    return made


@cache
def asset(name: str) -> str:
    """The address of a file of ours, with its digest: it may be kept for as long as it stays the same."""
    for folder in (ASSETS, BUILT):
        path = folder / name
        if path.is_file():
            return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    return f"/static/{name}"


def built(name: str) -> bool:
    """Whether the client's build has put this file there: without it pages are whole all the same."""
    return (BUILT / name).is_file()


def address(path: str, **query: str | int | None) -> str:
    """A path with those of its parameters that are given."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def language_of(request: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Before signing in: what was chosen here, or what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return (
        "en" if chosen == "en" else "zh" if chosen == "zh" else pick(request.headers.get("accept-language"))
    )


def words(language: Language) -> dict[str, Any]:
    """What every template may call."""

    def say(pair: Mapping[str, str] | None) -> str:
        return "" if pair is None else pair[language]

    def t(code: str, /, **values: object) -> str:
        return text(language, code, **values)

    return {
        "t": t,
        "say": say,
        "lang": language,
        "day": lambda value: day(language, value),
        "moment": moment,
        "size": size,
        "block": block,
        "aria": aria,
        "counted": lambda n: text(language, "page.people.one" if n == 1 else "page.people.many", count=n),
        "level": lambda id_: say({"zh": LEVELS[id_].zh, "en": LEVELS[id_].en}) if id_ in LEVELS else "",
        "role": lambda kind: say(show.role(kind)),
        "act": lambda name: say({"zh": ACTS[name].zh, "en": ACTS[name].en}),
        "kind": lambda label: say({"zh": NODES[Node(label)].zh, "en": NODES[Node(label)].en}),
    }


def _instant(value: int | str) -> datetime:
    return to_datetime(value if isinstance(value, int) else parse(value, field="date"))


def day(language: Language, value: int | str | None) -> str:
    if value is None or value == "":
        return ""
    found = _instant(value)
    return f"{found.year}年{found.month}月{found.day}日" if language == "zh" else f"{found:%-d %b %Y}"


def moment(value: int | str | None) -> str:
    """In tables, one spelling for both languages: it sorts, and lines up."""
    return "" if value is None or value == "" else f"{_instant(value):%Y-%m-%d %H:%M}"


def size(count: int) -> str:
    for unit, bytes_ in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= bytes_:
            return f"{count / bytes_:.1f} {unit}"
    return f"{count} B"


def block(value: object) -> Markup:
    """An answer as JSON inside a script element: data only, and nothing in it can end the element."""
    encoded = msgspec.json.encode(value).decode()
    return Markup(encoded.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def aria(name: str, faults: Any, hint: object = "") -> Markup:
    """What ties a field to its fault and its hint, for those who hear the page."""
    wrong = bool(faults and faults.of(name))
    told = " ".join([f"w-{name}"] * wrong + [f"h-{name}"] * bool(hint))
    invalid = Markup(' aria-invalid="true"') if wrong else Markup("")
    return invalid + (Markup(' aria-describedby="{}"').format(told) if told else Markup(""))


def render(template: str, language: Language, *, status: int = 200, **values: Any) -> Response[str]:
    content = environment().get_template(template).render(**words(language), **values)
    return Response(
        content,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={**HEADERS, "Content-Language": language},
    )


def to(path: str) -> Response[str]:
    """After something was done: look at what came of it."""
    return Response("", status_code=303, headers={**HEADERS, "Location": path}, media_type="text/plain")


def within(path: str | None) -> str:
    """A path of ours to go on to, or the desk: never an address elsewhere."""
    if not path or not path.startswith("/") or path[1:2] in {"/", "\\"} or any(c < " " for c in path):
        return "/"
    return path


def set_cookie(
    response: Response[Any], request: ASGIConnection[Any, Any, Any, Any], name: str, value: str, *,
    days: int | None = None,
) -> None:  # fmt: skip
    response.set_cookie(
        key=name,
        value=value,
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.http.secure_cookies,
        path="/",
        max_age=None if days is None else days * 86_400,
    )
