"""Facts in: entry n is applied on n-1 only, under the locked clock, once; and the sweep of what is long past.

The graph needs two things of the ledger, handed in as `Entries`: its head, and what came after a seq.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

import msgspec

from graph.connection import Connection, Row, Writer
from graph.cypher import ARCHIVE
from graph.errors import Broken, GraphMismatch, Unavailable
from graph.facts import Fact
from graph.kinds import RELATIONS, Node
from graph.times import Instant

BATCH = 500
PAGE = 1000
SWEEP_PAUSE_S = 0.05
WIPED = (
    *(label for label in Node if label not in (Node.LEVEL, Node.ORGANISATION)),
    Node.LEVEL,
    Node.ORGANISATION,
)


class Head(msgspec.Struct, frozen=True):
    """How far a ledger has come; seq 0 and an empty hash before its first entry.

    `recorded` is when its last entry was, by the clock of whoever wrote it. Clocks of several servers differ: judged by an
    earlier now, what that entry ended would still hold.
    """

    ledger: str
    seq: int
    hash: str
    recorded: Instant = 0


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

    async def reach(self, head: Head, step: Step | None = None) -> None:
        """Return once the graph has come to `head`, applying what is missing. Raises Unavailable, GraphMismatch.

        `step` is the head's own entry where the caller has it in hand: a graph that stands just before it takes it as it is.
        """
        if self.reached > head.seq:
            await self._not_cut_short()
        if self.reached >= head.seq:
            return
        async with self._turn:
            if self.reached >= head.seq:
                return
            try:
                async with asyncio.timeout(self._wait_s):
                    if step is not None and self.reached == step.seq - 1:
                        with suppress(
                            GraphMismatch, Broken
                        ):  # it is elsewhere than this process knew: look again
                            self.reached = (await self._apply(head, [step]))["seq"]
                    if self.reached < head.seq:
                        await self._catch_up(head)
            except TimeoutError:
                raise Unavailable("graph") from None

    async def look(self, head: Head) -> None:
        """Whether the graph is this ledger's, and not ahead of it; it may be behind. Raises Unavailable, GraphMismatch."""
        clock = await self._connection.read("clock", {})
        if clock is not None:
            await self._check(clock, head)
        elif self.reached > 0:
            raise GraphMismatch("the graph has lost its clock")

    async def _not_cut_short(self) -> None:
        """A head read before others went further is nothing strange; a ledger that is shorter than it was is no ledger."""
        known = self.reached
        if (await self._entries.head()).seq < known:
            raise GraphMismatch("the graph is ahead of the ledger")

    def forget(self) -> None:
        """The graph turned out to be elsewhere than this process knew: the next question looks again."""
        self.reached = -1

    async def _catch_up(self, head: Head) -> None:
        clock = await self._connection.read("clock", {}) or await self._begin(head)
        await self._check(clock, head)
        while clock["seq"] < head.seq:
            clock = await self._apply_batch(clock["seq"], head)
        self.reached = clock["seq"]

    async def _begin(self, head: Head) -> Row:
        """The clock of a graph that has none: only an empty graph may be given one."""
        if await _some_nodes(self._connection, 1):
            begun = await self._connection.read("clock", {})  # another process may have begun since we looked
            if begun:
                return begun
            raise GraphMismatch("the graph has nodes and no clock")
        return await self._connection.transact(
            lambda writer: _wanted(writer, "make_clock", {"ledger": head.ledger})
        )

    async def _check(self, clock: Row, head: Head) -> None:
        if clock["ledger"] != head.ledger:
            raise GraphMismatch(_whose(clock))
        if clock["seq"] > head.seq:
            latest = await self._entries.head()
            if clock["seq"] > latest.seq:
                raise GraphMismatch("the graph is ahead of the ledger")
        if clock["seq"] and await self._entries.hash_at(clock["seq"]) != clock["hash"]:
            raise GraphMismatch("the graph's last entry is not the ledger's")

    async def _apply_batch(self, after: int, head: Head) -> Row:
        """Apply up to BATCH entries in one transaction; whoever else applies meanwhile is waited for and built on."""
        return await self._apply(
            head, [step async for step in self._entries.steps(after, min(head.seq, after + BATCH))]
        )

    async def _apply(self, head: Head, steps: Sequence[Step]) -> Row:
        async def follow(writer: Writer) -> Row:
            clock = await _locked(writer)
            if clock["ledger"] != head.ledger:
                raise GraphMismatch(_whose(clock))
            missing = [step for step in steps if step.seq > clock["seq"]]
            if not missing:
                return clock
            if missing[0].seq != clock["seq"] + 1 or (clock["seq"] and missing[0].prev != clock["hash"]):
                raise GraphMismatch("the graph's last entry is not the ledger's")
            await apply(writer, missing)
            came = {"seq": missing[-1].seq, "hash": missing[-1].hash}
            await writer.run("set_clock", came)
            return {**clock, **came}

        try:
            return await self._connection.transact(follow)
        except Broken:
            # On the embedded engine a transaction that is about to lose sees the winner's writes before its own commit
            # fails: if the clock has gone on, nothing is broken, and the winner's state is built on.
            clock = await self._connection.read("clock", {})
            if clock is None or clock["ledger"] != head.ledger or clock["seq"] < steps[0].seq:
                raise
            return clock

    async def rebuild(self, head: Head) -> None:
        """Empty the graph and project the ledger from its first entry."""
        async with self._turn:
            self.reached = -1
            await empty(self._connection)
            await self._catch_up(head)

    async def sweep(
        self, *, before_seq: int, before: Instant, page: int = PAGE, pause_s: float = SWEEP_PAUSE_S
    ) -> int:
        """Move to their archive types the versions superseded by `before_seq` or ended by `before`; how many.

        `before` is a day ago at the latest and `before_seq` an entry that no question still running stands before: live
        questions look back no further. After each page that moved something it pauses, so that questions about the past,
        which ask again when a sweep moved something meanwhile, come between.
        """
        moved = 0
        for label in Node:
            after = ""
            while ids := await _page(self._connection, label.value, page, after):
                for kind in RELATIONS.values():
                    if label in kind.sources and not kind.lasting:
                        count = await self._sweep(kind.name, label.value, ids, before_seq, before)
                        moved += count
                        await asyncio.sleep(pause_s if count else 0)
                after = ids[-1]
        return moved

    async def _sweep(
        self, kind: str, label: str, ids: Sequence[str], before_seq: int, before: Instant
    ) -> int:
        bounds = {"before_seq": before_seq, "before": before}
        done = await self._connection.read(
            "sweepable", {"ids": ids, **bounds}, {"label": label, "kind": kind}
        )
        if not done or not done["ids"]:
            return 0
        fillings = {"label": label, "kind": kind, "archive": ARCHIVE + kind}

        async def move(writer: Writer) -> int:
            await _locked(writer)
            row = await _wanted(writer, "sweep", {"ids": done["ids"], **bounds}, fillings)
            await writer.run("count_sweep", {"swept": before_seq})
            return int(row["moved"])

        return await self._connection.transact(move)


