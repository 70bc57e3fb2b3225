"""C01–C06, C19, C20: terms, levels, travel, departures, papers, whose the rules are, and what a leaver still owes."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import Refused
from graph.law import departing, gates
from graph.law.cooling import PERIODS, ends
from graph.law.findings import Census, look
from graph.law.flow import Matter
from graph.law.key_unit import key_units, should_be_key_location
from graph.law.know import may_know
from graph.law.proposal import proposed
from graph.law.regulation import by_default, load
from graph.times import DAY_MS, Instant, parse, to_date_text
from tests.conflicts.stage import NOW, Going, cleared, fact, listed, rules, world

ROOT = Path(__file__).resolve().parents[2]
HELD = [fact("plan", "CLASSIFIED_AS", "secret"), fact("copy", "CARRIES", "plan")]


def day(text: str) -> Instant:
    return parse(text, field="day")


def test_c01_every_leaver_has_a_term_and_only_the_ordinary_one_may_be_set_down_to_its_floor() -> None:
    """C01: 3, 2 and 1 years; 一般 down to six months; the other two never below theirs; longer always."""
    lasting = {level: ends(day("2026-03-02"), by_default(name)) for level, (name, _) in PERIODS.items()}

    assert {level: to_date_text(end) for level, end in lasting.items()} == {
        "top-secret": "2029-03-02", "secret": "2028-03-02", "confidential": "2027-03-02",
    }  # fmt: skip
    load().check("cooling-off-ordinary", 6)
    for name, floor, rule in (
        ("cooling-off-ordinary", 6, "S02-10e"), ("cooling-off-important", 24, "S02-10d"), ("cooling-off-core", 36, "S02-10c"),
    ):  # fmt: skip
        load().check(name, floor + 60)
        with pytest.raises(Refused) as told:
            load().check(name, floor - 1)
        assert told.value.rules == (rule,)


def test_c02_a_first_level_needs_office_and_group_and_a_change_the_group_alone() -> None:
    """C02: on adjustment the Office gets a notice and no vote."""
    first, change, notice = Going("designation"), Going("level-review"), Going("notice")
    first.take("head", "bo", "head-of-subject")
    change.take("propose", "cai", "colleague-of-subject", "give", "任务已结束")
    change.take("head", "bo", "head-of-subject")

    assert first.take("approve", "p1", "LEADING_GROUP_OF") == "open"
    assert first.take("approve", "p2", "OFFICE_OF") == "done"
    assert change.against("approve", "p2", "OFFICE_OF") == {"S01-6b", "S01-17a", "P-role"}
    assert change.take("approve", "p1", "LEADING_GROUP_OF") == "done"
    assert [(what, by) for _, what, by in notice.order()] == [("record", ("OFFICE_OF",))]


def test_c03_the_principals_opinion_comes_first_and_binds_nobody() -> None:
    """C03: private travel is two steps in order; against a negative opinion the Office may still decide."""
    trip = Going("travel")

    early = trip.against("approve", "p2", "OFFICE_OF")
    after = trip.take("opinion", "bo", "principal-of-subject", "give", "不同意")

    assert early == {"S02-9a", "S02-4.6"}
    assert after == "open"
    assert trip.take("approve", "p2", "OFFICE_OF") == "done"


def test_c04_a_departure_is_decided_after_the_opinion_and_the_review() -> None:
    """C04: Principal's opinion, leading group's secrecy review, decision: by the leader, by the group inside a cooling-off."""
    deciders = {}
    for name in ("transfer", "transfer-special", "resignation", "resignation-exception"):
        order = Going(name).order()
        ids = [id_ for id_, _, _ in order]
        decision = ids.index("approve")

        assert order[ids.index("opinion")][1:] == ("opinion", ("principal-of-subject",)), name
        assert order[ids.index("review")][1:] == ("record", ("LEADING_GROUP_OF",)), name
        assert ids.index("opinion") < ids.index("review") < decision, name
        assert {"S01-17.7"} <= Going(name).against("approve", "p9", *order[decision][2]), name
        deciders[name] = order[decision][2]
    assert deciders == {
        "transfer": ("LEADER_OF",), "transfer-special": ("LEADING_GROUP_OF",), "resignation": ("LEADER_OF",),
        "resignation-exception": ("LEADER_OF",),
    }  # fmt: skip


def test_c05_three_papers_are_kinds_of_one_undertaking() -> None:
    """C05: who leaves a key unit by transfer needs leaving, exit and move; each fact is one kind, whatever paper it stands on."""
    matter = Matter(
        id="case", procedure="transfer", subject="an", subject_kind="Person", opener="an", opened=NOW - DAY_MS,
        since=NOW - DAY_MS,
    )  # fmt: skip
    papers = ("leaving", "exit", "move")
    key = [fact("an", "MEMBER_OF", "office"), fact("office", "KEY_UNIT_OF", "unit")]

    def missing(*signed: str) -> set[str]:
        facts = world(*key, *(fact("an", "SIGNED", "unit", undertaking=each) for each in signed))
        asked = (gates.leaving_undertaking, gates.exit_undertaking, departing.move_undertaking)
        return {rule for each in asked for rule in rules(each(facts, matter, NOW))}

    assert missing() == {"S01-8a", "S02-10f", "S01-13a"}
    assert [missing(*(each for each in papers if each != left)) for left in papers] == [
        {"S01-8a"}, {"S02-10f"}, {"S01-13a"},
    ]  # fmt: skip
    assert missing(*papers) == set()
    assert {"leaving-undertaking", "exit-undertaking"} <= set(Going("leaving").gates("close"))
    assert "move-undertaking" in Going("transfer").gates("formalities")


def test_c06_the_unit_is_whichever_organisation_it_is() -> None:
    """C06: S02-2b speaks of one office; a key location is one of any unit, and no text of ours names that office."""
    facts = world(
        fact("vault", "KEY_UNIT_OF", "unit", control_area=True), *HELD, fact("copy", "KEPT_IN", "room")
    )

    assert key_units(facts, "unit", NOW) == ("vault",)
    assert rules(should_be_key_location(facts, "room", NOW)) == {"S02-2b"}
    shown = [*(clause.brief_zh for clause in load().clauses.values()), *_catalogues()]
    assert [text for text in shown if "市委办公室" in text] == []


def _catalogues() -> list[str]:
    return [path.read_text("utf-8") for path in sorted((ROOT / "api" / "locale").rglob("*.po"))]


def test_c19_in_cooling_off_access_is_off_and_every_duty_stays() -> None:
    """C19: no state secret is known any more; education is still owed, and the term ends only by its release."""
    standing = [*cleared("an", "secret"), *listed(distribution=["unit"], range_=["office"])]
    cooling = fact("an", "COOLING_OFF", "unit", NOW - DAY_MS, level="secret", starts="2026-03-01")
    census = Census(people=["an"], departments=["office"], places=[], carriers=[])

    before = may_know(world(*standing), "an", "plan", NOW)
    after = may_know(world(*standing, cooling), "an", "plan", NOW)
    owed = {each.code: each.rules for each in look(world(cooling), census, by_default, NOW)}

    assert before.allowed
    assert after.rules == ("S01-11c",)
    assert owed["education-overdue"] == ("S01-9", "S01-12a")


def test_c20_internal_matters_have_no_grades() -> None:
    """C20: need-to-know and a signed undertaking; no level, no clearance, and no cooling-off from them."""
    signed = fact("an", "SIGNED", "unit", undertaking="acknowledgement")
    internal = listed("internal", distribution=[], range_=["an"])
    post = [fact("an", "HOLDS_POST", "desk"), fact("desk", "CLASSIFIED_AS", "internal")]
    outside = fact("an", "CLEARED_TO", "top-secret")
    cooling = fact("an", "COOLING_OFF", "unit", level="secret", starts="2026-03-01")

    assert may_know(world(*internal, signed), "an", "plan", NOW).allowed
    assert may_know(world(*internal), "an", "plan", NOW).rules == ("S17-2.0b",)
    assert may_know(world(*internal, signed, outside), "bo", "plan", NOW).rules == (
        "S17-2.0b", "S17-2.4a", "S17-2.4c",
    )  # fmt: skip
    assert may_know(world(*internal, signed, cooling), "an", "plan", NOW).allowed
    assert proposed(world(*post), "an", NOW).level is None
    matter = Matter(
        id="case",
        procedure="leaving",
        subject="an",
        subject_kind="Person",
        opener="du",
        opened=NOW,
        since=NOW,
    )
    assert rules(gates.holds_a_secret_post(world(*post), matter, NOW)) == {"S01-11a"}
