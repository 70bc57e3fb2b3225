"""What the tasks do. Each may run twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from storage import preview
from storage.files import Files, stream
from storage.search import Index
from storage.tables.catalogue import Document, File
from storage.tasks import Job

NOT_INDEXED = "top-secret"
"""绝密 text is not indexed [P]."""


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    files: Files
    index: Index


async def make_previews(job: Job, tools: Tools) -> None:
    """One encrypted image a page."""
    media_type, _ = await _file(job)
    if media_type is None:
        return
    source = stream(await tools.files.open(job.subject))
    pages = preview.pages(source, media_type)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as drawing:  # one thread: a page is drawn where the one before was
        number = 0
        while (page := await loop.run_in_executor(drawing, next, pages, None)) is not None:
            number += 1
            await tools.files.write_derived(job.subject, f"p{number}", page)


async def index_text(job: Job, tools: Tools) -> None:
    """The text of a born-digital PDF goes into the blind index."""
    media_type, document = await _file(job)
    rows = await Document.select(Document.level).where(Document.id == document)
    if media_type is None or not rows or rows[0]["level"] == NOT_INDEXED:
        return
    source = stream(await tools.files.open(job.subject))
    text = await asyncio.to_thread(preview.text_of, source, media_type)
    await tools.index.put(document, job.subject, text)


async def erase(job: Job, tools: Tools) -> None:
    """The key is gone already: remove bytes, previews and index rows."""
    await tools.index.remove(job.subject)
    await tools.files.erase(job.subject)


async def _file(job: Job) -> tuple[str | None, str]:
    """Media type and document of an accepted file; None where it was rejected meanwhile."""
    rows = await File.select().where(File.id == job.subject)
    if not rows or rows[0]["state"] == "rejected":
        return None, ""
    return rows[0]["media_type"], rows[0]["document"]


JOBS: dict[str, Callable[[Job, Tools], Awaitable[None]]] = {
    "preview": make_previews,
    "text": index_text,
    "erase": erase,
}
