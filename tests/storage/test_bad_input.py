"""What bad input gets: each kind of it is refused with every rule id that applies, and nothing at all is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from graph.times import parse
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.storage.carriage import CARRIAGE
from tests.storage.refusals import bad, refused
from tests.storage.requests import filled, prepare


class Attempt(NamedTuple):
    """Somebody's attempt, and the rules that stand against it."""

    actor: str
    act: str
    params: dict[str, Any]
    rules: set[str]


def step(actor: str, case: str, id_: str, rules: set[str], **more: Any) -> Attempt:
    return Attempt(actor, "take-step", {"case": case, "step": id_, **more}, rules)


ONCE = (
    "open-envelope", "sign-receipt", "answer-wish", "approve-destruction", "destroy-carriers", "confirm-dispatch",
    "bring-back", "device-back", "close-inventory", "approve-seal", "review-seal", "use-seal", "hand-to-reader",
    "take-from-reader", "declare-no-notes", "hold-meeting", "sign-handover",
)  # fmt: skip
"""Steps of errands that are taken once: each is taken, and tried again."""
OUT_OF_ORDER = {
    "a case approved before its Head": step("p01", "$list", "approve", {"S01-5b", "S01-17a"}),
    "a case closed before its handover": step(
        "p20", "$leave", "close", {"S01-11b", "S03-5.4a", "S03-5.4b", "S01-8a"}
    ),
    "a receipt distributed sealed": Attempt("p04", "distribute-receipt", {"receipt": "R5", "to": ["yewu1"]}, {"S07-3f", "S16-3"}),
    "a receipt signed for unopened": Attempt("p03", "sign-receipt", {"receipt": "R5"}, {"S03-3.1", "S03-6.5"}),
    "carriers counted before the approval": Attempt("p03", "count-destruction", {"destruction": "DE5", "carriers": ["T1"]}, {"S03-6.1a"}),
    "carriers destroyed before the count": Attempt(
        "p03", "destroy-carriers", {**CARRIAGE["destroy-carriers"][1], "destruction": "DE5"}, {"S03-6.1a", "S03-6.1b"}
    ),
    "a seal used before its review": Attempt("p21", "use-seal", {"use": "U5"}, {"S18-5.4.1a"}),
    "a copy released without its seal": Attempt("p04", "release-copy", {"of": "T13", "serial": "复-501"}, {"S03-4.5.4b"}),
    "a no-notes meeting without its declaration": Attempt("p04", "hold-meeting", {"meeting": "ME5", "present": ["p05"]}, {"S03-4.4"}),
    "an inventory closed before its report": Attempt("p03", "close-inventory", {"inventory": "IV5"}, {"S03-5.3b"}),
}  # fmt: skip
WRONG_ROLE = {
    "a case's step": step("p02", "$list", "head", {"S01-5b", "P-role"}),
    "a count": Attempt(
        "p04", "count-destruction", {"destruction": "DE5", "carriers": ["T1"]}, {"S03-6.5", "S03-6.1b"}
    ),
    "an approval": Attempt("p03", "approve-destruction", {"destruction": "DE5"}, {"S03-6.1a"}),
    "a seal's review": Attempt("p22", "review-seal", {"use": "U5"}, {"S18-5.4.1a", "P-role"}),
    "a handover's signature": Attempt("p01", "sign-handover", {"handover": "HA5"}, {"S03-5.4b", "P-role"}),
}
APART = {
    "the Head on the own level": step("p05", "$list", "head", {"S01-5b", "P-self"}),
    "the Office on its own journey": step("p20", "$own", "approve", {"S02-9a", "P-self", "P-apart"}),
    "the drafter as Head": step("p06", "$list", "head", {"S01-5b", "P-role", "P-apart"}),
    "the applicant as the seal's keeper": Attempt("p21", "review-seal", {"use": "$use"}, {"S18-5.4.1a"}),
    "the custodian as a witness": Attempt(
        "p03", "destroy-carriers", {**CARRIAGE["destroy-carriers"][1], "destruction": "DE6", "witnesses": ["p03", "p04"]}, {"S03-6.2d"}
    ),
    "the own vetting": Attempt(
        "p01", "record-vetting",
        {"person": "p01", "conclusion": "passed", "record": "审字第1号", "heads": dict.fromkeys(("politics", "work", "study", "compliance"), "好")},
        {"P-self"},
    ),
}  # fmt: skip
NUMBERS = {
    "a witness entered twice": Attempt(
        "p03", "destroy-carriers", {**CARRIAGE["destroy-carriers"][1], "destruction": "DE6", "witnesses": ["p04", "p04"]}, {"S03-6.2d"}
    ),
    "a cooling-off period shortened": Attempt(
        "p01", "extend-cooling-off", {"person": "p14", "until": "2026-12-01", "reason": "误算"}, {"S01-11g"}
    ),
    "a figure below its floor": Attempt("p01", "configure", {"parameter": "cooling-off-ordinary", "value": 5}, {"S02-10e"}),
    "more carriers than the registered quantity": Attempt(
        "p04", "register-carriers", {"document": "D9", "serials": ["001–004"], "kept_in": "B1"}, {"S03-2.1d"}
    ),
}  # fmt: skip
TRIP = {"destination": "新加坡", "leaving": "2026-03-04", "returning": "2026-03-15"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def begun(shared: Wiring) -> dict[str, str]:
    """Every errand that a step can be out of order in; and the steps of `ONCE`, taken."""
    do = shared.office.do
    prepared = await prepare(shared)
    leaving = {"taker": "p03", "supervisor": "p05"}
    for name, actor, procedure, subject, form in (
        ("$list", "p06", "designation", "yewu1", {"people": ["p07", "p05"]}),
        ("$own", "p20", "travel", "p20", TRIP),
        ("$leave", "p20", "leaving", "p06", leaving),
    ):
        sent = {"procedure": procedure, "subject": subject, "form": form}
        prepared[name] = (await do(actor, "open-case", sent)).result["case"]
    envelope = {**CARRIAGE["receive-envelope"][1], "number": "机字099", "id": "R5"}
    await do("p04", "receive-envelope", envelope)
    await do("p03", "request-destruction", {"id": "DE5", "carriers": ["T1"], "reason": "过期"})
    await do("p03", "request-destruction", {"id": "DE6", "carriers": ["T16"], "reason": "过期"})
    await do("p01", "approve-destruction", {"destruction": "DE6"})
    await do("p03", "count-destruction", {"destruction": "DE6", "carriers": ["T16"]})
    await do("p04", "apply-seal", {"id": "U5", "seal": "SEAL1", "carrier": "T13", "purpose": "盖章"})
    await do("p01", "approve-seal", {"use": "U5"})
    applied = await do("p21", "apply-seal", {"seal": "SEAL1", "carrier": "C2", "purpose": "盖章"})
    prepared["$use"] = applied.result["use"]
    await do("p01", "approve-seal", {"use": prepared["$use"]})
    await do("p01", "approve-copy", {"carrier": "T13", "mode": "copy", "person": "p04"})
    await do("p04", "register-copy", {"carrier": "T13", "serial": "复-501", "kept_in": "B1"})
    meeting = {"title": "传达", "documents": ["DT"], "place": "R210", "relayer": "p01", "attendees": ["p05"]}
    await do("p04", "plan-meeting", {"id": "ME5", "no_notes": True, **meeting})
    await do("p03", "start-inventory", {"id": "IV5", "year": 2026, "documents": ["DX", "D2"]})
    await do("p02", "prepare-handover", {"id": "HA5", "giver": "p04", "taker": "p23", "overseer": "p02"})
    for act in ONCE:
        actor, params = CARRIAGE[act]
        await do(actor, act, filled(params, prepared))
    return prepared


async def tried(wiring: Wiring, attempt: Attempt, begun: Mapping[str, str]) -> None:
    assert await refused(wiring, attempt.actor, attempt.act, filled(attempt.params, begun)) == attempt.rules


@pytest.mark.parametrize("case", OUT_OF_ORDER)
async def test_a_step_out_of_order_is_refused(case: str, shared: Wiring, begun: Mapping[str, str]) -> None:
    await tried(shared, OUT_OF_ORDER[case], begun)


@pytest.mark.parametrize("case", WRONG_ROLE)
async def test_a_step_by_the_wrong_role_is_refused(
    case: str, shared: Wiring, begun: Mapping[str, str]
) -> None:
    await tried(shared, WRONG_ROLE[case], begun)


@pytest.mark.parametrize("act", ONCE)
async def test_a_step_taken_twice_is_refused(act: str, shared: Wiring, begun: Mapping[str, str]) -> None:
    actor, params = CARRIAGE[act]

    assert await refused(shared, actor, act, filled(params, begun)) == TWICE[act]


@pytest.mark.parametrize("case", APART)
async def test_on_behalf_of_oneself_where_duties_are_separate_is_refused(
    case: str, shared: Wiring, begun: Mapping[str, str]
) -> None:
    await tried(shared, APART[case], begun)


@pytest.mark.parametrize("case", NUMBERS)
async def test_what_does_not_add_up_is_refused(case: str, shared: Wiring, begun: Mapping[str, str]) -> None:
    await tried(shared, NUMBERS[case], begun)


async def test_a_date_in_the_future_or_before_the_opening_is_named(
    shared: Wiring, begun: Mapping[str, str]
) -> None:
    for act, (actor, params) in CARRIAGE.items():
        sent = filled(params, begun)
        for day, code in (("2099-01-01", "in-the-future"), ("2025-12-31", "before-opening")):
            met = await bad(shared, actor, act, {**sent, "occurred_at": day, "late": "补登"})
            assert met == [("occurred_at", code)], act


@pytest.mark.usefixtures("begun")
async def test_a_step_dated_before_the_one_it_follows_is_named(shared: Wiring) -> None:
    await shared.office.do("p03", "request-destruction", {"id": "DE7", "carriers": ["T17"], "reason": "过期"})

    early = {"destruction": "DE7", "occurred_at": "2026-03-01T12:00:00+08:00", "late": "补登"}

    assert await bad(shared, "p01", "approve-destruction", early) == [("occurred_at", "dates-backwards")]


async def test_a_calendar_with_overlapping_days_is_named(shared: Wiring) -> None:
    days = {"year": 2027, "holidays": ["2027-02-06"], "workdays": ["2027-02-06"]}

    assert await bad(shared, "p20", "enter-calendar", days) == [("calendar", "days-overlap")]


@pytest.mark.usefixtures("begun")
async def test_a_step_after_its_term_is_refused(shared: Wiring) -> None:
    """S02-9a: leave to travel is given before the day of leaving is over; what was given in time may be entered late."""
    do, clock = shared.office.do, shared.now
    assert isinstance(clock, SetClock)
    cases = {}
    for person in ("p23", "p06"):
        form = {"procedure": "travel", "subject": person, "form": TRIP}
        cases[person] = (await do(person, "open-case", form)).result["case"]
    await do("p01", "take-step", {"case": cases["p23"], "step": "opinion", "words": "同意"})
    approval = {"case": cases["p23"], "step": "approve", "verdict": "approve"}
    clock.put(parse("2026-03-04T23:59:00+08:00", field="clock"))
    await shared.office.judge("p20", "take-step", approval)

    clock.put(parse("2026-03-05T00:00:00+08:00", field="clock"))

    for case in cases.values():
        await tried(shared, step("p20", case, "approve", {"S02-9a"}, verdict="approve"), {})
    in_time = {"occurred_at": "2026-03-04T18:00:00+08:00", "late": "当日已同意，次日补登"}
    await do("p20", "take-step", {**approval, **in_time})


TWICE: dict[str, set[str]] = {
    "open-envelope": {"S03-3.1"},
    "sign-receipt": {"S03-3.1", "S03-6.5"},
    "answer-wish": {"S03-4.1a"},
    "approve-destruction": {"S03-6.1a"},
    "destroy-carriers": {"S03-6.1a", "S03-6.5"},
    "confirm-dispatch": {"S03-3.1", "S03-6.5"},
    "bring-back": {"S03-4.8.1", "S03-6.5"},
    "device-back": {"S03-4.9c", "S03-6.5"},
    "close-inventory": {"S03-5.3b", "S03-6.5"},
    "approve-seal": {"S18-5.4.1a"},
    "review-seal": {"S18-5.4.1a"},
    "use-seal": {"S18-5.4.1a"},
    "hand-to-reader": {"S03-4.3a", "S03-6.5"},
    "take-from-reader": {"S03-4.3a", "S03-6.5"},
    "declare-no-notes": {"S03-4.4"},
    "hold-meeting": {"S03-4.1d"},
    "sign-handover": {"S03-5.4b"},
}
