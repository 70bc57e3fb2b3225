"""The facts of a ledger in this process's memory: the fourth source of `Facts`, following the ledger by seq.

Every version stays, stamped with the entries it stood between, so one replica answers for any state of the ledger. What a
reader has in hand never changes under it: a list of facts is replaced, not altered, and a snapshot sees only what stood at
its seq. The ledger alone is read, never the graph.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from graph.errors import Broken, GraphMismatch
from graph.facts import OPEN_SEQ, Fact, World, in_order
from graph.kinds import RELATIONS, Node
from graph.neighbourhood import ENTRIES, LISTS, MEMBERSHIPS, UP
from graph.projection import Entries, Head, Step


class Slot(NamedTuple):
    """A node's facts of one kind and direction: every version, those that stand, and the entry that last changed them."""

    every: list[Fact]
    standing: list[Fact]
    changed: int


Index = dict[tuple[str, str], Slot]
PAUSE_EVERY = 200
"""Entries taken in between two looks at what else waits in this process."""


class Full(Exception):
    """More facts than the replica may keep."""


class Replica:
    """One per process and ledger. `most` bounds the versions it keeps."""

    def __init__(self, entries: Entries, most: int) -> None:
        self._entries = entries
        self._most = most
        self._turn = asyncio.Lock()
        self._empty()

    def _empty(self) -> None:
        self._out: Index = {}
        self._into: Index = {}
        self._labels: dict[str, str] = {}
        self._standing: dict[str, Fact] = {}
        self._hashes: list[str] = [""]
        self._count = 0
        self._seen = False
        self.ledger = ""

    @property
    def seq(self) -> int:
        """The entry it has come to."""
        return len(self._hashes) - 1

    @property
    def count(self) -> int:
        """Versions of facts."""
        return self._count

    async def reach(self, head: Head) -> None:
        """Return once every entry up to `head` is here. Raises Full, GraphMismatch, and what reading the ledger raises."""
        if head.seq < self.seq and self.ledger == head.ledger:
            await self._not_cut_short()
        if self._stands(head):
            return
        async with self._turn:
            if self._stands(head):
                return
            if not self._leads_to(head):
                self._empty()
                self.ledger = head.ledger
            taken = 0
            async for step in self._entries.steps(self.seq, head.seq):
                if self._has(step):
                    continue  # entered here while it was being read
                if not self.take(head.ledger, step):
                    self._empty()
                    raise Full
                taken += 1
                if taken % PAUSE_EVERY == 0:
                    await asyncio.sleep(0)

    async def _not_cut_short(self) -> None:
        """A head read before others went further is nothing strange; a ledger that is shorter than it was is no ledger."""
        known = self.seq
        if (await self._entries.head()).seq < known:
            raise GraphMismatch("what this process has read is ahead of the ledger")

    def _stands(self, head: Head) -> bool:
        return self.ledger == head.ledger and head.seq <= self.seq and self._hashes[head.seq] == head.hash

    def _leads_to(self, head: Head) -> bool:
        """Whether what is here is a beginning of that ledger, as far as can be told without reading it."""
        return self.ledger == head.ledger and self.seq < head.seq

    def _has(self, step: Step) -> bool:
        return step.seq <= self.seq and self._hashes[step.seq] == step.hash

    def take(self, ledger: str, step: Step) -> bool:
        """Take the next entry in; False where it is not the next one of this ledger, or nothing more is kept."""
        if ledger != self.ledger or step.seq != self.seq + 1 or step.prev != self._hashes[-1]:
            return False
        if self._count + len(step.facts) > self._most:
            return False
        for node, label in step.nodes:
            self._labels[node] = label
        for fact in step.superseded:
            self._end(fact.id, step.seq)
        for fact in step.facts:
            self._add(msgspec.structs.replace(fact, seq_in=step.seq, seq_out=OPEN_SEQ))
        self._hashes.append(step.hash)
        return True

    def _add(self, fact: Fact) -> None:
        self._standing[fact.id] = fact
        self._count += 1
        for index, key in ((self._out, (fact.source, fact.kind)), (self._into, (fact.target, fact.kind))):
            slot = index.get(key)
            if slot is None:
                every = standing = [fact]
            else:
                every = self._with(slot.every, fact)
                standing = every if slot.standing is slot.every else self._with(slot.standing, fact)
            index[key] = Slot(every, standing, fact.seq_in)

    def _with(self, found: list[Fact], fact: Fact) -> list[Fact]:
        if self._seen:
            found = found.copy()
        insort(found, fact, key=in_order)
        return found

    def _end(self, id_: str, seq: int) -> None:
        stood = self._standing.pop(id_, None)
        if stood is None:
            raise Broken(f"entry {seq} supersedes a fact that does not stand")
        ended = msgspec.structs.replace(stood, seq_out=seq)
        for index, key in ((self._out, (stood.source, stood.kind)), (self._into, (stood.target, stood.kind))):
            every, standing, _ = index[key]
            if self._seen or standing is every:
                standing = standing.copy()
            if self._seen:
                every = every.copy()
            every[bisect_left(every, in_order(stood), key=in_order)] = ended
            del standing[bisect_left(standing, in_order(stood), key=in_order)]
            index[key] = Slot(every, standing, seq)

    def snapshot(self, s: int) -> Snapshot:
        """From now on what is here is read: lists are replaced, no longer altered."""
        self._seen = True
        return Snapshot(self._out, self._into, self._labels, s)


