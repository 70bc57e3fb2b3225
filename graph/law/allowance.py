"""The allowance list by level (S01-17.5): who was an active cleared person at which level on which days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from graph.facts import Facts
from graph.law.person import clearance, in_force
from graph.law.rules import rule
from graph.times import end_of


class Stretch(msgspec.Struct, frozen=True):
    """Days, both counted, on which a person was active at one level. Amounts are the unit's own [P]."""

    person: str
    level: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@rule("S01-17.5", reads="act", kinds=("CLEARED_TO", "COOLING_OFF", "DEPARTED"))
def allowance(facts: Facts, people: Iterable[str], first: date, last: date) -> tuple[Stretch, ...]:
    """Each day as it stood at its end; whoever cools off or left without leave is not active."""
    found: list[Stretch] = []
    for person in sorted(people):
        day = first
        while day <= last:
            level = _level(facts, person, day)
            ran = found[-1] if found else None
            if (
                level
                and ran
                and (ran.person, ran.level, ran.last) == (person, level, day - timedelta(days=1))
            ):
                found[-1] = msgspec.structs.replace(ran, last=day)
            elif level:
                found.append(Stretch(person, level, day, day))
            day += timedelta(days=1)
    return tuple(found)


def _level(facts: Facts, person: str, day: date) -> str:
    at = end_of(day)
    if in_force(facts.out(person, "COOLING_OFF", "DEPARTED"), at):
        return ""
    level, _ = clearance(facts, person, at)
    return level.id if level else ""
