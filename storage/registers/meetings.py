"""Relay at a meeting 传达: who attends is checked beforehand; who was present has heard it (S03-4.1d, 4.4, C16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from graph.errors import BadField, NotAvailable
from graph.kinds import Node
from graph.law.contact import no_record, not_planned, said_beforehand
from graph.law.gate import place_complies
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.verdict import Reason
from graph.times import parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import breaches, errands
from storage.registers.carriers import KEEPERS
from storage.registers.custody import known, once, people

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
MEETING = "meeting"


class PlanMeeting(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is relayed, where and to whom. `no_notes`: notes and recordings are not allowed."""

    title: Words
    documents: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    place: Id
    relayer: Id
    attendees: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]
    no_notes: bool = False
    id: Id | None = None


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    documents: list[str]
    place: str
    relayer: str
    attendees: list[str]
    no_notes: bool = False
    declared: bool = False
    present: list[str] = []
    records: list[str] = []


@act("plan-meeting", PlanMeeting, register="meetings", zh="安排传达", en="Plan a meeting that relays", by=KEEPERS,
     rules=("S03-4.1a", "P-role"), project=errands.project,
     examples=({"title": "传达乙号通报", "documents": ["D2"], "place": "R210", "relayer": "p01", "attendees": ["p05"]},))  # fmt: skip
async def plan_meeting(params: PlanMeeting, bench: Bench) -> Draft:
    """Each attendee may know each document, and the room complies (S03-4.2a)."""
    place, relayer, everyone = await _gathered(params, bench, params.attendees, "attendees")
    bench.refuse(await _amiss(bench, place, everyone, params.documents))
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Meeting(
        title=params.title, documents=list(params.documents), place=place[0], relayer=relayer[0],
        attendees=list(params.attendees), no_notes=params.no_notes,
    )  # fmt: skip
    errands.opened(draft, id_, MEETING, "planned", content, subject=params.documents[0])
    draft.rules += ["S03-4.1a", "S03-4.2a"]
    draft.result["meeting"] = id_
    return draft


async def _gathered(
    params: PlanMeeting | ReportRelay, bench: Bench, listed: Sequence[str], field: str
) -> tuple[tuple[str, str], tuple[str, str], tuple[str, ...]]:
    """The room, who relays, and everyone who hears it, each once. Raises BadField on what is named wrongly."""
    for n, each in enumerate(params.documents):
        await bench.subject(each, Node.DOCUMENT, field=f"documents[{n}]")
    place = await bench.subject(params.place, Node.PLACE, field="place")
    relayer = await bench.subject(params.relayer, Node.PERSON, field="relayer")
    await people(bench, listed, field)
    if len(set(listed)) != len(listed):
        raise BadField(field, "listed-twice")
    return place, relayer, tuple(dict.fromkeys((relayer[0], *listed)))


async def _amiss(
    bench: Bench, place: tuple[str, str], everyone: Sequence[str], documents: Sequence[str]
) -> tuple[Reason, ...]:
    """What speaks against the room, and against each who hears it."""
    return (*await _room(bench, place, documents), *await _unfit(bench, everyone, documents))


async def _room(bench: Bench, place: tuple[str, str], documents: Sequence[str]) -> tuple[Reason, ...]:
    world = await bench.facts.around({place[0]: place[1], **dict.fromkeys(documents, Node.DOCUMENT.value)})
    levels = [demand(world, each, bench.occurred).level for each in documents]
    secret = [level for level in levels if level is not None and level.scheme == "state"]
    top = max(secret, key=lambda level: level.rank, default=None)
    return () if top is None else place_complies(world, place[0], top, bench.occurred)


