"""One column at one size: fresh ground, filled; a server on it; every measure, one after the other."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import msgspec

from tests.bench import columns, server
from tests.bench.client import Plan, Record, Stream
from tests.bench.fill import fill, opening, told
from tests.bench.measures import Left, Measure, Seats, check, echoed, measures, reaching
from tests.bench.organisation import DOCUMENTS, Synthetic
from tests.bench.results import Result, Table, machine, percentile
from tests.bench.server import HOST, ROOT, NotReady, Server


async def column(
    name: str, size: int, *, seconds: float, longest: float, large_audience: bool, documents: int = DOCUMENTS
) -> Table:
    """Each measure lasts `seconds`; after `longest` no other is begun. With more documents than usual only what bears on
    their number is measured. Raises NotRunning, NotReady, WrongAnswer.
    """
    until = time.monotonic() + longest
    before = machine()
    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(columns.fresh(name))
        since = opening()
        organisation = Synthetic(size, since, documents)
        _say(f"{name}, {size:,} relations, {documents:,} documents: filling")
        filled = await fill(ground, organisation, since)
        _say(told(filled))
        floor = await _floor(ground.home, seconds)
        zhixi = await stack.enter_async_context(server.product(ground))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=zhixi.url, timeout=300))
        seats = Seats(client)
        await seats.sign_in()
        first = await check(seats, organisation)
        if documents == DOCUMENTS:
            wanted, left = await measures(seats, organisation, ground.home, large_audience=large_audience)
        else:
            wanted, left = list(reaching(seats, organisation)), []
        results = [*floor]
        echo_ms = {each.clients: each.p50 for each in floor}
        for measure in wanted:
            for clients in measure.clients:
                if time.monotonic() > until:
                    left.append(Left(f"{measure.name}, {clients} at once", "no time was left"))
                    continue
                results.append(await _measured(zhixi, measure, clients, seconds, echo_ms))
    return Table(
        column=name, size=size, machine=before, load_after=os.getloadavg(), filled=filled, first_answer_s=first,
        results=results, left=left,
    )  # fmt: skip


async def _floor(home: Path, seconds: float) -> list[Result]:
    """The bare echo, measured before the product runs."""
    async with server.echo(home) as bare:
        measure = echoed()
        return [await _measured(bare, measure, clients, seconds, {}) for clients in measure.clients]


async def _measured(
    zhixi: Server, measure: Measure, clients: int, seconds: float, echo_ms: Mapping[int, float]
) -> Result:
    _say(f"  {measure.name}, {clients} client{'s' if clients > 1 else ''}")
    plan = Plan(
        host=HOST,
        port=zhixi.port,
        main=Stream(calls=measure.calls, connections=clients),
        seconds=seconds,
        most=measure.most,
        warm_s=seconds if clients == 1 else seconds / 4,
        warm=measure.warm,
        beside=measure.beside,
    )
    before = zhixi.spent()
    record = await _loaded(plan)
    after = zhixi.spent()
    ms = sorted(record.ms)
    calls = max(1, len(ms) + record.warmed)
    p50 = percentile(ms, 0.5)
    echo = echo_ms.get(clients)
    own = after.own.since(before.own)
    engine = after.engine.since(before.engine) if after.engine and before.engine else None
    if record.failures:
        _say(zhixi.said())
    return Result(
        name=measure.name,
        clients=clients,
        calls=len(ms),
        p50=p50,
        p95=percentile(ms, 0.95),
        p99=percentile(ms, 0.99),
        a_second=len(ms) / record.seconds,
        server_cpu_ms=own.ran / calls * 1000,
        server_wait_ms=own.waited / calls * 1000,
        engine_cpu_ms=engine.ran / calls * 1000 if engine else None,
        engine_wait_ms=engine.waited / calls * 1000 if engine else None,
        largest_bytes=record.largest,
        times_echo=None if echo is None else p50 / echo,
        goal_ms=measure.goal_ms,
        goal_a_second=measure.goal_a_second,
        beside_ms=percentile(sorted(record.beside_ms), 0.5) if measure.beside else None,
        failures=record.failures,
    )


async def _loaded(plan: Plan) -> Record:
    """The plan run by a client process of its own."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.client", cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    try:
        out, _ = await client.communicate(msgspec.json.encode(plan))
    except BaseException:
        client.kill()
        await client.wait()
        raise
    if client.returncode:
        raise NotReady(f"the client ended with {client.returncode}")
    return msgspec.json.decode(out, type=Record)


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
