"""滨海局(全): what its seed makes at full size, and a small one built through the same acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graph.access import When
from graph.facts import Fact
from graph.kinds import Node
from graph.times import parse
from storage.books import Books
from storage.organisations import Established, SetClock, establish_large
from storage.organisations.large import DAYS, DEPARTMENTS, Bureau, Size
from storage.organisations.steps import Step
from storage.tables.catalogue import Carrier, Document, Reading, Subject
from storage.wiring import Wiring
from tests import columns
from tests.columns import Ground
from tests.oracle.oracle import failing

SMALL = Size(people=40, documents=24, readings=60, loans=12)
SEED = 2
"""Among so few it has namesakes all the same."""
OFFICER = "p02"


def acts(bureau: Bureau) -> list[Step]:
    return [step for step in bureau.steps() if step.act]


def of(steps: list[Step], act: str) -> Iterator[dict[str, Any]]:
    return (step.params for step in steps if step.act == act)


def test_the_seed_makes_three_years_of_a_bureau_and_the_same_one_again() -> None:
    bureau = Bureau()
    steps = acts(bureau)
    days = [step.clock for step in Bureau().steps() if step.clock is not None]
    names = Counter(str(each["name"]) for each in of(steps, "add-person"))

    assert len(steps) >= 60_000
    assert len(bureau.people) == 320
    assert len(list(of(steps, "add-department"))) == len(DEPARTMENTS) == 14
    assert len([each for each in of(steps, "add-place") if "part_of" in each]) == 40
    assert sum(len(item.carriers) for item in bureau.items) >= 6000
    assert sum(count for count in names.values() if count > 1) >= 20
    assert days == sorted(days)
    assert days[-1] - days[0] > (DAYS - 7) * 86_400_000
    assert acts(Bureau()) == steps


async def test_a_small_one_is_built_by_the_same_acts_and_its_ledger_holds(ground: Ground) -> None:
    clock = SetClock(parse("2023-01-01T00:00:00+08:00", field="clock"))
    async with columns.house(ground, clock) as house:
        made = await establish_large(house, clock, seed=SEED, size=SMALL)

        await assert_counted(house, made)
        assert (await house.ledger.verify()).findings == ()
        await assert_namesakes_are_told_apart(house)
        await assert_answers_are_sound(house)


async def assert_counted(house: Wiring, made: Established) -> None:
    steps = acts(Bureau(SEED, size=SMALL))
    wanted = Counter(step.act for step in steps)
    entered = await house.database.run("SELECT count(*) AS n FROM entry")
    assert made.entries == entered[0]["n"] == len(steps) + 1 - made.refused
    assert made.refused <= 3  # readers who have moved to another department meanwhile
    assert await Document.count() == wanted["register-document"] == SMALL.documents
    serials = [each["serials"] for each in of(steps, "register-carriers")]
    assert await Carrier.count() == sum(len(each) for each in serials)
    assert await Subject.count().where(Subject.kind == Node.PERSON.value) == SMALL.people
    assert SMALL.readings * 0.9 <= await Reading.count() <= SMALL.readings


async def assert_namesakes_are_told_apart(house: Wiring) -> None:
    steps = acts(Bureau(SEED, size=SMALL))
    ((name, _),) = Counter(str(each["name"]) for each in of(steps, "add-person")).most_common(1)

    found = await Books(house.database, house.ledger, house.questions).people(name, limit=20)

    assert {each.name for each in found} == {name}
    assert len(found) > 1
    assert len({(each.staff_number, each.departments) for each in found}) == len(found)
    assert all(each.staff_number and each.departments for each in found)


async def assert_answers_are_sound(house: Wiring) -> None:
    """May-know, audience and reach of everybody and everything, held against the oracle that shares nothing with the law."""
    people = sorted([row["id"] for row in await Subject.select().where(Subject.kind == Node.PERSON.value)])
    documents = sorted([row["id"] for row in await Document.select(Document.id)])
    at = house.now()
    asked = [(person, document, at) for person in people for document in documents]
    answers = zip(asked, failing(await standing(house), asked), strict=True)
    allowed = {(person, document) for (person, document, _), failed in answers if not failed}

    when, ask = When(at=at), house.questions
    audiences = {each: await ask.audience(OFFICER, each, when, limit=len(people)) for each in documents}
    reaches = {each: await ask.reach(OFFICER, each, when, limit=len(documents)) for each in people}

    assert len(documents) < len(allowed) < len(asked) / 2
    assert {(each.person, item) for item, found in audiences.items() for each in found.people} == allowed
    assert {(person, each.item) for person, found in reaches.items() for each in found.items} == allowed
    for person, document, _ in asked[:: len(asked) // 100]:
        answer = await ask.may_know(OFFICER, person, document, when)
        assert answer.allowed is ((person, document) in allowed)


async def standing(house: Wiring) -> list[Fact]:
    """Every fact that the ledger leaves standing."""
    found: dict[str, Fact] = {}
    async for step in house.ledger.steps(0, (await house.ledger.head()).seq):
        for fact in step.superseded:
            del found[fact.id]
        found |= {fact.id: fact for fact in step.facts}
    return list(found.values())
