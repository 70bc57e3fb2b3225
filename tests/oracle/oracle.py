"""The second opinion: facts put flat into SQLite, and one query that answers every pair and date at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from graph.facts import Fact
from graph.times import Instant

QUERY = (Path(__file__).parent / "may_know.sql").read_text(encoding="utf-8")
TABLES = """
CREATE TABLE fact (kind TEXT, source TEXT, target TEXT, detail TEXT, since INTEGER, until INTEGER);
CREATE INDEX by_source ON fact (source, kind);
CREATE TABLE asked (n INTEGER PRIMARY KEY, person TEXT, item TEXT, at INTEGER);
"""
CONDITIONS = ("marking", "level", "vetting", "undertaking", "induction", "leaving", "departure", "scope", "distribution",
              "need", "acknowledgement", "veto")  # fmt: skip
BY_RULE = {
    "S03-2.1a": "marking", "S01-3a": "level", "S01-3b": "level", "S01-3c": "level", "S01-7a": "vetting",
    "S01-8a": "undertaking", "S02-7": "induction", "S01-11c": "leaving", "S01-15a": "departure", "S03-4.1a": "scope",
    "S03-4.1b": "scope", "S03-2.1c": "distribution", "S17-2.4a": "need", "S17-2.0b": "acknowledgement", "S02-4.5": "veto",
}  # fmt: skip
"""The condition of section 4.3 that a reason's first rule belongs to."""
Question = tuple[str, str, Instant]


def failing(facts: Iterable[Fact], asked: Sequence[Question], query: str = QUERY) -> list[frozenset[str]]:
    """For each (person, item, at) the conditions that fail: none where the person may know the item."""
    with sqlite3.connect(":memory:") as base:
        base.executescript(TABLES)
        base.executemany(
            "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)",
            [(f.kind, f.source, f.target, _detail(f), f.since, f.until) for f in facts],
        )
        base.executemany(
            "INSERT INTO asked VALUES (?, ?, ?, ?)", [(n, *each) for n, each in enumerate(asked)]
        )
        found = base.execute(query)
        names = [column[0] for column in found.description][1:]
        assert tuple(names) == CONDITIONS
        rows = found.fetchall()
    base.close()
    assert len(rows) == len(asked)
    return [frozenset(name for name, fails in zip(names, row[1:], strict=True) if fails) for row in rows]


def _detail(fact: Fact) -> str | None:
    """The one detail that decides, where the kind has such."""
    values = [fact.details[name] for name in ("conclusion", "undertaking", "course") if name in fact.details]
    return str(values[0]) if values else None
