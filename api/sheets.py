"""Tables handed out as CSV or Excel: what a spreadsheet would run as a formula is made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable, Sequence
from typing import Literal

import msgspec

Form = Literal["csv", "xlsx"]
MEDIA: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A corrected value, as paper shows it: the old one struck through, the new beside it, and why."""

    old: str
    new: str
    why: str

    def beside(self) -> str:
        return f"{self.new}（{self.why}）" if self.why else self.new


def cell(value: object) -> str:
    """A spreadsheet would run what begins like a formula. In plain text what is struck through stands between ~~."""
    if isinstance(value, Mended):
        if value.old:
            return f"~~{value.old}~~ {value.beside()}"
        value = value.beside()
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def sheet(
    form: Form, columns: Sequence[str], rows: Iterable[Sequence[object]], struck: Container[int] = ()
) -> bytes:
    """`struck` are the rows that are struck through as a whole: in a workbook they look it."""
    if form == "csv":
        return _csv(columns, [[cell(each) for each in row] for row in rows]).encode("utf-8-sig")
    return _xlsx(columns, rows, struck)


def _csv(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(lines)
    return out.getvalue()


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[object]], struck: Container[int]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet("register")
    page.append(list(columns))
    through = Font(strike=True)

    def one(value: object, voided: bool) -> object:
        if isinstance(value, Mended) and value.old and not voided:
            return CellRichText(TextBlock(InlineFont(strike=True), value.old), f" {value.beside()}")
        plain = cell(value)
        if not voided:
            return plain
        made = WriteOnlyCell(page, value=plain)
        made.font = through
        return made

    for n, row in enumerate(rows):
        page.append([one(value, n in struck) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
