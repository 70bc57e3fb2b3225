"""What carries a rule: functions of the law, acts, steps of procedures, findings of the workers; and the tests that name it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

import api.cli  # noqa: F401  (brings every room, and with them every act)
import graph.law
import storage.accounts
import storage.registers
from graph.law.findings import WATCHES
from graph.law.regulation import Clause, load
from graph.law.rules import RULES
from storage import procedures
from storage.act import ACTS

ROOT = Path(__file__).resolve().parents[2]
IDS = re.compile(r"\b(?:S\d\d-\d+(?:\.\d+)*[a-z]?|P-[a-z]+)\b")
NO_TESTS = (
    "tests/registry",
    "tests/graph/rule_ids.txt",
    "tests/graph/test_regulations.py",
    "tests/worlds/tables",
)
"""They list every id there is, or are written by the law itself, and prove nothing about one."""


BY_NATURE = {
    "S01-1": "question: a rule with its regulation, basis and dates",
    "S02-1": "question: a rule with its regulation, basis and dates",
    "S01-12b": "law: person.card, which asks for nobody's standing",
    "S03-1.1": "act: register-carriers, by its list of media",
    "P-lookup": "law: gate.may_ask_about and its like",
}
"""Rules that no single function cites: what they ask holds by the shape of what there is."""


class Line(msgspec.Struct, frozen=True):
    """One rule of the registry."""

    clause: Clause
    carried_by: tuple[str, ...]
    tests: tuple[str, ...]


def registry() -> list[Line]:
    """Every rule of every regulation, in the order of the regulations."""
    carried, named = _carried(), _named()
    return [
        Line(clause, tuple(sorted(carried[clause.id])), tuple(sorted(named[clause.id])))
        for regulation in load().regulations.values()
        for clause in regulation.clauses
    ]


def _carried() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for package in (graph.law, storage.registers):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for rule, entry in RULES.items():
        found[rule].add(f"law: {entry.function.removeprefix('graph.law.')}")
    for watch, rules in WATCHES.items():
        for rule in rules:
            found[rule].add(f"finding: {watch.__name__}")
    for rule, carrier in BY_NATURE.items():
        found[rule].add(carrier)
    for name, parameter in load().parameters.items():
        found[parameter.rule].add(f"parameter: {name}")
        if parameter.bound_by:
            found[parameter.bound_by].add(f"bound of parameter: {name}")
    for kind in ACTS.values():
        for rule in kind.rules:
            found[rule].add(f"act: {kind.name}")
    for procedure in procedures.load().values():
        for rule in procedure.rules:
            found[rule].add(f"procedure: {procedure.id}")
        for step in procedure.steps:
            for rule in step.grounds:
                found[rule].add(f"ground: {procedure.id}.{step.id}")
            for rule in step.rules:
                found[rule].add(f"step: {procedure.id}.{step.id}")
    for room in ("graph", "storage", "workers", "api"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for rule in written_in(path):
                found[rule].add(f"code: {path.relative_to(ROOT)}")
    return {clause: _plainest(found[clause]) for clause in load().clauses}


def _plainest(found: set[str]) -> set[str]:
    """Functions, acts, steps and figures; the files that cite a rule only where there is nothing else to name."""
    return {each for each in found if not each.startswith("code: ")} or found


def written_in(path: Path) -> Iterator[str]:
    """Ids that are whole literals of a source file: what it cites, not what its docstrings speak of."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in load().clauses:
            yield node.value


def _named() -> dict[str, set[str]]:
    """Which tests, worlds and scenarios name an id."""
    found: dict[str, set[str]] = {clause: set() for clause in load().clauses}
    for path in sorted((ROOT / "tests").rglob("*")):
        name = str(path.relative_to(ROOT))
        if path.suffix not in (".py", ".yaml", ".sql") or name.startswith(NO_TESTS):
            continue
        for rule in IDS.findall(path.read_text(encoding="utf-8")):
            if rule in found:
                found[rule].add(name.removeprefix("tests/"))
    return found
