"""has-known, can-reach and exposure at the JSON door, and who may ask them."""

from __future__ import annotations

import pytest

from graph.access import Questions, When
from graph.facts import World
from graph.reach import Asked, can_reach, exposing, exposure, knowing, reaching
from graph.reach import audience_over as asked_over
from graph.times import Instant, parse
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.columns import Ground
from tests.graph.agreement import Town
from tests.shelf import asking
from tests.storage.carriage import SLIP

OPENING = parse("2026-01-10", field="at")


async def test_exposure_names_ways_tags_and_rules_and_leaves_out_knowers_and_custodians(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p02") as officer:
        answer = (await officer.get("/api/v1/questions/exposure", params={"carrier": "C1"})).json()

    assert [each["person"] for each in answer["people"]] == ["p04", "p15", "p16", "p23"]
    assert (answer["total"], answer["complete"], answer["pairs"]) == (4, True, [["p15", "p16"]])
    li_na, he_yong = answer["people"][:2]
    assert [(step["from"], step["kind"], step["to"]) for step in li_na["ways"][0]["steps"]] == [
        ("p04", "MAY_ENTER", "R301"), ("B1", "KEPT_IN", "R301"), ("C1", "KEPT_IN", "B1")
    ]  # fmt: skip
    assert li_na["items"] == ["D1"]
    assert (he_yong["tags"], he_yong["rules"]) == (
        ["monitored", "two-person"],
        ["S02-13a", "S02-14.3", "S02-14.4"],
    )
    assert answer["names"]["p04"]["zh"] == "李娜"


async def test_an_interval_keeps_whoever_was_struck_from_the_list_and_pages_say_whether_they_are_complete(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do("p02", "strike-from-list", {"person": "p04", "place": "R301"})
    clock.put(parse("2026-03-04T09:00+08:00", field="clock"))

    async with doors.by("p02") as officer:

        async def ask(**params: str) -> list[str]:
            got = await officer.get("/api/v1/questions/exposure", params={"carrier": "C1", **params})
            return [each["person"] for each in got.json()["people"]]

        now = await ask()
        since = await ask(since="2026-03-01")
        past = await ask(at="2026-03-01")
        later = await ask(since="2026-03-03")
        first = (
            await officer.get("/api/v1/questions/can-reach", params={"carrier": "C1", "limit": "2"})
        ).json()
        rest = (
            await officer.get(
                "/api/v1/questions/can-reach",
                params={"carrier": "C1", "limit": "9", "cursor": first["cursor"]},
            )
        ).json()

    assert now == later == ["p15", "p16", "p23"]
    assert since == past == ["p04", "p15", "p16", "p23"]
    assert (first["total"], first["complete"], [each["person"] for each in first["people"]]) == (
        4,
        False,
        ["p03", "p15"],
    )
    assert (rest["complete"], rest["cursor"], [each["person"] for each in rest["people"]]) == (
        True,
        None,
        ["p16", "p23"],
    )


async def test_who_has_known_is_what_was_recorded_whatever_they_may_know_today(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    async with doors.by("p05", "T210") as head:
        opened = await head.post("/api/v1/documents/D2/readings", json={})
        assert opened.status_code == 201, opened.text
    await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["yewu1"]})

    async with doors.by("p02") as officer:
        known = (await officer.get("/api/v1/questions/has-known", params={"item": "D2"})).json()
        before = (
            await officer.get("/api/v1/questions/has-known", params={"item": "D2", "at": "2026-03-01"})
        ).json()
        may = (await officer.get("/api/v1/questions/may-know", params={"item": "D2", "person": "p05"})).json()

    assert [(each["person"], each["mode"]) for each in known["people"]] == [("p05", "read")]
    assert known["people"][0]["reading"]
    assert (before["total"], may["allowed"]) == (0, False)


@pytest.mark.parametrize("question", ["exposure", "can-reach", "has-known"])
async def test_what_is_not_for_the_asker_and_what_does_not_exist_get_one_answer(
    question: str, binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    path = f"/api/v1/questions/{question}"

    async with doors.by("p05") as head, doors.by("p02") as officer:
        not_his = await head.get(path, params={"item": "D2"})
        missing = await head.get(path, params={"item": "no-such-id"})
        officers = await officer.get(path, params={"item": "no-such-id"})

    assert plain(not_his) == plain(missing) == plain(officers)
    assert not_his.status_code == 404


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "carrier"),
        ({"carrier": "C1", "item": "D1"}, "carrier"),
        ({"carrier": "C1", "since": "2026-03-09"}, "since"),
        ({"carrier": "C1", "since": "then"}, "since"),
        ({"carrier": "C1", "limit": "0"}, "limit"),
    ],
)
async def test_bad_parameters_are_named(
    params: dict[str, str], field: str, binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p02") as officer:
        response = await officer.get("/api/v1/questions/exposure", params=params)

    assert response.status_code == 422
    assert [each["field"] for each in response.json()["errors"]] == [field]


async def test_by_the_graph_and_by_the_replica_the_answer_is_that_of_the_whole_ledger(binhai: Wiring) -> None:
    graph = asking(binhai.connection, binhai.projection, binhai.ledger, binhai.now)
    town = Town((graph, binhai.questions), binhai.connection, binhai.ledger, "p02", binhai.now())
    before = (await binhai.ledger.head()).seq
    for actor, act, params in (
        ("p02", "strike-from-list", {"person": "p04", "place": "R301"}),
        ("p20", "join", {"person": "p24", "department": "yewu1"}),
        ("p02", "record-departure", {"person": "p05", "note": "三日未到岗"}),
        (
            "p03",
            "lend-carrier",
            {"carrier": "C5", "to": "p06", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
        ),
    ):
        await binhai.office.do(actor, act, params)
    after = (await binhai.ledger.head()).seq
    past = parse("2026-03-01T12:00+08:00", field="at")

    for at, known, since in (
        (binhai.now(), None, None), (past, None, None), (binhai.now(), before, None), (binhai.now(), None, OPENING),
    ):  # fmt: skip
        asked = Asked(asker="p02", when=When(at=at, known=known), since=since)
        world = await town.world(after if known is None else known)
        for carrier in ("C1", "C2", "C5"):
            for questions in town.ways:
                reached = await can_reach(questions, carrier, asked)
                exposed = await exposure(questions, carrier, asked)
                assert list(reached.people) == reaching(world, carrier, at, since=since)
                assert list(exposed.people) == exposing(world, carrier, at, since=since)
    for questions in town.ways:
        await _audiences_agree(questions, await town.world(after), binhai.now())


async def _audiences_agree(questions: Questions, world: World, at: Instant) -> None:
    for item in ("D1", "D2", "D3"):
        asked = Asked(asker="p02", when=When(at=at))
        over = await asked_over(questions, item, OPENING, asked)
        assert list(over.people) == list(knowing(world, item, OPENING, at))
        assert over.people
