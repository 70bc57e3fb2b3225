"""Key departments and locations as they stand: who answers for them, who may enter, who is inside, and what is found wanting.

For the security officer, the leading group, custodians of the unit, and each Principal about their own (S02-4.1). For
everyone else there is no such unit.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from graph.access import Questions, Stand, When
from graph.closure import settled
from graph.errors import NotAvailable
from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law import gate
from graph.law.key_unit import findings, key_units, undesignated
from graph.law.person import in_force
from graph.law.regulation import Figures
from graph.law.verdict import Reason, that_bind
from graph.times import Instant

ASKERS = (*gate.OVERSEERS, "CUSTODIAN_OF")


class KeyUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One designated key department or location at one instant. `inside` are the lines of the log not yet closed."""

    unit: str
    kind: str
    since: Instant
    control_area: bool
    principals: tuple[str, ...]
    entry_list: tuple[Fact, ...]
    inside: tuple[Fact, ...]
    findings: tuple[Reason, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule for each in self.findings for rule in each.rules))


async def overview(
    questions: Questions, asker: str, figures: Figures, when: When | None = None
) -> tuple[tuple[KeyUnit, ...], Stand]:
    """Every key unit the asker answers for or oversees, in order of id. Raises NotAvailable."""
    roots = await _roots(questions, asker)
    brought, stand = await questions.neighbourhood(when)

    def work(facts: Facts) -> tuple[KeyUnit, ...]:
        units = {
            unit
            for node, label in roots.items()
            for unit in (key_units(facts, node, stand.at) if label == Node.ORGANISATION else (node,))
        }
        return tuple(
            found for each in sorted(units) if (found := key_unit(facts, each, stand, figures)) is not None
        )

    answer, _ = await settled(brought, roots, work)
    return answer, stand


async def one(
    questions: Questions, asker: str, unit: str, figures: Figures, when: When | None = None
) -> tuple[KeyUnit, Stand]:
    """Raises NotAvailable."""
    found, stand = await overview(questions, asker, figures, when)
    for each in found:
        if each.unit == unit:
            return each, stand
    raise NotAvailable


async def wanting_designation(
    questions: Questions, asker: str, departments: Sequence[str], places: Sequence[str], figures: Figures
) -> tuple[tuple[Reason, ...], Stand]:
    """The check of S02-2a–b over these departments and places, for those who oversee. Raises NotAvailable."""
    brought, stand = await questions.neighbourhood()
    world = await brought.people([asker])
    if not gate.roles(world, asker, stand.at, *gate.OVERSEERS):
        raise NotAvailable
    roots = dict.fromkeys(departments, Node.DEPARTMENT.value) | dict.fromkeys(places, Node.PLACE.value)
    answer, _ = await settled(
        brought,
        roots,
        lambda facts: that_bind(undesignated(facts, departments, places, stand.at, figures), stand.silent),
    )
    return answer, stand


def key_unit(facts: Facts, node: str, stand: Stand, figures: Figures) -> KeyUnit | None:
    """Pure; None where it is not designated."""
    at = stand.at
    designated = in_force(facts.out(node, "KEY_UNIT_OF"), at)
    if not designated:
        return None
    place = facts.label(node) == Node.PLACE
    return KeyUnit(
        unit=node,
        kind=facts.label(node) or "",
        since=min(fact.since for fact in designated),
        control_area=any(bool(fact.details.get("control_area")) for fact in designated),
        principals=tuple(sorted(fact.source for fact in in_force(facts.into(node, "PRINCIPAL_OF"), at))),
        entry_list=in_force(facts.into(node, "MAY_ENTER"), at) if place else (),
        inside=in_force(facts.into(node, "INSIDE"), at) if place else (),
        findings=that_bind(findings(facts, node, at, figures), stand.silent),
    )


async def _roots(questions: Questions, asker: str) -> dict[str, str]:
    """The unit for those who oversee it; for a Principal what they answer for. Judged now."""
    brought, stand = await questions.neighbourhood()
    world = await brought.people([asker])
    held = gate.roles(world, asker, stand.at, *ASKERS, "PRINCIPAL_OF")
    roots = {
        fact.target: world.label(fact.target) or ""
        for fact in held
        if fact.kind == "PRINCIPAL_OF" or world.label(fact.target) == Node.ORGANISATION
    }
    if not roots:
        raise NotAvailable
    return roots
