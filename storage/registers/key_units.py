"""Key departments and key locations: designated, changed, and answered for (S02-2 … S02-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from graph.closure import settled
from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import Node
from graph.law.key_unit import complete
from graph.law.person import in_force
from graph.law.posting import judge_line
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Draft, act

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")


class DesignateKeyUnit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key department or key location, with its principal, control area and first entry list (S02-3a).

    Service workers come onto the list in pairs, by `admit-to-list`.
    """

    unit: Id
    principal: Id | None = None
    control_area: bool = False
    entry_list: tuple[Id, ...] = ()


@act("designate-key-unit", DesignateKeyUnit, register="key-units", zh="确定保密要害部门部位", en="Designate a key unit",
     by=OFFICER, decided_by=("LEADING_GROUP_OF",), paper=True, rules=("S02-3a",),
     examples=({"unit": "R301", "principal": "p01", "control_area": True, "entry_list": ["p03"]},))  # fmt: skip
async def designate_key_unit(params: DesignateKeyUnit, bench: Bench) -> Draft:
    unit = await bench.subject(params.unit, Node.DEPARTMENT, Node.PLACE, field="unit")
    reasons = complete(
        location=unit[1] == Node.PLACE,
        principal=bool(params.principal),
        control_area=params.control_area,
        entry_list=bool(params.entry_list),
    )
    bench.refuse(reasons)
    if await bench.standing(unit, "KEY_UNIT_OF"):
        raise BadField("unit", "already-so")
    principal = await bench.subject(params.principal or "", Node.PERSON, field="principal")
    if len(set(params.entry_list)) != len(params.entry_list):
        raise BadField("entry_list", "listed-twice")
    people = [
        await bench.subject(each, Node.PERSON, field=f"entry_list[{n}]")
        for n, each in enumerate(params.entry_list)
    ]
    for each, _ in (principal, *people):
        bench.about(each)
    reasons, _ = await settled(bench.facts, dict(people), lambda facts: _listed(facts, people, bench))
    bench.refuse(reasons)
    draft = Draft(unit[0], bench.occurred)
    draft.begin("KEY_UNIT_OF", unit, bench.own, details={"control_area": params.control_area})
    draft.begin("PRINCIPAL_OF", principal, unit)
    for person in people:
        draft.begin("MAY_ENTER", person, unit)
    draft.rules += ["S02-3a", "S02-3b", "S02-13a"]
    return draft


def _listed(facts: Facts, people: Sequence[tuple[str, str]], bench: Bench) -> tuple[Reason, ...]:
    """S02-14.1–4: the first list is judged as every later line of it."""
    months = bench.parameter("post-assessment")
    return tuple(
        reason
        for person, _ in people
        for reason in judge_line(facts, person, "", bench.occurred, monitored=False, key=True, months=months)
    )


class ChangeKeyUnit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The control area of a key unit is set, or found to exist no longer. Its principal changes by appoint and relieve."""

    unit: Id
    control_area: bool


@act("change-key-unit", ChangeKeyUnit, register="key-units", zh="变更安全控制区域", en="Change a key unit's control area",
     by=OFFICER, decided_by=("LEADING_GROUP_OF",), paper=True, rules=("S02-12",),
     examples=({"unit": "R301", "control_area": False},))  # fmt: skip
async def change_key_unit(params: ChangeKeyUnit, bench: Bench) -> Draft:
    """S02-12: without its control area a key location takes no new carriers."""
    unit = await bench.subject(params.unit, Node.DEPARTMENT, Node.PLACE, field="unit")
    world = await bench.facts.around({unit[0]: unit[1]})
    bench.follows(world, unit, "KEY_UNIT_OF")
    standing = in_force(world.out(unit[0], "KEY_UNIT_OF"), bench.occurred)
    if not standing:
        raise BadField("unit", "not-so", value=params.unit)
    if all(fact.details.get("control_area") is params.control_area for fact in standing):
        raise BadField("control_area", "already-so")
    draft = Draft(unit[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.begin("KEY_UNIT_OF", unit, bench.own, details={"control_area": params.control_area})
    draft.rules.append("S02-12")
    return draft
