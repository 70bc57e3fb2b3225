"""脱密期: begun, extended, and released by an act of the leading group; it never ends in silence (S01-11a–g, S01-17.6)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Fact, Facts, Joined
from graph.kinds import Node
from graph.law import cooling
from graph.law.flow import GATES, Matter
from graph.law.levels import LEVELS, Level
from graph.law.person import cools_until, in_force
from graph.law.proposal import proposed
from graph.law.verdict import Reason
from graph.times import Instant, parse, start_of, to_date_text, to_datetime
from storage import docket
from storage.act import ID_PATTERN, Act, Bench, Draft, act, one_of
from storage.registers.cases import effect, open_by_itself

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
GROUP = ("LEADING_GROUP_OF",)
GROUP_AND_OFFICER = ("LEADING_GROUP_OF", "SECURITY_OFFICER_OF")
PERSON = Node.PERSON.value


class RecordCoolingOff(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """脱密期 of somebody whose secret work ended elsewhere than in a case of leaving, from its start to its computed end.

    The level decides how long (S01-11d–f, C01): the one the register knows of, or a higher one. It is given where the register
    knows of none.
    """

    person: Id
    level: str | None = None
    start: str


@act("start-cooling-off", RecordCoolingOff, register="cooling-off", zh="登记脱密期", en="Start a cooling-off period",
     by=GROUP_AND_OFFICER, rules=("S01-11a", "P-role"),
     examples=({"person": "p06", "start": "2026-03-04"},))  # fmt: skip
async def start_cooling_off(params: RecordCoolingOff, bench: Bench) -> Draft:
    """S01-11a–f: no secret work any more, everything returned, no case of leaving that would do it, and no day too early."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    if params.level is not None:
        one_of("level", params.level, cooling.PERIODS)
    start = parse(params.start, field="start")
    if start > bench.occurred:
        raise BadField("start", "in-the-future")
    bench.about(person[0])
    if await bench.standing(person, "COOLING_OFF"):
        raise BadField("person", "already-so")
    world = await _world(bench, person[0])
    least = cooling.level_recorded(world, person[0], bench.occurred)
    level = LEVELS[params.level] if params.level else least
    if level is None:
        raise BadField("level", "missing")
    reasons = [*cooling.long_enough(level, least), *await _still_at_it(bench, world, person[0])]
    bench.refuse([*reasons, *_too_early(world, person[0], start, bench.occurred)])
    draft = Draft(person[0], bench.occurred)
    draft.rules.append("S01-11a")
    await cool_off(draft, bench, person[0], level.id, start=start)
    return draft


async def _world(bench: Bench, person: str) -> Joined:
    who = {person: PERSON}
    return Joined([await bench.facts.standing(who), await bench.facts.around(who, into=("HELD_BY",))])


async def _still_at_it(bench: Bench, world: Facts, person: str) -> list[Reason]:
    """Why nobody cools off yet: on secret work, carriers in hand, or a leaving that is not closed."""
    matter = Matter(
        id="", procedure="", subject=person, subject_kind=PERSON, opener="", opened=bench.occurred, since=bench.occurred
    )  # fmt: skip
    reasons = list(GATES["nothing-in-hand"].judge(world, matter, bench.occurred))
    work = proposed(world, person, bench.occurred)
    if work.level is not None:
        values = {"level": work.level.id}
        reasons.append(Reason(("S01-11a",), "still-on-secret-work", values, (), "leave", "OFFICE_OF"))
    if await docket.matters_on(person, procedure="leaving", states=("open", "suspended")):
        reasons.append(
            Reason(("S01-11a", "S01-11b"), "leaving-still-open", {}, (), "close-leaving", "OFFICE_OF")
        )
    return reasons


def _too_early(world: Facts, person: str, start: Instant, at: Instant) -> list[Reason]:
    """S01-11b: not from before the last post, the last return or the clearance that the register knows of."""
    left = cooling.left_at(world, person, at) or 0
    cleared = max((fact.since for fact in in_force(world.out(person, "CLEARED_TO"), at)), default=0)
    earliest = cooling.counts_from(world, person, max(left, cleared))
    if earliest > at or _day(start) >= _day(earliest):
        return []
    return [Reason(("S01-11a", "S01-11b"), "cooling-off-too-early", {"day": to_date_text(earliest)})]


