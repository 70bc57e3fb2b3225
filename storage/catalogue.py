"""The catalogue as a projection: one pure `apply`, used live and in `zhixi rebuild`."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from graph.times import parse
from storage.act import ACTS, Change, Patch, Put
from storage.entry import Body
from storage.errors import NotFounded
from storage.tables.catalogue import FactEntry, RegisterRow

REFUSAL = "refusal"


def apply(body: Body) -> list[Change]:
    """Entry in, rows out. No clock, no randomness, no I/O."""
    changes: list[Change] = [_line(body)]
    changes.extend(Put(FactEntry, {"fact": fact.id, "seq": body.seq}) for fact in body.facts)
    if body.act == REFUSAL:
        return changes
    kind = ACTS.get(body.act)
    if kind is None:
        raise NotFounded(f"an entry bears an act nobody knows: {body.act}")
    params = msgspec.convert(body.payload, kind.params)
    changes.extend(kind.project(params, body))
    return changes


def _line(body: Body) -> Put:
    """The line of the book."""
    return Put(
        RegisterRow,
        {
            "seq": body.seq,
            "reference": body.ref,
            "register": body.register,
            "act": body.act,
            "subject": body.subject,
            "occurred_at": parse(body.occurred_at, field="occurred_at"),
            "recorded_at": parse(body.recorded_at, field="recorded_at"),
            "late": body.late or "",
            "actor": body.actor,
            "decided_by": body.decision.by if body.decision else body.actor,
            "proof": body.decision.proof if body.decision else "own",
            "line": msgspec.json.encode({**body.payload, **body.result}, order="sorted").decode(),
            "voided_by": "",
            "corrections": "[]",
        },
    )


async def write(changes: Iterable[Change]) -> None:
    """Put rows into the caller's transaction."""
    for change in changes:
        key = change.table._meta.primary_key
        if isinstance(change, Patch):
            await change.table.update(
                {change.table._meta.get_column_by_name(name): value for name, value in change.values.items()}
            ).where(key == change.key)
            continue
        await change.table.delete().where(key == change.values[key._meta.name])
        await change.table.insert(change.table(**change.values))
