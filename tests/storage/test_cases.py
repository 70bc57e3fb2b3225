"""Cases done step by step: what is refused at each, what stands when the last is in, deputies, and decisions on paper."""

from __future__ import annotations

from typing import Any

import pytest

from graph.errors import BadField
from graph.kinds import Node
from graph.law import flow
from graph.times import parse
from storage import docket, procedures
from storage.organisations import SetClock
from storage.registers.cases import EFFECTS
from storage.tables.catalogue import CaseFile, CaseStep, PaperDecision
from storage.wiring import Wiring
from tests.storage.answers import standing
from tests.storage.conftest import Unwritten
from tests.storage.refusals import bad, refused
from tests.storage.requests import HEADS

PAPER = {"number": "滨密〔2026〕2号", "date": "2026-03-02", "scan": "s-2"}


async def open_(wiring: Wiring, actor: str, procedure: str, subject: str, **form: Any) -> str:
    made = await wiring.office.do(
        actor, "open-case", {"procedure": procedure, "subject": subject, "form": form}
    )
    return str(made.result["case"])


async def step(wiring: Wiring, actor: str, case: str, id_: str, **more: Any) -> dict[str, Any]:
    outcome = await wiring.office.do(actor, "take-step", {"case": case, "step": id_, **more})
    return outcome.result


def of(case: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"case": case, "step": id_, **more}


async def levels(wiring: Wiring, person: str) -> list[str]:
    return [fact.target for fact in await standing(wiring, person, "CLEARED_TO", label=Node.PERSON)]


async def newcomer(wiring: Wiring) -> None:
    """p25 of 业务一科 on a confidential post, cleared to nothing yet."""
    do = wiring.office.do
    await do(
        "p20", "add-person", {"id": "p25", "name": "新成员", "staff_number": "1025", "department": "yewu1"}
    )
    await do("p20", "start-post", {"person": "p25", "post": "post-staff1"})


def test_every_definition_can_be_read_and_names_what_exists() -> None:
    found = procedures.load()

    for each in found.values():
        named = [name for name in (each.effect, each.begin, each.refused) if name]
        assert [name for name in named if name not in EFFECTS] == [], each.id
        gates = [*each.gates, *(gate for one in each.steps for gate in one.gates)]
        assert [name for name in gates if name not in flow.GATES] == [], each.id
        assert [one.when for one in each.steps if one.when and one.when not in flow.CONDITIONS] == [], each.id


async def test_nothing_stands_before_the_last_required_approval_is_in(binhai: Wiring) -> None:
    await newcomer(binhai)
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p25"])

    early = await refused(binhai, "p01", "take-step", of(case, "approve"))
    await step(binhai, "p05", case, "head")
    office = await step(binhai, "p20", case, "approve")
    before = await levels(binhai, "p25")
    group = await step(binhai, "p01", case, "approve")

    assert early == {"S01-5b", "S01-17a"}
    assert (office["state"], office["by"], before) == ("open", ["LEADING_GROUP_OF"], [])
    assert (group["state"], await levels(binhai, "p25")) == ("done", ["confidential"])
    assert [each["step"] for each in await CaseStep.select().order_by(CaseStep.n)] == [
        "head",
        "approve",
        "approve",
    ]


async def test_a_step_is_refused_out_of_turn_to_others_twice_and_on_ones_own_behalf(
    binhai: Wiring, unwritten: Unwritten
) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p05", "p07"])

    async with unwritten(binhai):
        by_the_officer = await refused(binhai, "p02", "take-step", of(case, "head"))
        by_themselves = await refused(binhai, "p05", "take-step", of(case, "head"))
        by_a_member = await refused(binhai, "p06", "take-step", of(case, "approve"))
        strangers = [await bad(binhai, each, "take-step", of(case, "head")) for each in ("p04", "p08")]
    other = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    await step(binhai, "p05", other, "head")
    async with unwritten(binhai):
        twice = await refused(binhai, "p05", "take-step", of(other, "head"))
    await step(binhai, "p20", other, "approve")
    async with unwritten(binhai):
        as_both = await refused(binhai, "p20", "take-step", of(other, "approve"))

    assert by_the_officer == {"S01-5b", "P-role"}
    assert by_themselves == {"S01-5b", "P-self"}
    assert by_a_member == {"S01-5b", "S01-17a", "P-role", "P-apart"}
    assert strangers == [[("case", "unknown-id")]] * 2
    assert twice == {"S01-5b"}
    assert as_both == {"S01-5b", "S01-17a"}


