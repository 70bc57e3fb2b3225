"""Who comes into a key location or machine room: each rule refuses by itself, and none refuses where all is in order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from graph.facts import Details, Fact, World, check
from graph.kinds import Node
from graph.law.entry import (
    MINUTE_MS,
    Coming,
    Flame,
    alone,
    flame_agreed,
    judge_entry,
    judge_listed,
    lone_worker_alarms,
)
from graph.law.levels import LEVELS
from graph.law.regulation import by_default
from graph.times import FOREVER, Instant

NOW = 1000 * MINUTE_MS
PEOPLE = ("staff", "boss", "ho", "lu", "kim", "guest")
LABELS: dict[str, str] = {
    "unit": Node.ORGANISATION, "firm": Node.ORGANISATION, "vault": Node.PLACE, "plant": Node.PLACE, "hall": Node.PLACE,
    "office": Node.DEPARTMENT, **dict.fromkeys(PEOPLE, Node.PERSON), **dict.fromkeys(LEVELS, Node.LEVEL),
}  # fmt: skip
WORKERS = ("ho", "lu")


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
    """A key location with its list, two service workers fit to come in together, and a machine room."""
    facts = [
        fact("vault", "KEY_UNIT_OF", "unit", control_area=True), fact("plant", "MACHINE_ROOM_OF", "unit"),
        fact("office", "PART_OF", "unit"), fact("guest", "MEMBER_OF", "firm"), fact("kim", "MEMBER_OF", "office"),
        fact("staff", "MEMBER_OF", "office"), fact("boss", "MEMBER_OF", "office"),
        fact("staff", "MAY_ENTER", "vault"), fact("staff", "SIGNED", "unit", undertaking="in_post"),
        fact("ho", "MAY_ENTER", "vault", pair="lu", monitored=True), fact("lu", "MAY_ENTER", "vault", pair="ho", monitored=True),
    ]  # fmt: skip
    for worker in WORKERS:
        facts += [
            fact(worker, "MEMBER_OF", "office", standing="service"), fact(worker, "VETTED", "unit", conclusion="passed"),
            fact(worker, "TRAINED", "unit", course="induction"), fact(worker, "SIGNED", "unit", undertaking="entry"),
        ]  # fmt: skip
    return facts


def world(*more: Fact, without: Iterable[str] = ()) -> World:
    left_out = set(without)
    return World(
        [*(each for each in in_order() if each.id.rpartition("-")[0] not in left_out), *more], LABELS
    )


def refused(
    facts: World, *party: str, place: str = "vault", escort: str = "", monitoring: str = "camera 3"
) -> set[str]:
    reasons = judge_entry(facts, Coming(place, party, escort, monitoring), NOW, by_default)
    return {rule for reason in reasons for rule in reason.rules}


PAIR = ("ho", "lu")


@pytest.mark.parametrize(
    ("party", "escort"), [(("staff",), ""), (PAIR, ""), (("kim",), "staff"), (("kim", "guest"), "staff")]
)
def test_listed_staff_a_monitored_pair_and_escorted_visitors_come_in(
    party: tuple[str, ...], escort: str
) -> None:
    assert refused(world(), *party, escort=escort) == set()


def test_S02_13a_and_S02_13c_a_stranger_to_the_list_comes_in_under_escort_only() -> None:  # noqa: N802
    assert refused(world(), "kim") == {"S02-13a", "S02-13c"}
    assert refused(world(), "kim", escort="boss") == {"S02-13a", "S02-13c"}
    assert refused(world(), "kim", escort="kim") == {"S02-13a", "S02-13c"}
    assert refused(world(), "kim", escort="ho") == {"S02-13a", "S02-13c"}


def test_S02_13a_a_line_of_the_list_that_has_ended_lets_nobody_in() -> None:  # noqa: N802
    ended = fact("staff", "MAY_ENTER", "vault", until=NOW)

    assert refused(world(ended, without=["staff-MAY_ENTER-vault"]), "staff") == {"S02-13a", "S02-13c"}


def test_S02_12_without_its_control_area_nobody_comes_in() -> None:  # noqa: N802
    without = world(
        fact("vault", "KEY_UNIT_OF", "unit", control_area=False), without=["vault-KEY_UNIT_OF-unit"]
    )

    assert refused(without, "staff") == {"S02-12"}


def test_S02_8b_staff_who_have_not_signed_do_not_work_in_a_key_location() -> None:  # noqa: N802
    assert refused(world(without=["staff-SIGNED-unit"]), "staff") == {"S02-8b"}


@pytest.mark.parametrize("conclusion", ["failed", None])
def test_S02_14_1_a_worker_passes_the_review_first(conclusion: str | None) -> None:  # noqa: N802
    more = [fact("ho", "VETTED", "unit", conclusion=conclusion)] if conclusion else []

    assert refused(world(*more, without=["ho-VETTED-unit"]), *PAIR) == {"S02-14.1"}


@pytest.mark.parametrize("missing", ["ho-TRAINED-unit", "ho-SIGNED-unit"])
def test_S02_14_2_a_worker_is_educated_and_has_signed(missing: str) -> None:  # noqa: N802
    assert refused(world(without=[missing]), *PAIR) == {"S02-14.2"}


def test_S02_14_3_one_worker_alone_stays_out_and_may_join_one_who_is_inside() -> None:  # noqa: N802
    within = fact("lu", "INSIDE", "vault", since=NOW - 1)

    assert refused(world(), "ho") == {"S02-14.3"}
    assert refused(world(), "ho", "staff") == {"S02-14.3"}
    assert refused(world(within), "ho") == set()


def test_S02_14_4_workers_are_monitored_by_camera_or_escort() -> None:  # noqa: N802
    assert refused(world(), *PAIR, monitoring="") == {"S02-14.4"}
    assert refused(world(), *PAIR, monitoring="", escort="staff") == set()


def test_S22_2_3b_an_outsider_comes_into_the_machine_room_with_approval_for_that_day() -> None:  # noqa: N802
    approved = fact("guest", "VISIT_APPROVED", "plant", since=0, until=NOW + 1)
    elsewhere = fact("guest", "VISIT_APPROVED", "hall")
    over = fact("guest", "VISIT_APPROVED", "plant", until=NOW)

    assert refused(world(), "guest", place="plant") == {"S22-2.3b"}
    assert refused(world(elsewhere, over), "guest", place="plant") == {"S22-2.3b"}
    assert refused(world(approved), "guest", place="plant") == set()
    assert refused(world(), "kim", place="plant") == set()


def test_C23_a_machine_room_that_is_a_key_location_asks_for_everything() -> None:  # noqa: N802
    both = world(fact("plant", "KEY_UNIT_OF", "unit", control_area=True))

    assert refused(both, "guest", place="plant") == {"S02-13a", "S02-13c", "S22-2.3b"}


def test_a_place_that_is_neither_asks_for_nothing() -> None:
    assert refused(world(), "guest", "ho", place="hall", monitoring="") == set()


def test_a_service_worker_is_listed_reviewed_prepared_in_a_pair_and_monitored() -> None:
    def listing(facts: World, person: str, pair: str, *, monitored: bool = True) -> set[str]:
        reasons = judge_listed(facts, person, pair, NOW, monitored=monitored)
        return {rule for reason in reasons for rule in reason.rules}

    assert listing(world(), "ho", "lu") == set()
    assert listing(world(), "staff", "", monitored=False) == set()
    assert listing(world(), "ho", "", monitored=False) == {"S02-14.3", "S02-14.4"}
    assert listing(world(), "ho", "ho") == {"S02-14.3"}
    assert listing(world(without=["ho-VETTED-unit", "ho-TRAINED-unit"]), "ho", "lu") == {
        "S02-14.1",
        "S02-14.2",
    }


def test_S02_14_3_the_alarm_goes_when_a_worker_has_been_alone_for_five_minutes() -> None:  # noqa: N802
    start = NOW - 60 * MINUTE_MS
    ho = fact("ho", "INSIDE", "vault", since=start)
    lu = fact("lu", "INSIDE", "vault", since=start, until=NOW)

    def rings(facts: World, at: Instant) -> list[tuple[str, ...]]:
        return [reason.rules for reason in lone_worker_alarms(facts, ["vault"], at, minutes=5)]

    left = world(ho, lu)
    assert alone(left, "vault", NOW - 1) == ()
    assert [(each.person, each.since) for each in alone(left, "vault", NOW)] == [("ho", NOW)]
    assert rings(left, NOW + 5 * MINUTE_MS - 1) == []
    assert rings(left, NOW + 5 * MINUTE_MS) == [("S02-14.3",)]
    assert rings(world(ho, lu, fact("staff", "INSIDE", "vault", since=start)), NOW + 5 * MINUTE_MS) == [
        ("S02-14.3",)
    ]
    assert rings(world(ho, lu, fact("lu", "INSIDE", "vault", since=NOW + 1)), NOW + 9 * MINUTE_MS) == []


def test_S22_2_5_an_open_flame_needs_consent_and_measures() -> None:  # noqa: N802
    def codes(*, agreed: bool, measures: str) -> list[str]:
        return [reason.code for reason in flame_agreed(Flame("plant", agreed, measures))]

    assert codes(agreed=False, measures=" ") == ["flame-not-agreed", "flame-without-measures"]
    assert codes(agreed=True, measures="") == ["flame-without-measures"]
    assert codes(agreed=True, measures="two extinguishers") == []
