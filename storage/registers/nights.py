"""The end of the day: what is on loan lies in a certified container, or is back (S03-5.2, C07)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField, NotAvailable
from graph.kinds import Node
from graph.law.arrears import night_container
from graph.law.gate import accreditation
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Draft, act, refusal
from storage.registers.custody import carrier, finish

Id = Annotated[str, Meta(pattern=ID_PATTERN)]


class ConfirmNight(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The holder of a loan has locked it away for the night."""

    carrier: Id
    container: Id


@act("confirm-night", ConfirmNight, register="use", zh="下班入柜确认", en="Confirm a carrier is locked away", rules=("S03-5.2",),
     examples=({"carrier": "C5", "container": "B9"},))  # fmt: skip
async def confirm_night(params: ConfirmNight, bench: Bench) -> Draft:
    """By whoever has it in hand; the container is certified for its level."""
    if not await bench.standing((bench.actor, Node.PERSON.value), "MEMBER_OF", "HOLDS_POST"):
        raise NotAvailable
    held, world = await carrier(bench, params.carrier)
    container = await bench.subject(params.container, Node.CONTAINER, field="container")
    hands = in_force(world.out(held.id, "HELD_BY"), bench.now)
    if not any(fact.target == bench.actor and fact.details.get("reason") != "custody" for fact in hands):
        raise refusal(("S03-5.2", "P-role"), "not-in-your-hands")
    around = await bench.facts.around({container[0]: container[1]})
    bench.refuse(night_container(accreditation(around, container[0], bench.occurred), held.level))
    if any(fact.since > bench.occurred for fact in world.out(held.id, "KEPT_IN", "HELD_BY")):
        raise BadField("occurred_at", "dates-backwards", value=held.id)
    draft = Draft(held.id, bench.occurred)
    if not any(
        fact.target == container[0] for fact in in_force(world.out(held.id, "KEPT_IN"), bench.occurred)
    ):
        finish(draft, bench, world, held, "KEPT_IN")
        draft.begin("KEPT_IN", held.node, container)
    draft.rules.append("S03-5.2")
    return draft
