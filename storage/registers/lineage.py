"""What was made of what, followed through every hand: sources upward, and what follows a change of theirs downward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from graph.facts import Details, Facts, World
from graph.kinds import Node
from graph.law.derivation import MADE_FROM, meet
from graph.law.person import groups, in_force
from graph.times import Instant
from storage.act import ID_PATTERN, Bench, Draft
from storage.tables.catalogue import Subject

Id = Annotated[str, Meta(pattern=ID_PATTERN)]


class Consent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An originator's letter, registered as evidence."""

    originator: Id
    letter: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


Consents = Annotated[tuple[Consent, ...], Meta(max_length=100)]


async def agreed(bench: Bench, consents: Sequence[Consent]) -> frozenset[str]:
    """The originators whose letters are there. Raises BadField."""
    for n, each in enumerate(consents):
        await bench.subject(each.originator, Node.ORGANISATION, field=f"consents[{n}].originator")
    return frozenset(consent.originator for consent in consents)


async def ancestry(bench: Bench, documents: Sequence[str]) -> World:
    """What stands on these documents and on all they are made of."""
    asked = dict.fromkeys(documents, Node.DOCUMENT.value)
    while True:
        world = await bench.facts.around(asked)
        above = {fact.target for each in asked for fact in in_force(world.out(each, *MADE_FROM), bench.now)}
        if above <= set(asked):
            return world
        asked |= dict.fromkeys(sorted(above), Node.DOCUMENT.value)


class Derived(NamedTuple):
    """A document made of another one, and since when."""

    node: tuple[str, str]
    since: Instant


async def descent(bench: Bench, document: str) -> list[Derived]:
    """Everything made of a document, of what was made of it, and so on."""
    found: dict[str, Instant] = {document: bench.occurred}
    while True:
        asked = dict.fromkeys(found, Node.DOCUMENT.value)
        world = await bench.facts.around(asked, into=MADE_FROM)
        links = [fact for each in asked for fact in in_force(world.into(each, *MADE_FROM), bench.now)]
        new = {fact.source: max(fact.since, found[fact.target]) for fact in links if fact.source not in found}
        if not new:
            return [
                Derived((each, Node.DOCUMENT.value), at) for each, at in found.items() if each != document
            ]
        found |= new


async def bar_with(draft: Draft, bench: Bench, who: tuple[str, str], document: str, reason: str) -> None:
    """An exclusion from a source is one from all that was made of it (C08)."""
    for each in await descent(bench, document):
        details: Details = {"reason": reason, "carried_from": document}
        draft.begin("BARRED_FROM", who, each.node, since=each.since, details=details)


def unbar_with(draft: Draft, bench: Bench, world: Facts, who: str, document: str) -> None:
    """And so is its end: what came with this source goes with it."""
    for fact in in_force(world.out(who, "BARRED_FROM"), bench.now):
        if fact.details.get("carried_from") == document:
            draft.end(fact, world, max(fact.since, bench.occurred))


async def narrow_with(draft: Draft, bench: Bench, document: str, members: frozenset[str]) -> None:
    """Who was taken off a source's range is off the ranges of all that was made of it (S03-4.7, 4.6d)."""
    for each in await descent(bench, document):
        world, _ = await bench.facts.audience(each.node[0], people=False)
        listing = next(iter(in_force(world.into(each.node[0], "RANGE_OF"), each.since)), None)
        if listing is None:
            continue
        entries = {fact.source: fact for fact in in_force(world.into(listing.source, "IN_RANGE"), each.since)}
        labels = {node: str(world.label(node)) for node in entries}
        around = await bench.facts.standing(labels | await _labelled(members - set(entries)))
        above = {node: frozenset(groups(around, node, each.since)) for node in {*entries, *members}}
        left = meet([frozenset(entries), members], above)
        for node, fact in entries.items():
            if node not in left:
                draft.end(fact, world, each.since)
        for node in sorted(left - set(entries)):
            range_ = (listing.source, Node.RANGE.value)
            draft.begin("IN_RANGE", (node, str(around.label(node))), range_, since=each.since)


async def _labelled(nodes: frozenset[str]) -> dict[str, str]:
    rows = (
        await Subject.select(Subject.id, Subject.kind).where(Subject.id.is_in(sorted(nodes))) if nodes else []
    )
    return {row["id"]: row["kind"] for row in rows}
