"""What the tasks do. Each may run twice, and each is made by the kind of its row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Final

import msgspec

from storage import preview
from storage.figures import figures
from storage.files import Files, page_name
from storage.integrity import Integrity
from storage.rounds import Rounds
from storage.search import Index
from storage.tables.catalogue import Document, File
from storage.tasks import Job, Tasks
from storage.truetype import Ranges

NOT_INDEXED: Final = "top-secret"
"""绝密 text is not indexed [P]."""
SWEEP: Final = "sweep"
ROUND: Final = "round"
ALARM: Final = "alarm"
RECHECK: Final = "recheck"


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    files: Files
    index: Index
    tasks: Tasks
    rounds: Rounds
    integrity: Integrity


class _Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A file that stands: neither rejected nor gone."""

    media_type: str
    document: str
    level: str


async def make_previews(job: Job, tools: Tools) -> None:
    """One encrypted picture a page."""
    subject = await _standing(job)
    if subject is None:
        return
    loop = asyncio.get_running_loop()

    def put(number: int, page: bytes) -> None:
        writing = tools.files.write_derived(job.subject, page_name(number), page)
        asyncio.run_coroutine_threadsafe(writing, loop).result()

    def draw(ranges: Ranges) -> None:
        with closing(preview.pages(ranges.opened(), subject.media_type)) as pages:
            for number, page in enumerate(pages, start=1):
                ranges.check()
                put(number, page)

    await tools.files.study(job.subject, draw)
    if await _standing(job) is None:  # rejected meanwhile: what came after the bytes were erased
        await tools.files.erase(job.subject)


async def index_text(job: Job, tools: Tools) -> None:
    """The text of a born-digital PDF goes into the blind index."""
    subject = await _standing(job)
    if subject is None or subject.level == NOT_INDEXED:
        await tools.index.remove(job.subject)
        return

    def text(ranges: Ranges) -> str:
        return preview.text_of(ranges.opened(), subject.media_type)

    await tools.index.put(subject.document, job.subject, await tools.files.study(job.subject, text))
    if await _standing(job) is None:
        await tools.index.remove(job.subject)


async def erase(job: Job, tools: Tools) -> None:
    """The key is gone already: remove bytes, previews and index rows."""
    await tools.index.remove(job.subject)
    await tools.files.erase(job.subject)


async def sweep(_job: Job, tools: Tools) -> None:
    """Uploads begun a day ago and not finished, what crashes left in the store, and tasks long done."""
    await tools.files.sweep()
    await tools.tasks.forget_done()


async def recheck(_job: Job, tools: Tools) -> None:
    """Stored files that nobody has read whole for long, against what was entered of them (P-intact)."""
    figure = await figures()
    await tools.integrity.recheck(figure("file-recheck"))


async def look_round(_job: Job, tools: Tools) -> None:
    """What the clock has to find: what is owed, what ran out, what nobody answers for."""
    await tools.rounds.walk()


async def raise_alarm(job: Job, tools: Tools) -> None:
    """S02-14.3: a service worker is still alone in this place, so many minutes after the other left."""
    await tools.rounds.alarm(job.subject)


async def _standing(job: Job) -> _Subject | None:
    rows = await File.select().where(File.id == job.subject)
    if not rows or rows[0]["state"] == "rejected":
        return None
    marks = await Document.select(Document.level).where(Document.id == rows[0]["document"])
    return _Subject(
        media_type=rows[0]["media_type"],
        document=rows[0]["document"],
        level=marks[0]["level"] if marks else NOT_INDEXED,
    )


JOBS: dict[str, Callable[[Job, Tools], Awaitable[None]]] = {
    "preview": make_previews,
    "text": index_text,
    "erase": erase,
    SWEEP: sweep,
    ROUND: look_round,
    ALARM: raise_alarm,
    RECHECK: recheck,
}
