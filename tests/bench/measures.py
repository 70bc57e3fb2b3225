"""What is measured: the calls of each question, the reading, the upload and the act, with the goals of the design."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.bench import scan
from tests.bench.client import Call, Shot, Stream, path
from tests.bench.fill import KEEPER, LEADER, OFFICER, PASSWORD, READERS, SCAN, TERMINAL_KEY, login
from tests.bench.organisation import (
    BLOCKED,
    DOCUMENTS,
    KEPT,
    OPEN_TO_ALL,
    OPEN_TO_DIVISION,
    READER,
    Synthetic,
)

ROUTE = "/api/v1/questions"
PAIRS = 512
LARGEST_PAGE = 5000
DRAWN_S = 60.0
PAGE_ROUTE = re.compile(r"^/api/v1/readings/\{[^}]+\}/pages/\{[^}]+\}$")


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """`most` and `warm` bound what is sent, measured and before that; `goal_ms` is what the design wants the median to stay under with one client. `beside` runs at the same time."""

    name: str
    calls: tuple[Call, ...]
    clients: tuple[int, ...] = (1, 8)
    most: int = 100_000
    warm: int = 100_000
    goal_ms: float | None = None
    goal_a_second: float | None = None
    beside: Stream | None = None


class Left(msgspec.Struct, frozen=True):
    """Something that could not be measured, and why."""

    name: str
    why: str


class WrongAnswer(Exception):
    """The server answers, but not what the synthetic organisation makes true."""


class Seats:
    """Signed-in sessions of those who ask, and a client to prepare with."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._headers: dict[str, dict[str, str]] = {}

    async def sign_in(self) -> None:
        for person in (OFFICER, KEEPER, *READERS):
            terminal = {"X-Zhixi-Terminal": TERMINAL_KEY} if person == READER else {}
            answer = await self.client.post(
                "/api/v1/session", json={"login": login(person), "password": PASSWORD}, headers=terminal
            )
            answer.raise_for_status()
            self._headers[person] = {"Authorization": f"Bearer {answer.json()['token']}"}

    def headers(self, person: str) -> dict[str, str]:
        return self._headers[person]

    def shot(self, person: str, where: str, **more: Any) -> Shot:
        return Shot(path=where, headers={**self._headers[person], **more.pop("headers", {})}, **more)

    async def get(self, person: str, where: str) -> Any:
        answer = await self.client.get(where, headers=self._headers[person])
        if answer.status_code != 200:
            raise WrongAnswer(f"{where}: {answer.status_code} {answer.text[:300]}")
        return answer.json()


async def check(seats: Seats, organisation: Synthetic) -> float:
    """The answers are right before anybody asks how fast they come; seconds of the very first. Raises WrongAnswer."""
    began = time.perf_counter()
    self_ = await seats.get(READER, path(f"{ROUTE}/may-know", item=organisation.document(2)))
    first = time.perf_counter() - began
    blocked = await seats.get(
        OFFICER, path(f"{ROUTE}/why-not", item=organisation.document(2), person=BLOCKED)
    )
    audience = await seats.get(OFFICER, path(f"{ROUTE}/audience", item=OPEN_TO_DIVISION))
    reach = await seats.get(READER, path(f"{ROUTE}/reach"))
    seen = (self_["allowed"], blocked["rules"], audience["total"], reach["total"])
    wanted = (True, ["S01-3c", "S02-4.5"], organisation.division - 1, organisation.reached + 1)
    if seen != wanted:
        raise WrongAnswer(f"may-know, why-not, audience, reach: {seen}, and {wanted} is true")
    return first


async def measures(
    seats: Seats, organisation: Synthetic, home: Path, *, large_audience: bool
) -> tuple[list[Measure], list[Left]]:
    """Everything this server can be asked, cheapest first, what writes last."""
    found = [*_questions(seats, organisation, large_audience=large_audience)]
    left: list[Left] = []
    for each in (await _search(seats), await _page(seats, home)):
        if isinstance(each, Measure):
            found.append(each)
        else:
            left.append(each)
    return [*found, *_writing(seats, home)], left


