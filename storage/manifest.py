"""What a backup is on disk: parts of lines, stored objects as they lie in the vault, and a manifest that answers for all of it.

DIR/entries.jsonl      the ledger's entries in order: `{"body": the canonical text, "hash": …}`
DIR/<table>.jsonl      the rows of a table that is no projection
DIR/heads.jsonl        the signed heads up to the backup's own
DIR/objects.jsonl      every object of the vault that is in it: id, size and SHA-256 of what is stored
DIR/objects/<id>       the object itself, encrypted as it lies in the vault
DIR/manifest.json      written last and signed as heads are: a folder without it is no backup

The organisation's key is not in it, and neither are keys of what was destroyed.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
import rfc8785

from graph.errors import BadField
from storage.keys import OrganisationKey
from storage.vault import PIECE, BadObjectId, checked_id

MANIFEST = "manifest.json"
ENTRIES, HEADS, OBJECTS = "entries", "heads", "objects"
LARGEST_MANIFEST = 1 << 20
FIELD = "backup"


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of lines: how many, and what they are."""

    name: str
    lines: int
    size: int
    sha256: str


class Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object of the vault."""

    id: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`seq` and `hash` are the ledger's head in it, `key` the id of the organisation's key that it needs."""

    format: Literal["zhixi backup"] = "zhixi backup"
    version: Literal[1] = 1
    backup: str
    ledger: str
    seq: int
    hash: str
    key: str
    made_at: str
    keep_until: str
    parts: tuple[Part, ...]
    signature: str = ""

    def signed_text(self) -> bytes:
        return rfc8785.dumps({k: v for k, v in msgspec.to_builtins(self).items() if k != "signature"})

    def part(self, name: str) -> Part:
        """Raises BadField."""
        for part in self.parts:
            if part.name == name:
                return part
        raise BadField(FIELD, "backup-altered", part=MANIFEST)


class Lines:
    """A part as it is written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.lines = 0
        self._whole = Whole(folder / f"{name}.jsonl")

    def put(self, line: object) -> None:
        self._whole.write(msgspec.json.encode(line) + b"\n")
        self.lines += 1

    def end(self) -> Part:
        size, sha256 = self._whole.end()
        return Part(name=self.name, lines=self.lines, size=size, sha256=sha256)


class Whole:
    """A new file, private and durable once ended; its size and SHA-256 are counted as it is written."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file: IO[bytes] = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self._size += len(content)

    def end(self) -> tuple[int, str]:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._size, self._digest.hexdigest()


def seal(folder: Path, manifest: Manifest, key: OrganisationKey) -> Manifest:
    """Sign it and put it where it makes the folder a backup."""
    signature = base64.b64encode(key.sign(manifest.signed_text())).decode()
    sealed = msgspec.structs.replace(manifest, signature=signature)
    draft = Whole(folder / f".{MANIFEST}")
    draft.write(msgspec.json.format(msgspec.json.encode(sealed), indent=2) + b"\n")
    draft.end()
    (folder / f".{MANIFEST}").rename(folder / MANIFEST)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return sealed


def read(folder: Path, key: OrganisationKey) -> Manifest:
    """The manifest of a backup that this key made. Raises BadField."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BadField(FIELD, "backup-unfinished", value=str(folder))
    try:
        found = msgspec.json.decode(path.read_bytes()[:LARGEST_MANIFEST], type=Manifest)
        signature = base64.b64decode(found.signature, validate=True)
    except (msgspec.DecodeError, ValueError):
        raise BadField(FIELD, "backup-altered", part=MANIFEST) from None
    if found.key != key.id:
        raise BadField(FIELD, "backup-of-another-key", value=found.key, key=key.id)
    if not key.verify(found.signed_text(), signature):
        raise BadField(FIELD, "backup-altered", part=MANIFEST)
    return found


def check(folder: Path, manifest: Manifest) -> int:
    """Read everything once, to the last byte; how many objects there are. Raises BadField naming the part."""
    for part in manifest.parts:
        for _ in lines(folder, part):
            pass
    count = 0
    for stored in objects(folder, manifest):
        for _ in pieces(folder, stored):
            pass
        count += 1
    return count


def lines(folder: Path, part: Part) -> Iterator[bytes]:
    """The lines of a part; after the last, that they were all and as they were written. Raises BadField."""
    name = f"{part.name}.jsonl"
    digest, size, count = hashlib.sha256(), 0, 0
    with _opened(folder / name, name) as file:
        for line in file:
            digest.update(line)
            size += len(line)
            count += 1
            yield line
    if size < part.size:
        raise BadField(FIELD, "backup-cut-short", part=name)
    if (size, count, digest.hexdigest()) != (part.size, part.lines, part.sha256):
        raise BadField(FIELD, "backup-altered", part=name)


def rows(folder: Path, part: Part) -> Iterator[dict[str, Any]]:
    for line in lines(folder, part):
        yield msgspec.json.decode(line, type=dict[str, Any])


def objects(folder: Path, manifest: Manifest) -> Iterator[Stored]:
    for line in lines(folder, manifest.part(OBJECTS)):
        try:
            stored = msgspec.json.decode(line, type=Stored)
            checked_id(stored.id)
        except (msgspec.DecodeError, BadObjectId):
            raise BadField(FIELD, "backup-altered", part=f"{OBJECTS}.jsonl") from None
        yield stored


def pieces(folder: Path, stored: Stored) -> Iterator[bytes]:
    """An object's bytes; after the last, that they were all and as they were written. Raises BadField."""
    name = f"{OBJECTS}/{stored.id}"
    digest, size = hashlib.sha256(), 0
    with _opened(folder / name, name) as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
            yield piece
    if size < stored.size:
        raise BadField(FIELD, "backup-cut-short", part=name)
    if (size, digest.hexdigest()) != (stored.size, stored.sha256):
        raise BadField(FIELD, "backup-altered", part=name)


def _opened(path: Path, name: str) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise BadField(FIELD, "backup-cut-short", part=name) from None
