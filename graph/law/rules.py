"""The registry of rules that decide: one function each, with what it reads declared beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

Reads = Literal["person", "item", "pair", "group", "place", "act"]


class RuleEntry(msgspec.Struct, frozen=True):
    """`ids` are the rule ids a function decides; `kinds` the relations it reads."""

    ids: tuple[str, ...]
    reads: Reads
    kinds: tuple[str, ...]
    function: str


RULES: dict[str, RuleEntry] = {}
F = TypeVar("F", bound=Callable[..., object])


def rule(*ids: str, reads: Reads, kinds: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Declare what a rule's function decides and reads. An id may be decided in one place only."""

    def register(function: F) -> F:
        entry = RuleEntry(ids, reads, kinds, f"{function.__module__}.{function.__qualname__}")
        for each in ids:
            if each in RULES:
                raise ValueError(f"{each} is already decided by {RULES[each].function}")
            RULES[each] = entry
        return function

    return register


def kinds_read(*reads: Reads) -> frozenset[str]:
    """Every relation that rules of these kinds read: what a neighbourhood query has to bring."""
    return frozenset(kind for entry in RULES.values() if entry.reads in reads for kind in entry.kinds)
