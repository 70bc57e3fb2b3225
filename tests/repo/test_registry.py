"""The registry of rules is whole, and what it says of a few rules is so."""

from __future__ import annotations

from graph.law.regulation import load
from tests.registry import acts, page
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


def test_the_pages_made_from_the_registry_are_current() -> None:
    """But for the column of tests, which every new test would move: `make regulations` writes it anew with the rest."""
    written, made = (_without_tests(text) for text in (page.PAGE.read_text(encoding="utf-8"), page.page()))

    assert [line for line in made if line not in written] == [], "run: make regulations"
    assert [line for line in written if line not in made] == [], "run: make regulations"
    assert acts.PAGE.read_text(encoding="utf-8") == acts.page(), "run: make regulations"


def _without_tests(text: str) -> list[str]:
    lines = text.splitlines()
    return [
        line.rsplit(" | ", 1)[0] if line.startswith("| ") else line
        for line in lines
        if "named by no test" not in line
    ]
