"""Departures: transfer, resignation and leaving without permission done to their end; the annotation of the personnel file."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import ROLES, Node
from graph.law.cooling import running
from graph.law.flow import Matter
from graph.law.person import cools_until, in_force
from graph.times import to_date_text
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers.cases import effect, open_by_itself

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
PERSON = Node.PERSON.value
ENDING = (
    "MEMBER_OF", "HOLDS_POST", "HAS_TASK", "MAY_ENTER", "HOLDS_KEY", "ANSWERS_FOR", "IN_RANGE", "GRANTED_READ", "DEPUTY_OF", *ROLES,
)  # fmt: skip
"""What a person has here and takes nowhere else."""


class Annotate(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """人事档案注明: secret status, level and period, as the register holds them."""

    person: Id
    words: Words


@act("annotate", Annotate, register="cooling-off", zh="人事档案注明", en="Annotate the personnel file", by=("OFFICE_OF",),
     rules=("S01-13d", "P-role"), examples=({"person": "p06", "words": "一般涉密人员，脱密期至2027-03-04"},))  # fmt: skip
async def annotate(params: Annotate, bench: Bench) -> Draft:
    """S01-13d: it stands until the release from the period and cannot be taken away before."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    world = await bench.facts.around(dict([person]))
    period = running(world, person[0], bench.occurred)
    if period is None:
        raise BadField("person", "not-so", value=params.person)
    if in_force(world.out(person[0], "ANNOTATED"), bench.occurred):
        raise BadField("person", "already-so")
    draft = Draft(person[0], bench.occurred)
    details: dict[str, Any] = {
        "level": period.details.get("level", ""), "starts": to_date_text(period.since), "ends": to_date_text(cools_until(period)),
    }  # fmt: skip
    draft.begin("ANNOTATED", person, bench.own, details=details)
    draft.rules.append("S01-13d")
    draft.result = details
    return draft


@effect("complete-departure")
async def complete_departure(matter: Matter, bench: Bench, draft: Draft) -> None:
    """The formalities: every post, membership, role, key, entry and listing by name ends.

    A cooling-off that runs goes on, and with it the clearance it answers to (S01-13c, S01-14b): the release ends both.
    """
    world = await bench.facts.around({matter.subject: PERSON}, into=("DEPUTY_OF",))
    period = running(world, matter.subject, bench.occurred)
    own = world.out(matter.subject, *ENDING, *(() if period else ("CLEARED_TO",)))
    for fact in in_force((*own, *world.into(matter.subject, "DEPUTY_OF")), bench.occurred):
        draft.end(fact, world)
    draft.result["cooling_off_until"] = to_date_text(cools_until(period)) if period else None
    draft.rules += ["S01-17a", "S01-17.7"]


@effect("note-departure")
async def note_departure(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-15a: access is off from now, and what the person holds is listed [P]."""
    person = (matter.subject, PERSON)
    world = await bench.facts.around(dict([person]), into=("HELD_BY",))
    noted = any(fact.kind == "DEPARTED" for fact in draft.facts)
    if not noted and not in_force(world.out(person[0], "DEPARTED"), bench.occurred):
        draft.begin("DEPARTED", person, bench.own)
    held = in_force(world.into(person[0], "HELD_BY"), bench.occurred)
    draft.result["holdings"] = sorted(fact.source for fact in held)
    draft.rules.append("S01-15a")


@effect("settle-departure")
async def settle_departure(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-15c–d: who returned is back; who resigns goes by the rules of resignation; who does neither is referred."""
    outcome = matter.said("outcome")
    world = await bench.facts.around({matter.subject: PERSON})
    if outcome == "returned":
        for fact in in_force(world.out(matter.subject, "DEPARTED"), bench.occurred):
            draft.end(fact, world)
        return
    if outcome == "resigns":
        cooling = running(world, matter.subject, bench.occurred) is not None
        procedure = "resignation-exception" if cooling else "resignation"
        form = {"reason": str(matter.said("note"))}
        form |= {name: str(matter.said(name)) for name in ("taker", "supervisor") if matter.said(name)}
        await open_by_itself(draft, bench, procedure, (matter.subject, PERSON), form, "departure")
        draft.rules.append("S01-15c")
        return
    contacts = [
        {"at": taken.at, "by": taken.person, **taken.form} for taken in matter.taken if taken.step == "urge"
    ]
    draft.result["referral"] = {
        "to": matter.said("referred_to"), "evidence": list(matter.said("evidence")), "contacts": contacts,
    }  # fmt: skip
    draft.rules.append("S01-15d")
