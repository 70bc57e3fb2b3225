"""Errands: what takes several acts. Each act opens one or moves it on; the rows are made from the entries alone.

An act that touches them leaves what becomes of them in its entry's result, and `project` turns that into rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, NoReturn, TypeVar

import msgspec

from graph.errors import BadField
from graph.kinds import Node
from graph.law.verdict import Reason
from graph.times import Instant, parse
from storage.act import Bench, Change, Draft, Patch, Put, subject_row
from storage.entry import Body
from storage.tables.catalogue import Carrier, Errand

C = TypeVar("C", bound=msgspec.Struct)
ERRANDS, CARRIERS = "_errands", "_carriers"
ROUNDS = {"circulation": "over", "outing": "back"}
"""What carriers are taken along on, and how it ends."""
SUSPENDED = "suspended"
ROLE = "P-role"


class Found(msgspec.Struct, Generic[C], frozen=True):
    """An errand as it stands, its content read. `changed` is when its last step happened."""

    id: str
    state: str
    subject: str
    due: Instant | None
    opened: Instant
    changed: Instant
    content: C


def opened(
    draft: Draft, id_: str, kind: str, state: str, content: msgspec.Struct, *, subject: str, due: Instant | None = None
) -> None:  # fmt: skip
    """A new errand, a node of its own."""
    draft.node(id_, Node.CASE)
    _told(draft, {"id": id_, "kind": kind, "state": state, "subject": subject, "due": due}, content)


def moved(
    draft: Draft, found: Found[Any], state: str, content: msgspec.Struct, *, due: Instant | None = None
) -> None:
    """An errand's next state, with what is due next."""
    _told(draft, {"id": found.id, "state": state, "due": due}, content)


def _told(draft: Draft, values: dict[str, Any], content: msgspec.Struct) -> None:
    told = msgspec.to_builtins(content)
    draft.result.setdefault(ERRANDS, []).append({**values, "content": told})


def became(draft: Draft, carrier: str, state: str) -> None:
    """What a carrier is from now on."""
    draft.result.setdefault(CARRIERS, {})[carrier] = state


async def errand(
    bench: Bench, id_: str, kind: str, content: type[C], *, field: str, states: Sequence[str] = ()
) -> Found[C]:  # fmt: skip
    """An errand that must exist, be of this kind and in one of these states (any where none is named). Raises BadField.

    A step that is not its next one, or that was taken already, is refused by the rules of the act. Its steps are entered in the order they happened: none is dated before the last.
    """
    await bench.subject(id_, Node.CASE, field=field)
    rows = await Errand.select().where(Errand.id == id_)
    if not rows or rows[0]["kind"] != kind:
        raise BadField(field, "wrong-kind", value=id_, allowed=kind)
    found = read(rows[0], content)
    if states and found.state not in states:
        out_of_order(bench, id_, found.state, field=field)
    if bench.occurred < found.changed:
        raise BadField("occurred_at", "dates-backwards", value=id_)
    return found


def out_of_order(bench: Bench, id_: str, state: str, *, field: str) -> NoReturn:
    """A step before its turn, or taken already: refused by the rules of the act. Raises BadField where none of them binds."""
    order = tuple(each for each in bench.rules if each != ROLE) or bench.rules
    bench.refuse([Reason(order, "errand-step-out-of-order", {"state": f"errand-state.{state}"})])
    raise BadField(field, "not-in-this-state", value=id_, state=state)


async def left_out(draft: Draft, carriers: Sequence[str]) -> None:
    """Carriers that have gone another way: the circulations and outings they were out for go on without them."""
    gone = set(carriers)
    for row in await Errand.select().where(
        Errand.kind.is_in(list(ROUNDS)) & Errand.state.is_in(["out", "round"])
    ):
        content = msgspec.json.decode(row["content"])
        left = [each for each in content["carriers"] if each not in gone]
        if len(left) == len(content["carriers"]):
            continue
        over = set(left) <= set(content.get("back", ()))
        told = {
            "id": row["id"],
            "state": ROUNDS[row["kind"]] if over else row["state"],
            "due": None if over else row["due"],
        }
        draft.result.setdefault(ERRANDS, []).append({**told, "content": {**content, "carriers": left}})


async def suspended(draft: Draft, ids: Sequence[str], states: Mapping[str, Sequence[str]]) -> None:
    """Errands whose approval does not stand: they wait for another one. What is over stays as it ended."""
    for row in await Errand.select().where(Errand.id.is_in(list(ids))) if ids else ():
        if row["state"] in states.get(row["kind"], ()):
            told = {"id": row["id"], "state": SUSPENDED, "due": row["due"]}
            draft.result.setdefault(ERRANDS, []).append(
                {**told, "content": msgspec.json.decode(row["content"])}
            )


def read(row: dict[str, Any], content: type[C]) -> Found[C]:
    return Found(
        row["id"],
        row["state"],
        row["subject"],
        row["due"],
        row["opened_at"],
        row["changed_at"],
        msgspec.json.decode(row["content"], type=content),
    )


def project(_params: Any, body: Body) -> Iterable[Change]:
    at = parse(body.occurred_at, field="occurred_at")
    for each in body.result.get(ERRANDS, ()):
        content = msgspec.json.encode(each["content"], order="sorted").decode()
        values = {"state": each["state"], "due": each["due"], "changed_at": at, "content": content}
        if "kind" not in each:
            yield Patch(Errand, each["id"], values)
            continue
        yield subject_row(each["id"], Node.CASE, each["kind"], body, parent=each["subject"])
        whole = {
            "id": each["id"],
            "kind": each["kind"],
            "subject": each["subject"],
            "opened_at": at,
            "made": body.seq,
        }
        yield Put(Errand, {**whole, **values})
    for carrier, state in body.result.get(CARRIERS, {}).items():
        yield Patch(Carrier, carrier, {"state": state})


def numbered(carrier: str, serial: str) -> Patch:
    """A carrier's number, given when it is signed for."""
    return Patch(Carrier, carrier, {"serial": serial})
