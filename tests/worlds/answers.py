"""What the law answers for a world, in the shape of the world's own table, so that the two can be laid side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graph.access import Stand, audience_of, reach_of
from graph.facts import OPEN_SEQ, Facts, Overlay, World
from graph.kinds import Node
from graph.law import custody, gate, keeping, reach
from graph.law.item import demand
from graph.law.know import may_know
from graph.law.levels import LEVELS
from graph.law.person import groups
from graph.law.proposal import proposed
from graph.law.verdict import Reason
from tests.worlds import Asked, Trap, Would, dated, matters, premises
from tests.worlds.proposals import expected, judge

Said = str | frozenset[str]
NOTHING = "none"
"""Stands for a session without an enrolled device."""


def said(reasons: Iterable[Reason]) -> Said:
    return frozenset(rule for reason in reasons for rule in reason.rules) or "allowed"


def written(table: Any) -> Any:
    """A world's table in the shape of an answer: lists of rules as sets."""
    if isinstance(table, Mapping):
        return {name: written(each) for name, each in table.items()}
    return "allowed" if table == "allowed" else frozenset(table)


def differences(trap: Trap) -> list[str]:
    """Every answer in which the law and the world's file part, in words."""
    found = []
    for asked in trap.asked:
        world = trap.world(asked.known_at)
        for question, answer in QUESTIONS.items():
            table = getattr(asked, question)
            if not table:
                continue
            got, wanted = answer(world, asked), written(table)
            if got != wanted:
                found.append(f"{question} at {asked.at}: {got} and not {wanted}")
        for would in asked.would:
            found += would_differ(world, asked, would)
    found += _in_cases(trap)
    for judged in trap.judged:
        got = judge(judged, trap.world())
        if got != expected(judged.answer):
            found.append(f"{judged.what} {judged.given}: {got} and not {judged.answer}")
    return found


def _in_cases(trap: Trap) -> list[str]:
    found, world = [], trap.world()
    for case in trap.cases:
        got = {
            step: {hand: said(each) for hand, each in row.items()}
            for step, row in matters.answers(case, world).items()
        }
        if got != written(case.steps):
            found.append(f"{case.procedure} at {case.at}: {got} and not {written(case.steps)}")
        met = {name: said(each) for name, each in matters.asked_of_gates(case, world).items()}
        if met != written(case.gates):
            found.append(f"gates at {case.at}: {met} and not {written(case.gates)}")
        back = {hand: said(each) for hand, each in matters.withdrawing(case, world).items()}
        if back != written(case.withdraw):
            found.append(f"withdrawn at {case.at}: {back} and not {written(case.withdraw)}")
        if case.next is not None and matters.due(case, world) != case.next:
            found.append(f"{case.procedure} at {case.at}: {matters.due(case, world)} is due")
    for asked in trap.deputies:
        got = {
            p: {d: said(each) for d, each in row.items()} for p, row in matters.deputies(asked, world).items()
        }
        if got != written(asked.may):
            found.append(f"deputies at {asked.at}: {got} and not {written(asked.may)}")
    return found


def knows(world: World, asked: Asked) -> dict[str, dict[str, Said]]:
    return {
        item: {person: said(may_know(world, person, item, asked.instant).reasons) for person in row}
        for item, row in asked.may_know.items()
    }


def resting_on(world: World, asked: Asked) -> dict[str, dict[str, Said]]:
    def one(item: str, person: str) -> Said:
        verdict = may_know(world, person, item, asked.instant)
        held = [mark.rules for mark in verdict.marks if mark.holds] + [way.rules for way in verdict.routes]
        return frozenset(rule for rules in held for rule in rules)

    return {item: {person: one(item, person) for person in row} for item, row in asked.resting_on.items()}


def audiences(world: World, asked: Asked) -> dict[str, Said]:
    people = sorted(world.nodes(Node.PERSON))
    stand = Stand(at=asked.instant, s=OPEN_SEQ - 1, live=True)
    found = {}
    for item in asked.audience:
        audience = audience_of(world, item, people, stand, asker=people[0], roles=())
        assert audience.total == len(audience.people)
        found[item] = frozenset(each.person for each in audience.people)
    return dict(found)


def reached(world: World, asked: Asked) -> dict[str, Said]:
    documents = sorted(world.nodes(Node.DOCUMENT))
    return {
        person: frozenset(each.item for each in reach_of(world, person, documents, asked.instant))
        for person in asked.reach
    }


def learns_of(world: World, asked: Asked) -> dict[str, Said]:
    people = sorted(world.nodes(Node.PERSON))
    return {
        item: frozenset(each for each in people if gate.may_know_of(world, each, item, asked.instant))
        for item in asked.learns_of
    }


