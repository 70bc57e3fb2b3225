"""Every scenario holds, on both columns, through the public API."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import rehearse
from api.settings import HttpSettings, Settings
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.columns import Ground, column

HERE = Path(__file__).parent


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml")), ids=lambda path: path.stem)
async def test_every_step_of_the_scenario_holds(
    path: Path, ground: Ground, house: Wiring, clock: SetClock
) -> None:
    scenario = rehearse.read(path)
    settings = Settings(
        home=ground.home,
        graph=ground.graph,
        storage=ground.storage,
        http=HttpSettings(session_hours=24),
        broker="",
    )

    lines = await rehearse.Rehearsal(house, settings, clock, scenario).run()

    assert (house.questions.remembered() is None) is (column() == "services")
    assert [f"{line.n} {line.what}: {line.came}" for line in lines if not line.held] == []
    assert len(lines) == len(scenario.steps)
