"""Files through a server of its own: an upload goes on after the server was killed, and a large one never comes into memory."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import httpx

from tests import files
from tests.api.uploads import OFFSET, approved, begun, sent
from tests.faults.stage import REPLICA, Stage, with_graph

MIB = 1 << 20
LARGE = int(os.environ.get("ZHIXI_LARGE_MIB", "320")) * MIB
"""More than a process may ever hold; the gigabyte that is spoken of is tried with ZHIXI_LARGE_MIB=1024."""
MOST = 300 * MIB
PIECE = 256 << 10


async def test_an_upload_goes_on_where_a_killed_server_left_it(stage: Stage) -> None:
    content = files.scanned_pdf(pages=6)
    half = len(content) // 2
    await approved(stage.house)
    ground = with_graph(stage.ground, REPLICA)

    async with stage.door(ground) as door:
        async with stage.by(door, "p04") as archivist:
            where = (await begun(archivist, "C2", "通报.pdf", len(content))).headers["location"]
            first = await sent(archivist, where, 0, content[:half])
        await door.kill()
    async with stage.door(ground) as again, stage.by(again, "p04") as archivist:
        come = await archivist.head(where, headers={"Tus-Resumable": "1.0.0"})
        offset = int(come.headers["upload-offset"])
        last = await sent(archivist, where, offset, content[offset:])
        file = last.headers["x-zhixi-file"]

    assert (first.status_code, come.status_code, last.status_code) == (204, 200, 204)
    assert 0 < offset <= half
    assert await (await stage.house.files.open(file)).read() == content


async def test_a_large_file_goes_up_and_down_and_the_server_stays_small(stage: Stage) -> None:
    beginning, end, zeros = files.large_pdf(LARGE)
    length = len(beginning) + zeros + len(end)
    await approved(stage.house)

    async def pieces() -> AsyncIterator[bytes]:
        yield beginning
        for _ in range(zeros // PIECE):
            yield bytes(PIECE)
        yield bytes(zeros % PIECE) + end

    async with stage.door(with_graph(stage.ground, REPLICA)) as door:
        async with stage.by(door, "p04") as archivist:
            where = (await begun(archivist, "C2", "通报.pdf", length)).headers["location"]
            headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": OFFSET}
            up = await archivist.patch(where, content=pieces(), headers=headers, timeout=250)
            assert up.status_code == 204, up.text
            file = up.headers["x-zhixi-file"]
            accepted = await archivist.post("/api/v1/acts/accept-scan", json={"file": file, "serial": "电-1"})
            carrier = accepted.json()["result"]["carrier"]
            await stage.house.office.do(
                "p01", "approve-copy", {"carrier": carrier, "mode": "download", "person": "p05"}
            )
        async with stage.by(door, "p05") as reader:
            reading = await reader.post(
                "/api/v1/documents/D2/readings", json={"file": file, "mode": "download"}
            )
            down = await counted(reader, f"/api/v1/readings/{reading.json()['reading']}/content")
        most = door.most_memory()

    assert down == length
    assert most < MOST


async def counted(client: httpx.AsyncClient, path: str) -> int:
    """How many bytes come."""
    total = 0
    async with client.stream("GET", path, timeout=250) as response:
        assert response.status_code == 200, await response.aread()
        async for piece in response.aiter_raw():
            total += len(piece)
    return total
