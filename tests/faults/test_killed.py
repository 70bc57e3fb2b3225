"""kill -9 of an API process while it does an act: what was committed stands and takes effect, what was not never was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.columns import Ground
from tests.faults.proxy import Proxy, between
from tests.faults.stage import NONE, REPLICA, Stage, with_database, with_graph
from tests.storage.fingerprint import difference, fingerprint

PROJECTING = b"SET c.lock"
"""The first that a projection says to the graph (graph/queries/lock_clock.cypher)."""
COMMIT = b"COMMIT"

everywhere = pytest.mark.parametrize("replica", [REPLICA, NONE], ids=["replica", "graph"])


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
