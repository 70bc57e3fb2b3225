"""what_if: who would gain and who would lose sight of what, and who would come to reach what they may not know.

Proposed entries are laid over the facts; the people, items and carriers they touch are judged before and after by the same
law. What they do not touch cannot change: `touched` follows every relation through which the law reads a changed fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from graph.access import Questions, Stand, When
from graph.closure import Around, settled
from graph.errors import BadField, NotAvailable
from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law import gate, reach
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.regulation import ALL_BIND, Ruling
from graph.projection import Step
from graph.supposed import Laid, Supposed, below, toward, under
from graph.times import Instant

Pair = tuple[str, str]
GROUPS = (Node.DEPARTMENT.value, Node.ORGANISATION.value, Node.POST.value)
ON_GROUPS = ("PART_OF", "KEY_UNIT_OF", "CLASSIFIED_AS")
"""What, changed on a group, changes those who stand under it."""
CONTAIN = ("KEPT_IN", "ENROLLED_AT", "PART_OF")
LEADS = ("MAY_ENTER", "INSIDE", "HOLDS_KEY", "CUSTODIAN_OF")


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs of person and item, and of person and carrier, in order. Only what the asker may know of."""

    gains: tuple[Pair, ...]
    loses: tuple[Pair, ...]
    exposed: tuple[Pair, ...]
    no_longer_exposed: tuple[Pair, ...]
    stand: Stand
    complete: bool = True


class Touched(msgspec.Struct, frozen=True):
    """What changed facts bear upon."""

    people: frozenset[str]
    items: frozenset[str]
    carriers: frozenset[str]


class Sights(msgspec.Struct, frozen=True):
    """Who may know what, who is exposed to which carrier, and what each carrier bears."""

    knows: frozenset[Pair]
    exposed: frozenset[Pair]
    bears: frozenset[Pair]


async def what_if(
    questions: Questions, asker: str, steps: Sequence[Step], when: When | None = None
) -> WhatIf:
    """For those who ask about hands; the proposal has been judged before. Raises NotAvailable, BadField."""
    brought, stand = await questions.neighbourhood()
    world = await brought.people([asker])
    if not gate.may_ask_hands(world, asker, stand.at):
        raise NotAvailable
    if when is not None and when.at is not None:
        if when.at < stand.at:
            raise BadField("at", "dates-backwards", value="at")
        stand = msgspec.structs.replace(stand, at=when.at)
    laid = Laid(steps)
    sources: tuple[Around, Around] = (brought, Supposed(brought, laid))
    changed = [fact for step in steps for fact in (*step.superseded, *step.facts)]
    ends = {node: label for step in steps for node, label in step.labels.items()}
    met = [(await settled(each, ends, lambda facts: touched(facts, changed)))[0] for each in sources]
    whole = Touched(
        *(frozenset().union(*parts) for parts in zip(*map(msgspec.structs.astuple, met), strict=True))
    )
    old, new = [
        (await settled(each, _roots(whole), lambda facts: sights(facts, whole, stand.at, stand.ruling)))[0]
        for each in sources
    ]
    hidden = await _hidden(
        questions, asker, old.bears | new.bears, made={node for s in steps for node, _ in s.nodes}
    )
    return WhatIf(
        gains=_shown(new.knows - old.knows, hidden),
        loses=_shown(old.knows - new.knows, hidden),
        exposed=_shown(new.exposed - old.exposed, hidden),
        no_longer_exposed=_shown(old.exposed - new.exposed, hidden),
        stand=stand,
    )


def _roots(whole: Touched) -> dict[str, str]:
    return (
        dict.fromkeys(whole.people, Node.PERSON.value)
        | dict.fromkeys(whole.items, Node.DOCUMENT.value)
        | dict.fromkeys(whole.carriers, Node.CARRIER.value)
    )


async def _hidden(questions: Questions, asker: str, bears: frozenset[Pair], made: set[str]) -> set[str]:
    """Items the asker may not know of, and carriers of nothing but these. What the proposal itself makes is the asker's own."""
    items = sorted({item for _, item in bears} - made)
    known = await questions.may_know_of(asker, items)
    hidden = {item for item in items if not known[item][1]}
    shown = {carrier for carrier, item in bears if item not in hidden}
    return hidden | {carrier for carrier, _ in bears if carrier not in shown}


def _shown(pairs: frozenset[Pair], hidden: set[str]) -> tuple[Pair, ...]:
    return tuple(sorted(pair for pair in pairs if pair[1] not in hidden))


# Pure, over any facts


def touched(facts: Facts, changed: Iterable[Fact]) -> Touched:
    """The people, items and carriers whose verdicts may rest on one of these facts."""
    people, items, carriers, groups, things = set[str](), set[str](), set[str](), set[str](), set[str]()
    for fact in changed:
        for node in (fact.source, fact.target):
            label = facts.label(node)
            if label == Node.PERSON:
                people.add(node)
            elif label == Node.DOCUMENT:
                items.add(node)
            elif label in (Node.RANGE, Node.DISTRIBUTION):
                items |= {link.target for link in facts.out(node, "RANGE_OF", "DISTRIBUTION_OF")}
            elif label in (Node.CARRIER, Node.CONTAINER, Node.PLACE, Node.DEVICE):
                things.add(node)
            elif label in GROUPS and fact.kind in ON_GROUPS and node == fact.source:
                groups.add(node)
    people |= below(facts, groups)
    carriers |= within(facts, things)
    carriers |= {link.source for item in items for link in facts.into(item, "CARRIES")}
    return Touched(frozenset(people), frozenset(items), frozenset(carriers))


def within(facts: Facts, things: Iterable[str]) -> set[str]:
    """The carriers among these things and inside them, on any date."""
    seen, waiting = set[str](), list(things)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [fact.source for fact in facts.into(node, *CONTAIN)]
    return {node for node in seen if facts.label(node) == Node.CARRIER}


def sights(facts: Facts, whole: Touched, at: Instant, ruling: Ruling = ALL_BIND) -> Sights:
    """Of the touched: who may know what, who is exposed to which carrier, and what each carrier bears."""
    cards = {}
    silent = ruling.silent(at)
    knows, exposed, bears = set[Pair](), set[Pair](), set[Pair]()
    asked = {item: under(facts, item) | whole.people for item in whole.items}
    for person in whole.people:
        for item in toward(facts, person):
            asked.setdefault(item, set()).add(person)
    for item, people in asked.items():
        what = demand(facts, item, at)
        for person in people:
            if person not in cards:
                cards[person] = card(facts, person, at)
            if judge(cards[person], what, silent).allowed:
                knows.add((person, item))
        bears.add(("", item))
    near = {carrier for person in whole.people for carrier in _near(facts, person)}
    for carrier in whole.carriers | near:
        bears |= {(carrier, item) for item in reach.items_on(facts, carrier, at)}
        exposed |= {
            (each.person, carrier)
            for each in reach.exposed(facts, carrier, at, ruling)
            if carrier in whole.carriers or each.person in whole.people
        }
    return Sights(frozenset(knows), frozenset(exposed), frozenset(bears))


def _near(facts: Facts, person: str) -> set[str]:
    """The carriers a person's entries, keys and hands lead to."""
    held = {fact.source for fact in facts.into(person, "HELD_BY")}
    rooms = {
        fact.target
        for fact in facts.out(person, *LEADS)
        if facts.label(fact.target) not in (Node.ORGANISATION, Node.DEPARTMENT)
    }
    return held | within(facts, rooms)
