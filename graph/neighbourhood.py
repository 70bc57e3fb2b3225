"""Facts out: the neighbourhood that a question needs, brought by Cypher and handed to the law as a `World`.

Each method returns what the ledger knew at `s`; dates are left to the law. Live questions read the live types only;
questions about the past read the archive types (`WAS_…`) as well, and ask again if a sweep ran meanwhile. Whatever was
brought counts only if the graph still belonged to the ledger and stood at `s` afterwards: a graph that is being emptied
disowns its clock first.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec

from graph.connection import Connection, Row
from graph.cypher import ARCHIVE
from graph.errors import GraphMismatch, Unavailable
from graph.facts import Fact, World
from graph.kinds import RELATIONS, ROLES, Node
from graph.law import gate, know, person  # noqa: F401  (importing the law fills its registry of what it reads)
from graph.law.rules import kinds_read

MEMBERSHIPS = person.MEMBERSHIPS
UP = person.UP
GROUP_KINDS = ("PART_OF", "KEY_UNIT_OF", "CLASSIFIED_AS")
LISTS = ("RANGE_OF", "DISTRIBUTION_OF")
ENTRIES = ("IN_RANGE", "IN_DISTRIBUTION")
DIRECT = ("GRANTED_READ", "BARRED_FROM")
SWEPT_TRIES = 40
SWEPT_PAUSE_S = 0.02
T = TypeVar("T")


def person_kinds() -> tuple[str, ...]:
    """What the law reads on people, and what makes their roles."""
    read = {kind for kind in kinds_read("person", "pair") if Node.PERSON in RELATIONS[kind].sources}
    return tuple(sorted((read | set(ROLES) | set(MEMBERSHIPS)) - {*ENTRIES, *DIRECT}))


def item_kinds() -> tuple[str, ...]:
    return tuple(
        sorted(
            name
            for name, kind in RELATIONS.items()
            if Node.DOCUMENT in kind.sources and kind.effect in ("marking", "custody")
        )
    )


@cache
def _types(kinds: tuple[str, ...], past: bool) -> str:
    return "|".join((*kinds, *(ARCHIVE + kind for kind in kinds)) if past else kinds)


class Gathered:
    """Facts and labels collected from several statements."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, int], Fact] = {}
        self.labels: dict[str, str] = {}

    def take(self, rows: Iterable[Sequence[Any]]) -> list[Fact]:
        """Rows of id, type, from, to, since, until, seq_in, details, label of from, label of to; each stands at `s`."""
        new: list[Fact] = []
        for id_, kind, source, target, since, until, seq_in, details, a, b in rows:
            self.labels[source] = a
            self.labels[target] = b
            fact = Fact(
                id=id_,
                kind=kind.removeprefix(ARCHIVE),
                source=source,
                target=target,
                since=since,
                until=until,
                seq_in=seq_in,
                details=_details(details),
            )
            if self.facts.setdefault((id_, seq_in), fact) is fact:
                new.append(fact)
        return new

    def by_label(self, nodes: Iterable[str]) -> dict[str, list[str]]:
        sorted_out: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            sorted_out[self.labels[node]].append(node)
        return sorted_out

    def world(self) -> World:
        return World(self.facts.values(), self.labels)


def _details(text: str) -> dict[str, str | int | bool]:
    return {} if text == "{}" else msgspec.json.decode(text, type=dict[str, str | int | bool])


def _columns(row: Row | None) -> Iterable[Sequence[Any]]:
    if row is None:
        return ()
    return zip(
        row["ids"], row["kinds"], row["sources"], row["targets"], row["sinces"], row["untils"], row["ins"],
        row["details"], row["source_labels"], row["target_labels"], strict=True,
    )  # fmt: skip


