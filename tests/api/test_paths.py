"""The officer's drawing as the page embeds it, its way on where it is cut short, and its export as an entry."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from api.pages import paths
from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground


def embedded(page: httpx.Response) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="paths">(.*?)</script>', page.text, re.DOTALL)
    assert found is not None
    drawing: dict[str, Any] = json.loads(found[1])
    return drawing


async def test_custodians_reach_and_only_others_reach_without_the_right(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        page = await officer.get("/paths/D1")

    verdicts = {each["id"]: each["verdict"] for each in embedded(page)["people"]}
    assert verdicts == {"p01": "know", "p03": "reach", "p04": "reach_only", "p15": "reach_only", "p16": "reach_only",
                        "p23": "reach_only"}  # fmt: skip
    table = words(page).partition("同一答复")[2]
    assert [name for name in ("韩雪", "何勇", "吕芳", "李娜") if name not in table] == []


async def test_every_node_is_drawn_as_what_it_is(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        drawing = embedded(await officer.get("/paths/D2"))

    labels = {id_: each["label"] for id_, each in drawing["nodes"].items()}
    assert [id_ for id_, label in labels.items() if label == "Document"] == ["D2"]
    assert labels["secret"] == "Level"


async def test_a_drawing_cut_short_names_the_way_on(
    binhai: Wiring, binhai_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        whole = await officer.get("/paths/D2")
        monkeypatch.setattr(paths, "LARGEST_PAGE", 1)
        short = await officer.get("/paths/D2?at=2026-03-02")
        on = re.search(r'data-more="([^"]+)"', short.text)
        assert on is not None
        rest = await officer.get(on[1].replace("&amp;", "&"))

    assert (embedded(whole)["complete"], "data-more" in whole.text) == (True, False)
    assert embedded(short)["complete"] is False
    assert on[1].startswith("/documents/D2/exposure?at=2026-03-02&amp;cursor=")
    assert rest.status_code == 200


async def test_an_export_is_an_entry_of_who_may_draw(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    sent = {"document": "D1", "format": "svg", "names_hidden": False}

    async with doors.by("p02") as officer, doors.by("p05") as head:
        entered = await officer.post("/api/v1/acts/record-export", json=sent)
        refused = await head.post("/api/v1/acts/record-export", json=sent)
        book = (await officer.get("/api/v1/registers/exports")).json()

    assert entered.status_code == 201
    assert (refused.status_code, refused.json()["rules"]) == (403, ["P-export", "P-role"])
    assert [(line["ref"], line["subject"], line["actor"]) for line in book["lines"]] == [
        (entered.json()["ref"], "D1", "p02")
    ]
    async with browser(doors, "p02") as officer_at_page:
        assert "隐去姓名与标题 否" in words(await officer_at_page.get("/registers/exports"))


async def test_what_one_may_not_know_of_is_exported_like_what_does_not_exist(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    before = await binhai.ledger.head()

    async with doors.by("p20") as member:
        head = await binhai.ledger.head()
        hidden = await member.post("/api/v1/acts/record-export", json={"document": "D2", "format": "png"})
        missing = await member.post("/api/v1/acts/record-export", json={"document": "no", "format": "png"})

    assert (hidden.status_code, missing.status_code) == (422, 422)
    assert [each["code"] for each in hidden.json()["errors"]] == [
        each["code"] for each in missing.json()["errors"]
    ]
    assert await binhai.ledger.head() == head
    assert head != before
