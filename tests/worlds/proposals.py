"""Proposals that the law judges by themselves: a function of the law, named in the file, and what it is given."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from graph.law.levels import LEVELS, Level
from graph.law.verdict import Reason
from tests.worlds import Judged

SHORT = {
    "marking": "marking.judge_marking",
    "numbering": "marking.judge_batch",
    "copying": "copying.judge_copy",
}
"""Names that a file may use in place of a function's."""


def judge(judged: Judged) -> Any:
    """The function's answer in plain values: a set of rules or `allowed` for reasons, a level by its id."""
    module, _, name = SHORT.get(judged.what, judged.what).partition(".")
    law: Callable[..., Any] = getattr(importlib.import_module(f"graph.law.{module}"), name)
    hints = {key: kind for key, kind in get_type_hints(law).items() if key != "return"}
    first = next(iter(hints.values()))
    if (
        len(hints) == 1
        and isinstance(first, type)
        and issubclass(first, msgspec.Struct)
        and first is not Level
    ):
        return plain(law(_filled(first, judged.given)))
    return plain(
        law(**{key: _value(kind, judged.given[key]) for key, kind in hints.items() if key in judged.given})
    )


def _filled(struct: type[msgspec.Struct], given: Mapping[str, Any]) -> Any:
    hints = get_type_hints(struct)
    unknown = given.keys() - hints.keys()
    assert not unknown, f"{struct.__name__} has no {unknown}"
    return struct(**{key: _value(hints[key], value) for key, value in given.items()})


def _value(kind: Any, written: Any) -> Any:
    """As the law wants it; a level is written by its id."""
    if "Level" in str(kind):
        written = _levels(written)
    return msgspec.convert(written, kind)


def _levels(written: Any) -> Any:
    if isinstance(written, list):
        return [_levels(each) for each in written]
    return msgspec.to_builtins(LEVELS[written]) if written in LEVELS else written


def plain(answer: Any) -> Any:
    if isinstance(answer, tuple) and all(isinstance(each, Reason) for each in answer):
        return frozenset(rule for reason in answer for rule in reason.rules) or "allowed"
    return answer.id if isinstance(answer, Level) else msgspec.to_builtins(answer)


def expected(written: Any) -> Any:
    """A list of rules as a set; every other answer as it is written."""
    rules = isinstance(written, list) and all(
        isinstance(each, str) and each[:2] in ("S0", "S1", "S2", "P-") for each in written
    )
    return frozenset(written) if rules and written else written
