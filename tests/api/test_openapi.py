"""The public contract: whole, exampled, true of what the routes answer."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from api.openapi import EXAMPLES, FILES, Recorded, recorded
from storage.act import ACTS
from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.api.recording import record
from tests.columns import Ground

ROOT = "/api/v1"


async def contract(doors: Doors) -> dict[str, Any]:
    async with doors.client() as client:
        response = await client.get(f"{ROOT}/schema/openapi.json")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


async def test_every_route_has_an_example_and_its_problem_documents(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    schema = await contract(Doors(binhai, binhai_ground))

    routes = {
        f"{method.upper()} {path.removeprefix(ROOT)}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }
    assert len(routes) >= 36
    assert sorted(routes.keys() - recorded().keys() - FILES.keys()) == []
    assert [route for route, each in routes.items() if "400" in each["responses"]] == []
    for route, operation in routes.items():
        assert operation["summary"], route
        problems = [status for status in operation["responses"] if int(status) >= 400]
        assert problems or route == "GET /health", route
        for status in problems:
            media = operation["responses"][status]["content"]
            assert route == "GET /health" or list(media) == ["application/problem+json"], (route, status)
        for parameter in operation.get("parameters", []):
            assert parameter["in"] != "path" or route in FILES or "example" in parameter, (
                route,
                parameter["name"],
            )


async def test_every_act_stands_in_the_contract_with_its_schema_and_its_examples(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    schema = await contract(Doors(binhai, binhai_ground))

    operation = schema["paths"]["/api/v1/acts/{act}"]["post"]
    public = {name for name, kind in ACTS.items() if kind.public}
    body = operation["requestBody"]["content"]["application/json"]
    assert (
        set(next(each for each in operation["parameters"] if each["name"] == "act")["schema"]["enum"])
        == public
    )
    assert public <= set(body["examples"])
    named = {each["$ref"].rpartition("/")[2] for each in schema["components"]["schemas"]["AnyAct"]["anyOf"]}
    assert named == {kind.params.__name__ for kind in ACTS.values() if kind.public}
    assert named <= set(schema["components"]["schemas"])


async def test_what_was_recorded_is_still_what_is_answered(binhai: Wiring, binhai_ground: Ground) -> None:
    """ZHIXI_RECORD=yes writes the examples of routes that are new or answer otherwise."""
    made = await record(binhai, Doors(binhai, binhai_ground))
    if os.environ.get("ZHIXI_RECORD") == "yes":
        written = {route: _kept(recorded().get(route), each) for route, each in made.items()}
        EXAMPLES.write_bytes(
            msgspec.json.format(msgspec.json.encode(written, order="sorted"), indent=1) + b"\n"
        )
        recorded.cache_clear()

    assert made.keys() == recorded().keys()
    for route, each in made.items():
        before = recorded()[route]
        assert (each.status, each.by) == (before.status, before.by), route
        assert shape(each.answer) == shape(before.answer), route


def _kept(before: Recorded | None, made: Recorded) -> Recorded:
    """An example that still tells the truth stays, ids and all."""
    if before is None or (before.status, before.by) != (made.status, made.by):
        return made
    same = (before.path.keys(), before.query, before.body) == (made.path.keys(), made.query, made.body)
    return before if same and shape(before.answer) == shape(made.answer) else made


def shape(value: Any) -> Any:
    """Names and kinds of an answer to the second depth; what stands below names of nodes differs from run to run."""
    if isinstance(value, dict):
        return {name: type(each).__name__ for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__
