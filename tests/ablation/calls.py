"""Which functions of the law the product calls: a rule that nothing asks is no rule, whatever its tests say."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from graph.law.flow import GATES
from storage import procedures

ROOT = Path(__file__).parents[2]
LAW = ROOT / "graph" / "law"
ROOMS = (ROOT / "graph", ROOT / "storage", ROOT / "workers", ROOT / "api")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def uncalled(law: Path = LAW, rooms: Iterable[Path] = ROOMS) -> list[str]:
    """Functions of the law that no code outside it comes to, not even through others of the law, as `module.function`."""
    functions: dict[str, list[tuple[str, frozenset[str]]]] = {}
    used: set[str] = set()
    for path in sorted(law.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, Function):
                functions.setdefault(node.name, []).append((path.stem, frozenset(_names(node.body))))
                used |= set(_names(node.decorator_list)) | ({node.name} if _asked_by_name(node) else set())
            else:
                used |= set(_names([node]))
    for path in (each for room in rooms for each in room.rglob("*.py") if law not in each.parents):
        used |= set(_names([ast.parse(path.read_text(encoding="utf-8"))]))
    called: set[str] = set()
    waiting = used & functions.keys()
    while waiting:
        name = waiting.pop()
        called.add(name)
        waiting |= {each for _, names in functions[name] for each in names & functions.keys()} - called
    return sorted(
        f"{module}.{name}" for name, held in functions.items() if name not in called for module, _ in held
    )


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that are read, by themselves or behind a dot. What is merely imported is not called."""
    for node in (each for one in nodes for each in ast.walk(one)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _asked_by_name(function: Function) -> bool:
    """A watch of the clock's round, or a gate that a procedure names."""
    for each in function.decorator_list:
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            if each.func.id == "watch":
                return True
            if each.func.id == "gate" and isinstance(each.args[0], ast.Constant):
                return each.args[0].value in _gates_named()
    return False


def _gates_named() -> set[str]:
    named = {name for procedure in procedures.load().values() for name in procedure.gates}
    named |= {
        name for procedure in procedures.load().values() for step in procedure.steps for name in step.gates
    }
    return named & GATES.keys()
