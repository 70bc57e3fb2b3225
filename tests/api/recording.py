"""Requests of every route, made against 滨海局: recorded they are the examples of the contract."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from api.openapi import ROOT, Recorded
from storage.tables.kept import Task
from storage.wiring import Wiring
from tests.api.doors import PASSWORD, Doors
from tests.api.uploads import OFFSET, approved
from tests.files import scanned_pdf

LONGEST = 2
"""How many of a list an example shows."""
TUS = {"Tus-Resumable": "1.0.0"}
NEW = {"title": "戊号请示", "level": "secret", "years": 20, "distribution": ["binhai"]}

NARROWING = {"do": "narrow-range", "as": "p01", "with": {"document": "D2", "remove": ["p04"]}}


class Asks(msgspec.Struct, frozen=True, kw_only=True):
    route: str
    by: str = "p05"
    path: Mapping[str, str | int] = {}
    query: Mapping[str, str | int] = {}
    headers: dict[str, str] = {}
    body: Any = None


PLAIN = (
    Asks(route="GET /health"),
    Asks(route="GET /session"),
    Asks(route="POST /session/pin", body={"password": PASSWORD, "pin": "274091"}),
    Asks(route="GET /questions/may-know", query={"item": "D2", "person": "p06"}),
    Asks(route="GET /questions/why-not", query={"item": "D2", "person": "p06"}),
    Asks(route="GET /questions/audience", query={"item": "D2", "at": "2026-03-02", "limit": 2}),
    Asks(route="GET /questions/reach", query={"person": "p06"}),
    Asks(route="GET /questions/paths", by="p02", query={"item": "D2"}),
    Asks(route="GET /questions/has-known", by="p02", query={"item": "D2"}),
    Asks(route="GET /questions/can-reach", by="p02", query={"carrier": "C2", "limit": 2}),
    Asks(route="GET /questions/exposure", by="p02", query={"item": "D1", "limit": 2}),
    Asks(route="POST /questions/what-if", by="p02", body={"acts": [NARROWING]}),
    Asks(route="GET /acts"),
    Asks(route="POST /acts/{act}", by="p04", path={"act": "register-document"}, body=NEW),
    Asks(route="GET /cases", by="p02", query={"which": "all"}),
    Asks(route="GET /decisions"),
    Asks(route="GET /procedures"),
    Asks(route="GET /reports/allowances", by="p02", query={"month": "2026-03"}),
    Asks(route="GET /rules/{rule}", by="p05", path={"rule": "S01-11b"}),
    Asks(route="GET /registers", by="p04"),
    Asks(route="GET /registers/{register}", by="p04", path={"register": "incoming"}, query={"limit": 2}),
    Asks(route="GET /documents", query={"limit": 2}),
    Asks(route="GET /documents/{document}", path={"document": "D2"}),
    Asks(route="GET /carriers/{carrier}", by="p03", path={"carrier": "C2"}),
    Asks(route="GET /duties", by="p03"),
    Asks(route="GET /folders"),
    Asks(route="GET /people", query={"q": "ly"}),
    Asks(route="GET /search", query={"q": "通报"}),
    Asks(route="GET /tasks", by="p04"),
    Asks(route="POST /tasks/{task}/retry", by="p04", path={"task": "t-failed"}),
    Asks(route="GET /findings", by="p02"),
    Asks(route="GET /paper", by="p03"),
    Asks(route="GET /paper/{book}", by="p03", path={"book": "incoming"}, query={"limit": 2}),
    Asks(route="GET /key-units", by="p02"),
    Asks(route="GET /key-units/undesignated", by="p02"),
    Asks(route="GET /key-units/{unit}", by="p02", path={"unit": "R301"}),
    Asks(
        route="POST /documents/{document}/readings", by="p05", path={"document": "D2"}, body={"mode": "read"}
    ),
)


async def record(house: Wiring, doors: Doors) -> dict[str, Recorded]:
    found: dict[str, Recorded] = {}
    await Task.insert(
        Task(id="t-failed", kind="preview", subject="fl-none", state="failed", tries=5, made_at=house.now())
    )
    for asks in PLAIN:
        found[asks.route] = await _made(doors, asks)
    found |= await _case(house, doors)
    found |= await _evidence(doors)
    found |= await _session(doors)
    found |= await _uploads(house, doors)
    return found


@asynccontextmanager
async def _by(doors: Doors, person: str) -> AsyncIterator[httpx.AsyncClient]:
    """One session a person: signing in is limited."""
    if person not in doors.tokens:
        doors.tokens[person] = await doors.token(person, "T210")
    async with doors.client(
        {"Authorization": f"Bearer {doors.tokens[person]}", "Accept-Language": "zh"}
    ) as client:
        yield client


async def _made(doors: Doors, asks: Asks, content: bytes | None = None) -> Recorded:
    async with _by(doors, asks.by) as client:
        method, _, route = asks.route.partition(" ")
        sent: dict[str, Any] = {} if asks.body is None else {"json": asks.body}
        if content is not None:
            sent = {"content": content}
        response = await client.request(
            method, ROOT + route.format(**asks.path), params=asks.query, headers=asks.headers, **sent
        )
        return _recorded(asks, response)


def _recorded(asks: Asks, response: httpx.Response) -> Recorded:
    assert response.status_code < 300, (asks.route, response.text)
    answer = shortened(response.json()) if response.content else None
    if isinstance(answer, dict) and "token" in answer:
        answer["token"] = "…"
    return Recorded(
        by=asks.by, path=asks.path, query=asks.query, headers=asks.headers, body=asks.body,
        status=response.status_code, answer=answer,
    )  # fmt: skip


def shortened(value: Any) -> Any:
    """An answer with its lists and tables cut to a few lines."""
    if isinstance(value, list):
        return [shortened(each) for each in value[:LONGEST]]
    if isinstance(value, dict):
        return {name: shortened(each) for name, each in value.items()}
    return value


async def _case(house: Wiring, doors: Doors) -> dict[str, Recorded]:
    opened = await house.office.do("p02", "open-case", {"procedure": "vetting", "subject": "p09"})
    asks = Asks(route="GET /cases/{case}", by="p02", path={"case": opened.result["case"]})
    return {asks.route: await _made(doors, asks)}


async def _evidence(doors: Doors) -> dict[str, Recorded]:
    async with _by(doors, "p02") as officer:
        drawn = (await officer.get(f"{ROOT}/questions/paths", params={"item": "D2"})).json()
    fact = next(id_ for id_, each in drawn["facts"].items() if each["kind"] == "IN_RANGE")
    asks = Asks(route="GET /evidence/{fact}", by="p02", path={"fact": fact})
    return {asks.route: await _made(doors, asks)}


async def _session(doors: Doors) -> dict[str, Recorded]:
    login = await doors.account("p06")
    found = {}
    signs = Asks(route="POST /session", by="p06", body={"login": login, "password": "correct-horse-7"})
    changes = Asks(
        route="POST /session/password", by="p06", body={"old": "correct-horse-7", "new": "a-longer-one-9"}
    )
    async with doors.client() as client:
        response = await client.post(f"{ROOT}/session", json=signs.body)
        found[signs.route] = _recorded(signs, response)
    found[changes.route] = await _made(doors, changes)
    found["DELETE /session"] = await _made(doors, Asks(route="DELETE /session", by="p06"))
    return found


async def _uploads(house: Wiring, doors: Doors) -> dict[str, Recorded]:
    await approved(house)
    content = scanned_pdf(pages=1)
    sent = {"carrier": "C2", "filename": "scan.pdf", "filetype": "application/pdf"}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in sent.items())
    begins = Asks(
        route="POST /uploads", by="p04",
        headers={**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata},
    )  # fmt: skip
    found = {begins.route: await _made(doors, begins)}
    async with _by(doors, "p04") as client:
        uploads = [
            (await client.post(f"{ROOT}/uploads", headers=begins.headers))
            .headers["location"]
            .rpartition("/")[2]
            for _ in range(2)
        ]
    on = {"upload": uploads[0]}
    sends = Asks(
        route="PATCH /uploads/{upload}",
        by="p04",
        path=on,
        headers={**TUS, "Upload-Offset": "0", "Content-Type": OFFSET},
    )
    found["HEAD /uploads/{upload}"] = await _made(
        doors, Asks(route="HEAD /uploads/{upload}", by="p04", path=on)
    )
    found[sends.route] = await _made(doors, sends, content)
    gives = Asks(route="DELETE /uploads/{upload}", by="p04", path={"upload": uploads[1]})
    found[gives.route] = await _made(doors, gives)
    return found
