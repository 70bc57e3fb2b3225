"""The synthetic organisation: people in departments of 100 in divisions of 2,000, and documents that lists open to them.

Each person stands under four facts, each document under five; a secret room that up to 5,000 may enter holds one carrier. One document is open to the first division, one to everyone,
the others to the first department, whose members reach them all. One person of it is not cleared high enough.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec

from graph.facts import Details, Fact
from graph.kinds import Node
from graph.times import DAY_MS, Instant, to_datetime
from storage.organisations.large import GIVEN, SURNAMES

UNIT = "unit"
DIVISION = 2_000
DEPARTMENT = 100
DOCUMENTS = 400
ITEMS = 100_000
"""Documents where reach over many items is asked about."""
PEOPLE = {10_000: 2_000, 100_000: 25_000}
"""Of sizes in relations that are spoken of; others have as many people as their relations are enough for."""
PEOPLE_A_BATCH = 25
DOCUMENTS_A_BATCH = 20

BUILDING = 5_000
"""Of whom so many at most may enter the one secret room."""
ROOM, SAFE, KEPT = "b-room", "b-safe", "b-carrier"
OPEN_TO_DIVISION = "b-division"
OPEN_TO_ALL = "b-all"
READER = "b00000"
BLOCKED = "b00001"


class Named(msgspec.Struct, frozen=True):
    """A node with what the catalogue says of it."""

    id: str
    kind: Node
    name: str


class Batch(msgspec.Struct, frozen=True):
    """What one entry of the ledger brings: nodes, facts, and the kind of every node the facts touch."""

    nodes: list[Named]
    facts: list[Fact]
    labels: dict[str, str]


class Draw:
    """Collects the facts of one batch."""

    def __init__(self, since: Instant, first: int) -> None:
        self._since = since
        self._next = first
        self.nodes: list[Named] = []
        self.facts: list[Fact] = []
        self.labels: dict[str, str] = {}

    def node(self, id_: str, kind: Node, name: str) -> tuple[str, Node]:
        self.nodes.append(Named(id_, kind, name))
        return id_, kind

    def fact(
        self, kind: str, source: tuple[str, Node], target: tuple[str, Node], details: Details | None = None
    ) -> None:
        for id_, label in (source, target):
            self.labels[id_] = label.value
        self.facts.append(
            Fact(
                id=f"f-b{self._next:07}",
                kind=kind,
                source=source[0],
                target=target[0],
                details=details or {},
                since=self._since,
            )
        )
        self._next += 1

    def batch(self) -> Batch:
        return Batch(self.nodes, self.facts, self.labels)


class Synthetic:
    """The organisation of one size. The same size makes the same organisation."""

    def __init__(self, relations: int, since: Instant, documents: int = DOCUMENTS) -> None:
        self.people = PEOPLE.get(relations) or max(DEPARTMENT, (relations - 5 * DOCUMENTS) // 4)
        self.division = min(DIVISION, self.people)
        self.reached = documents
        self.building = min(BUILDING, self.people)
        self.past = to_datetime(since + 10 * DAY_MS).date().isoformat()
        self._since = since
        self._chance = random.Random(relations)  # noqa: S311  (names, not secrets)
        self._facts = 0

    def batches(self) -> Iterator[Batch]:
        yield self._structure()
        for first in range(0, self.people, PEOPLE_A_BATCH):
            yield self._staff(range(first, min(first + PEOPLE_A_BATCH, self.people)))
        for first in range(0, self.reached, DOCUMENTS_A_BATCH):
            yield self._documents(range(first, min(first + DOCUMENTS_A_BATCH, self.reached)))

    def person(self, n: int) -> str:
        return f"b{n:05}"

    def document(self, n: int) -> str:
        return {0: OPEN_TO_DIVISION, 1: OPEN_TO_ALL}.get(n, f"b-doc{n:04}")

    def _draw(self) -> Draw:
        return Draw(self._since, self._facts)

    def _drawn(self, draw: Draw) -> Batch:
        self._facts += len(draw.facts)
        return draw.batch()

    def _structure(self) -> Batch:
        draw = self._draw()
        for first in range(0, self.people, DIVISION):
            division = draw.node(_division(first), Node.DEPARTMENT, f"{first // DIVISION + 1}局")
            draw.fact("PART_OF", division, _UNIT)
        for first in range(0, self.people, DEPARTMENT):
            department = draw.node(_department(first), Node.DEPARTMENT, f"{first // DEPARTMENT + 1}处")
            draw.fact("PART_OF", department, (_division(first), Node.DEPARTMENT))
        room = draw.node(ROOM, Node.PLACE, "保密室")
        safe = draw.node(SAFE, Node.CONTAINER, "一号柜")
        draw.fact("SECRET_ROOM_OF", room, _UNIT)
        draw.fact("KEPT_IN", safe, room)
        return self._drawn(draw)

    def _staff(self, numbers: range) -> Batch:
        draw = self._draw()
        for n in numbers:
            name = self._chance.choice(SURNAMES) + self._chance.choice(GIVEN)
            person = draw.node(self.person(n), Node.PERSON, name)
            level = "confidential" if person[0] == BLOCKED else "secret"
            draw.fact("MEMBER_OF", person, (_department(n), Node.DEPARTMENT), {"standing": "staff"})
            draw.fact("CLEARED_TO", person, (level, Node.LEVEL), {"basis": "审批表"})
            draw.fact("VETTED", person, _UNIT, {"conclusion": "passed"})
            draw.fact("SIGNED", person, _UNIT, {"undertaking": "entry", "version": "2026版"})
            if n < self.building:
                draw.fact("MAY_ENTER", person, (ROOM, Node.PLACE))
        return self._drawn(draw)

    def _documents(self, numbers: range) -> Batch:
        draw = self._draw()
        for n in numbers:
            document = draw.node(self.document(n), Node.DOCUMENT, f"关于第{n:04}号事项的通报")
            reading = draw.node(f"rg-b{n:04}", Node.RANGE, "")
            outer = draw.node(f"ds-b{n:04}", Node.DISTRIBUTION, "")
            draw.fact("CLASSIFIED_AS", document, ("secret", Node.LEVEL), {"years": 20})
            draw.fact("DISTRIBUTION_OF", outer, document)
            draw.fact("IN_DISTRIBUTION", _UNIT, outer)
            draw.fact("RANGE_OF", reading, document)
            draw.fact("IN_RANGE", _listed(document[0]), reading)
            if document[0] == OPEN_TO_DIVISION:
                carrier = draw.node(KEPT, Node.CARRIER, "000001")
                draw.fact("CARRIES", carrier, document)
                draw.fact("KEPT_IN", carrier, (SAFE, Node.CONTAINER))
        return self._drawn(draw)


_UNIT = (UNIT, Node.ORGANISATION)


def _listed(document: str) -> tuple[str, Node]:
    """Who stands on a document's range."""
    if document == OPEN_TO_ALL:
        return _UNIT
    return (_division(0) if document == OPEN_TO_DIVISION else _department(0)), Node.DEPARTMENT


def _division(person: int) -> str:
    return f"b-division{person // DIVISION:02}"


def _department(person: int) -> str:
    return f"b-department{person // DEPARTMENT:03}"
