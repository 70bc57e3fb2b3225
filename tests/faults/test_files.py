"""Files against everything that can happen to them: size, kill -9, a flipped bit, a key destroyed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from graph.errors import NotAvailable
from graph.sources import Sources
from storage.files import PART, page_name
from storage.rounds import Rounds
from storage.search import Index
from storage.tables.catalogue import Carrier, File, RegisterRow
from storage.tables.kept import IndexEntry, WrappedKey
from storage.tasks import Job, Tasks
from storage.wiring import Wiring
from tests import files
from tests.api.uploads import OFFSET, approved, begun, sent, uploaded
from tests.faults.door import Door
from tests.faults.large import LargePdf
from tests.faults.stage import REPLICA, Stage, scan_of_d2
from workers.jobs import JOBS, Tools

MEGABYTE = 1 << 20
LARGE = 1024 * MEGABYTE
MOST_RESIDENT = 300 * MEGABYTE
MOST_GROWTH = 96 * MEGABYTE
"""What a file may add to a process, whatever the file's size."""
AGAIN_S = 30


async def begin(client: httpx.AsyncClient, size: int) -> str:
    beginning = await begun(client, "C2", "通报.pdf", size)
    assert beginning.status_code == 201, beginning.text
    return str(beginning.headers["location"])


async def send(
    client: httpx.AsyncClient, location: str, offset: int, body: AsyncIterator[bytes]
) -> httpx.Response:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": OFFSET}
    return await client.patch(location, content=body, headers=headers)


async def to_download(stage: Stage, file: str) -> str:
    """A reading under which 刘洋 may download the file."""
    accepted = await stage.house.office.do("p04", "accept-scan", {"file": file})
    await approved(stage.house, carrier=accepted.result["carrier"], person="p05", mode="download")
    outcome = await stage.house.office.do(
        "p05", "open-reading", {"document": "D2", "file": file, "device": "T210", "mode": "download"}
    )
    return str(outcome.result["reading"])


# Size


@pytest.mark.timeout(900)
async def test_a_large_file_comes_and_goes_without_filling_the_servers_memory(stage: Stage) -> None:
    content = LargePdf(LARGE)
    await approved(stage.house)

    async with stage.door(stage.ground) as door:
        async with stage.by(door, "p04") as archivist, stage.by(door, "p05") as reader:
            await archivist.get("/api/v1/documents/D2")
            at_first = door.most_memory()
            location = await begin(archivist, content.size)
            ending = await send(archivist, location, 0, content.stream())
            assert ending.status_code == 204, ending.text
            uploaded_with = door.most_memory()
            file = ending.headers["x-zhixi-file"]
            reading = await to_download(stage, file)
            digest = await downloaded(reader, f"/api/v1/readings/{reading}/content")
        most = door.most_memory()

    (row,) = await File.select().where(File.id == file)
    assert (row["size"], row["pages"]) == (content.size, 1)
    assert row["sha256"] == digest == await asyncio.to_thread(content.sha256)
    assert uploaded_with - at_first < MOST_GROWTH
    assert most - at_first < MOST_GROWTH
    assert most < MOST_RESIDENT


async def downloaded(client: httpx.AsyncClient, path: str) -> str:
    digest = hashlib.sha256()
    async with client.stream("GET", path) as response:
        assert response.status_code == 200
        async for piece in response.aiter_raw():
            digest.update(piece)
    return digest.hexdigest()


# kill -9


async def test_an_upload_goes_on_after_kill_9_and_a_restart_and_shows_nothing_before_its_end(
    stage: Stage,
) -> None:
    content = LargePdf(PART + 4 * MEGABYTE)
    await approved(stage.house)
    seen_before = await seen(stage)

    async with stage.door(stage.ground) as door, stage.by(door, "p04") as archivist:
        location = await begin(archivist, content.size)
        await killed_in_the_middle(door, archivist, location, content)
    interrupted = await seen(stage)
    async with stage.door(stage.ground) as again, stage.by(again, "p04") as archivist:
        due = int((await archivist.head(location)).headers["upload-offset"])
        ending = await sent_when_free(archivist, location, due, content)

    assert interrupted == seen_before
    assert PART <= due < content.size
    assert ending.status_code == 204, ending.text
    (row,) = await File.select().where(File.id == ending.headers["x-zhixi-file"])
    assert row["sha256"] == content.sha256()
    assert await seen(stage) != seen_before


