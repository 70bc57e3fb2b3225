"""Files as they arrive, lie and are read: encrypted part by part, hashed and typed on completion, readable from anywhere.

An upload's id becomes the file's. Its key is made before the first byte, wrapped under the organisation's key with the id
as context; without the key nothing of the file can be read anywhere, previews included.

BadField
└── OffsetNotDue    field `Upload-Offset`: another offset is due, or another request is writing
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, TypeVar

import msgspec

from graph.errors import BadField, BadInput, Conflict, NotAvailable, Refused
from graph.times import DAY_MS, Instant
from storage import cipher, preview, truetype
from storage.act import opaque
from storage.keys import OrganisationKey
from storage.tables.catalogue import File
from storage.tables.kept import Upload, WrappedKey
from storage.transaction import Database
from storage.vault import Vault

LARGEST_UPLOAD = 4 << 30
PART = 8 << 20
BUSY_MS = 10_000
"""How long an upload stays one request's own that neither sends nor says anything."""
ABANDONED_MS = DAY_MS
"""An upload begun so long ago and not finished is given up."""
T = TypeVar("T")


class OffsetNotDue(BadField):
    def __init__(self) -> None:
        super().__init__("Upload-Offset", "offset-not-due")


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
    entered: bool = False


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
        """A new upload, already judged by the caller. Raises BadField on a name or length that cannot be.

        A store that is down is told before anything is written.
        """
        name = truetype.safe_name(name)
        if length < 1:
            raise BadField("file", "file-empty")
        if length > LARGEST_UPLOAD:
            raise BadField("Upload-Length", "not-between", low="1", high=str(LARGEST_UPLOAD))
        await self._vault.check()
        id_ = opaque("fl")
        async with self._database.transaction():
            await WrappedKey.insert(WrappedKey(file=id_, wrapped=self._wrapped(id_, cipher.new_key())))
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
        await self._vault.begin(id_)
        return id_

    async def progress(self, id_: str, person: str) -> Progress:
        """How far one's own upload has come, also once its file was entered. Raises NotAvailable."""
        rows = await Upload.select().where((Upload.id == id_) & (Upload.person == person))
        if rows:
            row = rows[0]
            return Progress(**{name: row[name] for name in Progress.__struct_fields__ if name != "entered"})
        rows = await self._database.run(
            "SELECT f.name, f.size, c.copy_of FROM file f JOIN register_row r ON r.seq = f.made"
            " JOIN carrier c ON c.id = f.carrier WHERE f.id = {} AND r.actor = {} AND f.state <> 'rejected'",
            id_,
            person,
        )
        if not rows:
            raise NotAvailable
        row = rows[0]
        return Progress(
            id=id_, person=person, carrier=row["copy_of"], name=row["name"], length=row["size"],
            received=row["size"], entered=True,
        )  # fmt: skip

    async def receive(self, id_: str, offset: int, stream: AsyncIterator[bytes]) -> int:
        """Take bytes from `offset` on; how far the upload has come. What was taken before a break stays.

        Raises OffsetNotDue.
        """
        arriving = await self._taken(id_, offset)
        try:
            async for piece in stream:
                await arriving.take(piece)
        finally:
            try:
                await arriving.keep()
            finally:
                await arriving.claim.release()
        return arriving.taken

    async def _taken(self, id_: str, offset: int) -> _Arriving:
        """The upload, claimed for one request at a time at the offset that is due."""
        claim, row = await _Claim.on(self._database, self._now, id_, offset)
        return _Arriving(self._vault, claim, row, await self._file_key(id_))

    @asynccontextmanager
    async def whole(self, id_: str) -> AsyncIterator[Arrived]:
        """An upload of which everything has arrived, made whole, hashed and examined, nobody else's meanwhile.

        Leaving without an error settles it: its file has been entered. Whatever refuses the file leaves nothing of it. What
        passes, such as a service that is down, leaves the upload to be asked for again. Raises BadField("file"…) for what it
        is not, cipher.Tampered for what was changed in the store.
        """
        rows = await Upload.select(Upload.length).where(Upload.id == id_)
        if not rows:
            raise NotAvailable
        claim, row = await _Claim.on(self._database, self._now, id_, rows[0]["length"])
        try:
            async with claim.kept():
                await self._vault.complete(id_, parts=row["parts"], size=cipher.cipher_size(row["length"]))
                yield await self._examined(row)
                await Upload.delete().where(Upload.id == id_)
        except (BadInput, Refused, Conflict, NotAvailable):
            await self._gone(id_)
            raise
        finally:
            await claim.release()

    async def _examined(self, row: dict[str, Any]) -> Arrived:
        file, name, declared = str(row["id"]), str(row["name"]), row["declared"] or None
        plain = await self.open(file)
        digest = hashlib.sha256()
        async for piece in plain.pieces():
            digest.update(piece)

        def look(ranges: truetype.Ranges) -> tuple[truetype.Kind, int | None]:
            kind = truetype.true_type(ranges.read, ranges.size, name, declared)
            return kind, preview.count_pages(ranges.opened(), kind.media_type)

        kind, pages = await self.study(file, look)
        return Arrived(
            file=file,
            carrier=str(row["carrier"]),
            name=name,
            media_type=kind.media_type,
            size=plain.size,
            sha256=digest.hexdigest(),
            pages=pages,
        )

    async def forget(self, id_: str) -> None:
        """Given up: bytes, key and upload are gone. Raises OffsetNotDue where a request is writing."""
        claim, _ = await _Claim.on(self._database, self._now, id_, None)
        try:
            await self._gone(id_)
        finally:
            await claim.release()

    async def _gone(self, id_: str) -> None:
        """Nothing is left of an upload. What was entered is no upload any more, and stays."""
        async with self._database.transaction():
            await Upload.delete().where(Upload.id == id_)
            entered = await File.exists().where(File.id == id_)
            if not entered:
                await WrappedKey.update({WrappedKey.wrapped: "", WrappedKey.destroyed_at: self._now()}).where(
                    WrappedKey.file == id_
                )
        if not entered:
            await self._vault.abort(id_)
            await self._vault.delete(id_)

    async def sweep(self) -> None:
        """Give abandoned uploads up, and remove whatever a crash left in the store after its key was destroyed. Repeatable."""
        old = await Upload.select(Upload.id).where(Upload.created_at < self._now() - ABANDONED_MS)
        for row in old:
            with suppress(OffsetNotDue):  # it is arriving after all
                await self.forget(row["id"])
        destroyed = {
            row["file"] for row in await WrappedKey.select(WrappedKey.file).where(WrappedKey.destroyed_at > 0)
        }
        for names in (self._vault.list_staged(), self._vault.list_objects()):
            for name in [each async for each in names if file_of(each) in destroyed]:
                await self._vault.delete(name)

    # Lying and being read

    async def open(self, file: str) -> Plain:
        """Raises NotAvailable where the key was destroyed."""
        return await self._opened(file, await self._file_key(file))

    async def _opened(self, object_id: str, key: bytes) -> Plain:
        stat = await self._vault.stat(object_id)
        async with aclosing(self._vault.read_range(object_id, 0, cipher.HEADER_SIZE)) as stored:
            header = b"".join([piece async for piece in stored])
        return Plain(self._vault, object_id, cipher.Reader(key, header, stat.size))

    async def study(self, file: str, look: Callable[[truetype.Ranges], T]) -> T:
        """Let a library look at a stored file, in a thread. What fails in the store or the cipher comes out as it is."""
        plain = await self.open(file)
        loop = asyncio.get_running_loop()

        def read(start: int, length: int) -> bytes:
            return asyncio.run_coroutine_threadsafe(plain.read(start, length), loop).result()

        def looked() -> T:
            ranges = truetype.Ranges(read, plain.size)
            with ranges.told():
                return look(ranges)

        return await asyncio.to_thread(looked)

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
        """After its key was destroyed: remove the bytes and every page made from them. Repeatable."""
        rows = await File.select(File.pages).where(File.id == file)
        await self._vault.delete(file)
        for number in range(1, (rows[0]["pages"] or 0) + 1 if rows else 1):
            await self._vault.delete(derived_id(file, page_name(number)))

    def _wrapped(self, file: str, key: bytes) -> str:
        return base64.b64encode(self._key.wrap(key, file.encode())).decode()

    async def _file_key(self, file: str) -> bytes:
        rows = await WrappedKey.select(WrappedKey.wrapped).where(WrappedKey.file == file)
        if not rows or not rows[0]["wrapped"]:
            raise NotAvailable
        return self._key.unwrap(base64.b64decode(rows[0]["wrapped"]), file.encode())


