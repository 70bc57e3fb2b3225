"""Small worlds, each named by the trap it holds: facts and expected answers side by side, for anybody to read.

What stands under people, departments, posts and documents holds from `FOUNDED` on; `facts` are dated one by one as
`[from, KIND, to, since, until, details]`, the last two only where needed. A person is vetted and has signed the
undertaking of the stage unless the file says otherwise. `asked` names a date (a bare one is 24:00 that day) and the whole
table of answers: `allowed`, or exactly the rules that a refusal names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from msgspec.structs import replace

from graph.facts import Details, Fact, World, check
from graph.kinds import Node
from graph.law.levels import LEVELS
from graph.times import FOREVER, Instant, parse
from tests.shelf import Shelf

HERE = Path(__file__).parent
FOUNDED = "2026-01-01"
UNIT = "unit"


class _Plain(yaml.SafeLoader):
    """Dates stay text."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (how PyYAML wants it)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member_of: tuple[str, ...] = (UNIT,)
    cleared_to: str | None = None
    holds_post: tuple[str, ...] = ()
    vetted: Literal["passed", "failed", "no"] = "passed"
    signed: tuple[str, ...] | None = None
    trained: tuple[str, ...] = ()


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part_of: str
    level: str | None = None


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`distribution` and `range` list who stands on them; null where none was ever set."""

    level: str | None = None
    distribution: tuple[str, ...] | None = None
    range: tuple[str, ...] | None = None


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers of one date: by document and person, by document, by person."""

    at: str
    may_know: dict[str, dict[str, Literal["allowed"] | list[str]]]
    audience: dict[str, list[str]]
    reach: dict[str, list[str]]

    @property
    def instant(self) -> Instant:
        return parse(self.at, field="at", ends_day=True)


class Trap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A world file."""

    zh: str
    en: str
    asked: list[Asked]
    people: dict[str, Person]
    documents: dict[str, Document]
    departments: dict[str, str] = {}
    posts: dict[str, Post] = {}
    facts: list[list[Any]] = []

    def labels(self) -> dict[str, str]:
        found = {UNIT: Node.ORGANISATION.value}
        found |= dict.fromkeys(LEVELS, Node.LEVEL.value)
        for names, kind in (
            (self.departments, Node.DEPARTMENT), (self.posts, Node.POST), (self.people, Node.PERSON),
            (self.documents, Node.DOCUMENT),
        ):  # fmt: skip
            found |= dict.fromkeys(names, kind.value)
        for name, document in self.documents.items():
            if document.range is not None:
                found[_range(name)] = Node.RANGE.value
            if document.distribution is not None:
                found[_distribution(name)] = Node.DISTRIBUTION.value
        return found

    def world(self) -> World:
        return World(self.all_facts(), self.labels())

    def all_facts(self) -> list[Fact]:
        """What holds from the founding on, then what is dated, each checked against its kind."""
        labels = self.labels()
        found: list[Fact] = []
        for row in (*self._founded(), *self.facts):
            source, kind, target, since, *more = row
            until = next((each for each in more if isinstance(each, str)), None)
            details: Details = next((each for each in more if isinstance(each, dict)), {})
            fact = Fact(
                id=f"f{len(found):03d}",
                kind=kind,
                source=source,
                target=target,
                since=parse(since, field="since"),
                until=FOREVER if until is None else parse(until, field="until"),
                details=details,
            )
            check(fact, labels)
            found.append(fact)
        return found

    def _founded(self) -> Iterator[list[Any]]:
        for department, parent in self.departments.items():
            yield [department, "PART_OF", parent, FOUNDED]
        for name, post in self.posts.items():
            yield [name, "PART_OF", post.part_of, FOUNDED]
            if post.level:
                yield [name, "CLASSIFIED_AS", post.level, FOUNDED]
        for name, person in self.people.items():
            yield from _of_person(name, person)
        for name, document in self.documents.items():
            yield from _of_document(name, document)


def shelved(traps: Mapping[str, Trap]) -> Shelf:
    """All of them in one ledger, every id but a level's under its trap's name. What ends is entered as standing first."""
    shelf = Shelf("z-worlds")
    shelf.enter(nodes=dict.fromkeys(LEVELS, Node.LEVEL.value))
    for name, trap in traps.items():
        facts = [
            replace(
                fact,
                id=f"{name}.{fact.id}",
                source=within(name, fact.source),
                target=within(name, fact.target),
            )
            for fact in trap.all_facts()
        ]
        standing = [replace(fact, until=FOREVER) for fact in facts]
        shelf.enter(nodes={within(name, node): label for node, label in trap.labels().items() if node not in LEVELS},
                    facts=standing)  # fmt: skip
        for fact, before in zip(facts, standing, strict=True):
            if fact != before:
                shelf.enter(superseded=[before], facts=[fact])
    return shelf


def within(trap: str, node: str) -> str:
    """A node's id where several worlds stand in one graph."""
    return node if node in LEVELS else f"{trap}.{node}"


def _of_person(name: str, person: Person) -> Iterator[list[Any]]:
    for group in person.member_of:
        yield [name, "MEMBER_OF", group, FOUNDED]
    for post in person.holds_post:
        yield [name, "HOLDS_POST", post, FOUNDED]
    if person.cleared_to:
        yield [name, "CLEARED_TO", person.cleared_to, FOUNDED]
    if person.vetted != "no":
        yield [name, "VETTED", UNIT, FOUNDED, {"conclusion": person.vetted}]
    stage = ("in_post" if person.holds_post else "entry",)
    for undertaking in stage if person.signed is None else person.signed:
        yield [name, "SIGNED", UNIT, FOUNDED, {"undertaking": undertaking}]
    for course in person.trained:
        yield [name, "TRAINED", UNIT, FOUNDED, {"course": course}]


def _of_document(name: str, document: Document) -> Iterator[list[Any]]:
    yield [name, "ORIGINATED_BY", UNIT, FOUNDED, {"copying": "allowed"}]
    if document.level:
        yield [name, "CLASSIFIED_AS", document.level, FOUNDED]
    if document.distribution is not None:
        yield [_distribution(name), "DISTRIBUTION_OF", name, FOUNDED]
        for each in document.distribution:
            yield [each, "IN_DISTRIBUTION", _distribution(name), FOUNDED]
    if document.range is not None:
        yield [_range(name), "RANGE_OF", name, FOUNDED]
        for each in document.range:
            yield [each, "IN_RANGE", _range(name), FOUNDED]


def _range(document: str) -> str:
    return f"range-of-{document}"


def _distribution(document: str) -> str:
    return f"distribution-of-{document}"


def read(path: Path) -> Trap:
    """One world; its table of answers must be whole. Raises ValueError."""
    written = yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506  (a safe loader)
    trap = msgspec.convert(written, Trap)
    people, documents = set(trap.people), set(trap.documents)
    for asked in trap.asked:
        whole = asked.may_know.keys() == documents and all(
            set(row) == people for row in asked.may_know.values()
        )
        if not whole or asked.audience.keys() != documents or asked.reach.keys() != people:
            raise ValueError(f"{path.name}: the answers at {asked.at} do not cover every person and document")
    return trap


def all_traps() -> dict[str, Trap]:
    return {path.stem: read(path) for path in sorted(HERE.glob("*.yaml"))}
