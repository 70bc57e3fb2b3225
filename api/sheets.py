"""Tables handed out as CSV or Excel: what a spreadsheet would run as a formula is made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

Form = Literal["csv", "xlsx"]
MEDIA: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def cell(value: object) -> str:
    """A spreadsheet would run what begins like a formula."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def sheet(form: Form, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    lines = [[cell(each) for each in row] for row in rows]
    return _csv(columns, lines).encode("utf-8-sig") if form == "csv" else _xlsx(columns, lines)


def _csv(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(lines)
    return out.getvalue()


def _xlsx(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet("register")
    page.append(list(columns))
    for line in lines:
        page.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
