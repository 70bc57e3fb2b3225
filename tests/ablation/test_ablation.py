"""No rule can be taken out of any place without somebody noticing. `make ablate` tries all places, and counts who notices.

Here each place of the law is tried on the worlds, and some of those in storage on the scenarios: a scenario takes a second.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from graph.law import copying, findings
from graph.law.levels import SECRET
from graph.law.verdict import Mark, Reason
from tests.ablation import suite
from tests.ablation.calls import uncalled
from tests.ablation.suite import Finding, all_scenarios, noticing, noticing_scenario, unnoticed
from tests.ablation.switch import ROOM, Place, off, places, without
from tests.worlds import all_traps

TRAPS = all_traps()
SCENARIOS = all_scenarios()
IN_LAW = [place for place in places() if not place.function.startswith(ROOM)]
IN_STORAGE = [place for place in places() if place.function.startswith(ROOM)]
TRIED_EVERY = 10


@pytest.fixture
def quiet() -> Iterator[None]:
    """What breaks down for want of a rule says so in the log, where nobody reads it."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage() -> AsyncIterator[Path]:
    async with suite.stage() as established:
        yield established


@pytest.mark.parametrize("place", IN_LAW, ids=lambda place: f"{place.rule} in {place.function}")
def test_a_world_notices_when_the_rule_is_off(place: Place) -> None:
    assert next(noticing(place, TRAPS), None) is not None


@pytest.mark.parametrize(
    "place", IN_STORAGE[::TRIED_EVERY], ids=lambda place: f"{place.rule} in {place.function}"
)
@pytest.mark.usefixtures("quiet")
async def test_a_scenario_notices_when_the_rule_is_off_in_storage(place: Place, stage: Path) -> None:
    assert await noticing_scenario(place, SCENARIOS, stage) is not None


@pytest.mark.usefixtures("quiet")
async def test_with_every_rule_in_place_no_scenario_notices_anything(stage: Path) -> None:
    nobody = Place("S03-2.1e", "storage.registers.people.record_vetting refuses")

    assert await noticing_scenario(nobody, {"at-the-desk": SCENARIOS["at-the-desk"]}, stage) is None


def test_every_rule_that_decides_in_storage_is_named_by_a_scenario() -> None:
    told = repr(SCENARIOS)

    assert [place for place in IN_STORAGE if f"'{place.rule}'" not in told] == []


def test_refusals_openings_effects_and_watches_are_among_the_places() -> None:
    assert {
        Place("S01-7c", "storage.registers.people.record_vetting refuses"),
        Place("S02-9c", "storage.registers.travel.record_travel opens"),
        Place("S01-6c", "storage.registers.clearing.adjust_level does"),
    } <= set(IN_STORAGE)
    assert {rule for watch, rules in findings.WATCHES.items() for rule in rules} <= {
        place.rule for place in IN_LAW
    }


def test_a_function_of_the_law_that_nothing_calls_is_no_rule() -> None:
    assert uncalled() == []


def test_what_only_its_own_kind_calls_counts_as_called_by_nobody(tmp_path: Path) -> None:
    law, storage = tmp_path / "law", tmp_path / "storage"
    law.mkdir()
    storage.mkdir()
    (law / "sealing.py").write_text(
        "def asked(x):\n    return _inner(x)\n\ndef _inner(x):\n    return x\n\ndef idle(x):\n    return lost(x)\n\ndef lost(x):\n    return idle(x)\n"
    )
    (storage / "seals.py").write_text("from law.sealing import asked, idle\n\nasked(1)\n")

    assert uncalled(law, [storage]) == ["sealing.idle", "sealing.lost"]


def test_with_every_rule_in_place_no_world_notices_anything() -> None:
    nobody = Place("S99-1", "graph.law.copying.secret_copy")

    assert list(noticing(nobody, TRAPS)) == []


def test_a_rule_that_is_off_speaks_again_afterwards() -> None:
    request = copying.CopyRequest(SECRET, allowed=True, approver="none")
    before = copying.judge_copy(request)

    with off(Place("S03-4.5.2", "graph.law.copying.secret_copy")):
        silent = copying.judge_copy(request)

    assert (before[0].rules, silent, copying.judge_copy(request)) == (("S03-4.5.2",), (), before)


def test_of_two_rules_that_refuse_together_the_other_still_does() -> None:
    both = Mark("undertaking", False, ("S01-8a", "S02-8b"), (), Reason(("S01-8a", "S02-8b"), "missing"))

    one = without(both, "S01-8a")
    none = without(one, "S02-8b")

    assert (one.holds, one.reason.rules) == (False, ("S02-8b",))
    assert (none.holds, none.reason) == (None, None)


def test_a_rule_missed_in_one_of_its_functions_counts_as_unnoticed() -> None:
    one, other = (
        Place("S03-2.1c", "graph.law.know.within_distribution"),
        Place("S03-2.1c", "graph.law.marking.bears_distribution"),
    )

    assert unnoticed([Finding(one, ("a-world",)), Finding(other, ())]) == ["S03-2.1c"]
