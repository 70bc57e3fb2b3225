"""The vault in a bucket of MinIO or another S3 store. The client blocks, so every call runs in a thread.

    objects/<id>/content         complete objects
    staging/<id>/begun           an empty object: parts may come
    staging/<id>/<number>        parts, each an object of its own, so that they survive our restart at any size

S3 joins parts on its own side only if all but the last have 5 MiB. Such parts are joined there; smaller ones pass
through us, 5 MiB at a time. The bucket is versioned; what we delete, we delete with every version and marker. A server
of ours that dies while joining leaves an unfinished upload, which MinIO removes after a day (`stale_uploads_expiry`).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO, RawIOBase
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, ComposeSource
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from minio.versioningconfig import VersioningConfig

from storage.vault import (
    PIECE,
    BadVaultAddress,
    NotStaged,
    ObjectExists,
    ObjectMissing,
    Part,
    PartsMissing,
    RangeOutside,
    Stat,
    VaultFull,
    VaultUnavailable,
    checked_id,
    checked_part,
    checked_parts,
    checked_range,
)

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_P = ParamSpec("_P")
_T = TypeVar("_T")

_SMALLEST_JOINED: Final = 5 << 20
_MOST_JOINED: Final = 10_000
_LARGEST_PUT: Final = 64 << 20
_FULL: Final = {"XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"}
_CHECK_SECONDS: Final = 5.0


class MinioVault:
    def __init__(
        self,
        *,
        endpoint: str,
        user: str,
        secret: str,
        bucket: str,
        secure: bool,
        connect_seconds: float = 2.0,
        read_seconds: float = 10.0,
    ) -> None:
        self._store = f"{endpoint}/{bucket}"
        self._bucket = bucket
        self._http = urllib3.PoolManager(
            num_pools=2,
            maxsize=16,
            timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds),
            retries=urllib3.Retry(
                total=1, connect=1, read=0, redirect=0, status=0, other=0, backoff_factor=0.1
            ),
        )
        try:
            self._client = Minio(
                endpoint, access_key=user, secret_key=secret, secure=secure, http_client=self._http
            )
        except ValueError:
            raise BadVaultAddress("the vault's address is not one of an S3 store") from None

    @property
    def store(self) -> str:
        return self._store

    async def prepare(self) -> None:
        await self._in_thread(self._prepare)

    async def check(self) -> None:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._in_thread(self._check)
        except TimeoutError as error:
            raise VaultUnavailable(self.store) from error

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
        await self._in_thread(self._purge, f"staging/{checked_id(object_id)}/")

    async def read_range(
        self, object_id: str, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        size = (await self._in_thread(self._stat, checked_id(object_id))).size
        rest = checked_range(object_id, size, start, length)
        if not rest:
            return
        response = await self._in_thread(self._get, object_id, start, rest)
        try:
            while rest:
                piece = await self._in_thread(response.read, min(PIECE, rest))
                if not piece:
                    raise VaultUnavailable(self.store, "gave fewer bytes than the object has")
                yield piece
                rest -= len(piece)
        finally:
            # in a thread: it waits for a read that a cancelled caller left behind
            await asyncio.to_thread(_put_away, response)

    async def stat(self, object_id: str) -> Stat:
        return await self._in_thread(self._stat, checked_id(object_id))

    async def delete(self, object_id: str) -> None:
        await self._in_thread(self._purge, f"staging/{checked_id(object_id)}/")
        await self._in_thread(self._purge, f"objects/{object_id}/")

    async def list_objects(self) -> AsyncGenerator[str, None]:
        async for name in self._folders("objects/"):
            yield name

    async def list_staged(self) -> AsyncGenerator[str, None]:
        async for name in self._folders("staging/"):
            yield name

    async def close(self) -> None:
        await asyncio.to_thread(self._http.clear)

    async def _in_thread(self, function: Callable[_P, _T], /, *arguments: _P.args, **named: _P.kwargs) -> _T:
        def guarded() -> _T:
            with self._store_errors():
                return function(*arguments, **named)

        return await asyncio.to_thread(guarded)

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            if error.code in _FULL:
                raise VaultFull(self.store) from error
            raise VaultUnavailable(self.store, f"refused ({error.code})") from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise VaultUnavailable(self.store) from error

    def _prepare(self) -> None:
        if not self._client.bucket_exists(self._bucket):
            try:
                self._client.make_bucket(self._bucket)
            except S3Error as error:
                if error.code != "BucketAlreadyOwnedByYou":
                    raise
        if self._client.get_bucket_versioning(self._bucket).status != ENABLED:
            self._client.set_bucket_versioning(self._bucket, VersioningConfig(ENABLED))

    def _check(self) -> None:
        if not self._client.bucket_exists(self._bucket):
            raise VaultUnavailable(self.store, "is not there: its bucket is missing or not prepared")

    def _begin(self, object_id: str) -> None:
        if self._size(_object(object_id)) is not None:
            raise ObjectExists(object_id)
        self._client.put_object(self._bucket, _staged(object_id, "begun"), BytesIO(), 0)

    def _put_part(self, object_id: str, number: int, content: bytes) -> None:
        if self._size(_staged(object_id, "begun")) is None:
            raise NotStaged(object_id)
        self._client.put_object(
            self._bucket, _staged(object_id, f"{number:07d}"), BytesIO(content), len(content),
            part_size=min(max(len(content), _SMALLEST_JOINED), _LARGEST_PUT), num_parallel_uploads=1,
        )  # fmt: skip

    def _parts(self, object_id: str) -> list[Part]:
        prefix = _staged(object_id, "")
        found = {
            str(item.object_name).removeprefix(prefix): int(item.size or 0)
            for item in self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
        }
        if found.pop("begun", None) is None:
            raise NotStaged(object_id)
        return [Part(int(name), size) for name, size in sorted(found.items())]

    def _complete(self, object_id: str, parts: int, size: int) -> Stat:
        existing = self._size(_object(object_id))
        if existing is None:
            staged = self._parts(object_id)
            checked_parts(object_id, staged, parts, size)
            self._join(object_id, staged, size)
            if self._size(_object(object_id)) != size:
                self._purge(_object(object_id))
                raise PartsMissing(object_id, "a part changed while the object was completed")
        elif existing != size:
            raise ObjectExists(object_id)
        self._purge(_staged(object_id, ""))
        return self._stat(object_id)

    def _join(self, object_id: str, parts: list[Part], size: int) -> None:
        names = [_staged(object_id, f"{part.number:07d}") for part in parts]
        if len(parts) <= _MOST_JOINED and all(part.size >= _SMALLEST_JOINED for part in parts[:-1]):
            sources = [ComposeSource(self._bucket, name) for name in names]
            self._client.compose_object(self._bucket, _object(object_id), sources)
            return
        with _Joined(self._client, self._bucket, names) as joined:
            self._client.put_object(
                self._bucket, _object(object_id), cast("Any", joined), size,
                part_size=max(_SMALLEST_JOINED, -(-size // _MOST_JOINED)), num_parallel_uploads=1,
            )  # fmt: skip

    def _get(self, object_id: str, start: int, length: int) -> "BaseHTTPResponse":
        try:
            return self._client.get_object(self._bucket, _object(object_id), offset=start, length=length)
        except S3Error as error:
            if error.code == "NoSuchKey":
                raise ObjectMissing(object_id) from None
            if error.code == "InvalidRange":
                raise RangeOutside(object_id, "it became shorter while it was read") from None
            raise

    def _stat(self, object_id: str) -> Stat:
        found = self._head(_object(object_id))
        if found is None:
            raise ObjectMissing(object_id)
        return Stat(int(found.size), cast("datetime", found.last_modified))

    def _size(self, name: str) -> int | None:
        found = self._head(name)
        return None if found is None else int(found.size)

    def _head(self, name: str) -> Any | None:
        try:
            return self._client.stat_object(self._bucket, name)
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
        self._check()  # the answer to HEAD has no body: a missing bucket looks like a missing object
        return None

    def _purge(self, prefix: str) -> None:
        versions = self._client.list_objects(
            self._bucket, prefix=prefix, recursive=True, include_version=True
        )
        doomed = (DeleteObject(str(item.object_name), item.version_id) for item in versions)
        for refusal in self._client.remove_objects(self._bucket, doomed):
            raise VaultUnavailable(self.store, f"did not delete everything under {prefix} ({refusal.code})")

    async def _folders(self, prefix: str) -> AsyncGenerator[str, None]:
        folders = iter(self._client.list_objects(self._bucket, prefix=prefix))
        while True:
            batch = await self._in_thread(_some, folders)
            if not batch:
                return
            for name in batch:
                yield name.removeprefix(prefix).rstrip("/")


class _Joined(RawIOBase):
    """The parts one after another, read as they are asked for."""

    def __init__(self, client: Minio, bucket: str, names: list[str]) -> None:
        self._client = client
        self._bucket = bucket
        self._names = iter(names)
        self._response: BaseHTTPResponse | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while True:
            if self._response is None:
                name = next(self._names, None)
                if name is None:
                    return b""
                self._response = self._client.get_object(self._bucket, name)
            content = self._response.read(PIECE if size < 0 else size)
            if content:
                return content
            self._finish_part()

    def close(self) -> None:
        self._finish_part()
        super().close()

    def _finish_part(self) -> None:
        if self._response is not None:
            _put_away(self._response)
            self._response = None


def _object(object_id: str) -> str:
    return f"objects/{object_id}/content"


def _staged(object_id: str, name: str) -> str:
    return f"staging/{object_id}/{name}"


def _some(items: Iterator[Any]) -> list[str]:
    return [str(item.object_name) for item in islice(items, 1000)]


def _put_away(response: "BaseHTTPResponse") -> None:
    response.close()  # only what was read to its end has gone back to the pool; the rest is not fetched
    response.release_conn()
