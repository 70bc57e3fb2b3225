"""The public contract in full: every route with examples, every act with its schema, every problem document.

What Litestar reads off the handlers is completed here once: answers and requests recorded against the demo organisation
(`examples.json`, held true by a test), the acts of the catalogue as bodies, and which problems each route may answer with.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from api.errors import MEDIA, Problem
from api.http.whatif import Proposed
from api.texts import text
from storage.act import ACTS

Json = dict[str, Any]
EXAMPLES = Path(__file__).parent / "examples.json"
ROOT = "/api/v1"
REF = "#/components/schemas/{name}"
OPEN = {"GET /health", "GET /metrics", "POST /session"}
"""Routes that ask for no session; figures ask for a token of their own."""
PROBLEMS: dict[int, tuple[str, ...]] = {
    401: ("not-signed-in",),
    403: ("refused",),
    404: ("not-available",),
    409: ("conflict", "preview-waiting", "offset-not-due"),
    413: ("too-large",),
    422: ("bad-input",),
    429: ("too-many",),
    503: ("unavailable", "recorded-not-yet-effective"),
}
WAITING = {
    "POST /acts/{act}": ("conflict",),
    "GET /readings/{reading}/pages/{page}": ("preview-waiting",),
    "PATCH /uploads/{upload}": ("offset-not-due",),
}
FILES = {
    "GET /readings/{reading}/content": "application/octet-stream",
    "GET /readings/{reading}/pages/{page}": "image/png",
    "GET /metrics": "text/plain",
}
BODIES: dict[str, type[msgspec.Struct]] = {"POST /questions/what-if": Proposed}
"""Bodies that a route reads by itself, to name the field that is wrong."""
BOOKS = {"GET /registers/{register}", "GET /paper/{book}"}
BOOK_FORMS = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Recorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request as it was made and what came of it. `answer` is None where nothing or a file comes back."""

    by: str
    path: Mapping[str, str | int] = {}
    query: Mapping[str, str | int] = {}
    headers: dict[str, str] = {}
    body: Any = None
    status: int
    answer: Any = None


@cache
def recorded() -> dict[str, Recorded]:
    """By method and route."""
    return msgspec.json.decode(EXAMPLES.read_bytes(), type=dict[str, Recorded])


