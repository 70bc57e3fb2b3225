"""Scans to upload: noise, which no compression makes smaller, as TIFF."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import httpx
from PIL import Image

from tests.bench.client import LOCATION, Call, Shot
from tests.bench.fill import SCAN_CARRIER

LARGE = (2560, 4096)
"""Grey dots: 10 MiB."""
SMALL = (620, 877)
"""A4 at 75 dots an inch."""
TUS = {"Tus-Resumable": "1.0.0"}


def picture(folder: Path, size: tuple[int, int]) -> Path:
    file = folder / f"bench-{size[0]}.tif"
    Image.effect_noise(size, 60).save(file, "TIFF")
    return file


def upload(file: Path, headers: dict[str, str]) -> Call:
    """Begun, and sent in one piece; with the last byte it becomes a registered scan."""
    begin = Shot(
        path="/api/v1/uploads",
        method="POST",
        headers={**headers, **TUS, **_begun(file)},
        expect=201,
    )
    send = Shot(
        path=LOCATION,
        method="PATCH",
        headers={**headers, **TUS, **_SENT},
        file=str(file),
        expect=204,
    )
    return begin, send


async def accepted(client: httpx.AsyncClient, file: Path, headers: dict[str, str]) -> str:
    """Upload and accept a scan; the file's id."""
    begun = await client.post("/api/v1/uploads", headers={**headers, **TUS, **_begun(file)})
    begun.raise_for_status()
    sent = await client.patch(
        begun.headers["location"],
        content=await asyncio.to_thread(file.read_bytes),
        headers={**headers, **TUS, **_SENT},
    )
    sent.raise_for_status()
    id_ = str(sent.headers["x-zhixi-file"])
    done = await client.post(
        "/api/v1/acts/accept-scan", json={"file": id_, "serial": f"电-{id_}"}, headers=headers
    )
    done.raise_for_status()
    return id_


_SENT = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


def _begun(file: Path) -> dict[str, str]:
    named = {"carrier": SCAN_CARRIER, "filename": file.name, "filetype": "image/tiff"}
    metadata = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in named.items()
    )
    return {"Upload-Metadata": metadata, "Upload-Length": str(file.stat().st_size)}
