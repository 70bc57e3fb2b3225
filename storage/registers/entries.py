"""Entry lists, and the log of who came in and went out (S02-13, S02-14, S22-2.3b, S22-2.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.closure import settled
from graph.errors import BadField
from graph.facts import Details, Facts
from graph.kinds import Node
from graph.law.active import serves
from graph.law.entry import (
    MINUTE_MS,
    Coming,
    Flame,
    flame_agreed,
    judge_entry,
)
from graph.law.person import in_force
from graph.law.posting import judge_line
from graph.law.verdict import Reason
from graph.times import DAY_MS, end_of, parse, start_of, to_datetime, to_text
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Work, act
from storage.entry import Body
from storage.registers.breaches import break_out
from storage.registers.people import person_rows

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")
DOORKEEPERS = (*OFFICER, "PRINCIPAL_OF", "CUSTODIAN_OF", "GUARD_OF")
SUPERIORS = ("HEAD_OF", "PRINCIPAL_OF", "LEADER_OF", *OFFICER)


class AdmitToList(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put a person on a place's entry list. Service workers name their pair (S02-14.3)."""

    person: Id
    place: Id
    pair: Id | None = None
    monitored: bool = False


@act("admit-to-list", AdmitToList, register="entry-lists", zh="列入进入人员范围", en="Add to an entry list",
     by=(*OFFICER, "PRINCIPAL_OF"), rules=("S02-13a", "P-role"),
     examples=({"person": "p15", "place": "R301", "pair": "p16", "monitored": True},))  # fmt: skip
