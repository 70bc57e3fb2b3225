"""A revoker and an asker in two API processes: once a revocation was acknowledged, no door of the other says yes.

Each trial is a revocation of its own: a right that stands is taken, the act is acknowledged, and only then doors that it
shuts are asked in the other process. Ranges, roles and entry lists are taken side by side, so that the ledger goes on
while the doors answer. The twin takes out of the asker's process what makes it look for the ledger's head, and every door
says a stale yes.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import httpx
import pytest

from api.auth import COOKIE
from storage.wiring import Wiring
from tests.api.browser import browser
from tests.api.doors import Doors
from tests.columns import Ground, column
from tests.faults import revocations
from tests.faults.door import Door, served
from tests.faults.revocations import Act, Giving, Right, Way, custodian, listed, ranged
from tests.faults.stage import NONE, REPLICA, scan_of_d2, with_graph

READERS = ("r1", "r2", "r3", "r4", "r5", "r6")
HOLDER = "p05"
CUSTODIANS = ("p23", "p24")
LISTED = "p06"
MANY = int(os.environ.get("ZHIXI_TRIALS", "2000" if column() == "embedded" else "1000"))
TRIALS = {"replica": MANY, "graph": MANY // 10}
"""Revocations by where the askers' facts come from. An act costs twice as much on the real services."""
TAKEN_OVER = {"occurred_at": "2026-01-01", "late": "启用时接管"}
pytestmark = pytest.mark.timeout(900)
BRIEF = httpx.Limits(keepalive_expiry=2)
"""A connection left alone is closed here before the server closes it under a request."""
DOORS_SHARE = 20
"""Every door is asked in at least one of that many trials."""


class Lane(NamedTuple):
    """Rights given and taken one after the other. Of a hundred revocations `share` are this lane's; after each, `doors` are asked."""

    givings: tuple[Giving, ...]
    share: int
    doors: int


class Scene(NamedTuple):
    """Sessions by who asks, what is given and taken, and where the running clocks begin."""

    house: Wiring
    ground: Ground
    headers: Mapping[str, Mapping[str, str]]
    lanes: tuple[Lane, ...]
    since_ns: int

    @property
    def rights(self) -> tuple[Right, ...]:
        return tuple(right for lane in self.lanes for giving in lane.givings for right in giving.rights)

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(way for right in self.rights for way in right.ways)

    @property
    def doors(self) -> tuple[Way, ...]:
        """Each door once."""
        return tuple({way.name: way for way in self.ways}.values())


@pytest.fixture
async def scene(binhai: Wiring, binhai_ground: Ground) -> Scene:
    doors = Doors(binhai, binhai_ground)
    await cleared(binhai, READERS)
    file = await scan_of_d2(binhai, doors, downloader=HOLDER)
    await given(binhai)
    headers = {who: bearer(await doors.token(who)) for who in ("p01", "p02", *CUSTODIANS)}
    headers |= {who: bearer(await doors.token(who, "T210")) for who in (*READERS, HOLDER)}
    for who in ("p02", *CUSTODIANS, *READERS):
        async with browser(doors, who) as seated:
            headers[f"{who} page"] = {"Cookie": f"{COOKIE}={seated.client.cookies[COOKIE]}"}
    readings = {who: await opened(doors, headers[who], file, "read") for who in READERS}
    download = await opened(doors, headers[HOLDER], file, "download")
    rights = {who: revocations.of_a_reader(who, readings[who], file) for who in READERS}
    rights[HOLDER] = revocations.of_a_holder(HOLDER, download)
    lanes = (
        Lane((ranged(rights),), share=63, doors=2),
        Lane(tuple(custodian(who) for who in CUSTODIANS), share=26, doors=3),
        Lane((listed(LISTED),), share=11, doors=2),
    )
    return Scene(binhai, binhai_ground, headers, lanes, time.monotonic_ns())


async def cleared(house: Wiring, people: Iterable[str]) -> None:
    """More people of the first section who may know 机密, as 滨海局 made its own."""
    heads = {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}
    paper = {"version": "2026版", "countersigned_by": "p20"}
    for n, person in enumerate(people, 2001):
        for actor, act, params in (
            ("p20", "add-person", {"id": person, "name": f"阅者{person}", "staff_number": str(n), "department": "kefu"}),
            ("p01", "record-vetting", {"person": person, "conclusion": "passed", "record": "审查表", "heads": heads,
                                       "attested": {"conduct": True, "relations": True}}),
            ("p01", "record-clearance", {"person": person, "level": "secret", "basis": "审批表", "dated": "2025-06-30", **TAKEN_OVER}),
            ("p02", "record-undertaking", {"person": person, "undertaking": "entry", "scan": "责任书", **paper}),
            ("p02", "record-undertaking", {"person": person, "undertaking": "in_post", "scan": "责任书", **paper}),
            ("p02", "record-training", {"people": [person], "course": "induction", "topic": "上岗前保密教育"}),
        ):  # fmt: skip
            await house.office.do(actor, act, params)


