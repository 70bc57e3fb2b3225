"""One person's line of the register of cleared persons: level, basis, dates and every change; what the personnel file notes."""

from __future__ import annotations

import msgspec

from graph.access import Questions, When
from graph.kinds import Node
from graph.law.person import in_force
from graph.times import FOREVER, Instant


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A level and its time. `basis` is the case that gave it, or the paper of before, which then is `dated`."""

    level: str
    since: Instant
    until: Instant | None
    basis: str
    dated: str
    stands: bool


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """What the personnel file states: secret status, and the cooling-off from its start to the day its release is due (S01-13d)."""

    level: str
    starts: str
    ends: str
    stands: bool


class Clearances(msgspec.Struct, frozen=True, kw_only=True):
    """The latest first (S01-17.2)."""

    changes: tuple[Change, ...]
    annotations: tuple[Annotation, ...]


async def of(questions: Questions, person: str) -> Clearances:
    """Every level a person was ever cleared to, and every annotation."""
    _, stand = await questions.neighbourhood()
    brought, _ = await questions.neighbourhood(When(at=0, known=stand.s))
    world = await brought.around({person: Node.PERSON.value})
    levels = sorted(world.out(person, "CLEARED_TO"), key=lambda fact: (-fact.since, fact.id))
    notes = sorted(world.out(person, "ANNOTATED"), key=lambda fact: (-fact.since, fact.id))
    return Clearances(
        changes=tuple(
            Change(
                level=fact.target, since=fact.since, until=fact.until if fact.until < FOREVER else None,
                basis=str(fact.details.get("basis", "")), dated=str(fact.details.get("dated", "")),
                stands=bool(in_force([fact], stand.at)),
            )
            for fact in levels
        ),
        annotations=tuple(
            Annotation(
                level=str(fact.details.get("level", "")), starts=str(fact.details.get("starts", "")),
                ends=str(fact.details.get("ends", "")),
                stands=bool(in_force([fact], stand.at)),
            )
            for fact in notes
        ),
    )  # fmt: skip
