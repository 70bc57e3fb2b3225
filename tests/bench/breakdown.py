"""Where the time of may-know goes: the application in this process, asked over ASGI, without sockets or uvicorn."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, get
from litestar.response.base import Response

from api import show
from api.app import create_app
from api.settings import HttpSettings, Settings
from graph import access
from graph.access import Questions
from graph.connection import Connection
from graph.neighbourhood import Gathered, Neighbourhood
from graph.projection import Projection
from graph.replica import Replica
from storage.accounts import Accounts
from storage.ledger import Ledger
from storage.scratch import Ground
from storage.wiring import Wiring, opened
from tests.bench import columns
from tests.bench.client import path
from tests.bench.fill import OFFICER, PASSWORD, fill, login, opening, told
from tests.bench.organisation import READER, Synthetic
from tests.bench.spans import REST, Recorder, Share, quieter_half, total

WARM, ASKED = 400, 600
LAW = "the law, in Python"
FACTS = "rows to facts"
Ask = Callable[[int], Awaitable[None]]


async def profile(column: str, size: int) -> list[str]:
    """The breakdown as lines. Raises NotRunning."""
    async with columns.fresh(column) as ground:
        since = opening()
        organisation = Synthetic(size, since)
        filled = await fill(ground, organisation, since)
        recorder = Recorder()
        async with opened(ground.storage, ground.graph) as wiring:
            lines = [f"{column}: {told(filled)}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"]
            lines += await _floors(wiring, recorder)
            _wrap(recorder)
            application = create_app(wiring, _settings(ground))
            for asker, about in ((READER, "self"), (OFFICER, "officer about another")):
                ask = await _asking(application, recorder, asker, organisation)
                lines += _told(f"may-know, {about}", await _asked(ask, recorder))
    return lines


def _settings(ground: Ground) -> Settings:
    return Settings(
        home=ground.home, graph=ground.graph, storage=ground.storage, http=HttpSettings(), broker=""
    )


def _wrap(recorder: Recorder) -> None:
    """The seams between rooms and engines."""
    recorder.wrap(Questions, "may_know", "the question, around its parts")
    recorder.wrap(Neighbourhood, "pairs", "the neighbourhood, around its parts")
    recorder.wrap(Accounts, "session", "SQL: the session")
    recorder.wrap(Ledger, "head", "SQL: the ledger's head")
    recorder.wrap(Projection, "reach", "graph: has it come to the head")
    recorder.wrap(Connection, "read", lambda _self, name, *_given, **_more: f"graph: {name}")
    recorder.wrap(Gathered, "take", FACTS)
    recorder.wrap(Gathered, "world", FACTS)
    recorder.wrap(Replica, "reach", "the replica: has it come to the head")
    for name in ("card", "demand", "judge"):
        recorder.wrap(access, name, LAW)
    recorder.wrap(show, "names", "SQL: names shown beside ids")
    recorder.wrap(show, "judgement", "the answer in words")
    recorder.wrap(Response, "render", "JSON")


async def _floors(wiring: Wiring, recorder: Recorder) -> list[str]:
    """What the cheapest thing of each kind costs here."""

    async def sql(_n: int) -> None:
        with recorder.span("SELECT 1"):
            await wiring.database.run("SELECT 1 AS one")

    async def bolt(_n: int) -> None:
        with recorder.span("clock over Bolt"):
            await wiring.connection.read("clock", {})

    @get("/echo")
    async def echo() -> dict[str, Any]:
        return {"allowed": True}

    bare = Litestar(route_handlers=[echo], logging_config=None, openapi_config=None)

    async def litestar(_n: int) -> None:
        with recorder.span("bare Litestar over ASGI"):
            await _get(bare, "/echo", "")

    floors = [await _asked(ask, recorder) for ask in (sql, bolt, litestar)]
    named = (f"{label} {share.wall:.2f} ms" for floor in floors for label, share in floor.items())
    return [f"  floors: {', '.join(named)}"]


async def _asking(application: Litestar, recorder: Recorder, asker: str, organisation: Synthetic) -> Ask:
    """Asks the n-th question as somebody; about themselves, or as the officer about anybody."""
    accounts: Accounts = application.state.accounts
    ticket = await accounts.sign_in(login(asker), PASSWORD, kind="program", device_key=None, address="bench")

    async def ask(n: int) -> None:
        item = organisation.document(2 + n % (organisation.reached - 2))
        more = {} if asker == READER else {"person": organisation.person(n * 7 % organisation.people)}
        with recorder.span(REST):
            await _get(
                application, path("/api/v1/questions/may-know", item=item, **more), f"Bearer {ticket.token}"
            )

    return ask


async def _asked(ask: Ask, recorder: Recorder) -> dict[str, Share]:
    for n in range(WARM):
        await ask(n)
    recorder.take()
    questions = []
    for n in range(ASKED):
        await ask(n)
        questions.append(recorder.take())
    return quieter_half(questions)


def _told(what: str, shares: dict[str, Share]) -> Iterator[str]:
    wall = total(shares)
    loop = sum(share.loop for share in shares.values())
    yield f"  {what}: {wall:.2f} ms, of which the event loop's thread ran {loop:.2f} ms"
    for label, share in sorted(shares.items(), key=lambda pair: -pair[1].wall):
        yield f"    {label:<44} {share.wall:>7.2f} ms {share.wall / wall:>5.0%}   loop {share.loop:>6.2f} ms"


async def _get(application: Litestar, where: str, authorization: str) -> None:
    """One GET straight into the application. Raises RuntimeError unless 200."""
    parts = urlsplit(where)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(b"host", b"bench"), (b"authorization", authorization.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)  # type: ignore[arg-type]
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{where}: {sent[0]['status']} {sent[-1].get('body')!r}")
