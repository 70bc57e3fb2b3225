"""What a world file may hold, and the facts it stands for from the founding on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

FOUNDED = "2026-01-01"
UNIT = "unit"
Row = list[Any]
Answer = Literal["allowed"] | list[str]


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something with a name in a world file."""


class Person(Thing, frozen=True):
    """Vetted, and with the undertaking of the stage signed, unless the file says otherwise."""

    member_of: tuple[str, ...] = (UNIT,)
    cleared_to: str | None = None
    holds_post: tuple[str, ...] = ()
    vetted: Literal["passed", "failed", "no"] = "passed"
    signed: tuple[str, ...] | None = None
    trained: tuple[str, ...] = ()

    def rows(self, name: str) -> Iterator[Row]:
        for group in self.member_of:
            yield [name, "MEMBER_OF", group, FOUNDED]
        for post in self.holds_post:
            yield [name, "HOLDS_POST", post, FOUNDED]
        if self.cleared_to:
            yield [name, "CLEARED_TO", self.cleared_to, FOUNDED]
        if self.vetted != "no":
            yield [name, "VETTED", UNIT, FOUNDED, {"conclusion": self.vetted}]
        stage = ("in_post" if self.holds_post else "entry",)
        for undertaking in stage if self.signed is None else self.signed:
            yield [name, "SIGNED", UNIT, FOUNDED, {"undertaking": undertaking}]
        for course in self.trained:
            yield [name, "TRAINED", UNIT, FOUNDED, {"course": course}]


class Post(Thing, frozen=True):
    part_of: str
    level: str | None = None

    def rows(self, name: str) -> Iterator[Row]:
        yield [name, "PART_OF", self.part_of, FOUNDED]
        if self.level:
            yield [name, "CLASSIFIED_AS", self.level, FOUNDED]


class Document(Thing, frozen=True):
    """`distribution` and `range` list who stands on them; null where none was ever set."""

    level: str | None = None
    distribution: tuple[str, ...] | None = None
    range: tuple[str, ...] | None = None

    def rows(self, name: str) -> Iterator[Row]:
        yield [name, "ORIGINATED_BY", UNIT, FOUNDED, {"copying": "allowed"}]
        if self.level:
            yield [name, "CLASSIFIED_AS", self.level, FOUNDED]
        for kind, members in (("distribution", self.distribution), ("range", self.range)):
            if members is None:
                continue
            yield [list_of(kind, name), f"{kind.upper()}_OF", name, FOUNDED]
            for each in members:
                yield [each, f"IN_{kind.upper()}", list_of(kind, name), FOUNDED]


class Place(Thing, frozen=True):
    """A room or building. `key_location` says whether its control area has been set; null where it is none."""

    part_of: str | None = None
    secret_room: bool = False
    key_location: Literal["with-control-area", "without-control-area"] | None = None
    accredited_for: str | None = None

    def rows(self, name: str) -> Iterator[Row]:
        if self.part_of:
            yield [name, "PART_OF", self.part_of, FOUNDED]
        if self.secret_room:
            yield [name, "SECRET_ROOM_OF", UNIT, FOUNDED]
        if self.key_location:
            yield [
                name,
                "KEY_UNIT_OF",
                UNIT,
                FOUNDED,
                {"control_area": self.key_location == "with-control-area"},
            ]
        if self.accredited_for:
            yield [name, "ACCREDITED_FOR", self.accredited_for, FOUNDED]


class Container(Thing, frozen=True):
    kept_in: str
    accredited_for: str | None = None

    def rows(self, name: str) -> Iterator[Row]:
        yield [name, "KEPT_IN", self.kept_in, FOUNDED]
        if self.accredited_for:
            yield [name, "ACCREDITED_FOR", self.accredited_for, FOUNDED]


class Device(Thing, frozen=True):
    enrolled_at: str | None = None
    accredited_for: str | None = None

    def rows(self, name: str) -> Iterator[Row]:
        if self.enrolled_at:
            yield [name, "ENROLLED_AT", self.enrolled_at, FOUNDED]
        if self.accredited_for:
            yield [name, "ACCREDITED_FOR", self.accredited_for, FOUNDED]


class Carrier(Thing, frozen=True):
    carries: str
    kept_in: str | None = None
    held_by: str | None = None

    def rows(self, name: str) -> Iterator[Row]:
        yield [name, "CARRIES", self.carries, FOUNDED]
        if self.kept_in:
            yield [name, "KEPT_IN", self.kept_in, FOUNDED]
        if self.held_by:
            yield [name, "HELD_BY", self.held_by, FOUNDED, {"reason": "loan"}]


def list_of(kind: str, document: str) -> str:
    """The id of a document's range or distribution: range-of-notice."""
    return f"{kind}-of-{document}"
