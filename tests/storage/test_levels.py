"""Levels: whose list they stand on, that what is signed is granted, and that a change of work is never passed over."""

from __future__ import annotations

import pytest

from graph.kinds import Node
from storage.tables.catalogue import CaseFile
from storage.wiring import Wiring
from tests.storage.answers import standing
from tests.storage.clearing import designate, review
from tests.storage.refusals import refused
from tests.storage.test_cases import of, open_, step

LISTING = {"procedure": "designation", "subject": "yewu1"}


async def levels(wiring: Wiring, person: str) -> list[str]:
    return [fact.target for fact in await standing(wiring, person, "CLEARED_TO", label=Node.PERSON)]


async def task(wiring: Wiring, person: str, level: str = "secret", *, name: str = "乙号专项") -> None:
    await wiring.office.do("p20", "start-task", {"person": person, "task": name, "level": level})


async def open_review(person: str) -> str:
    asked = (CaseFile.subject == person) & (CaseFile.procedure == "level-review") & (CaseFile.state == "open")
    rows = await CaseFile.select(CaseFile.id).where(asked)
    return str(rows[0]["id"])


async def test_a_department_lists_its_own_people_alone(binhai: Wiring) -> None:
    strangers = await refused(binhai, "p06", "open-case", {**LISTING, "form": {"people": ["p07", "p04"]}})
    await binhai.office.do("p20", "add-person", {"id": "p30", "name": "王芳", "department": "yewu1"})
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p30"])

    amended = await refused(binhai, "p06", "amend-case", {"case": case, "form": {"people": ["p04"]}})
    await binhai.office.do("p20", "leave-department", {"person": "p30", "department": "yewu1"})
    await binhai.office.do("p20", "join", {"person": "p30", "department": "kefu"})
    moved = await refused(binhai, "p05", "take-step", of(case, "head"))

    assert strangers == amended == moved == {"S01-5a"}


async def test_the_level_granted_is_the_one_that_was_signed(binhai: Wiring) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p06"])
    other = await open_(binhai, "p07", "designation", "yewu1", people=["p06"])
    await step(binhai, "p05", case, "head")

    await task(binhai, "p06", "top-secret")
    after_the_head = await refused(binhai, "p20", "take-step", of(case, "approve"))
    unsigned = await refused(binhai, "p05", "take-step", of(other, "head"))
    await binhai.office.do("p07", "amend-case", {"case": other, "form": {"people": ["p06"]}})
    await step(binhai, "p05", other, "head")
    await step(binhai, "p20", other, "approve")
    await step(binhai, "p01", other, "approve")

    assert after_the_head == unsigned == {"S01-5a", "S01-5b"}
    assert await levels(binhai, "p06") == ["top-secret"]


async def test_a_review_under_way_does_not_grant_what_has_changed_since(binhai: Wiring) -> None:
    await task(binhai, "p06", "secret")
    case = await open_review("p06")
    await task(binhai, "p06", "top-secret", name="甲号专项")
    await step(binhai, "p07", case, "propose", words="建议核心")
    await step(binhai, "p05", case, "head")

    await binhai.office.do("p20", "end-task", {"person": "p06", "task": "甲号专项"})
    stale = await refused(binhai, "p01", "take-step", of(case, "approve"))
    await step(binhai, "p01", case, "approve", verdict="refuse", words="任务已变")
    await review(binhai, "p06", colleague="p07")

    assert stale == {"S01-6a", "S01-6b"}
    assert await levels(binhai, "p06") == ["secret"]


async def test_a_head_gives_tasks_in_their_own_department_alone(binhai: Wiring) -> None:
    given = {"person": "p23", "task": "乙号专项", "level": "secret"}

    abroad = await refused(binhai, "p05", "start-task", given)
    await binhai.office.do("p05", "start-task", given | {"person": "p06"})
    await task(binhai, "p23")
    ended = await refused(binhai, "p05", "end-task", {"person": "p23", "task": "乙号专项"})

    assert abroad == ended == {"S01-5a", "P-role"}


async def test_the_end_of_the_only_task_opens_the_review_that_ends_the_level(binhai: Wiring) -> None:
    await binhai.office.do("p20", "add-person", {"id": "p30", "name": "王芳", "department": "yewu1"})
    await task(binhai, "p30")
    await designate(binhai, "p30")
    cleared = await levels(binhai, "p30")

    ended = await binhai.office.do("p20", "end-task", {"person": "p30", "task": "乙号专项"})
    await review(binhai, "p30")

    assert [each["procedure"] for each in ended.result["opened"]] == ["level-review"]
    assert cleared == ["secret"]
    assert await levels(binhai, "p30") == []


async def test_of_a_head_the_leader_in_charge_is_head(binhai: Wiring) -> None:
    await task(binhai, "p05", "top-secret")
    case = await open_review("p05")
    await step(binhai, "p06", case, "propose", words="建议核心")

    own = await refused(binhai, "p05", "take-step", of(case, "head"))
    await step(binhai, "p01", case, "head")
    await step(binhai, "p20", case, "approve")

    assert own == {"S01-6b", "P-self"}
    assert await levels(binhai, "p05") == ["top-secret"]


@pytest.mark.parametrize(("person", "listed"), [("p24", True), ("p05", True), ("p07", False)])
async def test_the_unit_itself_lists_heads_and_those_of_no_department(
    person: str, listed: bool, binhai: Wiring
) -> None:
    await task(binhai, person, "top-secret")
    form = {"procedure": "designation", "subject": "binhai", "form": {"people": [person]}}
    member = await refused(binhai, "p06", "open-case", form)

    if listed:
        done = await designate(binhai, person, opener="p03", head="p01", unit="binhai", group="p02")
        assert done["state"] == "done"
        assert await levels(binhai, person) == ["top-secret"]
    else:
        assert await refused(binhai, "p03", "open-case", form) == {"S01-5a"}
    assert {"S01-5a", "P-role"} >= member >= {"P-role"}
