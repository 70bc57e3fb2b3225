"""Facts in: entry n is applied on n-1 only, under the locked clock, once; and the sweep of what is long past.

The graph needs two things of the ledger, handed in as `Entries`: its head, and what came after a seq.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from graph.connection import Connection, Row, Writer
from graph.errors import Broken, GraphMismatch, Unavailable
from graph.facts import Fact
from graph.kinds import RELATIONS, Node
from graph.times import Instant

ARCHIVE = "WAS_"
BATCH = 500


class Head(msgspec.Struct, frozen=True):
    """How far a ledger has come; seq 0 and an empty hash before its first entry."""

    ledger: str
    seq: int
    hash: str


class Step(msgspec.Struct, frozen=True):
    """What one entry does to the graph: new nodes (id, label), versions superseded, versions brought."""

    seq: int
    hash: str
    prev: str
    nodes: Sequence[tuple[str, str]]
    superseded: Sequence[Fact]
    facts: Sequence[Fact]
    labels: dict[str, str]


@runtime_checkable
class Entries(Protocol):
    """What the graph needs of the ledger."""

    async def head(self) -> Head: ...

    def steps(self, after: int, until: int) -> AsyncIterator[Step]:
        """The steps of entries after < seq <= until, in order."""
        ...

    async def hash_at(self, seq: int) -> str: ...


class Projection:
    """Keeps the graph at the ledger's head. `reached` is the highest seq this process knows the graph has come to."""

    def __init__(self, connection: Connection, entries: Entries, wait_s: float) -> None:
        self._connection = connection
        self._entries = entries
        self._wait_s = wait_s
        self._turn = asyncio.Lock()
        self.reached = -1

    async def reach(self, head: Head) -> None:
        """Return once the graph has come to `head`, applying what is missing. Raises Unavailable, GraphMismatch."""
        if self.reached >= head.seq:
            return
        async with self._turn:
            if self.reached >= head.seq:
                return
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._catch_up(head)
            except TimeoutError:
                raise Unavailable("graph") from None

    async def _catch_up(self, head: Head) -> None:
        clock = await self._connection.read("clock", {})
        if clock is None:
            async with self._connection.writing() as writer:
                clock = await writer.run("make_clock", {"ledger": head.ledger})
        if clock is None:
            raise Broken("the graph made no clock")
        await self._check(clock, head)
        while clock["seq"] < head.seq:
            clock = await self._apply_batch(clock["seq"], head)
        self.reached = clock["seq"]

    async def _check(self, clock: Row, head: Head) -> None:
        if clock["ledger"] != head.ledger:
            raise GraphMismatch("the graph belongs to another ledger")
        if clock["seq"] > head.seq:
            latest = await self._entries.head()
            if clock["seq"] > latest.seq:
                raise GraphMismatch("the graph is ahead of the ledger")
        if clock["seq"] and await self._entries.hash_at(clock["seq"]) != clock["hash"]:
            raise GraphMismatch("the graph's last entry is not the ledger's")

    async def _apply_batch(self, after: int, head: Head) -> Row:
        """Apply up to BATCH entries in one transaction; whoever else applies meanwhile is waited for and built on."""
        steps = [step async for step in self._entries.steps(after, min(head.seq, after + BATCH))]
        async with self._connection.writing() as writer:
            clock = await writer.run("lock_clock", {"lock": uuid.uuid4().hex})
            if clock is None or clock["ledger"] != head.ledger:
                raise GraphMismatch("the graph belongs to another ledger")
            missing = [step for step in steps if step.seq > clock["seq"]]
            if missing:
                if missing[0].seq != clock["seq"] + 1 or (clock["seq"] and missing[0].prev != clock["hash"]):
                    raise GraphMismatch("the graph's last entry is not the ledger's")
                await apply(writer, missing)
                clock = {**clock, "seq": missing[-1].seq, "hash": missing[-1].hash}
                await writer.run("set_clock", {"seq": clock["seq"], "hash": clock["hash"]})
        return clock

    async def rebuild(self, head: Head) -> None:
        """Empty the graph and project the ledger from its first entry."""
        async with self._turn:
            self.reached = -1
            await empty(self._connection)
            await self._catch_up(head)

    async def sweep(self, *, before_seq: int, before: Instant, page: int = 500) -> int:
        """Move to their archive types the versions superseded by `before_seq` or ended before `before`; how many."""
        moved = 0
        for kind in RELATIONS.values():
            if kind.lasting:
                continue
            for label in kind.sources:
                moved += await self._sweep(kind.name, label.value, before_seq, before, page)
        return moved

    async def _sweep(self, kind: str, label: str, before_seq: int, before: Instant, page: int) -> int:
        moved, after = 0, ""
        while True:
            nodes = await self._connection.read(
                "page_nodes", {"after": after, "limit": page}, {"label": label}
            )
            if not nodes or not nodes["ids"]:
                return moved
            async with self._connection.writing() as writer:
                await writer.run("lock_clock", {"lock": uuid.uuid4().hex})
                row = await writer.run(
                    "sweep",
                    {"after": after, "limit": page, "before_seq": before_seq, "before": before},
                    {"label": label, "kind": kind, "archive": ARCHIVE + kind},
                )
                if row and row["moved"]:
                    moved += row["moved"]
                    await writer.run("count_sweep", {"swept": before_seq})
            after = nodes["ids"][-1]


