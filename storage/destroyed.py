"""Which files were destroyed, kept where the signed heads are: a backup from before must not bring their keys back.

`destroyed.jsonl` in the anchor folder has one line `{"file":…,"ledger":…,"seq":…,"signature":…}` for each.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import rfc8785

from graph.errors import Unavailable
from graph.projection import Head
from storage.keys import OrganisationKey
from storage.transaction import Database

NAME = "destroyed.jsonl"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` is the ledger's when it was written down: the destruction's own entry, or a later one."""

    file: str
    ledger: str
    seq: int
    signature: str = ""

    def signed_text(self) -> bytes:
        return rfc8785.dumps({"destroyed": self.file, "ledger": self.ledger, "seq": self.seq})


def note(folder: Path, key: OrganisationKey, head: Head, files: Sequence[str]) -> None:
    """Repeatable. Raises Unavailable("anchors")."""
    if not files:
        return
    lines = [Line(file=file, ledger=head.ledger, seq=head.seq) for file in files]
    signed = (
        msgspec.structs.replace(line, signature=base64.b64encode(key.sign(line.signed_text())).decode())
        for line in lines
    )
    try:
        append(folder / NAME, b"".join(msgspec.json.encode(line) + b"\n" for line in signed))
    except OSError as down:
        raise Unavailable("anchors") from down


def noted(path: Path, key: OrganisationKey, ledger: str) -> frozenset[str]:
    """The files of a ledger that its key has signed for; empty where there is no such list."""
    texts = path.read_bytes().splitlines() if path.exists() else []
    return frozenset(line.file for line in _read(texts) if line.ledger == ledger and _holds(line, key))


def _read(texts: Iterable[bytes]) -> Iterable[Line]:
    for text in texts:
        try:
            yield msgspec.json.decode(text, type=Line)
        except msgspec.DecodeError:
            continue  # a line that a full disk cut short


def _holds(line: Line, key: OrganisationKey) -> bool:
    try:
        return key.verify(line.signed_text(), base64.b64decode(line.signature, validate=True))
    except ValueError:
        return False


async def catch_up(database: Database, folder: Path, key: OrganisationKey, head: Head) -> None:
    """Write down what was destroyed and, by a crash or a full disk, is not there yet."""
    rows = await database.run(
        "SELECT w.file FROM wrapped_key w JOIN file f ON f.id = w.file WHERE w.destroyed_at > 0 ORDER BY w.file"
    )
    known = noted(folder / NAME, key, head.ledger)
    note(folder, key, head, [row["file"] for row in rows if row["file"] not in known])


def append(path: Path, lines: bytes) -> None:
    """Appending is atomic for other processes that append."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, lines)
    finally:
        os.close(descriptor)
