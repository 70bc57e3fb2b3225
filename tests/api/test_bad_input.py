"""What bad input gets at the door: 4xx with the field or the rule, and nothing written.

Ledger, catalogue, kept tables, clock, vault, index and heads are compared before and after; what a refused opening logs is
no bad input and stands in `test_uploads.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio

from storage.tables.kept import WrappedKey
from storage.wiring import Wiring
from tests import files
from tests.api.doors import Doors
from tests.api.uploads import approved, begun, sent
from tests.columns import Ground
from tests.storage.fingerprint import difference, fingerprint, unwritten

NEW = {"title": "九号通知", "level": "secret", "years": 20, "distribution": ["yewu1"], "quantity": 3}
PDF = files.scanned_pdf(pages=1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(shared: Wiring, shared_ground: Ground) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Who is signed in; 李娜 may scan C2."""
    doors = Doors(shared, shared_ground)
    await approved(shared)
    headers = {
        person: {"Authorization": f"Bearer {await doors.token(person)}"}
        for person in ("p01", "p02", "p04", "p20")
    }
    clients = {person: doors.client(each) for person, each in headers.items()}
    yield clients
    for client in clients.values():
        await client.aclose()


class Bad(NamedTuple):
    """An act as sent; the field or the rules that the answer names."""

    why: str
    actor: str
    act: str
    body: Any
    named: str | set[str]


NO_SUCH = {"document": "D99", "remove": ["p05"]}
ACTS = (
    Bad("an unknown id", "p01", "narrow-range", NO_SUCH, "document"),
    Bad("an id of another kind", "p01", "narrow-range", {**NO_SUCH, "document": "p05"}, "document"),
    Bad("an unknown id in a list", "p04", "register-document", {**NEW, "distribution": ["yewu1", "yewu9"]}, "distribution[1]"),
    Bad("an unknown act", "p04", "shred-everything", {}, "act"),
    Bad("an act that is not offered", "p04", "stage-scan", {"carrier": "C2"}, "act"),
    Bad("a missing field", "p01", "narrow-range", {"document": "D2"}, "remove"),
    Bad("an extra field", "p04", "register-document", {**NEW, "colour": "red"}, "colour"),
    Bad("a number for a text", "p04", "register-document", {**NEW, "title": 9}, "title"),
    Bad("a text for a number", "p04", "register-document", {**NEW, "quantity": "three"}, "quantity"),
    Bad("an object for a list", "p04", "register-document", {**NEW, "distribution": {"yewu1": 1}}, "distribution"),
    Bad("a number too large", "p04", "register-document", {**NEW, "quantity": 2**62}, "quantity"),
    Bad("a NUL in a text", "p04", "register-document", {**NEW, "title": "九号\0通知"}, "title"),
    Bad("a level outside the scheme", "p04", "register-document", {**NEW, "level": "ultra"}, "level"),
    Bad("a level outside the scheme of people", "p20", "add-post",
        {"name": "干事", "department": "yewu1", "level": "ultra"}, "level"),
    Bad("a date that is none", "p04", "register-document", {**NEW, "occurred_at": "2026-02-30"}, "occurred_at"),
    Bad("a date in the future", "p04", "register-document", {**NEW, "occurred_at": "2027-01-01"}, "occurred_at"),
    Bad("a date before the opening", "p04", "register-document",
        {**NEW, "occurred_at": "2025-12-31", "late": "补登"}, "occurred_at"),
    Bad("dates backwards", "p01", "appoint-deputy",
        {"person": "p20", "principal": "p01", "acts": ["take-step"], "until": "2026-02-01"}, "until"),
    Bad("a staff number already used", "p20", "add-person",
        {"name": "新人", "staff_number": "1005", "department": "yewu1"}, "staff_number"),
    Bad("an id already used", "p04", "register-document", {**NEW, "id": "D2"}, "id"),
    Bad("a document's number already used", "p04", "register-document", {**NEW, "number": "滨海〔2026〕5号"}, "number"),
    Bad("a second use of a serial", "p04", "register-carriers",
        {"document": "D2", "serials": ["000012"], "kept_in": "B1", "held_by": "p03"}, {"S03-2.1e"}),
    Bad("a serial twice in one list", "p04", "register-carriers",
        {"document": "D2", "serials": ["000014", "14", "000014"], "kept_in": "B1", "held_by": "p03"}, {"S03-2.1e"}),
    Bad("no body of an act", "p04", "register-document", [1], "body"),
)  # fmt: skip


