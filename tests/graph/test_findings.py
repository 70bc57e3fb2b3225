"""What the clock's round finds wanting, on facts alone: each thing found once it is so, and no longer once it is mended."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from graph.facts import Details, Fact, World
from graph.kinds import Node
from graph.law.findings import WATCHES, Census, Finding, look
from graph.law.regulation import load
from graph.times import DAY_MS, Instant, months_before, parse, to_date_text

NOW = parse("2026-03-02T09:00+08:00", field="now")
LABELS = {
    "an": Node.PERSON.value, "bo": Node.PERSON.value, "unit": Node.ORGANISATION.value, "dept": Node.DEPARTMENT.value,
    "other": Node.DEPARTMENT.value, "room": Node.PLACE.value, "box": Node.CONTAINER.value, "desk": Node.POST.value,
    "memo": Node.DOCUMENT.value, "copy": Node.CARRIER.value, "range": Node.RANGE.value, "list": Node.DISTRIBUTION.value,
    "secret": Node.LEVEL.value, "confidential": Node.LEVEL.value, "top-secret": Node.LEVEL.value,
}  # fmt: skip
CENSUS = Census(people=["an", "bo"], departments=["dept", "other"], places=["room"], carriers=["copy"])


def fact(
    source: str, kind: str, target: str, since: Instant = 0, until: Instant = 2**53, **details: str | bool
) -> Fact:
    given: Details = dict(details)
    return Fact(
        id=f"{source}-{kind}-{target}", kind=kind, source=source, target=target, since=since, until=until, details=given
    )  # fmt: skip


def found(facts: Sequence[Fact], at: Instant = NOW) -> dict[str, Finding]:
    known = load()
    seen = look(World(facts, LABELS), CENSUS, lambda name: known.parameter(name).default, at)
    return {each.code: each for each in seen}


CLEARED = (
    fact("an", "MEMBER_OF", "dept"),
    fact("an", "CLEARED_TO", "secret"),
    fact("an", "HOLDS_POST", "desk"),
    fact("desk", "CLASSIFIED_AS", "secret"),
    fact("an", "VETTED", "unit", conclusion="passed"),
    fact("an", "SIGNED", "unit", undertaking="in_post", countersigned_by="bo", proof="own"),
    fact("an", "TRAINED", "unit", NOW - 30 * DAY_MS, course="yearly"),
    fact("an", "ASSESSED", "unit", NOW - 30 * DAY_MS, result="good"),
)
MEMO = (
    fact("memo", "CLASSIFIED_AS", "secret"),
    fact("range", "RANGE_OF", "memo"),
    fact("list", "DISTRIBUTION_OF", "memo"),
    fact("an", "IN_RANGE", "range"),
    fact("unit", "IN_DISTRIBUTION", "list"),
    fact("dept", "PART_OF", "unit"),
    fact("copy", "CARRIES", "memo"),
)


def without(facts: Sequence[Fact], *kinds: str) -> tuple[Fact, ...]:
    return tuple(each for each in facts if each.kind not in kinds)


def test_somebody_in_order_is_found_nowhere() -> None:
    assert found(CLEARED) == {}


def test_s01_2a_who_holds_secrets_without_a_level_is_listed_for_the_head() -> None:
    held = fact("copy", "HELD_BY", "bo", reason="loan")
    here = (*MEMO, held, fact("bo", "MEMBER_OF", "dept"), fact("an", "HEAD_OF", "dept"))

    seen = found(here)["undesignated-person"]

    assert (seen.subject, seen.whose, seen.over, seen.rules) == ("bo", "HEAD_OF", "dept", ("S01-2a",))
    assert "undesignated-person" not in found((*here, fact("bo", "CLEARED_TO", "secret")))


def test_s01_2a_who_has_a_secret_task_without_a_level_is_listed() -> None:
    seen = found((fact("bo", "HAS_TASK", "secret", task="乙号专项"),))["undesignated-person"]

    assert seen.values["posts"] == "1"


def test_s01_6a_a_level_that_posts_and_tasks_do_not_call_for_is_found_however_it_came_about() -> None:
    raised = found((*CLEARED, fact("an", "HAS_TASK", "top-secret", task="甲号专项")))["level-unfit"]
    head = fact("bo", "HEAD_OF", "dept")
    idle = found((*without(CLEARED, "HOLDS_POST"), head, fact("an", "SIGNED", "unit", undertaking="entry")))[
        "level-unfit"
    ]
    left = without(CLEARED, "HOLDS_POST")
    leaving = (*left, fact("an", "HOLDS_POST", "desk", 0, NOW - DAY_MS))

    assert (raised.values, raised.whose) == (
        {"held": "secret", "proposed": "top-secret"},
        "SECURITY_OFFICER_OF",
    )
    assert raised.rules == ("S01-6a", "S01-4", "S01-3a")
    assert (idle.values["proposed"], idle.whose, idle.over) == ("none", "HEAD_OF", "dept")
    assert idle.rules == ("S01-6a", "S01-4", "S01-3c")
    assert "level-unfit" not in found(leaving)


def test_s01_2a_ten_accesses_are_allowed_for_and_eleven_are_not() -> None:
    items = [f"m{n}" for n in range(11)]
    labels = {**LABELS, **dict.fromkeys(items, Node.DOCUMENT.value)}
    known = load()

    def seen(count: int) -> list[str]:
        facts = [fact(item, "CLASSIFIED_AS", "secret") for item in items]
        facts += [fact("bo", "HAS_KNOWN", item, mode="read") for item in items[:count]]
        every = look(World(facts, labels), CENSUS, lambda name: known.parameter(name).default, NOW)
        return [each.code for each in every]

    assert seen(10) == []
    assert seen(11) == ["undesignated-person"]


def test_s01_8a_s01_17_3_a_missing_undertaking_is_the_persons_own_duty() -> None:
    seen = found(without(CLEARED, "SIGNED"))["undertaking-in-post-missing"]

    assert (seen.whose, seen.person) == ("PERSON", "an")


def test_s01_8a_s01_17_3_whoever_leaves_secret_work_has_the_leaving_undertaking_to_sign() -> None:
    left = (*without(CLEARED, "HOLDS_POST"), fact("an", "HOLDS_POST", "desk", 0, NOW - DAY_MS))
    signed = (*left, fact("an", "SIGNED", "unit", NOW - DAY_MS, undertaking="leaving"))

    assert found(left)["undertaking-leaving-missing"].rules == ("S01-8a", "S01-17.3")
    assert "undertaking-leaving-missing" not in found(signed)


def test_s01_8b_an_undertaking_lacks_its_countersignatory_and_on_paper_its_scan() -> None:
    def seen(**details: str) -> str | None:
        given: Details = {"undertaking": "in_post", **details}
        signed = msgspec.structs.replace(fact("an", "SIGNED", "unit"), details=given)
        lacking = found((*without(CLEARED, "SIGNED"), signed)).get("undertaking-incomplete")
        return lacking.values["missing"] if lacking else None

    assert seen(proof="own") == "value.countersigned_by"
    assert seen(proof="paper") == "value.countersigned_by, value.paper_scan"
    assert seen(proof="paper", countersigned_by="bo") == "value.paper_scan"
    assert seen(proof="paper", countersigned_by="bo", scan="s-1") is None


def test_s01_9_education_is_overdue_after_twelve_months_and_not_before() -> None:
    last = months_before(NOW, 12)
    rest = without(CLEARED, "TRAINED")

    assert "education-overdue" not in found((*rest, fact("an", "TRAINED", "unit", last, course="yearly")))
    assert "education-overdue" in found((*rest, fact("an", "TRAINED", "unit", last - 1, course="yearly")))
    assert "education-overdue" in found(rest)


def test_s01_10a_a_cleared_person_without_a_result_of_the_period_is_named() -> None:
    last = months_before(NOW, 12)
    rest = without(CLEARED, "ASSESSED")
    newly = (*without(rest, "CLEARED_TO"), fact("an", "CLEARED_TO", "secret", last + 1))

    assert "assessment-overdue" not in found((*rest, fact("an", "ASSESSED", "unit", last + 1, result="good")))
    assert (
        found((*rest, fact("an", "ASSESSED", "unit", last, result="good")))["assessment-overdue"].subject
        == "an"
    )
    assert found(rest)["assessment-overdue"].rules == ("S01-10a",)
    assert "assessment-overdue" not in found(newly)


def test_s01_12a_education_goes_on_in_cooling_off() -> None:
    cooling = fact("bo", "COOLING_OFF", "unit", 0, NOW + 300 * DAY_MS, level="secret")

    assert found([cooling])["education-overdue"].rules == ("S01-9", "S01-12a")


def test_s01_17_6_the_leading_group_is_reminded_thirty_days_before_the_end() -> None:
    def seen(days: int) -> dict[str, Finding]:
        return found([fact("bo", "COOLING_OFF", "unit", 0, NOW + days * DAY_MS, level="secret")])

    assert "cooling-off-ends" not in seen(31)
    assert seen(30)["cooling-off-ends"].whose == "LEADING_GROUP_OF"


def test_s01_17_6_a_period_past_its_day_is_found_until_somebody_releases() -> None:
    day = to_date_text(NOW - DAY_MS)
    running = fact("bo", "COOLING_OFF", "unit", 0, level="secret", ends=day)
    released = fact("bo", "COOLING_OFF", "unit", 0, NOW, level="secret", ends=day)

    seen = found([running])
    assert (seen["not-released"].whose, seen["not-released"].due) == (
        "LEADING_GROUP_OF",
        parse(day, field="day"),
    )
    assert seen["education-overdue"].rules == ("S01-9", "S01-12a")
    assert not {"not-released", "cooling-off-ends"} & found([released]).keys()


def test_s01_6c_a_loan_to_somebody_who_may_know_no_longer_is_recalled() -> None:
    lent = (*CLEARED, *MEMO, fact("copy", "HELD_BY", "an", reason="loan"))

    assert "loan-to-recall" not in found(lent)
    seen = found(without(lent, "IN_RANGE"))["loan-to-recall"]
    assert (seen.subject, seen.person, seen.whose) == ("copy", "an", "CUSTODIAN_OF")
    assert {"S01-6c", "S03-4.1b"} <= set(seen.rules)


def test_s02_4_1_everything_open_about_a_key_unit_is_its_principals_or_the_groups() -> None:
    seen = found([fact("room", "KEY_UNIT_OF", "unit")])

    assert {"reason.no-principal", "reason.no-control-area"} <= set(seen)
    assert seen["reason.no-principal"].whose == "LEADING_GROUP_OF"
    assert all(each.subject == "room" for each in seen.values())
    assert all(each.over == "room" for each in seen.values() if each.whose == "PRINCIPAL_OF")


def test_s02_2b_a_room_that_is_home_to_secret_carriers_is_proposed() -> None:
    kept = (*MEMO, fact("copy", "KEPT_IN", "box"), fact("box", "KEPT_IN", "room"))

    assert found(kept)["reason.undesignated-key-location"].rules == ("S02-2b",)
    assert "reason.undesignated-key-location" not in found((*kept, fact("room", "KEY_UNIT_OF", "unit")))


def test_s02_2a_a_department_with_one_top_secret_carrier_is_proposed() -> None:
    held = (fact("copy", "CARRIES", "memo"), fact("copy", "HELD_BY", "an", reason="custody"), *CLEARED)

    top = (*held, fact("memo", "CLASSIFIED_AS", "top-secret"))
    assert found(top)["reason.undesignated-key-department"].unit == "dept"
    assert "reason.undesignated-key-department" not in found((*held, fact("memo", "CLASSIFIED_AS", "secret")))


def test_every_watch_names_clauses_of_the_regulations() -> None:
    known = load()

    assert all(known.clause(rule) for rules in WATCHES.values() for rule in rules)
