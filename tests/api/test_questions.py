"""The questions at the JSON door."""

from __future__ import annotations

import pytest

from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.columns import Ground

QUESTIONS = ("may-know", "why-not", "audience", "paths")


async def test_a_refusal_names_article_remedy_and_whose_act_it_is_in_both_languages(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as head:
        answer = (await head.get("/api/v1/questions/why-not", params={"item": "D2", "person": "p06"})).json()

    assert answer["rules"] == ["S01-3c", "S02-4.5"]
    reason = answer["reasons"][0]
    assert reason["rules"][0]["article"] == "第三条"
    assert reason["rules"][0]["brief"]["en"].startswith("Work on a confidential post")
    assert reason["text"]["zh"] == "涉密等级为秘密（一般），须达到机密（重要）"
    assert reason["remedy"]["text"]["en"] == "Determine or adjust the clearance"
    assert reason["whose"]["text"]["zh"] == "保密工作领导小组"


async def test_the_leader_may_know_that_a_document_waits_for_its_range_and_not_know_it(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    sent = {"id": "D9", "title": "戊号请示", "level": "secret", "years": 20, "distribution": ["binhai"]}
    await binhai.office.do("p04", "register-document", sent)

    async with doors.by("p01", "T301") as leader, doors.by("p05") as head:
        why = (await leader.get("/api/v1/questions/why-not", params={"item": "D9"})).json()
        page = (await leader.get("/api/v1/documents/D9")).json()
        listed = (await leader.get("/api/v1/documents")).json()
        opened = await leader.post("/api/v1/documents/D9/readings", json={})
        hidden = await head.get("/api/v1/documents/D9")

    assert why["rules"] == ["S03-4.1a"]
    assert (page["document"]["title"], page["document"]["readable"]) == ("戊号请示", False)
    assert "D9" in [each["id"] for each in listed["documents"]]
    assert (opened.status_code, opened.json()["rules"]) == (403, ["S03-4.1a"])
    assert hidden.status_code == 404


async def test_a_colleague_sees_names_and_groups_but_no_reasons(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist:
        answer = (
            await archivist.get("/api/v1/questions/may-know", params={"item": "D2", "person": "p06"})
        ).json()

    assert answer["allowed"] is False
    assert answer["sight"] == "names"
    assert answer["reasons"] == []
    assert answer["marks"] == []


@pytest.mark.parametrize("question", QUESTIONS)
async def test_what_is_hidden_and_what_does_not_exist_get_one_answer(
    question: str, binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p06") as staff:
        hidden = await staff.get(f"/api/v1/questions/{question}", params={"item": "D1"})
        missing = await staff.get(f"/api/v1/questions/{question}", params={"item": "no-such-id"})

    assert plain(hidden) == plain(missing)
    assert hidden.status_code == 404
    assert hidden.headers["content-type"].startswith("application/problem+json")


async def test_a_past_date_is_answered_as_it_was_and_the_asker_is_judged_now(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["p04"]})

    async with doors.by("p05") as head:
        now = (await head.get("/api/v1/questions/audience", params={"item": "D2"})).json()
        before = (
            await head.get("/api/v1/questions/audience", params={"item": "D2", "at": "2026-03-01"})
        ).json()

    assert [each["person"] for each in now["people"]] == ["p01", "p03", "p05"]
    assert [each["person"] for each in before["people"]] == ["p01", "p03", "p04", "p05"]


async def test_known_at_answers_as_the_register_stood(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    signed = await binhai.office.do(
        "p07", "record-undertaking", {"person": "p07", "undertaking": "in_post", "version": "2026版"}
    )
    removed = await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["yewu1"]})

    async with doors.by("p02") as officer:

        async def known(at: str) -> list[str]:
            response = await officer.get("/api/v1/questions/audience", params={"item": "D2", "known_at": at})
            return [each["person"] for each in response.json()["people"]]

        assert await known(signed.ref) == ["p01", "p03", "p04", "p05", "p07"]
        assert await known(removed.ref) == ["p01", "p03", "p04"]


async def test_an_audience_is_paged_and_says_whether_it_is_complete(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as head:
        first = (await head.get("/api/v1/questions/audience", params={"item": "D2", "limit": 3})).json()
        rest = (
            await head.get(
                "/api/v1/questions/audience", params={"item": "D2", "limit": 3, "cursor": first["cursor"]}
            )
        ).json()

    assert (first["total"], first["complete"], len(first["people"])) == (4, False, 3)
    assert (rest["complete"], rest["cursor"], [each["person"] for each in rest["people"]]) == (
        True,
        None,
        ["p05"],
    )


async def test_reach_lists_what_one_may_know_and_others_may_not_ask(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as head, doors.by("p06") as staff:
        own = (await head.get("/api/v1/questions/reach")).json()
        of_member = (await head.get("/api/v1/questions/reach", params={"person": "p06"})).json()
        of_head = await staff.get("/api/v1/questions/reach", params={"person": "p05"})

    assert ([each["item"] for each in own["items"]], own["total"]) == (["D2", "D3"], 2)
    assert [each["item"] for each in of_member["items"]] == ["D3"]
    assert of_head.status_code == 404


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"item": "D2", "at": "yesterday"}, "at"),
        ({"item": "D2", "at": "2026-13-40"}, "at"),
        ({"item": "D2", "known_at": "e-nosuch"}, "known_at"),
        ({"item": "D2", "limit": "0"}, "limit"),
        ({"item": "D2", "limit": "999999"}, "limit"),
    ],
)
async def test_bad_parameters_are_named(
    params: dict[str, str], field: str, binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as head:
        response = await head.get("/api/v1/questions/audience", params=params)

    assert response.status_code == 422
    assert [each["field"] for each in response.json()["errors"]] == [field]


@pytest.mark.parametrize("params", [{}, {"item": ""}, {"item": "D2", "limit": "many"}, {"item": "x" * 100}])
async def test_missing_or_malformed_parameters_are_422(
    params: dict[str, str], binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as head:
        response = await head.get("/api/v1/questions/audience", params=params)

    assert response.status_code == 422
    assert response.json()["errors"]