def echoed() -> Measure:
    """The floor beside which all others are put."""
    shot = Shot(path=path("/echo", person=READER, item=OPEN_TO_ALL))
    return Measure(name="bare Litestar echo", calls=((shot,),))


def _questions(seats: Seats, organisation: Synthetic, *, large_audience: bool) -> Iterator[Measure]:
    own = _own(seats, organisation)
    yield Measure(name="may-know, self", calls=own, goal_ms=2, goal_a_second=1000)
    yield Measure(
        name="may-know, officer about another",
        calls=_about_others(seats, organisation),
        goal_ms=2,
        goal_a_second=1000,
    )
    yield Measure(
        name="may-know, self, three weeks ago",
        calls=_own(seats, organisation, at=organisation.past),
        goal_ms=2,
    )
    yield Measure(name="why-not, officer about a blocked one", calls=_why_not(seats, organisation), goal_ms=2)
    yield from reaching(seats, organisation)
    yield from _audiences(seats, organisation, OPEN_TO_DIVISION, organisation.division)
    exposed = seats.shot(OFFICER, path(f"{ROUTE}/exposure", carrier=KEPT))
    yield Measure(
        name=f"exposure of a carrier in a building of {organisation.building:,}",
        calls=((exposed,),),
        most=100,
        clients=(1,),
    )
    yield Measure(
        name="what-if of ten acts", calls=((_what_if(seats, organisation),),), most=100, clients=(1,)
    )
    largest, among = OPEN_TO_DIVISION, organisation.division
    if large_audience and organisation.people > organisation.division:
        largest, among = OPEN_TO_ALL, organisation.people
        yield from _audiences(seats, organisation, largest, among)
    beside = (seats.shot(OFFICER, path(f"{ROUTE}/audience", item=largest)),)
    yield Measure(
        name=f"may-know while an audience of {among:,} runs",
        calls=own,
        clients=(1,),
        beside=Stream(calls=(beside,), connections=1),
    )


def reaching(seats: Seats, organisation: Synthetic) -> Iterator[Measure]:
    """The first page and the exact count, and the last page by its cursor."""
    among = organisation.reached
    few = among > DOCUMENTS
    yield Measure(
        name=f"reach, first page and count of {among:,}",
        calls=_reach(seats),
        goal_ms=None if few else 10,
        clients=(1,) if few else (1, 8),
        most=20 if few else 100_000,
        warm=2 if few else 100_000,
    )
    if few:
        last = seats.shot(READER, path(f"{ROUTE}/reach", cursor=f"b-doc{among - 50}"))
        yield Measure(name=f"reach, last page of {among:,}", calls=((last,),), clients=(1,), most=20, warm=2)
        yield Measure(name="may-know, self", calls=_own(seats, organisation), goal_ms=2, goal_a_second=1000)


def _what_if(seats: Seats, organisation: Synthetic) -> Shot:
    """Ten documents narrowed to the Leader alone: the first department would lose sight of each."""
    acts = [
        {
            "do": "set-range", "as": LEADER,
            "with": {"document": organisation.document(n), "members": [organisation.person(2)]},
        }
        for n in range(2, 12)
    ]  # fmt: skip
    return Shot(
        path=f"{ROUTE}/what-if",
        method="POST",
        headers={**seats.headers(OFFICER), "Content-Type": "application/json"},
        body=msgspec.json.encode({"acts": acts}).decode(),
    )


def _own(seats: Seats, organisation: Synthetic, **when: str) -> tuple[Call, ...]:
    """Members of the first department about the documents open to it."""
    chance = random.Random(1)  # noqa: S311
    return tuple(
        (
            seats.shot(
                chance.choice(READERS),
                path(f"{ROUTE}/may-know", item=organisation.document(chance.randrange(2, organisation.reached)), **when),
            ),
        )
        for _ in range(PAIRS)
    )  # fmt: skip


def _about_others(seats: Seats, organisation: Synthetic) -> tuple[Call, ...]:
    """Anybody about any document: mostly a no."""
    chance = random.Random(2)  # noqa: S311
    return tuple(
        (
            seats.shot(
                OFFICER,
                path(
                    f"{ROUTE}/may-know",
                    item=organisation.document(chance.randrange(organisation.reached)),
                    person=organisation.person(chance.randrange(organisation.people)),
                ),
            ),
        )
        for _ in range(PAIRS)
    )


