"""Stored files rechecked: each is read whole and held against its size and hash, those longest unchecked first.

What is found wanting stands in `file_check` until the file is sound again or gone; the clock's round makes it a finding
(P-intact). A reading that meets it notes it at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from graph.errors import NotAvailable
from graph.times import DAY_MS, Instant
from storage.cipher import Tampered
from storage.files import Files
from storage.tables.catalogue import File
from storage.tables.kept import FileCheck, WrappedKey
from storage.transaction import Database
from storage.vault import ObjectMissing, RangeOutside

ALTERED: Final = "altered"
MISSING: Final = "missing"
AT_ONCE_BYTES: Final = 2 << 30
"""Read at most in one go, so that a recheck does not keep a worker from everything else."""


class Integrity:
    def __init__(self, database: Database, files: Files, now: Callable[[], Instant]) -> None:
        self._database = database
        self._files = files
        self._now = now

    async def recheck(self, days: int, *, at_once: int = AT_ONCE_BYTES) -> int:
        """Check the files not checked for so many days, the longest unchecked first, up to a number of bytes; how many.

        Raises Unavailable where the store is down: nothing is held against a file then.
        """
        count = size = 0
        for row in await self._due(self._now() - days * DAY_MS):
            if count and size + row["size"] > at_once:
                break
            try:
                wrong = await self.look(row["id"], row["size"], row["sha256"])
            except NotAvailable:  # destroyed meanwhile
                continue
            await self.note(row["id"], wrong)
            count += 1
            size += row["size"]
        return count

    async def _due(self, before: Instant) -> Sequence[dict[str, Any]]:
        return await self._database.run(
            "SELECT f.id, f.size, f.sha256 FROM file f JOIN wrapped_key w ON w.file = f.id"
            " LEFT JOIN file_check c ON c.file = f.id"
            " WHERE f.state <> 'rejected' AND w.wrapped <> '' AND COALESCE(c.checked_at, 0) < {}"
            " ORDER BY COALESCE(c.checked_at, 0), f.id LIMIT 1000",
            before,
        )

    async def look(self, file: str, size: int, sha256: str) -> str:
        """Read it whole: empty where it is what was entered, else what is wrong. Raises NotAvailable, Unavailable."""
        digest = hashlib.sha256()
        try:
            plain = await self._files.open(file)
            async for piece in plain.pieces():
                digest.update(piece)
        except ObjectMissing:
            return MISSING
        except (Tampered, RangeOutside):
            return ALTERED
        return "" if (plain.size, digest.hexdigest()) == (size, sha256) else ALTERED

    async def note(self, file: str, wrong: str) -> None:
        """Of one file: checked now, and what is wrong with it."""
        await self._database.run(
            "INSERT INTO file_check (file, checked_at, wrong) VALUES ({}, {}, {})"
            " ON CONFLICT (file) DO UPDATE SET checked_at = excluded.checked_at, wrong = excluded.wrong",
            file,
            self._now(),
            wrong,
        )

    async def told(self, file: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """What is read, piece by piece; where the store holds something else, that is noted before the error goes on."""
        try:
            async for piece in pieces:
                yield piece
        except (Tampered, RangeOutside):
            await self.note(file, ALTERED)
            raise
        except ObjectMissing:
            await self.note(file, MISSING)
            raise


async def wanting() -> list[tuple[str, str, str]]:
    """File, carrier and what is wrong, of files that still stand and whose last check found something."""
    wrong = {row["file"]: row["wrong"] for row in await FileCheck.select().where(FileCheck.wrong != "")}
    if not wrong:
        return []
    standing = await File.select(File.id, File.carrier).where(
        File.id.is_in(list(wrong)) & (File.state != "rejected")
    )
    gone = {
        row["file"] for row in await WrappedKey.select(WrappedKey.file).where(WrappedKey.destroyed_at > 0)
    }
    return sorted((row["id"], row["carrier"], wrong[row["id"]]) for row in standing if row["id"] not in gone)
