"""Clearing back 清退: what the originator wants back goes back, in time and in full number (S03-5.3c–d)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import Node
from graph.law.inventory import still_to_return
from graph.times import parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import errands
from storage.registers.custody import NOT_THERE, carriers_of
from storage.tables.catalogue import Errand

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
Carriers = Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]
CUSTODIAN = ("CUSTODIAN_OF",)
CLEARING = "clearing"


class RequireReturn(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The originator asks for carriers back by a day."""

    carriers: Carriers
    to: Id
    by: str
    notice: Words
    id: Id | None = None


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    carriers: list[str]
    to: str
    notice: str
    returned: list[str] = []


@act("require-return", RequireReturn, register="clearings", zh="登记清退要求", en="Enter that carriers have to go back",
     by=CUSTODIAN, rules=("S03-6.5", "S03-5.3c"), project=errands.project,
     examples=({"carriers": ["C2"], "to": "shengju", "by": "2026-12-31", "notice": "省局清退〔2026〕1号"},))  # fmt: skip
async def require_return(params: RequireReturn, bench: Bench) -> Draft:
    held, world = await carriers_of(bench, params.carriers, "carriers", barring=NOT_THERE)
    to = await bench.subject(params.to, Node.ORGANISATION, field="to")
    due = parse(params.by, field="by", ends_day=True)
    if due < bench.occurred:
        raise BadField("by", "ends-before-it-begins")
    owed = [
        n for n, each in enumerate(held) if world.out(each.id, "RETURN_DUE") and _owed(world, each.id, bench)
    ]
    if owed:
        raise BadField(f"carriers[{owed[0]}]", "already-so")
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    for each in held:
        draft.begin("RETURN_DUE", each.node, to, details={"by": params.by})
    content = Clearing(carriers=list(params.carriers), to=to[0], notice=params.notice)
    errands.opened(draft, id_, CLEARING, "open", content, subject=to[0], due=due)
    draft.rules += ["S03-5.3c", "S03-5.3d"]
    draft.result["clearing"] = id_
    return draft


def _owed(world: Facts, carrier: str, bench: Bench) -> bool:
    return any(fact.holds(bench.occurred) for fact in world.out(carrier, "RETURN_DUE"))


async def settled(draft: Draft, to: str, carriers: Sequence[str]) -> None:
    """Carriers have arrived at an organisation: what it wanted back is back, what is short stays owed."""
    rows = await Errand.select().where(
        (Errand.kind == CLEARING) & (Errand.state == "open") & (Errand.subject == to)
    )
    for row in rows:
        found = errands.read(row, Clearing)
        clearing = found.content
        came = [each for each in carriers if each in clearing.carriers and each not in clearing.returned]
        if not came:
            continue
        returned = [*clearing.returned, *came]
        left = still_to_return(frozenset(clearing.carriers), frozenset(returned))
        content = msgspec.structs.replace(clearing, returned=returned)
        errands.moved(draft, found, "open" if left else "closed", content, due=found.due if left else None)
        draft.rules += ["S03-5.3c", "S03-4.3b"]
        draft.result.setdefault("clearings", {})[found.id] = sorted(left)