class Neighbourhood:
    """Brings facts as the ledger knew them at `s`. `past` reads the archive types too."""

    def __init__(
        self,
        connection: Connection,
        *,
        ledger: str,
        s: int,
        past: bool,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`lost` is called when the graph turns out to be gone, before the error says so."""
        self._connection = connection
        self._ledger = ledger
        self._s = s
        self._past = past
        self._lost = lost

    def whole(self) -> None:
        """Never: a graph is asked."""
        return

    async def pair(self, person_id: str, item: str) -> World:
        return await self.pairs((person_id,), item)

    async def pairs(self, people: Sequence[str], item: str) -> World:
        """One statement for each person, side by side. Each tells the clock itself, after its facts."""

        async def bring() -> World:
            gathered = Gathered()
            for row in await asyncio.gather(*(self._pair(person_id, item) for person_id in people)):
                gathered.take(row["facts"])
                gathered.labels |= dict.fromkeys(row["people"], Node.PERSON.value)
                gathered.labels |= dict.fromkeys(row["items"], Node.DOCUMENT.value)
            return gathered.world()

        return await (self._unswept(bring) if self._past else bring())

    async def _pair(self, person_id: str, item: str) -> Row:
        row = await self._connection.read(
            "pair",
            {"person": person_id, "item": item, "s": self._s},
            {
                "person_kinds": self._types(*person_kinds()),
                "up_kinds": self._types(*UP),
                "group_kinds": self._types(*GROUP_KINDS),
                "item_kinds": self._types(*item_kinds()),
                "onto_kinds": self._types(*LISTS, *DIRECT),
                "list_in_kinds": self._types(*ENTRIES),
                "carries": self._types("CARRIES"),
                "held_by": self._types("HELD_BY"),
            },
        )
        return self._standing(row)

    async def audience(self, item: str, *, people: bool = True) -> tuple[World, tuple[str, ...]]:
        """Everything on an item and on everyone its lists could concern; and those people. Or the lists alone."""

        async def bring() -> tuple[World, tuple[str, ...]]:
            gathered = Gathered()
            await self._items(gathered, [item], who=None)
            if not people:
                return gathered.world(), ()
            kinds = ("IN_RANGE", "GRANTED_READ")
            listed = {fact.source for fact in gathered.facts.values() if fact.kind in kinds}
            concerned = await self._people_under(gathered, listed)
            concerned |= {fact.target for fact in gathered.facts.values() if fact.kind == "HELD_BY"}
            await self._people(gathered, sorted(concerned))
            return gathered.world(), tuple(sorted(concerned))

        return await self._settled(bring)

    async def reach(self, person_id: str) -> tuple[World, tuple[str, ...]]:
        """Everything on a person and on every item that lists or grants could open to them; and those items."""

        async def bring() -> tuple[World, tuple[str, ...]]:
            gathered = Gathered()
            await self._people(gathered, [person_id])
            items = await self._items_toward(gathered, person_id)
            await self._items(gathered, sorted(items), who={person_id, *gathered.labels})
            return gathered.world(), tuple(sorted(items))

        return await self._settled(bring)

    async def many(self, person_id: str, items: Sequence[str]) -> World:
        """Everything needed to judge one person on a handful of items."""

        async def bring() -> World:
            gathered = Gathered()
            await self._people(gathered, [person_id])
            await self._items_toward(gathered, person_id, follow=False)
            await self._items(gathered, items, who={person_id, *gathered.labels})
            await self._hands(
                gathered, [fact.source for fact in gathered.facts.values() if fact.kind == "CARRIES"]
            )
            return gathered.world()

        return await self._settled(bring)

    async def people(self, people: Sequence[str]) -> World:
        async def bring() -> World:
            gathered = Gathered()
            row = await self._connection.read("known", {"ids": list(people)}, {"label": Node.PERSON.value})
            gathered.labels |= dict.fromkeys(row["ids"] if row else (), Node.PERSON.value)
            await self._people(gathered, people)
            return gathered.world()

        return await self._settled(bring)

    async def standing(self, nodes: Mapping[str, str]) -> World:
        """People's conditions and everyone's way up: what is read to put people, departments or posts on a list."""

        async def bring() -> World:
            gathered = Gathered()
            gathered.labels.update(nodes)
            by_label = _group(nodes)
            await self._people(gathered, by_label.pop(Node.PERSON.value, []))
            for label, ids in by_label.items():
                await self._up(gathered, label, ids)
            return gathered.world()

        return await self._settled(bring)

    async def around(self, nodes: Mapping[str, str], *, into: Sequence[str] = ()) -> World:
        """What stands on things (id → label), going out by every kind their label allows, and `into` them by kind."""

        async def bring() -> World:
            gathered = Gathered()
            for label, ids in _group(nodes).items():
                out = tuple(name for name, kind in RELATIONS.items() if label in kind.sources)
                if out:
                    await self._take(gathered, "things", ids, label=label, thing_kinds=self._types(*out))
                onto = tuple(name for name in into if label in RELATIONS[name].targets)
                if onto:
                    await self._take(gathered, "toward", ids, label=label, kinds=self._types(*onto))
            gathered.labels.update(nodes)
            return gathered.world()

        return await self._settled(bring)

    # How the parts are brought

    def _types(self, *kinds: str) -> str:
        return _types(kinds, self._past)

    async def _settled(self, bring: Callable[[], Awaitable[T]]) -> T:
        """What several statements brought, once the clock has told that the graph was there for all of them."""
        if self._past:
            return await self._unswept(bring)
        answer = await bring()
        await self._clock()
        return answer

    async def _unswept(self, bring: Callable[[], Awaitable[T]]) -> T:
        """A question about the past that met a sweep asks again; live questions never pay for it."""
        for _ in range(SWEPT_TRIES):
            before = await self._clock()
            answer = await bring()
            if (await self._clock())["sweeps"] == before["sweeps"]:
                return answer
            await asyncio.sleep(SWEPT_PAUSE_S)
        raise Unavailable("graph")

    async def _clock(self) -> Row:
        return self._standing(await self._connection.read("clock", {}))

    def _standing(self, clock: Row | None) -> Row:
        """The clock, if the graph is the ledger's and has come to `s`. Raises GraphMismatch, Unavailable."""
        if clock is not None and clock["ledger"] == self._ledger and clock["seq"] >= self._s:
            return clock
        self._lost()
        if clock is None or clock["ledger"] != self._ledger:
            raise GraphMismatch("the graph was emptied or replaced while it was asked")
        raise Unavailable("graph")

    async def _take(self, gathered: Gathered, name: str, ids: Sequence[str], **fillings: str) -> list[Fact]:
        if not ids:
            return []
        row = await self._connection.read(name, {"ids": list(ids), "s": self._s}, fillings)
        return gathered.take(_columns(row))

    async def _people(self, gathered: Gathered, people: Sequence[str]) -> None:
        """People's own facts, then the way up from every group they stand in."""
        own = await self._take(gathered, "people", people, person_kinds=self._types(*person_kinds()))
        up = {fact.target for fact in own if fact.kind in MEMBERSHIPS}
        for label, ids in gathered.by_label(up).items():
            await self._up(gathered, label, ids)

    async def _up(self, gathered: Gathered, label: str, groups: Sequence[str]) -> None:
        await self._take(
            gathered,
            "groups",
            groups,
            label=label,
            part_of=self._types("PART_OF"),
            group_kinds=self._types(*GROUP_KINDS),
        )

    async def _items(self, gathered: Gathered, items: Sequence[str], *, who: set[str] | None) -> None:
        """What stands on items, the carriers in hands, and who is on their lists (all, or only those of `who`)."""
        await self._take(gathered, "items", items, item_kinds=self._types(*item_kinds()))
        onto = (*LISTS, *DIRECT, "CARRIES")
        pointing = await self._take(gathered, "onto", items, onto_kinds=self._types(*onto))
        if who is None:
            lists = {fact.source for fact in pointing if fact.kind in LISTS}
            for label, ids in gathered.by_label(lists).items():
                await self._take(gathered, "members", ids, label=label, list_in_kinds=self._types(*ENTRIES))
            await self._hands(gathered, [fact.source for fact in pointing if fact.kind == "CARRIES"])

    async def _hands(self, gathered: Gathered, carriers: Sequence[str]) -> None:
        await self._take(
            gathered,
            "things",
            carriers,
            label=Node.CARRIER.value,
            thing_kinds=self._types("HELD_BY", "KEPT_IN"),
        )

    async def _items_toward(self, gathered: Gathered, person_id: str, *, follow: bool = True) -> set[str]:
        """The person's and their groups' entries on lists; with `follow`, on to the documents those lists open."""
        gathered.labels[person_id] = Node.PERSON.value
        groups = {
            node
            for node, label in gathered.labels.items()
            if label in (Node.DEPARTMENT, Node.ORGANISATION, Node.POST)
        }
        items: set[str] = set()
        ranges: set[str] = set()
        for label, ids in gathered.by_label({person_id, *groups}).items():
            kinds = tuple(kind for kind in (*ENTRIES, *DIRECT) if label in RELATIONS[kind].sources)
            entries = await self._take(gathered, "entries", ids, label=label, entry_kinds=self._types(*kinds))
            ranges |= {fact.target for fact in entries if fact.kind == "IN_RANGE"}
            items |= {fact.target for fact in entries if fact.kind == "GRANTED_READ"}
        if follow:
            opened = await self._take(
                gathered,
                "opened",
                sorted(ranges),
                label=Node.RANGE.value,
                list_of_kinds=self._types("RANGE_OF"),
            )
            items |= {fact.target for fact in opened}
        return items

    async def _people_under(self, gathered: Gathered, listed: set[str]) -> set[str]:
        people: set[str] = set()
        for label, ids in gathered.by_label(listed).items():
            if label == Node.PERSON:
                people |= set(ids)
                continue
            row = await self._connection.read(
                "below",
                {"ids": ids, "s": self._s},
                {"label": label, "part_of": self._types("PART_OF"), "memberships": self._types(*MEMBERSHIPS)},
            )
            people |= set(row["people"]) if row else set()
        return people


def _group(nodes: Mapping[str, str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for node, label in nodes.items():
        grouped[label].append(node)
    return grouped