class Contract(JsonRenderPlugin):
    """Serves the completed contract."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        return self.render_json(request, completed(openapi_schema))


def completed(schema: Json) -> Json:
    """The contract as Litestar reads it → with examples, acts, problems and who may ask. Pure."""
    found: Json = msgspec.json.decode(msgspec.json.encode(schema))
    parts = found["components"]["schemas"]
    _, problem = msgspec.json.schema_components([Problem], ref_template=REF)
    parts |= problem
    acts, described = msgspec.json.schema_components(
        [kind.params for kind in ACTS.values() if kind.public], ref_template=REF
    )
    parts |= described
    parts["AnyAct"] = {"anyOf": list(acts)}
    _, bodies = msgspec.json.schema_components(list(BODIES.values()), ref_template=REF)
    parts |= bodies
    found["security"] = [{"bearer": []}]
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            _complete(f"{method.upper()} {path.removeprefix(ROOT)}", operation)
    return found


def _complete(route: str, operation: Json) -> None:
    example = recorded().get(route)
    if route in OPEN:
        operation["security"] = []
    if route == "POST /acts/{act}":
        _act_body(operation)
    if route in BODIES:
        schema = {"$ref": REF.format(name=BODIES[route].__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if example is not None:
        _asked(operation, example)
        _answered(operation, example)
    _forms(route, operation)
    operation["responses"].pop("400", None)
    for status, codes in _problems(route, operation).items():
        operation["responses"][str(status)] = _problem(status, codes)


def _act_body(operation: Json) -> None:
    public = {name: kind for name, kind in sorted(ACTS.items()) if kind.public}
    operation["requestBody"] = {
        "required": True,
        "description": "The act's own parameters, and with any act `occurred_at`, `late` and `decision`; a decision at the counter"
        " (`proof`: `counter`) comes with the `pin` of whoever decides, which is never entered",
        "content": {
            "application/json": {
                "schema": {"$ref": REF.format(name="AnyAct")},
                "examples": {
                    name if n == 0 else f"{name}-{n + 1}": {
                        "summary": f"{kind.zh} · {kind.en}",
                        "value": value,
                    }
                    for name, kind in public.items()
                    for n, value in enumerate(kind.examples)
                },
            }
        },
    }
    for parameter in operation["parameters"]:
        if parameter["name"] == "act":
            parameter["schema"] = {"type": "string", "enum": list(public)}


def _asked(operation: Json, example: Recorded) -> None:
    values = {**example.path, **example.query}
    for parameter in operation.get("parameters", []):
        if parameter["name"] in values:
            parameter["example"] = values[parameter["name"]]
    for name, value in example.headers.items():
        operation.setdefault("parameters", []).append(
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "example": value}
        )
    body = operation.get("requestBody")
    if body and example.body is not None:
        content = body["content"]["application/json"]
        content.setdefault("examples", {"recorded": {"value": example.body}})


def _answered(operation: Json, example: Recorded) -> None:
    if example.answer is None:
        return
    for status in {str(example.status), "200" if "200" in operation["responses"] else str(example.status)}:
        response = operation["responses"].setdefault(status, {"description": operation["summary"]})
        response["content"] = {
            "application/json": {
                "schema": _schema(example.answer),
                "examples": {"recorded": {"value": example.answer}},
            }
        }
    if operation["responses"].get("201") and "acts" in operation.get("tags", []):
        operation["responses"]["200"] = {
            **operation["responses"]["201"],
            "description": "The same Idempotency-Key was met before",
        }


def _schema(answer: Any) -> Json:
    """What every answer of the route has in common with the recorded one: its kind and the names at its top."""
    if isinstance(answer, list):
        return {"type": "array", "items": _schema(answer[0]) if answer else {}}
    if not isinstance(answer, dict):
        return _kind(answer)
    return {
        "type": "object",
        "required": sorted(answer),
        "properties": {name: _kind(value) for name, value in answer.items()},
    }


def _kind(value: Any) -> Json:
    """Texts and numbers may be null in another answer; lists, objects and truth values never are."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, list):
        return {"type": "array"}
    if isinstance(value, dict):
        return {"type": "object"}
    if isinstance(value, int):
        return {"type": ["integer", "null"]}
    return {"type": ["string", "null"]} if isinstance(value, str) else {}


def _forms(route: str, operation: Json) -> None:
    """Answers that are files, and books as spreadsheets."""
    if route in FILES:
        content = {FILES[route]: {"schema": {"type": "string", "format": "binary"}}}
        operation["responses"]["200"]["content"] = content
        if route.endswith("content"):
            partial = {"description": "The bytes asked for (Range)", "content": content}
            operation["responses"]["206"] = partial
    if route in BOOKS:
        for media in BOOK_FORMS:
            operation["responses"]["200"]["content"][media] = {
                "schema": {"type": "string", "format": "binary"}
            }
    if route == "GET /health":
        operation["responses"]["503"] = {
            **operation["responses"]["200"],
            "description": "Which service does not answer",
        }


def _problems(route: str, operation: Json) -> dict[int, tuple[str, ...]]:
    if route == "GET /health":
        return {}
    if route == "GET /metrics":
        return {404: PROBLEMS[404]}
    wanted: dict[int, tuple[str, ...]] = {
        503: PROBLEMS[503] if route.startswith("POST") else PROBLEMS[503][:1]
    }
    if operation.get("parameters") or operation.get("requestBody"):
        wanted[422] = PROBLEMS[422]
    if route not in OPEN or route == "POST /session":
        wanted[401] = PROBLEMS[401]
    if route not in OPEN:
        wanted |= {403: PROBLEMS[403], 404: PROBLEMS[404]}
    if route in WAITING:
        wanted[409] = WAITING[route]
    if not route.startswith("GET"):
        wanted[413] = PROBLEMS[413]
    if route == "POST /session":
        wanted[429] = PROBLEMS[429]
    return dict(sorted(wanted.items()))


def _problem(status: int, codes: tuple[str, ...]) -> Json:
    return {
        "description": " · ".join(text("en", f"problem.{code}") for code in codes),
        "content": {
            MEDIA: {
                "schema": {"$ref": REF.format(name="Problem")},
                "examples": {
                    code: {
                        "value": {
                            "type": f"/problems/{code}",
                            "title": text("zh", f"problem.{code}"),
                            "status": status,
                        }
                    }
                    for code in codes
                },
            }
        },
    }
