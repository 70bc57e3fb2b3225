"""What the law answers about rooms: who comes in, who may stand on an entry list, and what is found wanting."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graph.facts import World
from graph.kinds import Node
from graph.law import entry, key_unit
from graph.law.findings import Census, look
from graph.law.regulation import by_default
from graph.law.verdict import Reason
from tests.worlds import Asked

Said = str | frozenset[str]
PARTY = re.compile(r"^(?P<party>[\w +-]+?)(?: under (?P<escort>[\w-]+))?(?P<seen> monitored)?$")


def entering(world: World, asked: Asked) -> dict[str, dict[str, Said]]:
    """A party is written as `ho + lu monitored` or `guest under staff`."""

    def one(place: str, written: str) -> Said:
        found = PARTY.match(written)
        assert found, written
        party = tuple(found["party"].split(" + "))
        coming = entry.Coming(place, party, found["escort"] or "", "camera" if found["seen"] else "")
        return _said(entry.judge_entry(world, coming, asked.instant, by_default))

    return {
        place: {party: one(place, party) for party in parties} for place, parties in asked.entering.items()
    }


def entry_list(world: World, asked: Asked) -> dict[str, Said]:
    """Whoever is to be listed is written as `ho + lu monitored`, a service worker's pair behind the plus."""

    def one(written: str) -> Said:
        found = PARTY.match(written)
        assert found, written
        person, _, pair = found["party"].partition(" + ")
        return _said(entry.judge_listed(world, person, pair, asked.instant, monitored=bool(found["seen"])))

    return {written: one(written) for written in asked.entry_list}


def findings(world: World, asked: Asked) -> dict[str, Said]:
    return {node: _said(key_unit.findings(world, node, asked.instant, by_default)) for node in asked.findings}


def undesignated(world: World, asked: Asked) -> dict[str, Said]:
    departments, places = (
        [node for node in asked.undesignated if world.label(node) == label]
        for label in (Node.DEPARTMENT, Node.PLACE)
    )
    return {
        node: _said(
            key_unit.undesignated(
                world, {node} & set(departments), {node} & set(places), asked.instant, by_default
            )
        )
        for node in asked.undesignated
    }


def found_wanting(world: World, asked: Asked) -> dict[str, Said]:
    """What the clock's round finds, by what it is about; the unit has set no figure of its own."""
    kinds = (Node.PERSON, Node.DEPARTMENT, Node.PLACE, Node.CARRIER)
    people, departments, places, carriers = (sorted(world.nodes(kind)) for kind in kinds)
    census = Census(people=people, departments=departments, places=places, carriers=carriers)
    found = look(world, census, by_default, asked.instant)
    return {
        node: frozenset(rule for each in found if each.subject == node for rule in each.rules) or "allowed"
        for node in asked.found_wanting
    }


def _said(reasons: Iterable[Reason]) -> Said:
    return frozenset(rule for reason in reasons for rule in reason.rules) or "allowed"
