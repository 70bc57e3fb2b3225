"""Running Zhixi: serving, the demo, and rehearsals in a throw-away house."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import typer
import uvicorn

from api.app import create_app
from api.rehearse import Line, Rehearsal, Scenario
from api.settings import HttpSettings, Settings
from api.texts import Language, text
from api.upkeep import Upkeep
from graph.errors import BadField
from graph.times import parse
from storage import organisations
from storage.accounts import hash_password
from storage.errors import NotFounded
from storage.keys import OrganisationKey
from storage.organisations import SetClock
from storage.scratch import Services, ground
from storage.wiring import Wiring, opened

log = logging.getLogger("zhixi.server")
WORKERS_AGAIN_S = 5.0
WORKERS_LEAVE_S = 15.0
SWITCH_S = 0.0005
"""How long a bulk question's thread may keep the interpreter from a short one. Three statements beside a busy thread: p95 8.4 ms
with Python's own 5 ms, 4.1 ms with this."""
DEMO_PASSWORD = "zhixi-demo-2026"  # noqa: S105  (printed at every start of the demo; never for real use)
DEMO_ACCOUNTS = (("lina", "p04"), ("liuyang", "p05"), ("wangqiang", "p06"), ("chenjing", "p02"), ("zhaomin", "p01"), ("zhangwei", "p03"))  # fmt: skip


async def serve(settings: Settings) -> None:
    """Serve until stopped. Raises BadField on a busy port, NotFounded on an empty ledger."""
    listening = listen(settings.http)
    async with opened(settings.storage, settings.graph) as wiring:
        if not await wiring.founded():
            raise NotFounded("the ledger has no founding entry yet: zhixi found FILE")
        await _run(wiring, settings, listening)


async def demo(settings: Settings, language: Language, *, full: bool) -> None:
    """The demo organisation on the embedded default: established at the first start, kept afterwards."""
    listening = listen(settings.http)
    settings.home.mkdir(parents=True, exist_ok=True)
    if not settings.storage.key_file.exists():
        OrganisationKey.create(settings.storage.key_file)
    typer.echo(text(language, "demo.starting"))
    await _establish_once(settings, language, full=full)
    async with opened(settings.storage, settings.graph) as wiring:
        port = listening.getsockname()[1]
        typer.echo(text(language, "demo.ready", address=f"http://{settings.http.host}:{port}"))
        names = dict(await _names(wiring))
        for login, person in DEMO_ACCOUNTS:
            if person in names:
                typer.echo(f"  {login:<10} {names[person]}")
        typer.echo(text(language, "demo.password", password=DEMO_PASSWORD))
        await _run(wiring, settings, listening)


async def _names(wiring: Wiring) -> list[tuple[str, str]]:
    rows = await wiring.database.run("SELECT id, name FROM person")
    return [(row["id"], row["name"]) for row in rows]


async def _establish_once(settings: Settings, language: Language, *, full: bool) -> None:
    """Found and fill an empty ledger through acts, with a clock of its own. A start that was cut short is finished anew."""
    clock = SetClock(parse("2023-01-01T00:00:00+08:00", field="clock"))
    mark = settings.home / "established"
    if mark.exists():
        return
    async with opened(settings.storage, settings.graph, now=clock) as wiring:
        if await wiring.founded():
            raise BadField("home", "demo-cut-short", path=str(settings.home))
        if full:
            await _establish_large(wiring, clock, language)
        else:
            typer.echo(text(language, "demo.establishing"))
            await organisations.establish(wiring, organisations.named("binhai"), clock)
        await _open_accounts(wiring)
    mark.write_text("full\n" if full else "binhai\n", encoding="utf-8")


async def _establish_large(wiring: Wiring, clock: SetClock, language: Language) -> None:
    typer.echo(text(language, "demo.establishing-large"))
    began = time.monotonic()

    def told(entries: int) -> None:
        typer.echo(text(language, "demo.entries", entries=entries, seconds=round(time.monotonic() - began)))

    made = await organisations.establish_large(wiring, clock, told=told)
    typer.echo(text(language, "demo.entries", entries=made.entries, seconds=round(time.monotonic() - began)))


async def _open_accounts(wiring: Wiring) -> None:
    """Accounts of the people who are there: the large bureau has other staff under other ids."""
    present = {person for person, _ in await _names(wiring)}
    hashed = await asyncio.to_thread(hash_password, DEMO_PASSWORD)
    for login, person in DEMO_ACCOUNTS:
        if person not in present:
            continue
        await wiring.office.do(
            "p20",
            "open-account",
            {"person": person, "login": login},
            secret={"password_hash": hashed, "must_change": "no"},
        )


def listen(http: HttpSettings) -> socket.socket:
    """The listening socket, before anything else is started. Raises BadField where the port is busy."""
    # the protocol is named, since asyncio sends small answers at once only on sockets that are known to be TCP
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((http.host, http.port))
    except OSError as error:
        listening.close()
        raise BadField("ZHIXI_PORT", "port-busy", port=str(http.port)) from error
    listening.listen(128)
    return listening


async def _run(wiring: Wiring, settings: Settings, listening: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(wiring, settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
    )
    sys.setswitchinterval(SWITCH_S)
    upkeep = Upkeep(wiring, settings.sweep_s)
    await upkeep.begin()
    await wiring.questions.neighbourhood()  # the first to ask need not wait for the replica
    async with _workers(settings), _beside(upkeep):
        await uvicorn.Server(config).serve(sockets=[listening])
    await upkeep.end()


@asynccontextmanager
async def _beside(upkeep: Upkeep) -> AsyncIterator[None]:
    keeping = asyncio.create_task(upkeep.keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@asynccontextmanager
async def _workers(settings: Settings) -> AsyncIterator[None]:
    """The workers as a child process on the same addresses, started again where it ends; they end with us."""
    environment = {
        **os.environ,
        "ZHIXI_DATABASE": settings.storage.database,
        "ZHIXI_VAULT": settings.storage.vault,
        "ZHIXI_KEY_FILE": str(settings.storage.key_file),
        "ZHIXI_ANCHORS": str(settings.storage.anchors),
        "ZHIXI_BROKER": settings.broker,
        "ZHIXI_TASK_LEASE_S": str(settings.task_lease_s),
    }
    keeping = asyncio.create_task(_keep_workers(environment))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep_workers(environment: Mapping[str, str]) -> None:
    while True:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workers",
            "under",
            str(os.getpid()),
            env=environment,
            start_new_session=True,
        )
        try:
            log.warning("the workers ended with status %s and are started again", await child.wait())
            await asyncio.sleep(WORKERS_AGAIN_S)
        finally:
            if child.returncode is None:
                child.terminate()
                with suppress(TimeoutError):
                    await asyncio.wait_for(child.wait(), WORKERS_LEAVE_S)
            if child.returncode is None:
                child.kill()


async def rehearse(scenario: Scenario, services: Services) -> Sequence[Line]:
    """Run a scenario in a throw-away house of its own."""
    clock = SetClock(parse("2026-01-01T00:00:00+08:00", field="clock"))
    async with ground(services) as fresh, opened(fresh.storage, fresh.graph, now=clock) as wiring:
        settings = Settings(
            home=fresh.home,
            graph=fresh.graph,
            storage=fresh.storage,
            http=HttpSettings(idle_minutes=240, session_hours=24),
            broker="",
        )
        return await Rehearsal(wiring, settings, clock, scenario).run()


__all__ = ["Services", "demo", "rehearse", "serve"]
