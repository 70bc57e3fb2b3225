"""作废 only while nothing rests on an entry: what stands on a person is relied on by whatever is entered about them later."""

from __future__ import annotations

from typing import Any

import pytest

from graph.kinds import Node
from storage.wiring import Wiring
from tests.storage.answers import standing
from tests.storage.refusals import refused
from tests.storage.requests import HEADS

VETTED = {"person": "p30", "conclusion": "passed", "heads": HEADS, "record": "审字第30号"}
SIGNED = {"person": "p30", "undertaking": "entry", "version": "2026版"}


@pytest.fixture
async def staffed(binhai: Wiring) -> Wiring:
    """Somebody new in 业务一科, who has signed and been vetted."""
    await binhai.office.do("p20", "add-person", {"id": "p30", "name": "王芳", "department": "yewu1"})
    await binhai.office.do("p01", "record-vetting", VETTED)
    await binhai.office.do("p02", "record-undertaking", SIGNED)
    return binhai


@pytest.mark.parametrize(
    ("actor", "act", "params"),
    [
        ("p20", "start-post", {"person": "p30", "post": "post-staff1"}),
        ("p20", "start-task", {"person": "p30", "task": "乙号专项", "level": "secret"}),
        ("p20", "join", {"person": "p30", "department": "kefu"}),
        ("p02", "record-undertaking", {**SIGNED, "undertaking": "in_post"}),
        ("p01", "appoint", {"person": "p30", "role": "ARCHIVIST_OF"}),
    ],
)
async def test_what_stands_on_a_person_is_struck_out_only_before_anything_is_entered_about_them(
    actor: str, act: str, params: dict[str, Any], staffed: Wiring
) -> None:
    slip = await staffed.office.do(actor, act, params)
    await staffed.office.do("p04", "add-folder", {"title": "与此人无关"})
    await staffed.office.do(actor, "void", {"entry": slip.ref, "reason": "登记错人"})
    entered = await staffed.office.do(actor, act, params)

    await staffed.office.do(
        "p02", "record-training", {"people": ["p30"], "course": "periodic", "topic": "年度教育"}
    )

    request = {"entry": entered.ref, "reason": "登记错人"}
    assert await refused(staffed, actor, "void", request) == {"S03-6.5"}


async def test_a_post_held_for_long_is_not_made_never_to_have_been(staffed: Wiring) -> None:
    entered = await staffed.office.do("p20", "start-post", {"person": "p30", "post": "post-staff1"})
    await staffed.office.do("p02", "open-case", {"procedure": "vetting", "subject": "p30"})

    assert await refused(staffed, "p20", "void", {"entry": entered.ref, "reason": "误登"}) == {"S03-6.5"}
    assert len(await standing(staffed, "p30", "HOLDS_POST", label=Node.PERSON)) == 1


async def test_a_role_is_not_struck_out_from_under_what_was_done_in_it(staffed: Wiring) -> None:
    entered = await staffed.office.do("p01", "appoint", {"person": "p30", "role": "ARCHIVIST_OF"})
    await staffed.office.do("p30", "add-folder", {"title": "新卷"})

    assert await refused(staffed, "p01", "void", {"entry": entered.ref, "reason": "误任"}) == {"S03-6.5"}


async def test_an_annotation_of_the_personnel_file_is_never_struck_out(binhai: Wiring) -> None:
    begun = {"person": "p24", "level": "secret", "start": "2026-03-02"}
    await binhai.office.do("p02", "start-cooling-off", begun)
    noted = await binhai.office.do("p20", "annotate", {"person": "p24", "words": "重要涉密人员，脱密期内"})

    request = {"entry": noted.ref, "reason": "误注"}
    assert await refused(binhai, "p20", "void", request) == {"S01-13d", "S03-6.5"}
