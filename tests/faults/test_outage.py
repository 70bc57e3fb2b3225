"""Services cut off in turn: the answer names which, nothing was written by halves, and work goes on when they are back."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from tests import columns
from tests.api.uploads import approved
from tests.columns import Ground
from tests.faults.door import Door
from tests.faults.proxy import between
from tests.faults.stage import KEY, NARROWED, NONE, REPLICA, Stage, scan_of_d2, with_database, with_graph
from tests.faults.test_killed import PROJECTING
from tests.storage.fingerprint import difference, fingerprint

EMBEDDED = columns.column() == "embedded"
TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "1000",
    "Upload-Metadata": f"carrier {base64.b64encode(b'C2').decode()},filename {base64.b64encode(b'a.pdf').decode()}",
}


class Wire(NamedTuple):
    """A ground whose one service can be cut off."""

    ground: Ground
    cut: Callable[[], None]
    heal: Callable[[], None]


@asynccontextmanager
async def wired(stage: Stage, service: str) -> AsyncIterator[Wire]:
    ground = with_graph(stage.ground, NONE if service == "graph" else REPLICA)
    if EMBEDDED and service == "vault":
        here = Path(urlsplit(ground.storage.vault).path)
        away = here.with_name("away")
        yield Wire(ground, lambda: _moved(here, away), lambda: _moved(away, here))
        return
    if EMBEDDED and service == "database":
        lock = sqlite3.connect(urlsplit(ground.storage.database).path, isolation_level=None)
        yield Wire(ground, lambda: _said(lock, "BEGIN IMMEDIATE"), lambda: _said(lock, "ROLLBACK"))
        lock.close()
        return
    url = {
        "graph": ground.graph.url, "database": ground.storage.database, "vault": ground.storage.vault,
    }[service]  # fmt: skip
    async with between(url) as proxy:
        ground = {
            "graph": lambda: with_graph(ground, NONE, proxy.url),
            "database": lambda: with_database(ground, proxy.url),
            "vault": lambda: msgspec.structs.replace(
                ground, storage=msgspec.structs.replace(ground.storage, vault=proxy.url)
            ),
        }[service]()
        yield Wire(ground, proxy.cut, proxy.heal)


def _moved(here: Path, there: Path) -> None:
    here.rename(there)


def _said(lock: sqlite3.Connection, statement: str) -> None:
    lock.execute(statement)


class Visit:
    """What is asked of a door, by name: each gives the answer."""

    def __init__(self, stage: Stage, door: Door, download: str) -> None:
        self._stage = stage
        self._door = door
        self._download = download
        self.every: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
            "question": lambda: self._get("p05", "/api/v1/questions/may-know?item=D2"),
            "search": lambda: self._get("p05", "/api/v1/search?q=乙号"),
            "document": lambda: self._get("p05", "/api/v1/documents/D2"),
            "content": lambda: self._get("p05", f"/api/v1/readings/{download}/content"),
            "upload": lambda: self._post("p04", "/api/v1/uploads", headers=TUS),
            "act": lambda: self._post("p01", "/api/v1/acts/narrow-range", headers=KEY, json=NARROWED),
        }

    async def _get(self, person: str, path: str) -> httpx.Response:
        async with self._stage.by(self._door, person) as client:
            return await client.get(path)

    async def _post(self, person: str, path: str, **sent: object) -> httpx.Response:
        async with self._stage.by(self._door, person) as client:
            return await client.post(path, **sent)  # type: ignore[arg-type]

    async def told(self, *names: str) -> dict[str, tuple[int, str]]:
        """The status of each, and the service that it names."""
        answers = await asyncio.gather(*(self.every[name]() for name in names))
        return {name: (each.status_code, _service(each)) for name, each in zip(names, answers, strict=True)}


def _service(response: httpx.Response) -> str:
    if response.status_code < 400:
        return ""
    return str(response.json().get("service", ""))


@pytest.fixture
async def download(stage: Stage) -> str:
    """A reading of 刘洋's under which he may download; and 李娜 may scan once more."""
    file = await scan_of_d2(stage.house, stage.doors)
    await approved(stage.house)
    async with stage.doors.client({"Authorization": f"Bearer {stage.sessions['p05']}"}) as reader:
        opened = await reader.post("/api/v1/documents/D2/readings", json={"file": file, "mode": "download"})
    assert opened.status_code == 201, opened.text
    return str(opened.json()["reading"])


