"""Every world: may_know, audience and reach on the pure law are what the file says, at every date it asks about."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.access import Stand, audience_of, reach_of
from graph.facts import OPEN_SEQ, World
from graph.kinds import Node
from graph.law.know import may_know
from graph.law.regulation import load
from tests.worlds import HERE, Asked, all_traps, read

TRAPS = all_traps()
ASKED = [
    pytest.param(trap.world(), asked, id=f"{name}@{asked.at}")
    for name, trap in TRAPS.items()
    for asked in trap.asked
]


@pytest.mark.parametrize(("world", "asked"), ASKED)
def test_each_person_may_know_each_document_or_is_stopped_by_exactly_these_rules(
    world: World, asked: Asked
) -> None:
    verdicts = {
        item: {person: may_know(world, person, item, asked.instant) for person in row}
        for item, row in asked.may_know.items()
    }

    assert {
        item: {person: "allowed" if each.allowed else set(each.rules) for person, each in row.items()}
        for item, row in verdicts.items()
    } == {
        item: {person: "allowed" if answer == "allowed" else set(answer) for person, answer in row.items()}
        for item, row in asked.may_know.items()
    }


@pytest.mark.parametrize(("world", "asked"), ASKED)
def test_the_audience_of_each_document_is_exactly_this(world: World, asked: Asked) -> None:
    people = sorted(world.nodes(Node.PERSON))
    stand = Stand(at=asked.instant, s=OPEN_SEQ - 1, live=True)

    audiences = {
        item: audience_of(world, item, people, stand, asker=people[0], roles=()) for item in asked.audience
    }

    assert {
        item: [knower.person for knower in each.people] for item, each in audiences.items()
    } == asked.audience
    assert {item: each.total for item, each in audiences.items()} == {
        k: len(v) for k, v in asked.audience.items()
    }


@pytest.mark.parametrize(("world", "asked"), ASKED)
def test_each_person_reaches_exactly_these_documents(world: World, asked: Asked) -> None:
    documents = sorted(world.nodes(Node.DOCUMENT))

    reached = {person: reach_of(world, person, documents, asked.instant) for person in asked.reach}

    assert {person: [each.item for each in found] for person, found in reached.items()} == asked.reach


@pytest.mark.parametrize(("world", "asked"), ASKED)
def test_every_rule_in_a_refusal_is_a_clause_of_a_regulation(world: World, asked: Asked) -> None:
    rules = {
        rule
        for item, row in asked.may_know.items()
        for person in row
        for rule in may_know(world, person, item, asked.instant).rules
    }

    assert [rule for rule in rules if rule not in load().clauses] == []


def test_a_world_whose_table_of_answers_has_a_gap_is_refused(tmp_path: Path) -> None:
    whole = (HERE / "range-narrowed.yaml").read_text(encoding="utf-8")

    gap = tmp_path / "gap.yaml"
    gap.write_text(whole.replace("{an: allowed, bo: allowed}", "{an: allowed}"), encoding="utf-8")

    with pytest.raises(ValueError, match="do not cover"):
        read(gap)
