"""The regulations as the unit applies them: the figures it has set, the dates from which each binds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from graph.law.regulation import Figures, Regulations, by_default, load
from storage.tables.catalogue import Setting

PARAMETER = "parameter."
"""Settings of this name are figures that the unit has set itself."""
START = "start."
"""Settings of this name are dates from which a regulation binds."""


def figures_of(settings: Mapping[str, str]) -> Figures:
    """What the unit has set, and the regulations' own figures for the rest."""

    def figure(name: str) -> int:
        usual = by_default(name)
        return int(settings.get(f"{PARAMETER}{name}", usual))

    return figure


def regulations_of(settings: Mapping[str, str]) -> Regulations:
    """As they are in force here: a promulgation gives their dates (S01-20)."""
    return load().begun(
        {
            name.removeprefix(START): date.fromisoformat(text)
            for name, text in settings.items()
            if name.startswith(START)
        }
    )


async def figures() -> Figures:
    """As they are set now."""
    return figures_of(await settings_now())


async def settings_now() -> dict[str, str]:
    """Every setting of the unit, as the ledger has it."""
    return {row["name"]: row["value"] for row in await Setting.select()}
