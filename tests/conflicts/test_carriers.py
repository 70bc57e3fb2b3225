"""C07–C10, C21–C23, C29: where carriers live, who the range lets in, what compilations bear, ways out, doors and records."""

from __future__ import annotations

from datetime import date

from graph.law import arrears, contact, derivation, destruction, dispatch, entry, keeping, outing
from graph.law.know import may_know
from graph.law.levels import CONFIDENTIAL, LEVELS, SECRET, TOP_SECRET, Level
from graph.law.regulation import by_default
from graph.times import parse
from storage.tables.catalogue import Carrier
from storage.wiring import Wiring
from tests.conflicts.stage import NOW, cleared, fact, listed, rules, world
from tests.storage.refusals import refused

EVENING = parse("2026-03-02T19:00:00+08:00", field="now")


def test_c07_home_is_the_secret_room_and_a_loan_is_locked_away_at_night() -> None:
    """C07: no other home; away only on a loan, which in the evening lies in a certified container or is back."""
    rooms = world(
        fact("vault", "SECRET_ROOM_OF", "unit"), fact("vault", "ACCREDITED_FOR", "secret"), fact("safe", "KEPT_IN", "room"),
        fact("safe", "ACCREDITED_FOR", "secret"),
    )  # fmt: skip

    assert keeping.judge_placing(rooms, "vault", SECRET, NOW) == ()
    assert rules(keeping.judge_placing(rooms, "safe", SECRET, NOW)) == {"S03-5.1a"}
    assert arrears.not_locked_away(NOW, None, EVENING, by_default)
    assert not arrears.not_locked_away(NOW, EVENING, EVENING, by_default)
    assert arrears.night_container(2, SECRET) == ()
    assert rules(arrears.night_container(1, SECRET)) == {"S03-5.2"}


def test_c08_the_range_in_effect_is_what_every_authority_leaves() -> None:
    """C08: distribution and Leader's range and level, and no exclusion by the Principal, who only narrows."""
    able = [*cleared("an", "secret"), *listed(distribution=["unit"], range_=["office"])]
    outside = [*cleared("an", "secret"), *listed(distribution=["bo"], range_=["office"])]
    unlisted = [*cleared("an", "secret"), *listed(distribution=["unit"], range_=["bo"])]
    low = [*cleared("an", "confidential"), *listed(distribution=["unit"], range_=["office"])]
    veto = fact("an", "BARRED_FROM", "plan", reason="回避")

    assert may_know(world(*able), "an", "plan", NOW).allowed
    assert may_know(world(*outside), "an", "plan", NOW).rules == ("S03-2.1c",)
    assert may_know(world(*unlisted), "an", "plan", NOW).rules == ("S03-4.1b",)
    assert may_know(world(*low), "an", "plan", NOW).rules == ("S01-3c", "S02-4.5")
    assert may_know(world(*able, veto), "an", "plan", NOW).rules == ("S02-4.5",)
    assert "S02-4.5" in may_know(world(*unlisted, veto), "an", "plan", NOW).rules


def test_c09_a_compilation_bears_the_highest_the_longest_and_only_who_stands_on_all() -> None:
    """C09: parts keep theirs; nobody in common refuses the whole until the originators agree."""

    def part(name: str, level: Level, expires: date | None, *people: str) -> derivation.Part:
        lists = frozenset(people)
        return derivation.Part(document=name, level=level, expires=expires, range=lists, distribution=lists)

    one = part("one", SECRET, date(2046, 3, 1), "an", "office")
    two = part("two", CONFIDENTIAL, date(2050, 1, 1), "bo", "an")
    whole = derivation.effective_marking([one, two], {"bo": frozenset({"office"})})
    nobody = derivation.effective_marking([one, part("three", SECRET, None, "du")], {})

    assert (whole.level, whole.expires, whole.range) == (
        SECRET, date(2050, 1, 1), frozenset({"an", "bo"}),
    )  # fmt: skip
    assert derivation.somebody_left(whole) == ()
    assert nobody.expires is None
    assert rules(derivation.somebody_left(nobody)) == {"S03-4.6c", "S03-4.6d"}
    assert rules(derivation.change_agreed(["省局"], frozenset())) == {"S03-4.6c"}


