"""Small worlds, each named by the trap it holds: facts and expected answers side by side, for anybody to read.

docs/worlds.md describes the format. What stands under people, posts, documents, places and the like holds from `FOUNDED`
on and is known from the first entry on, as `facts` are, each with its own dates. What stands under `entered` came into the
register on the date named there, whenever it happened. `asked` names a date (a bare one is 24:00 that day) and the whole
table of answers: `allowed`, or exactly the rules that a refusal names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec.structs import replace

from graph.facts import OPEN_SEQ, Details, Fact, World, check
from graph.kinds import RELATIONS, Node
from graph.law.levels import LEVELS
from graph.times import FOREVER, Instant, parse
from tests.shelf import Shelf
from tests.worlds.matters import Case, Deputies
from tests.worlds.things import (
    FOUNDED,
    UNIT,
    Answer,
    Carrier,
    Container,
    Device,
    Document,
    Person,
    Place,
    Post,
    Row,
    list_of,
)

HERE = Path(__file__).parent


class _Plain(yaml.SafeLoader):
    """Dates stay text."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (how PyYAML wants it)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class Would(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What if these facts began and those ended then: who would gain and who would lose sight of which document."""

    add: list[Row] = []
    end: list[Row] = []
    gains: dict[str, list[str]] = {}
    loses: dict[str, list[str]] = {}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers of one date, as the register stood on `known_at` (now, where it names none).

    `may_know` by document and person, `audience` by document, `reach` by person are whole; the rest where it matters:
    `resting_on` by document and person the rules of a yes, `learns_of` by document who may learn that it exists, `opening`
    by document, person and device, `placing` by level and place, `listing` by document and member, `has_known` by
    document, `can_reach` by carrier and person the rules of every way, `exposure` by carrier, `whereabouts` by carrier its state,
    holder, place and level, `level_proposed` by person with its rules, `entering` by place and party, `entry_list` by whom it would list, `findings` by key unit, `undesignated` by
    department or place, `found_wanting` by what the clock's round looks at, `would` what would follow.
    """

    at: str
    known_at: str | None = None
    may_know: dict[str, dict[str, Answer]] = {}
    audience: dict[str, list[str]] = {}
    reach: dict[str, list[str]] = {}
    resting_on: dict[str, dict[str, list[str]]] = {}
    learns_of: dict[str, list[str]] = {}
    opening: dict[str, dict[str, dict[str, Answer]]] = {}
    placing: dict[str, dict[str, Answer]] = {}
    listing: dict[str, dict[str, Answer]] = {}
    has_known: dict[str, list[str]] = {}
    can_reach: dict[str, dict[str, list[str]]] = {}
    exposure: dict[str, list[str]] = {}
    whereabouts: dict[str, list[str]] = {}
    level_proposed: dict[str, list[str]] = {}
    entering: dict[str, dict[str, Answer]] = {}
    entry_list: dict[str, Answer] = {}
    findings: dict[str, Answer] = {}
    undesignated: dict[str, Answer] = {}
    found_wanting: dict[str, Answer] = {}
    would: list[Would] = []

    @property
    def instant(self) -> Instant:
        return parse(self.at, field="at", ends_day=True)

    @property
    def rooms_alone(self) -> bool:
        """Whether only rooms are asked about: then nothing is said of who may know what."""
        rooms = self.entering or self.entry_list or self.findings or self.undesignated
        return bool(rooms or self.found_wanting) and not (self.may_know or self.audience or self.reach)


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one function of the law says, on the facts of this world where it reads any: `what` names it, `given` is what it gets."""

    what: str
    answer: Any
    given: dict[str, Any] = {}
    at: str | None = None


