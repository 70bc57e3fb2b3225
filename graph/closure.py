"""Facts brought as far as the law walks: what it asks for and nobody has brought yet is brought, until it asks no more.

The law is plain and reads facts wherever they lead it; facts come from elsewhere and take their time. `settled` runs the
law on what is there, notes every relation it found nothing brought for, brings those side by side, and runs it again. An
answer stands only once the law was never left without an answer. It works on whatever brings facts; what holds them all
is read where it is, once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from graph.errors import Broken
from graph.facts import Fact, Facts, World
from graph.kinds import RELATIONS, Node
from graph.neighbourhood import GROUP_KINDS, person_kinds

T = TypeVar("T")
Wanted = tuple[str, str, bool]
"""A node, a kind, and whether it is asked for going out of the node."""
MOST_ROUNDS = 60


class Around(Protocol):
    """What a closure needs of whatever brings facts."""

    def whole(self) -> Facts | None:
        """Everything, where it is at hand; None where it has to be brought."""
        ...

    async def around(self, nodes: Mapping[str, str], *, into: Sequence[str] = ()) -> World: ...

    async def people(self, people: Sequence[str]) -> Facts: ...


class Gathered:
    """Facts brought so far. Reading what was not brought is noted in `missing` and gives nothing."""

    def __init__(self, roots: Mapping[str, str]) -> None:
        self._labels: dict[str, str] = dict(roots)
        self._from: dict[Wanted, Facts] = {}
        self.missing: set[Wanted] = set()

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        return [fact for kind in kinds for fact in self._read((node, kind, True))]

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        return [fact for kind in kinds for fact in self._read((node, kind, False))]

    def label(self, node: str) -> str | None:
        return self._labels.get(node)

    def _read(self, wanted: Wanted) -> Sequence[Fact]:
        node, kind, outward = wanted
        brought = self._from.get(wanted)
        if brought is None:
            ends = RELATIONS[kind].sources if outward else RELATIONS[kind].targets
            if self._labels.get(node) in ends:
                self.missing.add(wanted)
            return ()
        found = brought.out(node, kind) if outward else brought.into(node, kind)
        for fact in found:
            self._name(kind, fact, brought)
        return found

    def _name(self, kind: str, fact: Fact, brought: Facts) -> None:
        """What stands at the far end of a fact that was read may be walked on from."""
        for node in (fact.source, fact.target):
            if node not in self._labels:
                label = brought.label(node)
                if label is None:
                    raise Broken(f"{kind} leads to {node}, of which nothing is known")
                self._labels[node] = label

    def take(self, brought: Facts, answered: Iterable[Wanted]) -> None:
        for wanted in answered:
            self._from.setdefault(wanted, brought)
            self.missing.discard(wanted)


async def settled(brings: Around, roots: Mapping[str, str], work: Callable[[Facts], T]) -> tuple[T, Facts]:
    """What `work` gives on everything it reads, and what it read. `roots` are ids with their labels."""
    whole = brings.whole()
    if whole is not None:
        return await asyncio.to_thread(work, whole), whole
    found = Gathered(roots)
    for _ in range(MOST_ROUNDS):
        answer = await asyncio.to_thread(work, found)
        if not found.missing:
            return answer, found
        await _bring(brings, found)
    raise Broken("the law walks on and on")


async def _bring(brings: Around, found: Gathered) -> None:
    """Bring what is missing: people with their conditions and groups at once, everything else node by node and kind by kind."""
    own = frozenset(person_kinds())
    people = {
        node for node, kind, outward in found.missing
        if outward and kind in own and found.label(node) == Node.PERSON
    }  # fmt: skip
    if people:
        await _bring_people(brings, found, sorted(people))
    outward: dict[str, str] = {}
    inward: dict[frozenset[str], dict[str, str]] = defaultdict(dict)
    kinds: dict[str, set[str]] = defaultdict(set)
    for node, kind, out in found.missing:
        label = found.label(node) or ""
        if out:
            outward[node] = label
        else:
            kinds[node].add(kind)
    for node, its in kinds.items():
        inward[frozenset(its)][node] = found.label(node) or ""
    if outward:
        world = await brings.around(outward)
        found.take(world, [(node, kind, True) for node, label in outward.items() for kind in _leaving(label)])
    for onto, nodes in inward.items():
        world = await brings.around(nodes, into=tuple(sorted(onto)))
        found.take(world, [(node, kind, False) for node in nodes for kind in onto])
        found.take(world, [(node, kind, True) for node, label in nodes.items() for kind in _leaving(label)])


async def _bring_people(brings: Around, found: Gathered, people: Sequence[str]) -> None:
    facts = await brings.people(people)
    found.take(facts, [(person, kind, True) for person in people for kind in person_kinds()])
    seen, waiting = set[str](), list(people)
    while waiting:
        node = waiting.pop()
        for fact in facts.out(node, "MEMBER_OF", "HOLDS_POST", "PART_OF"):
            if fact.target not in seen:
                seen.add(fact.target)
                waiting.append(fact.target)
    found.take(facts, [(group, kind, True) for group in seen for kind in GROUP_KINDS])


def _leaving(label: str) -> tuple[str, ...]:
    return tuple(name for name, kind in RELATIONS.items() if label in kind.sources)
