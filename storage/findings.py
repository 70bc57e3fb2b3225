"""Findings read: those that are somebody's duty, all of them for those who oversee, and how many stand where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from graph.access import Questions
from graph.facts import Facts
from graph.kinds import RELATIONS
from graph.law import gate
from graph.law.findings import ALSO, PERSON
from graph.times import Instant
from storage.tables.catalogue import FindingRow

STATES = ("new", "in-hand", "accepted")
MOST = 2000
BASIS = ("S01-10b", "S02-4.1")
"""Why there is one list: supervision of the whole, and each Principal's open risks."""
ORDER = {state: n for n, state in enumerate(STATES)}


class FindingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that stands. `mine`: it is the reader's own duty."""

    id: str
    code: str
    rules: tuple[str, ...]
    subject: str
    person: str
    unit: str
    whose: str
    over: str
    values: dict[str, str]
    due: Instant | None
    state: str
    ground: str
    until: Instant | None
    by: str
    noted_at: Instant
    mine: bool

    @property
    def ids(self) -> set[str]:
        spoken = {part.strip() for value in self.values.values() for part in value.split(",")}
        return ({self.subject, self.person, self.unit, self.over, self.by} | spoken) - {""}


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """`units` counts what stands per department ("" for the unit itself), the most first (S01-10b)."""

    lines: tuple[FindingLine, ...]
    units: tuple[tuple[str, int], ...]
    total: int
    complete: bool


class Findings:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def of(self, person: str, *, mine: bool = False) -> Overview:
        """What the person may see: everything for those who oversee, else what is their duty. New ones first, the soonest due first."""
        rows = await FindingRow.select().where(FindingRow.state != "gone").limit(MOST + 1)
        brought, stand = await self._questions.neighbourhood()
        facts = await brought.people([person])
        oversees = bool(gate.roles(facts, person, stand.at, *gate.OVERSEERS))
        lines = [_line(row, _concerns(row, person, facts, stand.at)) for row in rows[:MOST]]
        shown = [each for each in lines if each.mine or (oversees and not mine)]
        shown.sort(
            key=lambda each: (ORDER[each.state], each.due is None, each.due or 0, -each.noted_at, each.id)
        )
        return Overview(
            lines=tuple(shown), units=_counted(shown), total=len(shown), complete=len(rows) <= MOST
        )


def _concerns(row: dict[str, Any], person: str, facts: Facts, at: Instant) -> bool:
    if row["whose"] == PERSON:
        also = ALSO.get(row["code"], "")
        heads = gate.roles(facts, person, at, also) if also and row["unit"] else ()
        return bool(row["person"] == person) or any(fact.target == row["unit"] for fact in heads)
    held = gate.roles(facts, person, at, row["whose"]) if row["whose"] in RELATIONS else ()
    return any(not row["over"] or fact.target == row["over"] for fact in held)


def _line(row: dict[str, Any], mine: bool) -> FindingLine:
    kept = {name: row[name] for name in FindingLine.__struct_fields__ if name in row}
    values = msgspec.json.decode(row["content"], type=dict[str, str])
    return FindingLine(**{**kept, "rules": tuple(row["rules"].split(",")), "values": values, "mine": mine})


def _counted(lines: Iterable[FindingLine]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for each in lines:
        if each.state != "accepted":
            counts[each.unit] = counts.get(each.unit, 0) + 1
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
