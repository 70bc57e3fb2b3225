"""Intervals: over which stretches of time an answer held, found from the facts that were read to give it.

Between two instants at which no fact that was read begins or ends, the law gives one answer: it reads dates only through
facts. So an interval is answered by asking at its start and at each such instant.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from graph.facts import Fact, Facts
from graph.times import Instant

T = TypeVar("T")


class Span(msgspec.Struct, frozen=True):
    """`since <= t < until`; `until` is None where it still held at the end of the interval."""

    since: Instant
    until: Instant | None


class Read:
    """Facts, and the dates of all that was read."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.dates: set[Instant] = set()

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        return self._noted(self._facts.out(node, *kinds))

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        return self._noted(self._facts.into(node, *kinds))

    def label(self, node: str) -> str | None:
        return self._facts.label(node)

    def _noted(self, found: Sequence[Fact]) -> Sequence[Fact]:
        for fact in found:
            self.dates.add(fact.since)
            self.dates.add(fact.until)
        return found


def over(
    work: Callable[[Facts, Instant], T],
    facts: Facts,
    since: Instant,
    at: Instant,
    also: Iterable[Instant] = (),
) -> dict[Instant, T]:
    """What `work` gives at the start of an interval and wherever what it reads begins or ends, in order of time.

    Looking at one instant may show facts whose dates ask for another look: until nothing new is shown. `also` are
    instants of the interval at which something else that `work` goes by changes.
    """
    read = Read(facts)
    found: dict[Instant, T] = {}
    waiting = {since, *(date for date in also if since < date <= at)}
    while waiting:
        for instant in sorted(waiting):
            found[instant] = work(read, instant)
        waiting = {date for date in read.dates if since < date <= at} - found.keys()
    return dict(sorted(found.items()))


def standing(found: Mapping[Instant, T], instants: Sequence[Instant], at: Instant) -> T:
    """What stood at `at`: the last found at or before it. `instants` are the keys, in order."""
    return found[instants[bisect_right(instants, at) - 1]]


def spans(held: Iterable[tuple[Instant, bool]]) -> tuple[Span, ...]:
    """Instants in order, each with whether it held from there on → the stretches over which it did."""
    found: list[Span] = []
    begun: Instant | None = None
    for instant, holds in held:
        if holds and begun is None:
            begun = instant
        elif not holds and begun is not None:
            found.append(Span(begun, instant))
            begun = None
    if begun is not None:
        found.append(Span(begun, None))
    return tuple(found)
