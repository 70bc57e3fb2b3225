"""Facts and the small read-only view of them that the law sees.

A fact is a dated relation: kind, from, to, details, valid while `since <= t < until`, and known to the ledger while
`seq_in <= n < seq_out`. `Facts` is all the law ever reads; a `World` (facts in memory) satisfies it, whether a query
brought them or a YAML file, and an `Overlay` is a world with proposed facts on top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from graph.errors import BadField
from graph.kinds import RELATIONS
from graph.times import FOREVER, Instant

Details = dict[str, str | int | bool]

OPEN_SEQ = 9_007_199_254_740_991
"""`seq_out` of a version that still stands (2**53 - 1, exact in JSON)."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename={"source": "from", "target": "to"}):
    """One version of one dated relation. Instants in milliseconds; `seq_in` is 0 for what no ledger holds.

    The collector passes facts by: nothing they hold leads back to them, and a replica keeps millions.
    """

    id: str
    kind: str
    source: str
    target: str
    details: Details = {}
    since: Instant
    until: Instant = FOREVER
    seq_in: int = 0
    seq_out: int = OPEN_SEQ

    def holds(self, at: Instant) -> bool:
        return self.since <= at < self.until


@runtime_checkable
class Facts(Protocol):
    """What the law reads: relations forward and backward by kind, of every date, as one moment of the ledger knew them."""

    def out(self, node: str, *kinds: str) -> Sequence[Fact]: ...

    def into(self, node: str, *kinds: str) -> Sequence[Fact]: ...

    def label(self, node: str) -> str | None:
        """The kind of a node, or None where no such node is known."""
        ...


class World:
    """Facts in memory, indexed both ways, each node's in order of time: in whatever order they came, answers are the same."""

    def __init__(self, facts: Iterable[Fact], labels: Mapping[str, str]) -> None:
        self._labels = dict(labels)
        self._out: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        self._into: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in facts:
            self._out[fact.source, fact.kind].append(fact)
            self._into[fact.target, fact.kind].append(fact)
        for index in (self._out, self._into):
            for found in index.values():
                if len(found) > 1:
                    found.sort(key=in_order)

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        return _pick(self._out, node, kinds)

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        return _pick(self._into, node, kinds)

    def label(self, node: str) -> str | None:
        return self._labels.get(node)

    def nodes(self, label: str) -> Iterator[str]:
        return (node for node, its in self._labels.items() if its == label)

    def facts(self) -> Iterator[Fact]:
        return (fact for facts in self._out.values() for fact in facts)

    @property
    def labels(self) -> Mapping[str, str]:
        return self._labels


def in_order(fact: Fact) -> tuple[Instant, str, int]:
    """The one order in which a node's facts of a kind are told: of time, then of id."""
    return fact.since, fact.id, fact.seq_in


def _pick(index: Mapping[tuple[str, str], list[Fact]], node: str, kinds: tuple[str, ...]) -> Sequence[Fact]:
    if len(kinds) == 1:
        return index.get((node, kinds[0]), ())
    return [fact for kind in kinds for fact in index.get((node, kind), ())]


class Overlay:
    """A view with some facts replaced and others added: what would be, and nothing written."""

    def __init__(
        self, base: Facts, added: Iterable[Fact], ended: Iterable[str], labels: Mapping[str, str]
    ) -> None:
        self._base = base
        self._added = World(added, labels)
        self._ended = frozenset(ended)

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        return self._laid(self._base.out(node, *kinds), self._added.out(node, *kinds))

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        return self._laid(self._base.into(node, *kinds), self._added.into(node, *kinds))

    def label(self, node: str) -> str | None:
        return self._base.label(node) or self._added.label(node)

    def _laid(self, base: Sequence[Fact], added: Sequence[Fact]) -> Sequence[Fact]:
        kept = [fact for fact in base if fact.id not in self._ended]
        return sorted([*kept, *added], key=in_order) if added else kept


class Joined:
    """Several views of one moment as one: what two of them hold is told once."""

    def __init__(self, views: Sequence[Facts]) -> None:
        self._views = views

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        return _once(view.out(node, *kinds) for view in self._views)

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        return _once(view.into(node, *kinds) for view in self._views)

    def label(self, node: str) -> str | None:
        return next((label for view in self._views if (label := view.label(node))), None)


def _once(found: Iterable[Sequence[Fact]]) -> Sequence[Fact]:
    return sorted({(fact.id, fact.seq_in): fact for facts in found for fact in facts}.values(), key=in_order)


def check(fact: Fact, label: Mapping[str, str | None]) -> None:
    """A fact fits its kind: known kind, ends of the right kinds, closed details, dates in order. Raises BadField."""
    kind = RELATIONS.get(fact.kind)
    if kind is None:
        raise BadField("kind", "unknown-kind", value=fact.kind)
    for field, node, allowed in (("from", fact.source, kind.sources), ("to", fact.target, kind.targets)):
        if label.get(node) not in allowed:
            raise BadField(field, "wrong-kind", value=node, allowed=", ".join(allowed))
    if not fact.since < fact.until:
        raise BadField("until", "ends-before-it-begins")
    _check_details(fact.details, fact.kind)


def _check_details(details: Mapping[str, Any], kind: str) -> None:
    closed = RELATIONS[kind].details
    for name, value in details.items():
        detail = closed.get(name)
        if detail is None:
            raise BadField(f"details.{name}", "unknown-field")
        expected = {"text": str, "int": int, "bool": bool}[detail.type]
        if type(value) is not expected:
            raise BadField(f"details.{name}", "wrong-type", expected=detail.type)
        if detail.values and value not in detail.values:
            raise BadField(f"details.{name}", "not-in-list", allowed=", ".join(detail.values))
    for name, detail in closed.items():
        if detail.required and name not in details:
            raise BadField(f"details.{name}", "missing")
