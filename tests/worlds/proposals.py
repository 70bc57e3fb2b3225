"""Proposals that the law judges by themselves: a function of the law, named in the file, and what it is given."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from graph.facts import World
from graph.law.levels import LEVELS, Level
from graph.law.regulation import by_default
from graph.law.verdict import Reason
from graph.times import parse
from tests.worlds import Judged

SHORT = {
    "marking": "marking.judge_marking",
    "numbering": "marking.judge_batch",
    "copying": "copying.judge_copy",
}
"""Names that a file may use in place of a function's."""

BEARS_LEVEL = ("level", "before", "after")
"""Fields of the law's structs that hold a level."""


def judge(judged: Judged, world: World) -> Any:
    """The function's answer in plain values: a set of rules or `allowed` for reasons, a level by its id.

    What reads facts gets the world's, and the instant that the file names; a lone description may stand without its name.
    """
    module, _, name = SHORT.get(judged.what, judged.what).partition(".")
    law: Callable[..., Any] = getattr(importlib.import_module(f"graph.law.{module}"), name)
    hints = {key: kind for key, kind in get_type_hints(law).items() if key != "return"}
    named: dict[str, Any] = {}
    if hints.pop("facts", None):
        named["facts"] = world
    if hints.pop("figures", None):
        named["figures"] = by_default
    if judged.at is not None:
        hints.pop("at")
        named["at"] = parse(judged.at, field="at", ends_day=True)
    if len(hints) == 1 and not hints.keys() & judged.given.keys():
        return plain(law(**named, **{key: _filled(kind, judged.given) for key, kind in hints.items()}))
    return plain(law(**named, **{key: _value(hints[key], value) for key, value in judged.given.items()}))


def _filled(struct: type[msgspec.Struct], given: Mapping[str, Any]) -> Any:
    hints = get_type_hints(struct)
    unknown = given.keys() - hints.keys()
    assert not unknown, f"{struct.__name__} has no {unknown}"
    return struct(**{key: _value(hints[key], value) for key, value in given.items()})


def _value(kind: Any, written: Any) -> Any:
    """As the law wants it; a level is written by its id."""
    written = _levels(written) if "Level" in str(kind) else _deep(written)
    return msgspec.convert(written, kind)


def _deep(written: Any) -> Any:
    """Levels inside structs, by the name of their field."""
    if isinstance(written, list):
        return [_deep(each) for each in written]
    if isinstance(written, Mapping):
        return {key: _levels(each) if key in BEARS_LEVEL else _deep(each) for key, each in written.items()}
    return written


def _levels(written: Any) -> Any:
    if isinstance(written, list):
        return [_levels(each) for each in written]
    return msgspec.to_builtins(LEVELS[written]) if written in LEVELS else written


def plain(answer: Any) -> Any:
    if isinstance(answer, tuple) and all(isinstance(each, Reason) for each in answer):
        return frozenset(rule for reason in answer for rule in reason.rules) or "allowed"
    if isinstance(answer, tuple):
        return expected([_named(msgspec.to_builtins(each)) for each in answer])
    return _named(msgspec.to_builtins(answer.id if isinstance(answer, Level) else answer))


def _named(answer: Any) -> Any:
    """Levels inside an answer by their ids, rows of structs as lists."""
    if not isinstance(answer, dict):
        return answer
    return {
        key: each["id"]
        if key == "level" and isinstance(each, dict)
        else list(each)
        if isinstance(each, tuple)
        else each
        for key, each in answer.items()
    }


def expected(written: Any) -> Any:
    """A list of rules as a set; every other answer as it is written."""
    rules = isinstance(written, list) and all(
        isinstance(each, str) and each[:2] in ("S0", "S1", "S2", "P-") for each in written
    )
    return frozenset(written) if rules and written else written
