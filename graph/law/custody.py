"""Where a carrier is, in whose hands, and what it bears (S03-4.3b, 4.5.3, 4.5.4c)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from graph.facts import Fact, Facts
from graph.law.item import Demand, demand
from graph.law.person import in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: held, sent, missing, destroyed, or in-transit while nobody has signed for it yet.

    `chain` are the facts of custody in order, the whole way it has gone.
    """

    carrier: str
    state: str
    holder: str | None
    place: str | None
    sent_to: str | None
    accompanied_by: tuple[str, ...]
    chain: tuple[Fact, ...]


@rule(
    "S03-4.3b", reads="act", kinds=("HELD_BY", "KEPT_IN", "SENT_TO", "MISSING", "DESTROYED", "ACCOMPANIED_BY")
)
def where(facts: Facts, carrier: str, at: Instant) -> Whereabouts:
    """At any time one holder and one place, and the chain of custody (随时掌握去向)."""
    kinds = ("HELD_BY", "KEPT_IN", "SENT_TO", "ACCOMPANIED_BY")
    now = {
        kind: [f.target for f in in_force(facts.out(carrier, kind), at)]
        for kind in (*kinds, "MISSING", "DESTROYED")
    }
    chain = sorted(
        (fact for fact in facts.out(carrier, *kinds) if fact.since <= at),
        key=lambda fact: (fact.since, fact.kind),
    )
    ends = (("DESTROYED", "destroyed"), ("MISSING", "missing"), ("SENT_TO", "sent"), ("HELD_BY", "held"))
    return Whereabouts(
        carrier=carrier,
        state=next((state for kind, state in ends if now[kind]), "in-transit"),
        holder=next(iter(now["HELD_BY"]), None),
        place=next(iter(now["KEPT_IN"]), None),
        sent_to=next(iter(now["SENT_TO"]), None),
        accompanied_by=tuple(now["ACCOMPANIED_BY"]),
        chain=tuple(chain),
    )


def elsewhere(booked: Sequence[str], found: str) -> tuple[Reason, ...]:
    """It lay where the books do not have it: its keeper did not know where it was (S03-4.3b)."""
    return (Reason(("S03-4.3b",), "found-elsewhere", {"place": found, "booked": ", ".join(booked) or "—"}),)


@rule("S03-4.5.3", "S03-4.5.4c", reads="act", kinds=("CARRIES", "COPY_OF"))
def bears(facts: Facts, carrier: str, at: Instant) -> Demand | None:
    """Level, period and range of a carrier are its document's, a copy's as much as the original's: it has none of its own."""
    carried = in_force(facts.out(carrier, "CARRIES"), at)
    return demand(facts, carried[0].target, at) if carried else None