NEEDED = {
    "graph": ("question", "search", "document", "content", "upload", "act"),
    "vault": ("content", "upload"),
    # SQLite cannot be cut off: somebody else keeps it locked, and readers go on
    "database": ("act",) if EMBEDDED else ("question", "search", "document", "content", "upload", "act"),
}
READ = ("question", "search", "document", "content")


@pytest.mark.parametrize("service", NEEDED)
async def test_a_service_cut_off_is_named_nothing_is_written_and_work_goes_on_when_it_is_back(
    stage: Stage, download: str, service: str
) -> None:
    needed = NEEDED[service]
    async with wired(stage, service) as wire, stage.door(wire.ground) as door:
        visit = Visit(stage, door, download)
        well = await visit.told(*READ)
        before = await fingerprint(stage.house)

        wire.cut()
        told = await visit.told(*needed)
        others = await visit.told(*(name for name in READ if name not in needed and service == "vault"))
        wire.heal()
        written = difference(before, await fingerprint(stage.house))
        again = await visit.told(*READ, "upload", "act")

    assert well == dict.fromkeys(READ, (200, ""))
    assert told == dict.fromkeys(needed, (503, service))
    assert set(others.values()) <= {(200, "")}
    assert written == {}
    assert {name: each[0] for name, each in again.items()} == {
        **dict.fromkeys(READ, 200), "upload": 201, "act": 201,
    }  # fmt: skip


@pytest.mark.parametrize("service", ["graph"] if EMBEDDED else ["graph", "database", "vault"])
async def test_a_service_that_was_restarted_between_two_requests_is_not_noticed(
    stage: Stage, download: str, service: str
) -> None:
    async with wired(stage, service) as wire, stage.door(wire.ground) as door:
        visit = Visit(stage, door, download)
        await visit.told(*READ)

        wire.cut()
        wire.heal()
        again = await visit.told(*READ)

    assert again == dict.fromkeys(READ, (200, ""))


async def test_answers_come_from_the_replica_while_the_graph_is_away_and_acts_wait(
    stage: Stage, download: str
) -> None:
    """The replica follows the ledger itself; what is to be acknowledged needs the graph."""
    async with (
        between(stage.ground.graph.url) as wire,
        stage.door(with_graph(stage.ground, REPLICA, wire.url)) as door,
    ):
        visit = Visit(stage, door, download)
        await visit.told(*READ)
        wire.cut()
        answered = await visit.told(*READ)
        acted = await visit.told("act")

    assert answered == dict.fromkeys(READ, (200, ""))
    assert acted == {"act": (503, "graph")}


async def test_what_is_committed_and_not_projected_says_so_and_its_key_gives_the_outcome(
    stage: Stage,
) -> None:
    before = await stage.house.ledger.head()
    async with (
        between(stage.ground.graph.url) as wire,
        stage.door(with_graph(stage.ground, NONE, wire.url)) as door,
        stage.door(with_graph(stage.ground, NONE)) as other,
    ):
        assert await stage.may_know(door)
        wire.at(PROJECTING, wire.cut)
        recorded = await stage.narrow(door)
        down = await stage.narrow(door)
        committed = await stage.house.ledger.head()
        elsewhere = await stage.may_know(other)
        wire.heal()
        outcome = await stage.narrow(door)

    problem = recorded.json()
    assert (recorded.status_code, problem["type"]) == (503, "/problems/recorded-not-yet-effective")
    assert (problem["service"], committed.seq) == ("graph", before.seq + 1)
    assert down.status_code == 503
    assert not elsewhere
    assert (outcome.status_code, outcome.json()["repeated"]) == (200, True)
    assert outcome.json()["ref"] == problem["entry"]
    assert await stage.house.ledger.head() == committed


async def test_without_a_place_for_its_anchor_an_entry_is_recorded_and_says_what_is_missing(
    stage: Stage,
) -> None:
    folder = stage.ground.storage.anchors
    away = folder.with_name("anchors-away")
    async with stage.door(with_graph(stage.ground, REPLICA)) as door:
        folder.rename(away)
        folder.write_text("a disk that is not mounted")
        recorded = await stage.narrow(door)
        committed = await stage.house.ledger.head()
        folder.unlink()
        away.rename(folder)
        outcome = await stage.narrow(door)

    problem = recorded.json()
    assert (recorded.status_code, problem["type"]) == (503, "/problems/recorded-not-yet-effective")
    assert problem["service"] == "anchors"
    assert (outcome.status_code, outcome.json()["ref"]) == (200, problem["entry"])
    assert committed.seq in {line.seq for line in stage.house.ledger.anchored()[0]}
    assert await stage.clock() == committed.seq
