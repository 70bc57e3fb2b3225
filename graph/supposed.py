"""What would stand if some entries had been made: facts brought from elsewhere, with theirs laid over them.

Nothing is written. What brings facts knows only what has been entered, so a connection that begins with a supposed fact is
walked step by step: `around` is asked for whatever the walk comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graph.closure import Around, settled
from graph.facts import Fact, Facts, Overlay, World
from graph.kinds import RELATIONS, Node
from graph.neighbourhood import DIRECT, ENTRIES, GROUP_KINDS, LISTS, UP, item_kinds, person_kinds
from graph.projection import Step


class Laid:
    """The facts that supposed entries leave: added ones by id, and ids of those that no longer stand as they did."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self.added: dict[str, Fact] = {}
        self.ended: set[str] = set()
        self.labels: dict[str, str] = {}
        for step in steps:
            self.lay(step)

    def lay(self, step: Step) -> None:
        self.labels |= {**step.labels, **dict(step.nodes)}
        for fact in step.superseded:
            self.ended.add(fact.id)
            self.added.pop(fact.id, None)
        for fact in step.facts:
            self.added[fact.id] = fact


class Supposed:
    """Brings facts as they would stand. `base` brings them as they do."""

    def __init__(self, base: Around, laid: Laid) -> None:
        self._base = base
        self._laid = laid

    def whole(self) -> Facts | None:
        base, laid = self._base.whole(), self._laid
        return None if base is None else Overlay(base, laid.added.values(), laid.ended, laid.labels)

    async def around(self, nodes: Mapping[str, str], *, into: Sequence[str] = ()) -> World:
        world = await self._base.around(nodes, into=into)
        kept = [fact for fact in world.facts() if fact.id not in self._laid.ended]
        more = [
            fact
            for fact in self._laid.added.values()
            if fact.source in nodes or (fact.target in nodes and fact.kind in into)
        ]
        return World([*kept, *more], {**world.labels, **self._laid.labels})

    async def people(self, people: Sequence[str]) -> World:
        """The people's own facts, and every group's above them."""
        found: dict[tuple[str, int], Fact] = {}
        labels: dict[str, str] = {}
        seen, waiting = set[str](), dict.fromkeys(people, Node.PERSON.value)
        while waiting:
            world = await self.around(waiting)
            seen |= waiting.keys()
            found |= {(fact.id, fact.seq_in): fact for fact in world.facts()}
            labels |= world.labels
            above = {fact.target for fact in world.facts() if fact.kind in UP} - seen
            waiting = {node: labels[node] for node in above}
        return World(found.values(), labels)

    async def pair(self, person_id: str, item: str) -> Facts:
        return await self.pairs((person_id,), item)

    async def pairs(self, people: Sequence[str], item: str) -> Facts:
        roots = dict.fromkeys(people, Node.PERSON.value) | {item: Node.DOCUMENT.value}
        return await self._brought(roots, lambda facts: _meet(facts, people, [item]))

    async def many(self, person_id: str, items: Sequence[str]) -> Facts:
        roots = {person_id: Node.PERSON.value} | dict.fromkeys(items, Node.DOCUMENT.value)
        return await self._brought(roots, lambda facts: _meet(facts, [person_id], items))

    async def standing(self, nodes: Mapping[str, str]) -> Facts:
        return await self._brought(dict(nodes), lambda facts: _climb(facts, list(nodes)))

    async def audience(self, item: str, *, people: bool = True) -> tuple[Facts, tuple[str, ...]]:
        concerned: set[str] = set()

        def walk(facts: Facts) -> None:
            _read(facts, [item])
            if people:
                concerned.update(under(facts, item))
                _climb(facts, sorted(concerned))

        _, facts = await settled(self, {item: Node.DOCUMENT.value}, walk)
        return facts, tuple(sorted(concerned))

    async def reach(self, person_id: str) -> tuple[Facts, tuple[str, ...]]:
        items: set[str] = set()

        def walk(facts: Facts) -> None:
            items.update(toward(facts, person_id))
            _climb(facts, [person_id])
            _read(facts, sorted(items))

        _, facts = await settled(self, {person_id: Node.PERSON.value}, walk)
        return facts, tuple(sorted(items))

    async def _brought(self, roots: dict[str, str], walk: Callable[[Facts], None]) -> Facts:
        """What a walk reads; where everything is at hand there is nothing to bring, and nobody walks."""
        whole = self.whole()
        if whole is not None:
            return whole
        _, facts = await settled(self, roots, walk)
        return facts


# Walks, on any date


def _meet(facts: Facts, people: Iterable[str], items: Iterable[str]) -> None:
    _climb(facts, people)
    _read(facts, items)


def _climb(facts: Facts, nodes: Iterable[str]) -> None:
    """Everything on people, and on every group they have ever stood in."""
    seen, waiting = set[str](), list(nodes)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        kinds = person_kinds() if facts.label(node) == Node.PERSON else GROUP_KINDS
        facts.out(node, *kinds)
        waiting += [fact.target for fact in facts.out(node, *UP)]


def _read(facts: Facts, items: Iterable[str]) -> None:
    """Everything on documents: marks, lists, who stands on them, grants, and carriers in hands."""
    for item in items:
        facts.out(item, *item_kinds())
        for link in facts.into(item, *LISTS, *DIRECT, "CARRIES"):
            if link.kind in LISTS:
                facts.into(link.source, *ENTRIES)
            if link.kind == "CARRIES":
                facts.out(link.source, "HELD_BY", "KEPT_IN")


def under(facts: Facts, item: str) -> set[str]:
    """Everyone an item's range, grants and hands could concern."""
    waiting = [fact.source for fact in facts.into(item, "GRANTED_READ")]
    for link in facts.into(item, "RANGE_OF"):
        waiting += [entry.source for entry in facts.into(link.source, "IN_RANGE")]
    for carries in facts.into(item, "CARRIES"):
        waiting += [held.target for held in facts.out(carries.source, "HELD_BY")]
    return below(facts, waiting)


def below(facts: Facts, nodes: Iterable[str]) -> set[str]:
    """The people among these nodes and under them, however deep."""
    seen, waiting = set[str](), list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [fact.source for fact in facts.into(node, *UP)]
    return {node for node in seen if facts.label(node) == Node.PERSON}


def toward(facts: Facts, person: str) -> set[str]:
    """Every item that lists or grants could open to a person."""
    seen, waiting, items = set[str](), [person], set[str]()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        label = facts.label(node)
        kinds = [kind for kind in (*UP, "IN_RANGE", "GRANTED_READ") if label in RELATIONS[kind].sources]
        for fact in facts.out(node, *kinds):
            if fact.kind == "GRANTED_READ":
                items.add(fact.target)
            elif fact.kind == "IN_RANGE":
                items |= {link.target for link in facts.out(fact.target, "RANGE_OF")}
            else:
                waiting.append(fact.target)
    return items
