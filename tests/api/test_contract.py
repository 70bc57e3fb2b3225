"""Whatever the contract allows to be sent is answered as the contract says, and never with 500 (schemathesis)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.api.test_openapi import contract
from tests.columns import Ground

Cases = list[Case[Any]]
SECONDS = 20
A_ROUTE = 6
"""Cases drawn for each route; they are sent in turns until the time is up."""
HELD: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
NOT_SENT = {("DELETE", "/api/v1/session"), ("POST", "/api/v1/session/password"), ("POST", "/api/v1/session")}
"""They end the session that asks, or are limited by the address."""
TRANSPORTED = ("method", "url", "headers", "params", "json", "content")


def drawn(schema: dict[str, Any]) -> list[Cases]:
    """Cases by route, the same at every run."""
    found = []
    for result in schemathesis.openapi.from_dict(schema).get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if (operation.method.upper(), operation.path) in NOT_SENT:
            continue
        found.append(_cases(operation))
    return found


def _cases(operation: Any) -> Cases:
    found: Cases = []

    @settings(
        max_examples=A_ROUTE, database=None, derandomize=True, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def collect(case: Case[Any]) -> None:
        found.append(case)

    collect()
    return found


def in_turns(cases: list[Cases]) -> Iterator[Case[Any]]:
    for row in zip_longest(*cases):
        yield from (each for each in row if each is not None)


async def test_nothing_the_contract_allows_breaks_a_route_or_the_contract(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    cases = drawn(await contract(doors))
    tokens = [await doors.token(person) for person in ("p02", "p04", "p06")]
    until = time.monotonic() + SECONDS

    wrong: list[str] = []
    sent = 0
    async with doors.client() as client:
        for case in in_turns(cases):
            if time.monotonic() > until:
                break
            asked = case.as_transport_kwargs(base_url="http://zhixi.test")
            asked["headers"] = {**asked["headers"], "Authorization": f"Bearer {tokens[sent % 3]}"}
            response = await client.request(**{name: asked[name] for name in TRANSPORTED if name in asked})
            sent += 1
            try:
                case.validate_response(response, checks=HELD)
            except FailureGroup as failed:
                wrong.append(f"{case.method} {case.path} {response.status_code}: {failed.exceptions}")

    assert wrong == []
    assert len(cases) >= 33
    assert sent >= len(cases)
