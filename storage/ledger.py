"""The ledger: append, read in order, anchor signed heads, verify chain and anchors.

The anchor folder holds one file of lines `{"hash":…,"ledger":…,"seq":…,"signature":…,"signed_at":…}`, written where the
database account cannot write: a chain recomputed from any entry on, or cut short, disagrees with it.
"""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import rfc8785
from msgspec import Meta

from graph.errors import BadField, Unavailable
from graph.projection import Head, Step
from graph.times import parse
from storage import destroyed
from storage import entry as entries
from storage.entry import Body
from storage.errors import NotFounded
from storage.keys import OrganisationKey
from storage.tables.ledger import Anchor, Entry
from storage.transaction import Database

PAGE = 500
HEADS = "heads.jsonl"
Exact = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""What canonical JSON can write."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One signed head as the anchor folder keeps it; `signed_at` in milliseconds."""

    ledger: str
    seq: Exact
    hash: str
    signed_at: Exact
    signature: str

    def signed_text(self) -> bytes:
        return rfc8785.dumps(
            {"hash": self.hash, "ledger": self.ledger, "seq": self.seq, "signed_at": self.signed_at}
        )


class Finding(msgspec.Struct, frozen=True):
    """One thing that does not hold: a code of the catalogue and the entry it is about."""

    code: str
    seq: int
    values: dict[str, str] = {}


class Verification(msgspec.Struct, frozen=True):
    entries: int
    anchors: int
    head: str
    findings: tuple[Finding, ...]


class Ledger:
    """Appends are made under `Database.locked()` only; reading needs no lock."""

    def __init__(self, database: Database, key: OrganisationKey, anchors: Path) -> None:
        self._database = database
        self._key = key
        self._anchors = anchors
        self._id: str | None = None

    async def id(self) -> str:
        """The ledger's own id: the ref of its founding entry. Raises NotFounded."""
        if self._id is None:
            rows = await Entry.select(Entry.body).where(Entry.seq == 1)
            if not rows:
                raise NotFounded("the ledger has no founding entry yet")
            self._id = entries.read(rows[0]["body"]).ledger
        return self._id

    async def head(self) -> Head:
        rows = await self._database.run("SELECT seq, hash, recorded_at FROM entry ORDER BY seq DESC LIMIT 1")
        if not rows:
            raise NotFounded("the ledger has no founding entry yet")
        return Head(await self.id(), rows[0]["seq"], rows[0]["hash"], rows[0]["recorded_at"])

    async def last(self) -> tuple[int, str]:
        """Seq and hash of the last entry, (0, "") before the first. Under the lock this is what an append builds on."""
        rows = await self._database.run("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")
        return (rows[0]["seq"], rows[0]["hash"]) if rows else (0, "")

    async def hash_at(self, seq: int) -> str:
        rows = await Entry.select(Entry.hash).where(Entry.seq == seq)
        return str(rows[0]["hash"]) if rows else ""

    async def steps(self, after: int, until: int) -> AsyncIterator[Step]:
        async for body, hash_ in self.bodies(after, until):
            yield entries.step_of(body, hash_)

    async def bodies(self, after: int = 0, until: int | None = None) -> AsyncIterator[tuple[Body, str]]:
        """Entries after < seq <= until in order, with their hashes."""
        async for text, hash_ in self.texts(after, until):
            yield entries.read(text), hash_

    async def texts(self, after: int = 0, until: int | None = None) -> AsyncIterator[tuple[str, str]]:
        """The same, as stored."""
        while until is None or after < until:
            page = await self._texts(after, until)
            for row in page:
                yield row["body"], row["hash"]
            if len(page) < PAGE:
                return
            after = page[-1]["seq"]

    async def _texts(self, after: int, until: int | None) -> Sequence[dict[str, Any]]:
        query = Entry.select().where(Entry.seq > after)
        if until is not None:
            query = query.where(Entry.seq <= until)
        return await query.order_by(Entry.seq).limit(PAGE)

    async def find(self, ref: str) -> Body | None:
        rows = await Entry.select(Entry.body).where(Entry.reference == ref)
        return entries.read(rows[0]["body"]) if rows else None

    async def repeated(self, actor: str, act: str, key: str) -> Body | None:
        """The entry that an Idempotency-Key's digest already made."""
        rows = await Entry.select(Entry.body).where(
            (Entry.actor == actor) & (Entry.act == act) & (Entry.idempotency == key)
        )
        return entries.read(rows[0]["body"]) if rows else None

    async def append(self, body: Body, recorded_ms: int) -> str:
        """Write one entry inside the caller's locked transaction; its hash."""
        text = entries.write(body)
        hash_ = entries.digest(text)
        await Entry.insert(row_of(body, text, hash_, recorded_ms))
        self._id = self._id or body.ledger
        return hash_

    async def seq_at(self, recorded_ms: int) -> int:
        """The last entry recorded at or before an instant: what `known_at` given as a time means."""
        rows = await self._database.run(
            "SELECT COALESCE(MAX(seq), 0) AS seq FROM entry WHERE recorded_at <= {}", recorded_ms
        )
        return int(rows[0]["seq"])

    # Anchors

    def anchor(self, head: Head) -> Line:
        """Sign a head and put it where the database account cannot write. Raises Unavailable("anchors").

        Appending one line is atomic.
        """
        unsigned = Line(
            ledger=head.ledger,
            seq=head.seq,
            hash=head.hash,
            signed_at=time.time_ns() // 1_000_000,
            signature="",
        )
        signature = base64.b64encode(self._key.sign(unsigned.signed_text())).decode()
        line = msgspec.structs.replace(unsigned, signature=signature)
        try:
            destroyed.append(self._anchors / HEADS, msgspec.json.encode(line) + b"\n")
        except OSError as down:
            raise Unavailable("anchors") from down
        return line

    def note_destroyed(self, head: Head, files: Sequence[str]) -> None:
        """Write beside the heads which files are no more. Raises Unavailable("anchors")."""
        destroyed.note(self._anchors, self._key, head, files)

    async def keep_anchor(self) -> None:
        """Keep the present head, signed, in the database as well, and what was destroyed beside the anchors: at start, at stop
        and with `zhixi verify`.
        """
        head = await self.head()
        line = self.anchor(head)
        await destroyed.catch_up(self._database, self._anchors, self._key, head)
        async with self._database.locked():
            if not await Anchor.exists().where(Anchor.seq == head.seq):
                await Anchor.insert(
                    Anchor(seq=head.seq, hash=head.hash, signed_at=line.signed_at, signature=line.signature)
                )

    def anchored(self) -> tuple[list[Line], int]:
        """The lines of the anchor folder, and how many of them cannot be read."""
        return heads_of(self._anchors / HEADS)

    def signed(self, line: Line) -> bool:
        """Whether the organisation's key stands behind a head."""
        return self._key.verify(line.signed_text(), _signature(line))

    async def verify(self) -> Verification:
        """Recompute the chain and hold every anchor against it."""
        findings: list[Finding] = []
        hashes: dict[int, str] = {}
        last, prev = 0, ""
        after = 0
        ledger: str | None = None
        while page := await self._texts(after, None):
            ledger = ledger or next(filter(None, map(_ledger_of, page)), None)
            for row in page:
                findings += _check_row(row, last, prev)
                last, prev = int(row["seq"]), str(row["hash"])
                hashes[last] = prev
            after = last
        anchors, unreadable = self.anchored()
        findings += [Finding("anchor-unreadable", 0)] * unreadable
        kept = [Line(ledger=ledger, **row) for row in await Anchor.select()] if ledger else []
        for line in (*anchors, *kept):
            findings += self._check_anchor(line, ledger, last, hashes)
        if last and not anchors:
            findings.append(Finding("no-anchors", last))
        return Verification(last, len(anchors), prev, tuple(findings))

    def _check_anchor(
        self, line: Line, ledger: str | None, last: int, hashes: dict[int, str]
    ) -> list[Finding]:
        """`ledger` is None where no entry is left to tell whose anchor it is."""
        if not self.signed(line):
            return [Finding("anchor-signature", line.seq)]
        if ledger is not None and line.ledger != ledger:
            return [Finding("anchor-of-another-ledger", line.seq)]
        if line.seq > last:
            return [Finding("ledger-cut-short", line.seq, {"last": str(last)})]
        if hashes.get(line.seq) != line.hash:
            return [Finding("ledger-rewritten", line.seq)]
        return []


