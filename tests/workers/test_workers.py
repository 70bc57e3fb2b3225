"""The workers as processes of their own, on the column's broker: previews, text, failures, and kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api.http.tasks import require_keeper
from graph.errors import Refused
from storage.search import Index
from storage.tables.catalogue import File, FindingRow
from storage.tables.kept import IndexEntry, Task
from storage.tasks import Tasks
from storage.wiring import Wiring
from tests import columns, files
from tests.api.doors import Doors
from tests.api.uploads import accepted, approved
from tests.columns import Ground
from tests.faults.proxy import between

WAIT_S = 90


@asynccontextmanager
async def working(
    ground: Ground, *, lease_s: float = 120, broker: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m workers` on this ground."""
    if not broker:
        on_services = columns.column() == "services"
        broker = columns.service("RABBITMQ") if on_services else f"filesystem:{ground.home}/broker"
    environment = {
        **os.environ,
        "ZHIXI_DATABASE": ground.storage.database,
        "ZHIXI_VAULT": ground.storage.vault,
        "ZHIXI_KEY_FILE": str(ground.storage.key_file),
        "ZHIXI_ANCHORS": str(ground.storage.anchors),
        "ZHIXI_BROKER": broker,
        "ZHIXI_TASK_LEASE_S": str(lease_s),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def until(state: str, *, kind: str) -> None:
    """Until the task of that kind has come to a state."""
    async with asyncio.timeout(WAIT_S):
        while not await Task.exists().where((Task.kind == kind) & (Task.state == state)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # another process writes the row


async def taken_in(house: Wiring, ground: Ground, name: str, content: bytes, *, copies: int = 1) -> str:
    """A scan approved, uploaded and accepted; its file's id."""
    await approved(house, copies=copies)
    async with Doors(house, ground).by("p04") as archivist:
        file, _ = await accepted(archivist, content, name=name, serial=f"电-{copies:03}")
    return file


@pytest.mark.parametrize(
    ("name", "content", "pages"),
    [
        ("通报.pdf", files.scanned_pdf(pages=3), 3),
        ("统计.tif", files.scanned_tiff(pages=2), 2),
        ("图.png", files.picture("PNG"), 1),
        ("图.jpg", files.picture("JPEG"), 1),
    ],
)
async def test_every_page_is_drawn_and_served_with_a_watermark(
    name: str, content: bytes, pages: int, binhai: Wiring, binhai_ground: Ground
) -> None:
    file = await taken_in(binhai, binhai_ground, name, content)

    async with working(binhai_ground):
        await until("done", kind="preview")
    async with Doors(binhai, binhai_ground).by("p03", "T301") as reader:
        reading = (await reader.post("/api/v1/documents/D2/readings", json={"file": file})).json()
        last = await reader.get(f"/api/v1/readings/{reading['reading']}/pages/{pages}")
        beyond = await reader.get(f"/api/v1/readings/{reading['reading']}/pages/{pages + 1}")

    assert reading["pages"] == pages
    assert last.headers["content-type"] == "image/png"
    assert last.content != await binhai.files.read_derived(file, f"p{pages}")
    assert beyond.status_code == 404


async def test_the_text_of_a_born_digital_pdf_is_found_by_those_who_may_know_it_only(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await taken_in(binhai, binhai_ground, "通报.pdf", files.worded_pdf("harbour inspection schedule"))

    async with working(binhai_ground):
        await until("done", kind="text")
    doors = Doors(binhai, binhai_ground)
    async with doors.by("p05") as head, doors.by("p02") as officer:
        found = (await head.get("/api/v1/search", params={"q": "Inspection SCHEDULE"})).json()
        other = (await head.get("/api/v1/search", params={"q": "schedule inspection"})).json()
        hidden = (await officer.get("/api/v1/search", params={"q": "inspection schedule"})).json()

    assert [(hit["document"]["id"], hit["where"]) for hit in found["hits"]] == [("D2", "text")]
    assert other["hits"] == []
    assert hidden["hits"] == []
    assert await IndexEntry.count() > 0


async def test_a_worker_killed_in_the_middle_of_a_task_loses_nothing(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await taken_in(binhai, binhai_ground, "通报.pdf", files.scanned_pdf(pages=12))

    async with working(binhai_ground, lease_s=4) as first:
        await until("sent", kind="preview")
        kill_with_children(first.pid)
        await first.wait()
    unfinished = await Task.exists().where((Task.kind == "preview") & (Task.state != "done"))
    async with working(binhai_ground, lease_s=4):
        await until("done", kind="preview")

    assert unfinished


def kill_with_children(pid: int) -> None:
    """kill -9 of a process and of those it started."""
    children = [int(each) for each in _children(pid)]
    for each in (pid, *children):
        os.kill(each, signal.SIGKILL)


def _children(pid: int) -> list[str]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:  # noqa: PTH123
        return listed.read().split()


async def test_a_task_that_keeps_failing_is_seen_with_its_reason_and_can_be_tried_again(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    file = await taken_in(binhai, binhai_ground, "通报.pdf", files.scanned_pdf(pages=1))
    await binhai.vault.delete(file)
    tasks = Tasks(binhai.database, binhai.now)
    failed = await tasks.of(file, "preview")
    assert failed is not None
    for _ in range(3):
        job = await tasks.begin(failed.id)
        assert job is not None
        await tasks.failed(job, "ObjectMissing: not in the store")

    async with Doors(binhai, binhai_ground).by("p04") as archivist:
        listed = (await archivist.get("/api/v1/tasks")).json()
        again = await archivist.post(f"/api/v1/tasks/{failed.id}/retry")

    assert (listed["tasks"][0]["id"], listed["tasks"][0]["state"]) == (failed.id, "failed")
    assert "not in the store" in listed["tasks"][0]["reason"]
    assert again.status_code == 204
    after = await tasks.of(file, "preview")
    assert after is not None
    assert after.state == "waiting"


async def test_tasks_are_for_those_who_keep_the_files(binhai: Wiring) -> None:
    with pytest.raises(Refused):
        await require_keeper(binhai, "p06")


async def test_two_relays_never_claim_one_task(binhai: Wiring, binhai_ground: Ground) -> None:
    await taken_in(binhai, binhai_ground, "图.png", files.picture())
    one, other = Tasks(binhai.database, binhai.now), Tasks(binhai.database, binhai.now)

    claimed = await asyncio.gather(one.claim(), other.claim())

    assert sorted(map(len, claimed)) == [0, 2]


async def test_the_index_shows_no_word(binhai: Wiring, binhai_ground: Ground) -> None:
    index = Index(binhai.database, binhai.key)

    await index.put("D2", "fl-x", "港口巡查安排 zephyrquartz")

    assert [row["id"] for row in await index.hits("巡查安排")] == ["D2"]
    assert await index.hits("排安") == []
    if columns.column() == "embedded":
        kept = b"".join(each.read_bytes() for each in sorted(binhai_ground.home.glob("zhixi.sqlite*")))
        assert b"zephyrquartz" not in kept
        assert "港口巡查".encode() not in kept
    assert await File.count() == 0


@pytest.mark.only_services
async def test_tasks_wait_as_rows_while_the_broker_is_cut_off_and_are_done_when_it_is_back(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    async with (
        between(columns.service("RABBITMQ")) as wire,
        working(binhai_ground, lease_s=3, broker=wire.url),
    ):
        await until("done", kind="round")  # it has entered what it found, by the time that is now
        await taken_in(binhai, binhai_ground, "一.png", files.picture())
        await until("done", kind="preview")
        wire.cut()
        second = await taken_in(binhai, binhai_ground, "二.png", files.picture(), copies=2)
        await asyncio.sleep(6)  # longer than a lease: whatever could be sent would have been done
        meanwhile = await Task.count().where((Task.subject == second) & (Task.state == "done"))
        wire.heal()
        async with asyncio.timeout(WAIT_S):
            while await Task.exists().where((Task.subject == second) & (Task.state != "done")):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    assert meanwhile == 0
    assert await Task.count().where((Task.subject == second) & (Task.state == "done")) >= 1


async def test_a_worker_left_alone_is_an_alarm_by_a_task_of_its_own(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    pair = {"place": "R301", "people": ["p15", "p16"], "purpose": "保洁", "monitoring": "3号摄像头"}
    await binhai.office.do("p02", "enter-place", pair)
    await binhai.office.do("p02", "leave-place", {"place": "R301", "people": ["p16"]})

    async with working(binhai_ground):
        await until("done", kind="alarm")

    assert await FindingRow.exists().where(
        (FindingRow.code == "reason.worker-left-alone") & (FindingRow.subject == "R301")
    )
