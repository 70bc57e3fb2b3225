"""The replica follows the ledger and nothing else, and what a reader has in hand does not change under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from graph.errors import Broken, GraphMismatch
from graph.facts import Fact
from graph.kinds import Node
from graph.projection import Step
from graph.replica import Full, Remembered, Replica
from tests.shelf import Shelf

PEOPLE = {"an": Node.PERSON.value, "bo": Node.PERSON.value, "unit": Node.ORGANISATION.value}


def member(person: str, *, since: int = 0, id_: str = "") -> Fact:
    return Fact(id=id_ or f"m-{person}", kind="MEMBER_OF", source=person, target="unit", since=since)


def shelf_of_two() -> Shelf:
    shelf = Shelf("z-one")
    shelf.enter(nodes=PEOPLE, facts=[member("an")])
    shelf.enter(facts=[member("bo")])
    return shelf


async def test_a_snapshot_goes_on_showing_its_own_entry_while_the_ledger_goes_on() -> None:
    shelf = shelf_of_two()
    replica = Replica(shelf, 100)
    await replica.reach(await shelf.head())
    before = replica.snapshot(2)
    in_hand = before.into("unit", "MEMBER_OF")

    shelf.enter(superseded=[member("an")])
    await replica.reach(await shelf.head())

    assert [fact.source for fact in in_hand] == ["an", "bo"]
    assert [fact.source for fact in before.into("unit", "MEMBER_OF")] == ["an", "bo"]
    assert [fact.source for fact in replica.snapshot(3).into("unit", "MEMBER_OF")] == ["bo"]
    assert [fact.source for fact in replica.snapshot(1).into("unit", "MEMBER_OF")] == ["an"]


async def test_a_fact_is_shown_as_that_entry_knew_it() -> None:
    shelf = shelf_of_two()
    shelf.enter(superseded=[member("an")], facts=[member("an", since=5)])
    replica = Replica(shelf, 100)
    await replica.reach(await shelf.head())

    (first,) = replica.snapshot(2).out("an", "MEMBER_OF")
    (second,) = replica.snapshot(3).out("an", "MEMBER_OF")

    assert (first.since, first.seq_in, first.seq_out) == (0, 1, member("an").seq_out)
    assert (second.since, second.seq_in) == (5, 3)


async def test_an_entry_is_taken_in_order_and_once() -> None:
    shelf = shelf_of_two()
    steps = [step async for step in shelf.steps(0, 2)]
    replica = Replica(shelf, 100)
    await replica.reach(shelf.head_at(1))

    assert not replica.take("z-one", steps[0])
    assert not replica.take("z-other", steps[1])
    assert replica.take("z-one", steps[1])
    assert not replica.take("z-one", steps[1])
    assert replica.seq == 2


async def test_an_entry_that_this_process_makes_while_the_ledger_is_read_is_there_once() -> None:
    """A question reads what it lacks; an act of the same process is entered meanwhile, and nothing is given up."""
    shelf = shelf_of_two()
    replica = Replica(Overtaken(shelf, lambda step: replica.take("z-one", step)), 100)

    await replica.reach(await shelf.head())

    assert replica.seq == 2
    assert [fact.source for fact in replica.snapshot(2).into("unit", "MEMBER_OF")] == ["an", "bo"]


class Overtaken(Shelf):
    """The same entries, each taken in by somebody else just before it is read."""

    def __init__(self, shelf: Shelf, before: Callable[[Step], object]) -> None:
        super().__init__(shelf.ledger)
        self._steps = shelf._steps
        self._before = before

    async def steps(self, after: int, upto: int) -> AsyncIterator[Step]:
        async for step in super().steps(after, upto):
            self._before(step)
            yield step


async def test_a_ledger_that_is_another_one_now_is_read_anew() -> None:
    shelf = shelf_of_two()
    replica = Replica(shelf, 100)
    await replica.reach(await shelf.head())
    other = Shelf("z-other")
    other.enter(nodes=PEOPLE, facts=[member("bo")])
    replica._entries = other

    await replica.reach(await other.head())

    assert [fact.source for fact in replica.snapshot(1).into("unit", "MEMBER_OF")] == ["bo"]


async def test_a_ledger_that_is_shorter_than_it_was_is_an_error_and_an_older_head_is_none() -> None:
    shelf = shelf_of_two()
    replica = Replica(shelf, 100)
    await replica.reach(await shelf.head())
    await replica.reach(shelf.head_at(1))
    cut = shelf_of_two()
    cut._steps = cut._steps[:1]
    replica._entries = cut

    with pytest.raises(GraphMismatch):
        await replica.reach(await cut.head())


async def test_a_ledger_that_ends_what_never_stood_is_an_error() -> None:
    shelf = shelf_of_two()
    shelf.enter(superseded=[member("an", id_="m-nobody")])

    with pytest.raises(Broken):
        await Replica(shelf, 100).reach(await shelf.head())


async def test_more_facts_than_may_be_kept_are_not_kept_in_part() -> None:
    shelf = shelf_of_two()
    replica = Replica(shelf, 1)

    with pytest.raises(Full):
        await replica.reach(await shelf.head())

    assert replica.seq == 0
    assert not replica.snapshot(0).out("an", "MEMBER_OF")


async def test_what_stands_around_a_thing_is_brought_by_its_own_kind_alone() -> None:
    shelf = shelf_of_two()
    replica = Replica(shelf, 100)
    await replica.reach(await shelf.head())
    brought = Remembered(replica.snapshot(2))

    assert len(list((await brought.around({"an": Node.PERSON.value})).facts())) == 1
    assert not list((await brought.around({"an": Node.DOCUMENT.value})).facts())
    both = await brought.around({"unit": Node.ORGANISATION.value}, into=("MEMBER_OF",))
    assert sorted(fact.source for fact in both.facts()) == ["an", "bo"]


async def test_what_was_followed_entry_by_entry_is_what_is_read_at_once() -> None:
    shelf = Shelf("z-one")
    shelf.enter(nodes=PEOPLE, facts=[member("an"), member("bo")])
    for n in range(1, 6):
        shelf.enter(superseded=[member("an", since=n - 1)], facts=[member("an", since=n)])
    shelf.enter(superseded=[member("bo")])
    slowly, at_once = Replica(shelf, 100), Replica(shelf, 100)
    head = await shelf.head()

    for seq in range(1, head.seq + 1):
        await slowly.reach(shelf.head_at(seq))
        slowly.snapshot(seq)
    await at_once.reach(head)

    for seq in range(head.seq + 1):
        one, other = slowly.snapshot(seq), at_once.snapshot(seq)
        assert list(one.into("unit", "MEMBER_OF")) == list(other.into("unit", "MEMBER_OF"))
        assert list(one.out("an", "MEMBER_OF")) == list(other.out("an", "MEMBER_OF"))
    assert [fact.since for fact in at_once.snapshot(head.seq).into("unit", "MEMBER_OF")] == [5]
