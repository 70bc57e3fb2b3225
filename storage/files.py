"""Files as they arrive, lie and are read: encrypted part by part, hashed and typed on completion, readable from anywhere.

An upload's id becomes the file's. Its key is made before the first byte, wrapped under the organisation's key with the id
as context; without the key nothing of the file can be read anywhere, previews included.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, BinaryIO

import msgspec

from graph.errors import BadField, NotAvailable
from graph.times import Instant
from storage import cipher, preview, truetype
from storage.act import opaque
from storage.keys import OrganisationKey
from storage.tables.kept import Upload, WrappedKey
from storage.transaction import Database
from storage.vault import Vault

LARGEST_UPLOAD = 4 << 30
PART = 8 << 20
BUSY_MS = 10_000
READ_AHEAD = 1 << 20


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """A completed upload: what it is, before anything is entered."""

    file: str
    carrier: str
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    person: str
    carrier: str
    name: str
    length: int
    received: int


class Plain:
    """Reads a stored file's plain bytes from anywhere. Raises cipher.Tampered naming the chunk that is wrong."""

    def __init__(self, vault: Vault, file: str, reader: cipher.Reader) -> None:
        self._vault = vault
        self._file = file
        self._reader = reader
        self.size = reader.plain_size

    async def read(self, offset: int = 0, length: int | None = None) -> bytes:
        return b"".join([piece async for piece in self.pieces(offset, length)])

    async def pieces(self, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Plain bytes in order, at most a few chunks in memory."""
        wanted = self.size - offset if length is None else length
        passage = self._reader.plain_range(offset, wanted)
        async with aclosing(self._vault.read_range(self._file, passage.start, passage.length)) as stored:
            async for piece in stored:
                if plain := passage.feed(piece):
                    yield plain
        passage.finish()


class Seekable(io.RawIOBase):
    """A stored file for libraries that want a file object: read in a thread while the loop goes on."""

    def __init__(self, plain: Plain, loop: asyncio.AbstractEventLoop) -> None:
        self._plain = plain
        self._loop = loop
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._plain.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), self._plain.size - self._at)
        if length <= 0:
            return 0
        content = asyncio.run_coroutine_threadsafe(self._plain.read(self._at, length), self._loop).result()
        buffer[:length] = content
        self._at += length
        return length


def stream(plain: Plain) -> BinaryIO:
    """A buffered file object over a stored file, to be used off the event loop."""
    return io.BufferedReader(Seekable(plain, asyncio.get_running_loop()), READ_AHEAD)


class Files:
    def __init__(
        self, database: Database, vault: Vault, key: OrganisationKey, now: Callable[[], Instant]
    ) -> None:
        self._database = database
        self._vault = vault
        self._key = key
        self._now = now

    # Arriving

    async def begin(self, person: str, carrier: str, *, name: str, declared: str, length: int) -> str:
        """A new upload, already judged by the caller. Raises BadField on a name or length that cannot be."""
        name = truetype.safe_name(name)
        if length < 1:
            raise BadField("file", "file-empty")
        if length > LARGEST_UPLOAD:
            raise BadField("Upload-Length", "not-between", low="1", high=str(LARGEST_UPLOAD))
        id_ = opaque("fl")
        key = cipher.new_key()
        await self._vault.begin(id_)
        async with self._database.transaction():
            await WrappedKey.insert(WrappedKey(file=id_, wrapped=self._wrapped(id_, key)))
            await Upload.insert(
                Upload(
                    id=id_,
                    person=person,
                    carrier=carrier,
                    name=name,
                    declared=declared,
                    length=length,
                    created_at=self._now(),
                )
            )
        return id_

    async def progress(self, id_: str, person: str) -> Progress:
        """How far one's own upload has come. Raises NotAvailable."""
        rows = await Upload.select().where((Upload.id == id_) & (Upload.person == person))
        if not rows:
            raise NotAvailable
        row = rows[0]
        return Progress(**{name: row[name] for name in Progress.__struct_fields__})

    async def receive(self, id_: str, offset: int, stream: AsyncIterator[bytes]) -> int:
        """Take bytes from `offset` on; how far the upload has come. What was taken before a break stays.

        Raises BadField("Upload-Offset") where another offset is due or another request is writing.
        """
        row = await self._taken(id_, offset)
        key = await self._file_key(id_)
        sealer = cipher.Encryptor(key, state=base64.b64decode(row["state"]) if row["state"] else None)
        parts, pending, finished = int(row["parts"]), bytearray(), False
        try:
            async for piece in stream:
                if not piece:
                    continue
                if sealer.plain_taken + len(piece) > row["length"]:
                    raise BadField("Upload-Length", "more-than-declared")
                pending += sealer.feed(piece)
                if sealer.plain_taken == row["length"]:
                    pending += sealer.finish()
                    finished = True
                if len(pending) >= PART:
                    parts = await self._keep(id_, parts, pending, sealer, finished=finished)
        finally:
            if sealer.plain_taken > offset:
                parts = await self._keep(id_, parts, pending, sealer, finished=finished)
            await Upload.update({Upload.busy_until: 0}).where(Upload.id == id_)
        return sealer.plain_taken

    async def _taken(self, id_: str, offset: int) -> dict[str, Any]:
        """Claim the upload for one request at a time, at the offset that is due."""
        now = self._now()
        rows = await self._database.run(
            "UPDATE upload SET busy_until = {} WHERE id = {} AND received = {} AND busy_until < {} RETURNING *",
            now + BUSY_MS, id_, offset, now,
        )  # fmt: skip
        if not rows:
            raise BadField("Upload-Offset", "offset-not-due")
        return rows[0]

    async def _keep(
        self, id_: str, parts: int, pending: bytearray, sealer: cipher.Encryptor, *, finished: bool
    ) -> int:
        """Put the pending part away, then remember that it is: in this order, so that a crash repeats and never skips."""
        if pending:
            parts += 1
            await self._vault.put_part(id_, parts, bytes(pending))
            pending.clear()
        await Upload.update(
            {
                Upload.received: sealer.plain_taken,
                Upload.parts: parts,
                Upload.state: "" if finished else base64.b64encode(sealer.state()).decode(),
                Upload.busy_until: self._now() + BUSY_MS,
            }
        ).where(Upload.id == id_)
        return parts

    async def finish(self, id_: str) -> Arrived:
        """Everything has arrived: make it whole, hash it, see what it truly is. A file that is refused is gone.

        Raises BadField("file"…) for what it is not, cipher.Tampered for what was changed in the store.
        """
        rows = await Upload.select().where(Upload.id == id_)
        if not rows or rows[0]["received"] != rows[0]["length"]:
            raise BadField("Upload-Offset", "offset-not-due")
        row = rows[0]
        await self._vault.complete(id_, parts=row["parts"], size=cipher.cipher_size(row["length"]))
        try:
            return await self._examined(row)
        except BadField:
            await self.forget(id_)
            raise

    async def _examined(self, row: dict[str, Any]) -> Arrived:
        file, name = str(row["id"]), str(row["name"])
        plain = await self.open(file)
        digest = hashlib.sha256()
        async for piece in plain.pieces():
            digest.update(piece)
        loop = asyncio.get_running_loop()

        def read(start: int, length: int) -> bytes:
            return asyncio.run_coroutine_threadsafe(plain.read(start, length), loop).result()

        kind = await asyncio.to_thread(truetype.true_type, read, plain.size, name, row["declared"] or None)
        return Arrived(
            file=file,
            carrier=str(row["carrier"]),
            name=name,
            media_type=kind.media_type,
            size=plain.size,
            sha256=digest.hexdigest(),
            pages=await asyncio.to_thread(preview.count_pages, stream(plain), kind.media_type),
        )

    async def settle(self, id_: str) -> None:
        """The file has been entered: the upload is over."""
        await Upload.delete().where(Upload.id == id_)

    async def forget(self, id_: str) -> None:
        """Given up or refused: bytes, key and upload are gone."""
        async with self._database.transaction():
            await Upload.delete().where(Upload.id == id_)
            await WrappedKey.update({WrappedKey.wrapped: "", WrappedKey.destroyed_at: self._now()}).where(
                WrappedKey.file == id_
            )
        await self._vault.abort(id_)
        await self._vault.delete(id_)

    # Lying and being read

    async def open(self, file: str) -> Plain:
        """Raises NotAvailable where the key was destroyed."""
        return await self._opened(file, await self._file_key(file))

    async def _opened(self, object_id: str, key: bytes) -> Plain:
        stat = await self._vault.stat(object_id)
        async with aclosing(self._vault.read_range(object_id, 0, cipher.HEADER_SIZE)) as stored:
            header = b"".join([piece async for piece in stored])
        return Plain(self._vault, object_id, cipher.Reader(key, header, stat.size))

    async def write_derived(self, file: str, name: str, content: bytes) -> None:
        """Something made from a file (a preview), under the file's own key. Repeatable."""
        sealer = cipher.Encryptor(await self._file_key(file))
        sealed = sealer.feed(content) + sealer.finish()
        object_id = derived_id(file, name)
        await self._vault.delete(object_id)
        await self._vault.begin(object_id)
        await self._vault.put_part(object_id, 1, sealed)
        await self._vault.complete(object_id, parts=1, size=len(sealed))

    async def read_derived(self, file: str, name: str) -> bytes:
        plain = await self._opened(derived_id(file, name), await self._file_key(file))
        return await plain.read()

    async def erase(self, file: str) -> None:
        """After its key was destroyed: remove the bytes and everything made from them. Repeatable."""
        await self._vault.delete(file)
        names = [each async for each in self._vault.list_objects() if each.startswith(f"{file}_")]
        for name in names:
            await self._vault.delete(name)

    def _wrapped(self, file: str, key: bytes) -> str:
        return base64.b64encode(self._key.wrap(key, file.encode())).decode()

    async def _file_key(self, file: str) -> bytes:
        rows = await WrappedKey.select(WrappedKey.wrapped).where(WrappedKey.file == file)
        if not rows or not rows[0]["wrapped"]:
            raise NotAvailable
        return self._key.unwrap(base64.b64decode(rows[0]["wrapped"]), file.encode())


def derived_id(file: str, name: str) -> str:
    return f"{file}_{name}"
