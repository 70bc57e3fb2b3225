"""How a case goes through its procedure: each way of refusing a step alone, and what comes next."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from graph.facts import Fact, World
from graph.law import flow
from graph.law.flow import Attempt, Matter, Taken
from graph.law.procedure import BadProcedure, Procedure, read
from graph.law.regulation import binding, load
from graph.law.verdict import Reason
from graph.times import Instant, end_of, parse, start_of
from storage.calendar import Calendar

DAY = 86_400_000
NOW = parse("2026-03-02T09:00:00+08:00", field="at")

DEFINITION = """
id = "trial"
register = "cases"
subject = ["Person"]
opened_by = ["head-of-subject"]
rules = ["S01-5a"]

[[step]]
id = "head"
what = "approval"
by = ["head-of-subject"]
apart = ["opener"]
rules = ["S01-5b"]

[[step]]
id = "approve"
what = "approval"
mode = "joint"
by = ["OFFICE_OF", "LEADING_GROUP_OF"]
apart = ["head"]
rules = ["S01-17a"]
term = {length = 5, closes = true}

[[step]]
id = "witness"
what = "record"
by = ["CUSTODIAN_OF"]
quorum = 2
rules = ["S03-6.2d"]
paper = true
"""
TRIAL = read(DEFINITION, "trial.toml")


def case(*taken: Taken, state: flow.State = "open") -> Matter:
    return Matter(
        id="case-1", procedure="trial", subject="p9", subject_kind="Person", opener="p5", opened=NOW, since=NOW,
        state=state, taken=taken,
    )  # fmt: skip


def took(
    step: str, person: str, party: str = "", behalf: str = "", verdict: flow.Verdict = "approve"
) -> Taken:
    return Taken(n=1, step=step, party=party, person=person, behalf=behalf, verdict=verdict, at=NOW)


HEAD = took("head", "p6")
BOTH = (took("approve", "p1", "LEADING_GROUP_OF"), took("approve", "p2", "OFFICE_OF"))


def reasons(
    matter: Matter, step: str, person: str, *parties: str, **more: object
) -> dict[str, tuple[str, ...]]:
    found = TRIAL.step(step)
    assert found is not None
    behalf = str(more.pop("behalf", ""))
    attempt = Attempt(
        step=found, person=person, behalf=behalf, parties=frozenset(parties), at=NOW,
        alike=frozenset({person, behalf, *more.pop("alike", ())} - {""}),  # type: ignore[misc]
    )  # fmt: skip
    attempt = msgspec.structs.replace(attempt, **more)
    return {reason.code: reason.rules for reason in flow.judge(TRIAL, matter, attempt)}


def test_a_step_in_its_turn_by_whose_it_is_has_nothing_against_it() -> None:
    assert reasons(case(), "head", "p6", "head-of-subject") == {}


def test_a_step_out_of_order_is_refused_by_its_own_rules_and_those_of_what_is_missing() -> None:
    assert reasons(case(), "approve", "p1", "LEADING_GROUP_OF") == {
        "step-out-of-order": ("S01-17a", "S01-5b")
    }


def test_a_step_by_the_wrong_role_is_refused() -> None:
    assert reasons(case(), "head", "p7", "OFFICE_OF") == {"step-not-yours": ("S01-5b", "P-role")}


def test_a_step_is_not_taken_twice_by_anybody() -> None:
    again = reasons(case(HEAD), "head", "p8", "head-of-subject")
    same = reasons(case(HEAD, BOTH[0]), "approve", "p1", "LEADING_GROUP_OF", "OFFICE_OF")

    assert again == {"step-taken-twice": ("S01-5b",)}
    assert same == {"step-taken-twice": ("S01-17a",)}


def test_who_proposed_does_not_approve() -> None:
    assert reasons(case(), "head", "p5", "head-of-subject") == {"step-needs-another": ("S01-5b", "P-apart")}
    assert reasons(case(HEAD), "approve", "p6", "OFFICE_OF") == {"step-needs-another": ("S01-17a", "P-apart")}


def test_a_deputy_and_their_principal_are_one_person_in_a_quorum() -> None:
    matter = case(HEAD, *BOTH, took("witness", "p3", behalf="p4", verdict="give"))

    assert reasons(matter, "witness", "p4", "CUSTODIAN_OF") == {"step-taken-twice": ("S03-6.2d",)}
    assert reasons(matter, "witness", "p3", "CUSTODIAN_OF") == {"step-taken-twice": ("S03-6.2d",)}
    assert reasons(matter, "witness", "p8", "CUSTODIAN_OF", alike=("p3",)) == {
        "step-needs-another": ("S03-6.2d", "P-deputy")
    }
    assert reasons(matter, "witness", "p8", "CUSTODIAN_OF") == {}


def test_a_deputy_does_not_approve_what_their_principal_proposed() -> None:
    refused = reasons(case(), "head", "p7", "head-of-subject", alike=("p5",))

    assert refused == {"step-needs-another": ("S01-5b", "P-apart")}


def test_nobody_decides_about_oneself_nor_through_a_deputy() -> None:
    assert reasons(case(), "head", "p9", "head-of-subject") == {"not-for-oneself": ("S01-5b", "P-self")}
    assert reasons(case(), "head", "p7", "head-of-subject", behalf="p9") == {
        "not-for-oneself": ("S01-5b", "P-self")
    }


def test_past_a_term_that_closes_the_step_cannot_be_taken() -> None:
    due = NOW + 5 * DAY

    assert reasons(case(HEAD), "approve", "p1", "OFFICE_OF", due=due, at=due) == {}
    assert reasons(case(HEAD), "approve", "p1", "OFFICE_OF", due=due, at=due + 1) == {
        "step-after-term": ("S01-17a",)
    }


def test_past_a_term_that_does_not_close_it_is_only_overdue() -> None:
    late = reasons(case(), "head", "p6", "head-of-subject", due=NOW, at=NOW + DAY)

    assert late == {}


def test_a_step_on_paper_stands_only_where_the_definition_allows_it() -> None:
    assert reasons(case(), "head", "p6", "head-of-subject", paper=True) == {
        "step-not-on-paper": ("S01-5b", "P-paper")
    }
    assert reasons(case(HEAD, *BOTH), "witness", "p3", "CUSTODIAN_OF", paper=True) == {}


@pytest.mark.parametrize("state", ["done", "refused", "withdrawn", "suspended"])
def test_a_case_that_is_not_open_takes_no_step(state: flow.State) -> None:
    assert reasons(case(state=state), "head", "p6", "head-of-subject") == {"case-not-open": ("S01-5b",)}


def test_every_reason_is_named_at_once() -> None:
    refused = reasons(case(), "approve", "p9", "member-of-subject", due=NOW - 1, paper=True)

    assert set(refused) == {
        "step-out-of-order", "step-not-yours", "not-for-oneself", "step-after-term", "step-not-on-paper",
    }  # fmt: skip


def test_a_step_that_falls_away_is_not_waited_for_and_not_taken() -> None:
    skipped = frozenset({"head"})

    assert reasons(case(), "approve", "p1", "OFFICE_OF", skipped=skipped) == {}
    assert reasons(case(), "head", "p6", "head-of-subject", skipped=skipped) == {
        "step-not-called-for": ("S01-5b",)
    }


# What comes next


def test_it_is_done_only_when_the_last_required_approval_is_in() -> None:
    none: frozenset[str] = frozenset()
    first = flow.after(TRIAL, case(), HEAD, none)
    half = flow.after(TRIAL, first, BOTH[0], none)
    both = flow.after(TRIAL, half, BOTH[1], none)
    one = flow.after(TRIAL, both, took("witness", "p3", verdict="give"), none)
    two = flow.after(TRIAL, one, took("witness", "p4", verdict="give"), none)

    steps = [flow.following(TRIAL, each, none) for each in (first, half, both, one)]
    assert [step.id if step else "" for step in steps] == ["approve", "approve", "witness", "witness"]
    assert flow.missing(TRIAL.steps[1], half) == ("OFFICE_OF",)
    assert [each.state for each in (first, half, both, one, two)] == ["open", "open", "open", "open", "done"]
    assert two.closed == NOW
    assert flow.following(TRIAL, two, none) is None


def test_a_term_begins_when_the_step_could_first_be_taken() -> None:
    later = msgspec.structs.replace(HEAD, at=NOW + DAY)
    half = msgspec.structs.replace(BOTH[0], at=NOW + 2 * DAY)

    first = flow.after(TRIAL, case(), later, frozenset())
    second = flow.after(TRIAL, first, half, frozenset())

    assert (first.since, second.since) == (NOW + DAY, NOW + DAY)


def test_a_refusal_ends_the_case() -> None:
    refused = flow.after(TRIAL, case(), took("head", "p6", verdict="refuse"), frozenset())

    assert (refused.state, refused.closed) == ("refused", NOW)


def test_whoever_holds_two_parts_takes_the_one_that_is_missing() -> None:
    step = TRIAL.steps[1]
    both = frozenset({"OFFICE_OF", "LEADING_GROUP_OF"})
    attempt = Attempt(step=step, person="p2", behalf="", parties=both, alike=frozenset({"p2"}), at=NOW)

    taken = flow.party_of(case(HEAD, took("approve", "p1", "OFFICE_OF")), attempt)

    assert taken == "LEADING_GROUP_OF"


# Who somebody is


def fact(kind: str, source: str, target: str, until: Instant = NOW + DAY) -> Fact:
    return Fact(id=f"{source}-{kind}-{target}", kind=kind, source=source, target=target, since=0, until=until)


def test_who_somebody_is_to_a_case_follows_from_dated_facts() -> None:
    world = World(
        [
            fact("MEMBER_OF", "p9", "zu"), fact("PART_OF", "zu", "ke"), fact("HEAD_OF", "p6", "ke"),
            fact("HEAD_OF", "p7", "other"), fact("PRINCIPAL_OF", "p1", "zu"), fact("HEAD_OF", "p8", "ke", until=NOW),
            fact("LEADING_GROUP_OF", "p1", "unit"), fact("MEMBER_OF", "p5", "other"),
        ],
        {},
    )  # fmt: skip

    parties = {
        person: flow.parties(world, person, case(), NOW) for person in ("p9", "p6", "p7", "p8", "p1", "p5")
    }

    assert parties == {
        "p9": {"subject"}, "p6": {"head-of-subject"}, "p7": {"head-of-opener"}, "p8": set(),
        "p1": {"principal-of-subject", "LEADING_GROUP_OF"}, "p5": {"opener"},
    }  # fmt: skip


def test_a_deputyship_counts_both_ways_and_only_while_it_lasts() -> None:
    world = World([fact("DEPUTY_OF", "p2", "p1"), fact("DEPUTY_OF", "p3", "p1", until=NOW)], {})

    assert flow.alike(world, frozenset({"p1"}), NOW) == {"p1", "p2"}
    assert flow.alike(world, frozenset({"p2"}), NOW) == {"p1", "p2"}
    assert flow.alike(world, frozenset({"p3"}), NOW) == {"p3"}


# Terms


def test_working_days_leave_out_the_first_day_weekends_and_holidays_and_count_make_up_days() -> None:
    calendar = Calendar(
        holidays=frozenset({"2026-05-01", "2026-05-04", "2026-05-05"}), workdays=frozenset({"2026-05-09"})
    )
    thursday = start_of(date(2026, 4, 30))
    term = TRIAL.steps[1].term

    assert [flow.due(term, n, thursday, calendar) for n in (1, 3, 4)] == [
        end_of(date(2026, 5, 6)), end_of(date(2026, 5, 8)), end_of(date(2026, 5, 9)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-03-02", 12, "2027-03-02"),
        ("2024-02-29", 12, "2025-03-01"),
        ("2026-08-31", 6, "2027-03-01"),
        ("2026-11-30", 2, "2027-01-30"),
    ],
)
def test_months_end_on_the_same_day_or_the_day_after(start: str, count: int, end: str) -> None:
    assert flow.add_months(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_a_rule_before_its_date_refuses_nothing() -> None:
    begun = load().begun({"S01": date(2026, 4, 1)})
    found = [Reason(("S01-5b", "P-role"), "a"), Reason(("S01-7a",), "b")]

    assert [(each.code, each.rules) for each in binding(found, begun, NOW)] == [("a", ("P-role",))]
    assert binding(found, begun, parse("2026-04-01", field="at")) == found


# Definitions


def changed(old: str, new: str) -> str:
    assert old in DEFINITION
    return DEFINITION.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('what = "approval"', 'what = "blessing"', "blessing"),
        ('register = "cases"', 'register = "cases"\ncolour = "red"', "colour"),
        ('\nby = ["head-of-subject"]', '\nby = ["KING_OF"]', "head: taken by KING_OF"),
        ('\nby = ["head-of-subject"]', '\nby = ["HEAD_OF"]', "head: taken by HEAD_OF"),
        ('\nby = ["head-of-subject"]', '\nby = ["named:taker"]', "head: taken by named:taker"),
        ('opened_by = ["head-of-subject"]', 'opened_by = ["nobody"]', "opened by nobody"),
        ('apart = ["opener"]', 'apart = ["approve"]', "apart from approve, which is no earlier step"),
        ('id = "witness"', 'id = "head"', "step head stands twice"),
        ('mode = "joint"\n', "", "one of several"),
        ("length = 5, ", "", "a figure, a parameter or a day of the form"),
        ("length = 5, ", 'until = "day", ', "approve: until day, which is no date that has to be given"),
        ('rules = ["S01-5b"]', "rules = []", "length >= 1"),
    ],
)  # fmt: skip
def test_a_definition_that_contradicts_itself_is_refused_and_told_where(old: str, new: str, why: str) -> None:
    with pytest.raises(BadProcedure, match=why):
        read(changed(old, new), "trial.toml")


def test_everyone_who_has_a_part_is_known() -> None:
    assert isinstance(TRIAL, Procedure)
    assert TRIAL.everyone == {"head-of-subject", "OFFICE_OF", "LEADING_GROUP_OF", "CUSTODIAN_OF"}
