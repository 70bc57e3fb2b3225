"""A tus client in a few lines, and the steps that come before a scan."""

from __future__ import annotations

import base64

import httpx

from storage.wiring import Wiring

OFFSET = "application/offset+octet-stream"


async def approved(
    house: Wiring, carrier: str = "C2", person: str = "p04", mode: str = "scan", copies: int = 1
) -> None:
    """The leader allows scanning a carrier."""
    await house.office.do(
        "p01", "approve-copy", {"carrier": carrier, "mode": mode, "person": person, "copies": copies}
    )


async def begun(client: httpx.AsyncClient, carrier: str, name: str, length: int | str) -> httpx.Response:
    sent = {"carrier": carrier, "filename": name}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in sent.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": metadata}
    return await client.post("/api/v1/uploads", headers=headers)


async def sent(client: httpx.AsyncClient, location: str, offset: int, content: bytes) -> httpx.Response:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": OFFSET}
    return await client.patch(location, content=content, headers=headers)


async def uploaded(client: httpx.AsyncClient, carrier: str, name: str, content: bytes) -> str:
    """The whole of it; the file's id."""
    beginning = await begun(client, carrier, name, len(content))
    assert beginning.status_code == 201, beginning.text
    ending = await sent(client, beginning.headers["location"], 0, content)
    assert ending.status_code == 204, ending.text
    return str(ending.headers["x-zhixi-file"])


async def accepted(
    archivist: httpx.AsyncClient,
    content: bytes,
    *,
    name: str = "通报.pdf",
    carrier: str = "C2",
    serial: str = "电-001",
) -> tuple[str, str]:
    """A scan uploaded and accepted with its number; the file's id and that of the carrier it is."""
    file = await uploaded(archivist, carrier, name, content)
    response = await archivist.post("/api/v1/acts/accept-scan", json={"file": file, "serial": serial})
    assert response.status_code == 201, response.text
    return file, str(response.json()["result"]["carrier"])
