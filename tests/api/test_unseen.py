"""Books, exports, the filing plan, duties and evidence: what an overseer may not know of is in none of them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from api.texts import text
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.api.test_titles import said
from tests.columns import Ground
from tests.storage.requests import HEADS

WORDS = (
    "甲号方案",
    "乙号通报",
    "丙号统计",
    "省委办〔2026〕3号",
    "省局〔2026〕12号",
    "滨海〔2026〕5号",
    "上级来文",
    "通报",
)
IDS = re.compile(r"(?<![A-Za-z0-9])(D[123]|C[1235]|V1|V11|V2)(?![A-Za-z0-9])")
PAPER = ("incoming", "outgoing", "use", "returns", "destruction", "knowing")
FORMS = ("json", "csv", "xlsx")
SLIP = {"proof": "paper", "slip": "借字1号", "date": "2026-03-02", "scan": "s-1"}


def told(response: httpx.Response) -> list[str]:
    """What an answer tells of documents."""
    text = said(response)
    return [word for word in WORDS if word in text] + IDS.findall(text)


async def a_day(house: Wiring) -> None:
    """A loan, a return, a correction, a clearing: lines in most of the books."""
    do = house.office.do
    loan = {"carrier": "C3", "to": "p05", "due": "2026-03-06", "purpose": "核对乙号通报"}
    await do("p03", "lend-carrier", {**loan, "signed": SLIP})
    await do("p03", "return-carrier", {"carrier": "C3", "kept_in": "B1"})
    cleared = {"carriers": ["C2"], "to": "shengju", "by": "2026-03-31", "notice": "清退1号"}
    await do("p03", "require-return", cleared)
    await do("p05", "open-reading", {"document": "D2", "device": "T210"})


async def books_of(client: httpx.AsyncClient) -> list[str]:
    return [each["name"] for each in (await client.get("/api/v1/registers")).json()]


@pytest.mark.parametrize("form", FORMS)
async def test_no_register_tells_an_overseer_of_documents_they_may_not_know_of(
    binhai: Wiring, binhai_ground: Ground, form: str
) -> None:
    await a_day(binhai)
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p20") as director:
        books = [*await books_of(director), "own"]
        asked: dict[str, Any] = {"limit": 1000, "format": form}
        found = {each: told(await director.get(f"/api/v1/registers/{each}", params=asked)) for each in books}
    async with doors.by("p02") as officer:
        shown = told(await officer.get("/api/v1/registers/incoming", params=asked))

    assert {book: words for book, words in found.items() if words} == {}
    assert {"incoming", "ranges", "readings", "use", "filing"} & set(books)
    assert "乙号通报" in shown


@pytest.mark.parametrize("form", FORMS)
async def test_no_paper_book_does_either(binhai: Wiring, binhai_ground: Ground, form: str) -> None:
    await a_day(binhai)
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p20") as director:
        answers = [await director.get(f"/api/v1/paper/{book}", params={"format": form}) for book in PAPER]
    async with doors.by("p02") as officer:
        kept = await officer.get("/api/v1/paper/incoming", params={"format": form})

    assert [told(each) for each in answers] == [[]] * len(PAPER)
    if form == "json":
        assert [each.json()["total"] for each in answers] == [0] * len(PAPER)
    assert "乙号通报" in told(kept)


async def test_books_count_the_lines_that_they_show_and_page_through_them(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await a_day(binhai)
    doors = Doors(binhai, binhai_ground)

    for asker in ("p20", "p02", "p06"):
        async with doors.by(asker) as client:
            for book in (await client.get("/api/v1/registers")).json():
                met: list[str] = []
                cursor = None
                while True:
                    asked = {"limit": 7} if cursor is None else {"limit": 7, "cursor": cursor}
                    page = (await client.get(f"/api/v1/registers/{book['name']}", params=asked)).json()
                    met += [line["ref"] for line in page["lines"]]
                    cursor = page["cursor"]
                    assert (cursor is None) == page["complete"]
                    if page["complete"]:
                        break

                assert len(met) == len(set(met)) == book["lines"], (asker, book["name"])


async def test_ones_own_lines_are_judged_as_of_now(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    async with doors.by("p04") as client:
        before = told(await client.get("/api/v1/registers/own", params={"limit": 1000}))

    await binhai.office.do("p01", "relieve", {"person": "p04", "role": "ARCHIVIST_OF"})
    async with doors.by("p04") as client:
        after = told(await client.get("/api/v1/registers/own", params={"limit": 1000}))

    assert {"D1", "D2", "D3"} <= set(before)
    assert {"D2", "乙号通报"} <= set(after)  # still in its range
    assert not {"D1", "D3", "C1", "C5", "丙号统计"} & set(after)


async def test_evidence_of_a_hidden_document_is_answered_like_that_of_no_fact(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    rows = await binhai.database.run(
        "SELECT f.fact FROM fact_entry f JOIN register_row r ON r.seq = f.seq WHERE r.subject = 'D2'"
    )

    async with doors.by("p20") as director:
        nothing = plain(await director.get("/api/v1/evidence/f-23456789abcdef"))
        answers = [plain(await director.get(f"/api/v1/evidence/{row['fact']}")) for row in rows]
    async with doors.by("p02") as officer:
        known = [(await officer.get(f"/api/v1/evidence/{row['fact']}")).status_code for row in rows]

    assert rows
    assert answers == [nothing] * len(rows)
    assert known == [200] * len(rows)


async def test_s02_5_3_outside_the_leading_group_a_vetting_is_its_conclusion(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    heads = {**HEADS, "politics": "配偶曾居境外，已说明"}
    case = await binhai.office.do("p02", "open-case", {"procedure": "vetting", "subject": "p08"})
    form = {"conclusion": "passed", "record": "审字第8号", **heads}
    step = {"case": case.result["case"], "step": "conclude", "form": form, "words": "配偶曾居境外"}
    await binhai.office.do("p01", "take-step", step)
    vetted = {"person": "p09", "conclusion": "passed", "record": "审字第9号", "heads": heads}
    await binhai.office.do("p01", "record-vetting", vetted)
    doors = Doors(binhai, binhai_ground)

    async def read(person: str, book: str = "vetting", form: str = "json") -> httpx.Response:
        async with doors.by(person) as client:
            return await client.get(f"/api/v1/registers/{book}", params={"format": form, "limit": 1000})

    outside = [await read(person, form=form) for person in ("p03", "p04") for form in FORMS]
    own = await read("p09", "own")
    inside = [await read(person) for person in ("p01", "p02", "p20")]

    for answer in (*outside, own):
        assert "passed" in said(answer) or text("zh", "value.passed") in said(answer)
        assert not [word for word in ("境外", "审字第", "称职", "无违规") if word in said(answer)]
    assert all("境外" in said(answer) and "审字第9号" in said(answer) for answer in inside)


async def test_the_reason_of_a_late_entry_is_withheld_like_the_title_it_names(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    clock.put(clock.at + 7 * 86_400_000)
    late = {"occurred_at": "2026-03-02T10:00:00+08:00", "late": "甲号方案原件当日未到"}
    loan = {"carrier": "C1", "to": "p01", "due": "2026-03-20", "purpose": "核对", "signed": SLIP}
    entered = await binhai.office.do("p03", "lend-carrier", {**loan, **late})
    rows = await binhai.database.run(
        "SELECT f.fact FROM fact_entry f JOIN register_row r ON r.seq = f.seq WHERE r.reference = {}",
        entered.ref,
    )
    doors = Doors(binhai, binhai_ground)

    async def read(person: str) -> list[str]:
        async with doors.by(person) as client:
            book = await client.get("/api/v1/registers/own" if person == "p03" else "/api/v1/registers/use")
            answers = [book, *[await client.get(f"/api/v1/evidence/{row['fact']}") for row in rows]]
            return [said(each) for each in answers]

    keeper, leader = await read("p03"), await read("p01")

    assert all("原件当日未到" in text and "甲号方案" not in text for text in keeper)
    assert any("甲号方案原件当日未到" in text for text in leader)


async def test_the_filing_plan_shows_the_way_to_what_one_may_know_of(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do("p04", "add-folder", {"id": "V3", "title": "空卷", "code": "3"})

    async def folders(person: str) -> list[str]:
        async with doors.by(person) as client:
            return [each["id"] for each in (await client.get("/api/v1/folders")).json()]

    assert await folders("p04") == await folders("p02") == ["V1", "V11", "V2", "V3"]
    assert await folders("p05") == ["V1", "V11", "V2"]
    assert await folders("p06") == ["V2"]
    assert await folders("p20") == []


async def test_duties_tell_the_leading_group_of_no_document_they_may_not_know_of(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await a_day(binhai)
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p20") as director:
        theirs = await director.get("/api/v1/duties")
    async with doors.by("p03") as custodian:
        kept = await custodian.get("/api/v1/duties")

    assert theirs.status_code == 200
    assert told(theirs) == []
    assert "C2" in told(kept)
