"""标题涉密: whose secret titles and numbers an asker is shown. This alone decides; every door asks it.

A secret title is shown to those who may know the document (4.3), and to nobody else, whatever book or list it stands in:
others see the receipt number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from graph.access import Questions
from storage.tables.catalogue import Carrier, Document, File, Subject

WITHHELD = "***"
"""What stands in a book where words are withheld."""
SECRET_FIELDS = frozenset({"title", "number"})
SHORTEST = 4
"""Words shorter than this are withheld where they stand alone: inside a text they would be parts of others, ids too."""
AT_ONCE = 500


def withheld(row: Mapping[str, Any], readable: bool) -> bool:
    """Whether title and number of a document's row are withheld from who may (or may not) know it."""
    return bool(row["title_secret"]) and not readable


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose title and number an asker is not shown: by which words, and what stands instead."""

    document: str
    receipt: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Masked:
        words = tuple(word for word in (row["title"], row["number"]) if word)
        return cls(document=row["id"], receipt=row["receipt"], words=words)

    def text(self, said: str) -> str:
        """A text without the words that are withheld, wherever they stand in it."""
        if said in self.words:
            return WITHHELD
        for each in self.words:
            if len(each) >= SHORTEST:
                said = said.replace(each, WITHHELD)
        return said

    def value(self, value: Any) -> Any:
        """The same for whatever a line of a book holds."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, dict):
            return {name: self.value(each) for name, each in value.items()}
        return value

    def line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """A line of a book: title and number, and what a correction of them said before and after."""
        masked = {name: self.value(value) for name, value in line.items()}
        masked |= {name: WITHHELD for name in SECRET_FIELDS & set(line) if line[name]}
        if line.get("field") in SECRET_FIELDS:
            masked |= {name: WITHHELD for name in ("old", "new", "reason") if line.get(name)}
        return masked


class Titles:
    """Asks for whole lists at once."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def masked(self, asker: str, documents: Iterable[str]) -> dict[str, Masked]:
        """Of these documents, those whose title the asker is not shown."""
        rows = await _secret(documents)
        judged = await self._questions.may_know_of(asker, [row["id"] for row in rows])
        return {row["id"]: Masked.of(row) for row in rows if withheld(row, judged[row["id"]][0].allowed)}

    async def known(self, asker: str, documents: Iterable[str]) -> set[str]:
        """Those the asker may know of."""
        judged = await self._questions.may_know_of(asker, sorted(set(documents)))
        return {id_ for id_, (_, known) in judged.items() if known}

    async def masked_lines(self, asker: str, lines: Sequence[Mapping[str, Any]]) -> list[list[Masked]]:
        """For each line, given with its subject, the masked documents it is about or speaks of."""
        spoken = [sorted(ids_in(line)) for line in lines]
        documents = await _documents_of(sorted({id_ for ids in spoken for id_ in ids}))
        hidden = await self.masked(asker, documents.values())
        return [
            [hidden[each] for each in dict.fromkeys(documents.get(id_, "") for id_ in ids) if each in hidden]
            for ids in spoken
        ]


class Viewer(msgspec.Struct, frozen=True):
    """Whose eyes an answer is for."""

    titles: Titles
    asker: str

    async def masked(self, documents: Iterable[str]) -> dict[str, Masked]:
        return await self.titles.masked(self.asker, documents)

    async def knows_of(self, documents: Iterable[str]) -> set[str]:
        return await self.titles.known(self.asker, documents)


def ids_in(value: Any) -> set[str]:
    """Everything in a line that might be the id of a node."""
    if isinstance(value, str):
        return {value} if 0 < len(value) <= 64 else set()
    if isinstance(value, dict):
        return {id_ for each in value.values() for id_ in ids_in(each)}
    if isinstance(value, list):
        return {id_ for each in value for id_ in ids_in(each)}
    return set()


async def subjects(ids: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of nodes, each with whether it is a document whose title is secret: one statement, since every answer asks it."""
    wanted = sorted(set(ids))
    rows: list[dict[str, Any]] = []
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        places = ", ".join(["{}"] * len(part))
        sql = f"""SELECT s.id, s.kind, s.name, s.name_en, s.parent, d.title_secret FROM subject s
                  LEFT JOIN document d ON d.id = s.id WHERE s.id IN ({places})"""  # noqa: S608  (only placeholders)
        rows += await Subject.raw(sql, *part)
    return rows


async def masked_for_strangers(documents: Iterable[str]) -> dict[str, Masked]:
    """The same where nobody has signed in."""
    return {row["id"]: Masked.of(row) for row in await _secret(documents)}


async def _secret(documents: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of those whose title is secret."""
    wanted = sorted(set(documents))
    rows: list[dict[str, Any]] = []
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        rows += await Document.select().where(Document.id.is_in(part) & (Document.title_secret == True))  # noqa: E712
    return rows


async def _documents_of(ids: list[str]) -> dict[str, str]:
    """Ids that are documents', or carriers' or files' of one → the document."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        for row in await Document.select(Document.id).where(Document.id.is_in(part)):
            found[row["id"]] = row["id"]
        for row in await Carrier.select(Carrier.id, Carrier.document).where(Carrier.id.is_in(part)):
            found[row["id"]] = row["document"]
        for row in await File.select(File.id, File.document).where(File.id.is_in(part)):
            found[row["id"]] = row["document"]
    return found
