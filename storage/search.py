"""Search over titles, numbers and text, by phrase, identical on both databases.

Titles and numbers are tokens of the catalogue. Text is a blind index: keyed hashes of tokens under a secret wrapped by the
organisation's key, so that the index shows no words. No statistic of the corpus enters the order: newest first.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

import msgspec

from graph.access import Questions
from graph.errors import BadField
from storage import tokens
from storage.books import Books, DocumentLine
from storage.keys import OrganisationKey
from storage.tables.catalogue import Document
from storage.tables.kept import IndexEntry, Secret
from storage.transaction import Database

SECRET = "search-index"  # noqa: S105  (its name, not the secret)
LONGEST_PHRASE = 24
BATCH = 100
ROWS = 100


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A document found, and where: in its title or number, or in its text."""

    document: DocumentLine
    where: str


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    hits: tuple[Hit, ...]
    complete: bool
    cursor: str | None


class Index:
    """Writes and asks the blind index."""

    def __init__(self, database: Database, key: OrganisationKey) -> None:
        self._database = database
        self._key = key
        self._secret: bytes | None = None

    async def put(self, document: str, field: str, text: str) -> None:
        """Index a text anew; what stood under the field before is gone. Repeatable."""
        secret = await self._index_secret()
        cut = tokens.tokens(text)
        async with self._database.transaction():
            await self.remove(field)
            for start in range(0, len(cut), ROWS):
                await IndexEntry.insert(
                    *(
                        IndexEntry(
                            id=secrets.randbits(62),
                            token=tokens.blind(token.text, secret),
                            subject=document,
                            field=field,
                            position=token.position,
                        )
                        for token in cut[start : start + ROWS]
                    )
                )

    async def remove(self, field: str) -> None:
        await IndexEntry.delete().where(IndexEntry.field == field)

    async def in_text(self, query: str) -> set[str]:
        """Documents in whose text the phrase stands."""
        secret = await self._index_secret()
        asked = [(tokens.blind(token.text, secret), token.position) for token in tokens.phrase(query)]
        joins, values = _joined("index_entry", "field", asked)
        rows = await self._database.run(f"SELECT DISTINCT t0.subject AS document FROM {joins}", *values)  # noqa: S608
        return {row["document"] for row in rows}

    async def in_titles(self, query: str) -> set[str]:
        """Documents in whose title or number the phrase stands."""
        asked = [(token.text, token.position) for token in tokens.phrase(query)]
        joins, values = _joined("title_token", "heap", asked)
        rows = await self._database.run(f"SELECT DISTINCT t0.document AS document FROM {joins}", *values)  # noqa: S608
        return {row["document"] for row in rows}

    async def _index_secret(self) -> bytes:
        """Made once, kept wrapped."""
        if self._secret is None:
            rows = await Secret.select(Secret.wrapped).where(Secret.name == SECRET)
            if not rows:
                wrapped = base64.b64encode(self._key.wrap(secrets.token_bytes(32), SECRET.encode())).decode()
                await self._database.run(
                    "INSERT INTO secret (name, wrapped) VALUES ({}, {}) ON CONFLICT (name) DO NOTHING",
                    SECRET,
                    wrapped,
                )
                rows = await Secret.select(Secret.wrapped).where(Secret.name == SECRET)
            self._secret = self._key.unwrap(base64.b64decode(rows[0]["wrapped"]), SECRET.encode())
        return self._secret


def _joined(table: str, heap: str, asked: list[tuple[Any, int]]) -> tuple[str, list[Any]]:
    """Self-joins that put each token at its distance from the first, within one heap of text."""
    first, start = asked[0]
    joins, values = [f"{table} t0"], []
    for n, (token, position) in enumerate(asked[1:], start=1):
        joins.append(
            f"JOIN {table} t{n} ON t{n}.{heap} = t0.{heap} AND t{n}.position = t0.position + {position - start} AND t{n}.token = {{}}"
        )
        values.append(token)
    return f"{' '.join(joins)} WHERE t0.token = {{}}", [*values, first]


class Search:
    """Asks under the gate: titles need `may_know_of`, text needs `may_know`, secret titles too."""

    def __init__(self, index: Index, books: Books, questions: Questions) -> None:
        self._index = index
        self._books = books
        self._questions = questions

    async def find(self, asker: str, query: str, *, limit: int, cursor: str | None = None) -> Hits:
        """Newest registration first. Raises BadField("q") where there is nothing to look for, or too much."""
        length = len(tokens.phrase(query))
        if not 1 <= length <= LONGEST_PHRASE:
            raise BadField("q", "query-empty" if length == 0 else "query-too-long")
        titled, written = await self._index.in_titles(query), await self._index.in_text(query)
        rows = await self._rows(titled | written, cursor)
        found: list[Hit] = []
        for start in range(0, len(rows), BATCH):
            found += await self._visible(asker, rows[start : start + BATCH], titled, written)
            if len(found) > limit:
                break
        page = tuple(found[:limit])
        more = len(found) > limit
        return Hits(hits=page, complete=not more, cursor=page[-1].document.id if more else None)

    async def _rows(self, documents: set[str], cursor: str | None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        wanted = sorted(documents)
        for start in range(0, len(wanted), BATCH):
            rows += await Document.select().where(Document.id.is_in(wanted[start : start + BATCH]))
        rows.sort(key=lambda row: (-row["made"], row["id"]))
        ids = [row["id"] for row in rows]
        return rows[ids.index(cursor) + 1 :] if cursor in ids else rows

    async def _visible(
        self, asker: str, rows: list[dict[str, Any]], titled: set[str], written: set[str]
    ) -> list[Hit]:
        shown = []
        for line, row in zip(*await self._lines(asker, rows), strict=True):
            by_title = line.id in titled and (line.readable or not row["title_secret"])
            by_text = line.id in written and line.readable
            if by_title or by_text:
                shown.append(Hit(document=line, where="title" if by_title else "text"))
        return shown

    async def _lines(
        self, asker: str, rows: list[dict[str, Any]]
    ) -> tuple[list[DocumentLine], list[dict[str, Any]]]:
        lines = await self._books.visible(asker, rows)
        by_id = {row["id"]: row for row in rows}
        return lines, [by_id[line.id] for line in lines]
