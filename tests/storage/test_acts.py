"""Every act of the catalogue: what it takes, whose it is, and that a request which will not do writes nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio

from graph.errors import BadField, BadInput, NotAvailable, Refused, ZhixiError
from storage.act import ACTS, decode
from storage.wiring import Wiring
from tests.storage.conftest import Unwritten
from tests.storage.requests import ELSEWHERE, SOUND, Misfit, filled, misfits, prepare

OURS = sorted(name for name, kind in ACTS.items() if kind.params.__module__.startswith("storage.registers."))
ON_PAPER = sorted(name for name in SOUND if ACTS[name].paper and name != "take-step")
"""Steps of a case are their procedure's to judge: `test_cases.py`."""
NOBODY = "p10"
"""Somebody with no role at all."""

PAPER = {"number": "滨密〔2026〕1号", "date": "2026-02-27", "scan": "fl-first"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prepared(shared: Wiring) -> dict[str, str]:
    return await prepare(shared)


def test_every_act_has_a_sound_request_to_be_tried_by() -> None:
    assert set(OURS) == set(SOUND) | ELSEWHERE


@pytest.mark.parametrize("act", OURS)
def test_the_examples_of_an_act_can_be_read(act: str) -> None:
    kind = ACTS[act]

    decoded = [decode(kind, example) for example in kind.examples]

    assert all(isinstance(each, kind.params) for each in decoded)
    assert decoded or not kind.public


@pytest.mark.parametrize("act", OURS)
def test_an_act_says_what_it_is_in_both_languages_and_names_a_rule(act: str) -> None:
    kind = ACTS[act]

    assert kind.zh
    assert kind.en
    assert kind.register
    assert kind.rules


def test_acts_with_a_door_of_their_own_are_not_offered_to_everybody() -> None:
    assert {name for name in OURS if not ACTS[name].public} == {
        "found", "open-reading", "stage-scan", "expire-scan", "note-finding", "close-finding", "reopen-finding",
        "record-backup", "record-restore",
    }  # fmt: skip


@pytest.mark.parametrize("act", sorted(SOUND))
async def test_a_sound_request_would_be_entered_and_judging_it_writes_nothing(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    actor, params = SOUND[act]

    async with unwritten(shared):
        await shared.office.judge(actor, act, filled(params, prepared))


async def test_an_act_that_nobody_knows_is_named(shared: Wiring, unwritten: Unwritten) -> None:
    async with unwritten(shared):
        with pytest.raises(BadField) as refused:
            await shared.office.do("p04", "shred-everything", {})

    assert told(refused.value) == ("act", "unknown-act")


@pytest.mark.parametrize("act", sorted(SOUND))
async def test_a_request_spoilt_in_one_place_is_told_which_place_and_writes_nothing(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    spoilt = list(misfits(act))

    async with unwritten(shared):
        met = {
            each.why: await outcome(shared, SOUND[act].actor, act, filled(each.params, prepared))
            for each in spoilt
        }

    assert {each.why: met[each.why] for each in spoilt if not fits(each, met[each.why])} == {}


def fits(misfit: Misfit, met: object) -> bool:
    """Whether the error names the field (or one inside it) and says what is wrong with it."""
    if not isinstance(met, tuple):
        # an opened document that is not there looks like one that may not be known of
        return (
            met is NotAvailable
            and misfit.act == "open-reading"
            and misfit.code in ("unknown-id", "wrong-kind")
        )
    field, code = met
    inside = field.startswith((f"{misfit.field}.", f"{misfit.field}["))
    return (code == misfit.code and field == misfit.field) or (
        inside and code in (misfit.code, "unknown-field")
    )


# When it happened: judged before any fact is read, so one column is enough


@pytest.mark.only_embedded
@pytest.mark.parametrize(
    ("occurred_at", "code"),
    [
        ("2026-03-02T09:30:00+08:00", "in-the-future"),
        ("2026-03-03", "in-the-future"),
        ("2025-12-31T23:59:59+08:00", "before-opening"),
        ("yesterday", "not-a-date"),
        ("2026-02-30", "not-a-date"),
        ("", "not-a-date"),
        (20260302, "wrong-type"),
    ],
)
@pytest.mark.parametrize("act", sorted(SOUND))
async def test_nothing_happens_in_the_future_or_before_the_opening(
    act: str, occurred_at: object, code: str, shared: Wiring, prepared: Mapping[str, str]
) -> None:
    actor, params = SOUND[act]
    last = await shared.ledger.last()

    met = await outcome(shared, actor, act, {**filled(params, prepared), "occurred_at": occurred_at})

    assert met == ("occurred_at", code)
    assert await shared.ledger.last() == last


@pytest.mark.parametrize(
    "late", [None, *(pytest.param(each, marks=pytest.mark.only_embedded) for each in ("", " \u3000"))]
)
@pytest.mark.parametrize("act", sorted(SOUND))
async def test_what_is_entered_more_than_a_working_day_late_needs_a_reason(
    act: str, late: str | None, shared: Wiring, prepared: Mapping[str, str]
) -> None:
    """P-late."""
    actor, params = SOUND[act]
    last = await shared.ledger.last()

    met = await outcome(
        shared,
        actor,
        act,
        {**filled(params, prepared), "occurred_at": "2026-02-26T10:00:00+08:00", "late": late},
    )

    assert met == ("late", "late-needs-reason")
    assert await shared.ledger.last() == last


# Whose act it is


@pytest.mark.parametrize("act", sorted(name for name in SOUND if ACTS[name].by or ACTS[name].decided_by))
async def test_whoever_lacks_the_role_is_refused_by_its_rules(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    kind = ACTS[act]

    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do(NOBODY, act, filled(SOUND[act].params, prepared))

    assert refused.value.rules == kind.rules
    assert [reason.code for reason in refused.value.reasons] == ["not-your-act"]


@pytest.mark.parametrize("act", sorted(SOUND))
async def test_somebody_who_is_not_in_the_register_does_nothing(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    async with unwritten(shared):
        with pytest.raises((Refused, NotAvailable, BadInput)):  # to them, nothing that they name exists
            await shared.office.do("nobody", act, filled(SOUND[act].params, prepared))


async def test_the_undertaking_of_another_is_entered_by_the_leading_group_or_the_officer_only(
    shared: Wiring, unwritten: Unwritten
) -> None:
    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do("p06", "record-undertaking", SOUND["record-undertaking"].params)

    assert refused.value.rules == ("S01-8a", "P-role")


# Who decided, and by what proof


@pytest.mark.parametrize("act", sorted(SOUND))
async def test_deciding_in_ones_own_session_means_being_the_actor(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    actor, params = SOUND[act]

    async with unwritten(shared):
        met = await outcome(shared, actor, act, {**filled(params, prepared), "decision": {"by": "p24"}})

    assert met == ("decision.by", "own-means-the-actor")


@pytest.mark.parametrize("act", sorted(set(SOUND) - set(ON_PAPER) - {"take-step"}))
async def test_a_decision_on_paper_stands_only_where_the_act_allows_it(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    actor, params = SOUND[act]
    decision = {"by": "p01", "proof": "paper", "paper": PAPER}

    async with unwritten(shared):
        met = await outcome(shared, actor, act, {**filled(params, prepared), "decision": decision})

    assert met == ("decision.proof", "paper-not-allowed")


def paper(**changed: str | None) -> dict[str, Any]:
    told = {name: value for name, value in {**PAPER, **changed}.items() if value is not None}
    return {"by": "p01", "proof": "paper", "paper": told}


@pytest.mark.parametrize(
    ("decision", "field", "code"),
    [
        ({"by": "p01", "proof": "paper"}, "decision.paper", "missing"),
        (paper(number=None), "decision.paper.number", "missing"),
        (paper(date=None), "decision.paper.date", "missing"),
        (paper(scan=None), "decision.paper.scan", "missing"),
        (paper(number=""), "decision.paper.number", "wrong-type"),
        (paper(scan=" "), "decision.paper.scan", "wrong-type"),
        (paper(date=""), "decision.paper.date", "not-a-date"),
        (paper(date="2026-03-03"), "decision.paper.date", "in-the-future"),
        (paper(page="2"), "decision.paper.page", "unknown-field"),
        ({"by": "p01", "proof": "counter"}, "decision.pin", "missing"),
        ({"by": "p01", "proof": "hearsay"}, "decision.proof", "wrong-type"),
        ({"proof": "own"}, "decision.by", "missing"),
        ({"by": "p04", "proof": "own", "paper": PAPER}, "decision.paper", "unknown-field"),
        ("p01", "decision", "wrong-type"),
    ],
)
async def test_a_decision_on_paper_has_its_number_its_date_and_its_scan(
    decision: object, field: str, code: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    request = {"document": "D3", "members": ["p05"], "decision": decision}

    async with unwritten(shared):
        met = await outcome(shared, "p04", "set-range", request)

    assert met == (field, code)


@pytest.mark.parametrize("act", ON_PAPER)
async def test_a_decision_on_paper_is_one_of_those_who_may_decide(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    actor, params = SOUND[act]
    decision = {"by": NOBODY, "proof": "paper", "paper": PAPER}

    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do(actor, act, {**filled(params, prepared), "decision": decision})

    assert refused.value.rules == ACTS[act].rules


@pytest.mark.parametrize("act", ON_PAPER)
async def test_a_decision_on_paper_is_entered_only_by_those_whose_act_it_is(
    act: str, shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    decision = {"by": "p01", "proof": "paper", "paper": PAPER}

    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do(NOBODY, act, {**filled(SOUND[act].params, prepared), "decision": decision})

    assert refused.value.rules == ACTS[act].rules


@pytest.mark.parametrize(
    ("act", "params"),
    [
        ("record-vetting", {"person": "p01"}),
        ("record-clearance", {"person": "p01"}),
        ("appoint", {"person": "p01", "role": "OFFICE_OF", "over": None}),
        ("approve-copy", {"person": "p01"}),
        ("grant-reading", {"person": "p01"}),
        ("record-departure", {"person": "p01"}),
        ("start-cooling-off", {"person": "p01"}),
        ("admit-to-list", {"person": "p01"}),
    ],
)
async def test_nobody_decides_about_oneself(
    act: str, params: dict[str, Any], shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do("p01", act, {**filled(SOUND[act].params, prepared), **params})

    assert refused.value.rules == ("P-self",)


async def test_nobody_decides_about_oneself_on_paper_either(shared: Wiring, unwritten: Unwritten) -> None:
    decision = {"by": "p20", "proof": "paper", "paper": PAPER}
    request = {**SOUND["record-clearance"].params, "person": "p20", "level": "secret", "decision": decision}

    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do("p01", "record-clearance", request)

    assert refused.value.rules == ("P-self",)


async def test_the_manager_who_signs_a_reading_is_the_readers_own(
    shared: Wiring, prepared: Mapping[str, str], unwritten: Unwritten
) -> None:
    request = {"document": "K1", "until": "2026-03-09", "purpose": "合同核对"}
    await shared.office.judge("p05", "grant-reading", {**request, "person": "p06"})

    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do("p05", "grant-reading", {**request, "person": "p11"})

    assert refused.value.rules == ("S17-2.4c",)


# What the request says does not fit what is there

NOT_TODAY: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("p20", "add-person", {"id": "p05"}, "id", "id-taken"),
    ("p20", "add-person", {"staff_number": "1005"}, "staff_number", "number-taken"),
    ("p20", "add-person", {"ordering": 2_000_000}, "ordering", "wrong-type"),
    ("p04", "register-document", {"number": "滨海〔2026〕5号"}, "number", "number-taken"),
    ("p04", "register-document", {"id": "D1"}, "id", "id-taken"),
    ("p04", "register-document", {"level": "cosmic"}, "level", "not-in-list"),
    ("p04", "register-document", {"permanent": True}, "permanent", "years-or-permanent"),
    ("p04", "register-document", {"distribution": ["yewu1", "yewu1"]}, "distribution", "listed-twice"),
    ("p04", "register-document", {"marked_from": "2026-03-03"}, "marked_from", "in-the-future"),
    ("p04", "register-document", {"drafted": "2026-12-01"}, "drafted", "in-the-future"),
    ("p04", "register-document", {"drafted": "2026-13-01"}, "drafted", "wrong-type"),
    ("p04", "register-document", {"quantity": 0}, "quantity", "wrong-type"),
    ("p04", "register-document", {"years": 101}, "years", "wrong-type"),
    ("p01", "set-range", {"members": ["p05", "p05"]}, "members", "listed-twice"),
    ("p01", "narrow-range", {"remove": []}, "remove", "wrong-type"),
    ("p01", "narrow-range", {"remove": ["p05"]}, "remove[0]", "not-so"),
    ("p01", "exclude", {"lift": True}, "lift", "not-so"),
    ("p01", "grant-reading", {"until": "2026-03-01"}, "until", "ends-before-it-begins"),
    ("p01", "grant-reading", {"until": "next week"}, "until", "not-a-date"),
    ("p04", "file-document", {"folder": "V11"}, "folder", "already-so"),
    ("p04", "register-carriers", {"serials": ["001–003"], "ids": ["C91"]}, "ids", "as-many-as-carriers"),
    ("p04", "register-carriers", {"serials": [], "count": None}, "serials", "serials-or-count"),
    ("p04", "register-carriers", {"count": 1}, "serials", "serials-or-count"),
    ("p04", "register-carriers", {"serials": [""]}, "serials[0]", "not-a-serial"),
    ("p04", "register-carriers", {"serials": ["一"]}, "serials[0]", "not-a-serial"),
    ("p04", "register-carriers", {"serials": ["003–001"]}, "serials[0]", "not-between"),
    ("p04", "register-carriers", {"serials": ["01–003"]}, "serials[0]", "not-a-serial"),
    ("p04", "register-carriers", {"serials": ["A1–B3"]}, "serials[0]", "not-a-serial"),
    ("p04", "register-carriers", {"serials": ["0001–9999"]}, "serials[0]", "not-between"),
    ("p04", "register-carriers", {"serials": ["001–003"], "ids": ["C91", "C91", "C92"]}, "ids", "listed-twice"),
    ("p04", "register-carriers", {"serials": ["001–002"], "ids": ["C91", "C5"]}, "ids[1]", "id-taken"),
    ("p03", "keep-carrier", {"carrier": "C5"}, "carrier", "already-lent"),
    ("p03", "lend-carrier", {"carrier": "C5"}, "carrier", "already-lent"),
    ("p03", "lend-carrier", {"due": "2026-03-01"}, "due", "ends-before-it-begins"),
    ("p03", "return-carrier", {"carrier": "C3"}, "carrier", "not-so"),
    ("p01", "approve-copy", {"authority": "originator"}, "letter", "missing"),
    ("p01", "approve-copy", {"copies": 0}, "copies", "wrong-type"),
    ("p02", "admit-to-list", {"person": "p04"}, "person", "already-so"),
    ("p02", "strike-from-list", {"person": "p05"}, "place", "not-so"),
    ("p02", "enrol-device", {"id": "T210"}, "id", "id-taken"),
    ("p02", "accredit", {"level": "cosmic"}, "level", "not-in-list"),
    ("p02", "add-place", {"accredited_for": "cosmic"}, "accredited_for", "not-in-list"),
    ("p20", "designate-key-unit", {"unit": "R301"}, "unit", "already-so"),
    ("p20", "designate-key-unit", {"entry_list": ["p05", "p05"]}, "entry_list", "listed-twice"),
    ("p20", "change-key-unit", {"control_area": True}, "control_area", "already-so"),
    ("p20", "change-key-unit", {"unit": "R210"}, "unit", "not-so"),
    ("p20", "add-post", {"level": "cosmic"}, "level", "not-in-list"),
    ("p20", "join", {"person": "p05"}, "department", "already-so"),
    ("p20", "join", {"standing": "guest"}, "standing", "wrong-type"),
    ("p20", "leave-department", {"department": "kefu"}, "department", "not-so"),
    ("p20", "start-post", {"person": "p05", "post": "post-head1"}, "post", "already-so"),
    ("p20", "leave-post", {"post": "post-staff1"}, "post", "not-so"),
    ("p01", "appoint", {"role": "KING_OF"}, "role", "not-in-list"),
    ("p01", "appoint", {"over": None}, "over", "missing"),
    ("p01", "appoint", {"over": "R301"}, "over", "wrong-kind"),
    ("p01", "appoint", {"person": "p05", "over": "yewu1"}, "role", "already-so"),
    ("p01", "appoint", {"seat": "chair"}, "seat", "unknown-field"),
    ("p01", "appoint", {"seat": "throne"}, "seat", "wrong-type"),
    ("p01", "relieve", {"role": "KING_OF"}, "role", "not-in-list"),
    ("p01", "relieve", {"person": "p24"}, "over", "not-so"),
    ("p01", "record-clearance", {"level": "internal"}, "level", "not-in-list"),
    ("p01", "record-clearance", {"person": "p06"}, "person", "already-so"),
    ("p01", "record-clearance", {"dated": "2026-01-02"}, "dated", "after-opening"),
    ("p07", "record-undertaking", {"undertaking": "handshake"}, "undertaking", "not-in-list"),
    ("p07", "record-undertaking", {"countersigned_by": "p07"}, "countersigned_by", "two-different-signatories"),
    ("p02", "record-training", {"people": ["p08", "p08"]}, "people", "listed-twice"),
    ("p02", "record-training", {"people": []}, "people", "wrong-type"),
    ("p02", "start-cooling-off", {"level": "internal"}, "level", "not-in-list"),
    ("p02", "start-cooling-off", {"start": "soon"}, "start", "not-a-date"),
    ("p02", "start-cooling-off", {"start": "2026-03-03"}, "start", "in-the-future"),
    ("p02", "start-cooling-off", {"person": "p08"}, "level", "missing"),
    ("p20", "leave-post", {"handover": "HA1"}, "handover", "not-so"),
    ("p04", "correct", {"entry": "e-nowhere"}, "entry", "unknown-id"),
    ("p04", "correct", {"old": "八号通知"}, "old", "not-what-it-says"),
    ("p04", "correct", {"new": 9}, "new", "wrong-type"),
    ("p04", "correct", {"new": " "}, "new", "wrong-type"),
    ("p04", "correct", {"field": "number", "old": "", "new": "滨海〔2026〕5号"}, "new", "number-taken"),
    ("p04", "void", {"entry": "e-nowhere"}, "entry", "unknown-id"),
    ("p04", "accept-scan", {"file": "fl-nowhere"}, "file", "unknown-id"),
]  # fmt: skip


@pytest.mark.parametrize(("actor", "act", "changed", "field", "code"), NOT_TODAY)
async def test_a_request_that_does_not_fit_what_is_there_is_told_which_field(
    actor: str, act: str, changed: dict[str, Any], field: str, code: str, shared: Wiring,
    prepared: Mapping[str, str], unwritten: Unwritten,
) -> None:  # fmt: skip
    request = filled({**SOUND[act].params, **changed}, prepared)

    async with unwritten(shared):
        met = await outcome(shared, actor, act, request)

    assert met == (field, code)


LAW: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("p04", "register-document", {"level": None}, {"S03-2.1a"}),
    ("p04", "register-document", {"years": None}, {"S03-2.1b"}),
    ("p04", "register-document", {"distribution": []}, {"S03-2.1c"}),
    ("p04", "register-document", {"level": None, "years": None, "distribution": []}, {"S03-2.1a", "S03-2.1b", "S03-2.1c"}),
    ("p04", "register-carriers", {"serials": ["001", "002", "002"]}, {"S03-2.1e"}),
    ("p04", "register-carriers", {"serials": [], "count": 1}, {"S03-2.1e"}),
    ("p04", "register-carriers", {"serials": ["001–004"]}, {"S03-2.1d"}),
    ("p04", "register-carriers", {"document": "D2", "serials": ["000012"]}, {"S03-2.1d", "S03-2.1e"}),
    ("p04", "register-carriers", {"serials": ["１–２", "2"]}, {"S03-2.1e"}),
    ("p04", "register-carriers", {"kept_in": "R210"}, {"S03-5.1a"}),
    ("p04", "register-carriers", {"held_by": "p04"}, {"S03-6.5"}),
    ("p03", "keep-carrier", {"carrier": "C1", "kept_in": "R301"}, {"S03-5.1b"}),
    ("p03", "keep-carrier", {"carrier": "C1", "kept_in": "R210"}, {"S03-5.1a", "S03-5.1b"}),
    ("p03", "lend-carrier", {"to": "p06"}, {"S01-3c", "S02-4.5"}),
    ("p03", "lend-carrier", {"to": "p07"}, {"S01-8a"}),
    ("p03", "lend-carrier", {"to": "p08"}, {"S01-3c", "S02-4.5", "S01-7a", "S03-4.1b"}),
    ("p03", "lend-carrier", {"carrier": "C1", "to": "p20"}, {"S03-4.1b", "S03-4.1c"}),
    ("p01", "set-range", {"document": "D2", "members": ["p06"]}, {"S02-4.5"}),
    ("p01", "set-range", {"document": "D1", "members": ["p02"]}, {"S03-4.1b", "S03-2.1c", "S02-4.5"}),
    ("p01", "set-range", {"document": "D1", "members": ["jiyao"]}, {"S03-4.1c", "S03-4.1b", "S03-2.1c"}),
    ("p01", "set-range", {"document": "D9", "members": ["p23"]}, {"S03-4.1b", "S03-2.1c"}),
    ("p01", "grant-reading", {"document": "D2"}, {"S03-4.1b"}),
    ("p01", "approve-copy", {"carrier": "C1"}, {"S03-4.5.1"}),
    ("p04", "register-copy", {"carrier": "C3"}, {"S03-4.5.2", "S03-4.5.4a"}),
    ("p23", "register-copy", {}, {"S03-4.5.2", "S03-4.5.4a"}),
    ("p04", "register-copy", {"serial": "000012"}, {"S03-2.1e", "S03-4.5.4c"}),
    ("p04", "register-copy", {"kept_in": "R210"}, {"S03-5.1a"}),
    ("p04", "stage-scan", {"carrier": "C3"}, {"S03-4.5.2"}),
    ("p01", "record-vetting", {"heads": {"politics": "好"}}, {"S01-7c"}),
    ("p20", "designate-key-unit", {"principal": None}, {"S02-3a"}),
    ("p20", "designate-key-unit", {"control_area": False}, {"S02-3a"}),
    ("p20", "designate-key-unit", {"entry_list": []}, {"S02-3a"}),
    ("p02", "admit-to-list", {"pair": "p05", "monitored": True}, {"S02-14.3"}),
    ("p02", "admit-to-list", {"pair": "p15"}, {"S02-14.4"}),
    ("p20", "leave-post", {"person": "p06", "post": "post-staff1", "handover": None}, {"S01-11a", "S02-10a", "S01-11b", "S03-5.4a"}),
    ("p20", "leave-post", {"person": "p03", "post": "post-custodian", "handover": None}, {"S01-11a", "S02-10a", "S01-11b", "S03-5.4a"}),
    ("p20", "leave-post", {"handover": None}, {"S03-5.4b"}),
    ("p02", "start-cooling-off", {"level": "confidential"}, {"S01-11e", "S02-10d"}),
    ("p02", "start-cooling-off", {"start": "2025-12-31"}, {"S01-11a", "S01-11b"}),
    ("p02", "start-cooling-off", {"person": "p05"}, {"S01-11a"}),
    ("p04", "correct", {"field": "level", "old": "secret", "new": "confidential"}, {"S03-6.5"}),
    ("p04", "correct", {"field": "years", "old": 20, "new": 10}, {"S03-6.5"}),
    ("p04", "correct", {"field": "distribution", "old": ["yewu1"], "new": ["binhai"]}, {"S03-6.5"}),
]  # fmt: skip


@pytest.mark.parametrize(("actor", "act", "changed", "rules"), LAW)
async def test_what_the_law_forbids_is_refused_by_its_rules(
    actor: str, act: str, changed: dict[str, Any], rules: set[str], shared: Wiring, prepared: Mapping[str, str],
    unwritten: Unwritten,
) -> None:  # fmt: skip
    request = filled({**SOUND[act].params, **changed}, prepared)

    async with unwritten(shared):
        with pytest.raises(Refused) as refused:
            await shared.office.do(actor, act, request)

    assert set(refused.value.rules) == rules


async def outcome(wiring: Wiring, actor: str, act: str, request: Mapping[str, Any]) -> object:
    """(field, code) of bad input, the class of any other error of ours, or "entered"."""
    try:
        await wiring.office.do(actor, act, request)
    except BadInput as bad:
        return told(bad)
    except ZhixiError as error:
        return type(error)
    return "entered"


def told(error: BadInput) -> tuple[str, str]:
    (only,) = error.errors
    return only.field, only.code
