"""Figures for monitoring: true, readable with their token alone, and without a word of who asked what."""

from __future__ import annotations

import re

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.settings import HttpSettings, read
from graph.errors import BadField, Unavailable
from storage.registers.founding import SYSTEM
from storage.tables.kept import FileCheck, Task
from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.api.test_unseen import IDS, WORDS
from tests.columns import Ground

TOKEN = "monitor-4f1c9a77d0"
PATH = "/api/v1/metrics"
KNOWN = {"method", "route", "status", "le", "service", "state", "wrong"}
"""Every label there is."""


def watched(house: Wiring, ground: Ground) -> Doors:
    return Doors(house, ground, HttpSettings(session_hours=24, idle_minutes=240, metrics_token=TOKEN))


async def figures(doors: Doors) -> tuple[dict[tuple[str, ...], float], httpx.Response]:
    """Each sample by its name and the values of its labels."""
    async with doors.client({"Authorization": f"Bearer {TOKEN}"}) as monitor:
        response = await monitor.get(PATH)
    assert response.status_code == 200, response.text
    found = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            assert set(sample.labels) <= KNOWN
            found[sample.name, *sample.labels.values()] = sample.value
    return found, response


async def test_the_figures_are_those_of_the_house(binhai: Wiring, binhai_ground: Ground) -> None:
    made = binhai.now()
    await Task.insert(
        Task(id="t-1", kind="preview", subject="fl-1", state="failed", made_at=made),
        Task(id="t-2", kind="preview", subject="fl-2", made_at=made),
    )
    await FileCheck.insert(FileCheck(file="fl-1", checked_at=made, wrong="altered"))
    doors = watched(binhai, binhai_ground)
    async with doors.by("p05") as person:
        for item in ("D2", "D8"):
            await person.get("/api/v1/questions/may-know", params={"item": item})
        await person.get("/api/v1/documents/D8")

    before, _ = await figures(doors)
    await binhai.office.do(SYSTEM, "record-backup", {"backup": "b-1"})
    found, response = await figures(doors)
    head = await binhai.ledger.head()

    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert found["zhixi_ledger_seq",] == head.seq
    assert found["zhixi_replica_seq",] == head.seq
    assert found["zhixi_replica_facts",] > 100
    assert found["zhixi_graph_lag",] == 0
    assert ("zhixi_backup_timestamp_seconds",) not in before
    assert abs(found["zhixi_backup_timestamp_seconds",] * 1000 - binhai.now()) < 60_000
    assert {state: found["zhixi_tasks", state] for state in ("failed", "waiting", "sent")} == {
        "failed": 1, "waiting": await Task.count().where(Task.state == "waiting"), "sent": 0,
    }  # fmt: skip
    assert (found["zhixi_files_wrong", "altered"], found["zhixi_files_wrong", "missing"]) == (1, 0)
    assert [found["zhixi_service_up", each] for each in ("database", "graph", "vault")] == [1, 1, 1]
    asked = ("GET", "/api/v1/questions/may-know")
    assert found["zhixi_request_seconds_count", *asked, "200"] == 1
    assert found["zhixi_request_seconds_count", *asked, "404"] == 1
    assert found["zhixi_request_seconds_count", "GET", "/api/v1/documents/{document}", "404"] == 1


async def test_no_figure_tells_who_asked_what(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = watched(binhai, binhai_ground)
    async with doors.by("p05", "T210") as person:
        await person.get("/api/v1/documents/D2")
        await person.get("/api/v1/carriers/C2")
        await person.get("/people/p06")
        await person.get("/api/v1/search", params={"q": "乙号通报"})
        await person.get("/no/such/D2")
        await person.post("/api/v1/documents/D2/readings", json={"mode": "read"})
        await person.request("D2", "/api/v1/health")

    _, response = await figures(doors)
    routes = set(re.findall(r'route="([^"]*)"', response.text))

    assert [word for word in (*WORDS, "刘洋", "p05", "p06", "T210") if word in response.text] == []
    assert IDS.findall(response.text) == []
    assert "_created" not in response.text
    served = {route.path for route in doors.app.routes}
    assert {re.sub(r"\{(\w+)\}", "*", each) for each in routes} <= {
        re.sub(r"\{(\w+)(?::\w+)?\}", "*", each) for each in served
    }


@pytest.mark.parametrize("sent", [None, "wrong-token-4f1c9a", "", f"{TOKEN}x"])
async def test_without_the_token_it_is_no_route(
    binhai: Wiring, binhai_ground: Ground, sent: str | None
) -> None:
    doors = watched(binhai, binhai_ground)
    async with doors.client({} if sent is None else {"Authorization": f"Bearer {sent}"}) as stranger:
        nothing = await stranger.get("/api/v1/metricz")
        told = await stranger.get(PATH)

    assert plain(told) == plain(nothing)
    assert told.status_code == 404


async def test_where_no_token_is_set_nobody_reads_them(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p01") as leader:
        assert (await leader.get(PATH)).status_code == 404
    async with doors.client({"Authorization": "Bearer "}) as stranger:
        assert (await stranger.get(PATH)).status_code == 404


async def test_a_vault_that_is_down_shows(
    binhai: Wiring, binhai_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down() -> None:
        raise Unavailable("vault")

    doors = watched(binhai, binhai_ground)
    monkeypatch.setattr(binhai.vault, "check", down)
    async with doors.client() as client:
        assert (await client.get("/api/v1/health")).status_code == 503

    found, _ = await figures(doors)

    assert found["zhixi_service_up", "vault"] == 0


def test_a_token_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(BadField) as refused:
        read({"ZHIXI_METRICS_TOKEN": "short"})
    assert [each.field for each in refused.value.errors] == ["ZHIXI_METRICS_TOKEN"]
    assert read({"ZHIXI_METRICS_TOKEN": TOKEN}).http.metrics_token == TOKEN
