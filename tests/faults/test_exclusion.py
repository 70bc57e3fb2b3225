"""Acts that exclude each other, begun at once in two processes: exactly one is entered. The twin judges before it locks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import msgspec

from storage.tables.ledger import Entry
from storage.wiring import Wiring
from tests.columns import Ground
from tests.faults.children import Child, Orders, child
from tests.faults.roles import Command
from tests.storage.carriage import SLIP
from tests.storage.requests import SCAN


class Pair(NamedTuple):
    """Two acts that exclude each other."""

    name: str
    one: Command
    other: Command


def pair(
    name: str, actor: str, act: str, params: Mapping[str, Any], other: Mapping[str, Any] | None = None
) -> Pair:
    return Pair(
        name,
        Command(actor=actor, act=act, params=dict(params)),
        Command(actor=actor, act=act, params={**params, **(other or {})}),
    )


PAIRS = (
    pair("one serial twice", "p04", "register-carriers",
         {"document": "D9", "serials": ["001"], "kept_in": "B1", "held_by": "p03"}),
    pair("the last copy allowed", "p04", "register-copy",
         {"carrier": "C2", "serial": "复-001", "kept_in": "B1"}, {"serial": "复-002"}),
    pair("the last scan allowed", "p04", "stage-scan", {"carrier": "C2", "file": "fl-a", **SCAN}, {"file": "fl-b"}),
    pair("one number twice", "p04", "register-document",
         {"title": "甲", "level": "internal", "number": "滨海〔2026〕9号"}, {"title": "乙"}),
    pair("one carrier lent twice", "p03", "lend-carrier",
         {"carrier": "C5", "to": "p06", "due": "2026-03-06", "purpose": "核对", "signed": SLIP}, {"to": "p05"}),
)  # fmt: skip
WITH_LOCK_ONLY = (
    pair("off the range twice", "p01", "narrow-range", {"document": "D2", "remove": ["yewu1"]}),
    pair("excluded twice", "p01", "exclude", {"document": "D3", "who": "p05", "reason": "回避"}),
    pair("one department left twice", "p20", "leave-department", {"person": "p07", "department": "yewu1"}),
    pair("one department joined twice", "p20", "join", {"person": "p24", "department": "yewu1"}),
    pair("one carrier taken back twice", "p03", "return-carrier", {"carrier": "C3", "kept_in": "B1"}),
    Pair(
        "accepted and rejected",
        Command(actor="p04", act="accept-scan", params={"file": "fl-x", "serial": "电-001"}),
        Command(actor="p04", act="reject-scan", params={"file": "fl-x", "reason": "缺角"}),
    ),
)
"""Each of these supersedes a fact, which the graph refuses to do twice: without the lock it would be found, and too late."""

REFUSALS = {
    "one serial twice": "S03-2.1e",
    "the last copy allowed": "S03-4.5.4a",
    "the last scan allowed": "S03-4.5.4a",
    "one number twice": "number: number-taken",
    "one carrier lent twice": "carrier: already-lent",
    "off the range twice": "remove[0]: not-so",
    "excluded twice": "lift: already-so",
    "one department left twice": "department: not-so",
    "one department joined twice": "department: already-so",
    "accepted and rejected": "file: already-so",
    "one carrier taken back twice": "carrier: not-so",
}
"""What the later of the two is told."""


async def prepare(house: Wiring) -> None:
    do = house.office.do
    await do("p04", "register-document", {
        "id": "D9", "title": "九号通知", "level": "secret", "years": 20, "marked_from": "2026-03-01", "distribution": ["yewu1"],
        "quantity": 3,
    })  # fmt: skip
    await do("p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": "p04"})
    await do("p01", "approve-copy", {"carrier": "C3", "mode": "scan", "person": "p04"})
    await do("p04", "stage-scan", {"carrier": "C3", "file": "fl-x", **SCAN})
    await do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04"})
    await do(
        "p03",
        "lend-carrier",
        {"carrier": "C3", "to": "p04", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )


@asynccontextmanager
async def clerks(house: Wiring, ground: Ground) -> AsyncIterator[list[Child]]:
    """Two processes that do acts; their clocks stand where ours does."""
    await prepare(house)
    async with AsyncExitStack() as stack:
        orders = Orders(ground=ground, at=house.now() + 60_000)
        yield [await stack.enter_async_context(child("clerk", orders)) for _ in range(2)]


async def entered(acts: set[str]) -> int:
    found: int = await Entry.count().where(Entry.act.is_in(sorted(acts)))
    return found


async def at_once(both: Sequence[Child], each: Pair) -> list[dict[str, Any]]:
    await asyncio.gather(both[0].say(each.one), both[1].say(each.other))
    return [await clerk.hear() for clerk in both]


async def test_of_two_acts_that_exclude_each_other_exactly_one_is_entered(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    succeeded, refused, appended = {}, {}, {}
    async with clerks(binhai, binhai_ground) as both:
        for each in (*PAIRS, *WITH_LOCK_ONLY):
            acts = {each.one.act, each.other.act}
            before = await entered(acts)
            done = await at_once(both, each)
            succeeded[each.name] = sum(one["entered"] is not None for one in done)
            refused[each.name] = next((one["refused"] for one in done if one["entered"] is None), None)
            appended[each.name] = await entered(acts) - before

    every = {each.name: 1 for each in (*PAIRS, *WITH_LOCK_ONLY)}
    assert succeeded == every, refused
    assert appended == every
    assert refused == REFUSALS
    assert (await binhai.ledger.verify()).findings == ()


async def test_the_same_key_in_two_processes_at_once_makes_one_entry_and_both_get_it(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    folder = Command(actor="p04", act="add-folder", params={"title": "新卷"}, key="form-17")
    before = await entered({"add-folder"})

    async with clerks(binhai, binhai_ground) as both:
        done = await at_once(both, Pair("one key", folder, folder))

    assert done[0]["entered"] == done[1]["entered"] is not None
    assert await entered({"add-folder"}) == before + 1


async def test_twin_judged_before_the_lock_is_taken_both_are_entered(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    appended = {}
    async with clerks(binhai, binhai_ground) as both:
        for each in PAIRS:
            before = await entered({each.one.act})
            for clerk, command in zip(both, (each.one, each.other), strict=True):
                assert await clerk.ask(msgspec.structs.replace(command, early=True)) == "judged"
            for clerk in both:
                await clerk.ask("go on")
            appended[each.name] = await entered({each.one.act}) - before

    assert appended == {each.name: 2 for each in PAIRS}
