"""AS-02 on the questions themselves, without any door."""

from __future__ import annotations

import pytest

from graph.errors import NotAvailable
from storage.wiring import Wiring


async def test_the_audience_of_d2_is_exactly_four_and_the_others_are_stopped_for_their_reasons(
    binhai: Wiring,
) -> None:
    audience = await binhai.questions.audience("p05", "D2")

    assert [knower.person for knower in audience.people] == ["p01", "p03", "p04", "p05"]
    assert {each.person: [reason.rules for reason in each.reasons] for each in audience.blocked} == {
        "p06": [("S01-3c", "S02-4.5")],
        "p07": [("S01-8a",)],
    }


async def test_what_one_may_not_know_of_looks_like_what_does_not_exist(binhai: Wiring) -> None:
    for item in ("D2", "no-such-document"):
        with pytest.raises(NotAvailable):
            await binhai.questions.audience("p06", item)
