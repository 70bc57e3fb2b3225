"""Findings: noted by the clock's rounds, taken in hand, accepted for a time with a ground, and gone when they hold no more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField, Refused
from graph.kinds import RELATIONS, Node
from graph.law import gate
from graph.law.findings import ALSO, PERSON
from graph.law.verdict import Reason
from graph.times import parse
from storage.act import Act, Bench, Change, Draft, Patch, Put, act, opaque
from storage.entry import Body
from storage.registers.founding import SYSTEM
from storage.tables.catalogue import FindingRow

Reference = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=400)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
ACCEPTERS = ("LEADING_GROUP_OF", "LEADER_OF")
LONGEST_DAYS = 366
KEPT = ("key", "code", "subject", "person", "unit", "whose", "over", "due")


class NoteFinding(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a round found: `key` tells the same finding again; `whose` is the role whose duty it is, or PERSON."""

    key: Text
    code: Text
    rules: tuple[str, ...]
    subject: Reference
    whose: Text
    person: Text = ""
    unit: Text = ""
    over: Text = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    due: Annotated[int, Meta(ge=0)] | None = None


def project_note(params: NoteFinding, body: Body) -> Iterable[Change]:
    at = parse(body.recorded_at, field="recorded_at")
    kept = {name: getattr(params, name) for name in KEPT}
    yield Put(
        FindingRow,
        {
            **kept,
            "id": body.result["finding"],
            "rules": ",".join(params.rules),
            "content": msgspec.json.encode(params.values, order="sorted").decode(),
            "state": "new",
            "ground": "",
            "until": None,
            "by": "",
            "noted_at": at,
            "changed_at": at,
        },
    )


@act("note-finding", NoteFinding, register="findings", zh="记录发现", en="Note a finding", project=project_note, public=False)  # fmt: skip
async def note_finding(params: NoteFinding, bench: Bench) -> Draft:
    by_the_clock(bench)
    if await FindingRow.exists().where((FindingRow.key == params.key) & (FindingRow.state != "gone")):
        raise BadField("key", "id-taken", value=params.key)
    draft = Draft(params.subject, bench.occurred)
    draft.rules += params.rules
    draft.result = {"finding": opaque("fd")}
    return draft


class CloseFinding(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It holds no more."""

    finding: Reference


def project_gone(params: CloseFinding, body: Body) -> Iterable[Change]:
    yield _changed(params.finding, body, state="gone", until=None)


@act("close-finding", CloseFinding, register="findings", zh="发现消除", en="A finding is gone", project=project_gone, public=False)  # fmt: skip
async def close_finding(params: CloseFinding, bench: Bench) -> Draft:
    by_the_clock(bench)
    return await _standing(params.finding, bench)


class ReopenFinding(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day is over until which it was accepted, and it still holds."""

    finding: Reference


def project_reopened(params: ReopenFinding, body: Body) -> Iterable[Change]:
    yield _changed(params.finding, body, state="new", until=None, ground="")


@act("reopen-finding", ReopenFinding, register="findings", zh="发现重现", en="A finding comes back", project=project_reopened, public=False)  # fmt: skip
async def reopen_finding(params: ReopenFinding, bench: Bench) -> Draft:
    by_the_clock(bench)
    return await _standing(params.finding, bench)


class TakeFinding(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """处理中: somebody sees to it."""

    finding: Reference


def project_taken(params: TakeFinding, body: Body) -> Iterable[Change]:
    yield _changed(params.finding, body, state="in-hand", until=None, ground="", by=body.actor)


@act("take-finding", TakeFinding, register="findings", zh="着手处理", en="Take a finding in hand", project=project_taken,
     rules=("P-role",), examples=({"finding": "fd-…"},))  # fmt: skip
async def take_finding(params: TakeFinding, bench: Bench) -> Draft:
    """What the actor is not shown is answered like a finding that was never noted."""
    rows = await FindingRow.select().where(FindingRow.id == params.finding)
    row = rows[0] if rows else {"whose": "", "code": ""}
    if not await concerns(row, bench.actor, bench) and not await bench.roles_of(bench.actor, *gate.OVERSEERS):
        if not await _reminded(row, bench):
            raise BadField("finding", "unknown-id", value=params.finding)
        raise _not_theirs(row["whose"])
    return await _standing(params.finding, bench)


class AcceptFinding(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """已接受: left as it is until a date, with the ground; it comes back then."""

    finding: Reference
    until: str
    ground: Words


def project_accepted(params: AcceptFinding, body: Body) -> Iterable[Change]:
    until = parse(params.until, field="until", ends_day=True)
    yield _changed(params.finding, body, state="accepted", until=until, ground=params.ground, by=body.actor)


@act("accept-finding", AcceptFinding, register="findings", zh="接受至", en="Accept a finding until", by=ACCEPTERS,
     decided_by=ACCEPTERS, project=project_accepted, rules=("P-role",), paper=True,
     examples=({"finding": "fd-…", "until": "2026-06-30", "ground": "新柜六月到货"},))  # fmt: skip
async def accept_finding(params: AcceptFinding, bench: Bench) -> Draft:
    until = parse(params.until, field="until", ends_day=True)
    if until <= bench.now:
        raise BadField("until", "ends-before-it-begins")
    if until > bench.now + LONGEST_DAYS * 86_400_000:
        raise BadField("until", "not-between", low="1", high=f"{LONGEST_DAYS} d")
    return await _standing(params.finding, bench)


async def concerns(row: dict[str, Any], person: str, bench: Bench) -> bool:
    """Whether the finding is this person's duty."""
    if row["whose"] == PERSON:
        return bool(row["person"] == person)
    if row["whose"] not in RELATIONS:
        return False
    return any(
        fact.target == row["over"] or not row["over"] for fact in await bench.roles_of(person, row["whose"])
    )


async def _reminded(row: dict[str, Any], bench: Bench) -> bool:
    """Whether it is shown to the actor though it is somebody else's duty (S01-9)."""
    role = ALSO.get(row["code"]) if row["whose"] == PERSON else None
    return role is not None and any(
        fact.target == row["unit"] for fact in await bench.roles_of(bench.actor, role)
    )


async def row_of(id_: str) -> dict[str, Any]:
    """Raises BadField."""
    rows = await FindingRow.select().where(FindingRow.id == id_)
    if not rows:
        raise BadField("finding", "unknown-id", value=id_)
    return dict(rows[0])


async def _standing(id_: str, bench: Bench) -> Draft:
    row = await row_of(id_)
    if row["state"] == "gone":
        raise BadField("finding", "not-so", value=id_)
    draft = Draft(row["subject"], bench.occurred)
    draft.rules += row["rules"].split(",")
    draft.result = {"finding": id_}
    return draft


def _changed(id_: str, body: Body, **values: Any) -> Patch:
    return Patch(FindingRow, id_, {**values, "changed_at": parse(body.recorded_at, field="recorded_at")})


def by_the_clock(bench: Bench) -> None:
    """Raises Refused where a person asks for what the rounds alone enter."""
    if bench.actor != SYSTEM:
        raise _not_theirs(Node.ORGANISATION.value)


def _not_theirs(whose: str) -> Refused:
    roles = whose if whose in RELATIONS else "SECURITY_OFFICER_OF"
    return Refused([Reason(("P-role",), "not-your-act", {"roles": roles}, whose=roles)])
