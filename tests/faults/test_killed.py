"""kill -9 of an API process while it does an act: what was committed stands and takes effect, what was not never was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground
from tests.faults.door import Door, served
from tests.faults.proxy import Proxy, between
from tests.storage.fingerprint import difference, fingerprint

PROJECTING = b"SET c.lock"
"""The first that a projection says to the graph (graph/queries/lock_clock.cypher)."""
COMMIT = b"COMMIT"
KEY = {"Idempotency-Key": "form-17"}
NARROWED = {"document": "D2", "remove": ["yewu1"]}
REPLICA, NONE = 1_000_000, 0

everywhere = pytest.mark.parametrize("replica", [REPLICA, NONE], ids=["replica", "graph"])


def with_graph(ground: Ground, replica: int, url: str | None = None) -> Ground:
    """The same ground, asked from a replica or from the graph, by way of a proxy where there is one."""
    graph = msgspec.structs.replace(
        ground.graph, replica_facts=replica, url=url or ground.graph.url, catch_up_wait_s=30
    )
    return msgspec.structs.replace(ground, graph=graph)


def with_database(ground: Ground, url: str) -> Ground:
    return msgspec.structs.replace(ground, storage=msgspec.structs.replace(ground.storage, database=url))


class Stage:
    """滨海局 with its leader and 刘洋 of section 1 signed in; doors open and close beside it."""

    def __init__(self, house: Wiring, ground: Ground, leader: str, head: str) -> None:
        self.house = house
        self.ground = ground
        self.leader = leader
        self.head = head
        self.since_ns = time.monotonic_ns()
        self.at = house.now()

    def door(self, ground: Ground, **wishes: bool) -> Any:
        return served(ground, self.at, self.since_ns, **wishes)

    async def narrow(self, door: Door) -> httpx.Response:
        async with door.by(self.leader) as leader:
            return await leader.post("/api/v1/acts/narrow-range", json=NARROWED, headers=KEY)

    async def may_know(self, door: Door) -> bool:
        """What 刘洋 is told about himself and D2."""
        async with door.by(self.head) as person:
            response = await person.get("/api/v1/questions/may-know", params={"item": "D2"})
        assert response.status_code in {200, 404}, response.text
        return response.status_code == 200 and bool(response.json()["allowed"])

    async def clock(self) -> int:
        row = await self.house.connection.read("clock", {})
        assert row is not None
        return int(row["seq"])


@pytest.fixture
async def stage(binhai: Wiring, binhai_ground: Ground) -> Stage:
    doors = Doors(binhai, binhai_ground)
    return Stage(binhai, binhai_ground, await doors.token("p01"), await doors.token("p05"))


@asynccontextmanager
async def killed_at(stage: Stage, wire: Proxy, word: bytes, ground: Ground) -> AsyncIterator[None]:
    """The leader narrows the range; the process is killed when it has said that word, and the word never arrives."""
    said = asyncio.Event()

    def hold() -> None:
        wire.stall()
        said.set()

    async with stage.door(ground) as door:
        assert await stage.may_know(door)
        wire.at(word, hold)
        doing = asyncio.create_task(stage.narrow(door))
        await asyncio.wait_for(said.wait(), 60)
        await door.kill()
        wire.cut()
        with pytest.raises(httpx.TransportError):
            await doing
    yield


@everywhere
async def test_killed_between_commit_and_projection_nothing_is_lost_and_no_yes_is_stale(
    stage: Stage, replica: int
) -> None:
    before = await stage.house.ledger.head()
    async with (
        between(stage.ground.graph.url) as wire,
        stage.door(with_graph(stage.ground, replica)) as other,
        killed_at(stage, wire, PROJECTING, with_graph(stage.ground, replica, wire.url)),
    ):
        committed, came = await stage.house.ledger.head(), await stage.clock()
        elsewhere = await stage.may_know(other)

        async with stage.door(with_graph(stage.ground, replica)) as again:
            after_restart = await stage.may_know(again)
            repeated = await stage.narrow(again)
            still = await stage.may_know(again)

    assert (committed.seq, came) == (before.seq + 1, before.seq)
    assert (elsewhere, after_restart, still) == (False, False, False)
    assert (repeated.status_code, repeated.json()["repeated"]) == (200, True)
    assert await stage.clock() == committed.seq
    assert await stage.house.ledger.head() == committed
    assert (await stage.house.ledger.verify()).findings == ()


async def test_twin_a_process_that_does_not_wait_for_the_graph_says_a_stale_yes(stage: Stage) -> None:
    async with (
        between(stage.ground.graph.url) as wire,
        killed_at(stage, wire, PROJECTING, with_graph(stage.ground, NONE, wire.url)),
        stage.door(with_graph(stage.ground, NONE), hasty=True) as hasty,
    ):
        stale = await stage.may_know(hasty)

    assert stale


@pytest.mark.only_services
@everywhere
async def test_killed_before_the_commit_nothing_was_entered_and_others_go_on(
    stage: Stage, replica: int
) -> None:
    before = await fingerprint(stage.house)
    async with (
        between(stage.ground.storage.database) as wire,
        killed_at(stage, wire, COMMIT, with_database(with_graph(stage.ground, replica), wire.url)),
        stage.door(with_graph(stage.ground, replica)) as again,
    ):
        still = await stage.may_know(again)
        written = difference(before, await fingerprint(stage.house))
        done = await stage.narrow(again)

    assert still
    assert written.keys() <= {"session"}
    assert (done.status_code, done.json()["repeated"]) == (201, False)
