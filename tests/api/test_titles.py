"""标题涉密: a secret title and its number show through no door to who may not know the document."""

from __future__ import annotations

import io

import httpx
import pytest
from openpyxl import load_workbook

from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground

TITLE, MISTYPED, NUMBER, RECEIPT = "甲号方案", "甲号方桉", "省委办〔2026〕3号", "机收〔2026〕001"
WORDS = (TITLE, MISTYPED, NUMBER)


async def corrected(house: Wiring) -> None:
    """D1's title mistyped and mended: two entries that say it old and new."""
    rows = await house.database.run(
        "SELECT reference FROM register_row WHERE act = 'register-document' AND subject = 'D1'"
    )
    entry = rows[0]["reference"]
    for old, new in ((TITLE, MISTYPED), (MISTYPED, TITLE)):
        await house.office.do(
            "p04", "correct", {"entry": entry, "field": "title", "old": old, "new": new, "reason": f"应为{new}"}
        )  # fmt: skip


def said(response: httpx.Response) -> str:
    """Everything an answer says, a workbook's cells too."""
    if "spreadsheet" not in response.headers["content-type"]:
        return response.text
    book = load_workbook(io.BytesIO(response.content))
    return "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
async def test_a_book_withholds_a_secret_title_from_who_may_not_know_the_document(
    binhai: Wiring, binhai_ground: Ground, form: str
) -> None:
    doors = Doors(binhai, binhai_ground)
    await corrected(binhai)

    async with doors.by("p04") as archivist:
        for register in ("incoming", "corrections", "ranges", "own"):
            answer = await archivist.get(
                f"/api/v1/registers/{register}", params={"format": form, "limit": 1000}
            )

            assert answer.status_code == 200
            assert len(said(answer)) > 300, register
            assert [word for word in WORDS if word in said(answer)] == [], register


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
async def test_a_book_shows_it_to_who_may_know_the_document(
    binhai: Wiring, binhai_ground: Ground, form: str
) -> None:
    doors = Doors(binhai, binhai_ground)
    await corrected(binhai)

    async with doors.by("p01") as leader:
        books = [
            said(await leader.get(f"/api/v1/registers/{each}", params={"format": form, "limit": 1000}))
            for each in ("incoming", "corrections")
        ]

    assert TITLE in books[0]
    assert NUMBER in books[0]
    assert MISTYPED in books[1]


async def test_the_line_stays_and_says_that_words_are_withheld(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    await corrected(binhai)

    async with doors.by("p04") as archivist:
        answer = (await archivist.get("/api/v1/registers/incoming")).json()

    lines = {line["subject"]: line for line in answer["lines"] if line["act"] == "register-document"}
    assert (lines["D1"]["withheld"], lines["D2"]["withheld"]) == (True, False)
    assert (lines["D1"]["line"]["title"], lines["D1"]["line"]["number"]) == (RECEIPT, "***")
    assert [(each["old"], each["new"]) for each in lines["D1"]["corrections"]] == [("***", "***")] * 2
    assert lines["D2"]["line"]["title"] == "乙号通报"
    assert answer["names"]["D1"]["zh"] == RECEIPT


@pytest.mark.parametrize("person", ["p02", "p03", "p04"])
async def test_no_page_shows_it_to_keepers_and_officers_who_may_not_know_it(
    binhai: Wiring, binhai_ground: Ground, person: str
) -> None:
    doors = Doors(binhai, binhai_ground)
    await corrected(binhai)
    paths = ["/", "/registers/incoming", "/registers/corrections", "/registers/own", "/filing", "/documents/D1",
             "/search?q=机收"]  # fmt: skip
    paths += ["/paths", "/paths/D1"] if person != "p04" else []

    async with browser(doors, person) as reader:
        for path in paths:
            page = await reader.get(path)

            assert page.status_code == 200, path
            assert [word for word in WORDS if word in page.text] == [], path
        book = words(await reader.get("/registers/incoming"))
        empty = words(await reader.get("/search?q=甲号"))

    assert f"{RECEIPT} 标题涉密" in book
    assert RECEIPT not in empty


async def test_pages_show_it_to_who_may_know_it(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p01") as leader:
        for path in ("/registers/incoming", "/filing", "/documents/D1", "/search?q=甲号", "/paths/D1"):
            assert TITLE in words(await leader.get(path)), path


async def test_a_keeper_who_mistypes_a_correction_is_not_told_the_title(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    rows = await binhai.database.run(
        "SELECT reference FROM register_row WHERE act = 'register-document' AND subject = 'D1'"
    )
    sent = {"entry": rows[0]["reference"], "field": "title", "old": "一", "new": "二", "reason": "笔误"}

    async with doors.by("p04") as archivist:
        answer = await archivist.post("/api/v1/acts/correct", json=sent)

    assert [each["field"] for each in answer.json()["errors"]] == ["old"]
    assert TITLE not in answer.text