class Trap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A world file."""

    zh: str
    en: str
    asked: list[Asked] = []
    judged: list[Judged] = []
    people: dict[str, Person] = {}
    documents: dict[str, Document] = {}
    departments: dict[str, str] = {}
    posts: dict[str, Post] = {}
    places: dict[str, Place] = {}
    containers: dict[str, Container] = {}
    devices: dict[str, Device] = {}
    carriers: dict[str, Carrier] = {}
    others: dict[str, Node] = {}
    cases: list[Case] = []
    deputies: list[Deputies] = []
    facts: list[Row] = []
    entered: dict[str, list[Row]] = {}

    def labels(self) -> dict[str, str]:
        found = {UNIT: Node.ORGANISATION.value} | dict.fromkeys(LEVELS, Node.LEVEL.value)
        for names, kind in (
            (self.departments, Node.DEPARTMENT), (self.posts, Node.POST), (self.people, Node.PERSON),
            (self.documents, Node.DOCUMENT), (self.places, Node.PLACE), (self.containers, Node.CONTAINER),
            (self.devices, Node.DEVICE), (self.carriers, Node.CARRIER),
        ):  # fmt: skip
            found |= dict.fromkeys(names, kind.value)
        found |= {name: kind.value for name, kind in self.others.items()}
        for name, document in self.documents.items():
            if document.range is not None:
                found[list_of("range", name)] = Node.RANGE.value
            if document.distribution is not None:
                found[list_of("distribution", name)] = Node.DISTRIBUTION.value
        return found

    def world(self, known_at: str | None = None) -> World:
        return World(self.all_facts(known_at), self.labels())

    def all_facts(self, known_at: str | None = None) -> list[Fact]:
        """What the register held on that date, or holds now; each fact checked against its kind."""
        known = self.entries_until(known_at)
        return [fact for fact in self.versions() if fact.seq_in <= known < fact.seq_out]

    def entries_until(self, known_at: str | None) -> int:
        """How many entries there were by the end of that date: the first holds all but what was `entered` later."""
        last = parse(known_at, field="known_at", ends_day=True) if known_at else FOREVER
        return 1 + sum(parse(date, field="entered") <= last for date in self.entered)

    def versions(self) -> list[Fact]:
        """Every version of every fact. A row of `entered` that ends a fact which stands takes its place."""
        labels = self.labels()
        found: list[Fact] = []
        batches = [[*self._founded(), *self.facts], *(rows for _, rows in sorted(self.entered.items()))]
        for seq, rows in enumerate(batches, 1):
            for row in rows:
                fact = dated(row, f"f{len(found):03d}", seq)
                check(fact, labels)
                before = next((n for n, each in enumerate(found) if _same(each, fact)), None)
                if before is not None:
                    found[before] = replace(found[before], seq_out=seq)
                found.append(fact)
        return found

    def _founded(self) -> Iterator[Row]:
        for department, parent in self.departments.items():
            yield [department, "PART_OF", parent, FOUNDED]
        for things in (
            self.posts, self.people, self.documents, self.places, self.containers, self.devices, self.carriers,
        ):  # fmt: skip
            for name, thing in things.items():
                yield from thing.rows(name)


def dated(row: Row, id_: str, seq: int) -> Fact:
    source, kind, target, since, *more = row
    until = next((each for each in more if isinstance(each, str)), None)
    details: Details = next((each for each in more if isinstance(each, dict)), {})
    return Fact(
        id=id_,
        kind=kind,
        source=source,
        target=target,
        since=parse(since, field="since"),
        until=FOREVER if until is None else parse(until, field="until"),
        details=details,
        seq_in=seq,
    )


def _same(before: Fact, after: Fact) -> bool:
    """Whether a later version of the same relation takes an earlier one's place."""
    of = (before.source, before.kind, before.target, before.since)
    stands = before.seq_out == OPEN_SEQ and before.seq_in < after.seq_in
    return stands and of == (after.source, after.kind, after.target, after.since)


def shelved(traps: Mapping[str, Trap]) -> Shelf:
    """All of them in one ledger, every id but a level's under its trap's name. What ends is entered as standing first."""
    shelf = Shelf("z-worlds")
    shelf.enter(nodes=dict.fromkeys(LEVELS, Node.LEVEL.value))
    for name, trap in traps.items():
        _enter(shelf, name, trap)
    return shelf


def _enter(shelf: Shelf, name: str, trap: Trap) -> None:
    nodes_of = trap.labels()
    nodes = {within(name, node): label for node, label in nodes_of.items() if node not in LEVELS}
    versions = [
        replace(
            fact,
            id=f"{name}.{fact.id}",
            source=within(name, fact.source),
            target=within(name, fact.target),
            details={
                key: within(name, each) if each in nodes_of and not _listed(fact.kind, key) else each
                for key, each in fact.details.items()
            },
            seq_in=0,
            seq_out=OPEN_SEQ,
        )
        for fact in trap.versions()
    ]
    seqs = [(fact.seq_in, fact.seq_out) for fact in trap.versions()]
    first = [fact for fact, (begun, _) in zip(versions, seqs, strict=True) if begun == 1]
    standing = [replace(fact, until=FOREVER) for fact in first]
    shelf.enter(nodes=nodes, facts=standing)
    for fact, before in zip(first, standing, strict=True):
        if fact != before:
            shelf.enter(superseded=[before], facts=[fact])
    for seq in range(2, 2 + len(trap.entered)):
        shelf.enter(
            superseded=[fact for fact, (_, ended) in zip(versions, seqs, strict=True) if ended == seq],
            facts=[fact for fact, (begun, _) in zip(versions, seqs, strict=True) if begun == seq],
        )


def _listed(kind: str, detail: str) -> bool:
    """Whether a detail is one of a few words: then it names no node, even where one bears that name."""
    return bool(RELATIONS[kind].details[detail].values)


def within(trap: str, node: str) -> str:
    """A node's id where several worlds stand in one graph."""
    return node if node in LEVELS else f"{trap}.{node}"


def read(path: Path) -> Trap:
    """One world; its table of answers must be whole. Raises ValueError."""
    written = yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506  (a safe loader)
    trap = msgspec.convert(written, Trap)
    people, documents = set(trap.people), set(trap.documents)
    for asked in trap.asked:
        if asked.rooms_alone:
            continue
        whole = asked.may_know.keys() == documents and all(
            set(row) == people for row in asked.may_know.values()
        )
        if not whole or asked.audience.keys() != documents or asked.reach.keys() != people:
            raise ValueError(f"{path.name}: the answers at {asked.at} do not cover every person and document")
    if not (trap.asked or trap.judged or trap.cases or trap.deputies):
        raise ValueError(f"{path.name}: nothing is asked")
    return trap


def all_traps() -> dict[str, Trap]:
    return {path.stem: read(path) for path in sorted(HERE.glob("*.yaml"))}
