"""Search over titles, numbers and text, by phrase, identical on both databases.

Titles and numbers are tokens of the catalogue. Text is a blind index: keyed hashes of tokens under a secret wrapped by the
organisation's key, so that the index shows no words. No statistic of the corpus enters the order: newest first.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from graph.access import Questions
from graph.errors import BadField
from storage import tokens
from storage.books import Books
from storage.keys import OrganisationKey
from storage.lines import DocumentLine
from storage.tables.catalogue import Document
from storage.tables.kept import IndexEntry, Secret
from storage.titles import withheld
from storage.transaction import Database

SECRET: Final = "search-index"  # noqa: S105  (its name, not the secret)
LONGEST_PHRASE: Final = 99
"""Tokens: a hundred characters of Chinese."""
BATCH: Final = 100
ROWS: Final = 500
AT_ONCE: Final = 10_000
"""Tokens written in one transaction: a fraction of a second in which nobody else writes."""

_TITLES: Final = "SELECT DISTINCT t0.document AS document, CASE WHEN t0.heap = t0.document || '/receipt' THEN 'receipt' ELSE 'title' END AS place FROM {}"
_TEXTS: Final = "SELECT DISTINCT t0.subject AS document, 'text' AS place FROM {}"
_FOUND: Final = """
SELECT d.*, h.titled, h.receipted, h.written FROM document d
JOIN subject s ON s.id = d.id AND NOT s.void
JOIN (SELECT p.document, MAX(CASE WHEN p.place = 'title' THEN 1 ELSE 0 END) AS titled,
    MAX(CASE WHEN p.place = 'receipt' THEN 1 ELSE 0 END) AS receipted,
    MAX(CASE WHEN p.place = 'text' THEN 1 ELSE 0 END) AS written
  FROM ({} UNION ALL {}) p GROUP BY p.document) h ON h.document = d.id
WHERE d.made < {{}} OR (d.made = {{}} AND d.id > {{}}) ORDER BY d.made DESC, d.id LIMIT {{}}
"""
Place = tuple[int, str]
"""The entry that registered a document, and the document."""
NEWEST: Final[Place] = (2**53, "")


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A document found, and where: in its title or number, or in its text."""

    document: DocumentLine
    where: Literal["title", "text"]


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
        """Index a text of a document anew; what stood under the field before is gone. Repeatable."""
        secret = await self._index_secret()
        cut = tokens.tokens(text)
        async with self._database.transaction():
            await self.remove(field)
            await self._write(document, field, cut[:AT_ONCE], secret)
        for start in range(AT_ONCE, len(cut), AT_ONCE):
            async with self._database.transaction():
                await self._write(document, field, cut[start : start + AT_ONCE], secret)

    async def _write(self, document: str, field: str, cut: Sequence[tokens.Token], secret: bytes) -> None:
        first = secrets.randbits(62)
        for start in range(0, len(cut), ROWS):
            # whole numbers of our own making stand in the statement: as values they take ten times as long
            rows = ", ".join(
                f"({first + start + n}, {tokens.blind(token.text, secret)}, {token.position})"
                for n, token in enumerate(cut[start : start + ROWS])
            )
            await self._database.run(
                "INSERT INTO index_entry (id, token, subject, field, position)"  # noqa: S608
                f" SELECT v.column1, v.column2, {{}}, {{}}, v.column3 FROM (VALUES {rows}) v",
                document,
                field,
            )

    async def remove(self, field: str) -> None:
        await IndexEntry.delete().where(IndexEntry.field == field)

    async def hits(self, query: str, after: Place = NEWEST, limit: int = BATCH) -> list[dict[str, Any]]:
        """Documents in which the phrase stands, newest registration first, after that one: their rows, and where it stands."""
        secret = await self._index_secret()
        asked = tokens.phrase(query)
        if not asked:
            return []
        plain, in_titles = _places("title_token", "heap", [(each.text, each.position) for each in asked])
        blind, in_texts = _places(
            "index_entry", "field", [(tokens.blind(each.text, secret), each.position) for each in asked]
        )
        statement = _FOUND.format(_TITLES.format(plain), _TEXTS.format(blind))
        return await self._database.run(statement, *in_titles, *in_texts, after[0], *after, limit)

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


def _places(table: str, heap: str, asked: Sequence[tuple[Any, int]]) -> tuple[str, list[Any]]:
    """Where the first token stands and each other at its distance from it, within one heap of text; `{}` for each value.

    Each distance is looked up in the table itself, one index search a place: joins would be planned together, and to plan
    twenty takes PostgreSQL a second.
    """
    first, start = asked[0]
    others = "".join(
        f" AND (SELECT 1 FROM {table} t WHERE t.token = {{}} AND t.{heap} = t0.{heap}"  # noqa: S608
        f" AND t.position = t0.position + {position - start} LIMIT 1) IS NOT NULL"
        for _, position in asked[1:]
    )
    return f"{table} t0 WHERE t0.token = {{}}{others}", [first, *(token for token, _ in asked[1:])]


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
        after = await self._place(asker, cursor) if cursor else NEWEST
        found: list[Hit] = []
        while len(found) <= limit:
            rows = await self._index.hits(query, after)
            found += await self._visible(asker, rows)
            if len(rows) < BATCH:
                break
            after = (rows[-1]["made"], rows[-1]["id"])
        page = tuple(found[:limit])
        more = len(found) > limit
        return Hits(hits=page, complete=not more, cursor=page[-1].document.id if more else None)

    async def _place(self, asker: str, cursor: str) -> Place:
        """Where a page ended: at a document the asker may know of, found or not. Any other would tell of what is hidden."""
        judged = await self._questions.may_know_of(asker, [cursor])
        rows = await Document.select(Document.made).where(Document.id == cursor)
        if not rows or not judged[cursor][1]:
            raise BadField("cursor", "unknown-id", value=cursor)
        return (rows[0]["made"], cursor)

    async def _visible(self, asker: str, rows: Sequence[dict[str, Any]]) -> list[Hit]:
        by_id = {row["id"]: row for row in rows}
        shown = []
        for line in await self._books.visible(asker, rows):
            row = by_id[line.id]
            shows_title = not withheld(row, line.readable)
            if row["receipted"] or (row["titled"] and shows_title):
                shown.append(Hit(document=line, where="title"))
            elif row["written"] and line.readable:
                shown.append(Hit(document=line, where="text"))
        return shown
