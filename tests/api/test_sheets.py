"""Sheets of the books: the whole book, in its own columns, with what was struck through and what stands beside it."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

from api.http import records
from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground

MANY = 130


def table(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def workbook(answer: httpx.Response) -> Any:
    return load_workbook(io.BytesIO(answer.content), rich_text=True).active


async def a_corrected_book(binhai: Wiring) -> tuple[str, str]:
    """The title of one document corrected, the entry of another struck through: the refs of that entry and of its striking."""
    do = binhai.office.do
    about = {"level": "secret", "years": 5, "distribution": ["binhai"], "quantity": 2}
    wrong = await do("p04", "register-document", {"id": "D8", "title": "八号函搞", **about})
    twice = await do("p04", "register-document", {"id": "D9", "title": "九号函", **about})
    mended = {"entry": wrong.ref, "field": "title", "old": "八号函搞", "new": "八号函稿", "reason": "笔误"}
    await do("p04", "correct", mended)
    await do("p04", "correct", {**mended, "field": "number", "old": "", "new": "省局8号", "reason": "补填"})
    voided = await do("p04", "void", {"entry": twice.ref, "reason": "重复登记"})
    return twice.ref, voided.ref


async def test_a_sheet_has_a_column_for_each_field_and_shows_corrections_beside_what_they_correct(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    twice, voided = await a_corrected_book(binhai)

    async with Doors(binhai, binhai_ground).by("p04") as archivist:
        sheet = await archivist.get("/api/v1/registers/incoming", params={"format": "csv"})
        book = await archivist.get("/api/v1/registers/incoming", params={"format": "xlsx"})

    lines = table(sheet)
    assert {"登记号", "办理", "标题", "密级", "份数", "年限", "作废"} <= set(lines[0])
    assert not any(value.startswith("{") for line in lines for value in line.values())
    corrected = next(line for line in lines if "八号函" in line["标题"])
    assert (corrected["标题"], corrected["文号"]) == ("~~八号函搞~~ 八号函稿（笔误）", "省局8号（补填）")
    assert (corrected["密级"], corrected["份数"], corrected["经办"], corrected["作废"]) == (
        "机密",
        "2",
        "李娜",
        "",
    )
    assert [line["作废"] for line in lines if line["登记号"] == twice] == [voided]
    cells = [cell for row in workbook(book).iter_rows(min_row=2) for cell in row]
    [title] = [c.value for c in cells if isinstance(c.value, CellRichText) and "八号函稿" in str(c.value)]
    assert isinstance(title[0], TextBlock)
    assert (title[0].text, title[0].font.strike, title[1]) == ("八号函搞", True, " 八号函稿（笔误）")
    assert {cell.value for cell in cells if cell.font.strike} >= {twice, "九号函", voided}


async def test_a_sheet_holds_the_whole_book_however_long(
    binhai: Wiring, binhai_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {
        "title": "通知",
        "level": "confidential",
        "years": 5,
        "distribution": ["binhai"],
        "quantity": MANY,
    }
    await binhai.office.do("p04", "register-document", {"id": "D9", **about})
    await binhai.office.do("p04", "register-carriers", {"document": "D9", "count": MANY, "kept_in": "B1"})
    monkeypatch.setattr(records, "MOST", 3)

    async with Doors(binhai, binhai_ground).by("p03") as custodian:
        every = (await custodian.get("/api/v1/registers/incoming", params={"limit": 1000})).json()
        sheet = await custodian.get("/api/v1/registers/incoming", params={"format": "csv", "limit": 2})
        first = (await custodian.get("/api/v1/paper/incoming")).json()
        forms = {
            form: await custodian.get("/api/v1/paper/incoming", params={"format": form, "limit": 2})
            for form in ("csv", "xlsx")
        }

    assert every["complete"]
    assert [line["登记号"] for line in table(sheet)] == [line["ref"] for line in every["lines"]]
    assert len(every["lines"]) > 3
    assert (len(first["lines"]), first["complete"]) == (100, False)
    assert len(table(forms["csv"])) == first["total"] > MANY
    assert workbook(forms["xlsx"]).max_row == first["total"] + 1
