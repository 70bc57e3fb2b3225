"""A ledger of facts in memory: what the graph needs of one, and the facts it comes to by replay."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

import msgspec

from graph.access import Questions
from graph.connection import Connection
from graph.facts import Fact, World
from graph.projection import Entries, Head, Projection, Step
from graph.sources import Sources
from graph.times import Instant


class Shelf:
    """Entries of facts alone, in order; each is a step of the projection."""

    def __init__(self, ledger: str) -> None:
        self.ledger = ledger
        self._steps: list[Step] = []
        self._labels: dict[str, str] = {}

    def enter(
        self,
        *,
        nodes: Mapping[str, str] | None = None,
        facts: Sequence[Fact] = (),
        superseded: Sequence[Fact] = (),
        labels: Mapping[str, str] | None = None,
    ) -> Head:
        """One entry more; the head it makes. `labels` names the kind of nodes that no entry has made."""
        self._labels |= {**(labels or {}), **(nodes or {})}
        prev = self._steps[-1].hash if self._steps else ""
        touched = {node for fact in (*facts, *superseded) for node in (fact.source, fact.target)}
        step = Step(
            seq=len(self._steps) + 1,
            hash="",
            prev=prev,
            nodes=tuple((nodes or {}).items()),
            superseded=superseded,
            facts=facts,
            labels={node: self._labels[node] for node in touched if node in self._labels},
        )
        text = msgspec.json.encode([self.ledger, step], order="sorted")
        self._steps.append(msgspec.structs.replace(step, hash=hashlib.sha256(text).hexdigest()))
        return self._head()

    def _head(self) -> Head:
        return self.head_at(len(self._steps))

    def head_at(self, seq: int) -> Head:
        """The head as it was after so many entries."""
        return Head(self.ledger, seq, self._steps[seq - 1].hash if seq else "")

    async def head(self) -> Head:
        return self._head()

    async def hash_at(self, seq: int) -> str:
        return self._steps[seq - 1].hash if 1 <= seq <= len(self._steps) else ""

    async def steps(self, after: int, until: int) -> AsyncIterator[Step]:
        for step in self._steps[after:until]:
            yield step


def replay(steps: Iterable[Step]) -> World:
    """All that the steps leave standing, by the plainest means: what every answer is held against."""
    standing: dict[str, Fact] = {}
    labels: dict[str, str] = {}
    for step in steps:
        labels |= dict(step.nodes)
        for fact in step.superseded:
            del standing[fact.id]
        for fact in step.facts:
            standing[fact.id] = msgspec.structs.replace(fact, seq_in=step.seq)
    return World(standing.values(), labels)


def asking(
    connection: Connection,
    projection: Projection,
    entries: Entries,
    now: Callable[[], Instant],
    *,
    replica: bool = False,
) -> Questions:
    """Questions that are put to the graph, or to a replica of their own."""
    return Questions(Sources(connection, projection, entries, 1_000_000 if replica else 0), entries, now)
