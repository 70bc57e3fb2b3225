"""The embedded engine: one folder, one engine, one starter, and nothing lost when any of them is killed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph.engine import EmbeddedEngine, EngineFailed, EngineHeld, EngineSettings

pytestmark = pytest.mark.only_embedded

ROOT = Path(__file__).parents[2]
HEAP_MB = 256
LISTENING, LOOPBACK = "0A", "0100007F"

# Starts or adopts the engine of argv[1], says so, waits for a line, stops, says so.
OTHER_PROCESS = """
import asyncio, json, sys
from pathlib import Path
from graph.engine import EmbeddedEngine, EngineSettings

async def main():
    engine = await EmbeddedEngine.start(EngineSettings(home=Path(sys.argv[1]), heap_mb=256))
    print(json.dumps({"pid": engine.pid, "adopted": engine.adopted, "url": engine.url}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await engine.stop()
    print("stopped", flush=True)

asyncio.run(main())
"""


def settings(home: Path, start_timeout_s: float = 60.0) -> EngineSettings:
    return EngineSettings(home=home, heap_mb=HEAP_MB, start_timeout_s=start_timeout_s)


def driver_of(engine: EmbeddedEngine, password: str | None = None) -> AsyncDriver:
    return AsyncGraphDatabase.driver(engine.url, auth=(engine.user, password or engine.password))


async def run(engine: EmbeddedEngine, text: str, **parameters: Any) -> list[list[Any]]:
    async with driver_of(engine) as driver, driver.session(database=engine.database) as session:
        result = await session.run(text, parameters)
        return [record.values() async for record in result]


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[EmbeddedEngine]:
    engine = await EmbeddedEngine.start(settings(home))
    try:
        yield engine
    finally:
        await engine.stop()


@contextmanager
def other_process(home: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return (await asyncio.to_thread(process.stdout.readline)).strip()


async def told_by(process: subprocess.Popen[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await line_of(process))
    return told


async def go_on(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return await line_of(process)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


def processor_seconds(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text()
    user, system = stat[stat.rindex(")") + 2 :].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def seconds_until(condition: Callable[[], bool], at_most: float = 20) -> float:
    def wait() -> float:
        begun = time.monotonic()
        while not condition():
            assert time.monotonic() - begun < at_most, "waited in vain"
            time.sleep(0.01)
        return time.monotonic() - begun

    return await asyncio.to_thread(wait)


async def seconds_until_gone(pid: int) -> float:
    return await seconds_until(lambda: not alive(pid))


def home_of(engine: EmbeddedEngine) -> Path:
    return Path(f"/proc/{engine.pid}/cwd").readlink()


def sockets_of(pid: int) -> list[tuple[str, str, str, int]]:
    """State, local address, remote address and local port (addresses as the kernel's hexadecimal) of its TCP sockets."""
    links = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in links:
                (local, port), (remote, _) = fields[1].split(":"), fields[2].split(":")
                found.append((fields[3], local, remote, int(port, 16)))
    return found


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedEngine]:
    """One for the tests that only look."""
    async with running(tmp_path_factory.mktemp("engine") / "graph") as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "graph"


async def test_it_starts_within_seconds_answers_and_stops(home: Path) -> None:
    engine = await EmbeddedEngine.start(settings(home))
    spent = processor_seconds(engine.pid)

    answer = await run(engine, "RETURN 7 AS n, $range AS t", range="知悉范围")
    await engine.stop()
    await engine.stop()

    assert answer == [[7, "知悉范围"]]
    assert not engine.adopted
    # about three, or two seconds by the clock on idle cores; on a busy machine the clock says nothing
    assert spent < 10
    assert not alive(engine.pid)
    assert not (home / "engine.json").exists()
    with pytest.raises((DriverError, Neo4jError)):
        await run(engine, "RETURN 1")


async def test_the_next_start_finds_the_data_of_the_last(home: Path) -> None:
    async with running(home) as first:
        await run(first, "CREATE CONSTRAINT p IF NOT EXISTS FOR (n:Person) REQUIRE n.id IS UNIQUE")
        await run(
            first,
            "CREATE (:Person {id: $id})-[:MEMBER_OF {seq_out: $far}]->(:Department)",
            id="王",
            far=2**62,
        )

    async with running(home) as second:
        found = await run(
            second, "MATCH (p:Person {id: '王'})-[r:MEMBER_OF]->(d) RETURN r.seq_out, labels(d)"
        )
        constraints = await run(second, "SHOW CONSTRAINTS")

    assert found == [[2**62, ["Department"]]]
    assert len(constraints) == 1
    assert second.pid != first.pid
    assert second.password != first.password


async def test_another_process_shares_a_running_engine_and_does_not_end_it(home: Path) -> None:
    async with running(home) as engine:
        with other_process(home) as other:
            told = await told_by(other)
            last = await go_on(other)
            code = await asyncio.to_thread(other.wait)

        answer = await run(engine, "RETURN 1")

    assert told == {"pid": engine.pid, "adopted": True, "url": engine.url}
    assert (last, code) == ("stopped", 0)
    assert answer == [[1]]


async def test_a_killed_sharer_does_not_end_it_either(home: Path) -> None:
    async with running(home) as engine:
        with other_process(home) as other:
            await told_by(other)
            other.kill()
            await asyncio.to_thread(other.wait)

        await asyncio.sleep(1)

        assert await run(engine, "RETURN 1") == [[1]]


async def test_of_processes_that_start_at_once_one_starts_and_the_others_share(home: Path) -> None:
    with other_process(home) as one, other_process(home) as two, other_process(home) as three:
        told = await asyncio.gather(*map(told_by, (one, two, three)))

    assert len({each["pid"] for each in told}) == 1
    assert sorted(each["adopted"] for each in told) == [False, True, True]


async def test_it_is_gone_two_seconds_after_its_starter_was_killed_and_the_next_start_recovers(
    home: Path,
) -> None:
    with other_process(home) as starter:
        told = await told_by(starter)
        async with running(home) as sharer:
            await run(sharer, "CREATE (:Person {id: 'committed'})")
        assert sharer.adopted

        starter.kill()
        gone_after = await seconds_until_gone(told["pid"])

    async with running(home) as engine:
        found = await run(engine, "MATCH (p:Person) RETURN p.id")

    assert gone_after < 2
    assert not engine.adopted
    assert found == [["committed"]]


async def test_it_is_gone_after_a_kill_in_the_middle_of_its_start(home: Path) -> None:
    with other_process(home) as starter:
        await seconds_until((home / "databases").exists)
        pid = int((home / "engine.lock").read_text())

        starter.kill()
        gone_after = await seconds_until_gone(pid)

    async with running(home) as engine:
        assert await run(engine, "RETURN 1") == [[1]]
    assert gone_after < 2


async def test_it_notices_its_starters_end_without_the_kernels_help(home: Path) -> None:
    """Where there is no PR_SET_PDEATHSIG: the end of standard input alone."""
    engine = await EmbeddedEngine.start(settings(home))
    child = engine._child
    assert child is not None
    stdin = child._process.result().stdin
    assert stdin is not None

    stdin.close()

    assert await seconds_until_gone(engine.pid) < 2
    await engine.stop()


async def test_it_outlives_the_thread_that_asked_for_it(home: Path) -> None:
    started: list[EmbeddedEngine] = []
    thread = threading.Thread(
        target=lambda: started.append(asyncio.run(EmbeddedEngine.start(settings(home))))
    )
    thread.start()
    await asyncio.to_thread(thread.join)
    (engine,) = started
    await asyncio.sleep(1)

    answer = await run(engine, "RETURN 1")
    await engine.stop()

    assert answer == [[1]]


async def test_no_committed_transaction_is_lost_when_it_is_killed_while_writing(home: Path) -> None:
    engine = await EmbeddedEngine.start(settings(home))
    await run(engine, "CREATE CONSTRAINT n IF NOT EXISTS FOR (n:Entry) REQUIRE n.id IS UNIQUE")
    await run(engine, "CREATE (:Clock {id: 'clock', seq: 0})")
    committed = 0

    async def write_until_it_ends() -> None:
        nonlocal committed
        async with driver_of(engine) as driver, driver.session(database=engine.database) as session:
            while True:
                async with await session.begin_transaction() as transaction:
                    await transaction.run(
                        "MATCH (c:Clock {id: 'clock'}) SET c.seq = $n CREATE (:Entry {id: $n})-[:OF {seq_in: $n}]->(c)",
                        n=committed + 1,
                    )
                    await transaction.commit()
                committed += 1

    writing = asyncio.create_task(write_until_it_ends())
    await seconds_until(lambda: committed >= 150 or writing.done())
    os.kill(engine.pid, signal.SIGKILL)
    with pytest.raises((DriverError, Neo4jError, OSError)):
        await writing

    await engine.stop()
    async with running(home) as again:
        clock = await run(again, "MATCH (c:Clock {id: 'clock'}) RETURN c.seq")
        entries = await run(again, "MATCH (e:Entry)-[r:OF]->(:Clock) RETURN e.id, r.seq_in ORDER BY e.id")
        sought = await run(
            again,
            "UNWIND $ids AS i MATCH (e:Entry {id: i}) RETURN count(e)",
            ids=list(range(1, committed + 1)),
        )
        await run(again, "CREATE (:Entry {id: -1})")

    # the transaction under way when it was killed may have been committed without our hearing of it
    assert clock[0][0] in {committed, committed + 1}
    assert entries == [[n, n] for n in range(1, clock[0][0] + 1)]
    assert sought == [[committed]]


async def test_a_holder_that_does_not_answer_is_named(home: Path) -> None:
    async with running(home) as engine:
        os.kill(engine.pid, signal.SIGSTOP)
        try:
            with pytest.raises(EngineHeld) as caught:
                await EmbeddedEngine.start(settings(home, start_timeout_s=1))
        finally:
            os.kill(engine.pid, signal.SIGCONT)

    assert caught.value.pid == engine.pid
    assert caught.value.home == home
    assert str(engine.pid) in str(caught.value)
    assert str(home) in str(caught.value)


async def test_an_engine_that_cannot_start_says_why_and_frees_its_folder(tmp_path: Path) -> None:
    home = tmp_path
    (home / "databases").symlink_to("nowhere/at/all")

    with pytest.raises(EngineFailed) as caught:
        await EmbeddedEngine.start(settings(home))

    assert "databases" in caught.value.cause
    assert str(home / "engine.log") in str(caught.value)
    (home / "databases").unlink()
    async with running(home) as engine:
        assert not engine.adopted


async def test_an_engine_that_is_too_slow_is_ended(home: Path) -> None:
    with pytest.raises(EngineFailed, match="not ready after"):
        await EmbeddedEngine.start(settings(home, start_timeout_s=0.3))

    async with running(home) as engine:
        assert await run(engine, "RETURN 1") == [[1]]


async def test_a_folder_with_a_chinese_name_is_no_trouble_in_the_c_locale(tmp_path: Path) -> None:
    home = tmp_path / "知悉 图"
    beside = tmp_path.iterdir

    with other_process(home, LC_ALL="C") as starter:
        await told_by(starter)
        last = await go_on(starter)

    assert last == "stopped"
    assert list(beside()) == [home]  # and no folder of question marks


async def test_it_stops_in_order_on_sigterm(home: Path) -> None:
    engine = await EmbeddedEngine.start(settings(home))

    os.kill(engine.pid, signal.SIGTERM)
    gone_after = await seconds_until_gone(engine.pid)
    await engine.stop()

    assert gone_after < 10
    assert "ArcadeDB Server is down" in (home / "engine.log").read_text()


def test_its_files_are_for_their_owner_alone(engine: EmbeddedEngine) -> None:
    home = home_of(engine)

    open_to_others = [file for file in (home, *home.rglob("*")) if file.stat().st_mode & 0o077]

    assert open_to_others == []
    assert (home / "engine.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((home / "engine.json").read_text())["password"] == engine.password
    assert len(engine.password) >= 32


def test_its_password_shows_in_no_command_line_and_no_environment(engine: EmbeddedEngine) -> None:
    for name in ("cmdline", "environ"):
        assert engine.password.encode() not in Path(f"/proc/{engine.pid}/{name}").read_bytes()


def test_it_listens_on_one_loopback_port_and_talks_to_nobody_else(engine: EmbeddedEngine) -> None:
    sockets = sockets_of(engine.pid)

    listening = [(local, port) for state, local, _, port in sockets if state == LISTENING]
    elsewhere = {remote for state, _, remote, _ in sockets if state != LISTENING} - {LOOPBACK}

    assert listening == [(LOOPBACK, int(engine.url.rsplit(":", 1)[1]))]
    assert elsewhere == set()


async def test_a_wrong_password_is_refused(engine: EmbeddedEngine) -> None:
    async with driver_of(engine, password="wrong password") as driver:
        with pytest.raises(AuthError):
            await driver.verify_connectivity()


async def test_it_runs_in_production_mode_with_the_heap_it_was_given(engine: EmbeddedEngine) -> None:
    log = home_of(engine) / "engine.log"

    async with asyncio.timeout(20):
        while "MAXRAM=" not in log.read_text() or "WAL flush" not in log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # the log is written a little behind

    text = log.read_text()
    found = re.search(r"MAXRAM=([0-9.]+)MB", text)
    assert found is not None
    assert 0.9 * HEAP_MB <= float(found[1]) <= HEAP_MB  # one survivor space is never counted
    assert "'production' mode" in text
    assert "WAL flush: 2 (full fsync)" in text


async def test_it_prints_nothing_on_our_output(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with running(home) as engine:
        await run(engine, "RETURN 1")

    assert capfd.readouterr() == ("", "")
    assert "ArcadeDB Server" in (home / "engine.log").read_text()
