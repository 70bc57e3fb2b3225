"""Where facts come from: this process's replica while it holds the ledger, the graph otherwise. Who asks sees no difference."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from graph.connection import Connection
from graph.errors import Unavailable
from graph.facts import Facts, World
from graph.neighbourhood import Neighbourhood
from graph.projection import Entries, Head, Projection, Step
from graph.replica import Full, Remembered, Replica

log = logging.getLogger("zhixi.graph")


class Brings(Protocol):
    """Brings the facts that a question needs, as the ledger knew them at one seq. Dates are left to the law."""

    def whole(self) -> Facts | None: ...

    async def pair(self, person_id: str, item: str) -> Facts: ...

    async def pairs(self, people: Sequence[str], item: str) -> Facts: ...

    async def many(self, person_id: str, items: Sequence[str]) -> Facts: ...

    async def people(self, people: Sequence[str]) -> Facts: ...

    async def standing(self, nodes: Mapping[str, str]) -> Facts: ...

    async def audience(self, item: str, *, people: bool = True) -> tuple[Facts, tuple[str, ...]]: ...

    async def reach(self, person_id: str) -> tuple[Facts, tuple[str, ...]]: ...

    async def around(self, nodes: Mapping[str, str], *, into: Sequence[str] = ()) -> World: ...


class Standing(NamedTuple):
    """Versions of facts that a process keeps in memory, and the entry it has come to."""

    facts: int
    seq: int


class Sources:
    """One per process. `most` bounds the versions of facts kept in memory; with 0 every question asks the graph.

    A process without a graph (a worker) has the replica alone.
    """

    def __init__(
        self, connection: Connection | None, projection: Projection | None, entries: Entries, most: int
    ) -> None:
        self._connection = connection
        self._projection = projection
        self._replica = Replica(entries, most) if most else None

    async def follow(self, head: Head) -> None:
        """Return once facts can be brought as of `head`. Raises Unavailable, GraphMismatch."""
        if self._replica is not None:
            try:
                await self._replica.reach(head)
            except Full:
                log.warning(
                    "the ledger holds more facts than this process may keep: from now on the graph is asked"
                )
                self._replica = None
        if self._replica is None:
            await self._graph()[1].reach(head)

    def bring(self, head: Head, s: int, *, past: bool) -> Brings:
        """Facts as known at `s`, of a head that was followed. `past` where dates long gone are asked about."""
        if self._replica is not None:
            return Remembered(self._replica.snapshot(s))
        connection, projection = self._graph()
        return Neighbourhood(connection, ledger=head.ledger, s=s, past=past, lost=projection.forget)

    def remembered(self) -> Standing | None:
        """How much the replica holds; None where this process keeps none."""
        return None if self._replica is None else Standing(self._replica.count, self._replica.seq)

    def _graph(self) -> tuple[Connection, Projection]:
        if self._connection is None or self._projection is None:
            raise Unavailable("graph")
        return self._connection, self._projection

    def entered(self, ledger: str, step: Step) -> None:
        """An entry this process has just committed: what is at its heels need not read it again."""
        if self._replica is not None:
            self._replica.take(ledger, step)
