"""Short ways to ask what an act has changed."""

from __future__ import annotations

from graph.access import When
from graph.facts import Fact
from graph.kinds import RELATIONS, Node
from graph.law.person import in_force
from graph.neighbourhood import Neighbourhood
from graph.times import parse
from storage.wiring import Wiring

OFFICER = "p02"
"""Who may ask about everybody."""


def instant(text: str) -> int:
    return parse(text, field="at", ends_day=True)


async def readers(wiring: Wiring, item: str, *, asker: str = OFFICER, at: str | None = None) -> list[str]:
    """Everyone who may know an item."""
    audience = await wiring.questions.audience(asker, item, When(at=None if at is None else instant(at)))
    assert audience.complete
    return [knower.person for knower in audience.people]


async def why_not(wiring: Wiring, person: str, item: str, *, at: str | None = None) -> set[str]:
    """The rules that stand between a person and an item; none where the person may know it."""
    judgement = await wiring.questions.may_know(
        OFFICER, person, item, When(at=None if at is None else instant(at))
    )
    assert judgement.allowed is not bool(judgement.rules)
    return set(judgement.rules)


async def standing(wiring: Wiring, node: str, *kinds: str, label: Node) -> list[Fact]:
    """The facts of these kinds that stand on a node now, going out from it or into it, in order of their other end."""
    head = await wiring.ledger.head()
    await wiring.projection.reach(head)
    brought = Neighbourhood(wiring.connection, ledger=head.ledger, s=head.seq, past=False)
    world = await brought.around(
        {node: label.value}, into=tuple(kind for kind in kinds if label in RELATIONS[kind].targets)
    )
    found = in_force([*world.out(node, *kinds), *world.into(node, *kinds)], wiring.now())
    return sorted(
        {fact.id: fact for fact in found}.values(), key=lambda fact: (fact.kind, fact.source, fact.target)
    )


async def whereabouts(wiring: Wiring, carrier: str) -> tuple[list[str], list[str]]:
    """Who holds a carrier, and where it is kept."""
    facts = await standing(wiring, carrier, "HELD_BY", "KEPT_IN", label=Node.CARRIER)
    return [f.target for f in facts if f.kind == "HELD_BY"], [f.target for f in facts if f.kind == "KEPT_IN"]
