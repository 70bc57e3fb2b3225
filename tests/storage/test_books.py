"""Lists of documents: exactly what an asker may know of, at the cost of what they may know of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from storage.books import Books
from storage.tables.catalogue import Person
from storage.wiring import Wiring
from tests.storage.carriage import SLIP


def books_of(house: Wiring) -> Books:
    return Books(house.database, house.ledger, house.questions)


async def many(house: Wiring) -> list[str]:
    """Thirty documents more, of which 王强 may know of the two open to his section."""
    made = []
    for n in range(30):
        sent = {"id": f"M{n:02d}", "title": f"文件{n}", "level": "confidential", "years": 10, "distribution": ["binhai"],
                "folder": "V11" if n % 2 else "V2"}  # fmt: skip
        await house.office.do("p04", "register-document", sent)
        made.append(f"M{n:02d}")
    for each in ("M07", "M21"):
        await house.office.do("p01", "set-range", {"document": each, "members": ["yewu1"]})
    return made


async def test_each_person_is_listed_exactly_what_they_may_know_of(binhai: Wiring) -> None:
    books = books_of(binhai)
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p05", "due": "2026-03-05", "purpose": "核对", "signed": SLIP},
    )
    documents = ["D1", "D2", "D3"]

    for row in await Person.select(Person.id):
        asker = row["id"]
        judged = await binhai.questions.may_know_of(asker, documents)
        page = await books.documents(asker, limit=100, cursor=None)

        expected = [id_ for id_ in documents if judged[id_][1]]
        assert [each.id for each in page.documents] == expected, asker
        assert (page.total, page.complete) == (len(expected), True), asker
        assert sum((await books.counts(asker)).values()) == len(expected), asker


async def test_a_carrier_in_hand_lists_its_document(binhai: Wiring) -> None:
    books = books_of(binhai)
    before = await books.documents("p07", limit=10, cursor=None)
    await binhai.office.do("p01", "set-range", {"document": "D2", "members": ["p05", "p07"]})
    await binhai.office.do(
        "p07", "record-undertaking", {"person": "p07", "undertaking": "in_post", "version": "2026版"}
    )
    await binhai.office.do(
        "p03",
        "lend-carrier",
        {"carrier": "C2", "to": "p07", "due": "2026-03-05", "purpose": "核对", "signed": SLIP},
    )
    await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["p07"]})

    after = await books.documents("p07", limit=10, cursor=None)

    assert "D2" in [each.id for each in after.documents]
    assert [each.readable for each in after.documents if each.id == "D2"] == [False]
    assert {each.id for each in before.documents} <= {each.id for each in after.documents}


@pytest.mark.parametrize(
    ("asker", "folder", "total"), [("p06", None, 3), ("p06", "V11", 2), ("p04", None, 33), ("p04", "V11", 16)]
)
async def test_pages_hold_every_document_once_and_count_them_exactly(
    binhai: Wiring, asker: str, folder: str | None, total: int
) -> None:
    books = books_of(binhai)
    await many(binhai)

    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await books.documents(asker, limit=2, cursor=cursor, folder=folder)
        found += [each.id for each in page.documents]
        assert page.total == total
        cursor = page.cursor
        if page.complete:
            break
        assert len(page.documents) == 2

    assert cursor is None
    assert (found, len(found)) == (sorted(set(found)), total)


async def test_a_list_judges_what_is_open_to_the_asker_and_not_the_catalogue(
    binhai: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = books_of(binhai)
    await many(binhai)
    judged: list[int] = []
    ask = binhai.questions.may_know_of

    async def counted(asker: str, items: Sequence[str]) -> dict[str, Any]:
        judged.append(len(items))
        return await ask(asker, items)

    monkeypatch.setattr(binhai.questions, "may_know_of", counted)
    await books.documents("p06", limit=10, cursor=None)
    ordinary = sum(judged)
    judged.clear()
    await books.documents("p04", limit=10, cursor=None)

    assert ordinary <= 8
    assert sum(judged) == 10


async def test_what_was_voided_is_in_no_list(binhai: Wiring) -> None:
    books = books_of(binhai)
    sent = {"id": "D9", "title": "误登", "level": "secret", "years": 20, "distribution": ["binhai"]}
    entered = await binhai.office.do("p04", "register-document", sent)
    await binhai.office.do("p04", "void", {"entry": entered.ref, "reason": "重复登记"})

    page = await books.documents("p04", limit=10, cursor=None)

    assert [each.id for each in page.documents] == ["D1", "D2", "D3"]
    assert page.total == 3
