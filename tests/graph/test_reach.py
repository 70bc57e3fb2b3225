"""can_reach and exposure on the pure law: rooms, keys, hands, two-person entries, and intervals held against every instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.closure import Gathered, settled
from graph.facts import Details, Fact, World, check
from graph.kinds import RELATIONS, Node
from graph.law import reach
from graph.law.know import may_know
from graph.law.levels import LEVELS
from graph.law.timeline import Span
from graph.reach import carriers_of, exposing, knowing, reaching
from graph.times import FOREVER, Instant

PEOPLE = ("an", "bo", "cy", "dee")
LABELS: dict[str, str] = {
    "unit": Node.ORGANISATION, "house": Node.PLACE, "vault": Node.PLACE, "hall": Node.PLACE, "safe": Node.CONTAINER,
    "tray": Node.CONTAINER, "paper": Node.CARRIER, "plan": Node.DOCUMENT, "range": Node.RANGE, "bound": Node.DISTRIBUTION,
    **dict.fromkeys(PEOPLE, Node.PERSON), **dict.fromkeys(LEVELS, Node.LEVEL),
}  # fmt: skip
LYING: list[tuple[str, str, str]] = [
    ("paper", "CARRIES", "plan"), ("paper", "KEPT_IN", "tray"), ("tray", "KEPT_IN", "safe"), ("safe", "KEPT_IN", "vault"),
    ("vault", "PART_OF", "house"), ("hall", "PART_OF", "house"), ("plan", "CLASSIFIED_AS", "secret"),
]  # fmt: skip


def fact(
    source: str, kind: str, target: str, since: int = 0, until: int = FOREVER, **details: str | int | bool
) -> Fact:
    made = Fact(
        id=f"{source}-{kind}-{target}-{since}", kind=kind, source=source, target=target, since=since, until=until,
        details=details,
    )  # fmt: skip
    check(made, LABELS)
    return made


def world(*facts: Fact, lying: Iterable[tuple[str, str, str]] = LYING) -> World:
    return World([*(fact(*each) for each in lying), *facts], LABELS)


def knower(person: str) -> list[Fact]:
    """All that makes a person one who may know the plan, but for the lists."""
    return [
        fact(person, "CLEARED_TO", "secret"), fact(person, "VETTED", "unit", conclusion="passed"),
        fact(person, "SIGNED", "unit", undertaking="entry"), fact(person, "IN_RANGE", "range"),
        fact(person, "IN_DISTRIBUTION", "bound"),
    ]  # fmt: skip


LISTS = (fact("range", "RANGE_OF", "plan"), fact("bound", "DISTRIBUTION_OF", "plan"))


def who(facts: World, at: Instant = 5) -> list[str]:
    return list(reach.ways(facts, "paper", at))


# Ways


def test_whoever_may_enter_the_room_reaches_what_lies_in_a_box_in_a_safe_in_it() -> None:
    facts = world(fact("an", "MAY_ENTER", "vault"))

    (way,) = reach.can_reach(facts, "an", "paper", 5)

    assert [(step.source, step.kind) for step in way.steps] == [
        ("an", "MAY_ENTER"), ("safe", "KEPT_IN"), ("tray", "KEPT_IN"), ("paper", "KEPT_IN")
    ]  # fmt: skip
    assert (way.kind, way.rules, way.tags) == ("room", ("S02-13a",), ())


def test_the_entry_list_of_the_building_opens_its_rooms_and_no_key_location_in_it() -> None:
    listed = fact("an", "MAY_ENTER", "house")

    open_room = who(world(listed))
    key_location = who(world(listed, fact("vault", "KEY_UNIT_OF", "unit", since=2)))

    assert open_room == ["an"]
    assert key_location == []
    assert who(world(listed, fact("vault", "KEY_UNIT_OF", "unit", since=2)), at=1) == ["an"]


def test_the_entry_list_of_another_room_leads_nowhere() -> None:
    assert who(world(fact("an", "MAY_ENTER", "hall"))) == []


def test_a_key_a_keeper_and_a_hand_are_ways_of_their_own() -> None:
    facts = world(
        fact("an", "HOLDS_KEY", "safe"),
        fact("bo", "CUSTODIAN_OF", "tray"),
        fact("paper", "HELD_BY", "cy", reason="loan"),
        fact("dee", "CUSTODIAN_OF", "unit"),
    )

    kinds = {
        person: [(way.kind, way.tags) for way in ways]
        for person, ways in reach.ways(facts, "paper", 5).items()
    }

    assert kinds == {"an": [("key", ("key",))], "bo": [("keeper", ("keeper",))], "cy": [("hands", ("loan",))]}


def test_two_who_enter_together_reach_as_a_pair_and_one_left_on_the_list_does_not() -> None:
    an = fact("an", "MAY_ENTER", "vault", pair="bo", monitored=True)
    bo = fact("bo", "MAY_ENTER", "vault", pair="an", monitored=True, until=7)

    together = reach.ways(world(an, bo), "paper", 6)

    assert {person: (ways[0].beside, ways[0].tags) for person, ways in together.items()} == {
        "an": ("bo", ("two-person", "monitored")), "bo": ("an", ("two-person", "monitored")),
    }  # fmt: skip
    assert together["an"][0].rules == ("S02-13a", "S02-14.3", "S02-14.4")
    assert who(world(an, bo), at=7) == []
    assert who(world(an), at=6) == []


def test_a_partner_who_names_somebody_else_is_no_partner() -> None:
    facts = world(
        fact("an", "MAY_ENTER", "vault", pair="bo"), fact("bo", "MAY_ENTER", "vault", pair="cy"),
        fact("cy", "MAY_ENTER", "vault", pair="bo"), fact("dee", "MAY_ENTER", "vault", pair="dee"),
    )  # fmt: skip

    assert who(facts) == ["bo", "cy"]


def test_whoever_is_inside_reaches_and_a_service_worker_left_alone_reaches_alone() -> None:
    facts = world(
        fact("an", "INSIDE", "vault", since=1, until=9, pair="bo", monitored=True),
        fact("bo", "INSIDE", "vault", since=1, until=4, pair="an", monitored=True),
        fact("cy", "INSIDE", "vault", since=5, until=6, escort="dee"),
    )

    assert [way.tags for way in reach.can_reach(facts, "an", "paper", 3)] == [("two-person", "monitored")]
    assert [way.tags for way in reach.can_reach(facts, "an", "paper", 5)] == [("monitored",)]
    assert [way.tags for way in reach.can_reach(facts, "cy", "paper", 5)] == [("escorted",)]
    assert who(facts, at=9) == []


def test_nobody_reaches_what_is_destroyed_and_a_lent_carrier_is_out_of_its_room() -> None:
    listed = fact("an", "MAY_ENTER", "vault")
    lying = [each for each in LYING if each != ("paper", "KEPT_IN", "tray")]
    lent = world(
        listed, fact("paper", "KEPT_IN", "tray", until=3), fact("paper", "HELD_BY", "bo", since=3, reason="loan"), lying=lying
    )  # fmt: skip

    assert (who(lent, at=2), who(lent, at=3)) == (["an"], ["bo"])
    assert who(world(listed, fact("paper", "DESTROYED", "unit", since=4))) == []


# Exposure


def test_exposure_leaves_out_who_may_know_and_who_keeps() -> None:
    facts = world(
        *LISTS, *knower("an"), fact("an", "MAY_ENTER", "vault"), fact("bo", "MAY_ENTER", "vault"),
        fact("bo", "CUSTODIAN_OF", "unit"), fact("cy", "MAY_ENTER", "vault"), fact("paper", "HELD_BY", "dee", reason="custody"),
    )  # fmt: skip

    assert who(facts) == ["an", "bo", "cy", "dee"]
    assert [(each.person, each.items) for each in reach.exposed(facts, "paper", 5)] == [("cy", ("plan",))]


def test_a_borrower_whose_level_was_lowered_is_exposed_from_then_on() -> None:
    held = fact("paper", "HELD_BY", "an", since=1, reason="loan")
    cleared = [each for each in knower("an") if each.kind != "CLEARED_TO"]
    facts = world(*LISTS, *cleared, fact("an", "CLEARED_TO", "secret", until=4), held)

    (over,) = exposing(facts, "paper", 9, since=0)

    assert over.spans == (Span(4, None),)
    assert reach.exposed(facts, "paper", 3) == ()


def test_an_interval_names_each_stretch() -> None:
    facts = world(
        fact("an", "MAY_ENTER", "vault", since=1, until=3), fact("an", "MAY_ENTER", "vault", since=5, until=8)
    )

    (over,) = reaching(facts, "paper", 9, since=2)

    assert over.spans == (Span(2, 3), Span(5, 8))
    assert len(over.ways) == 2


def test_the_carriers_of_a_document_are_those_that_bore_it_then() -> None:
    facts = world(lying=[("paper", "KEPT_IN", "safe")])
    bearing = World([*facts.facts(), fact("paper", "CARRIES", "plan", since=2, until=4)], LABELS)

    assert [carriers_of(bearing, "plan", None, at) for at in (1, 2, 4)] == [[], ["paper"], []]
    assert carriers_of(bearing, "plan", 3, 9) == ["paper"]
    assert carriers_of(bearing, "paper", None, 9) == ["paper"]


# Whatever the facts


_PAIRS: list[tuple[str, str, str, Details]] = [
    (a, "MAY_ENTER", "vault", {"pair": b, "monitored": True})
    for a in ("an", "bo")
    for b in ("an", "bo", "cy")
]
_HANDS: list[tuple[str, str, str, Details]] = [
    ("paper", "HELD_BY", person, {"reason": why}) for person in PEOPLE for why in ("custody", "loan")
]
SHAPES: list[tuple[str, str, str, Details]] = [
    ("paper", "KEPT_IN", "tray", {}), ("paper", "KEPT_IN", "hall", {}), ("tray", "KEPT_IN", "safe", {}),
    ("safe", "KEPT_IN", "vault", {}), ("safe", "KEPT_IN", "hall", {}), ("vault", "PART_OF", "house", {}),
    ("vault", "KEY_UNIT_OF", "unit", {"control_area": True}), ("paper", "DESTROYED", "unit", {}),
    ("plan", "CLASSIFIED_AS", "secret", {}), ("paper", "CARRIES", "plan", {}),
    *((person, "MAY_ENTER", place, {}) for person in PEOPLE for place in ("vault", "house", "hall")),
    *_PAIRS,
    *((person, "INSIDE", "vault", {}) for person in PEOPLE), *((person, "HOLDS_KEY", "safe", {}) for person in PEOPLE),
    *_HANDS,
    *((person, "CUSTODIAN_OF", "unit", {}) for person in ("an", "dee")), ("bo", "CUSTODIAN_OF", "safe", {}),
    *((person, "CLEARED_TO", "secret", {}) for person in PEOPLE), *((person, "IN_RANGE", "range", {}) for person in PEOPLE),
]  # fmt: skip


@st.composite
def houses(draw: st.DrawFn) -> World:
    drawn = draw(st.lists(st.sampled_from(SHAPES), max_size=16))
    facts = [
        *LISTS,
        *(
            each
            for person in PEOPLE
            for each in knower(person)
            if each.kind not in ("CLEARED_TO", "IN_RANGE")
        ),
    ]
    for n, (source, kind, target, details) in enumerate(drawn):
        since = draw(st.integers(0, 7))
        until = draw(st.sampled_from([*range(since + 1, 9), FOREVER]))
        facts.append(
            Fact(
                id=f"f{n:02}",
                kind=kind,
                source=source,
                target=target,
                since=since,
                until=until,
                details=details,
            )
        )
    lasting = draw(st.booleans())
    return World([*facts, *(fact(*each) for each in LYING[: 7 if lasting else 1])], LABELS)


@given(houses())
def test_exposure_never_holds_one_who_may_know_and_lies_within_reach(facts: World) -> None:
    for at in range(9):
        reached = reach.ways(facts, "paper", at)
        for each in reach.exposed(facts, "paper", at):
            assert each.ways == reached[each.person]
            assert not all(
                may_know(facts, each.person, item, at).allowed for item in reach.items_on(facts, "paper", at)
            )


@given(houses(), st.integers(0, 8), st.integers(0, 8))
def test_an_interval_is_every_one_of_its_instants(facts: World, first: int, second: int) -> None:
    since, at = sorted((first, second))

    reachers = {each.person: each for each in reaching(facts, "paper", at, since=since)}
    exposed = {each.person: each for each in exposing(facts, "paper", at, since=since)}
    knowers = {each.person: each for each in knowing(facts, "plan", since, at)}

    for t in range(since, at + 1):
        assert sorted(p for p, each in reachers.items() if _held(each.spans, t)) == list(
            reach.ways(facts, "paper", t)
        )
        assert sorted(p for p, each in exposed.items() if _held(each.spans, t)) == [
            each.person for each in reach.exposed(facts, "paper", t)
        ]
        assert sorted(p for p, each in knowers.items() if _held(each.spans, t)) == [
            p for p in PEOPLE if may_know(facts, p, "plan", t).allowed
        ]


def _held(spans: Sequence[Span], at: Instant) -> bool:
    return any(span.since <= at and (span.until is None or at < span.until) for span in spans)


# Brought as far as the law walks


class Shelf:
    """Brings a world's facts node by node, as a graph would; or, `at_hand`, has them all as a replica has."""

    def __init__(self, facts: World, *, at_hand: bool = False) -> None:
        self._all = facts
        self._at_hand = at_hand
        self.rounds = 0

    def whole(self) -> World | None:
        return self._all if self._at_hand else None

    async def around(self, nodes: Mapping[str, str], *, into: Sequence[str] = ()) -> World:
        self.rounds += 1
        assert all(self._all.label(node) == label for node, label in nodes.items())
        out = tuple(RELATIONS)
        found = {
            f.id: f for node in nodes for f in (*self._all.out(node, *out), *self._all.into(node, *into))
        }
        ends = {end for f in found.values() for end in (f.source, f.target)}
        return World(found.values(), {end: str(self._all.label(end)) for end in (*ends, *nodes)})

    async def people(self, people: Sequence[str]) -> World:
        return await self.around(dict.fromkeys(people, Node.PERSON.value))