async def killed_in_the_middle(
    door: Door, client: httpx.AsyncClient, location: str, content: LargePdf
) -> None:
    """All but the last piece is on its way when the process dies; at least one part has been put away."""
    passed, dead = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        *most, last = content.pieces()
        for piece in most:
            yield piece
        passed.set()
        await dead.wait()
        yield last

    sending = asyncio.create_task(send(client, location, 0, body()))
    await asyncio.wait_for(passed.wait(), 60)
    async with asyncio.timeout(60):
        while int((await client.head(location)).headers["upload-offset"]) < PART:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await door.kill()
    dead.set()
    with pytest.raises(httpx.TransportError):
        await sending


async def sent_when_free(
    client: httpx.AsyncClient, location: str, offset: int, content: LargePdf
) -> httpx.Response:
    """The dead process's claim has to run out first: until then another offset is said to be due."""
    async with asyncio.timeout(AGAIN_S):
        while True:
            ending = await send(client, location, offset, content.stream(offset))
            if ending.status_code != 409:
                return ending
            await asyncio.sleep(0.5)


async def seen(stage: Stage) -> dict[str, object]:
    """Whatever anybody is shown of D2's files: pages, carriers, books, hits."""
    found: dict[str, object] = {
        "files": await File.count(),
        "carriers": await Carrier.count(),
        "lines": await RegisterRow.count(),
        "indexed": await IndexEntry.count(),
    }
    for person in ("p03", "p04", "p05"):
        async with stage.doors.client({"Authorization": f"Bearer {stage.sessions[person]}"}) as client:
            for path in ("/documents/D2", "/documents", "/registers/scans", "/search?q=通报"):
                response = await client.get(f"/api/v1{path}")
                assert response.status_code == 200, (path, response.text)
                found[f"{person} {path}"] = response.json()
    return found


# A flipped bit