async def empty(connection: Connection) -> None:
    """Remove every node of ours, the clock first: a graph half emptied belongs to no ledger."""
    for label in ("Clock", *(node.value for node in Node)):
        while True:
            page = await connection.read("page_nodes", {"after": "", "limit": 1000}, {"label": label})
            if not page or not page["ids"]:
                break
            async with connection.writing() as writer:
                await writer.run("wipe", {"ids": page["ids"]}, {"label": label})


async def apply(writer: Writer, steps: Sequence[Step]) -> None:
    """Write steps in order, in as few statements as their order allows.

    A version brought and superseded inside one batch is written with its `seq_out` at once.
    """
    nodes: dict[str, list[str]] = defaultdict(list)
    closing: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    brought: dict[str, tuple[tuple[str, str, str], dict[str, Any]]] = {}
    rows: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for step in steps:
        for node, label in step.nodes:
            nodes[label].append(node)
        for fact in step.superseded:
            here = brought.pop(fact.id, None)
            if here is not None:
                here[1]["seq_out"] = step.seq
            else:
                closing[fact.kind, step.labels[fact.source]].append(
                    {"id": fact.id, "source": fact.source, "target": fact.target, "seq": step.seq}
                )
        for fact in step.facts:
            key = (fact.kind, step.labels[fact.source], step.labels[fact.target])
            row = _row(fact, step.seq)
            rows[key].append(row)
            brought[fact.id] = (key, row)
    for label, ids in nodes.items():
        await writer.run("add_nodes", {"ids": ids}, {"label": _known_label(label)})
    for (kind, source), closed in closing.items():
        await writer.run(
            "close_facts", {"rows": closed}, {"kind": _known(kind), "source": _known_label(source)}
        )
    for (kind, source, target), added in rows.items():
        fillings = {"kind": _known(kind), "source": _known_label(source), "target": _known_label(target)}
        await writer.run("add_facts", {"rows": added}, fillings)


def _row(fact: Fact, seq: int) -> dict[str, Any]:
    return {
        "id": fact.id,
        "source": fact.source,
        "target": fact.target,
        "since": fact.since,
        "until": fact.until,
        "seq_in": seq,
        "seq_out": fact.seq_out,
        "details": msgspec.json.encode(fact.details, order="sorted").decode(),
    }


def _known(kind: str) -> str:
    if kind not in RELATIONS:
        raise Broken(f"an entry bears a relation of an unknown kind: {kind}")
    return kind


def _known_label(label: str) -> str:
    return Node(label).value
