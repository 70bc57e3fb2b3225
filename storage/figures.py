"""The regulations as the unit applies them: the figures it has set, the dates from which each binds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from graph.errors import BadField
from graph.law.regulation import Figures, Regulations, Ruling, by_default, load
from storage.tables.catalogue import Setting

PARAMETER = "parameter."
"""Settings of this name are figures that the unit has set itself."""
START = "start."
"""Settings of this name are dates from which a regulation binds."""
BOUND = "bound."
"""Settings of this name are the departments that a regulation binds, parted by commas."""


def figures_of(settings: Mapping[str, str]) -> Figures:
    """What the unit has set, and the regulations' own figures for the rest."""

    def figure(name: str) -> int:
        usual = by_default(name)
        return int(settings.get(f"{PARAMETER}{name}", usual))

    return figure


def regulations_of(settings: Mapping[str, str]) -> Regulations:
    """As they are in force here: the founding or a promulgation gives their dates and departments (S01-20)."""
    starts = {id_: date.fromisoformat(text) for id_, text in _of(settings, START)}
    bound = {id_: tuple(text.split(",")) for id_, text in _of(settings, BOUND) if text}
    return load().applied(starts, bound) if starts or bound else load()


def some_narrowed(settings: Mapping[str, str]) -> bool:
    """Whether the unit has bound a regulation to some of its departments."""
    return any(text for _, text in _of(settings, BOUND))


def day_of(text: str, field: str) -> date:
    """An ISO date. Raises BadField."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadField(field, "not-a-date", value=text) from None


def _of(settings: Mapping[str, str], kind: str) -> Iterator[tuple[str, str]]:
    return ((name.removeprefix(kind), text) for name, text in settings.items() if name.startswith(kind))


async def ruling_now() -> Ruling:
    """Since when each regulation binds here."""
    return regulations_of(await settings_now()).ruling


async def figures() -> Figures:
    """As they are set now."""
    return figures_of(await settings_now())


async def settings_now() -> dict[str, str]:
    """Every setting of the unit, as the ledger has it."""
    return {row["name"]: row["value"] for row in await Setting.select()}
