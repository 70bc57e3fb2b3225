"""S01-20: a rule before its date is applied nowhere, and a regulation that names departments binds there alone."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from graph.access import When
from graph.errors import BadField
from graph.reach import Asked, audience_over
from graph.settings import GraphSettings
from graph.times import parse
from storage.organisations import SetClock, establish, named
from storage.registers.founding import Found, drafted
from storage.wiring import Wiring
from tests import columns
from tests.storage.answers import readers, why_not
from tests.storage.carriage import SLIP
from tests.storage.refusals import refused
from tests.storage.test_rounds import rounds

REGISTERS = Path(__file__).resolve().parents[2] / "storage" / "registers"
LATER = "2026-04-01T09:00:00+08:00"
STARTS = {"S01": "2026-04-01", "S02": "2026-04-01"}
UNVETTED = {"person": "p08", "conclusion": "passed", "heads": {}, "record": "审字第8号"}


def instant(text: str) -> int:
    return parse(text, field="at")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def early(graph_engine: GraphSettings) -> AsyncIterator[Wiring]:
    """滨海局, where S01 and S02 bind from 1 April 2026 only; the clock stands at 2 March."""
    clock = SetClock(instant("2026-01-01"))
    organisation = named("binhai")
    found = {**organisation.found, "starts": STARTS}
    async with columns.ground(graph_engine) as ground, columns.house(ground, clock) as wiring:
        await establish(wiring, msgspec.structs.replace(organisation, found=found), clock)
        yield wiring


async def test_who_may_know_goes_by_the_regulations_that_bind_on_the_day(early: Wiring) -> None:
    before = await readers(early, "D2")
    after = await readers(early, "D2", at="2026-04-02")

    assert before == ["p01", "p03", "p04", "p05", "p06", "p07"]
    assert after == ["p01", "p03", "p04", "p05"]
    assert await why_not(early, "p07", "D2") == set()
    assert await why_not(early, "p07", "D2", at="2026-04-02") == {"S01-8a"}
    assert await why_not(early, "p08", "D2") == {"S03-4.1b"}


async def test_the_views_agree_before_and_after(early: Wiring) -> None:
    for at in ("2026-03-31", "2026-04-01"):
        when = When(at=parse(at, field="at", ends_day=True))
        reach = await early.questions.reach("p02", "p07", when)
        assert ("D2" in {each.item for each in reach.items}) is ("p07" in await readers(early, "D2", at=at))


async def test_over_an_interval_it_ends_when_the_regulation_begins(early: Wiring) -> None:
    asked = Asked(asker="p02", when=When(at=instant("2026-05-01")))

    over = await audience_over(early.questions, "D2", instant("2026-03-20"), asked)

    spans = {each.person: [(span.since, span.until) for span in each.spans] for each in over.people}
    assert spans["p07"] == [(instant("2026-03-20"), instant("2026-04-01"))]
    assert spans["p05"] == [(instant("2026-03-20"), None)]


async def test_acts_are_refused_by_rules_in_force_alone(early: Wiring) -> None:
    alone = {"place": "R301", "people": ["p15"], "purpose": "保洁"}

    await early.office.judge("p02", "enter-place", alone)
    await early.office.judge("p01", "record-vetting", UNVETTED)

    assert await refused(early, "p03", "lend-carrier", {
        "carrier": "C1", "to": "p06", "due": "2026-03-06", "purpose": "核对", "signed": SLIP,
    }) == {"S03-2.1c", "S03-4.1b", "S03-4.1c"}  # fmt: skip


async def test_nothing_is_found_wanting_by_a_rule_that_does_not_bind(early: Wiring) -> None:
    rules = {rule for each in await rounds(early).found(early.now()) for rule in each.rules}

    assert {rule for rule in rules if rule.partition("-")[0] in STARTS} == set()


async def test_from_its_date_on_it_binds(early: Wiring) -> None:
    assert isinstance(early.now, SetClock)
    early.now.put(instant(LATER))

    assert await refused(early, "p02", "enter-place", {
        "place": "R301", "people": ["p15"], "purpose": "保洁",
    }) == {"S02-14.3", "S02-14.4"}  # fmt: skip
    assert await refused(early, "p01", "record-vetting", UNVETTED) == {"S01-7c"}
    assert await why_not(early, "p07", "D2") == {"S01-8a"}
    found = await rounds(early).found(early.now())
    assert "undertaking-in-post-missing/p07" in {each.key.removesuffix("/p07") for each in found}


async def test_a_date_to_come_may_be_brought_forward(early: Wiring) -> None:
    with pytest.raises(BadField):
        await early.office.judge("p01", "promulgate", {"regulation": "S01", "date": "soon"})
    await early.office.judge("p01", "promulgate", {"regulation": "S01", "date": "2026-03-02"})


def test_what_keeps_the_lists_binds_by_the_opening() -> None:
    found = {**named("binhai").found, "starts": {"S03": "2026-01-02"}}

    with pytest.raises(BadField) as late:
        drafted(msgspec.convert(found, Found), instant("2026-03-02"))

    assert [(each.field, each.code) for each in late.value.errors] == [("starts.S03", "not-by-the-opening")]


def test_no_register_refuses_past_what_binds() -> None:
    """`bench.refuse` asks what binds; what is raised by hand rests on what always does: the lists, and our own [P]."""
    for path in sorted(REGISTERS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                name = getattr(node.exc.func, "id", "")
                if name in ("Refused", "refusal"):
                    written = [
                        each.value
                        for each in ast.walk(node.exc)
                        if isinstance(each, ast.Constant) and isinstance(each.value, str)
                    ]
                    rules = [each for each in written if each[:1] in "SP" and "-" in each]
                    always = ("S03-", "S17-", "P-", "S01-20")
                    assert all(each.startswith(always) for each in rules), (path.name, node.lineno)
