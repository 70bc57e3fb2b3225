"""更正 and 作废: corrections are entries of their own; the book shows the line struck through and the new beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import World
from graph.kinds import RELATIONS, ROLES, Node
from graph.law.books import RELIED_ON, correctable, resting_on, voidable
from storage import docket
from storage import entry as entries
from storage.act import ACTS, Act, Bench, Change, Clerical, Draft, Patch, act
from storage.entry import Body, fact_of
from storage.tables.catalogue import RegisterRow, Subject
from storage.tables.ledger import Entry
from storage.titles import SECRET_FIELDS, WITHHELD, masked_for_strangers

Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
KEEPERS = ("CUSTODIAN_OF", "ARCHIVIST_OF", "OFFICE_OF", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF")


class Correct(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clerical field of one entry: what it said, what it should say, and why."""

    entry: Words
    field: Words
    old: Any
    new: Any
    reason: Words


def project_correction(params: Correct, body: Body) -> Iterable[Change]:
    corrections = [*body.result["_before"], {"field": params.field, "old": params.old, "new": params.new,
                                            "by": body.ref, "reason": params.reason}]  # fmt: skip
    yield Patch(
        RegisterRow,
        body.result["_seq"],
        {"corrections": msgspec.json.encode(corrections, order="sorted").decode()},
    )
    for each in _clerical(body.result["_act"], params.field):
        yield Patch(each.table, body.result["_keys"][each.key], {each.column: params.new})


@act("correct", Correct, register="corrections", zh="更正", en="Correct an entry", by=KEEPERS, rules=("S03-6.5", "P-role"),
     project=project_correction,
     examples=({"entry": "e-…", "field": "title", "old": "乙号通抱", "new": "乙号通报", "reason": "笔误"},))  # fmt: skip
async def correct(params: Correct, bench: Bench) -> Draft:
    """Clerical fields only; deciding fields (level, period, range, holder) only through the act that sets them."""
    body, row = await entry_of(params.entry)
    await _keeper_of(bench, body)
    if row["voided_by"]:
        raise BadField("entry", "voided", value=params.entry)
    allowed = _clerical(body.act, params.field)
    bench.refuse(correctable(params.field, clerical=bool(allowed)))
    before = msgspec.json.decode(row["corrections"], type=list[dict[str, Any]])
    current = _current(body, before, params.field)
    if params.old != current:
        hidden = params.field in SECRET_FIELDS and body.subject in await masked_for_strangers([body.subject])
        raise BadField("old", "not-what-it-says", value=WITHHELD if hidden else str(current))
    if type(params.new) is not type(current) and not (current is None or params.new is None):
        raise BadField("new", "wrong-type", expected=type(current).__name__)
    kind = ACTS[body.act]
    try:
        msgspec.convert({**body.payload, params.field: params.new}, kind.params, strict=True)
    except msgspec.ValidationError as error:
        raise BadField("new", "wrong-type", expected=str(error)) from None
    for each in allowed:
        await _not_taken(bench, each, body.result[each.key], params.new)
    draft = Draft(body.subject, bench.occurred)
    keys = {each.key: body.result[each.key] for each in allowed}
    draft.result = {"_seq": body.seq, "_act": body.act, "_keys": keys, "_before": before}
    draft.rules.append("S03-6.5")
    return draft


