"""The vault keeps encrypted files as objects: written in parts that survive a restart, seen only when complete.

Unavailable
├── VaultUnavailable      the store is down, or is not the store it was; never told as "there is no such object"
└── VaultFull             the store has no room left
Broken
└── VaultError            the vault and its caller disagree; `object_id` says about what
    ├── ObjectMissing     there is no such object
    ├── ObjectExists      an object is written once
    ├── NotStaged         nothing was begun under this id, or it was completed or aborted
    ├── PartsMissing      what was staged is not what the caller says it sent
    └── RangeOutside      the object has fewer bytes
BadVaultAddress (ValueError)   a URL names no vault
BadObjectId (ValueError)       an id could be mistaken for a path
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, runtime_checkable
from urllib.parse import unquote, urlsplit

from graph.errors import Broken, Unavailable

PIECE: Final = 1 << 20  # bytes a read brings into memory at a time
LAST_NUMBER: Final = 1_000_000
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OBJECT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


class _StoreError(Unavailable):
    """Names the store; the cause stays in `__cause__`, for the log."""

    _problem = "cannot be used"

    def __init__(self, store: str, problem: str | None = None) -> None:
        super().__init__("vault")
        self.store = store
        self.args = (f"the vault {store} {problem or self._problem}",)


class VaultUnavailable(_StoreError):
    _problem = "is not reachable"


class VaultFull(_StoreError):
    _problem = "is full"


class VaultError(Broken):
    def __init__(self, object_id: str, problem: str) -> None:
        super().__init__(f"object {object_id}: {problem}")
        self.object_id = object_id


class ObjectMissing(VaultError):
    def __init__(self, object_id: str) -> None:
        super().__init__(object_id, "there is no such object")


class ObjectExists(VaultError):
    def __init__(self, object_id: str) -> None:
        super().__init__(object_id, "it exists already")


class NotStaged(VaultError):
    def __init__(self, object_id: str) -> None:
        super().__init__(object_id, "it is not being written")


class PartsMissing(VaultError):
    pass


class RangeOutside(VaultError):
    pass


class BadVaultAddress(ValueError):
    """Never repeats the address: it may hold a secret."""


class BadObjectId(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    size: int


@dataclass(frozen=True, slots=True)
class Stat:
    size: int
    modified: datetime


@runtime_checkable
class Vault(Protocol):
    """Every method raises VaultUnavailable when the store is down and VaultFull when it has no room."""

    @property
    def store(self) -> str:
        """For people; without the secret."""
        ...

    async def prepare(self) -> None:
        """Make folder or bucket where absent. Only this makes a store: a lost one must not come back empty by itself."""
        ...

    async def check(self) -> None: ...

    async def begin(self, object_id: str) -> None:
        """Repeatable; parts staged before stay. Raises ObjectExists once the object is complete."""
        ...

    async def put_part(self, object_id: str, number: int, content: bytes) -> None:
        """Durable when it returns. Numbers start at 1, parts hold at least a byte, a number put again is replaced."""
        ...

    async def parts(self, object_id: str) -> list[Part]:
        """In order of number."""
        ...

    async def complete(self, object_id: str, *, parts: int, size: int) -> Stat:
        """Parts 1 to `parts`, `size` bytes in all, become the object, whole and at once. Repeatable."""
        ...

    async def abort(self, object_id: str) -> None:
        """Forget what was staged. Repeatable; a complete object is not touched."""
        ...

    def read_range(
        self, object_id: str, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Exactly these bytes in pieces of at most PIECE, or an error; without `length` to the end."""
        ...

    async def stat(self, object_id: str) -> Stat: ...

    async def delete(self, object_id: str) -> None:
        """The object, all its versions and whatever was staged. Repeatable."""
        ...

    def list_objects(self) -> AsyncGenerator[str, None]: ...

    def list_staged(self) -> AsyncGenerator[str, None]: ...

    async def close(self) -> None: ...


def open_vault(url: str) -> Vault:
    """`file:///path` or `http(s)://user:secret@host:port/bucket`. Touches neither disk nor network."""
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        raise BadVaultAddress("the vault's address is not a URL") from None
    if address.query or address.fragment:
        raise BadVaultAddress("the vault's address has no query and no fragment")
    if address.scheme == "file":
        return _open_directory(address.netloc, unquote(address.path))
    if address.scheme in {"http", "https"}:
        bucket = address.path.strip("/")
        if not (address.hostname and address.username and address.password and _BUCKET.fullmatch(bucket)):
            raise BadVaultAddress("a vault over http is named as http://user:secret@host:port/bucket")
        from storage.vault_minio import MinioVault

        host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
        return MinioVault(
            endpoint=host if port is None else f"{host}:{port}",
            user=unquote(address.username),
            secret=unquote(address.password),
            bucket=bucket,
            secure=address.scheme == "https",
        )
    raise BadVaultAddress("a vault's address begins with file:, http: or https:")


def _open_directory(host: str, path: str) -> Vault:
    from storage.vault_directory import DirectoryVault

    if host not in {"", "localhost"} or not path.startswith("/") or "\x00" in path or path.strip("/") == "":
        raise BadVaultAddress("a vault in a folder is named as file:///path/to/folder")
    return DirectoryVault(Path(path))


def checked_id(object_id: str) -> str:
    if not _OBJECT_ID.fullmatch(object_id):
        raise BadObjectId("an object's id has 1 to 80 of the letters A-Z a-z 0-9 _ -")
    return object_id


def checked_part(number: int, content: bytes) -> None:
    if not 1 <= number <= LAST_NUMBER:
        raise ValueError(f"parts are numbered from 1 to {LAST_NUMBER}")
    if not content:
        raise ValueError("a part holds at least one byte")


def checked_parts(object_id: str, staged: list[Part], parts: int, size: int) -> None:
    numbers = [part.number for part in staged]
    if parts < 1 or numbers != list(range(1, parts + 1)):
        raise PartsMissing(object_id, f"{parts} parts were sent and {len(numbers)} are staged, or others")
    staged_size = sum(part.size for part in staged)
    if staged_size != size:
        raise PartsMissing(object_id, f"{size} bytes were sent and {staged_size} are staged")


def checked_range(object_id: str, size: int, start: int, length: int | None) -> int:
    """How many bytes to read."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError("start and length are not negative")
    length = max(0, size - start) if length is None else length
    if start + length > size:
        raise RangeOutside(object_id, f"bytes {start} to {start + length} of {size}")
    return length
