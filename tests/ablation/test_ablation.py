"""No rule of the law can be taken out of any function without a world noticing. `make ablate` counts all that notice."""

from __future__ import annotations

import pytest

from graph.law import copying
from graph.law.levels import SECRET
from graph.law.verdict import Mark, Reason
from tests.ablation.suite import Finding, noticing, unnoticed
from tests.ablation.switch import Place, off, places, without
from tests.worlds import all_traps

TRAPS = all_traps()
PLACES = places()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.rule} in {place.function}")
def test_a_world_notices_when_the_rule_is_off(place: Place) -> None:
    assert next(noticing(place, TRAPS), None) is not None


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