async def empty(connection: Connection) -> None:
    """Remove every node of ours, the clock last and disowned first: a graph half emptied belongs to no ledger."""
    lock = {"lock": uuid.uuid4().hex}
    await connection.transact(lambda writer: writer.run("disown_clock", lock))
    while nodes := await _some_nodes(connection, PAGE):

        async def wipe(writer: Writer, nodes: dict[str, list[str]] = nodes) -> None:
            for label, ids in nodes.items():
                await writer.run("wipe", {"ids": ids}, {"label": label})

        await connection.transact(wipe)
    await connection.transact(lambda writer: writer.run("drop_clock", {}))


async def _some_nodes(connection: Connection, limit: int) -> dict[str, list[str]]:
    """The first `limit` nodes in the order they are wiped in, by label: those that many relations end at come last."""
    found: dict[str, list[str]] = {}
    for label in WIPED:
        ids = await _page(connection, label.value, limit - sum(map(len, found.values())), "")
        if ids:
            found[label.value] = ids
        if sum(map(len, found.values())) == limit:
            break
    return found


async def _page(connection: Connection, label: str, limit: int, after: str) -> list[str]:
    row = await connection.read("page_nodes", {"after": after, "limit": limit}, {"label": label})
    return list(row["ids"]) if row else []


async def _locked(writer: Writer) -> Row:
    """The clock, taken: writing a fresh value first is what makes writers queue, on both engines."""
    return await _wanted(writer, "lock_clock", {"lock": uuid.uuid4().hex})


async def _wanted(
    writer: Writer, name: str, parameters: dict[str, Any], fillings: dict[str, str] | None = None
) -> Row:
    row = await writer.run(name, parameters, fillings)
    if row is None:
        raise GraphMismatch("the graph was emptied meanwhile")
    return row


def _whose(clock: Row) -> str:
    return "the graph belongs to another ledger" if clock["ledger"] else "the graph is half emptied"


async def apply(writer: Writer, steps: Sequence[Step]) -> None:
    """Write steps in order, in as few statements as their order allows.

    A version brought and superseded inside one batch is written with its `seq_out` at once.
    """
    nodes: dict[str, list[str]] = defaultdict(list)
    closing: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
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
                closing[fact.kind, step.labels[fact.source], step.labels[fact.target]].append(
                    {"id": fact.id, "source": fact.source, "target": fact.target, "seq": step.seq}
                )
        for fact in step.facts:
            key = (fact.kind, step.labels[fact.source], step.labels[fact.target])
            row = _row(fact, step.seq)
            rows[key].append(row)
            brought[fact.id] = (key, row)
    for label, ids in nodes.items():
        await writer.run("add_nodes", {"ids": ids}, {"label": _known_label(label)})
    for ends, superseded in closing.items():
        await _close(writer, _fillings(*ends), superseded)
    for ends, added in rows.items():
        row = await _wanted(writer, "add_facts", {"rows": added}, _fillings(*ends))
        if row["added"] != len(added):
            raise Broken(
                f"{len(added)} facts {ends[0]} were entered and {row['added']} have both their nodes"
            )


async def _close(writer: Writer, fillings: dict[str, str], rows: list[dict[str, Any]]) -> None:
    """Stamp the end of versions, each of which stands: with the live ones, or with those a sweep has moved."""
    kind, closed = fillings["kind"], 0
    for type_ in (kind, ARCHIVE + kind):
        if closed < len(rows):
            row = await _wanted(writer, "close_facts", {"rows": rows}, {**fillings, "kind": type_})
            closed += row["closed"]
    if closed != len(rows):
        raise Broken(f"{len(rows)} facts {kind} were superseded and {closed} stood")


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


def _fillings(kind: str, source: str, target: str) -> dict[str, str]:
    if kind not in RELATIONS:
        raise Broken(f"an entry bears a relation of an unknown kind: {kind}")
    return {"kind": kind, "source": _known_label(source), "target": _known_label(target)}


def _known_label(label: str) -> str:
    if label not in list(Node):
        raise Broken(f"an entry bears a node of an unknown kind: {label}")
    return label
