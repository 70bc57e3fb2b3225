"""The switch: one rule of one function falls silent, everywhere that function is called from.

Nothing in the law knows of it. What a function answers is looked through: an id that is off is struck from every reason,
mark, route and way, and a reason that rests on no rule any more is none; so of two rules that refuse together the other still
does. An answer of any other kind is withheld (None), as a rule that is not there would give none.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

import graph.law
from graph.law.findings import WATCHES, Finding
from graph.law.flow import Gate
from graph.law.reach import Way
from graph.law.regulation import load
from graph.law.rules import RULES
from graph.law.verdict import Mark, Reason, Route
from storage import procedures
from tests.ablation import rooms

ROOMS = ("graph.", "storage.", "workers.", "api.", "tests.worlds.")
Law = Callable[..., Any]


STEP = "procedures."
"""Before the name of a procedure and its step, where a place is no function but a step that the rule asks for."""
ROOM = "storage."
"""Before the name of a function of storage; behind it stands how it speaks: refuses, opens, does."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a rule decides: a function of the law, by its dotted name, a step of a procedure, or a function of storage."""

    rule: str
    function: str

    @property
    def law(self) -> Law:
        module, _, name = self.function.rpartition(".")
        found: Law = getattr(importlib.import_module(module), name)
        return found


def places() -> list[Place]:
    """Where anything is decided: each function that declares a rule or cites one in what it answers, steps, and rooms."""
    found: set[Place] = set()
    for module in pkgutil.iter_modules(graph.law.__path__, "graph.law."):
        found |= set(_citing(module.name))
    steps = {
        Place(rule, f"{STEP}{procedure.id}.{step.id}")
        for procedure in procedures.load().values()
        for step in procedure.steps
        for rule in step.rules
    }
    stored = {Place(rule, f"{room.name} {way}") for room in rooms.rooms() for rule, way in room.ways}
    return sorted(found | steps | stored | {Place(rule, entry.function) for rule, entry in RULES.items()})


def _citing(module: str) -> Iterator[Place]:
    """Functions of a module that answer with reasons, marks or routes, and the ids they write out."""
    held = vars(importlib.import_module(module))
    for name, law in held.items():
        if not inspect.isfunction(law) or law.__module__ != module:
            continue
        if not any(
            kind in str(law.__annotations__.get("return", ""))
            for kind in ("Reason", "Mark", "Route", "Way", "Finding")
        ):
            continue
        for rule in _written(law):
            yield Place(rule, f"{module}.{name}")


def _written(law: Law) -> Iterator[str]:
    """Ids among the literals of a function's body and behind the names it uses; a table counts where its answer goes out."""
    (tree,) = ast.parse(inspect.getsource(law)).body
    assert isinstance(tree, ast.FunctionDef)
    for node in (each for statement in tree.body for each in ast.walk(statement)):
        if isinstance(node, ast.Constant):
            yield from _ids(node.value)
        if isinstance(node, ast.Name):
            named = law.__globals__.get(node.id)
            yield from _ids(named) if isinstance(named, str) or not law.__name__.startswith("_") else ()


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, str) and value in load().clauses:
        yield value
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            yield from _ids(each)


@contextmanager
def off(place: Place) -> Iterator[None]:
    """The rule does not speak in that function, or ask for that step, until the end of the block."""
    if place.function.startswith(ROOM):
        name, _, way = place.function.partition(" ")
        with rooms.off(name, place.rule, way):  # type: ignore[arg-type]
            yield
        return
    if place.function.startswith(STEP):
        law: Law = procedures.load
        silenced = _without_step(place)
    else:
        law = place.law
        silenced = _silenced(law, place.rule)
    changed = list(_holders(law))
    assert changed, place
    watches = dict(WATCHES)
    for names, name, value in changed:
        names[name] = msgspec.structs.replace(value, judge=silenced) if isinstance(value, Gate) else silenced
    _watch({silenced if each is law else each: ids for each, ids in watches.items()})
    try:
        yield
    finally:
        for names, name, value in changed:
            names[name] = value
        _watch(watches)


def _watch(watches: dict[Any, tuple[str, ...]]) -> None:
    """These and no others look round, in this order."""
    WATCHES.clear()
    WATCHES.update(watches)


def _holders(law: Law) -> Iterator[tuple[dict[str, Any], str, object]]:
    """Every module of ours that holds the function by some name, and every table in one that holds it or a gate of it."""
    for module in [each for name, each in sys.modules.items() if name.startswith(ROOMS)]:
        held = vars(module)
        for name, value in list(held.items()):
            if value is law:
                yield held, name, law
            elif isinstance(value, dict):
                yield from ((value, key, each) for key, each in list(value.items()) if _holds(each, law))


def _holds(value: object, law: Law) -> bool:
    return value is law or (isinstance(value, Gate) and value.judge is law)


def _without_step(place: Place) -> Law:
    """The procedures where the rule asks for the step no more; a step that rests on no rule falls away."""
    _, name, step = place.function.split(".")
    whole = procedures.load()
    found = whole[name]
    kept = [
        msgspec.structs.replace(each, rules=_struck(each.rules, place.rule)) if each.id == step else each
        for each in found.steps
    ]
    fewer = msgspec.structs.replace(found, steps=tuple(each for each in kept if each.rules))
    return lambda: {**whole, name: fewer}


def _silenced(law: Law, rule: str) -> Law:
    @functools.wraps(law)
    def silenced(*given: Any, **named: Any) -> Any:
        return without(law(*given, **named), rule)

    return silenced


def without(answer: Any, rule: str) -> Any:
    """What is left of an answer when one rule does not speak."""
    if isinstance(answer, Iterator):
        return (left for each in answer if (left := without(each, rule)) is not None)
    if isinstance(answer, tuple) and all(isinstance(each, Reason | Mark | Route | Way) for each in answer):
        left = [without(each, rule) for each in answer]
        return tuple(each for each in left if each is not None)
    if isinstance(answer, Reason | Finding):
        rules = _struck(answer.rules, rule)
        return msgspec.structs.replace(answer, rules=rules) if rules else None
    if isinstance(answer, Mark):
        reason = without(answer.reason, rule) if answer.reason else None
        fell = answer.reason is not None and reason is None
        rules = _struck(answer.rules, rule)
        return msgspec.structs.replace(
            answer, rules=rules, reason=reason, holds=None if fell else answer.holds
        )
    if isinstance(answer, Route | Way):
        return msgspec.structs.replace(answer, rules=_struck(answer.rules, rule))
    return None


def _struck(rules: tuple[str, ...], rule: str) -> tuple[str, ...]:
    return tuple(each for each in rules if each != rule)
