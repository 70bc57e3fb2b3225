"""Findings read: those that are somebody's duty, all of them for those who oversee, and how many stand where."""

from __future__ import annotations

from typing import Any

import msgspec

from graph.access import Questions
from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import RELATIONS
from graph.law import gate
from graph.law.findings import ALSO, PERSON
from graph.times import Instant
from storage.tables.catalogue import FindingRow

STATES = ("new", "in-hand", "accepted")
PAGE = 500
BASIS = ("S01-10b", "S02-4.1")
"""Why there is one list: supervision of the whole, and each Principal's open risks."""
STANDS = "state <> 'gone'"
RANK = "CASE state WHEN 'new' THEN 0 WHEN 'in-hand' THEN 1 ELSE 2 END"
SOONEST = "COALESCE(due, 9223372036854775807)"
PLACE = f"{RANK}, {SOONEST}, -noted_at, id"
"""New ones first, the soonest due first, the latest noted first."""


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
    """One page of `total`. `units` counts what stands per department ("" for the unit itself), the most first (S01-10b)."""

    lines: tuple[FindingLine, ...]
    units: tuple[tuple[str, int], ...]
    total: int
    complete: bool
    cursor: str | None


class Findings:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def of(
        self, person: str, *, mine: bool = False, unit: str | None = None, limit: int = PAGE, cursor: str | None = None
    ) -> Overview:  # fmt: skip
        """What the person may see: everything for those who oversee, else what is their duty, of one department where it is named.

        Raises BadField where the cursor names nothing of theirs.
        """
        brought, stand = await self._questions.neighbourhood()
        facts = await brought.people([person])
        oversees = bool(gate.roles(facts, person, stand.at, *gate.OVERSEERS))
        duties = _duties(person, facts, stand.at)
        seen = _Where() if oversees and not mine else duties
        page = seen if unit is None else seen.also("unit = {}", unit)
        total = await _rows("count(*) AS n", page.also(STANDS))
        after = page if cursor is None else await _after(page, cursor)
        rows = await _rows(
            f"*, CASE WHEN {duties.sql} THEN 1 ELSE 0 END AS own", after.also(STANDS),
            f"ORDER BY {PLACE} LIMIT {limit + 1}", duties.values,
        )  # fmt: skip
        counted = await _rows(
            "unit, count(*) AS n", seen.also(STANDS).also("state <> 'accepted'"), "GROUP BY unit"
        )
        more = len(rows) > limit
        return Overview(
            lines=tuple(_line(row, bool(row["own"])) for row in rows[:limit]),
            units=tuple(
                sorted(((row["unit"], row["n"]) for row in counted), key=lambda each: (-each[1], each[0]))
            ),
            total=total[0]["n"],
            complete=not more,
            cursor=rows[limit - 1]["id"] if more else None,
        )


class _Where(msgspec.Struct, frozen=True):
    """A condition, `{}` standing for each of its values."""

    sql: str = "1 = 1"
    values: tuple[str | int, ...] = ()

    def also(self, sql: str, *values: str | int) -> _Where:
        return _Where(f"{self.sql} AND {sql}", (*self.values, *values))


async def _rows(
    what: str, where: _Where, then: str = "", values: tuple[str | int, ...] = ()
) -> list[dict[str, Any]]:
    """`values` are those that stand in `what`."""
    sql = f"SELECT {what} FROM finding WHERE {where.sql} {then}"  # noqa: S608  (every part is written here, values are bound)
    return [dict(row) for row in await FindingRow.raw(sql, *values, *where.values)]


def _duties(person: str, facts: Facts, at: Instant) -> _Where:
    """Whose duty a finding is: the person's own, of those whose role it is, and beside the person some role's over their unit."""
    either, values = ["(whose = {} AND person = {})"], [PERSON, person]
    for code, role in ALSO.items():
        for fact in gate.roles(facts, person, at, role):
            either.append("(whose = {} AND code = {} AND unit = {})")
            values += [PERSON, code, fact.target]
    for fact in gate.roles(facts, person, at, *RELATIONS):
        either.append("(whose = {} AND (over = '' OR over = {}))")
        values += [fact.kind, fact.target]
    return _Where(f"({' OR '.join(either)})", tuple(values))


async def _after(page: _Where, cursor: str) -> _Where:
    """What comes after the line that a cursor names."""
    what = f"{RANK} AS place, {SOONEST} AS soonest, -noted_at AS latest"
    rows = await _rows(what, page.also("id = {}", cursor))
    if not rows:
        raise BadField("cursor", "unknown-id", value=cursor)
    last = rows[0]
    return page.also(
        f"({PLACE}) > ({{}}, {{}}, {{}}, {{}})", last["place"], last["soonest"], last["latest"], cursor
    )


def _line(row: dict[str, Any], mine: bool) -> FindingLine:
    kept = {name: row[name] for name in FindingLine.__struct_fields__ if name in row}
    values = msgspec.json.decode(row["content"], type=dict[str, str])
    return FindingLine(**{**kept, "rules": tuple(row["rules"].split(",")), "values": values, "mine": mine})