async def test_a_refusal_gives_its_words_and_ends_the_case(binhai: Wiring) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])

    silent = await bad(binhai, "p05", "take-step", of(case, "head", verdict="refuse"))
    ended = await step(binhai, "p05", case, "head", verdict="refuse", words="名单与实际岗位不符")
    closed = await refused(binhai, "p20", "take-step", of(case, "approve"))

    assert silent == [("words", "missing")]
    assert (ended["state"], ended["next"]) == ("refused", None)
    assert closed == {"S01-5b", "S01-17a"}


async def test_only_the_department_opens_amends_and_withdraws_its_list(binhai: Wiring) -> None:
    stranger = await refused(
        binhai,
        "p04",
        "open-case",
        {"procedure": "designation", "subject": "yewu1", "form": {"people": ["p07"]}},
    )
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    amended = {"case": case, "form": {"people": ["p06"]}}
    foreign = await refused(binhai, "p02", "amend-case", amended)
    await binhai.office.do("p05", "amend-case", amended)
    await step(binhai, "p05", case, "head")
    late = await refused(binhai, "p06", "amend-case", amended)
    unfit = await bad(binhai, "p04", "withdraw-case", {"case": case, "reason": "不办"})
    await binhai.office.do("p06", "withdraw-case", {"case": case, "reason": "名单有误"})
    gone = await refused(binhai, "p20", "take-step", of(case, "approve"))

    assert stranger == foreign == {"S01-5a", "P-role"}
    assert unfit == [("case", "unknown-id")]
    assert late == {"S01-5a"}
    assert gone == {"S01-5b", "S01-17a"}
    assert await CaseFile.select(CaseFile.state, CaseFile.form).where(CaseFile.id == case) == [
        {"state": "withdrawn", "form": '{"people":["p06"],"proposed":{"p06":"confidential"}}'}
    ]


async def test_everything_wrong_with_a_form_is_told_with_its_field(binhai: Wiring) -> None:
    case = await open_(binhai, "p02", "vetting", "p08")

    wrong = await bad(
        binhai,
        "p01",
        "take-step",
        of(case, "conclude", form={"conclusion": "perhaps", "record": 5, "colour": "red"}),
    )
    heads = await refused(
        binhai,
        "p01",
        "take-step",
        of(case, "conclude", form={"conclusion": "passed", "record": "1号", "politics": "好"}),
    )
    unwritten = await bad(
        binhai, "p01", "take-step", of(case, "conclude", form={"conclusion": "passed", **HEADS})
    )

    assert wrong == [
        ("form.colour", "unknown-field"), ("form.conclusion", "not-in-list"), ("form.record", "wrong-type"),
    ]  # fmt: skip
    assert heads == {"S01-7c"}
    assert unwritten == [("form.record", "missing")]


async def test_a_second_case_about_the_same_is_refused_and_a_member_outside_the_group_does_not_conclude(
    binhai: Wiring,
) -> None:
    case = await open_(binhai, "p02", "vetting", "p08")

    again = await refused(binhai, "p20", "open-case", {"procedure": "vetting", "subject": "p08"})
    form = {"conclusion": "passed", "record": "1号", **HEADS}
    own = await open_(binhai, "p05", "vetting", "p07")
    head = await refused(binhai, "p05", "take-step", of(own, "conclude", form=form))
    clerk = await bad(binhai, "p04", "take-step", of(case, "conclude", form=form))
    done = await step(binhai, "p01", case, "conclude", form=form)

    assert again >= {"S01-7a"}
    assert head == {"S01-7b", "S01-17.1", "S01-17a", "P-role"}
    assert clerk == [("case", "unknown-id")]
    assert done["state"] == "done"
    vetted = await standing(binhai, "p08", "VETTED", label=Node.PERSON)
    assert [fact.details for fact in vetted] == [{"conclusion": "passed"}]


async def test_a_step_is_not_dated_before_the_one_it_follows(binhai: Wiring, clock: SetClock) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    clock.put(parse("2026-03-02T11:00:00+08:00", field="clock"))
    await step(binhai, "p05", case, "head")
    params = of(case, "approve", occurred_at="2026-03-02T10:00:00+08:00")

    assert await bad(binhai, "p20", "take-step", params) == [("occurred_at", "dates-backwards")]


