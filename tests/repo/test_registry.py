"""The registry of rules is whole, and what it says of a few rules is so."""

from __future__ import annotations

from graph.law.regulation import load
from tests.registry.carriers import registry

LINES = {line.clause.id: line for line in registry()}


def test_every_clause_has_its_line() -> None:
    assert LINES.keys() == load().clauses.keys()


def test_a_rule_is_carried_by_its_function_its_act_and_its_step_and_named_by_its_worlds() -> None:
    vetted = LINES["S01-7a"]

    assert {"law: person.vetting", "procedure: vetting"} <= set(vetted.carried_by)
    assert "worlds/vetting-failed-after-it-was-passed.yaml" in vetted.tests
    assert "step: vetting.conclude" in LINES["S01-7b"].carried_by
    assert "act: record-vetting" in LINES["S01-17.1"].carried_by
    assert "bound of parameter: cooling-off-ordinary" in LINES["S02-10e"].carried_by


def test_a_rule_that_decides_is_named_by_a_test() -> None:
    bare = [
        rule
        for rule, line in LINES.items()
        if any(each.startswith("law:") for each in line.carried_by) and not line.tests
    ]

    assert bare == []
