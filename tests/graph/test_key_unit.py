"""What makes a key unit, and what is found wanting with one."""

from __future__ import annotations

import msgspec
import pytest

from graph.facts import Details, Fact, World, check
from graph.kinds import Node
from graph.law.key_unit import findings, key_units, members, should_be_key_department, should_be_key_location
from graph.law.levels import LEVELS
from graph.law.regulation import by_default
from graph.times import FOREVER, Instant, months_before, parse, to_text

NOW = parse("2026-08-31T10:00+08:00", field="now")
LABELS: dict[str, str] = {
    "unit": Node.ORGANISATION, "vault": Node.PLACE, "safe": Node.CONTAINER, "office": Node.DEPARTMENT,
    "desk": Node.DEPARTMENT, "rules": Node.DOCUMENT, "plan": Node.DOCUMENT, "hazard": Node.CASE,
    **dict.fromkeys(("an", "bo"), Node.PERSON), **{f"c{n}": Node.CARRIER for n in range(60)}, **dict.fromkeys(LEVELS, Node.LEVEL),
}  # fmt: skip


def before(months: int, *, days: int = 0) -> Instant:
    return months_before(NOW, months) - days * 86_400_000


def fact(
    source: str,
    kind: str,
    target: str,
    *,
    since: Instant = 0,
    until: Instant = FOREVER,
    **details: str | bool,
) -> Fact:
    given: Details = dict(details)
    made = Fact(
        id=f"{source}-{kind}-{target}-{since}", kind=kind, source=source, target=target, since=since, until=until,
        details=given,
    )  # fmt: skip
    check(made, LABELS)
    return made


def in_order() -> list[Fact]:
    return [
        fact("vault", "KEY_UNIT_OF", "unit", control_area=True), fact("office", "KEY_UNIT_OF", "unit"),
        fact("an", "PRINCIPAL_OF", "vault"), fact("an", "PRINCIPAL_OF", "office"), fact("an", "MAY_ENTER", "vault"),
        fact("bo", "ANSWERS_FOR", "vault"), fact("an", "INSPECTED", "vault", since=before(1)),
        fact("an", "INSPECTED", "office", since=before(1)), fact("rules", "LOCAL_RULES_OF", "vault", since=before(11)),
        fact("rules", "LOCAL_RULES_OF", "office", since=before(11)), fact("bo", "MEMBER_OF", "desk"),
        fact("desk", "PART_OF", "office"), fact("bo", "TRAINED", "unit", since=before(5), course="periodic"),
        fact("bo", "SIGNED", "unit", undertaking="in_post", countersigned_by="an"),
        fact("bo", "ASSESSED", "unit", since=before(11), result="competent"),
        fact("an", "TRAINED", "unit", since=before(5), course="periodic"),
        fact("an", "ASSESSED", "unit", since=before(11), result="good"),
        *(
            Fact(id=each, kind="PROTECTED_BY", source="vault", target="unit", since=NOW, details={"class": each})
            for each in ("people", "technology", "objects")
        ),
    ]  # fmt: skip


def world(*more: Fact, without: str = "") -> World:
    return World(
        [*(each for each in in_order() if not without or not each.id.startswith(without)), *more], LABELS
    )


def found(facts: World, node: str) -> list[str]:
    return [rule for reason in findings(facts, node, NOW, by_default) for rule in reason.rules]


def test_nothing_is_found_wanting_where_all_is_in_order() -> None:
    assert key_units(world(), "unit", NOW) == ("office", "vault")
    assert found(world(), "vault") == []
    assert found(world(), "office") == []


@pytest.mark.parametrize(
    ("without", "node", "rule"),
    [
        ("an-PRINCIPAL_OF-vault", "vault", "S02-3b"),
        ("an-PRINCIPAL_OF-office", "office", "S02-3b"),
        ("an-MAY_ENTER-vault", "vault", "S02-13a"),
        ("people", "vault", "S02-11"),
        ("technology", "vault", "S02-11"),
        ("objects", "vault", "S02-11"),
        ("bo-ANSWERS_FOR-vault", "vault", "S02-6.3"),
        ("rules-LOCAL_RULES_OF-vault", "vault", "S02-4.2"),
        ("rules-LOCAL_RULES_OF-office", "office", "S02-4.2"),
        ("an-INSPECTED-vault", "vault", "S02-4.8"),
        ("an-INSPECTED-office", "office", "S02-4.8"),
        ("bo-TRAINED-unit", "office", "S02-4.4"),
        ("bo-SIGNED-unit", "office", "S02-4.3"),
        ("an-TRAINED-unit", "vault", "S02-4.4"),
    ],
)
def test_each_thing_that_is_missing_is_found_by_its_rule(without: str, node: str, rule: str) -> None:
    assert found(world(without=without), node) == [rule]


@pytest.mark.parametrize(
    ("kind", "months", "rule"),
    [("INSPECTED", 3, "S02-4.8"), ("LOCAL_RULES_OF", 12, "S02-4.2"), ("TRAINED", 6, "S02-4.4")],
)
def test_a_period_runs_to_the_same_day_so_many_months_on(kind: str, months: int, rule: str) -> None:
    ends = {"INSPECTED": ("an", "office"), "LOCAL_RULES_OF": ("rules", "office"), "TRAINED": ("bo", "unit")}
    source, target = ends[kind]
    over = fact("bo", "TRAINED", "unit", since=before(months), course="periodic")
    late = msgspec.structs.replace(
        over, kind=kind, source=source, target=target, details=over.details if kind == "TRAINED" else {}
    )
    still = msgspec.structs.replace(late, since=late.since + 1)

    assert found(world(late, without=f"{source}-{kind}-{target}"), "office") == [rule]
    assert found(world(still, without=f"{source}-{kind}-{target}"), "office") == []


