"""The vault in a folder. Whatever has returned is on the disk: files and their folders are synced, then renamed into place.

ROOT/zhixi-vault                 marks the folder as a vault: an unmounted disk leaves a folder without it
ROOT/objects/<xx>/<id>           complete objects, spread by the first byte of the id's SHA-256
ROOT/staging/<id>/<number>       parts; names beginning with a dot are drafts that a crash may leave behind
"""

import asyncio
import errno
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import ParamSpec, TypeVar

from storage.vault import (
    PIECE,
    NotStaged,
    ObjectExists,
    ObjectMissing,
    Part,
    PartsMissing,
    Stat,
    VaultFull,
    VaultUnavailable,
    checked_id,
    checked_part,
    checked_parts,
    checked_range,
)

_P = ParamSpec("_P")
_T = TypeVar("_T")
_MARK = "zhixi-vault"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class DirectoryVault:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._mark = root / _MARK
        self._objects = root / "objects"
        self._staging = root / "staging"

    @property
    def store(self) -> str:
        return str(self._root)

    async def prepare(self) -> None:
        await self._in_thread(self._prepare)

    async def check(self) -> None:
        await self._in_thread(self._check)

    async def begin(self, object_id: str) -> None:
        await self._in_thread(self._begin, checked_id(object_id))

    async def put_part(self, object_id: str, number: int, content: bytes) -> None:
        checked_part(number, content)
        await self._in_thread(self._put_part, checked_id(object_id), number, content)

    async def parts(self, object_id: str) -> list[Part]:
        return await self._in_thread(self._parts, checked_id(object_id))

    async def complete(self, object_id: str, *, parts: int, size: int) -> Stat:
        return await self._in_thread(self._complete, checked_id(object_id), parts, size)

    async def abort(self, object_id: str) -> None:
        await self._in_thread(self._abort, checked_id(object_id))

    async def read_range(
        self, object_id: str, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        file = await self._in_thread(self._open, checked_id(object_id))
        try:
            size = (await self._in_thread(os.fstat, file)).st_size
            position, end = start, start + checked_range(object_id, size, start, length)
            while position < end:
                piece = await self._in_thread(os.pread, file, min(PIECE, end - position), position)
                if not piece:
                    raise VaultUnavailable(self.store, "gave fewer bytes than the object has")
                yield piece
                position += len(piece)
        finally:
            os.close(file)

    async def stat(self, object_id: str) -> Stat:
        return await self._in_thread(self._stat, checked_id(object_id))

    async def delete(self, object_id: str) -> None:
        await self._in_thread(self._delete, checked_id(object_id))

    async def list_objects(self) -> AsyncGenerator[str, None]:
        for shelf in await self._in_thread(_names, self._objects):
            for name in await self._in_thread(_names, self._objects / shelf):
                yield name

    async def list_staged(self) -> AsyncGenerator[str, None]:
        for name in await self._in_thread(_names, self._staging):
            yield name

    async def close(self) -> None:
        """Nothing is held open between calls."""

    async def _in_thread(self, function: Callable[_P, _T], /, *arguments: _P.args, **named: _P.kwargs) -> _T:
        def guarded() -> _T:
            with self._store_errors():
                return function(*arguments, **named)

        return await asyncio.to_thread(guarded)

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise VaultFull(self.store) from error
            raise VaultUnavailable(self.store) from error

    def _prepare(self) -> None:
        for folder in (self._root, self._objects, self._staging):
            folder.mkdir(mode=0o700, parents=folder == self._root, exist_ok=True)
            _sync_folder(folder.parent)
        if not self._mark.exists():
            _write(self._mark, b"These files belong to Zhixi's vault. Touch them only through Zhixi.\n")

    def _check(self) -> None:
        self._require_mark()
        probe = self._staging / f".{secrets.token_hex(8)}"
        try:
            _write(probe, b"checked")
        finally:
            probe.unlink(missing_ok=True)

    def _require_mark(self) -> None:
        if not self._mark.is_file():
            raise VaultUnavailable(
                self.store, "is not there: its folder is missing, not mounted or not prepared"
            )

    def _begin(self, object_id: str) -> None:
        self._require_mark()
        if self._object(object_id).exists():
            raise ObjectExists(object_id)
        with suppress(FileExistsError):
            self._staged(object_id).mkdir(mode=0o700)
            _sync_folder(self._staging)

    def _put_part(self, object_id: str, number: int, content: bytes) -> None:
        try:
            _write(self._staged(object_id) / f"{number:07d}", content)
        except FileNotFoundError:
            self._require_mark()
            raise NotStaged(object_id) from None

    def _parts(self, object_id: str) -> list[Part]:
        folder = self._staged(object_id)
        try:
            return [Part(int(name), (folder / name).stat().st_size) for name in _names(folder)]
        except FileNotFoundError:
            self._require_mark()
            raise NotStaged(object_id) from None

    def _complete(self, object_id: str, parts: int, size: int) -> Stat:
        with suppress(ObjectMissing):
            found = self._stat(object_id)
            if found.size != size:
                raise ObjectExists(object_id)
            self._abort(object_id)  # a crash may have left the parts of the object
            return found
        staged = self._parts(object_id)
        checked_parts(object_id, staged, parts, size)
        folder, target = self._staged(object_id), self._object(object_id)
        draft = folder / f".{secrets.token_hex(6)}"
        try:
            _join([folder / f"{part.number:07d}" for part in staged], draft, size)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self._objects)
            draft.rename(target)
        except FileNotFoundError:
            self._require_mark()
            raise NotStaged(object_id) from None
        except (OSError, PartsMissing):
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        self._abort(object_id)
        return self._stat(object_id)

    def _abort(self, object_id: str) -> None:
        self._require_mark()
        with suppress(FileNotFoundError):
            shutil.rmtree(self._staged(object_id))
            _sync_folder(self._staging)

    def _open(self, object_id: str) -> int:
        try:
            return os.open(self._object(object_id), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            self._require_mark()
            raise ObjectMissing(object_id) from None

    def _stat(self, object_id: str) -> Stat:
        try:
            found = self._object(object_id).stat()
        except FileNotFoundError:
            self._require_mark()
            raise ObjectMissing(object_id) from None
        return Stat(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def _delete(self, object_id: str) -> None:
        self._abort(object_id)
        target = self._object(object_id)
        with suppress(FileNotFoundError):
            target.unlink()
            _sync_folder(target.parent)

    def _object(self, object_id: str) -> Path:
        return self._objects / sha256(object_id.encode()).hexdigest()[:2] / object_id

    def _staged(self, object_id: str) -> Path:
        return self._staging / object_id


def _names(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208 - names only


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _join(parts: list[Path], whole: Path, size: int) -> None:
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target:  # buffered: an unbuffered file may take less than it is given
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, target, PIECE)
        target.flush()
        os.fsync(descriptor)
        if target.tell() != size:
            raise PartsMissing(whole.parent.name, "a part changed while the object was completed")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