async def given(house: Wiring) -> None:
    """Everything that will be taken; 韩雪 (p23) keeps the books already."""
    await house.office.do(*ranged(dict.fromkeys((*READERS, HOLDER), ())).give)
    for giving in (custodian("p24"), listed(LISTED)):
        await house.office.do(*giving.give)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def opened(doors: Doors, headers: Mapping[str, str], file: str, mode: str) -> str:
    """A reading of D2's scan; its reference."""
    async with doors.client(headers) as reader:
        answer = await reader.post("/api/v1/documents/D2/readings", json={"file": file, "mode": mode})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reading"])


class Parties:
    """The revoker's process and the asker's, and those who speak to them."""

    def __init__(
        self, revokers: Mapping[str, httpx.AsyncClient], askers: Mapping[str, httpx.AsyncClient]
    ) -> None:
        self._revokers = revokers
        self._askers = askers

    async def acknowledged(self, act: Act) -> None:
        response = await self._revokers[act[0]].post(f"/api/v1/acts/{act[1]}", json=act[2])
        assert response.status_code == 201, response.text

    async def who_say_yes(self, asked: Iterable[Way]) -> set[str]:
        """All asked at once in the other process."""
        asked = tuple(asked)
        answers = await asyncio.gather(*(self._answer(way) for way in asked))
        return {way.name for way, answer in zip(asked, answers, strict=True) if way.yes(answer)}

    async def _answer(self, way: Way) -> httpx.Response:
        asker = self._askers[way.asker]
        return await (asker.get(way.path) if way.body is None else asker.post(way.path, json=way.body))


@asynccontextmanager
async def parties(
    scene: Scene, facts: str = "replica", *, behind_ms: int = 0, **wishes: bool
) -> AsyncIterator[Parties]:
    """`behind_ms`: how far the asker's clock is behind the revoker's."""
    at = scene.house.now()
    ground = with_graph(scene.ground, REPLICA if facts == "replica" else NONE)
    async with (
        served(ground, at, scene.since_ns) as revoking,
        served(ground, at - behind_ms, scene.since_ns, **wishes) as asking,
        AsyncExitStack() as stack,
    ):

        async def client(door: Door, who: str) -> httpx.AsyncClient:
            opened = httpx.AsyncClient(
                base_url=door.url, headers=scene.headers[who], timeout=120, trust_env=False, limits=BRIEF
            )
            return await stack.enter_async_context(opened)

        askers = {who: await client(asking, who) for who in scene.headers}
        yield Parties({who: await client(revoking, who) for who in ("p01", "p02")}, askers)


class Tally(NamedTuple):
    """What the trials came to: revocations, doors asked after one, and those that still said yes."""

    revoked: Counter[str]
    asked: Counter[str]
    stale: Counter[str]


async def tried(both: Parties, lane: Lane, revocations: int, tally: Tally) -> None:
    """That many rights of a lane taken, each asked for at the doors whose turn it is, then given again."""
    turn = 0
    while revocations > 0:
        for giving in lane.givings:
            for right in giving.rights:
                doors = [right.ways[n % len(right.ways)] for n in range(turn, turn + lane.doors)]
                turn += lane.doors if len(right.ways) > 1 else 0
                await both.acknowledged(right.take)
                tally.stale.update(await both.who_say_yes(doors))
                tally.asked.update(names(doors))
                tally.revoked[right.take[1]] += 1
            revocations -= len(giving.rights)
            await both.acknowledged(giving.give)
            assert await both.who_say_yes(doors[:1]) == names(doors[:1])


def names(ways: Iterable[Way]) -> set[str]:
    return {way.name for way in ways}


@pytest.mark.parametrize("facts", TRIALS)
async def test_no_door_of_another_process_says_yes_after_an_acknowledged_revocation(
    scene: Scene, facts: str
) -> None:
    tally = Tally(Counter(), Counter(), Counter())
    async with parties(scene, facts) as both:
        assert await both.who_say_yes(scene.ways) == names(scene.ways)

        await asyncio.gather(
            *(tried(both, lane, TRIALS[facts] * lane.share // 100, tally) for lane in scene.lanes)
        )

    assert tally.revoked.total() >= TRIALS[facts]
    assert tally.stale == {}
    assert min(tally.asked[name] for name in names(scene.ways)) >= TRIALS[facts] // DOORS_SHARE


@pytest.mark.parametrize("facts", TRIALS)
async def test_twin_a_process_that_does_not_look_for_the_head_says_yes_at_every_door(
    scene: Scene, facts: str
) -> None:
    asked = [way for way in scene.doors if not way.enters]
    async with parties(scene, facts, forgetful=True) as both:
        await both.who_say_yes(asked)
        for right in scene.rights:
            await both.acknowledged(right.take)

        stale = await both.who_say_yes(asked)

    assert stale == names(asked)


async def test_no_door_says_yes_where_the_askers_clock_is_behind_the_revokers(scene: Scene) -> None:
    async with parties(scene, behind_ms=5_000) as both:
        before = await both.who_say_yes(scene.doors)
        for right in scene.rights:
            await both.acknowledged(right.take)

        stale = await both.who_say_yes(scene.doors)

    assert before == names(scene.ways)
    assert stale == set()
