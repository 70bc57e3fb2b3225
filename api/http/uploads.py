"""Uploads that can be resumed (tus 1.0.0): judged before the first byte, visible only once entered."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from litestar import Request, Response, Router, delete, head, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from graph.errors import BadField, NotAvailable
from storage.accounts import SignedIn
from storage.wiring import Wiring

VERSION = "1.0.0"
LONGEST_NUMBER = 15
TUS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
PROBE = {
    "file": "fl-probe",
    "name": "probe",
    "media_type": "application/octet-stream",
    "size": 1,
    "sha256": "0" * 64,
}


def wiring_of(request: Request[Any, Any, Any]) -> Wiring:
    found: Wiring = request.app.state.wiring
    return found


def metadata(text: str | None) -> dict[str, str]:
    """Upload-Metadata: comma-separated `name base64`. Raises BadField."""
    found: dict[str, str] = {}
    for pair in (text or "").split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadField("Upload-Metadata", "unreadable", problem=name) from None
    return found


@post("/", status_code=201, summary="Begin an upload")
async def begin(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> Response[None]:
    """Metadata: carrier (the source), filename, filetype. Refused here, before any byte, with every rule id."""
    wiring = wiring_of(request)
    sent = metadata(request.headers.get("upload-metadata"))
    for name in ("carrier", "filename"):
        if not sent.get(name):
            raise BadField(f"Upload-Metadata.{name}", "missing")
    await wiring.office.admit(ready.person, "stage-scan", {"carrier": sent["carrier"], **PROBE})
    id_ = await wiring.files.begin(
        ready.person,
        sent["carrier"],
        name=sent["filename"],
        declared=sent.get("filetype", ""),
        length=_number(request, "upload-length", "Upload-Length"),
    )
    return Response(None, status_code=201, headers={**TUS, "Location": f"/api/v1/uploads/{id_}"})


@head("/{upload:str}", summary="How far an upload has come")
async def progress(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], upload: FromPath[str]
) -> Response[None]:
    """Also once it has been entered: X-Zhixi-File then names the file."""
    found = await wiring_of(request).files.progress(upload, ready.person)
    headers = {**TUS, "Upload-Offset": str(found.received), "Upload-Length": str(found.length)}
    if found.entered:
        headers["X-Zhixi-File"] = upload
    return Response(None, status_code=200, headers=headers)


@patch("/{upload:str}", status_code=204, summary="Send bytes", request_max_body_size=None)
async def send(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], upload: FromPath[str]
) -> Response[None]:
    """The bytes from Upload-Offset on. The last ones enter the scan: X-Zhixi-File names it.

    Where all has arrived and a break came before the answer, the same with no bytes enters it, once.
    """
    wiring = wiring_of(request)
    found = await wiring.files.progress(upload, ready.person)
    offset = _number(request, "upload-offset", "Upload-Offset")
    if (request.headers.get("content-type") or "") != "application/offset+octet-stream":
        raise BadField("Content-Type", "not-in-list", allowed="application/offset+octet-stream")
    if found.entered and offset == found.length:
        return Response(None, status_code=204, headers=_reached(offset, upload))
    reached = await wiring.files.receive(upload, offset, request.stream())
    if reached < found.length:
        return Response(None, status_code=204, headers=_reached(reached, None))
    async with wiring.files.whole(upload) as arrived:
        sent = {name: getattr(arrived, name) for name in arrived.__struct_fields__}
        sent = {name: value for name, value in sent.items() if value is not None}
        await wiring.office.do(ready.person, "stage-scan", sent, key=upload)
    return Response(None, status_code=204, headers=_reached(reached, upload))


def _reached(offset: int, file: str | None) -> dict[str, str]:
    headers = {**TUS, "Upload-Offset": str(offset)}
    return {**headers, "X-Zhixi-File": file} if file else headers


@delete("/{upload:str}", status_code=204, summary="Give an upload up")
async def give_up(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], upload: FromPath[str]
) -> None:
    files = wiring_of(request).files
    if (await files.progress(upload, ready.person)).entered:
        raise NotAvailable  # it is a carrier now: rejected by its act, not given up
    await files.forget(upload)


def _number(request: Request[Any, Any, Any], header: str, field: str) -> int:
    text = request.headers.get(header) or ""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise BadField(field, "missing" if not text else "wrong-type", expected="int")
    return int(text)


router = Router(path="/uploads", route_handlers=[begin, progress, send, give_up], tags=["files"])