def _day(instant: Instant) -> date:
    return to_datetime(instant).date()


async def cool_off(draft: Draft, bench: Bench, person: str, level: str, *, start: Instant) -> None:
    """The period itself, the end it is given, and the task of releasing from it: nothing else ends it (S01-17.6).

    Where one runs already, the new one takes its place and ends no earlier (S01-11g).
    """
    parameter, rule = cooling.PERIODS[level]
    end = cooling.ends(start, bench.parameter(parameter))
    who = (person, PERSON)
    world = await bench.facts.around({person: PERSON})
    for before in in_force(world.out(person, "COOLING_OFF"), bench.occurred):
        end = max(end, cools_until(before))
        level = _higher(level, str(before.details.get("level", level)))
        draft.end(before, world, start)
    day = to_date_text(end)
    draft.begin("COOLING_OFF", who, bench.own, since=start, details={"level": level, "ends": day})
    for note in in_force(world.out(person, "ANNOTATED"), bench.occurred):
        draft.revise(note, world, level=level, starts=to_date_text(start), ends=day)
    draft.rules.append(rule)
    draft.result |= {"starts": to_date_text(start), "ends": day}
    await _task(draft, bench, who, {"ends": day, "level": level})


def _higher(one: str, other: str) -> str:
    def rank(level: str) -> int:
        known: Level | None = LEVELS.get(level)
        return known.rank if known else -1

    return max(one, other, key=rank)


async def _task(draft: Draft, bench: Bench, who: tuple[str, str], form: dict[str, str]) -> None:
    """The release waits for the day the period runs to, whatever day it waited for before."""
    standing = await docket.matters_on(who[0], procedure="release", states=("open", "suspended"))
    for matter in standing:
        docket.put_matter(draft, msgspec.structs.replace(matter, form={**matter.form, **form}))
    if not standing:
        await open_by_itself(draft, bench, "release", who, form, "cooling-off")


class ExtendCoolingOff(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """适当延长: a later end, with its reason. `until` is the first day on which the period may be released from."""

    person: Id
    until: str
    reason: Words


@act("extend-cooling-off", ExtendCoolingOff, register="cooling-off", zh="延长脱密期", en="Extend a cooling-off period",
     by=GROUP, decided_by=GROUP, paper=True, rules=("S01-11g", "S01-17a"),
     examples=({"person": "p06", "until": "2027-09-04", "reason": "涉密程度深"},))  # fmt: skip
async def extend_cooling_off(params: ExtendCoolingOff, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    until = start_of(_day(parse(params.until, field="until")))
    bench.about(person[0])
    world = await bench.facts.around(dict([person]))
    period = cooling.running(world, person[0], bench.occurred)
    if period is None:
        raise BadField("person", "not-so", value=params.person)
    bench.refuse(cooling.only_longer(cools_until(period), until))
    if until == cools_until(period):
        raise BadField("until", "already-so")
    draft = Draft(person[0], bench.occurred)
    day = to_date_text(until)
    notes: tuple[Fact, ...] = in_force(world.out(person[0], "ANNOTATED"), bench.occurred)
    for fact in (period, *notes):
        draft.revise(fact, world, ends=day)
    await _task(draft, bench, person, {"ends": day, "level": str(period.details.get("level", ""))})
    draft.rules.append("S01-11g")
    draft.result = {**draft.result, "ends": day}
    return draft


@effect("release-person")
async def release_person(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-17.6: released by name; who does no secret work any more is cleared no more. The duty of secrecy stays on record (S01-11c)."""
    world = await _world(bench, matter.subject)
    ending = ["COOLING_OFF", "ANNOTATED"]
    if proposed(world, matter.subject, bench.occurred).level is None:
        ending.append("CLEARED_TO")
    for fact in in_force(world.out(matter.subject, *ending), bench.occurred):
        draft.end(fact, world)
    draft.result["released"] = matter.subject
    draft.rules += ["S01-17.6", "S01-11c"]
