"""Private travel abroad: what the Office has allowed, and who has gone (S02-9a–c)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.flow import Matter
from graph.law.travel import approved
from graph.times import DAY_MS, parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers.cases import effect, open_by_itself

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


@effect("allow-travel")
async def allow_travel(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S02-9a: allowed for the days applied for, the last one whole."""
    first = parse(str(matter.said("leaving")), field="leaving")
    last = parse(str(matter.said("returning")), field="returning") + DAY_MS
    if last <= first:
        raise BadField("returning", "ends-before-it-begins")
    draft.begin(
        "TRAVEL_ALLOWED", (matter.subject, Node.PERSON.value), bench.own, since=first, until=last,
        details={"destination": str(matter.said("destination"))},
    )  # fmt: skip
    draft.rules += ["S02-4.6", "S02-9a"]


class RecordTravel(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person has left for abroad on private business, as it happened."""

    person: Id
    destination: Words


@act("record-travel", RecordTravel, register="travel", zh="登记因私出国（境）", en="Record private travel abroad",
     by=("OFFICE_OF", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF"), rules=("S02-9c", "P-role"),
     examples=({"person": "p23", "destination": "新加坡"},))  # fmt: skip
async def record_travel(params: RecordTravel, bench: Bench) -> Draft:
    """S02-9c: whoever has gone without approval is recorded all the same, and an incident opens."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    world = await bench.facts.around({person[0]: person[1]})
    draft = Draft(person[0], bench.occurred)
    draft.rules.append("S02-9a")
    draft.result = {"destination": params.destination}
    reasons = bench.binding(approved(world, person[0], params.destination, bench.occurred))
    if reasons:
        draft.rules.append("S02-9c")
        form = {"what": f"因私出国（境）：{params.destination}", "broken": ["S02-9c"]}
        await open_by_itself(draft, bench, "incident", person, form, "record-travel")
    return draft