async def test_c10_everything_goes_through_the_destruction_flow(binhai: Wiring) -> None:
    """C10: by-products with one approval for the batch; what has to be returned never."""
    do = binhai.office.do
    await do("p02", "approve-maker", {"maker": "R301", "media": "paper", "certificate": "文印室"})
    made = {"document": "D2", "place": "R301", "devices": [], "made": 2, "by_products": 3}
    for id_ in ("BP1", "BP2"):
        await do("p04", "record-production", {**made, "id": id_})
    batch = {"id": "DE1", "carriers": [], "by_products": ["BP1", "BP2"], "reason": "制作废料"}

    await do("p03", "request-destruction", batch)
    unapproved = await refused(binhai, "p03", "destroy-carriers", {
        "destruction": "DE1", "method": "mill", "witnesses": ["p02", "p04"], "outcome": "化浆",
    })  # fmt: skip
    await do("p01", "approve-destruction", {"destruction": "DE1"})

    assert "S03-6.1a" in unapproved
    assert destruction.not_to_be_returned([]) == ()
    assert rules(destruction.not_to_be_returned(["C2"])) == {"S03-5.3d"}
    assert (await Carrier.select(Carrier.state).where(Carrier.id == "C2"))[0]["state"] == "present"


def test_c21_top_secret_goes_by_its_own_rule() -> None:
    """C21: out of town no assigned person, in town nobody else; below 绝密 the general rule lets one go."""

    def sent(level: Level, channel: dispatch.Channel, *, same_place: bool) -> set[str]:
        packing = dispatch.Packing(
            kind="envelope", sealed=True, opaque=True, stitched=True, flap_sealed=True, seam_sealed=True
        )
        label = dispatch.Label(level=level.zh, number="1", sender="a", receiver="b")
        return rules(dispatch.judge_dispatch(dispatch.Dispatch(
            level=level, packing=packing, label=label, channel=channel, vehicle="car", route="road", same_place=same_place,
            escorts=("an", "bo"), direct=True,
        ), by_default))  # fmt: skip

    assert sent(SECRET, "assigned-person", same_place=False) == set()
    assert sent(TOP_SECRET, "assigned-person", same_place=False) == {"S03-3.5.1"}
    assert sent(TOP_SECRET, "confidential-transport", same_place=False) == set()
    assert sent(TOP_SECRET, "confidential-transport", same_place=True) == {"S03-3.5.2"}
    assert sent(TOP_SECRET, "assigned-person", same_place=True) == set()


def test_c22_what_is_forbidden_is_not_approved_away() -> None:
    """C22: 绝密 may be carried out with approval, and never abroad or among foreigners, whoever approves."""

    def carried(*, foreign: bool = False, abroad: bool = False, approved: bool = True) -> set[str]:
        return rules(outing.judge_outing(outing.Outing(
            level=TOP_SECRET, bearers=("an", "bo"), purpose="汇报", back_by=True, reading=False, foreign=foreign, abroad=abroad,
            approved=approved, measures="密码箱", permit="证1号",
        ), by_default))  # fmt: skip

    assert carried() == set()
    assert carried(approved=False) == {"S03-4.8.2a"}
    assert carried(foreign=True) == {"S03-4.8.3c"}
    assert carried(abroad=True) == {"S03-4.9a"}


def test_c23_one_door_asks_for_everything_that_applies() -> None:
    """C23: a machine room that is a key location asks for list and escort, for the approved visit, and for two workers."""
    facts = world(
        fact("plant", "KEY_UNIT_OF", "unit", control_area=True), fact("plant", "MACHINE_ROOM_OF", "unit"),
        fact("bo", "MEMBER_OF", "unit", standing="service"), fact("bo", "MAY_ENTER", "plant"),
        fact("bo", "VETTED", "unit", conclusion="passed"), fact("bo", "TRAINED", "unit", course="induction"),
        fact("bo", "SIGNED", "unit", undertaking="entry"),
    )  # fmt: skip

    def coming(*party: str) -> set[str]:
        return rules(entry.judge_entry(facts, entry.Coming("plant", party), NOW, by_default))

    assert coming("an") == {"S02-13a", "S02-13c", "S22-2.3b"}
    assert coming("bo") == {"S02-14.3", "S02-14.4"}
    assert coming("an", "bo") == {"S02-13a", "S02-13c", "S22-2.3b", "S02-14.3", "S02-14.4"}


async def test_c29_every_reading_is_in_the_register_and_every_touch_of_top_secret(binhai: Wiring) -> None:
    """C29: all levels are signed for and entered when read; 绝密 also when it is handled, relayed or escorted."""
    assert rules(contact.signed_for(False)) == {"S03-4.3a"}
    for level in LEVELS.values():
        touched = contact.touched(level, ["an", "bo", "an"])
        assert touched == (("an", "bo") if level == TOP_SECRET else ()), level.id

    opened = await binhai.office.do("p06", "open-reading", {"document": "D3", "device": "T210"})

    assert {"S03-4.3a"} <= set(opened.rules)
    assert opened.result["reading"]