async def flip(house: Wiring, name: str) -> None:
    """Change one bit of what the store holds under that name."""
    content = bytearray(b"".join([piece async for piece in house.vault.read_range(name)]))
    content[len(content) // 2] ^= 1
    await house.vault.delete(name)
    await house.vault.begin(name)
    await house.vault.put_part(name, 1, bytes(content))
    await house.vault.complete(name, parts=1, size=len(content))


async def test_a_flipped_bit_breaks_the_download_and_no_wrong_byte_is_sent(stage: Stage) -> None:
    content = LargePdf(3 * MEGABYTE)
    whole = b"".join(content.pieces())
    await approved(stage.house)
    async with stage.doors.client({"Authorization": f"Bearer {stage.sessions['p04']}"}) as archivist:
        file = await uploaded(archivist, "C2", "通报.pdf", whole)
    reading = await to_download(stage, file)
    await flip(stage.house, file)
    got = bytearray()

    async def take(reader: httpx.AsyncClient) -> None:
        async with reader.stream("GET", f"/api/v1/readings/{reading}/content") as response:
            async for piece in response.aiter_raw():
                got.extend(piece)

    async with stage.door(stage.ground) as door, stage.by(door, "p05") as reader:
        with pytest.raises(httpx.RemoteProtocolError):
            await take(reader)
        well = await reader.get("/api/v1/documents/D2")

    assert whole.startswith(bytes(got))
    assert len(got) < len(whole)
    assert well.status_code == 200


async def test_a_flipped_bit_of_a_drawn_page_is_said_and_no_picture_is_sent(stage: Stage) -> None:
    file = await scan_of_d2(stage.house, stage.doors)
    async with stage.doors.client({"Authorization": f"Bearer {stage.sessions['p05']}"}) as reader:
        opened = await reader.post("/api/v1/documents/D2/readings", json={"file": file})
        page = f"/api/v1/readings/{opened.json()['reading']}/pages/1"
        well = await reader.get(page)
        await flip(stage.house, f"{file}_{page_name(1)}")

        broken = await reader.get(page)

    assert well.headers["content-type"] == "image/png"
    assert (broken.status_code, broken.json()["type"]) == (500, "/problems/broken")


async def test_a_bit_flipped_before_an_upload_is_whole_is_found_and_nothing_is_entered(stage: Stage) -> None:
    content = b"".join(LargePdf(3 * MEGABYTE).pieces())
    await approved(stage.house)
    async with stage.doors.client({"Authorization": f"Bearer {stage.sessions['p04']}"}) as archivist:
        location = await begin(archivist, len(content))
        file = location.rpartition("/")[2]
        await sent(archivist, location, 0, content[:-1])
        parts = await stage.house.vault.parts(file)
        await stage.house.vault.put_part(file, 1, bytes(parts[0].size))
        ending = await sent(archivist, location, len(content) - 1, content[-1:])

    assert ending.status_code == 500
    assert await File.count() == 0


# A key destroyed


@pytest.fixture
def tools(stage: Stage) -> Tools:
    house = stage.house
    sources = Sources(house.connection, house.projection, house.ledger, REPLICA)
    return Tools(
        files=house.files,
        index=Index(house.database, house.key),
        tasks=Tasks(house.database, house.now),
        rounds=Rounds(house.office, sources, house.ledger, house.now),
    )


def job(kind: str, file: str) -> Job:
    return Job(id="t-now", kind=kind, subject=file, state="sent", tries=1, reason="", made_at=0)


async def test_a_destroyed_key_means_unreadable_everywhere(stage: Stage, tools: Tools) -> None:
    house = stage.house
    await approved(house)
    async with stage.doors.client({"Authorization": f"Bearer {stage.sessions['p04']}"}) as archivist:
        file = await uploaded(archivist, "C2", "通报.pdf", files.worded_pdf("harbour inspection schedule"))
        for kind in ("preview", "text"):
            await JOBS[kind](job(kind, file), tools)
        readable = await house.files.read_derived(file, page_name(1))
        found = (await archivist.get("/api/v1/search?q=inspection")).json()["hits"]
        rejected = await archivist.post("/api/v1/acts/reject-scan", json={"file": file, "reason": "缺角"})
        at_once = await unreadable(house, file)
        await JOBS["erase"](job("erase", file), tools)
        for kind in ("preview", "text"):  # sent once more by a relay that had not heard
            await JOBS[kind](job(kind, file), tools)
        gone = (await archivist.get("/api/v1/search?q=inspection")).json()["hits"]

    assert readable.startswith(b"\x89PNG")
    assert [hit["document"]["id"] for hit in found] == ["D2"]
    assert rejected.status_code == 201, rejected.text
    assert at_once
    assert await unreadable(house, file)
    assert gone == []
    assert await IndexEntry.count() == 0
    assert [name async for name in house.vault.list_objects()] == []


async def unreadable(house: Wiring, file: str) -> bool:
    """Its key is gone, and neither the file nor a page made from it opens, whatever the store still holds."""
    (row,) = await WrappedKey.select().where(WrappedKey.file == file)
    with pytest.raises(NotAvailable):
        await house.files.open(file)
    with pytest.raises(NotAvailable):
        await house.files.read_derived(file, page_name(1))
    return bool(row["wrapped"] == "" and row["destroyed_at"] > 0)


async def test_another_files_key_opens_nothing(stage: Stage) -> None:
    """What whoever has the database could try: one file's key for another's bytes."""
    await approved(stage.house, copies=2)
    async with stage.doors.client({"Authorization": f"Bearer {stage.sessions['p04']}"}) as archivist:
        one = await uploaded(archivist, "C2", "通报.pdf", files.scanned_pdf(pages=1))
        other = await uploaded(archivist, "C2", "通报.pdf", files.scanned_pdf(pages=1, seed=9))
    (key,) = await WrappedKey.select().where(WrappedKey.file == one)
    await WrappedKey.update({WrappedKey.wrapped: key["wrapped"]}).where(WrappedKey.file == other)

    with pytest.raises(Exception, match="key"):
        await (await stage.house.files.open(other)).read()
