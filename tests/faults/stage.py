"""滨海局 with people signed in, its wires, and API processes beside it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import httpx
import msgspec

from storage.wiring import Wiring
from tests import files
from tests.api.doors import Doors
from tests.api.uploads import accepted, approved
from tests.columns import Ground
from tests.faults.door import Door, served

KEY = {"Idempotency-Key": "form-17"}
NARROWED = {"document": "D2", "remove": ["yewu1"]}
REPLICA, NONE = 1_000_000, 0
"""Versions of facts a process keeps; with none it asks the graph every time."""


def with_graph(ground: Ground, replica: int, url: str | None = None) -> Ground:
    """The same ground, asked from a replica or from the graph, by way of a proxy where there is one."""
    graph = msgspec.structs.replace(
        ground.graph, replica_facts=replica, url=url or ground.graph.url, catch_up_wait_s=30
    )
    return msgspec.structs.replace(ground, graph=graph)


def with_database(ground: Ground, url: str) -> Ground:
    return msgspec.structs.replace(ground, storage=msgspec.structs.replace(ground.storage, database=url))


class Stage:
    """滨海局 with people signed in; 刘洋 (p05) sits at the terminal of his office. Doors open and close beside it."""

    def __init__(self, house: Wiring, ground: Ground, doors: Doors, sessions: Mapping[str, str]) -> None:
        self.house = house
        self.ground = ground
        self.doors = doors
        self.sessions = sessions
        self.since_ns = time.monotonic_ns()
        self.at = house.now()

    def door(self, ground: Ground, **wishes: bool) -> AbstractAsyncContextManager[Door]:
        return served(ground, self.at, self.since_ns, **wishes)

    def by(self, door: Door, person: str) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return door.by(self.sessions[person])

    async def narrow(self, door: Door) -> httpx.Response:
        async with self.by(door, "p01") as leader:
            return await leader.post("/api/v1/acts/narrow-range", json=NARROWED, headers=KEY)

    async def may_know(self, door: Door) -> bool:
        """What 刘洋 is told about himself and D2."""
        async with self.by(door, "p05") as person:
            response = await person.get("/api/v1/questions/may-know", params={"item": "D2"})
        assert response.status_code in {200, 404}, response.text
        return response.status_code == 200 and bool(response.json()["allowed"])

    async def clock(self) -> int:
        """How far the graph has come."""
        row = await self.house.connection.read("clock", {})
        assert row is not None
        return int(row["seq"])


async def scan_of_d2(house: Wiring, doors: Doors, *, downloader: str = "p05") -> str:
    """A scan of D2, accepted, its first page drawn, and somebody (刘洋) allowed to download it; the file's id."""
    await approved(house)
    async with doors.by("p04") as archivist:
        file, carrier = await accepted(archivist, files.scanned_pdf(pages=1))
    await approved(house, carrier=carrier, person=downloader, mode="download")
    await house.files.write_derived(file, "p1", files.picture())
    return file
