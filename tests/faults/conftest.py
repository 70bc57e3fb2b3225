"""The stage of what happens when processes die and services go away."""

from __future__ import annotations

import pytest

from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground
from tests.faults.stage import Stage


@pytest.fixture
async def stage(binhai: Wiring, binhai_ground: Ground) -> Stage:
    doors = Doors(binhai, binhai_ground)
    sessions = {person: await doors.token(person) for person in ("p01", "p02", "p03", "p04")}
    return Stage(binhai, binhai_ground, doors, {**sessions, "p05": await doors.token("p05", "T210")})
