"""The duties that apply to a person by what they are: shown on their page (S02-6.1). What is owed and late is a finding."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.active import locations, serves
from graph.law.person import clearance, groups, in_force
from graph.law.rules import rule
from graph.times import Instant

CLEARED = ("S01-8a", "S01-9", "S01-10a", "S01-15a")
MEMBER = ("S02-6.1", "S02-6.2", "S02-7", "S02-8b", "S02-9a", "S02-9c", "S02-10a", "S02-10f")
COOLING = ("S01-11c", "S01-12a", "S01-13b", "S01-14a")
PRINCIPAL = ("S02-4.1", "S02-4.2", "S02-4.3", "S02-4.4", "S02-4.5", "S02-4.6", "S02-4.7", "S02-4.8")
SERVICE = ("S02-14.1", "S02-14.2", "S02-14.3", "S02-14.4")


@rule("S02-6.1", reads="place", kinds=("KEY_UNIT_OF", "COOLING_OFF", "CLEARED_TO", "ANSWERS_FOR"))
def duties(facts: Facts, person: str, at: Instant) -> tuple[str, ...]:
    """The ids of the rules that bind the person at `at`, in the order of what brings them."""
    units = [*groups(facts, person, at), *locations(facts, person, at)]
    found: list[str] = []
    if clearance(facts, person, at)[0] is not None:
        found += CLEARED
    if any(in_force(facts.out(unit, "KEY_UNIT_OF"), at) for unit in units):
        found += MEMBER
    if in_force(facts.out(person, "ANSWERS_FOR"), at):
        found.append("S02-6.3")
    if in_force(facts.out(person, "PRINCIPAL_OF"), at):
        found += PRINCIPAL
    if serves(facts, person, at):
        found += SERVICE
    if in_force(facts.out(person, "COOLING_OFF"), at):
        found += COOLING
    return tuple(dict.fromkeys(found))
