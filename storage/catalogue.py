"""The catalogue as a projection: one pure `apply`, used live and in `zhixi rebuild`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from graph.times import parse
from storage import docket, tokens
from storage.act import ACTS, Change, Patch, Put, Remove
from storage.entry import Body
from storage.errors import NotFounded
from storage.tables.catalogue import Document, FactEntry, RegisterRow, TitleToken

REFUSAL = "refusal"
ROWS = 50
"""How many rows one statement puts: SQLite takes a thousand values or so at once."""


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
    changes.extend(docket.rows(body))
    changes.extend(list(_titles(changes)))
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


def _titles(changes: Iterable[Change]) -> Iterable[Change]:
    """The tokens of titles and numbers, wherever a document's row is made or changed."""
    for change in changes:
        if isinstance(change, Remove) or change.table is not Document:
            continue
        document = change.key if isinstance(change, Patch) else change.values["id"]
        for field in ("title", "number", "receipt"):
            if field not in change.values:
                continue
            heap = f"{document}/{field}"
            yield Remove(TitleToken, "heap", heap)
            for n, token in enumerate(tokens.tokens(change.values[field] or "")):
                values = {"id": f"{heap}/{n}", "heap": heap, "document": document}
                yield Put(TitleToken, {**values, "position": token.position, "token": token.text})


async def write(changes: Iterable[Change]) -> None:
    """Put rows into the caller's transaction; rows of one table that follow each other go in one statement."""
    pending: list[Put] = []
    for change in changes:
        if pending and (
            not isinstance(change, Put) or change.table is not pending[0].table or len(pending) == ROWS
        ):
            await _put(pending)
            pending = []
        if isinstance(change, Put):
            pending.append(change)
        else:
            await _change(change)
    if pending:
        await _put(pending)


async def _put(rows: Sequence[Put]) -> None:
    table = rows[0].table
    key = table._meta.primary_key
    latest = {row.values[key._meta.name]: row.values for row in rows}
    await table.delete().where(key.is_in(list(latest)))
    await table.insert(*(table(**values) for values in latest.values()))


async def _change(change: Patch | Remove) -> None:
    columns = change.table._meta.get_column_by_name
    if isinstance(change, Remove):
        await change.table.delete().where(columns(change.column) == change.value)
        return
    await change.table.update({columns(name): value for name, value in change.values.items()}).where(
        change.table._meta.primary_key == change.key
    )
