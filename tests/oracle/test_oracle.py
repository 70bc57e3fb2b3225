"""The law and the SQL of the oracle give the same answer, condition by condition, on thousands of pairs and dates."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from graph.facts import Fact, World, check
from graph.law.know import may_know
from tests.oracle.oracle import BY_RULE, CONDITIONS, QUERY, Question, failing
from tests.oracle.organisations import DAYS, DOCUMENTS, PEOPLE, labels, organisation
from tests.worlds import all_traps

SEEDS = range(50)
PAIRS = 200
TRAPS = all_traps()
PITFALLS = {
    'a range that ended': ('WHERE fact.since <= asked.at AND asked.at < fact.until', 'WHERE fact.since <= asked.at'),
    'membership of part of a part': ("('MEMBER_OF', 'HOLDS_POST', 'PART_OF')", "('MEMBER_OF', 'HOLDS_POST')"),
    'two clearances at once': ('min(level.rank) AS rank', 'max(level.rank) AS rank'),
    'a clearance to internal matters': ('live.target AND level.state', 'live.target'),
    'two marks at once': ('max(level.rank) AS rank,', 'min(level.rank) AS rank,'),
    'top secret listed by department': ('< 3 OR by_name', '< 9 OR by_name'),
    'a post declassified while held': ('mark.since < held.until AND held.since < mark.until', 'asked.at < mark.until'),
    'a post that became secret after it was left': ('AND mark.since < held.until', ''),
    'another secret post still held': ('AND NOT EXISTS (SELECT 1 FROM secret_post', 'AND 1 OR EXISTS (SELECT 1 FROM secret_post'),
    'an undertaking of the wrong stage': ('AND detail = stage.paper', ''),
    'a vetting that failed later': ("OR EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'VETTED'", "OR EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'NONE'"),
    'a part of a key department': ('stands.node <> asked.person', 'stands.node IN (SELECT target FROM own)'),
    'a grant on a state secret': ('coalesce(item.internal, 0) AND NOT EXISTS (                                        -- S17-2.4a', 'NOT EXISTS ( --'),
    'a department barred': ("live.kind = 'BARRED_FROM'", "live.source = live.person AND live.kind = 'BARRED_FROM'"),
}  # fmt: skip
"""What a query that falls into the trap reads in place of what."""


def drawn(seed: int) -> tuple[list[Fact], list[Question]]:
    random = Random(seed)  # noqa: S311  (a test's dice)
    facts = organisation(random)
    every = [(person, item, day) for person in PEOPLE for item in DOCUMENTS for day in range(DAYS + 1)]
    return facts, random.sample(every, PAIRS)


def by_the_law(world: World, question: Question) -> frozenset[str]:
    verdict = may_know(world, *question)
    assert verdict.allowed is not bool(verdict.reasons)
    return frozenset(BY_RULE[reason.rules[0]] for reason in verdict.reasons)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_oracle_and_the_law_agree_on_every_drawn_pair(seed: int) -> None:
    facts, asked = drawn(seed)
    world = World(facts, labels())

    second = failing(facts, asked)

    first = [by_the_law(world, each) for each in asked]
    assert [
        (each, sorted(law), sorted(sql)) for each, law, sql in zip(asked, first, second, strict=True) if law != sql
    ] == []  # fmt: skip


def test_ten_thousand_pairs_hold_every_condition_alone_and_a_fair_share_of_yes() -> None:
    """So that agreement is not agreement about refusals only: no two pairs and dates of one organisation are the same, and each
    condition decides by itself in some."""
    found: Counter[frozenset[str]] = Counter()
    for seed in SEEDS:
        found.update(failing(*drawn(seed)))

    assert sum(found.values()) == 10_000
    assert 1500 < found[frozenset()] < 8500
    alone = {condition: found[frozenset({condition})] for condition in CONDITIONS}
    assert {name: count for name, count in alone.items() if count < 20} == {}


@pytest.mark.parametrize("trap", PITFALLS)
def test_what_is_drawn_holds_the_trap(trap: str) -> None:
    """A query that falls into the trap answers differently somewhere."""
    right, wrong = PITFALLS[trap]
    assert QUERY.count(right) == 1
    fallen = QUERY.replace(right, wrong)

    assert any(failing(*drawn(seed), fallen) != failing(*drawn(seed)) for seed in SEEDS)


def test_a_drawn_organisation_holds_only_facts_that_fit_their_kinds() -> None:
    for seed in SEEDS:
        for fact in drawn(seed)[0]:
            check(fact, labels())


@pytest.mark.parametrize("name", TRAPS)
def test_the_oracle_answers_each_world_as_its_file_says(name: str) -> None:
    for asked in TRAPS[name].asked:
        answers = {
            (person, item, asked.instant): answer
            for item, row in asked.may_know.items()
            for person, answer in row.items()
        }

        found = failing(TRAPS[name].all_facts(asked.known_at), list(answers))

        said = {question: not failed for question, failed in zip(answers, found, strict=True)}
        assert said == {question: answer == "allowed" for question, answer in answers.items()}
