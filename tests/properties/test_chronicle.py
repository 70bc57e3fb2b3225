"""Long histories through the office: whatever was done, every pair gets one answer by every way at every date.

`make histories` draws five of two hundred and fifty deeds each; every other run one of forty.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from graph.settings import GraphSettings
from graph.times import DAY_MS
from tests.columns import Template
from tests.graph.agreement import Town, assert_agreement
from tests.properties.chronicle import Chronicle
from tests.properties.histories import OFFICER, live_through
from tests.properties.test_histories import binhai
from tests.shelf import asking
from tests.storage.fingerprint import catalogue

LONG = os.environ.get("ZHIXI_HISTORIES") == "long"
SEEDS, DEEDS = (range(5), 250) if LONG else (range(1), 40)
pytestmark = pytest.mark.timeout(3000)


@pytest.mark.parametrize("seed", SEEDS)
async def test_after_a_long_history_every_pair_gets_one_answer_at_every_date(
    graph_engine: GraphSettings, binhai_template: Template, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  (a test's dice)
    async with binhai(graph_engine, binhai_template) as (wiring, clock):
        begun = (await wiring.ledger.head()).seq
        chronicle = Chronicle(random)
        deeds = [chronicle.deed() for _ in range(DEEDS)]
        outcomes = await live_through(wiring, clock, deeds)
        done = Counter(deed.act for deed, outcome in zip(deeds, outcomes, strict=True) if outcome == "done")
        head = await wiring.ledger.head()
        graph = asking(wiring.connection, wiring.projection, wiring.ledger, wiring.now)
        town = Town((graph, wiring.questions), wiring.connection, wiring.ledger, OFFICER, wiring.now())
        there = await town.world(head.seq)
        people = sorted(random.sample([p for p in chronicle.people if there.label(p)], 5))
        documents = sorted(random.sample([d for d in chronicle.documents if there.label(d)], 3))

        assert done.total() > DEEDS // 4
        assert len(done) >= (30 if LONG else 10)
        for at in (clock.at, clock.at - 2 * DAY_MS, clock.at - DEEDS * 1_800_000, clock.at + 400 * DAY_MS):
            for known in (None, random.randint(begun, head.seq)):
                await assert_agreement(town, people, documents, at, known)
        live = await catalogue()
        await wiring.rebuild()
        assert await catalogue() == live


def test_a_long_history_holds_at_least_thirty_kinds_of_acts() -> None:
    for seed in range(5):
        chronicle = Chronicle(Random(seed))  # noqa: S311  (a test's dice)
        assert len({chronicle.deed().act for _ in range(250)}) >= 30
