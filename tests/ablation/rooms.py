"""Where storage decides: refusals that no function of the law speaks, what an act opens by itself, what comes of a case.

Such a function is switched off in its source: a rule that is off is struck from every reason it writes, and whoever is left
without a rule refuses nothing, opens nothing, does nothing. The rest of the function stays as it is.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import msgspec

import storage
from graph.errors import Refused
from graph.law.regulation import load
from graph.law.verdict import Reason
from storage.act import ACTS, ActKind
from storage.registers.cases import EFFECTS

Function = Callable[..., Any]
REFUSING = frozenset({"refusal", "Reason", "Refused"})
OPENING = frozenset({"open_by_itself", "break_out"})
ROLE = "P-role"
"""Whoever refuses by the rules it was handed refuses for want of a role."""
IDS = re.compile(r"\b(?:S\d\d-\d+(?:\.\d+)*[a-z]?|P-[a-z]+)\b")
MODULES = [
    each.name
    for each in pkgutil.walk_packages(storage.__path__, "storage.")
    if not each.ispkg and each.name != "storage.migrate"
]


Way = Literal["refuses", "opens", "does"]
MAKER = "storage.act.refusal"
"""Writes what others refuse by."""


class Room(msgspec.Struct, frozen=True):
    """A function of storage, and the rules by which it refuses, opens cases, or changes what stands."""

    name: str
    refuses: frozenset[str]
    opens: frozenset[str]
    does: frozenset[str]

    @property
    def ways(self) -> Iterator[tuple[str, Way]]:
        """Each rule, and how it speaks here."""
        yield from ((rule, "refuses") for rule in self.refuses)
        if self.does:
            yield from ((rule, "does") for rule in self.does)
        else:
            yield from ((rule, "opens") for rule in self.opens)


def rooms() -> Iterator[Room]:
    """Every function and method of storage that decides by a rule of its own."""
    for module in MODULES:
        path = Path(str(import_module(module).__file__))
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            within = node.body if isinstance(node, ast.ClassDef) else [node]
            before = f"{module}.{node.name}" if isinstance(node, ast.ClassDef) else module
            for each in within:
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                    room = _room(f"{before}.{each.name}", each)
                    if room.name != MAKER and list(room.ways):
                        yield room


def _room(name: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Room:
    written = frozenset(_ids(function.body))
    calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
    refusing = [each for each in calls if _called(each) in REFUSING]
    opens = any(_called(each) in OPENING for each in calls)
    told = IDS.findall(ast.get_docstring(function) or "") if opens else []
    parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
    is_act = any(isinstance(each, ast.Call) and _called(each) == "act" for each in function.decorator_list)
    handed = {
        ROLE for call in refusing for each in _names(call.args) if each == "rules" and each in parameters
    }
    return Room(
        name,
        refuses=frozenset({*_ids(refusing), *_ids(_assigned(function, refusing)), *handed}),
        opens=frozenset(each for each in (*written, *told) if each in load().clauses) if opens else frozenset(),
        does=written if "draft" in parameters and not is_act else frozenset(),
    )  # fmt: skip


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _ids(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and each.value in load().clauses:
                yield str(each.value)


def _assigned(function: ast.AST, calls: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """What the names that the calls use were given in this function."""
    used = set(_names(calls))
    for each in ast.walk(function):
        if isinstance(each, ast.Assign) and used & set(_names(each.targets)):
            yield each.value


@contextmanager
def off(name: str, rule: str, way: Way) -> Iterator[None]:
    """The function without the rule, wherever it is held, until the end of the block."""
    law = found(name)
    silenced = _nothing(law) if way == "does" else _without(law, rule, opens=way != "opens")
    changed = list(_holders(law, silenced))
    assert changed, name
    for put, _ in changed:
        put()
    try:
        yield
    finally:
        for _, take_back in changed:
            take_back()


def found(name: str) -> Function:
    """A function or a method by its dotted name."""
    before, _, last = name.rpartition(".")
    if before in sys.modules:
        function: Function = vars(sys.modules[before])[last]
        return function
    module, _, owner = before.rpartition(".")
    method: Function = vars(getattr(sys.modules[module], owner))[last]
    return method


def _nothing(law: Function) -> Function:
    """An effect that does nothing, as if nobody had asked for it."""
    if not inspect.iscoroutinefunction(law):
        return lambda *_given, **_named: None

    async def nothing(*_given: Any, **_named: Any) -> str:
        return ""

    return nothing


class _Struck(ast.NodeTransformer):
    """Reasons are written without the rule, and whoever raises, refuses or opens by them asks first what is left."""

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        self.generic_visit(node)
        return ast.Expr(_call("_raised", node.exc)) if isinstance(node.exc, ast.Call) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if _called(node) in ("Reason", "refusal"):
            return _call("_struck", node.func, *node.args, keywords=node.keywords)
        if _called(node) in ("refuse", "_refuse"):
            node.args[0] = _call("_left", node.args[0])
        if _called(node) in OPENING:
            return _call("_opened", node.func, *node.args, keywords=node.keywords)
        return node


def _call(name: str, *given: ast.expr | None, keywords: list[ast.keyword] | None = None) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [each for each in given if each], keywords or [])


def _without(law: Function, rule: str, *, opens: bool) -> Function:
    """The function made anew from its source, with the rule struck from what it writes."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(law))).body
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    function.decorator_list = []
    tree = ast.fix_missing_locations(ast.Module([_Struck().visit(function)], []))
    code = compile(
        tree,
        inspect.getsourcefile(law) or "",
        "exec",
        flags=__future__.annotations.compiler_flag,
        dont_inherit=True,
    )
    names: dict[str, Any] = {**law.__globals__, **_spoken(rule, opens=opens)}
    exec(code, names)  # noqa: S102  (our own source)
    made: Function = names[function.name]
    return made


