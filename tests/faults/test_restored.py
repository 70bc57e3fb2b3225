"""`zhixi backup` beside a working house and `zhixi restore` as programs, killed on the way: finished by the same command, never served half."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from graph.errors import Unavailable
from storage.keys import OrganisationKey
from storage.settings import StorageSettings
from storage.tables.kept import Restoration
from storage.tables.ledger import Entry
from storage.transaction import Database
from storage.wiring import Wiring, opened
from tests import columns
from tests.columns import Ground
from tests.faults.children import ROOT, environment
from tests.storage.answers import readers

PATIENCE_S = 120


async def started(words: list[str], told: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", *words, cwd=ROOT, env={**told, "LANG": "en_US.UTF-8"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def said(process: asyncio.subprocess.Process) -> tuple[int, str]:
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode is not None
    return process.returncode, out.decode()


async def zhixi(words: list[str], told: Mapping[str, str]) -> tuple[int, str]:
    return await said(await started(words, told))


def owned(ground: Ground) -> dict[str, str]:
    """What the commands are told that make tables, where the server's role may not."""
    owner = ground.storage.database_owner
    return environment(ground) | ({"ZHIXI_DATABASE_OWNER": owner} if owner else {})


async def begun(settings: StorageSettings, *, written: bool) -> None:
    """Return once a restore has said that it began, and where `written`, once its rows stand."""
    database = Database(settings, [Restoration, Entry])
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        with suppress(Unavailable, asyncpg.PostgresError):  # there is no database yet, or no table in it
            await database.open()
            try:
                if await Restoration.exists() and (not written or await Entry.exists()):
                    return
            finally:
                await database.close()
        await asyncio.sleep(0.002)
    pytest.fail("the restore never began")


AFTER = pytest.param(True, id="after its rows", marks=pytest.mark.only_embedded)


@pytest.mark.parametrize("written", [pytest.param(False, id="before its rows"), AFTER])
async def test_a_restore_that_is_killed_serves_nothing_and_is_finished_by_the_same_command(
    binhai: Wiring, binhai_ground: Ground, tmp_path: Path, written: bool
) -> None:
    made = await zhixi(["backup", str(tmp_path / "b")], environment(binhai_ground))
    head = await binhai.ledger.head()
    audience = await readers(binhai, "D2")

    async with columns.elsewhere(binhai_ground) as target:
        told = owned(target)
        restoring = await started(["restore", str(tmp_path / "b")], told)
        await begun(target.storage, written=written)
        restoring.kill()
        await restoring.wait()
        served = await zhixi(["serve"], told | {"ZHIXI_PORT": "0"})
        rebuilt = await zhixi(["rebuild"], told)
        finished = await zhixi(["restore", str(tmp_path / "b")], told)
        async with opened(target.storage, target.graph, now=binhai.now) as house:
            assert (await house.ledger.head()).seq == head.seq + 1
            assert await house.ledger.hash_at(head.seq) == head.hash
            assert await readers(house, "D2") == audience
            assert (await house.ledger.verify()).findings == ()

    assert (made[0], f"{head.seq} entries" in made[1]) == (0, True), made
    for code, words in (served, rebuilt):
        assert (code, "was not finished" in words) == (1, True), words
    assert (finished[0], "is back" in finished[1]) == (0, True), finished


@pytest.mark.only_embedded
async def test_what_is_no_backup_is_refused_in_plain_words(tmp_path: Path) -> None:
    OrganisationKey.create(tmp_path / "organisation.key")
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "ZHIXI_HOME": str(tmp_path)}

    code, words = await zhixi(["restore", str(tmp_path / "none")], told)

    assert (code, "its manifest is missing" in words, "Traceback" in words) == (1, True, False), words
