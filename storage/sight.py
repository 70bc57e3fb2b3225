"""What an asker may know of, as a list: found from their own reach and hands, never by going through the catalogue."""

from __future__ import annotations

from graph.access import Questions
from graph.kinds import Node
from graph.law import gate
from graph.law.person import in_force


class Sight:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def documents(self, asker: str) -> list[str] | None:
        """Ids in order; None where the asker may know of every one (`gate.KNOW_OF_ALL`).

        Whatever `gate.knows_of` allows else is open by a list or a grant, or is in the asker's hands.
        """
        brought, stand = await self._questions.neighbourhood()
        facts, items = await brought.reach(asker)
        if gate.roles(facts, asker, stand.at, *gate.KNOW_OF_ALL):
            return None
        hands = await brought.around({asker: Node.PERSON.value}, into=("HELD_BY",))
        carriers = {
            fact.source: Node.CARRIER.value for fact in in_force(hands.into(asker, "HELD_BY"), stand.at)
        }
        borne = await brought.around(carriers)
        held = {
            fact.target for carrier in carriers for fact in in_force(borne.out(carrier, "CARRIES"), stand.at)
        }
        judged = await self._questions.may_know_of(asker, sorted({*items, *held}))
        return [id_ for id_, (_, known) in judged.items() if known]