async def test_the_office_sees_who_follows_up(binhai: Wiring) -> None:
    case = await open_(binhai, "p02", "vetting", "p08")
    named = await bad(
        binhai, "p02", "open-case", {"procedure": "vetting", "subject": "p09", "responsible": "p05"}
    )
    matter = await docket.matter(case)

    assert matter is not None
    assert matter.responsible == "p02"
    assert named == [("responsible", "not-of-the-leading-group")]


# Deputies


async def test_a_deputy_takes_a_step_for_their_principal_and_the_book_says_so(binhai: Wiring) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    await step(binhai, "p05", case, "head")
    approve = of(case, "approve", on_behalf_of="p01")
    before = await refused(binhai, "p03", "take-step", approve)
    await binhai.office.do(
        "p20",
        "appoint-deputy",
        {"person": "p03", "principal": "p01", "acts": ["take-step"], "until": "2026-03-13"},
    )
    await binhai.office.do("p03", "take-step", approve)
    other_act = await refused(
        binhai, "p03", "set-range", {"document": "D3", "members": ["p05"], "on_behalf_of": "p01"}
    )
    second = await refused(binhai, "p01", "take-step", of(case, "approve"))

    bodies = [body async for body, _ in binhai.ledger.bodies(0, (await binhai.ledger.head()).seq)]
    assert before == {"P-deputy"}
    assert other_act == {"P-deputy"}
    assert (bodies[-1].actor, bodies[-1].on_behalf_of) == ("p03", "p01")
    assert second == {"S01-5b", "S01-17a"}


async def test_only_someone_who_qualifies_stands_in_and_only_while_it_lasts(
    binhai: Wiring, clock: SetClock
) -> None:
    def asked(person: str) -> dict[str, Any]:
        return {"person": person, "principal": "p01", "acts": ["set-range"], "until": "2026-03-03"}

    too_low = await refused(binhai, "p20", "appoint-deputy", asked("p04"))
    unsigned = await refused(binhai, "p20", "appoint-deputy", {**asked("p07"), "principal": "p02"})
    oneself = await refused(binhai, "p20", "appoint-deputy", {**asked("p01")})
    own_signature = await bad(
        binhai, "p20", "appoint-deputy", {**asked("p03"), "acts": ["record-undertaking"]}
    )
    await binhai.office.do("p20", "appoint-deputy", asked("p03"))
    in_time = {"document": "D3", "members": ["p05"], "on_behalf_of": "p01"}
    await binhai.office.do("p03", "set-range", in_time)
    clock.put(parse("2026-03-04T00:00:00+08:00", field="clock"))

    assert too_low == {"P-deputy"}
    assert unsigned == {"S01-8a"}
    assert oneself == {"P-deputy"}
    assert own_signature == [("acts[0]", "not-for-a-deputy")]
    assert await refused(binhai, "p03", "set-range", in_time) == {"P-deputy"}


async def test_the_principal_who_is_back_ends_it(binhai: Wiring) -> None:
    await binhai.office.do(
        "p20",
        "appoint-deputy",
        {"person": "p03", "principal": "p01", "acts": ["set-range"], "until": "2026-03-13"},
    )
    stranger = await refused(binhai, "p05", "end-deputy", {"person": "p03", "principal": "p01"})
    await binhai.office.do("p01", "end-deputy", {"person": "p03", "principal": "p01"})

    params = {"document": "D3", "members": ["p05"], "on_behalf_of": "p01"}
    assert stranger == {"P-deputy", "P-role"}
    assert await refused(binhai, "p03", "set-range", params) == {"P-deputy"}


# Paper


