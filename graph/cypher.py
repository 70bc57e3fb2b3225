"""The query files: one `.cypher` each, with a header, and placeholders that expand to closed lists of kinds.

A placeholder `<<name>>` stands for labels or relation types, which Cypher takes no parameter for. It expands to names
out of `graph/kinds.py` and nothing else, so every text sent is one of finitely many, and each is explained in a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from graph.errors import Broken
from graph.kinds import RELATIONS, Node

FOLDER = Path(__file__).parent / "queries"
HEADER = ("purpose", "parameters", "columns", "used by")
ARCHIVE = "WAS_"
"""Before a kind's name: the type its versions have after a sweep has moved them."""
NAMES = frozenset((*Node, *RELATIONS, *(ARCHIVE + kind for kind in RELATIONS)))
_LINE = re.compile(r"^// (?P<name>[a-z ]+): (?P<value>.*)$")
_HOLE = re.compile(r"<<([a-z_]+)>>")


class Query(msgspec.Struct, frozen=True):
    """A query file: its header's fields and its text with the placeholders still in it."""

    name: str
    header: dict[str, str]
    text: str

    def list_of(self, field: str) -> tuple[str, ...]:
        value = self.header.get(field, "none")
        return () if value == "none" else tuple(part.strip() for part in value.split(","))

    @property
    def holes(self) -> frozenset[str]:
        return frozenset(_HOLE.findall(self.text))


@cache
def query(name: str) -> Query:
    header: dict[str, str] = {}
    body: list[str] = []
    for line in (FOLDER / f"{name}.cypher").read_text(encoding="utf-8").splitlines():
        found = _LINE.match(line)
        if found and not body:
            header[found["name"]] = found["value"]
        else:
            body.append(line)
    return Query(name, header, "\n".join(body))


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.cypher")))


Expansion = tuple[str, tuple[tuple[str, str], ...]]
_TEXTS: dict[Expansion, str] = {}


def text(name: str, fillings: Mapping[str, str] | None = None) -> str:
    """The text of a query with each placeholder filled. Raises Broken for what is no name of `graph/kinds.py`."""
    wanted: Expansion = (name, tuple(sorted((fillings or {}).items())))
    if wanted not in _TEXTS:
        filled = dict(wanted[1])
        unknown = {each for filling in filled.values() for each in filling.split("|")} - NAMES
        if unknown or filled.keys() != query(name).holes:
            raise Broken(f"{name}.cypher cannot be filled with {filled}")
        _TEXTS[wanted] = _HOLE.sub(lambda hole: filled[hole[1]], query(name).text)
    return _TEXTS[wanted]


def expanded() -> frozenset[Expansion]:
    """Every text this process has asked for so far, by query and fillings."""
    return frozenset(_TEXTS)