class Snapshot:
    """What the ledger knew at `s`. A read costs one look-up, or where there were changes since, the versions of that node and kind."""

    def __init__(self, out: Index, into: Index, labels: Mapping[str, str], s: int) -> None:
        self._out = out
        self._into = into
        self._labels = labels
        self._s = s

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        return self._read(self._out, node, kinds)

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        return self._read(self._into, node, kinds)

    def label(self, node: str) -> str | None:
        return self._labels.get(node)

    def _read(self, index: Index, node: str, kinds: tuple[str, ...]) -> Sequence[Fact]:
        """Without a copy where one slot says it all: a bulk question reads a dozen for each person."""
        found: Sequence[Fact] = ()
        for kind in kinds:
            slot = index.get((node, kind))
            if slot is not None:
                these = self._of(slot)
                found = [*found, *these] if found else these
        return found

    def _of(self, slot: Slot) -> Sequence[Fact]:
        s = self._s
        if slot.changed <= s:
            return slot.standing
        return [
            fact if fact.seq_out == OPEN_SEQ else msgspec.structs.replace(fact, seq_out=OPEN_SEQ)
            for fact in slot.every
            if fact.seq_in <= s < fact.seq_out
        ]


class Remembered:
    """Brings facts from a snapshot, as `Neighbourhood` brings them from the graph. Nothing is fetched."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._all = snapshot

    def whole(self) -> Snapshot:
        return self._all

    async def pair(self, _person_id: str, _item: str) -> Snapshot:
        return self._all

    async def pairs(self, _people: Sequence[str], _item: str) -> Snapshot:
        return self._all

    async def many(self, _person_id: str, _items: Sequence[str]) -> Snapshot:
        return self._all

    async def people(self, _people: Sequence[str]) -> Snapshot:
        return self._all

    async def standing(self, _nodes: Mapping[str, str]) -> Snapshot:
        return self._all

    async def audience(self, item: str, *, people: bool = True) -> tuple[Snapshot, tuple[str, ...]]:
        concerned = await asyncio.to_thread(self._concerned, item) if people else ()
        return self._all, concerned

    async def reach(self, person_id: str) -> tuple[Snapshot, tuple[str, ...]]:
        return self._all, await asyncio.to_thread(self._toward, person_id)

    async def around(self, nodes: Mapping[str, str], *, into: Sequence[str] = ()) -> World:
        found: dict[tuple[str, int], Fact] = {}
        labels = dict(nodes)
        for fact in self._around(nodes, into):
            found[fact.id, fact.seq_in] = fact
            for node in (fact.source, fact.target):
                labels[node] = self._all.label(node) or ""
        return World(found.values(), labels)

    def _around(self, nodes: Mapping[str, str], into: Sequence[str]) -> Iterator[Fact]:
        for node, label in nodes.items():
            if self._all.label(node) == label:
                yield from self._all.out(node, *_leaving(label))
                yield from self._all.into(node, *(name for name in into if label in RELATIONS[name].targets))

    def _concerned(self, item: str) -> tuple[str, ...]:
        """Everyone an item's lists, grants and hands could concern, on any date."""
        facts = self._all
        listed = {fact.source for fact in facts.into(item, "GRANTED_READ")}
        for link in facts.into(item, "RANGE_OF"):
            listed |= {entry.source for entry in facts.into(link.source, "IN_RANGE")}
        people = self._under(listed)
        for carries in facts.into(item, "CARRIES"):
            people |= {held.target for held in facts.out(carries.source, "HELD_BY")}
        return tuple(sorted(people))

    def _under(self, listed: Iterable[str]) -> set[str]:
        seen, people, waiting = set[str](), set[str](), list(listed)
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            if self._all.label(node) == Node.PERSON:
                people.add(node)
            else:
                waiting += [fact.source for fact in self._all.into(node, "PART_OF", *MEMBERSHIPS)]
        return people

    def _toward(self, person_id: str) -> tuple[str, ...]:
        """Every item that lists or grants could open to a person, on any date."""
        facts = self._all
        items = {fact.target for fact in facts.out(person_id, "GRANTED_READ")}
        lists = {entry.target for node in self._above(person_id) for entry in facts.out(node, ENTRIES[0])}
        items |= {link.target for each in lists for link in facts.out(each, LISTS[0])}
        return tuple(sorted(items))

    def _above(self, person_id: str) -> set[str]:
        seen, waiting = set[str](), [person_id]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += [fact.target for fact in self._all.out(node, *UP)]
        return seen


def _leaving(label: str) -> tuple[str, ...]:
    return tuple(name for name, kind in RELATIONS.items() if label in kind.sources)