async def test_a_step_on_paper_waits_to_be_confirmed_by_whoever_it_names(binhai: Wiring) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    await step(binhai, "p05", case, "head")
    signed = {"by": "p01", "proof": "paper", "paper": PAPER}
    clerk = await bad(binhai, "p08", "take-step", of(case, "approve", decision=signed))
    wished = await refused(binhai, "p06", "take-step", of(case, "approve", decision=signed))
    wrong = await refused(binhai, "p04", "take-step", of(case, "approve", decision={**signed, "by": "p06"}))
    entered = await binhai.office.do("p04", "take-step", of(case, "approve", decision=signed))

    waiting = await docket.papers_of("p01")
    foreign = await bad(binhai, "p20", "confirm-decision", {"entry": entered.ref})
    clerks = await refused(binhai, "p04", "confirm-decision", {"entry": entered.ref})
    await binhai.office.do("p01", "confirm-decision", {"entry": entered.ref})
    again = await bad(binhai, "p01", "dispute-decision", {"entry": entered.ref, "words": "不是我签的"})

    assert clerk == [("case", "unknown-id")]
    assert wished == {"P-role"}
    assert wrong >= {"S01-5b", "P-role"}
    assert [(row["id"], row["act"], row["number"]) for row in waiting] == [
        (entered.ref, "take-step", PAPER["number"])
    ]
    assert foreign == [("entry", "unknown-id")]
    assert clerks == {"P-paper"}
    assert again == [("entry", "already-so")]
    assert await docket.papers_of("p01") == []


async def test_a_disputed_decision_opens_an_incident_and_suspends_what_rests_on_it(binhai: Wiring) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    await step(binhai, "p05", case, "head")
    entered = await binhai.office.do(
        "p04", "take-step", of(case, "approve", decision={"by": "p01", "proof": "paper", "paper": PAPER})
    )

    told = await binhai.office.do("p01", "dispute-decision", {"entry": entered.ref, "words": "当日未签过"})
    halted = await refused(binhai, "p20", "take-step", of(case, "approve"))
    incident = told.result["opened"][0]["case"]
    await step(binhai, "p02", incident, "investigate", form={"findings": "代录有误", "answerable": ["p04"]})
    alone = await refused(binhai, "p02", "take-step", of(incident, "conclude", form={"outcome": "unfounded"}))
    bare = await refused(binhai, "p20", "take-step", of(incident, "conclude", form={"outcome": "breach"}))
    await step(
        binhai,
        "p20",
        incident,
        "conclude",
        form={"outcome": "breach", "sanction": "批评教育", "document": "惩字1号"},
    )
    matter = await docket.matter(case)

    assert halted == {"S01-5b", "S01-17a"}
    assert alone == {"S01-18b", "S01-17a", "P-apart"}
    assert bare == {"S01-18b"}
    assert matter is not None
    assert matter.state == "refused"
    assert (await PaperDecision.select(PaperDecision.state))[0]["state"] == "disputed"


async def test_what_a_disputed_paper_gave_ends_at_once(binhai: Wiring) -> None:
    given = await binhai.office.do(
        "p20", "appoint",
        {"person": "p24", "role": "HEAD_OF", "over": "kefu", "decision": {"by": "p01", "proof": "paper", "paper": PAPER}},
    )  # fmt: skip
    held = await standing(binhai, "p24", "HEAD_OF", label=Node.PERSON)

    await binhai.office.do("p01", "dispute-decision", {"entry": given.ref, "words": "未任命过"})

    assert len(held) == 1
    assert await standing(binhai, "p24", "HEAD_OF", label=Node.PERSON) == []


async def test_an_entry_that_moved_a_case_is_not_struck_out(binhai: Wiring) -> None:
    opened = await binhai.office.do("p02", "open-case", {"procedure": "vetting", "subject": "p08"})

    assert await refused(binhai, "p02", "void", {"entry": opened.ref, "reason": "误立"}) == {"S03-6.5"}


async def test_a_rebuilt_catalogue_holds_the_same_cases(binhai: Wiring) -> None:
    case = await open_(binhai, "p06", "designation", "yewu1", people=["p07"])
    await step(binhai, "p05", case, "head", words="属实")
    await binhai.office.do(
        "p04", "take-step", of(case, "approve", decision={"by": "p01", "proof": "paper", "paper": PAPER})
    )
    before = [
        await table.select().order_by(table._meta.primary_key)
        for table in (CaseFile, CaseStep, PaperDecision)
    ]

    await binhai.rebuild()

    after = [
        await table.select().order_by(table._meta.primary_key)
        for table in (CaseFile, CaseStep, PaperDecision)
    ]
    assert after == before
    assert [len(rows) for rows in after] == [2, 2, 1]


async def test_a_procedure_that_is_none_is_told(binhai: Wiring) -> None:
    with pytest.raises(BadField) as refused:
        await binhai.office.do("p02", "open-case", {"procedure": "wedding", "subject": "p08"})

    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("procedure", "unknown-id")
