"""What was begun before its papers were there, entered as it happened: a post in a key unit, equipment in use (S02-5, S02-7, S02-8a, S02-15b)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.equipment import checked_if_imported
from graph.law.person import in_force
from storage.act import Bench, Draft, act
from storage.registers.breaches import break_out
from storage.registers.equipment import OFFICER, PutInUse
from storage.registers.organisation import KEEPERS_OF_STRUCTURE, StartPost, free_post, taken_up, unprepared

Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


class ReportPost(StartPost, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody has begun work in a post of a key unit before what comes beforehand was there."""

    account: Words


@act("report-post", ReportPost, register="posts", zh="如实登记先上岗", en="Report a post begun without its papers",
     by=KEEPERS_OF_STRUCTURE, rules=("S02-8a", "P-role"),
     examples=({"person": "p24", "post": "post-archivist", "account": "人手不足，先行上岗"},))  # fmt: skip
async def report_post(params: ReportPost, bench: Bench) -> Draft:
    person, post = await free_post(params, bench)
    reasons = await unprepared(bench, person, post)
    if not reasons:
        raise BadField("account", "nothing-irregular")
    draft = await taken_up(bench, person, post, "report-post")
    about = (person[0], post[0])
    await break_out(draft, bench, reasons, params.account, about, cause="report-post")
    return draft


class ReportUse(PutInUse, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Imported equipment has been used in a department or place before it was checked."""

    account: Words


@act("report-use", ReportUse, register="equipment", zh="如实登记未检先用", en="Report equipment used unchecked", by=OFFICER,
     rules=("S02-15b", "P-role"), examples=({"device": "dev1", "unit": "R301", "account": "到货当日即接入使用"},))  # fmt: skip
async def report_use(params: ReportUse, bench: Bench) -> Draft:
    device = await bench.subject(params.device, Node.DEVICE, field="device")
    unit = await bench.subject(params.unit, Node.DEPARTMENT, Node.PLACE, field="unit")
    world = await bench.facts.around({device[0]: device[1]})
    if any(fact.target == unit[0] for fact in in_force(world.out(device[0], "USED_IN"), bench.occurred)):
        raise BadField("unit", "already-so")
    reasons = checked_if_imported(world, device[0], bench.occurred)
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = Draft(device[0], bench.occurred)
    draft.begin("USED_IN", device, unit)
    await break_out(draft, bench, reasons, params.account, (device[0], unit[0]), cause="report-use")
    return draft
