"""Marks and numbers that a carrier has to bear when it is made (S03-2.1a–e)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from graph.law.levels import Level
from graph.law.rules import rule
from graph.law.verdict import Reason


class Marking(msgspec.Struct, frozen=True):
    """A document's mark as proposed. `years` is the 保密期限; `permanent` stands for 长期."""

    level: Level | None
    years: int | None
    permanent: bool
    distribution: Sequence[str]


class Batch(msgspec.Struct, frozen=True):
    """Carriers to be numbered: how many were made, those numbered before, and the new serials (None: unnumbered)."""

    level: Level
    quantity: int
    present: Sequence[str | None]
    serials: Sequence[str | None]


def judge_marking(marking: Marking) -> tuple[Reason, ...]:
    if marking.level is not None and marking.level.scheme != "state":
        return ()
    return (*bears_level(marking), *bears_period(marking), *bears_distribution(marking))


def bears_level(marking: Marking) -> tuple[Reason, ...]:
    """S03-2.1a at the making; `know.marked` holds the same article at the reading."""
    if marking.level is not None:
        return ()
    return (Reason(("S03-2.1a",), "not-marked", remedy="mark", whose="ARCHIVIST_OF"),)


@rule("S03-2.1b", reads="act")
def bears_period(marking: Marking) -> tuple[Reason, ...]:
    if marking.years is not None or marking.permanent:
        return ()
    return (Reason(("S03-2.1b",), "no-period", remedy="mark", whose="ARCHIVIST_OF"),)


def bears_distribution(marking: Marking) -> tuple[Reason, ...]:
    """S03-2.1c at the making; `know.within_distribution` bounds every later range by it."""
    if marking.distribution:
        return ()
    return (Reason(("S03-2.1c",), "no-distribution", remedy="distribute", whose="ORIGINATOR"),)


def judge_batch(batch: Batch) -> tuple[Reason, ...]:
    return (*within_quantity(batch), *serials_unique(batch))


@rule("S03-2.1d", reads="act")
def within_quantity(batch: Batch) -> tuple[Reason, ...]:
    made = len(batch.present) + len(batch.serials)
    if made <= batch.quantity:
        return ()
    return (Reason(("S03-2.1d",), "more-than-made", {"quantity": str(batch.quantity), "count": str(made)}),)


@rule("S03-2.1e", reads="act")
def serials_unique(batch: Batch) -> tuple[Reason, ...]:
    """绝密 and 机密 carriers each have a serial of their own; 秘密 may omit it."""
    found: list[Reason] = []
    if batch.level.rank >= 2 and any(serial is None for serial in batch.serials):
        found.append(Reason(("S03-2.1e",), "serial-missing"))
    twice = _twice([*batch.present, *batch.serials])
    if twice:
        found.append(Reason(("S03-2.1e",), "serial-twice", {"serials": ", ".join(twice)}))
    return tuple(found)


def _twice(serials: Iterable[str | None]) -> list[str]:
    seen: set[str] = set()
    again: list[str] = []
    for serial in serials:
        if serial is None:
            continue
        if serial in seen:
            again.append(serial)
        seen.add(serial)
    return again
