"""Reports drawn from the register when they are asked for: nothing is kept of them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from graph.errors import Refused
from graph.kinds import Node
from graph.law import gate
from graph.law.allowance import Stretch, allowance
from graph.law.levels import LEVELS
from graph.law.regulation import load
from graph.law.verdict import Reason
from graph.times import Instant
from storage.figures import START
from storage.tables.catalogue import Interpretation, Setting
from storage.wiring import Wiring


class Reports:
    def __init__(self, wiring: Wiring) -> None:
        self._questions = wiring.questions
        self.now: Instant = wiring.now()

    async def allowances(self, asker: str, first: date) -> tuple[Stretch, ...]:
        """S01-17.5, for those who draw it up. Raises Refused."""
        brought, stand = await self._questions.neighbourhood()
        if not gate.roles(await brought.people([asker]), asker, stand.at, *gate.OVERSEERS):
            roles = {"roles": ",".join(gate.OVERSEERS)}
            raise Refused([Reason(("S01-17.5", "P-role"), "not-your-act", roles, whose=gate.OVERSEERS[1])])
        levels = dict.fromkeys(LEVELS, Node.LEVEL.value)
        cleared = await brought.around(levels, into=("CLEARED_TO",))
        people = {fact.source for level in levels for fact in cleared.into(level, "CLEARED_TO")}
        world = await brought.around(dict.fromkeys(people, Node.PERSON.value))
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return allowance(world, people, first, last)

    async def interpretations(self, rule: str) -> list[dict[str, Any]]:
        """S01-19: how the leading group reads a clause, the latest version first."""
        return await (
            Interpretation.select()
            .where(Interpretation.rule == rule)
            .order_by(Interpretation.version, ascending=False)
        )

    async def in_force_from(self, rule: str) -> date:
        """The first day on which the rule's regulation binds here (S01-20)."""
        regulation = load().regulation_of(rule)
        rows = await Setting.select(Setting.value).where(Setting.name == f"{START}{regulation.id}")
        return date.fromisoformat(rows[0]["value"]) if rows else regulation.in_force_from
