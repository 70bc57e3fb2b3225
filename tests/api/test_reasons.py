"""Reasons in words: every place, device, person, carrier and field by its name, as far as the asker may know it."""

from __future__ import annotations

from typing import Any

import httpx

from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground


def sentences(response: httpx.Response, language: str) -> list[str]:
    assert response.status_code == 403, response.text
    return [each["text"][language] for each in response.json()["reasons"]]


async def done(client: httpx.AsyncClient, act: str, **sent: Any) -> httpx.Response:
    return await client.post(f"/api/v1/acts/{act}", json=sent)


async def test_a_terminal_and_its_room_are_named(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p01", "T210") as leader:
        refused = await leader.post("/api/v1/documents/D1/readings", json={})

    assert sentences(refused, "zh") == [
        "设备 T210 终端 未达到绝密（核心）的保密标准",
        "场所 R210 办公室 不符合保密要求",
    ]
    assert [
        each for each in sentences(refused, "en") if "T210 终端" in each or "R210 office" in each
    ] == sentences(refused, "en")


async def test_everyone_on_a_list_is_named_with_what_is_wrong(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p01") as leader:
        refused = await done(leader, "set-range", document="D1", members=["p06", "yewu1"])

    zh, en = sentences(refused, "zh"), sentences(refused, "en")
    assert "王强的涉密等级为秘密（一般），须达到绝密（核心）" in zh
    assert [each for each in zh if "业务一科" in each] == [each for each in zh if "王强" not in each]
    assert [each for each in en if "Section 1" in each or "王强" in each] == en
    assert [each for each in (*zh, *en) if "p06" in each or "yewu1" in each] == []


async def test_carriers_are_named_to_who_may_know_of_their_documents_and_to_nobody_else(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p20") as office:
        hidden = await done(office, "leave-post", person="p03", post="post-custodian")
        await binhai.office.do(
            "p01", "set-range", {"document": "D2", "members": ["p01", "p03", "p04", "p20"]}
        )
        shown = await done(office, "leave-post", person="p03", post="post-custodian")

    assert sentences(hidden, "zh") == [
        "尚有未清退的载体：无权知悉的文件的载体",
        "这是最后一个涉密岗位，须立离岗案办理",
    ]
    assert "乙号通报 000012、乙号通报 000013" in sentences(shown, "zh")[0]
    assert "无权知悉的文件的载体" in sentences(shown, "zh")[0]
    assert "carriers of a document not open to you" in sentences(shown, "en")[0]


async def test_fields_and_people_are_named(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    new = {"id": "D9", "title": "戊号请示", "level": "secret", "years": 20, "distribution": ["binhai"]}
    await binhai.office.do("p04", "register-document", new)

    async with doors.by("p20") as office, doors.by("p04") as archivist:
        unit = await done(office, "designate-key-unit", unit="R210", principal="p01")
        holder = await done(
            archivist, "register-carriers", document="D9", serials=["000014"], kept_in="B1", held_by="p06"
        )

    assert sentences(unit, "zh") == ["要件不全：控制区域、进入名单"]
    assert "王强 不是保密员" in sentences(holder, "zh")
    assert [each for each in sentences(holder, "en") if "王强" in each]


async def test_a_form_names_them_beside_its_field(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p01") as leader:
        form = await leader.get("/documents/D2/range")
        refused = await leader.send("/documents/D2/range", form, members=["p06", "p24"])

    assert refused.status_code == 403
    assert "王强的涉密等级为秘密（一般），须达到机密（重要）" in words(refused)
    assert "p06" not in words(refused)
