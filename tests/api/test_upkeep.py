"""What a server sees to beside answering: its graph at start, its heads, history moved aside, and whether it is well."""

from __future__ import annotations

import asyncio

import pytest

from api.upkeep import ASIDE_MS, Upkeep
from graph.errors import GraphMismatch
from storage.organisations import SetClock
from storage.tables.ledger import Anchor
from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground

HOUR_S = 3600.0


async def test_the_head_is_kept_once_at_start_and_at_stop(binhai: Wiring) -> None:
    upkeep, head = Upkeep(binhai, HOUR_S), await binhai.ledger.head()

    await upkeep.begin()
    await upkeep.end()

    kept = await Anchor.select(Anchor.seq, Anchor.hash)
    assert kept == [{"seq": head.seq, "hash": head.hash}]
    assert not (await binhai.ledger.verify()).findings


async def test_what_ended_days_ago_is_moved_aside_and_no_answer_changes(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    await binhai.office.do("p03", "keep-carrier", {"carrier": "C1", "kept_in": "B1"})
    doors, upkeep = Doors(binhai, binhai_ground), Upkeep(binhai, HOUR_S)
    async with doors.by("p05") as head:
        before = (await head.get("/api/v1/questions/audience", params={"item": "D2"})).json()["people"]
    too_early = await upkeep.sweep()
    clock.put(binhai.now() + 2 * ASIDE_MS)
    moved, again = await upkeep.sweep(), await upkeep.sweep()
    async with doors.by("p05") as head:
        after = (await head.get("/api/v1/questions/audience", params={"item": "D2"})).json()["people"]

    assert moved > too_early
    assert again == 0
    assert after == before


async def test_it_is_done_now_and_then_until_the_server_stops(
    binhai: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = asyncio.Queue[int]()

    async def count(self: Upkeep) -> int:
        await turns.put(1)
        return 1

    monkeypatch.setattr(Upkeep, "sweep", count)
    keeping = asyncio.create_task(Upkeep(binhai, 0.01).keep())

    async with asyncio.timeout(10):
        for _ in range(3):
            await turns.get()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_nothing_is_served_on_a_graph_that_is_not_this_ledgers(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await binhai.connection.transact(lambda writer: writer.run("disown_clock", {"lock": "x"}))
    binhai.projection.forget()

    with pytest.raises(GraphMismatch):
        await Upkeep(binhai, HOUR_S).begin()
    async with Doors(binhai, binhai_ground).client() as anybody:
        health = await anybody.get("/api/v1/health")

    assert health.status_code == 503
    assert health.json()["services"] == {"database": True, "graph": False, "vault": True}
