"""Every pair of 滨海局 gets one answer by every way, after acts that grant, bar, move and sign."""

from __future__ import annotations

from graph.times import parse
from storage.wiring import Wiring
from tests.graph.agreement import Town, assert_agreement
from tests.shelf import asking


async def test_every_pair_of_binhai_gets_one_answer_by_every_way(binhai: Wiring) -> None:
    graph = asking(binhai.connection, binhai.projection, binhai.ledger, binhai.now)
    town = Town((graph, binhai.questions), binhai.connection, binhai.ledger, "p02", binhai.now())
    before = (await binhai.ledger.head()).seq
    for actor, act, params in (
        ("p07", "record-undertaking", {"person": "p07", "undertaking": "in_post", "version": "2026版"}),
        ("p20", "join", {"person": "p24", "department": "yewu1"}),
        ("p01", "narrow-range", {"document": "D2", "remove": ["p04"]}),
        ("p02", "record-departure", {"person": "p05", "note": "三日未到岗"}),
        ("p01", "exclude", {"document": "D3", "who": "yewu1", "reason": "回避"}),
    ):
        await binhai.office.do(actor, act, params)
    people = [f"p{n:02}" for n in range(1, 25)]
    opening = parse("2026-01-04", field="at", ends_day=True)
    march = parse("2026-03-01T12:00+08:00", field="at")
    now = binhai.now()

    for at, known in (
        (now, None), (now, before), (now, before + 3), (march, None), (march, before // 2), (opening, None)
    ):  # fmt: skip
        await assert_agreement(town, people, ["D1", "D2", "D3"], at, known)
