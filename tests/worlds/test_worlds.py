"""Every world: what the pure law answers is what the file says, at every date it asks about."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.law.know import may_know
from graph.law.regulation import load
from tests.worlds import HERE, all_traps, nine, read
from tests.worlds.answers import QUESTIONS, differences

TRAPS = all_traps()


@pytest.mark.parametrize("name", TRAPS)
def test_the_law_answers_as_the_world_says(name: str) -> None:
    assert differences(TRAPS[name]) == []


@pytest.mark.parametrize("name", TRAPS)
def test_every_rule_in_a_refusal_is_a_clause_of_a_regulation(name: str) -> None:
    rules = {
        rule
        for asked in TRAPS[name].asked
        for item, row in asked.may_know.items()
        for person in row
        for rule in may_know(TRAPS[name].world(asked.known_at), person, item, asked.instant).rules
    }

    assert [rule for rule in rules if rule not in load().clauses] == []


@pytest.mark.parametrize("name", TRAPS)
def test_all_nine_questions_are_answered_as_they_were(name: str) -> None:
    kept = nine.read(name)

    assert nine.tables(TRAPS[name]) == kept, "looked through? `python -m tests.worlds` keeps the new answers"


def test_the_tables_hold_all_nine_questions_of_every_world_in_which_anything_can_be_known() -> None:
    worlds = {name for name, trap in TRAPS.items() if trap.people and trap.documents}

    assert {path.stem for path in nine.TABLES.glob("*.yaml")} == worlds
    for name in worlds:
        dates, kept = [each for each, _, _ in nine.moments(TRAPS[name])], nine.read(name)
        assert list(kept) == [*dates, "from now on"]
        assert {question for each in kept.values() for question in each} == set(nine.QUESTIONS)
        assert all({*kept[date], "what_if"} == set(nine.QUESTIONS) for date in dates)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_asked_in_some_world(question: str) -> None:
    assert [name for name, trap in TRAPS.items() if any(getattr(each, question) for each in trap.asked)] != []


def test_a_wrong_answer_in_a_world_is_found(tmp_path: Path) -> None:
    whole = (HERE / "range-narrowed.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(whole.replace("{notice: [an, bo]}", "{notice: [bo]}"), encoding="utf-8")

    assert len(differences(read(wrong))) == 1


def test_a_world_whose_table_of_answers_has_a_gap_is_refused(tmp_path: Path) -> None:
    whole = (HERE / "range-narrowed.yaml").read_text(encoding="utf-8")

    gap = tmp_path / "gap.yaml"
    gap.write_text(whole.replace("{an: allowed, bo: allowed}", "{an: allowed}"), encoding="utf-8")

    with pytest.raises(ValueError, match="do not cover"):
        read(gap)