def heads_of(path: Path) -> tuple[list[Line], int]:
    """The lines of a file of heads, and how many of them cannot be read."""
    texts = [text for text in path.read_bytes().splitlines() if text.strip()] if path.exists() else []
    lines = [line for line in map(_line, texts) if line is not None]
    return lines, len(texts) - len(lines)


def _line(text: bytes) -> Line | None:
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.DecodeError:
        return None


def _signature(line: Line) -> bytes:
    try:
        return base64.b64decode(line.signature, validate=True)
    except ValueError:
        return b""


def _ledger_of(row: dict[str, Any]) -> str | None:
    try:
        return entries.read(row["body"]).ledger
    except msgspec.DecodeError:
        return None


def _check_row(row: dict[str, Any], last: int, prev: str) -> list[Finding]:
    seq, text = int(row["seq"]), str(row["body"])
    found: list[Finding] = []
    if seq != last + 1:
        found.append(Finding("entry-missing", last + 1))
    try:
        body = entries.read(text)
        told = {**_columns(body), "recorded_at": parse(body.recorded_at, field="recorded_at")}
    except (msgspec.DecodeError, BadField):
        return [*found, Finding("entry-altered", seq)]
    if entries.digest(text) != row["hash"] or told != {name: row[name] for name in told}:
        return [*found, Finding("entry-altered", seq)]
    if body.seq != seq or body.prev != row["prev"] or (seq == last + 1 and body.prev != prev):
        found.append(Finding("chain-broken", seq))
    return found


def row_of(body: Body, text: str, hash_: str, recorded_ms: int) -> Entry:
    return Entry(
        seq=body.seq, hash=hash_, prev=body.prev, recorded_at=recorded_ms, body=text, **_columns(body)
    )


def _columns(body: Body) -> dict[str, Any]:
    """What the other columns repeat of the text, for look-ups."""
    return {
        "reference": body.ref,
        "actor": body.actor,
        "act": body.act,
        "subject": body.subject,
        "idempotency": body.idempotency.key if body.idempotency else None,
    }
