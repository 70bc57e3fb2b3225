"""The pure law over small organisations drawn at random."""

from __future__ import annotations

from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from graph.access import Stand, audience_of, reach_of
from graph.facts import Fact, Facts, Overlay
from graph.kinds import GRANTS, PROHIBITIONS
from graph.law.item import demand
from graph.law.know import may_know
from graph.law.person import groups
from graph.law.regulation import load
from graph.law.verdict import Verdict
from graph.times import Instant
from tests.properties.organisations import (
    DOCUMENTS,
    INSTANTS,
    LABELS,
    PEOPLE,
    dated,
    ended,
    in_order,
    organisations,
    world,
)

Allowed = set[tuple[str, str, Instant]]


def judged(facts: Facts) -> dict[tuple[str, str, Instant], Verdict]:
    return {
        (person, item, at): may_know(facts, person, item, at)
        for person in PEOPLE
        for item in DOCUMENTS
        for at in INSTANTS
    }


def allowed(facts: Facts) -> Allowed:
    return {key for key, verdict in judged(facts).items() if verdict.allowed}


@given(organisations(), st.data())
def test_ending_a_grant_never_widens_an_audience(facts: list[Fact], data: st.DataObject) -> None:
    grants = [fact for fact in facts if fact.kind in GRANTS]
    assume(grants)
    grant, at = data.draw(st.sampled_from(grants)), data.draw(st.sampled_from(INSTANTS))

    after = allowed(world([*(fact for fact in facts if fact is not grant), *ended(grant, at)]))

    assert after <= allowed(world(facts))


@given(organisations(), dated(kinds=PROHIBITIONS))
def test_a_prohibition_more_never_widens_an_audience(facts: list[Fact], prohibition: Fact) -> None:
    before = allowed(world(facts))

    after = allowed(world([*facts, prohibition]))

    assert after <= before


@given(organisations(), dated(kinds=PROHIBITIONS))
def test_a_prohibition_in_force_always_wins(facts: list[Fact], prohibition: Fact) -> None:
    after = world([*facts, prohibition])

    for (person, item, at), verdict in judged(after).items():
        if not prohibition.holds(at):
            continue
        struck = prohibition.source == person or prohibition.source in groups(after, person, at)
        level = demand(after, item, at).level
        if prohibition.kind == "BARRED_FROM":
            struck = struck and prohibition.target == item
        if prohibition.kind == "COOLING_OFF" and level is not None and level.scheme == "internal":
            continue
        assert not (struck and verdict.allowed)


@given(organisations(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: list[Fact], random: Random) -> None:
    shuffled = random.sample(facts, len(facts))

    assert judged(world(shuffled)) == judged(world(facts))


@given(organisations())
def test_a_refusal_names_rules_that_are_clauses_and_a_yes_names_its_route(facts: list[Fact]) -> None:
    clauses = load().clauses

    for verdict in judged(world(facts)).values():
        assert verdict.allowed is not bool(verdict.reasons)
        assert verdict.allowed is not bool(verdict.rules)
        assert all(reason.rules for reason in verdict.reasons)
        assert [rule for rule in verdict.rules if rule not in clauses] == []
        assert verdict.routes or not verdict.allowed


@given(organisations())
def test_every_step_of_a_route_is_a_fact_that_holds_and_leads_from_the_person_to_the_item(
    facts: list[Fact],
) -> None:
    for (person, item, at), verdict in judged(world(facts)).items():
        for route in verdict.routes:
            at_node = person
            for step in route.steps:
                assert step.holds(at)
                assert step.source == at_node
                at_node = step.target
            assert at_node == item


@given(organisations(), st.sampled_from(INSTANTS))
def test_may_know_audience_and_reach_are_one_rule(facts: list[Fact], at: Instant) -> None:
    whole = world(facts)
    expected = {(person, item) for person, item, when in allowed(whole) if when == at}

    audiences = {
        item: audience_of(whole, item, sorted(PEOPLE), Stand(at=at, s=1, live=True), asker="an", roles=())
        for item in DOCUMENTS
    }
    reached = {person: reach_of(whole, person, sorted(DOCUMENTS), at) for person in PEOPLE}

    assert {(each.person, item) for item, found in audiences.items() for each in found.people} == expected
    assert {(person, each.item) for person, found in reached.items() for each in found} == expected


@given(organisations(), st.sampled_from(DOCUMENTS), st.sampled_from(["secret", "top-secret", "confidential"]))
def test_a_higher_level_never_widens_an_audience(facts: list[Fact], item: str, level: str) -> None:
    before = world(facts)
    raised = Fact(id="raised", kind="CLASSIFIED_AS", source=item, target=level, since=0)

    after = allowed(world([*facts, raised]))

    marked = {
        (person, it, at) for person, it, at in after if it != item or demand(before, it, at).level is not None
    }
    assert marked <= allowed(before)


@given(organisations(), dated(kinds=["CLEARED_TO"]))
def test_a_second_clearance_never_widens_what_its_holder_may_know(facts: list[Fact], second: Fact) -> None:
    before = world(facts)

    after = allowed(world([*facts, second]))

    held = {
        (person, item, at)
        for person, item, at in after
        if any(fact.holds(at) for fact in before.out(person, "CLEARED_TO")) or person != second.source
    }
    assert held <= allowed(before)


@given(organisations(), st.lists(dated(), max_size=3), st.data())
def test_what_would_be_is_what_is_once_it_is_done(
    facts: list[Fact], added: list[Fact], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from([fact.id for fact in facts]), max_size=4))

    would = judged(Overlay(world(facts), added, gone, LABELS))

    done = judged(world([*(fact for fact in facts if fact.id not in gone), *added]))
    assert {key: (each.allowed, set(each.rules)) for key, each in would.items()} == {
        key: (each.allowed, set(each.rules)) for key, each in done.items()
    }


def test_an_organisation_in_order_lets_everybody_know_everything() -> None:
    """So that what is drawn from it is not all refusals."""
    found = judged(world(in_order()))

    assert [key for key, verdict in found.items() if not verdict.allowed] == []
