"""A revoker and an asker in two API processes: once a revocation was acknowledged, no door of the other says yes.

2,000 trials and more: each is one ask, begun after an acknowledgement, at one of the doors. The twin takes out of the asker's
process what makes it look for the ledger's head, and every door says a stale yes.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import httpx
import openpyxl
import pytest

from api.auth import COOKIE
from storage.wiring import Wiring
from tests.api.browser import browser
from tests.api.doors import Doors
from tests.columns import Ground
from tests.faults.door import Door, served
from tests.faults.stage import NONE, REPLICA, scan_of_d2, with_graph

TRIALS = {"replica": 2000, "graph": 130}
"""By where the askers' facts come from."""
ROLE_EVERY = 4
"""After how many revocations of a range one of a role comes between."""

Yes = Callable[[httpx.Response], bool]


class Way(NamedTuple):
    """One door: who asks there, for what, and when the answer shows D2 (or the book) to whom it was taken from."""

    name: str
    asker: str
    path: str
    yes: Yes


def well(response: httpx.Response) -> bool:
    """Whether there was an answer; an error of ours is neither yes nor no."""
    assert response.status_code in {200, 404}, (str(response.url), response.text[:500])
    return response.status_code == 200


def served_or_refused(response: httpx.Response) -> bool:
    """The same for who holds a copy: they know that there is a document, and are refused in words."""
    return response.status_code != 403 and well(response)


def _people(response: httpx.Response) -> list[str]:
    audience = response.json()
    audience = audience.get("audience", audience)
    return [each["person"] for each in audience["people"]]


def _listed(response: httpx.Response) -> bool:
    return well(response) and 'href="/documents/D2' in response.text


def _lines(response: httpx.Response) -> bool:
    return well(response) and len(response.text.strip().splitlines()) > 1


def _sheet(response: httpx.Response) -> bool:
    if not well(response):
        return False
    book = openpyxl.load_workbook(io.BytesIO(response.content), read_only=True)
    return len(list(book.active.iter_rows())) > 1


def ways(reading: str, download: str) -> tuple[Way, ...]:
    """Where the range of D2 opens something: to 刘洋 (p05) himself, to the officer (p02) who asks about him, to 李娜
    (p04) who downloads."""
    return (
        Way("may-know", "p05", "/api/v1/questions/may-know?item=D2", lambda r: well(r) and r.json()["allowed"]),
        Way("may-know of another", "p02", "/api/v1/questions/may-know?item=D2&person=p05",
            lambda r: well(r) and r.json()["allowed"]),
        Way("reach", "p05", "/api/v1/questions/reach?person=p05",
            lambda r: well(r) and any(each["item"] == "D2" for each in r.json()["items"])),
        Way("audience", "p02", "/api/v1/questions/audience?item=D2", lambda r: well(r) and "p05" in _people(r)),
        Way("paths", "p02", "/api/v1/questions/paths?item=D2", lambda r: well(r) and "p05" in _people(r)),
        Way("document", "p05", "/api/v1/documents/D2", well),
        Way("documents", "p05", "/api/v1/documents",
            lambda r: well(r) and any(each["id"] == "D2" for each in r.json()["documents"])),
        Way("search", "p05", "/api/v1/search?q=乙号", lambda r: well(r) and r.json()["hits"] != []),
        Way("document page", "p05 page", "/documents/D2", well),
        Way("search page", "p05 page", "/search?q=乙号", _listed),
        Way("filing page", "p05 page", "/filing", _listed),
        Way("page of a scan", "p05 terminal", f"/api/v1/readings/{reading}/pages/1", well),
        Way("content", "p04 terminal", f"/api/v1/readings/{download}/content", served_or_refused),
    )  # fmt: skip


ROLE_WAYS = (
    Way(
        "register",
        "p23",
        "/api/v1/registers/ranges?subject=D2",
        lambda r: well(r) and r.json()["lines"] != [],
    ),
    Way("register as CSV", "p23", "/api/v1/registers/ranges?subject=D2&format=csv", _lines),
    Way("register as Excel", "p23", "/api/v1/registers/ranges?subject=D2&format=xlsx", _sheet),
    Way("books", "p23", "/api/v1/registers", lambda r: well(r) and len(r.json()) > 1),
)
"""Where being a custodian opens a book to 韩雪 (p23), who has entered nothing in it herself."""

NARROW = ("p01", "narrow-range", {"document": "D2", "remove": ["yewu1", "p04"]})
WIDEN = ("p01", "set-range", {"document": "D2", "members": ["p01", "p03", "p04", "yewu1"]})
RELIEVE = ("p01", "relieve", {"person": "p23", "role": "CUSTODIAN_OF", "over": "jiyao"})
APPOINT = ("p01", "appoint", {"person": "p23", "role": "CUSTODIAN_OF", "over": "jiyao"})