async def admit_to_list(params: AdmitToList, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    place = await bench.subject(params.place, Node.PLACE, field="place")
    bench.about(person[0])
    await _answers_for(bench, place[0])
    if await bench.standing(person, "MAY_ENTER", target=place[0]):
        raise BadField("person", "already-so")
    if params.pair:
        await bench.subject(params.pair, Node.PERSON, field="pair")
    pair, months = params.pair or "", bench.parameter("post-assessment")
    key = bool(await bench.standing(place, "KEY_UNIT_OF"))
    reasons, _ = await settled(
        bench.facts,
        {person[0]: person[1], place[0]: place[1]},
        lambda facts: judge_line(
            facts, person[0], pair, bench.occurred, monitored=params.monitored, key=key, months=months
        ),
    )
    bench.refuse(reasons)
    details: Details = {"pair": pair, "monitored": True} if pair else {}
    draft = Draft(place[0], bench.occurred)
    draft.begin("MAY_ENTER", person, place, details=details)
    draft.rules.append("S02-13a")
    return draft


class StrikeFromList(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    place: Id


@act("strike-from-list", StrikeFromList, register="entry-lists", zh="移出进入人员范围", en="Strike from an entry list",
     by=(*OFFICER, "PRINCIPAL_OF"), rules=("S02-13a", "P-role"), examples=({"person": "p04", "place": "R301"},))  # fmt: skip
async def strike_from_list(params: StrikeFromList, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    await bench.subject(params.place, Node.PLACE, field="place")
    await _answers_for(bench, params.place)
    world = await bench.facts.around({person[0]: person[1]})
    standing = [
        fact
        for fact in in_force(world.out(person[0], "MAY_ENTER"), bench.occurred)
        if fact.target == params.place
    ]
    if not standing:
        raise BadField("place", "not-so", value=params.place)
    draft = Draft(params.place, bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    return draft


async def _answers_for(bench: Bench, place: str) -> None:
    """A principal keeps the list of the place they answer for, and of no other (S02-3b)."""
    held = await bench.roles_of(bench.actor, *OFFICER, "PRINCIPAL_OF")
    if not any(fact.kind in OFFICER or fact.target == place for fact in held):
        roles = ("PRINCIPAL_OF", *OFFICER)
        named = {"roles": ",".join(roles)}
        bench.refuse([Reason(("S02-13a", "P-role"), "not-your-act", named)])


# The log


class EnterPlace(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party asks to come into a place now. Whoever enters it admits them.

    `escort` is one of the listed staff who stays with visitors, `monitoring` the camera or whoever watches service workers.
    """

    place: Id
    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    purpose: Words
    escort: Id | None = None
    monitoring: str = ""


@act("enter-place", EnterPlace, register="entry-log", zh="登记进入", en="Let in", by=DOORKEEPERS,
     rules=("S02-13b", "P-role"),
     examples=({"place": "R301", "people": ["p15", "p16"], "purpose": "保洁", "monitoring": "3号摄像头"},))  # fmt: skip
async def enter_place(params: EnterPlace, bench: Bench) -> Draft:
    """Asking to come in is refused where any rule of entry says no [C23]."""
    draft, reasons = await _entered(params, bench)
    bench.refuse(reasons)
    return draft


class ReportEntry(EnterPlace, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has come in against the rules, entered as it happened: every rule it broke is cited, and an incident opens."""

    account: Words


@act("report-entry", ReportEntry, register="entry-log", zh="如实登记进入", en="Report an entry", by=DOORKEEPERS,
     rules=("S02-13b", "P-role"),
     examples=({"place": "R301", "people": ["p06"], "purpose": "取文件", "account": "门未锁,自行进入"},))  # fmt: skip
async def report_entry(params: ReportEntry, bench: Bench) -> Draft:
    """S01-18a: an entry that broke a rule is somebody's incident; one that broke none is an entry like any other."""
    draft, found = await _entered(params, bench)
    reasons = bench.binding(found)
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    about = (*params.people, params.place)
    await break_out(draft, bench, reasons, params.account, about, cause="report-entry")
    world = await bench.facts.around({params.place: Node.PLACE.value}, into=("INSIDE",))
    inside = {fact.source for fact in in_force(world.into(params.place, "INSIDE"), bench.occurred)}
    await _watch(draft, bench, params.place, sorted({*inside, *params.people}))
    draft.result["broken"] = list(dict.fromkeys(rule for reason in reasons for rule in reason.rules))
    return draft


async def _entered(params: EnterPlace, bench: Bench) -> tuple[Draft, tuple[Reason, ...]]:
    place = await bench.subject(params.place, Node.PLACE, field="place")
    if len(set(params.people)) != len(params.people):
        raise BadField("people", "listed-twice")
    party = [
        await bench.subject(each, Node.PERSON, field=f"people[{n}]") for n, each in enumerate(params.people)
    ]
    if params.escort:
        await bench.subject(params.escort, Node.PERSON, field="escort")
    coming = Coming(place[0], params.people, params.escort or "", params.monitoring.strip())

    def work(facts: Facts) -> tuple[list[str], list[str], tuple[Reason, ...]]:
        inside = {fact.source for fact in in_force(facts.into(place[0], "INSIDE"), bench.occurred)}
        workers = [each for each in params.people if serves(facts, each, bench.occurred)]
        reasons = judge_entry(facts, coming, bench.occurred, bench.parameter)
        return [each for each in params.people if each in inside], workers, reasons

    roots = {place[0]: place[1]} | dict(party)
    if params.escort:
        roots[params.escort] = Node.PERSON.value
    (inside, workers, reasons), _ = await settled(bench.facts, roots, work)
    if inside:
        raise BadField("people", "already-so", value=", ".join(inside))
    draft = Draft(place[0], bench.occurred)
    for person in party:
        draft.begin("INSIDE", person, place, details=_logged(params, bench, person[0], workers))
    draft.rules += ["S02-13a", "S02-13b"]
    return draft, reasons


def _logged(params: EnterPlace, bench: Bench, person: str, workers: list[str]) -> Details:
    details: Details = {"purpose": params.purpose, "admitted_by": bench.actor}
    if params.escort and params.escort != person:
        details["escort"] = params.escort
    if params.monitoring.strip():
        details |= {"monitoring": params.monitoring.strip(), "monitored": True}
    if len(workers) == 2 and person in workers:
        details["pair"] = next(each for each in workers if each != person)
    return details


class LeavePlace(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People go out again. Whoever is left alone has to go too, or the alarm follows (S02-14.3)."""

    place: Id
    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]


@act("leave-place", LeavePlace, register="entry-log", zh="登记离开", en="Let out", by=DOORKEEPERS,
     rules=("S02-13b", "P-role"), examples=({"place": "R301", "people": ["p16"]},))  # fmt: skip
async def leave_place(params: LeavePlace, bench: Bench) -> Draft:
    place = await bench.subject(params.place, Node.PLACE, field="place")
    world = await bench.facts.around({place[0]: place[1]}, into=("INSIDE",))
    inside = {fact.source: fact for fact in in_force(world.into(place[0], "INSIDE"), bench.occurred)}
    draft = Draft(place[0], bench.occurred)
    for n, each in enumerate(dict.fromkeys(params.people)):
        if each not in inside:
            raise BadField(f"people[{n}]", "not-so", value=each)
        draft.end(inside[each], world)
    draft.rules.append("S02-13b")
    await _watch(draft, bench, place[0], [each for each in inside if each not in params.people])
    return draft


async def _watch(draft: Draft, bench: Bench, place: str, within: list[str]) -> None:
    """S02-14.3: whoever is alone now goes too, or the alarm follows at the instant when it is due [P]."""
    lonely = await _left_alone(bench, within)
    if not lonely:
        return
    due = bench.occurred + bench.parameter("lone-worker-alarm") * MINUTE_MS
    draft.work.append(Work("alarm", place, due))
    draft.rules.append("S02-14.3")
    draft.result |= {"alone": lonely, "alarm_at": to_text(due)}


async def _left_alone(bench: Bench, stay: list[str]) -> str | None:
    """The one service worker among those who stay, if there is just one."""
    facts = await bench.facts.people(stay)
    workers = [each for each in stay if serves(facts, each, bench.occurred)]
    return workers[0] if len(workers) == 1 else None


# Outsiders and fire


class RegisterVisitor(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody from outside who will come in on business: named, and of which organisation."""

    name: Name
    organisation: Id
    id: Id | None = None


def project_visitor(params: RegisterVisitor, body: Body) -> Iterable[Change]:
    yield from person_rows(body.result["person"], params.name, "", "", 0, body)


@act("register-visitor", RegisterVisitor, register="visitors", zh="登记外来人员", en="Register a visitor", by=DOORKEEPERS,
     project=project_visitor, rules=("S22-2.3b", "P-role"),
     examples=({"name": "王工", "organisation": "supplier"},))  # fmt: skip
async def register_visitor(params: RegisterVisitor, bench: Bench) -> Draft:
    organisation = await bench.subject(params.organisation, Node.ORGANISATION, field="organisation")
    if organisation == bench.own:
        raise BadField("organisation", "own-organisation")
    id_ = await bench.new_id(params.id, Node.PERSON)
    draft = Draft(id_, bench.occurred)
    draft.begin("MEMBER_OF", (draft.node(id_, Node.PERSON), Node.PERSON.value), organisation)
    draft.rules.append("S22-2.3b")
    draft.result = {"person": id_}
    return draft


class ApproveVisit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A superior lets somebody come in on business, on one day (today where it is left out)."""

    person: Id
    place: Id
    purpose: Words
    on: str | None = None


@act("approve-visit", ApproveVisit, register="visitors", zh="批准来访", en="Approve a visit", by=DOORKEEPERS,
     decided_by=SUPERIORS, paper=True, rules=("S22-2.3b", "P-role"),
     examples=({"person": "visitor1", "place": "R302", "purpose": "检修空调"},))  # fmt: skip
async def approve_visit(params: ApproveVisit, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    place = await bench.subject(params.place, Node.PLACE, field="place")
    bench.about(person[0])
    day = parse(params.on, field="on") if params.on else bench.occurred
    first = start_of(to_datetime(day).date())
    if end_of(to_datetime(day).date()) < bench.occurred:
        raise BadField("on", "dates-backwards", value="on")
    draft = Draft(place[0], bench.occurred)
    draft.begin(
        "VISIT_APPROVED", person, place, since=max(first, bench.occurred), until=first + DAY_MS,
        details={"by": bench.decision.by, "purpose": params.purpose},
    )  # fmt: skip
    draft.rules.append("S22-2.3b")
    return draft


class AllowFlame(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open flame in a place (动火), with the measures taken against fire; the security department decides."""

    place: Id
    purpose: Words
    measures: str = ""


@act("allow-open-flame", AllowFlame, register="safety", zh="动用明火", en="Allow an open flame", by=DOORKEEPERS, paper=True,
     rules=("S22-2.5", "P-role"),
     examples=({"place": "R302", "purpose": "焊接支架", "measures": "灭火器两具,专人看守"},))  # fmt: skip
async def allow_open_flame(params: AllowFlame, bench: Bench) -> Draft:
    """S22-2.5: the decision is the security department's, in its own session or on its paper."""
    place = await bench.subject(params.place, Node.PLACE, field="place")
    agreed = bool(await bench.roles_of(bench.decision.by, "GUARD_OF"))
    reasons = flame_agreed(Flame(place[0], agreed, params.measures))
    bench.refuse(reasons)
    draft = Draft(place[0], bench.occurred)
    draft.rules.append("S22-2.5")
    return draft