def _spoken(rule: str, *, opens: bool) -> dict[str, Function]:
    """What the source made anew calls instead."""

    def struck(make: Function, rules: tuple[str, ...], *given: Any, **named: Any) -> Any:
        return make(tuple(each for each in rules if each != rule), *given, **named)

    def left(reasons: Iterable[Reason]) -> list[Reason]:
        return [each for each in reasons if each.rules]

    def raised(error: Exception) -> None:
        if not isinstance(error, Refused) or left(error.reasons):
            raise error if not isinstance(error, Refused) else Refused(left(error.reasons))

    async def opened(open_: Callable[..., Awaitable[str]], *given: Any, **named: Any) -> str:
        reasons = given[2] if len(given) > 2 and not isinstance(given[2], str) else None
        if not opens or (reasons is not None and not left(reasons)):
            return ""
        return await open_(*given, **named)

    return {"_struck": struck, "_left": left, "_raised": raised, "_opened": opened}


Put = Callable[[], None]


def _holders(law: Function, silenced: Function) -> Iterator[tuple[Put, Put]]:
    """How to put it everywhere the function is held, and how to take it back: modules, classes, acts and effects."""

    def item(held: dict[Any, Any], key: Any, value: Any) -> tuple[Put, Put]:
        before = held[key]
        return (lambda: held.__setitem__(key, value)), (lambda: held.__setitem__(key, before))

    def attribute(owner: type, name: str) -> tuple[Put, Put]:
        return (lambda: setattr(owner, name, silenced)), (lambda: setattr(owner, name, law))

    for module in [
        each for name, each in sys.modules.items() if name.startswith(("storage.", "api.", "workers."))
    ]:
        for name, value in list(vars(module).items()):
            if value is law:
                yield item(vars(module), name, silenced)
            elif isinstance(value, type) and value.__module__ == module.__name__:
                yield from (attribute(value, key) for key, each in list(vars(value).items()) if each is law)
    for name, kind in ACTS.items():
        if kind.perform is law:
            yield item(ACTS, name, _acting(kind, silenced))
    for name, effect in EFFECTS.items():
        if effect is law:
            yield item(EFFECTS, name, silenced)


def _acting(kind: ActKind, perform: Function) -> ActKind:
    return msgspec.structs.replace(kind, perform=perform)
