"""The carriers in a person's hands, as far as the asker may know of what they bear."""

from __future__ import annotations

import msgspec

from graph.access import Questions
from graph.kinds import Node
from graph.law.person import in_force
from storage.tables.catalogue import Carrier

SHOWN = 50


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier in hand: custody or a loan, since when, and where it is kept."""

    carrier: str
    serial: str
    medium: str
    document: str
    reason: str
    since: int


class Hands(msgspec.Struct, frozen=True, kw_only=True):
    """The first of what is held, loans before custody, and how many carriers there are in all."""

    shown: tuple[Holding, ...]
    total: int


async def held_by(questions: Questions, asker: str, person: str) -> Hands:
    brought, stand = await questions.neighbourhood()
    world = await brought.around({person: Node.PERSON.value}, into=("HELD_BY",))
    every = in_force(world.into(person, "HELD_BY"), stand.at)
    if not every:
        return Hands(shown=(), total=0)
    held = sorted(every, key=lambda fact: (fact.details.get("reason") == "custody", fact.since, fact.source))
    held = held[:SHOWN]
    rows = await Carrier.select().where(Carrier.id.is_in([fact.source for fact in held]))
    by_id = {row["id"]: row for row in rows}
    known = await questions.may_know_of(asker, sorted({row["document"] for row in rows}))
    found = tuple(
        Holding(
            carrier=fact.source,
            serial=by_id[fact.source]["serial"],
            medium=by_id[fact.source]["medium"],
            document=by_id[fact.source]["document"],
            reason=str(fact.details.get("reason", "")),
            since=fact.since,
        )
        for fact in held
        if fact.source in by_id and known[by_id[fact.source]["document"]][1]
    )
    return Hands(shown=found, total=len(every))


def ids_of(hands: Hands) -> set[str]:
    return {each.document for each in hands.shown}