async def _unfit(bench: Bench, everyone: Sequence[str], documents: Sequence[str]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for document in documents:
        world = await bench.facts.pairs(everyone, document)
        for person in everyone:
            found += judge(
                card(world, person, bench.occurred), demand(world, document, bench.occurred)
            ).reasons
    return once(found)


class DeclareNoNotes(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whoever relays has said beforehand that nothing may be written down or recorded."""

    meeting: Id


@act("declare-no-notes", DeclareNoNotes, register="meetings", zh="宣布不得记录", en="Declare that no notes are taken",
     rules=("S03-4.4",), project=errands.project, examples=({"meeting": "case-23456789abcdef"},))  # fmt: skip
async def declare_no_notes(params: DeclareNoNotes, bench: Bench) -> Draft:
    """By the relaying person in their own session, or entered by a keeper who was told."""
    if not await bench.standing((bench.actor, Node.PERSON.value), "MEMBER_OF", "HOLDS_POST", *KEEPERS):
        raise NotAvailable
    found = await errands.errand(
        bench, params.meeting, MEETING, Meeting, field="meeting", states=("planned",)
    )
    if bench.actor != found.content.relayer:
        await bench.require(bench.actor, KEEPERS, ("S03-4.4",))
    if found.content.declared:
        errands.out_of_order(bench, found.id, "declared", field="meeting")
    if not found.content.no_notes:
        raise BadField("meeting", "not-so", value=found.id)
    draft = Draft(found.id, bench.occurred)
    errands.moved(draft, found, "planned", msgspec.structs.replace(found.content, declared=True))
    draft.rules.append("S03-4.4")
    return draft


class HoldMeeting(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It was held: who was there. Others than those checked beforehand are judged now."""

    meeting: Id
    present: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]


@act("hold-meeting", HoldMeeting, register="meetings", zh="登记传达", en="Enter a meeting that was held", by=KEEPERS,
     rules=("S03-4.1d", "P-role"), project=errands.project,
     examples=({"meeting": "case-23456789abcdef", "present": ["p05"]},))  # fmt: skip
async def hold_meeting(params: HoldMeeting, bench: Bench) -> Draft:
    """Each present is recorded as having heard it (S03-4.1d)."""
    found = await _held(params, bench)
    meeting = found.content
    bench.refuse(
        (
            *said_beforehand(meeting.no_notes, meeting.declared),
            *await _room(bench, (meeting.place, Node.PLACE.value), meeting.documents),
            *await _unfit(bench, _everyone(meeting, params), meeting.documents),
        )
    )
    return _heard(params, bench, found)


class ReportMeeting(HoldMeeting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It was held against the rules: people were present who may not know it, or nobody forbade notes."""

    account: Words


@act("report-meeting", ReportMeeting, register="meetings", zh="登记违规传达", en="Report a meeting held against the rules", by=KEEPERS,
     rules=("S03-4.1d", "P-role"), project=errands.project,
     examples=({"meeting": "case-23456789abcdef", "present": ["p06"], "account": "门外旁听"},))  # fmt: skip
async def report_meeting(params: ReportMeeting, bench: Bench) -> Draft:
    found = await _held(params, bench)
    meeting = found.content
    reasons = (
        *said_beforehand(meeting.no_notes, meeting.declared),
        *await _room(bench, (meeting.place, Node.PLACE.value), meeting.documents),
        *await _unfit(bench, _everyone(meeting, params), meeting.documents),
    )
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = _heard(params, bench, found)
    await breaches.break_out(draft, bench, reasons, params.account, meeting.documents, cause="report-meeting")
    return draft


class ReportRelay(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something was relayed that no meeting had been planned for: where, by whom and who was there."""

    title: Words
    documents: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    place: Id
    relayer: Id
    present: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]
    account: Words
    id: Id | None = None


@act("report-relay", ReportRelay, register="meetings", zh="登记擅自传达", en="Report something relayed without a meeting", by=KEEPERS,
     rules=("S03-4.1d", "P-role"), project=errands.project,
     examples=({"title": "走廊口头传达", "documents": ["D2"], "place": "lou", "relayer": "p05", "present": ["p06"], "account": "听者自述"},))  # fmt: skip
async def report_relay(params: ReportRelay, bench: Bench) -> Draft:
    """Nobody was checked beforehand: whoever heard it is written down, with the room and every right that was missing."""
    place, relayer, everyone = await _gathered(params, bench, params.present, "present")
    reasons = (*not_planned(), *await _amiss(bench, place, everyone, params.documents))
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Meeting(
        title=params.title, documents=list(params.documents), place=place[0], relayer=relayer[0], attendees=[],
        present=list(params.present),
    )  # fmt: skip
    errands.opened(draft, id_, MEETING, "held", content, subject=params.documents[0])
    for document in params.documents:
        for person in everyone:
            known(draft, document, person, "heard")
    draft.result |= {"meeting": id_, "heard": list(params.present)}
    await breaches.break_out(draft, bench, reasons, params.account, params.documents, cause="report-relay")
    return draft


async def _held(params: HoldMeeting, bench: Bench) -> errands.Found[Meeting]:
    found = await errands.errand(
        bench, params.meeting, MEETING, Meeting, field="meeting", states=("planned",)
    )
    await people(bench, params.present, "present")
    if len(set(params.present)) != len(params.present):
        raise BadField("present", "listed-twice")
    return found


def _everyone(meeting: Meeting, params: HoldMeeting) -> tuple[str, ...]:
    """Who was there: whoever relayed it as much as those it was relayed to."""
    return tuple(dict.fromkeys((meeting.relayer, *params.present)))


def _heard(params: HoldMeeting, bench: Bench, found: errands.Found[Meeting]) -> Draft:
    draft = Draft(found.id, bench.occurred)
    for document in found.content.documents:
        for person in _everyone(found.content, params):
            known(draft, document, person, "heard")
    errands.moved(draft, found, "held", msgspec.structs.replace(found.content, present=list(params.present)))
    draft.result |= {"meeting": found.id, "heard": list(params.present)}
    return draft


class AddMeetingRecord(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was written or recorded at a meeting: the attendance list, minutes, a recording."""

    meeting: Id
    kind: Literal["attendance", "minutes", "recording"]
    reference: Words
    date: str | None = None


@act("add-meeting-record", AddMeetingRecord, register="meetings", zh="登记会议材料", en="Add a record of a meeting", by=KEEPERS,
     rules=("S03-4.4", "P-role"), project=errands.project,
     examples=({"meeting": "case-23456789abcdef", "kind": "attendance", "reference": "签到表1号"},))  # fmt: skip
async def add_meeting_record(params: AddMeetingRecord, bench: Bench) -> Draft:
    """No-notes wins over every duty to keep minutes [C16]."""
    found = await errands.errand(bench, params.meeting, MEETING, Meeting, field="meeting")
    if params.date is not None and parse(params.date, field="date") > bench.now:
        raise BadField("date", "in-the-future")
    bench.refuse(no_record(found.content.no_notes, params.kind))
    draft = Draft(found.id, bench.occurred)
    records = [*found.content.records, f"{params.kind}: {params.reference}"]
    errands.moved(draft, found, found.state, msgspec.structs.replace(found.content, records=records))
    draft.rules.append("S03-4.4")
    return draft
