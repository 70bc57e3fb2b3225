"""The paper books bear the columns of their forms (registry.md), each filled by whatever entry says it."""

from __future__ import annotations

from typing import Any

import pytest

from graph.errors import BadField, Refused
from storage.act import ACTS
from storage.wiring import Wiring
from tests.api.doors import Doors
from tests.columns import Ground

# 收文: 收文号, 日期, 来文机关, 文号, 标题, 密级★期限, 份号, 份数, 页数, 附件, 签收, 去向, 归卷/清退/销毁.
COVER = ("originator", "number", "title", "mark", "serial", "quantity", "pages", "attachments")
FORMS = {
    "incoming": {"receipt", "date_of", *COVER, "handed", "destination", "disposal"},
    # 发文 adds 发往单位, 方式, 回执.
    "outgoing": {"number_of", "date_of", *COVER, "to", "channel", "receipt_back"},
    # 使用: 使用人, 事由, 批准人, 地点, 借出, 应还, 归还, 签字.
    "use": {"person", "purpose", "approved_by", "place", "lent_at", "due_at", "returned_at", "signed"},
    # 销毁: 批准人, 方式, 地点, two 监销人, 回执号.
    "destruction": {"approved_by", "method", "place", "witnesses", "certificate_number"},
    "returns": {"to", "notice", "due_at", "returned_at", "receipt_back"},
    "knowing": {"person", "mode", "carrier", "date_of"},
}


async def book(binhai: Wiring, ground: Ground, name: str) -> dict[str, Any]:
    async with Doors(binhai, ground).by("p03") as custodian:
        found: dict[str, Any] = (await custodian.get(f"/api/v1/paper/{name}")).json()
    return found


@pytest.mark.parametrize("name", FORMS)
async def test_a_book_has_every_column_of_its_form(binhai: Wiring, binhai_ground: Ground, name: str) -> None:
    columns = (await book(binhai, binhai_ground, name))["columns"]

    assert FORMS[name] - set(columns) == set()
    assert {"title", "mark"} <= set(columns)


def signed(act: str, **sent: Any) -> dict[str, Any]:
    """With a slip where the act asks for a signature in so many words."""
    if str(ACTS[act].params.__annotations__.get("signed", "bool")) == "bool":
        return sent
    return {**sent, "signed": {"proof": "paper", "slip": "借字1号", "date": "2026-03-02", "scan": "s-1"}}


async def test_each_use_says_why_by_whose_leave_where_to_and_until_when(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    do = binhai.office.do
    await do("p01", "set-range", {"document": "D2", "members": ["p01", "p03", "p05"]})
    await do(
        "p03",
        "lend-carrier",
        signed("lend-carrier", carrier="C2", to="p05", due="2026-03-06", purpose="核对"),
    )
    await do("p03", "circulate", {"id": "CI1", "carriers": ["C3"], "readers": ["p05"], "due": "2026-03-05"})
    await do("p03", "hand-to-reader", signed("hand-to-reader", circulation="CI1", reader="p05"))
    await do("p03", "take-from-reader", {"circulation": "CI1", "reader": "p05", "kept_in": "B1"})
    await do(
        "p01", "approve-outing", {"carrier": "C3", "person": "p05", "foreign": True, "measures": "密码箱"}
    )
    trip = {
        "carriers": ["C3"],
        "bearers": ["p05"],
        "purpose": "赴省局汇报",
        "back_by": "2026-03-04",
        "foreign": True,
    }
    await do("p03", "carry-out", signed("carry-out", **trip))

    lines = (await book(binhai, binhai_ground, "use"))["lines"]

    told = {
        line["reason"]: tuple(line[name] for name in ("person", "purpose", "approved_by", "place", "due_at"))
        for line in lines
    }
    assert told == {
        "loan": ("p05", "核对", "p01", "", "2026-03-06"),
        "circulation": ("p05", "circulation", "p01", "", "2026-03-05"),
        "outing": ("p05", "赴省局汇报", "p01", "foreign", "2026-03-04"),
    }
    assert [line["signed"].split("、")[0] for line in lines] == ["p05"] * 3


async def test_the_book_of_receipts_says_where_a_carrier_is_and_what_became_of_it(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    do = binhai.office.do
    about = {
        "title": "丁号",
        "level": "secret",
        "years": 5,
        "distribution": ["binhai"],
        "attachments": "附表2份",
        "quantity": 3,
    }
    await do("p04", "register-document", {"id": "D9", **about})
    await do(
        "p04",
        "register-carriers",
        {"document": "D9", "serials": ["1-3"], "kept_in": "B1", "ids": ["X1", "X2", "X3"]},
    )
    await do("p01", "set-range", {"document": "D9", "members": ["p05"]})
    await do(
        "p03",
        "lend-carrier",
        signed("lend-carrier", carrier="X1", to="p05", due="2026-03-06", purpose="核对"),
    )
    await do("p03", "report-destruction", {"carriers": ["X2"], "method": "scrap", "account": "随废纸卖出"})

    lines = {line["serial"]: line for line in (await book(binhai, binhai_ground, "incoming"))["lines"]}

    assert [(lines[n]["destination"], lines[n]["disposal"]) for n in "123"] == [
        ("p05", ""), ("destroyed", "destroyed、销〔2026〕001"), ("B1", ""),
    ]  # fmt: skip
    assert lines["1"]["attachments"] == "附表2份"


async def test_what_was_destroyed_against_the_rules_stands_in_the_book_with_its_number(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    """S03-6.5: no number is missing from it, and an approved list is judged as it was approved."""
    do = binhai.office.do
    await do("p03", "request-destruction", {"id": "DE1", "carriers": ["C2", "C5"], "reason": "过期"})
    await do("p01", "approve-destruction", {"destruction": "DE1"})
    await do("p03", "count-destruction", {"destruction": "DE1", "carriers": ["C2", "C5"]})
    with pytest.raises(BadField):
        await do("p03", "report-destruction", {
            "destruction": "DE1", "carriers": ["C3"], "method": "scrap", "account": "误投",
        })  # fmt: skip
    burnt = {"method": "burn", "witnesses": ["p02", "p04"], "outcome": "焚毁", "account": "未用在册设备"}
    told = await do("p03", "report-destruction", {"destruction": "DE1", "carriers": ["C2", "C5"], **burnt})
    sold = await do(
        "p03", "report-destruction", {"carriers": ["C3"], "method": "scrap", "account": "随废纸卖出"}
    )

    lines = (await book(binhai, binhai_ground, "destruction"))["lines"]

    assert "S03-6.2b" in told.rules
    assert {"S03-6.1a", "S03-6.1b"} & set(told.rules) == set()
    assert {"S03-6.1a", "S03-6.4"} <= set(sold.rules)
    assert [(line["certificate_number"], line["approved_by"], line["method"]) for line in lines] == [
        ("销〔2026〕001", "p01", "burn"), ("销〔2026〕001", "p01", "burn"), ("销〔2026〕002", "", "scrap"),
    ]  # fmt: skip
    with pytest.raises(Refused) as again:
        await do("p03", "destroy-carriers", {"destruction": "DE1", "method": "burn"})
    assert again.value.rules == ("S03-6.5", "S03-6.1a")