def derived_id(file: str, name: str) -> str:
    return f"{file}_{name}"


def file_of(object_id: str) -> str:
    """The file that an object of the vault is, or was made from."""
    return object_id.partition("_")[0]


def page_name(number: int) -> str:
    return f"p{number}"


class _Claim:
    """An upload in the hands of one request: no other may write, and one that fell silent may no longer."""

    def __init__(self, database: Database, now: Callable[[], Instant], id_: str, until: Instant) -> None:
        self._database = database
        self._now = now
        self.id = id_
        self._until = until

    @classmethod
    async def on(
        cls, database: Database, now: Callable[[], Instant], id_: str, offset: int | None
    ) -> tuple[_Claim, dict[str, Any]]:
        """At the offset that is due, or at whatever it has come to. Raises OffsetNotDue."""
        at = now()
        due, place = ("", ()) if offset is None else (" AND received = {}", (offset,))
        rows = await database.run(
            f"UPDATE upload SET busy_until = {{}} WHERE id = {{}} AND busy_until < {{}}{due} RETURNING *",  # noqa: S608
            at + BUSY_MS, id_, at, *place,
        )  # fmt: skip
        if not rows:
            raise OffsetNotDue
        return cls(database, now, id_, at + BUSY_MS), rows[0]

    async def renew(self, **come: object) -> None:
        """Still ours, and how far it has come. Raises OffsetNotDue where another request has it now."""
        until = self._now() + BUSY_MS
        columns = "".join(f", {name} = {{}}" for name in come)
        rows = await self._database.run(
            f"UPDATE upload SET busy_until = {{}}{columns} WHERE id = {{}} AND busy_until = {{}} RETURNING id",  # noqa: S608
            until, *come.values(), self.id, self._until,
        )  # fmt: skip
        if not rows:
            raise OffsetNotDue
        self._until = until

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Ours for as long as this takes."""
        renewing = asyncio.create_task(self._renew_always())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew_always(self) -> None:
        while True:
            await asyncio.sleep(BUSY_MS / 3000)
            await self.renew()

    async def release(self) -> None:
        await self._database.run(
            "UPDATE upload SET busy_until = 0 WHERE id = {} AND busy_until = {}", self.id, self._until
        )


class _Arriving:
    """What one request sends: sealed, put away part by part."""

    def __init__(self, vault: Vault, claim: _Claim, row: dict[str, Any], key: bytes) -> None:
        self._vault = vault
        self.claim = claim
        self._length = int(row["length"])
        self._parts = int(row["parts"])
        self._pending = bytearray()
        self._kept = self.taken = int(row["received"])
        self._ours = True
        self._sealer: cipher.Encryptor | None = None
        if self.taken < self._length:
            self._sealer = cipher.Encryptor(
                key, state=base64.b64decode(row["state"]) if row["state"] else None
            )

    async def take(self, piece: bytes) -> None:
        if not piece:
            return
        if self._sealer is None or self.taken + len(piece) > self._length:
            raise BadField("Upload-Length", "more-than-declared")
        self._pending += self._sealer.feed(piece)
        self.taken += len(piece)
        if self.taken == self._length:
            self._pending += self._sealer.finish()
        if len(self._pending) >= PART:
            await self.keep()

    async def keep(self) -> None:
        """Put the pending part away, then remember that it is: in this order, so that a crash repeats and never skips."""
        if self.taken == self._kept or self._sealer is None or not self._ours:
            return
        self._ours = False  # until it is known again: a part of another request's is not written over
        await self.claim.renew()
        if self._pending:
            self._parts += 1
            await self._vault.put_part(self.claim.id, self._parts, bytes(self._pending))
            self._pending.clear()
        finished = self.taken == self._length
        state = "" if finished else base64.b64encode(self._sealer.state()).decode()
        await self.claim.renew(received=self.taken, parts=self._parts, state=state)
        self._kept = self.taken
        self._ours = True
