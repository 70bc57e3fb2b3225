"""Readings: judged, recorded, and only then served; no GET ever appends."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Meta

from api import show, watermark
from api.http.questions import viewer_of
from api.http.uploads import wiring_of
from graph.errors import NotAvailable, NotReady
from graph.times import to_datetime
from storage.accounts import MINUTE_MS, SignedIn
from storage.files import page_name
from storage.integrity import Integrity
from storage.tables.catalogue import File, Reading
from storage.vault import ObjectMissing
from storage.wiring import Wiring

READING_LASTS_MS = 30 * MINUTE_MS


class Open(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which file of the document, and whether to read its pages or download it."""

    file: Annotated[str, Meta(max_length=64)] | None = None
    mode: Literal["read", "download"] = "read"


@post("/documents/{document:str}/readings", status_code=201, summary="Open a document for reading")
async def open_reading(
    request: Request[Any, Any, Any],
    ready: NamedDependency[SignedIn],
    document: FromPath[str],
    data: JSONBody[Open],
) -> dict[str, Any]:
    """Refused with every rule id, or entered; the terminal is the session's."""
    wiring = wiring_of(request)
    sent: dict[str, Any] = {"document": document, "mode": data.mode}
    if data.file:
        sent["file"] = data.file
    if ready.device:
        sent["device"] = ready.device
    outcome = await wiring.office.do(ready.person, "open-reading", sent)
    found = await File.select().where(File.id == (data.file or ""))
    return {
        "reading": outcome.result["reading"],
        "document": document,
        "file": data.file,
        "media_type": found[0]["media_type"] if found else None,
        "pages": found[0]["pages"] if found else None,
    }


async def standing(wiring: Wiring, who: SignedIn, reading: str) -> dict[str, Any]:
    """A reading of one's own that is fresh, judged again now: what was revoked meanwhile is not served."""
    rows = await Reading.select().where((Reading.id == reading) & (Reading.person == who.person))
    if not rows or rows[0]["opened_at"] + READING_LASTS_MS < wiring.now():
        raise NotAvailable
    row: dict[str, Any] = rows[0]
    if (row["device"] or None) != who.device:
        raise NotAvailable
    await wiring.office.judge(
        who.person,
        "open-reading",
        {
            name: value
            for name, value in (
                ("document", row["document"]),
                ("file", row["file"]),
                ("device", row["device"]),
                ("mode", row["mode"]),
                ("again", row["id"] if row["mode"] == "download" else ""),
            )
            if value
        },
    )
    return row


@get("/readings/{reading:str}/content", summary="The file itself, by byte ranges")
async def content(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], reading: FromPath[str]
) -> Stream | Response[None]:
    """Only under a reading in mode download, which an approval stands behind."""
    wiring = wiring_of(request)
    row = await standing(wiring, ready, reading)
    if row["mode"] != "download" or not row["file"]:
        raise NotAvailable
    files = await File.select().where(File.id == row["file"])
    integrity = Integrity(wiring.database, wiring.files, wiring.now)
    plain = await wiring.files.open(row["file"])
    start, length = byte_range(request.headers.get("range"), plain.size)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Length": str(length),
        "Content-Disposition": f'attachment; filename="{row["file"]}"',
    }
    if length != plain.size:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{plain.size}"
    return Stream(
        integrity.told(row["file"], plain.pieces(start, length)),
        status_code=206 if length != plain.size else 200,
        media_type=files[0]["media_type"],
        headers=headers,
    )


@get("/readings/{reading:str}/pages/{page:int}", summary="One page, watermarked at this moment")
async def page_image(
    request: Request[Any, Any, Any],
    ready: NamedDependency[SignedIn],
    reading: FromPath[str],
    page: FromPath[int],
) -> Response[bytes]:
    """PNG. Judged again; 409 `preview-waiting` where the page has not been drawn yet, or could not be."""
    wiring = wiring_of(request)
    row = await standing(wiring, ready, reading)
    files = await File.select().where(File.id == row["file"])
    if not files or not 1 <= page <= (files[0]["pages"] or 0):
        raise NotAvailable
    try:
        drawn = await wiring.files.read_derived(row["file"], page_name(page))
    except ObjectMissing:
        job = await request.app.state.tasks.of(row["file"], "preview")
        failed = job is not None and job.state == "failed"
        raise NotReady("preview-failed" if failed else "preview-waiting") from None
    people = await show.names([ready.person], viewer_of(request, ready))
    moment = to_datetime(wiring.now()).strftime("%Y-%m-%d %H:%M:%S")
    text = f"{people.get(ready.person, {}).get('zh', ready.person)}  {moment}  {reading}"
    marked = await asyncio.to_thread(watermark.burn, drawn, text)
    return Response(marked, media_type="image/png", headers={"Cache-Control": "no-store"})


_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def byte_range(header: str | None, size: int) -> tuple[int, int]:
    """A Range header → start and length; the whole where there is none or it does not fit (RFC 9110)."""
    found = _RANGE.match(header or "")
    if found is None or found[0] == "bytes=-":
        return 0, size
    if not found[1]:
        length = min(int(found[2]), size)
        return (size - length, length) if length else (0, size)
    start = int(found[1])
    end = min(int(found[2]), size - 1) if found[2] else size - 1
    return (start, end - start + 1) if start <= end else (0, size)


router = Router(path="/", route_handlers=[open_reading, content, page_image], tags=["files"])