def test_S02_12_and_S02_14_3_are_found_with_a_key_location() -> None:  # noqa: N802
    no_area = world(fact("vault", "KEY_UNIT_OF", "unit"), without="vault-KEY_UNIT_OF")
    worker = fact("bo", "MEMBER_OF", "office", standing="service")
    left = world(worker, fact("bo", "INSIDE", "vault", since=NOW - 6 * 60_000))

    assert found(no_area, "vault") == ["S02-12"]
    assert found(left, "vault") == ["S02-14.3"]


def test_S02_4_8_a_hazard_stays_open_until_its_removal_is_recorded() -> None:  # noqa: N802
    assert found(world(fact("hazard", "HAZARD_AT", "office", hazard="窗栅松动")), "office") == ["S02-4.8"]
    assert found(world(fact("hazard", "HAZARD_AT", "office", until=NOW, hazard="窗栅松动")), "office") == []


def test_S02_4_7_and_S02_5_2_each_member_is_assessed_within_the_year_and_competent() -> None:  # noqa: N802
    poor = fact("bo", "ASSESSED", "unit", since=before(1), result="poor")
    old = fact("bo", "ASSESSED", "unit", since=before(12), result="good")

    assert found(world(poor), "office") == ["S02-5.2"]
    assert found(world(old, without="bo-ASSESSED"), "office") == ["S02-4.7", "S02-5.2"]
    assert found(world(without="bo-ASSESSED"), "office") == ["S02-4.7", "S02-5.2"]


def test_S02_4_3_to_4_7_the_staff_of_a_key_location_is_looked_after_like_a_departments() -> None:  # noqa: N802
    bo = fact("bo", "MAY_ENTER", "vault")
    poor = fact("bo", "ASSESSED", "unit", since=before(1), result="poor")
    serving = fact("bo", "MEMBER_OF", "office", standing="service")

    assert members(world(bo), "vault", NOW) == {"an", "bo"}
    assert found(world(bo), "vault") == []
    assert found(world(bo, without="bo-SIGNED"), "vault") == ["S02-4.3"]
    assert found(world(bo, without="bo-TRAINED"), "vault") == ["S02-4.4"]
    assert found(world(bo, without="bo-ASSESSED"), "vault") == ["S02-4.7", "S02-5.2"]
    assert found(world(bo, poor), "vault") == ["S02-5.2"]
    assert members(world(bo, serving), "vault", NOW) == {"an"}


def test_members_are_those_who_stand_in_a_department_however_deep_and_now() -> None:
    gone = fact("an", "MEMBER_OF", "office", until=NOW)

    assert members(world(gone), "office", NOW) == {"bo"}


def holding(level: str, count: int) -> World:
    facts = [
        fact("bo", "MEMBER_OF", "office"),
        fact("plan", "CLASSIFIED_AS", level),
        fact("safe", "KEPT_IN", "vault"),
    ]
    for n in range(count):
        facts += [
            fact(f"c{n}", "CARRIES", "plan"), fact(f"c{n}", "HELD_BY", "bo"), fact(f"c{n}", "KEPT_IN", "safe"),
        ]  # fmt: skip
    return World(facts, LABELS)


@pytest.mark.parametrize(
    ("level", "count", "proposed"),
    [
        ("top-secret", 1, True),
        ("secret", 49, False),
        ("secret", 50, True),
        ("confidential", 50, True),
        ("internal", 60, False),
    ],
)
def test_S02_2a_a_department_with_top_secret_or_many_others_is_proposed(  # noqa: N802
    level: str, count: int, proposed: bool
) -> None:
    facts = holding(level, count)

    rules = [
        rule for reason in should_be_key_department(facts, "office", NOW, by_default) for rule in reason.rules
    ]

    assert rules == (["S02-2a"] if proposed else [])
    designated = World([*facts.facts(), fact("office", "KEY_UNIT_OF", "unit")], LABELS)
    assert should_be_key_department(designated, "office", NOW, by_default) == ()


def test_S02_2b_a_place_where_carriers_are_kept_is_listed_until_it_is_designated() -> None:  # noqa: N802
    facts = holding("secret", 1)
    designated = World([*facts.facts(), fact("vault", "KEY_UNIT_OF", "unit")], LABELS)
    room = World([fact("vault", "SECRET_ROOM_OF", "unit")], LABELS)

    assert [reason.rules for reason in should_be_key_location(facts, "vault", NOW)] == [("S02-2b",)]
    assert should_be_key_location(designated, "vault", NOW) == ()
    assert should_be_key_location(holding("internal", 3), "vault", NOW) == ()
    assert [reason.rules for reason in should_be_key_location(room, "vault", NOW)] == [("S02-2b",)]


@pytest.mark.parametrize(
    ("at", "months", "expected"),
    [("2026-08-31", 6, "2026-02-28"), ("2026-03-31", 1, "2026-02-28"), ("2028-03-31", 1, "2028-02-29"),
     ("2026-01-15", 1, "2025-12-15"), ("2026-12-31", 12, "2025-12-31"), ("2026-05-31", 3, "2026-02-28")],
)  # fmt: skip
def test_months_are_counted_by_the_calendar(at: str, months: int, expected: str) -> None:
    came = months_before(parse(at, field="at"), months)

    assert came == parse(expected, field="at"), to_text(came)