def opened(world: World, asked: Asked) -> dict[str, dict[str, dict[str, Said]]]:
    def one(item: str, person: str, device: str) -> Said:
        on = None if device == NOTHING else device
        return said(gate.may_open(world, person, item, asked.instant, device=on)[1])

    return {
        item: {person: {device: one(item, person, device) for device in row} for person, row in rows.items()}
        for item, rows in asked.opening.items()
    }


def placed(world: World, asked: Asked) -> dict[str, dict[str, Said]]:
    return {
        level: {
            where: said(keeping.judge_placing(world, where, LEVELS[level], asked.instant)) for where in row
        }
        for level, row in asked.placing.items()
    }


def listed(world: World, asked: Asked) -> dict[str, dict[str, Said]]:
    def one(item: str, member: str) -> Said:
        what = demand(world, item, asked.instant)
        assert what.level is not None
        above = frozenset({member, *groups(world, member, asked.instant)})
        return said(
            keeping.judge_listing(
                world, member, level=what.level, distribution=frozenset(what.distribution), above=above, at=asked.instant
            )
        )  # fmt: skip

    return {item: {member: one(item, member) for member in row} for item, row in asked.listing.items()}


def known(world: World, asked: Asked) -> dict[str, Said]:
    return {
        item: frozenset(fact.source for fact in world.into(item, "HAS_KNOWN") if fact.since <= asked.instant)
        for item in asked.has_known
    }


def reachable(world: World, asked: Asked) -> dict[str, dict[str, Said]]:
    return {
        carrier: {
            person: frozenset(rule for way in ways for rule in way.rules)
            for person, ways in reach.ways(world, carrier, asked.instant).items()
        }
        for carrier in asked.can_reach
    }


def exposed(world: World, asked: Asked) -> dict[str, Said]:
    return {
        carrier: frozenset(each.person for each in reach.exposed(world, carrier, asked.instant))
        for carrier in asked.exposure
    }


def would_differ(world: World, asked: Asked, would: Would) -> list[str]:
    """What the overlay gains and loses, held against the file and against a world in which it has been done."""
    added = [dated(row, f"w{n}", 1) for n, row in enumerate(would.add)]
    gone = [
        fact
        for source, kind, target in would.end
        for fact in world.out(source, kind)
        if fact.target == target and fact.holds(asked.instant)
    ]
    assert len(gone) >= len(would.end)
    view = Overlay(world, added, [fact.id for fact in gone], world.labels)
    done = World([*(fact for fact in world.facts() if fact not in gone), *added], world.labels)
    before, after, afterwards = (_sights(each, asked) for each in (world, view, done))
    wanted = (
        {(i, p) for i, row in would.gains.items() for p in row},
        {(i, p) for i, row in would.loses.items() for p in row},
    )
    if after != afterwards:
        return [f"what would be at {asked.at} is not what is once it is done"]
    if (after - before, before - after) != wanted:
        return [f"would at {asked.at}: gains {after - before}, loses {before - after}"]
    return []


def _sights(facts: Facts, asked: Asked) -> set[tuple[str, str]]:
    return {
        (item, person)
        for item, row in asked.may_know.items()
        for person in row
        if may_know(facts, person, item, asked.instant).allowed
    }


def proposals(world: World, asked: Asked) -> dict[str, Said]:
    found = {person: proposed(world, person, asked.instant) for person in asked.level_proposed}
    return {
        person: frozenset({each.level.id if each.level else NOTHING, *each.rules})
        for person, each in found.items()
    }


def whereabouts(world: World, asked: Asked) -> dict[str, Said]:
    """What is said of each carrier: its state, who has it, where it lies, and the level it bears."""

    def one(carrier: str) -> Said:
        found, borne = (
            custody.where(world, carrier, asked.instant),
            custody.bears(world, carrier, asked.instant),
        )
        level = borne.level.id if borne and borne.level else None
        told = (found.state, found.holder, found.place, found.sent_to, *found.accompanied_by, level)
        return frozenset(each for each in told if each)

    return {carrier: one(carrier) for carrier in asked.whereabouts}


QUESTIONS: dict[str, Callable[[World, Asked], Any]] = {
    "may_know": knows,
    "audience": audiences,
    "reach": reached,
    "resting_on": resting_on,
    "learns_of": learns_of,
    "opening": opened,
    "placing": placed,
    "listing": listed,
    "has_known": known,
    "can_reach": reachable,
    "exposure": exposed,
    "whereabouts": whereabouts,
    "level_proposed": proposals,
    "entering": premises.entering,
    "entry_list": premises.entry_list,
    "findings": premises.findings,
    "undesignated": premises.undesignated,
    "found_wanting": premises.found_wanting,
}
