"""Lines of a book in words: on its page, and as the columns of its sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from api import show
from api.http.findings import told
from api.sheets import Mended
from api.texts import Language, catalogue, text
from graph.kinds import RELATIONS
from graph.law.levels import LEVELS
from storage.act import ACTS, Act
from storage.lines import Line
from storage.titles import WITHHELD, ids_in

EITHER_WAY = {"names_hidden"}
"""Fields whose no says as much as their yes."""
LEFT_OUT = {"id", "series", "keys", "before", "seq", "ids", "nodes", "key_sha256", "sha256"}


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a line: what it said, and what it says now where it was corrected. `name` is the field's in words."""

    name: str
    said: str
    field: str = ""
    now: str | None = None
    reason: str = ""


def cells(line: Line, names: show.Json, language: Language) -> list[Cell]:
    """The fields of a line in words, corrections beside what they correct."""
    known = catalogue(language)
    mended = {each["field"]: each for each in line.corrections}
    fields = ACTS[line.act].params.__struct_fields__ if line.act in ACTS else ()
    if "key" in line.line and "code" in line.line:
        said = told(
            line.line["code"], line.line["subject"], line.line["person"], line.line["values"], names, language
        )
        return [Cell(name=text(language, "column.content"), said=said, field="content")]
    found = []
    whole: dict[str, Any] = {**dict.fromkeys(mended, ""), **line.line}
    for name, value in sorted(whole.items(), key=lambda pair: _place(pair[0], fields)):
        empty = value in (None, "", [], {}) or (value is False and name not in EITHER_WAY)
        empty = empty and name not in mended
        if name in LEFT_OUT or empty or value == line.subject:
            continue
        label = f"column.{name}"
        correction = mended.get(name)
        found.append(
            Cell(
                name=known.get(label) or name,
                said=_said(value, names, language),
                field=name,
                now=_said(correction["new"], names, language) if correction else None,
                reason=str(correction["reason"]) if correction else "",
            )
        )
    return found


def _place(name: str, fields: tuple[str, ...]) -> int:
    """What was typed in the order of its form, then what came of it."""
    return fields.index(name) if name in fields else len(fields)


def _said(value: Any, names: show.Json, language: Language) -> str:
    if isinstance(value, bool):
        return text(language, "word.yes" if value else "word.no")
    if value is None:
        return text(language, "word.none")
    if isinstance(value, list):
        return text(language, "word.comma").join(_said(each, names, language) for each in value)
    if isinstance(value, dict):
        if value.get("serial"):
            return str(value["serial"])
        parts = [_said(each, names, language) for each in value.values() if each not in (None, "", [])]
        return text(language, "word.comma").join(parts)
    shown = str(value)
    if shown == WITHHELD:
        return text(language, "word.withheld")
    if shown in names:
        return str(names[shown][language])
    if shown in LEVELS or shown in RELATIONS:
        return str(show.word(shown, {})[language])
    if f"procedure.{shown}" in catalogue(language):
        return text(language, f"procedure.{shown}")
    return catalogue(language).get(f"value.{shown}", shown)


HEAD = ("occurred_at", "recorded_at", "late", "ref", "act", "subject", "actor", "decided_by", "proof")
"""What every line of every book says first; `voided` stands last."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A whole book as a table. `struck` are the rows that were voided."""

    heads: list[str]
    rows: list[list[object]]
    struck: frozenset[int]


def ids_of(lines: Sequence[Line]) -> set[str]:
    """Everything in these lines that might have a name."""
    found = {part.strip() for line in lines for id_ in ids_in(line.line) for part in id_.split(",")}
    return found | {id_ for line in lines for id_ in (line.subject, line.actor, line.decided_by)}


def table(lines: Sequence[Line], register: str, names: show.Json, language: Language) -> Sheet:
    """Columns are the fields of the book's forms that any line fills, in the order of the forms."""
    told_ = [{cell.field: cell for cell in cells(line, names, language)} for line in lines]
    met = {field: cell.name for each in told_ for field, cell in each.items()}
    fields = sorted(met, key=lambda field: _forms(register).get(field, len(ACTS) * 100)) if met else []
    known = catalogue(language)
    heads = [known.get(f"column.{name}", name) for name in HEAD] + [met[field] for field in fields]
    rows: list[list[object]] = []
    for line, found in zip(lines, told_, strict=True):
        filled = [_mended(found[field]) if field in found else "" for field in fields]
        rows.append([*(_head(line, name, names, language) for name in HEAD), *filled, line.voided])
    struck = frozenset(n for n, line in enumerate(lines) if line.voided)
    return Sheet(heads=[*heads, text(language, "column.voided")], rows=rows, struck=struck)


def _forms(register: str) -> dict[str, int]:
    """The fields of a book's acts, each with its place."""
    fields = (
        name
        for kind in ACTS.values()
        if register in (kind.register, "own")
        for name in kind.params.__struct_fields__
        if name not in Act.__struct_fields__
    )
    return {name: n for n, name in enumerate(dict.fromkeys(fields))}


def _head(line: Line, name: str, names: show.Json, language: Language) -> str:
    value = str(getattr(line, name))
    if name == "act" and value in ACTS:
        return ACTS[value].zh if language == "zh" else ACTS[value].en
    if name in ("subject", "actor", "decided_by") and value in names:
        return str(names[value][language])
    return catalogue(language).get(f"value.{value}", value)


def _mended(cell: Cell) -> object:
    return cell.said if cell.now is None else Mended(old=cell.said, new=cell.now, why=cell.reason)