class Scene(NamedTuple):
    """Sessions by who asks, the two readings that were opened, and where the running clocks begin."""

    house: Wiring
    ground: Ground
    headers: Mapping[str, Mapping[str, str]]
    ways: tuple[Way, ...]
    since_ns: int


@pytest.fixture
async def scene(binhai: Wiring, binhai_ground: Ground) -> Scene:
    doors = Doors(binhai, binhai_ground)
    file = await scan_of_d2(binhai, doors, downloader="p04")
    headers = {
        who: {"Authorization": f"Bearer {await doors.token(who)}"} for who in ("p01", "p02", "p05", "p23")
    }
    for who in ("p04", "p05"):
        headers[f"{who} terminal"] = {"Authorization": f"Bearer {await doors.token(who, 'T210')}"}
    async with browser(doors, "p05") as seated:
        headers["p05 page"] = {"Cookie": f"{COOKIE}={seated.client.cookies[COOKIE]}"}
    reading = await opened(doors, headers["p05 terminal"], file, "read")
    download = await opened(doors, headers["p04 terminal"], file, "download")
    return Scene(binhai, binhai_ground, headers, ways(reading, download), time.monotonic_ns())


async def opened(doors: Doors, headers: Mapping[str, str], file: str, mode: str) -> str:
    """A reading of D2's scan; its reference."""
    async with doors.client(headers) as reader:
        answer = await reader.post("/api/v1/documents/D2/readings", json={"file": file, "mode": mode})
    return str(answer.json()["reading"])


class Parties:
    """The revoker's process and the asker's, and those who speak to them."""

    def __init__(self, revoker: httpx.AsyncClient, askers: Mapping[str, httpx.AsyncClient]) -> None:
        self._revoker = revoker
        self._askers = askers

    async def acknowledged(self, act: tuple[str, str, Mapping[str, object]]) -> None:
        response = await self._revoker.post(f"/api/v1/acts/{act[1]}", json=act[2])
        assert response.status_code == 201, response.text

    async def who_say_yes(self, asked: Iterable[Way]) -> set[str]:
        """All asked at once in the other process."""
        asked = tuple(asked)
        answers = await asyncio.gather(*(self._askers[way.asker].get(way.path) for way in asked))
        return {way.name for way, answer in zip(asked, answers, strict=True) if way.yes(answer)}


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
                base_url=door.url, headers=scene.headers[who], timeout=120, trust_env=False
            )
            return await stack.enter_async_context(opened)

        askers = {who: await client(asking, who) for who in scene.headers}
        yield Parties(await client(revoking, "p01"), askers)


@pytest.mark.parametrize("facts", TRIALS)
async def test_no_door_of_another_process_says_yes_after_an_acknowledged_revocation(
    scene: Scene, facts: str
) -> None:
    stale, trials, rounds = Counter[str](), 0, 0
    everyone, books = {way.name for way in scene.ways}, {way.name for way in ROLE_WAYS}
    async with parties(scene, facts) as both:
        assert await both.who_say_yes(scene.ways) == everyone
        while trials < TRIALS[facts]:
            rounds += 1
            await both.acknowledged(NARROW)
            stale.update(await both.who_say_yes(scene.ways))
            trials += len(scene.ways)
            await both.acknowledged(WIDEN)
            again = scene.ways[rounds % len(scene.ways)]
            assert await both.who_say_yes([again]) == {again.name}
            if rounds % ROLE_EVERY == 0:
                await both.acknowledged(RELIEVE)
                stale.update(await both.who_say_yes(ROLE_WAYS))
                trials += len(ROLE_WAYS)
                await both.acknowledged(APPOINT)
                assert await both.who_say_yes(ROLE_WAYS) == books

    assert trials >= TRIALS[facts]
    assert stale == {}


async def test_twin_a_process_that_does_not_look_for_the_head_says_yes_at_every_door(scene: Scene) -> None:
    async with parties(scene, forgetful=True) as both:
        await both.who_say_yes((*scene.ways, *ROLE_WAYS))
        await both.acknowledged(NARROW)
        await both.acknowledged(RELIEVE)

        stale = await both.who_say_yes((*scene.ways, *ROLE_WAYS))

    assert stale == {way.name for way in (*scene.ways, *ROLE_WAYS)}


async def test_no_door_says_yes_where_the_askers_clock_is_behind_the_revokers(scene: Scene) -> None:
    async with parties(scene, behind_ms=5_000) as both:
        before = await both.who_say_yes(scene.ways)
        await both.acknowledged(NARROW)
        await both.acknowledged(RELIEVE)

        stale = await both.who_say_yes((*scene.ways, *ROLE_WAYS))

    assert before == {way.name for way in scene.ways}
    assert stale == set()
