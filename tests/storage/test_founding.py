"""P-founding: on day one the first office-holders are entered once, from appointment papers, over two signatures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from graph.errors import BadField
from graph.times import parse
from storage.registers.founding import Found, drafted
from storage.wiring import Wiring

EXAMPLE = Path(__file__).parents[2] / "deploy" / "founding.example.yaml"
NOW = parse("2026-03-02T09:00:00+08:00", field="now")


def example(**changed: Any) -> Found:
    read = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    return msgspec.convert({**read, **changed}, Found)


def people(**changed: Any) -> list[dict[str, Any]]:
    """The people of the example, the first of them otherwise."""
    read: list[dict[str, Any]] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["people"]
    return [{**read[0], **changed}, *read[1:]]


async def test_p_founding_the_registry_is_founded_once_over_two_signatures(house: Wiring) -> None:
    ref = await house.found(example())
    head = await house.ledger.head()

    with pytest.raises(BadField) as again:
        await house.found(example())

    assert [(each.field, each.code) for each in again.value.errors] == [("ledger", "already-founded")]
    assert await house.ledger.head() == head
    body = await house.ledger.find(ref)
    assert body is not None
    assert (body.seq, body.act, body.rules) == (1, "found", ["P-founding"])
    assert body.payload["signatories"] == ["zhao", "guo"]
    assert {fact["kind"] for fact in map(msgspec.to_builtins, body.facts)} >= {"LEADER_OF", "CUSTODIAN_OF"}


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"signatories": ["zhao"]}, "signatories", "two-different-signatories"),
        ({"signatories": ["zhao", "zhao"]}, "signatories", "two-different-signatories"),
        ({"signatories": ["zhao", "nobody"]}, "signatories", "unknown-id"),
        ({"opening": "2026-03-03"}, "opening", "in-the-future"),
        ({"people": people(appointments=[])}, "people", "role-not-filled"),
        ({"people": people(appointments=[{"role": "LEADER_OF", "paper": " "}])}, "people[0].appointments[0].paper", "missing"),
        ({"people": people(appointments=[{"role": "HEAD_OF_ALL", "paper": "任1"}])}, "people[0].appointments[0].role", "not-in-list"),
        ({"people": people(id="guo")}, "people", "id-taken"),
        ({"people": people(login="guo")}, "people[0].login", "number-taken"),
        ({"people": people(login="Not a login")}, "people[0].login", "bad-login"),
        ({"store": {"accredited_for": "highest"}}, "store.accredited_for", "unknown-level"),
        ({"calendar": {"holidays": ["2026-05-09"], "workdays": ["2026-05-09"]}}, "calendar", ""),
    ],
)  # fmt: skip
def test_p_founding_what_cannot_be_founded_names_what_is_wrong(
    changed: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(BadField) as refused:
        drafted(example(**changed), NOW)

    (error,) = refused.value.errors
    assert error.field.startswith(field)
    assert code in ("", error.code)
