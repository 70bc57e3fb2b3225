"""脱密期: begun, extended, and released by an act of the leading group; it never ends in silence (S01-11a–g, S01-17.6)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law import cooling
from graph.law.flow import Matter
from graph.law.person import in_force
from graph.times import Instant, parse, to_datetime
from storage import docket
from storage.act import ID_PATTERN, Act, Bench, Draft, act, one_of
from storage.registers.cases import effect, open_by_itself

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
GROUP = ("LEADING_GROUP_OF",)
GROUP_AND_OFFICER = ("LEADING_GROUP_OF", "SECURITY_OFFICER_OF")
PERSON = Node.PERSON.value


class RecordCoolingOff(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """脱密期 from its start to its computed end; the level decides how long (S01-11d–f, C01)."""

    person: Id
    level: str
    start: str


@act("start-cooling-off", RecordCoolingOff, register="cooling-off", zh="登记脱密期", en="Start a cooling-off period",
     by=GROUP_AND_OFFICER, rules=("S01-11a", "P-role"),
     examples=({"person": "p06", "level": "confidential", "start": "2026-03-04"},))  # fmt: skip
async def start_cooling_off(params: RecordCoolingOff, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    one_of("level", params.level, cooling.PERIODS)
    bench.about(person[0])
    if await bench.standing(person, "COOLING_OFF"):
        raise BadField("person", "already-so")
    draft = Draft(person[0], bench.occurred)
    draft.rules.append("S01-11a")
    await cool_off(draft, bench, person[0], params.level, start=parse(params.start, field="start"))
    return draft


async def cool_off(draft: Draft, bench: Bench, person: str, level: str, *, start: Instant) -> None:
    """The period itself, the end it is given, and the task of releasing from it (S01-17.6)."""
    parameter, rule = cooling.PERIODS[level]
    end = cooling.ends(start, bench.parameter(parameter))
    who = (person, PERSON)
    draft.begin("COOLING_OFF", who, bench.own, since=start, until=end, details={"level": level})
    draft.rules.append(rule)
    day = to_datetime(end).date().isoformat()
    draft.result["ends"] = day
    await open_by_itself(draft, bench, "release", who, {"ends": day, "level": level}, "cooling-off")


class ExtendCoolingOff(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """适当延长: a later end, with its reason. `until` is the first day on which the period runs no more."""

    person: Id
    until: str
    reason: Words


@act("extend-cooling-off", ExtendCoolingOff, register="cooling-off", zh="延长脱密期", en="Extend a cooling-off period",
     by=GROUP, decided_by=GROUP, paper=True, rules=("S01-11g", "S01-17a"),
     examples=({"person": "p06", "until": "2027-09-04", "reason": "涉密程度深"},))  # fmt: skip
async def extend_cooling_off(params: ExtendCoolingOff, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    until = parse(params.until, field="until")
    bench.about(person[0])
    world = await bench.facts.around(dict([person]))
    period = cooling.running(world, person[0], bench.occurred)
    if period is None:
        raise BadField("person", "not-so", value=params.person)
    reasons = cooling.only_longer(period.until, until)
    bench.refuse(reasons)
    if until == period.until:
        raise BadField("until", "already-so")
    draft = Draft(person[0], bench.occurred)
    draft.end(period, world, until)
    for note in in_force(world.out(person[0], "ANNOTATED"), bench.occurred):
        draft.end(note, world, until)
    day = to_datetime(until).date().isoformat()
    for matter in await docket.matters_on(person[0], procedure="release", states=("open",)):
        docket.put_matter(draft, msgspec.structs.replace(matter, form={**matter.form, "ends": day}))
    draft.rules.append("S01-11g")
    draft.result = {**draft.result, "ends": day}
    return draft


@effect("release-person")
async def release_person(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-17.6: released by name. The duty of secrecy stays on record (S01-11c)."""
    draft.result["released"] = matter.subject
    draft.rules += ["S01-17.6", "S01-11c"]
