"""Who notices: the worlds on the law alone; where none does, the scenarios through the public API."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import cast

import msgspec

from api import rehearse
from api.rehearse import Rehearsal, Scenario
from api.settings import HttpSettings, Settings
from graph.access import Questions
from graph.connection import Connection
from graph.projection import Head, Projection
from graph.settings import GraphSettings
from graph.sources import Sources
from graph.times import parse
from storage import organisations
from storage.files import Files
from storage.keys import OrganisationKey
from storage.ledger import Ledger
from storage.office import Office
from storage.organisations import SetClock
from storage.settings import StorageSettings
from storage.tables import ALL_TABLES
from storage.transaction import Database
from storage.vault import open_vault
from storage.wiring import Wiring, _prepare
from tests.ablation.switch import ROOM, Place, off
from tests.worlds import Trap, all_traps
from tests.worlds.answers import differences

SCENARIOS = Path(__file__).parents[1] / "scenarios"
ORGANISATION = "binhai"


class Finding(msgspec.Struct, frozen=True):
    """A rule that was off in one place, and the worlds and scenarios that answered differently or broke down."""

    place: Place
    noticed: tuple[str, ...]


@asynccontextmanager
async def stage() -> AsyncIterator[Path]:
    """The organisation that scenarios begin with, established in a folder from which each house is copied."""
    with tempfile.TemporaryDirectory(prefix="zhixi-ablation-") as folder:
        home, clock = Path(folder), SetClock(parse("2026-01-01T00:00:00+08:00", field="clock"))
        OrganisationKey.create(home / "key.json")
        async with _house(home, clock) as house:
            await organisations.establish(house, organisations.named(ORGANISATION), clock)
        (home / "clock").write_text(str(clock.at))
        yield home


class NoGraph:
    """Where no engine is: questions and acts have this process's replica, and nothing has to follow the ledger."""

    async def reach(self, _head: Head) -> None:
        return None


@asynccontextmanager
async def _house(home: Path, clock: SetClock) -> AsyncIterator[Wiring]:
    """A house of SQLite and a folder, without an engine: what is decided there is what is decided everywhere."""
    settings = StorageSettings(
        database=f"sqlite://{home}/zhixi.sqlite", vault=f"file://{home}/vault", key_file=home / "key.json", anchors=home / "anchors"
    )  # fmt: skip
    await _prepare(settings)
    database = Database(settings, ALL_TABLES)
    await database.open()
    key, vault = OrganisationKey.load(settings.key_file), open_vault(settings.vault)
    ledger = Ledger(database, key, settings.anchors)
    sources = Sources(None, None, ledger, 1_000_000)
    try:
        yield Wiring(
            settings=settings, database=database, ledger=ledger, key=key, vault=vault, files=Files(database, vault, key, clock),
            connection=cast("Connection", None), projection=cast("Projection", NoGraph()), questions=Questions(sources, ledger, clock),
            office=Office(database=database, ledger=ledger, sources=sources, projection=None, now=clock), now=clock,
        )  # fmt: skip
    finally:
        await vault.close()
        await database.close()


async def ablate(places: Iterable[Place], on: Path) -> list[Finding]:
    """Every world that notices, for each place, or else the first scenario. Raises ValueError where one is amiss with every rule in place."""
    worlds, scenarios = all_traps(), all_scenarios()
    amiss = [name for name, trap in worlds.items() if _differs(trap)]
    amiss += [name for name, each in scenarios.items() if await _parts(each, on)]
    if amiss:
        raise ValueError(f"amiss with every rule in place: {', '.join(amiss)}")
    found = []
    for place in places:
        noticed = tuple(noticing(place, worlds))
        first = None if noticed else await noticing_scenario(place, scenarios, on)
        found.append(Finding(place, noticed if first is None else (first,)))
    return found


def noticing(place: Place, worlds: dict[str, Trap]) -> Iterator[str]:
    """The worlds that notice, one after the other: first those whose answers name the rule. None looks into storage."""
    if place.function.startswith(ROOM):
        return
    with off(place):
        for name in sorted(worlds, key=lambda each: (place.rule not in repr(worlds[each]), each)):
            if _differs(worlds[name]):
                yield name


def _differs(trap: Trap) -> bool:
    try:
        return bool(differences(trap))
    except Exception:  # noqa: BLE001  (a rule that is not there may break what rests on it in any way)
        return True


def all_scenarios() -> dict[str, Scenario]:
    return {path.stem: rehearse.read(path) for path in sorted(SCENARIOS.glob("*.yaml"))}


async def noticing_scenario(place: Place, scenarios: dict[str, Scenario], on: Path) -> str | None:
    """The first scenario in which a step does not hold any more, and the step. Only those that name the rule are run."""
    for name in sorted(scenarios, key=lambda each: (repr(scenarios[each]).count(place.rule) * -1, each)):
        if place.rule not in repr(scenarios[name]):
            continue
        with off(place):
            step = await _parts(scenarios[name], on)
        if step:
            return f"{name} {step}"
    return None


async def _parts(scenario: Scenario, on: Path) -> str:
    """The first step that does not hold; nothing where all do."""
    clock = SetClock(int((on / "clock").read_text()))
    with tempfile.TemporaryDirectory(prefix="zhixi-ablation-") as folder:
        home = Path(shutil.copytree(on, folder, dirs_exist_ok=True))
        async with _house(home, clock) as house:
            settings = Settings(
                home=home, graph=GraphSettings(url="bolt://none"), storage=house.settings, http=HttpSettings(session_hours=24), broker=""
            )  # fmt: skip
            try:
                async with aclosing(Rehearsal(house, settings, clock, scenario).lines()) as lines:
                    async for line in lines:
                        if not line.held:
                            return f"{line.n}"
            except Exception as error:  # noqa: BLE001  (a refusal that is not made may break what comes after it in any way)
                return f"broke down: {error!r}"[:200]
    return ""


def unnoticed(findings: Sequence[Finding]) -> list[str]:
    """Rules that are off somewhere and missed by nobody."""
    return sorted({each.place.rule for each in findings if not each.noticed})
