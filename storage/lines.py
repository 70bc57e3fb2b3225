"""What books show: lines of registers, documents, carriers, files, folders, people, and the evidence of a fact."""

from __future__ import annotations

from typing import Any

import msgspec


class Register(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    lines: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a book. `line` is what was entered; `voided` the entry that struck it through.

    `withheld` where a secret title and its number are left out, in corrections too (`storage/titles.py`).
    """

    ref: str
    act: str
    subject: str
    occurred_at: str
    recorded_at: str
    late: str
    actor: str
    decided_by: str
    proof: str
    line: dict[str, Any]
    voided: str
    corrections: list[dict[str, Any]]
    withheld: bool = False


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    lines: tuple[Line, ...]
    complete: bool
    cursor: str | None
    ids: tuple[str, ...]


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A document in a list. `title` is its number where the title is secret and the asker may not know it."""

    id: str
    title: str
    receipt: str
    number: str
    level: str
    mark: str
    folder: str
    readable: bool


class DocumentLines(msgspec.Struct, frozen=True, kw_only=True):
    """One page, and how many there are in all that the asker may know of."""

    documents: tuple[DocumentLine, ...]
    total: int
    complete: bool
    cursor: str | None


class CarrierLine(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    serial: str
    medium: str
    pages: int | None
    copy_of: str
    state: str
    held_by: str | None
    kept_in: str | None
    file: str


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    carrier: str
    name: str
    media_type: str
    size: int
    pages: int | None
    state: str


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the asker may be shown of one document."""

    document: DocumentLine
    years: int | None
    permanent: bool
    expires: str
    originator: str
    quantity: int
    pages: int | None
    drafted: str
    urgency: str
    rules: tuple[str, ...]
    carriers: tuple[CarrierLine, ...]
    files: tuple[FileLine, ...]
    ids: tuple[str, ...]


class FolderLine(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    code: str
    parent: str


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    staff_number: str
    departments: tuple[str, ...]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind a fact: the entry that brought this version of it."""

    fact: str
    kind: str
    source: str
    target: str
    since: str
    until: str | None
    occurred_at: str
    recorded_at: str
    late: str
    register: str
    act: str
    ref: str
    actor: str
    decided_by: str
    proof: str
    rules: tuple[str, ...]
    ids: tuple[str, ...]