def _why_not(seats: Seats, organisation: Synthetic) -> tuple[Call, ...]:
    return tuple(
        (
            seats.shot(
                OFFICER, path(f"{ROUTE}/why-not", item=organisation.document(n), person=BLOCKED)
            ),
        )
        for n in range(organisation.reached)
    )  # fmt: skip


def _reach(seats: Seats) -> tuple[Call, ...]:
    return tuple((seats.shot(person, path(f"{ROUTE}/reach")),) for person in READERS)


def _audiences(seats: Seats, organisation: Synthetic, item: str, among: int) -> Iterator[Measure]:
    for what, limit in (("first page", "100"), ("all of it", str(min(among, LARGEST_PAGE)))):
        goal = 50.0 if among <= organisation.division and what == "first page" else None
        shot = seats.shot(OFFICER, path(f"{ROUTE}/audience", item=item, limit=limit))
        yield Measure(
            name=f"audience of {among:,}, {what}",
            calls=((shot,),),
            most=200,
            goal_ms=goal,
            clients=(1, 8) if among <= organisation.division else (1,),
        )


async def _search(seats: Seats) -> Measure | Left:
    """At the JSON door if there is one, else the page."""
    for where in ("/api/v1/search", "/search"):
        shot = seats.shot(READER, path(where, q="通报"))
        answer = await seats.client.get(shot.path, headers=shot.headers)
        if answer.status_code == 200:
            return Measure(name=f"search, 400 found ({where})", calls=((shot,),), most=400)
    return Left("search", f"neither /api/v1/search nor /search answers: {answer.status_code}")


async def _page(seats: Seats, home: Path) -> Measure | Left:
    """A page under one reading of an accepted scan, once the server's workers have drawn it."""
    name = "page of a reading"
    routes = (await seats.get(READER, "/api/v1/schema/openapi.json"))["paths"]
    if not any(PAGE_ROUTE.match(each) for each in routes):
        return Left(name, "the API has no pages under /api/v1/readings")
    file = await scan.accepted(seats.client, scan.picture(home, scan.SMALL), seats.headers(KEEPER))
    opened = await seats.client.post(
        f"/api/v1/documents/{SCAN}/readings", json={"file": file}, headers=seats.headers(READER)
    )
    if opened.status_code != 201:
        return Left(name, f"the reading was refused: {opened.status_code} {opened.text[:200]}")
    shot = seats.shot(READER, f"/api/v1/readings/{opened.json()['reading']}/pages/1")
    give_up = time.monotonic() + DRAWN_S
    while True:
        seen = await seats.client.get(shot.path, headers=shot.headers)
        if seen.status_code == 200:
            return Measure(name=name, calls=((shot,),), most=400)
        if time.monotonic() > give_up:
            return Left(name, f"page 1 is not served: {seen.status_code} {seen.text[:200]}")
        await asyncio.sleep(0.5)


def _writing(seats: Seats, home: Path) -> Iterator[Measure]:
    opening = Shot(
        path=f"/api/v1/documents/{SCAN}/readings",
        method="POST",
        headers={**seats.headers(READER), "Content-Type": "application/json"},
        body="{}",
        expect=201,
    )
    yield Measure(name="open a reading (judged, recorded)", calls=((opening,),), most=2000)
    training = Shot(
        path="/api/v1/acts/record-training",
        method="POST",
        headers={**seats.headers(OFFICER), "Content-Type": "application/json"},
        body=msgspec.json.encode(
            {"people": [READER], "course": "periodic", "topic": "年度保密教育"}
        ).decode(),
        expect=201,
    )
    yield Measure(name="one act (record-training)", calls=((training,),), most=2000)
    file = scan.picture(home, scan.LARGE)
    yield Measure(
        name="upload of 10 MiB, entered",
        calls=(scan.upload(file, seats.headers(KEEPER)),),
        warm=2,
        most=24,
    )
