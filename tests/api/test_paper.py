"""The books of carriers as paper shows them: their columns, who reads them, and what is withheld."""

from __future__ import annotations

from storage.paper import COLUMNS
from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground
from tests.storage.carriage import SLIP

SENT = {"kind": "envelope", "sealed": True}


async def _a_day(binhai: Wiring) -> None:
    """One carrier sent, one lent and back, one to return, one destroyed, one of top secret read."""
    do = binhai.office.do
    await do(
        "p03",
        "lend-carrier",
        {"carrier": "C3", "to": "p05", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )
    await do("p03", "return-carrier", {"carrier": "C3", "kept_in": "B1"})
    sent = {
        "carriers": ["C2"],
        "to": "shengju",
        "channel": "confidential-post",
        "vehicle": "专车",
        "route": "市区",
    }
    dispatch = await do("p03", "send-carriers", {"id": "DP1", **sent, "packing": SENT})
    await do("p03", "confirm-dispatch", {"dispatch": "DP1", "receipt": "回执1号", "signed_by": "李"})
    await do(
        "p03",
        "require-return",
        {"carriers": ["C3"], "to": "shengju", "by": "2026-12-31", "notice": "清退1号"},
    )
    await do(
        "p02",
        "enrol-device",
        {
            "id": "FU1",
            "name": "销毁炉",
            "place": "R301",
            "key_sha256": "7" * 64,
            "accredited_for": "secret",
            "owner": "p03",
            "serial": "LU-1",
        },
    )
    await do("p02", "approve-destroyer", {"thing": "FU1", "certificate": "销字第3号"})
    await do("p03", "request-destruction", {"id": "DE1", "carriers": ["C5"], "reason": "过期"})
    await do("p01", "approve-destruction", {"destruction": "DE1"})
    await do("p03", "count-destruction", {"destruction": "DE1", "carriers": ["C5"]})
    burnt = {
        "destruction": "DE1",
        "method": "burn",
        "device": "FU1",
        "witnesses": ["p02", "p04"],
        "outcome": "焚毁",
        "place": "锅炉房",
    }
    await do("p03", "destroy-carriers", burnt)
    assert dispatch.result["dispatch"] == "DP1"


async def test_each_book_has_the_columns_of_its_form_and_a_line_for_what_happened(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await _a_day(binhai)
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p03") as custodian:
        listed = (await custodian.get("/api/v1/paper")).json()
        books = {name: (await custodian.get(f"/api/v1/paper/{name}")).json() for name in COLUMNS}

    assert [each["book"] for each in listed] == list(COLUMNS)
    assert {name: book["total"] for name, book in books.items()} == {
        "incoming": 4, "outgoing": 1, "use": 1, "returns": 1, "destruction": 1, "knowing": 1,
    }  # fmt: skip
    (out,), (use,), (gone,) = (books[name]["lines"] for name in ("outgoing", "use", "destruction"))
    assert (out["number_of"], out["serial"], out["receipt_back"], out["mark"]) == (
        "机发〔2026〕001", "000012", "回执1号", "机密★20年",
    )  # fmt: skip
    assert (use["person"], use["purpose"], use["due_at"], bool(use["returned_at"])) == (
        "p05",
        "核对",
        "2026-03-06",
        True,
    )
    assert (gone["certificate_number"], gone["witnesses"], gone["approved_by"], gone["place"]) == (
        "销〔2026〕001", "p02、p04", "p01", "锅炉房",
    )  # fmt: skip


async def test_a_secret_title_is_withheld_in_the_books_too(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p03") as custodian:
        kept = await custodian.get("/api/v1/paper/incoming")
        sheet = await custodian.get("/api/v1/paper/incoming", params={"format": "csv"})
        known = (await custodian.get("/api/v1/paper/knowing")).json()["lines"]
    async with doors.by("p01") as leader:
        read = await leader.get("/api/v1/paper/incoming")

    assert "甲号方案" not in kept.text + sheet.text
    assert "甲号方案" in read.text
    assert "乙号通报" in kept.text
    assert [(line["person"], line["mode"], line["carrier"]) for line in known] == [("p03", "handled", "C1")]


async def test_sheets_speak_in_words_and_the_books_are_for_those_who_keep_them(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    await _a_day(binhai)
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p03") as custodian:
        sheet = await custodian.get("/api/v1/paper/destruction", params={"format": "csv"})
        excel = await custodian.get("/api/v1/paper/destruction", params={"format": "xlsx"})
        nothing = await custodian.get("/api/v1/paper/no-such-book")
    async with doors.by("p06") as staff:
        refused = await staff.get("/api/v1/paper/destruction")

    heads, line = sheet.content.decode("utf-8-sig").splitlines()
    assert heads.split(",")[0] == "销毁证明号"
    assert "陈静、李娜" in line
    assert "焚毁" in line
    assert excel.content[:2] == b"PK"
    assert nothing.status_code == refused.status_code == 404