@pytest.mark.parametrize("since", [None, 0])
async def test_what_is_brought_gives_what_the_whole_gives(since: int | None) -> None:
    facts = world(
        *LISTS, *knower("an"), fact("an", "MAY_ENTER", "vault"), fact("bo", "MAY_ENTER", "house", until=4),
        fact("vault", "KEY_UNIT_OF", "unit", since=2), fact("cy", "MAY_ENTER", "vault", pair="dee"),
        fact("dee", "MAY_ENTER", "vault", pair="cy", until=5), fact("paper", "HELD_BY", "bo", reason="custody", until=6),
    )  # fmt: skip
    shelf = Shelf(facts)

    for at in (1, 3, 5, 6):
        brought, _ = await settled(
            shelf,
            {"paper": Node.CARRIER},
            lambda found, at=at: exposing(found, "paper", at, since=since),  # type: ignore[misc]
        )
        assert brought == exposing(facts, "paper", at, since=since)
    assert shelf.rounds


async def test_what_is_at_hand_is_read_where_it_is() -> None:
    facts = world(*LISTS, *knower("an"), fact("bo", "MAY_ENTER", "house"))
    shelf = Shelf(facts, at_hand=True)

    answer, read = await settled(shelf, {"paper": Node.CARRIER}, lambda found: exposing(found, "paper", 1))

    assert answer == exposing(facts, "paper", 1)
    assert read is facts
    assert not shelf.rounds


def test_what_nobody_brought_is_noted_and_what_cannot_be_is_not() -> None:
    gathered = Gathered({"paper": Node.CARRIER})

    assert gathered.out("paper", "KEPT_IN", "MAY_ENTER") == []
    assert gathered.missing == {("paper", "KEPT_IN", True)}
