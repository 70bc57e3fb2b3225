"""Acts at the JSON door: the catalogue, refusals with every rule, Idempotency-Key."""

from __future__ import annotations

from storage.act import ACTS
from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground

DOCUMENT = {
    "id": "D9",
    "title": "九号通知",
    "level": "secret",
    "years": 20,
    "distribution": ["yewu1"],
    "quantity": 3,
}


async def test_the_catalogue_lists_every_public_act_with_schema_and_examples(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist:
        listed = (await archivist.get("/api/v1/acts")).json()

    assert {each["name"] for each in listed} == {kind.name for kind in ACTS.values() if kind.public}
    assert all(each["schema"] and each["examples"] for each in listed)


async def test_a_refused_act_names_every_rule_that_applies(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist:
        response = await archivist.post("/api/v1/acts/register-document", json={"title": "九号通知"})

    assert response.status_code == 403
    assert response.json()["rules"] == ["S03-2.1a", "S03-2.1b", "S03-2.1c"]


async def test_bad_input_names_the_field_in_the_language_asked_for(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist:
        chinese = await archivist.post("/api/v1/acts/register-document", json={**DOCUMENT, "colour": "red"})
        archivist.headers["Accept-Language"] = "en-GB"
        english = await archivist.post("/api/v1/acts/register-document", json={**DOCUMENT, "colour": "red"})

    assert chinese.json()["errors"] == [{"field": "colour", "code": "unknown-field", "message": "没有这一项"}]
    assert english.json()["errors"][0]["message"] == "There is no such field"


async def test_the_same_key_with_the_same_request_is_done_once(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    key = {"Idempotency-Key": "form-17"}

    async with doors.by("p04") as archivist:
        first = await archivist.post("/api/v1/acts/register-document", json=DOCUMENT, headers=key)
        again = await archivist.post("/api/v1/acts/register-document", json=DOCUMENT, headers=key)
        other = await archivist.post(
            "/api/v1/acts/register-document", json={**DOCUMENT, "quantity": 4}, headers=key
        )

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == {**first.json(), "repeated": True}


async def test_nothing_the_staff_see_tells_a_seq(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist:
        made = (await archivist.post("/api/v1/acts/register-document", json=DOCUMENT)).json()
        corrected = (
            await archivist.post(
                "/api/v1/acts/correct",
                json={
                    "entry": made["ref"],
                    "field": "title",
                    "old": "九号通知",
                    "new": "九号通报",
                    "reason": "笔误",
                },
            )
        ).json()

    assert "seq" not in made["result"]
    assert "seq" not in corrected["result"]


async def test_a_body_that_is_no_object_is_422(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist:
        for content in (b"[1]", b"{", b'"text"', b"\xff\xfe"):
            response = await archivist.post("/api/v1/acts/add-folder", content=content)
            assert response.status_code == 422, content