class Void(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry made in error, while nothing rests on it. Its number stays as 作废."""

    entry: Words
    reason: Words


def project_void(params: Void, body: Body) -> Iterable[Change]:
    yield Patch(RegisterRow, body.result["_seq"], {"voided_by": body.ref})
    for node in body.result["_nodes"]:
        yield Patch(Subject, node, {"void": True})


@act("void", Void, register="corrections", zh="作废", en="Void an entry", by=KEEPERS, rules=("S03-6.5", "P-role"),
     project=project_void, examples=({"entry": "e-…", "reason": "重复登记"},))  # fmt: skip
async def void(params: Void, bench: Bench) -> Draft:
    body, row = await entry_of(params.entry)
    await _keeper_of(bench, body)
    if row["voided_by"]:
        raise BadField("entry", "already-so", value=params.entry)
    fixed = body.act in ("found", "correct", "void", "open-reading") or docket.KEY in body.result
    never = bool(body.superseded or fixed or _patches(body))
    bench.refuse(voidable(fixed=never, resting=0, kinds=[text.kind for text in body.facts]))
    own = {text.id for text in body.facts}
    made = dict(body.nodes)
    sources = {text.source: body.labels[text.source] for text in body.facts}
    around = await bench.facts.around(made, into=tuple(RELATIONS))
    standing = {fact.id: fact for fact in (await bench.facts.around(sources)).facts()}
    resting = {fact.id for fact in around.facts()} - own
    changed = [text.id for text in body.facts if fact_of(text) != _plain(standing.get(text.id))]
    count = len(resting) + len(changed) + await _entries_on(tuple(made), body.seq)
    count += len(await _relying(bench, body))
    bench.refuse(voidable(fixed=False, resting=count))
    draft = Draft(body.subject, bench.occurred)
    labels = World((), body.labels)
    for text in body.facts:
        draft.void(fact_of(text), labels)
    draft.result = {"_seq": body.seq, "_nodes": sorted(made)}
    draft.rules.append("S03-6.5")
    return draft


def _patches(body: Body) -> bool:
    """Whether the entry changed rows that were there before: striking it out would leave them changed."""
    kind = ACTS[body.act]
    params = msgspec.convert(body.payload, kind.params)
    return any(isinstance(change, Patch) for change in kind.project(params, body))


async def _relying(bench: Bench, body: Body) -> frozenset[int]:
    """Later entries that rely on what this one says of a person: about them, or, of a role, by them."""
    entered = [fact_of(text) for text in body.facts if text.kind in RELIED_ON]
    if not entered:
        return frozenset()
    people = {fact.source for fact in entered}
    world = await bench.facts.around(dict.fromkeys(people, Node.PERSON.value), into=tuple(RELATIONS))
    acting = {fact.source for fact in entered if fact.kind in ROLES}
    whose = RegisterRow.subject.is_in(sorted(people)) | RegisterRow.actor.is_in(sorted(acting) or [""])
    rows = await RegisterRow.select(RegisterRow.seq).where(
        (RegisterRow.seq > body.seq)
        & whose
        & (RegisterRow.voided_by == "")
        & RegisterRow.act.not_in(["correct", "void"])
    )
    return resting_on(world, entered, body.seq) | {row["seq"] for row in rows}


async def _entries_on(nodes: Sequence[str], seq: int) -> int:
    """How many later entries are about these nodes, those struck out not counted."""
    if not nodes:
        return 0
    rows = await RegisterRow.select(RegisterRow.seq).where(
        RegisterRow.subject.is_in(list(nodes))
        & (RegisterRow.seq > seq)
        & (RegisterRow.voided_by == "")
        & RegisterRow.act.not_in(["correct", "void"])
    )
    return len(rows)


async def _not_taken(bench: Bench, each: Clerical, key: str, value: Any) -> None:
    """A corrected number is as much somebody's own as a new one."""
    if not each.beside or not value:
        return
    primary = each.table._meta.primary_key
    mine = (await each.table.select().where(primary == key))[0]
    column = each.table._meta.get_column_by_name
    query = each.table.select(primary).where((column(each.column) == value) & (primary != key))
    for name in each.beside:
        query = query.where(column(name) == mine[name])
    if await bench.standing_among([row[primary._meta.name] for row in await query]):
        raise BadField("new", "number-taken", value=str(value))


def _plain(fact: Any) -> Any:
    return None if fact is None else msgspec.structs.replace(fact, seq_in=0)


async def entry_of(ref: str) -> tuple[Body, dict[str, Any]]:
    """An entry and its line of the book. Raises BadField."""
    rows = await Entry.select(Entry.body).where(Entry.reference == ref)
    if not rows:
        raise BadField("entry", "unknown-id", value=ref)
    lines = await RegisterRow.select().where(RegisterRow.reference == ref)
    return entries.read(rows[0]["body"]), lines[0]


async def _keeper_of(bench: Bench, body: Body) -> None:
    """Whoever may enter in a book may correct it; carriers' books are the custodian's (S03-6.5).

    An entry about what the actor may not know of does not exist for them.
    """
    about = await Subject.select(Subject.kind).where(Subject.id == body.subject)
    if about and not await bench.notices(body.subject, about[0]["kind"]):
        raise BadField("entry", "unknown-id", value=body.ref)
    kind = ACTS.get(body.act)
    if kind is None:
        raise BadField("entry", "unknown-act", value=body.act)
    await bench.require(bench.actor, kind.by or KEEPERS, kind.rules)


def _clerical(act_name: str, field: str) -> tuple[Clerical, ...]:
    kind = ACTS.get(act_name)
    return tuple(each for each in kind.clerical if each.field == field) if kind else ()


def _current(body: Body, corrections: list[dict[str, Any]], field: str) -> Any:
    later = [each["new"] for each in corrections if each["field"] == field]
    return later[-1] if later else body.payload.get(field)
