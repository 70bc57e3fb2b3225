"""Cases at the doors: what waits for whom, one case, decisions to be confirmed; the same answer for hidden and missing."""

from __future__ import annotations

from typing import Any

from api import texts
from graph.law.procedure import Procedure
from storage import procedures
from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.columns import Ground

PAPER = {"number": "滨密〔2026〕2号", "date": "2026-03-02", "scan": "s-2"}


async def designation(binhai: Wiring) -> str:
    made = await binhai.office.do(
        "p06", "open-case", {"procedure": "designation", "subject": "yewu1", "form": {"people": ["p07"]}}
    )
    return str(made.result["case"])


async def test_a_case_waits_for_whose_step_is_next_and_for_nobody_else(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    case = await designation(binhai)

    async with doors.by("p05") as head, doors.by("p20") as office, doors.by("p07") as named:
        first = [(await each.get("/api/v1/cases")).json() for each in (head, office, named)]
        await head.post("/api/v1/acts/take-step", json={"case": case, "step": "head"})
        then = [(await each.get("/api/v1/cases")).json() for each in (head, office, named)]
        everything = (await named.get("/api/v1/cases", params={"which": "all"})).json()

    def mine(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [each for each in page["cases"] if each["procedure"] == "designation"]

    assert [[each["id"] for each in mine(page)] for page in first] == [[case], [], []]
    assert [[each["id"] for each in mine(page)] for page in then] == [[], [case], []]
    assert mine(then[1])[0]["by"] == ["OFFICE_OF", "LEADING_GROUP_OF"]
    assert mine(then[1])[0]["title"]["zh"] == "涉密人员界定"
    assert [each["id"] for each in mine(everything)] == [case]


async def test_a_case_shows_its_steps_in_order_and_is_not_there_for_a_stranger(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    case = await designation(binhai)
    await binhai.office.do("p05", "take-step", {"case": case, "step": "head", "words": "属实"})

    async with doors.by("p20") as office, doors.by("p08") as stranger:
        seen = (await office.get(f"/api/v1/cases/{case}")).json()
        hidden = await stranger.get(f"/api/v1/cases/{case}")
        missing = await stranger.get("/api/v1/cases/case-nowhere")

    assert [(each["id"], each["state"], each["missing"]) for each in seen["steps"]] == [
        ("head", "done", []), ("approve", "due", ["OFFICE_OF", "LEADING_GROUP_OF"]),
    ]  # fmt: skip
    assert [(each["person"], each["words"]) for each in seen["steps"][0]["taken"]] == [("p05", "属实")]
    assert (seen["mine"], seen["withdrawable"]) == (True, False)
    assert plain(hidden) == plain(missing)
    assert hidden.status_code == 404


async def test_a_member_of_the_leading_group_has_a_work_list_of_what_they_follow_up(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    """S01-17b: who is named is shown it, and nobody else as theirs."""
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do(
        "p05", "open-case", {"procedure": "vetting", "subject": "p06", "responsible": "p20"}
    )

    async with doors.by("p20") as named, doors.by("p01") as other:
        followed = [
            (await each.get("/api/v1/cases", params={"which": "followed"})).json()["cases"]
            for each in (named, other)
        ]

    assert [[each["procedure"] for each in page] for page in followed] == [["vetting"], []]


async def test_a_list_approved_is_filed_with_who_approved_it(binhai: Wiring, binhai_ground: Ground) -> None:
    """S01-5c, S01-17.2: the register of cleared persons holds the list and its approvers."""
    doors = Doors(binhai, binhai_ground)
    case = await designation(binhai)
    for person, step in (("p05", "head"), ("p20", "approve"), ("p01", "approve")):
        await binhai.office.do(person, "take-step", {"case": case, "step": step})

    async with doors.by("p02") as officer:
        lines = (await officer.get("/api/v1/registers/cleared-persons", params={"limit": 3})).json()["lines"]

    assert [line["actor"] for line in lines] == ["p01", "p20", "p05"]
    assert [each["person"] for each in lines[0]["line"]["cleared"]] == ["p07"]


async def test_an_incident_is_not_shown_to_whom_it_is_about(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    made = await binhai.office.do(
        "p02", "open-case", {"procedure": "incident", "subject": "p06", "form": {"what": "载体不见"}}
    )

    async with doors.by("p06") as subject, doors.by("p20") as group:
        hidden = await subject.get(f"/api/v1/cases/{made.result['case']}")
        seen = await group.get(f"/api/v1/cases/{made.result['case']}")

    assert (hidden.status_code, seen.status_code) == (404, 200)


async def test_a_deputy_is_shown_what_waits_for_whom_they_stand_in_for(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    case = await designation(binhai)
    await binhai.office.do("p05", "take-step", {"case": case, "step": "head"})
    await binhai.office.do(
        "p20",
        "appoint-deputy",
        {"person": "p03", "principal": "p01", "acts": ["take-step"], "until": "2026-03-13"},
    )

    async with doors.by("p03") as deputy:
        waiting = (await deputy.get("/api/v1/cases")).json()

    assert [(each["id"], each["behalf"]) for each in waiting["cases"]] == [(case, "p01")]


async def test_a_decision_on_paper_waits_five_working_days_and_is_then_overdue(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    entered = await binhai.office.do(
        "p04",
        "set-range",
        {"document": "D3", "members": ["p05"], "decision": {"by": "p01", "proof": "paper", "paper": PAPER}},
    )

    async with doors.by("p01") as leader, doors.by("p20") as other:
        waiting = (await leader.get("/api/v1/decisions")).json()["decisions"]
        others = (await other.get("/api/v1/decisions")).json()["decisions"]

    assert [(each["entry"], each["due"], each["overdue"]) for each in waiting] == [
        (entered.ref, "2026-03-09T15:59:59.999Z", False)
    ]
    assert others == []


async def test_the_definitions_are_offered_and_every_name_has_its_words(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p06") as anyone:
        listed = (await anyone.get("/api/v1/procedures")).json()

    assert {each["id"] for each in listed} == set(procedures.load())
    known = texts.catalogue("zh")
    assert [code for each in procedures.load().values() for code in codes(each) if code not in known] == []


def codes(procedure: Procedure) -> list[str]:
    """Every text that a definition calls for."""
    steps = [f"procedure.{procedure.id}.{step.id}" for step in procedure.steps]
    parties = [f"party.{party.lower().removeprefix('named:')}" for party in procedure.everyone]
    fields = (*procedure.fields, *(field for step in procedure.steps for field in step.fields))
    named = [f"field-name.{field.id}" for field in fields]
    choices = [f"value.{choice}" for field in fields for choice in field.choices]
    return [f"procedure.{procedure.id}", f"register.{procedure.register}", *steps, *parties, *named, *choices]
