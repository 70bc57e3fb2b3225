"""Work done at the pages: registered, numbered, ranged, approved, read, drawn; refused beside the field with every rule."""

from __future__ import annotations

import json
import re

from storage.tables.kept import Task
from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground


async def test_a_document_is_registered_and_every_fault_stands_beside_its_field(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    right = {
        "title": "九号通知",
        "level": "secret",
        "years": "20",
        "distribution": ["yewu1", "p04"],
        "quantity": "3",
    }

    async with browser(doors, "p04") as archivist:
        blank = await archivist.get("/documents/new")
        empty = await archivist.send("/documents/new", blank, title="", years="two", quantity="1")
        refused = await archivist.send(
            "/documents/new", blank, title="九号通知", level="secret", quantity="3"
        )
        done = await archivist.send("/documents/new", blank, **right)
        twice = await archivist.send("/documents/new", blank, **right)
        other = await archivist.send("/documents/new", blank, **{**right, "title": "十号通知"})

    assert empty.status_code == 422
    assert 'id="w-title"' in empty.text
    assert "不是数字：two" in words(empty)
    assert refused.status_code == 403
    beside = re.findall(r'id="w-(\w+)"', refused.text)
    assert beside == ["years", "distribution"]
    assert "S03-2.1b" in words(refused)
    assert "载体必须标出保密期限" in words(refused)
    assert 'value="九号通知"' in refused.text
    assert done.status_code == 303
    assert twice.headers["location"] == done.headers["location"]
    assert other.status_code == 409


async def test_carriers_range_and_approval_follow(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    given = {"title": "九号通知", "level": "secret", "years": "20", "distribution": "binhai", "quantity": "2"}
    paper = {"paper_number": "知字1号", "paper_date": "2026-03-02", "paper_scan": "s-1", "decided_by": "p01"}

    async with browser(doors, "p04") as archivist, browser(doors, "p01") as leader:
        made = await archivist.send("/documents/new", await archivist.get("/documents/new"), **given)
        document = made.headers["location"].split("/")[2]
        form = await archivist.get(f"/documents/{document}/carriers")
        many = await archivist.send(f"/documents/{document}/carriers", form, serials="001–003")
        two = await archivist.send(f"/documents/{document}/carriers", form, serials="001 002", kept_in="B1")
        desk = await leader.get("/")
        choose = await leader.get(f"/documents/{document}/range")
        beyond = await leader.send(f"/documents/{document}/range", choose, members=["p06", "p24"])
        ranged = await leader.send(f"/documents/{document}/range", choose, members=["p01", "yewu1"])
        page = await archivist.get(f"/documents/{document}")
        carrier = re.search(
            r"<option value=\"(c-\w+)\"", (await archivist.get(f"/documents/{document}/approval")).text
        )
        assert carrier is not None
        ask = await archivist.get(f"/documents/{document}/approval")
        bare = await archivist.send(
            f"/documents/{document}/approval", ask, carrier=carrier[1], mode="scan", person="p04"
        )
        approved = await archivist.send(
            f"/documents/{document}/approval",
            ask,
            carrier=carrier[1],
            mode="scan",
            copies="1",
            person="p04",
            **paper,
        )
        scan = await archivist.get(f"/documents/{document}/scan")

    assert (many.status_code, "S03-2.1d" in words(many)) == (403, True)
    assert two.status_code == 303
    assert "九号通知" in words(desk)
    assert (beyond.status_code, "S02-4.5" in words(beyond)) == (403, True)
    assert ranged.status_code == 303
    assert "刘洋" in words(page)
    assert {"decided_by", "paper_number"} <= set(re.findall(r'id="w-(\w+)"', bare.text))
    assert approved.status_code == 303, words(approved)
    assert "已批准本人扫描" in words(scan)


async def test_people_are_found_and_kept_without_script(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p04") as archivist:
        blank = await archivist.get("/documents/new")
        found = await archivist.send(
            "/documents/new",
            blank,
            title="九号通知",
            distribution_q="liu",
            find="distribution",
            distribution="p04",
        )

    assert found.status_code == 200
    assert re.search(r'value="p05"> <span>刘洋', found.text)
    assert re.search(r'value="p04" checked', found.text)
    assert 'value="九号通知"' in found.text


async def test_why_not_names_every_reason_to_those_who_may_be_told(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p05") as head, browser(doors, "p04") as archivist:
        told = words(await head.get("/documents/D2?q=wangqiang"))
        untold = words(await archivist.get("/documents/D2?person=p06"))

    assert "王强不可知悉" in told
    assert {"S01-3c", "S02-4.5"} <= set(re.findall(r"S\d\d-[\w.]+", told.partition("为什么不能")[2]))
    assert "王强不可知悉" in untold.partition("为什么不能")[2]
    assert "S01-3c" not in untold


async def test_the_audience_follows_the_date_asked_about(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        before = words(await officer.get("/documents/D2?at=2026-02-01"))
        now = words(await officer.get("/documents/D2?at=2026-03-01"))
        unreadable = await officer.get("/documents/D2?at=yesterday")

    assert "谁能看到 0人" in before
    assert "谁能看到 4人" in now
    assert (unreadable.status_code, "不是日期" in words(unreadable)) == (422, True)


async def test_a_reading_is_refused_with_all_rules_off_a_terminal(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p05") as reader, browser(doors, "p05", "T210") as seated:
        page = await reader.get("/documents/D2")
        refused = await reader.send("/documents/D2/readings", page)
        opened = await seated.send("/documents/D2/readings", await seated.get("/documents/D2"))
        shown = await seated.get(opened.headers["location"])
        elsewhere = await reader.get(opened.headers["location"])

    assert refused.status_code == 403
    assert {"S02-15c", "S03-3.6"} <= set(re.findall(r"S\d\d-[\w.]+", words(refused)))
    assert "如何补救" in words(refused)
    assert opened.status_code == 303
    assert opened.headers["location"].removeprefix("/readings/") in words(shown)
    assert "R210" in words(shown) or "T210" in words(shown)
    assert elsewhere.status_code == 404


async def test_the_officer_enrols_a_browser_with_the_terminals_key(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        page = await officer.get("/terminal")
        wrong = await officer.send("/terminal", page, key="no such key")
        right = await officer.send("/terminal", page, key="terminal-r210-demo")
        enrolled = await officer.get("/terminal")

    assert (wrong.status_code, "没有以此密钥登记的终端" in words(wrong)) == (422, True)
    assert "HttpOnly" in right.headers["set-cookie"]
    assert "T210 终端" in words(enrolled)


async def test_the_drawing_holds_its_contract_and_the_same_answer_as_a_table(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        page = await officer.get("/paths/D1")
        drawing = json.loads(
            re.findall(r'<script type="application/json" id="paths">(.*?)</script>', page.text)[0]
        )
        both = json.loads(
            re.findall(
                r'<script type="application/json" id="paths">(.*?)</script>',
                (await officer.get("/paths/D2")).text,
            )[0]
        )
        evidence = (
            await officer.client.get(f"/api/v1/evidence/{both['people'][0]['routes'][0]['steps'][0]}")
        ).json()

    verdicts = {each["id"]: each["verdict"] for each in both["people"]}
    assert verdicts == {
        "p01": "know", "p03": "know", "p04": "know", "p05": "know", "p06": "blocked", "p07": "blocked",
        "p15": "reach_only", "p16": "reach_only", "p23": "reach_only",
    }  # fmt: skip
    assert {each["id"]: each["verdict"] for each in drawing["people"]} == {
        "p01": "know", "p03": "reach", **dict.fromkeys(("p04", "p15", "p16", "p23"), "reach_only")
    }  # fmt: skip
    for each in (drawing, both):
        used = [step for person in each["people"] for route in person["routes"] for step in route["steps"]]
        assert used
        assert set(used) <= set(each["facts"])
        assert {end for fact in each["facts"].values() for end in (fact["from"], fact["to"])} <= set(
            each["nodes"]
        )
    assert "1人可知悉" in drawing["sentence"]
    assert drawing["sentence"] in words(page)
    assert "机收〔2026〕001" in drawing["item"]["title"]
    assert evidence["sentence"].endswith("登记）")
    assert set(evidence) >= {"since", "until", "recorded_at", "occurred_at", "register", "number", "actor", "decided_by",
                             "proof", "rules", "ended_by"}  # fmt: skip
    assert all(set(rule) == {"id", "article", "brief"} for rule in evidence["rules"])


async def test_an_account_is_opened_with_a_password_shown_once(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer, browser(doors) as newcomer:
        page = await officer.get("/accounts")
        opened = await officer.send("/accounts", page, person="p07", login="yangfan")
        again = await officer.send("/accounts", page, person="p07", login="yangfan")
        password = re.search(r"<code>([\w-]+)</code>", opened.text)
        assert password is not None
        signed = await newcomer.sign_in("yangfan", password[1])
        disabled = await officer.send(
            "/accounts/yangfan", await officer.get("/accounts"), change="disable", key="k-1"
        )
        after = await newcomer.get("/")
        own = await officer.send(
            "/accounts/u-p02", await officer.get("/accounts"), change="disable", key="k-2"
        )

    assert opened.status_code == 200
    assert "<code>" not in again.text
    assert signed.headers["location"] == "/password"
    assert disabled.status_code == 303
    assert after.headers["location"].startswith("/sign-in")
    assert own.status_code == 422


async def test_a_secret_title_stands_in_books_and_lists_by_its_number(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p04") as archivist, browser(doors, "p01") as leader:
        listed = words(await archivist.get("/filing"))
        book = words(await archivist.get("/registers/incoming"))
        sought = words(await archivist.get("/search?q=甲号"))
        own = words(await leader.get("/documents/D1"))

    assert "甲号方案" not in listed
    assert "甲号方案" not in book
    assert "省委办〔2026〕3号" not in book
    assert "机收〔2026〕001" in listed
    assert "机收〔2026〕001" not in sought.partition("甲号")[2].replace("甲号", "")
    assert "甲号方案" in own


async def test_a_corrected_line_shows_the_old_struck_through_and_the_new_beside_it(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    given = {"title": "九号通抱", "level": "internal", "quantity": "1"}

    async with browser(doors, "p04") as archivist:
        await archivist.send("/documents/new", await archivist.get("/documents/new"), **given)
        book = await archivist.get("/registers/incoming")
        ref = re.search(r'<tr id="(e-\w+)"', book.text)
        assert ref is not None
        await binhai.office.do(
            "p04",
            "correct",
            {"entry": ref[1], "field": "title", "old": "九号通抱", "new": "九号通报", "reason": "笔误"},
        )
        corrected = await archivist.get("/registers/incoming")
        await archivist.send(
            "/documents/new", await archivist.get("/documents/new"), **{**given, "title": "废"}
        )
        spoilt = re.search(r'<tr id="(e-\w+)"', (await archivist.get("/registers/incoming")).text)
        assert spoilt is not None
        await binhai.office.do("p04", "void", {"entry": spoilt[1], "reason": "重复登记"})
        voided = await archivist.get("/registers/incoming")

    assert "<del>九号通抱</del> <ins>九号通报</ins>" in corrected.text
    assert "笔误" in words(corrected)
    assert re.search(rf'<tr id="{spoilt[1]}" class="struck">', voided.text)
    assert "作废" in words(voided)


async def test_the_desk_says_what_is_missing_whose_act_mends_it_and_no_item(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p07") as staff:
        desk = words(await staff.get("/"))

    assert "未签在岗保密责任书" in desk
    assert "S01-8a" in desk
    assert "由本人办理" in desk
    assert "乙号" not in desk


async def test_a_failed_task_is_tried_again_by_its_keeper(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    await Task.insert(
        Task(id="t-1", kind="preview", subject="fl-1", state="failed", tries=5, reason="x", made_at=1)
    )

    async with browser(doors, "p04") as archivist, browser(doors, "p05") as head:
        desk = await archivist.get("/")
        refused = await head.send("/tasks/t-1", await head.get("/"))
        again = await archivist.send("/tasks/t-1", desk)
        gone = await archivist.send("/tasks/t-1", desk)

    assert "生成页面" in words(desk)
    assert refused.status_code == 403
    assert again.headers["location"] == "/?done=retry"
    assert gone.status_code == 404
