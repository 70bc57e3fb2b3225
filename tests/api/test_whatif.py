"""What-if at the JSON door: what it takes, who may ask, and that nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.columns import Ground
from tests.storage.fingerprint import catalogue

PATH = "/api/v1/questions/what-if"
NARROW = {"do": "narrow-range", "as": "p01", "with": {"document": "D2", "remove": ["p04"]}}


async def test_the_answer_names_who_gains_and_loses_and_writes_nothing(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p02") as officer:
        before = (await binhai.ledger.head(), await catalogue())
        answer = (await officer.post(PATH, json={"acts": [NARROW]})).json()
        after = (await binhai.ledger.head(), await catalogue())

    assert (answer["gains"], answer["loses"]) == ([], [{"person": "p04", "item": "D2"}])
    assert answer["exposed"] == [{"person": "p04", "carrier": "C2"}, {"person": "p04", "carrier": "C3"}]
    assert answer["names"]["p04"]["zh"] == "李娜"
    assert before == after


async def test_an_act_that_would_be_refused_refuses_the_question_with_its_rules(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p02") as officer:
        response = await officer.post(PATH, json={"acts": [NARROW, {**NARROW, "as": "p04"}]})

    assert response.status_code == 403
    assert "S03-4.1a" in response.json()["rules"]


async def test_it_looks_at_a_later_date_and_never_at_an_earlier_one(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    signing = {"do": "record-undertaking",
               "with": {"person": "p07", "undertaking": "in_post", "version": "2026版", "years": 1}}  # fmt: skip

    async with doors.by("p02") as officer:
        soon = (await officer.post(PATH, json={"acts": [signing], "at": "2026-06-01"})).json()
        then = (await officer.post(PATH, json={"acts": [signing], "at": "2027-06-01"})).json()
        past = await officer.post(PATH, json={"acts": [signing], "at": "2026-03-01"})

    assert [each["item"] for each in soon["gains"]] == ["D2", "D3"]
    assert then["gains"] == []
    assert [each["field"] for each in past.json()["errors"]] == ["at"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "acts"),
        ({"acts": []}, "acts"),
        ({"acts": [{"do": "shred"}]}, "act"),
        ({"acts": [{"do": "found", "with": {}}]}, "act"),
        ({"acts": [{**NARROW, "with": {"document": "D99", "remove": ["p04"]}}]}, "document"),
        ({"acts": [{**NARROW, "surplus": 1}]}, "acts[0].surplus"),
        ({"acts": [NARROW] * 51}, "acts"),
        ({"acts": [NARROW], "at": "soon"}, "at"),
    ],
)
async def test_bad_input_is_named(
    sent: dict[str, Any], field: str, binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p02") as officer:
        response = await officer.post(PATH, json=sent)

    assert response.status_code == 422, response.text
    assert [each["field"] for each in response.json()["errors"]] == [field]


async def test_staff_are_told_nothing_whatever_they_propose(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p06") as staff:
        hidden = await staff.post(
            PATH, json={"acts": [{**NARROW, "with": {"document": "D1", "remove": ["p01"]}}]}
        )
        missing = await staff.post(
            PATH, json={"acts": [{**NARROW, "with": {"document": "D99", "remove": ["p01"]}}]}
        )

    assert plain(hidden) == plain(missing)
    assert hidden.status_code == 404
