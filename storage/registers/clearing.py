"""What the cases of clearance do with their last step: vettings, designations, adjustments (S01-3 … S01-7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from graph.facts import Joined, Overlay, World
from graph.kinds import Node
from graph.law.flow import Matter
from graph.law.gates import PROPOSED
from graph.law.keeping import level_of
from graph.law.levels import LEVELS, Level
from graph.law.person import clearance, in_force
from graph.law.proposal import Proposal, proposed
from storage import docket
from storage.act import Bench, Draft
from storage.registers.attesting import Attested, attest
from storage.registers.cases import effect, open_by_itself

PERSON = Node.PERSON.value


async def then(draft: Draft, bench: Bench, people: Iterable[str]) -> Overlay:
    """The facts about people, their posts and tasks as they will be with this entry."""
    nodes = dict.fromkeys(people, PERSON)
    posts = {fact.target: Node.POST.value for fact in draft.facts if fact.kind == "HOLDS_POST"}
    brought = Joined([await bench.facts.standing(nodes), await bench.facts.around({**nodes, **posts})])
    return Overlay(brought, draft.facts, [fact.id for fact in draft.superseded], draft.labels)


async def proposals(draft: Draft, bench: Bench, people: list[str]) -> dict[str, Proposal]:
    """The computed level of each, with the posts and tasks that call for it (S01-4)."""
    view = await then(draft, bench, people)
    return {person: proposed(view, person, bench.occurred) for person in people}


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


@effect("propose-levels", drafts=True)
async def propose_levels(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-5a: the draft list, each person with the computed level and its reasons; whoever signs the case signs it."""
    found = await proposals(draft, bench, list(matter.said("people") or [matter.subject]))
    listed = {person: each.level.id if each.level else "" for person, each in found.items()}
    docket.put_matter(draft, msgspec.structs.replace(matter, form={**matter.form, PROPOSED: listed}))
    draft.result["proposed"] = [shown(each) for each in found.values()]
    draft.rules += [rule for each in found.values() for rule in each.rules]


@effect("clear-people")
async def clear_people(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-5b, S01-6b: every level begins now, the old one closes, both stay in history; the list is filed (S01-5c)."""
    people = list(matter.said("people") or [matter.subject])
    found = await proposals(draft, bench, people)
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


@effect("adjust-level")
async def adjust_level(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-6b, S01-6c: the new level from now; loans above it are recalled; the Office is told and has no vote (C02)."""
    await clear_people(matter, bench, draft)
    world = await bench.facts.around({matter.subject: PERSON}, into=("HELD_BY",))
    view = Overlay(world, draft.facts, [fact.id for fact in draft.superseded], draft.labels)
    cleared, _ = clearance(view, matter.subject, bench.occurred)
    for carrier in await _above(bench, world, matter.subject, cleared):
        form = {"holder": matter.subject}
        await open_by_itself(draft, bench, "recall", (carrier, Node.CARRIER.value), form, "adjust-level")
    what = f"{matter.id} {cleared.id if cleared else 'none'}"
    await open_by_itself(draft, bench, "notice", (matter.subject, PERSON), {"what": what}, "adjust-level")
    draft.rules.append("S01-6c")


async def _above(bench: Bench, world: World, person: str, cleared: Level | None) -> list[str]:
    """Carriers lent to the person whose documents are above their level now."""
    lent = [
        fact.source
        for fact in in_force(world.into(person, "HELD_BY"), bench.occurred)
        if fact.details.get("reason") in ("loan", "circulation")
    ]
    carriers = await bench.facts.around(dict.fromkeys(lent, Node.CARRIER.value))
    borne = {each: in_force(carriers.out(each, "CARRIES"), bench.occurred) for each in lent}
    documents = {fact.target: Node.DOCUMENT.value for facts in borne.values() for fact in facts}
    marks = await bench.facts.around(documents)
    rank = cleared.rank if cleared else 0
    return sorted(
        carrier
        for carrier, facts in borne.items()
        for level in (level_of(marks, fact.target, bench.occurred) for fact in facts)
        if level is not None and level.scheme == "state" and level.rank > rank
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
    said = {name: matter.said(name) for name in ("conduct", "relations")}
    attest(draft, bench, world, person[0], Attested(**said))
    draft.rules += ["S01-7a", "S01-7b", "S01-7c", "S01-17.1"]