@pytest.mark.parametrize("bad", ACTS, ids=lambda bad: bad.why)
async def test_an_act_that_cannot_be_names_what_is_wrong_and_writes_nothing(
    bad: Bad, shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    async with unwritten(shared):
        response = await seats[bad.actor].post(f"/api/v1/acts/{bad.act}", json=bad.body)

    _named(response, bad.named)


def _named(response: httpx.Response, named: str | set[str]) -> None:
    """The field beside which a form says it, or at least the rules."""
    if isinstance(named, str):
        assert response.status_code == 422, response.text
        assert [each["field"] for each in response.json()["errors"]] == [named]
        assert all(each["message"] for each in response.json()["errors"])
    else:
        assert response.status_code == 403, response.text
        assert named <= set(response.json()["rules"])


ASKED = (
    ("may-know?item=D99", 404, ""),
    ("may-know?person=p05", 422, "item"),
    ("may-know?item=D2&at=yesterday", 422, "at"),
    ("may-know?item=D2&known_at=e-nowhere", 422, "known_at"),
    ("reach?limit=many", 422, "limit"),
    ("reach?limit=0", 422, "limit"),
    ("audience?item=D2&since=2026-03-02&at=2026-01-05", 422, "since"),
    ("exposure?item=D2&carrier=C2", 422, "carrier"),
    ("who-knows?item=D2", 404, ""),
)


@pytest.mark.parametrize(("path", "status", "field"), ASKED)
async def test_a_question_that_cannot_be_names_what_is_wrong(
    path: str, status: int, field: str, shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    async with unwritten(shared):
        response = await seats["p02"].get(f"/api/v1/questions/{path}")

    assert response.status_code == status, response.text
    assert [each["field"] for each in response.json().get("errors", [])] == ([field] if field else [])


NAMES = (
    "../通报.pdf", "..", "/etc/通报.pdf", "卷宗/通报.pdf", "卷宗\\通报.pdf", "通\u202e报.pdf", "通报\n.pdf", "通报\0.pdf", " ", "长" * 300 + ".pdf",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_that_plays_tricks_is_not_taken(
    name: str, shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    async with unwritten(shared):
        response = await begun(seats["p04"], "C2", name, 100)

    _named(response, "name")


LENGTHS = (("通报.pdf", "0", "file"), ("通报.pdf", str(5 << 30), "Upload-Length"), ("通报.pdf", "-1", "Upload-Length"),
           ("通报.pdf", "many", "Upload-Length"))  # fmt: skip


@pytest.mark.parametrize(("name", "length", "field"), LENGTHS)
async def test_an_empty_or_oversize_file_is_refused_before_its_first_byte(
    name: str, length: str, field: str, shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    async with unwritten(shared):
        response = await begun(seats["p04"], "C2", name, length)

    _named(response, field)


@pytest.mark.parametrize("carrier", ["C99", "D2"])
async def test_a_scan_of_what_is_no_carrier_is_refused_before_its_first_byte(
    carrier: str, shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    async with unwritten(shared):
        response = await begun(seats["p04"], carrier, "通报.pdf", 100)

    _named(response, "carrier")


@asynccontextmanager
async def nothing_left(house: Wiring) -> AsyncIterator[None]:
    """Nothing is written but that the key of a begun upload was destroyed, by which bytes a crash leaves are known."""
    before = await fingerprint(house)
    yield
    written = difference(before, await fingerprint(house))
    destroyed = written.pop(WrappedKey._meta.tablename)
    assert written == {}, sorted(written)
    assert [row["wrapped"] for row in destroyed] == [""]


CONTENTS = {
    "of another type": ("通报.pdf", b"\x89PNG not a pdf at all"),
    "cut short": ("通报.pdf", PDF[:-600]),
    "under another's name": ("通报.docx", files.picture()),
    "of no type": ("通报.pdf", b"#!/bin/sh\nrm -rf /\n"),
}


@pytest.mark.parametrize("why", CONTENTS)
async def test_a_file_that_is_not_what_it_says_leaves_nothing_behind(
    why: str, shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    name, content = CONTENTS[why]

    async with nothing_left(shared):
        beginning = await begun(seats["p04"], "C2", name, len(content))
        response = await sent(seats["p04"], beginning.headers["location"], 0, content)

    _named(response, "file")


async def test_more_bytes_than_were_announced_leave_nothing_behind(
    shared: Wiring, seats: dict[str, httpx.AsyncClient]
) -> None:
    async with nothing_left(shared):
        beginning = await begun(seats["p04"], "C2", "通报.pdf", len(PDF) - 600)
        response = await sent(seats["p04"], beginning.headers["location"], 0, PDF)
        given_up = await seats["p04"].delete(beginning.headers["location"])

    assert response.status_code == 422, response.text
    assert given_up.status_code == 204
