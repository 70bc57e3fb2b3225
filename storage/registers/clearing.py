"""What the cases of clearance do with their last step: vettings, designations, adjustments (S01-3 … S01-7)."""

from __future__ import annotations

from typing import Any

from graph.facts import Joined, World
from graph.kinds import Node
from graph.law.flow import Matter
from graph.law.levels import LEVELS
from graph.law.person import in_force
from graph.law.proposal import Proposal, proposed
from storage.act import Bench, Draft
from storage.registers.cases import effect

PERSON = Node.PERSON.value


async def proposals(bench: Bench, people: list[str]) -> dict[str, Proposal]:
    """The computed level of each, with the posts and tasks that call for it (S01-4)."""
    nodes = dict.fromkeys(people, PERSON)
    world = Joined([await bench.facts.standing(nodes), await bench.facts.around(nodes)])
    return {person: proposed(world, person, bench.occurred) for person in people}


def shown(proposal: Proposal) -> dict[str, Any]:
    """A line of the draft list."""
    return {
        "person": proposal.person,
        "level": proposal.level.id if proposal.level else None,
        "because": [
            {"kind": fact.kind, "of": fact.details.get("task", fact.target), "level": level.id}
            for fact, level in proposal.grounds
        ],
        "rules": list(proposal.rules),
    }


@effect("propose-levels")
async def propose_levels(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-5a: the draft list, each person with the computed level and its reasons."""
    found = await proposals(bench, list(matter.said("people") or [matter.subject]))
    draft.result["proposed"] = [shown(each) for each in found.values()]
    draft.rules += [rule for each in found.values() for rule in each.rules]


@effect("clear-people")
async def clear_people(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-5b, S01-6b: every level begins now, the old one closes, both stay in history; the list is filed (S01-5c)."""
    people = list(matter.said("people") or [matter.subject])
    found = await proposals(bench, people)
    world = await bench.facts.around(dict.fromkeys(people, PERSON))
    for person, proposal in found.items():
        _clear(draft, bench, world, person, proposal, matter)
    draft.result["cleared"] = [shown(each) for each in found.values()]
    draft.rules += ["S01-5b", "S01-5c", "S01-17.2"]


def _clear(draft: Draft, bench: Bench, world: World, person: str, proposal: Proposal, matter: Matter) -> None:
    standing = in_force(world.out(person, "CLEARED_TO"), bench.occurred)
    level = proposal.level.id if proposal.level else None
    if level is not None and [fact.target for fact in standing] == [level]:
        return
    bench.follows(world, (person, PERSON), "CLEARED_TO")
    for fact in standing:
        draft.end(fact, world)
    if level is not None:
        draft.begin(
            "CLEARED_TO", (person, PERSON), (LEVELS[level].id, Node.LEVEL.value), details={"basis": matter.id}
        )


@effect("conclude-vetting")
async def conclude_vetting(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-7b: the conclusion stands as it was recorded."""
    person = (matter.subject, PERSON)
    world = await bench.facts.around(dict([person]))
    bench.follows(world, person, "VETTED")
    for fact in in_force(world.out(person[0], "VETTED"), bench.occurred):
        draft.end(fact, world)
    draft.begin("VETTED", person, bench.own, details={"conclusion": str(matter.said("conclusion"))})
    draft.rules += ["S01-7a", "S01-7b", "S01-7c", "S01-17.1"]
