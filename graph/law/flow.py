"""How a case goes through its procedure: who may take which step, why not, and what comes next. No I/O, no clock."""

from __future__ import annotations

import calendar as months
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from graph.facts import Facts
from graph.kinds import ROLES, Node
from graph.law.active import locations
from graph.law.person import groups, in_force
from graph.law.procedure import NAMED, Procedure, Step, Term
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant, end_of, start_of, to_date_text, to_datetime

State = Literal["open", "suspended", "done", "refused", "withdrawn"]
Verdict = Literal["approve", "refuse", "give"]
FOR_ONESELF = "P-self"
APART = "P-apart"
OVERSEERS = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was taken. `party` is the role it was taken in, `behalf` whom the person stood in for ("" for nobody)."""

    n: int
    step: str
    party: str
    person: str
    behalf: str
    verdict: Verdict
    at: Instant
    words: str = ""
    ground: str = ""
    letter: str = ""
    form: Mapping[str, Any] = {}
    proof: str = "own"
    entry: str = ""

    @property
    def hands(self) -> frozenset[str]:
        return frozenset({self.person, self.behalf} - {""})


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the catalogue holds it. `since` is when the step that is due could first be taken."""

    id: str
    procedure: str
    subject: str
    subject_kind: str
    opener: str
    opened: Instant
    since: Instant
    state: State = "open"
    responsible: str = ""
    cause: str = ""
    form: Mapping[str, Any] = {}
    taken: tuple[Taken, ...] = ()
    closed: Instant | None = None

    def said(self, field: str) -> Any:
        """What a field says: on a step's form, the latest, or on the opening form. None where nobody filled it in."""
        for taken in reversed(self.taken):
            if field in taken.form:
                return taken.form[field]
        return self.form.get(field)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to take a step. `parties` are what they are to the case; `alike` are the hands that count as theirs."""

    step: Step
    person: str
    behalf: str
    parties: frozenset[str]
    alike: frozenset[str]
    at: Instant
    due: Instant | None = None
    skipped: frozenset[str] = frozenset()
    paper: bool = False
    form: Mapping[str, Any] = {}

    @property
    def hands(self) -> frozenset[str]:
        return frozenset({self.person, self.behalf} - {""})


class Days(Protocol):
    """A calendar of working days."""

    def works(self, day: date) -> bool: ...


# Gates and conditions: functions of the law that definitions name


class Gate(msgspec.Struct, frozen=True):
    """`into` are the kinds it reads backward from the subject; `fields` name nodes on the form that it reads about.

    `function` is a dotted name, like those of the registry of rules.
    """

    function: str
    into: tuple[str, ...]
    fields: tuple[str, ...]

    def judge(self, facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
        module, _, name = self.function.rpartition(".")
        found: tuple[Reason, ...] = getattr(sys.modules[module], name)(facts, matter, at)
        return found


GATES: dict[str, Gate] = {}
CONDITIONS: dict[str, Callable[[Facts, Matter, Instant], bool]] = {}
G = TypeVar("G", bound=Callable[[Facts, Matter, Instant], tuple[Reason, ...]])
C = TypeVar("C", bound=Callable[[Facts, Matter, Instant], bool])


def gate(name: str, *, into: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> Callable[[G], G]:
    """Enter a function that a step may name: the reasons why it may not be taken yet."""

    def enter(function: G) -> G:
        if name in GATES:
            raise ValueError(f"two gates are called {name}")
        GATES[name] = Gate(f"{function.__module__}.{function.__qualname__}", into, fields)
        return function

    return enter


def condition(name: str) -> Callable[[C], C]:
    """Enter a function that says whether a step is called for at all."""

    def enter(function: C) -> C:
        if name in CONDITIONS:
            raise ValueError(f"two conditions are called {name}")
        CONDITIONS[name] = function
        return function

    return enter


# Who somebody is to a case


def parties(facts: Facts, person: str, matter: Matter, at: Instant) -> frozenset[str]:
    """The roles a person holds, and their relations to the case and its subject; a key unit just left has its Principal still."""
    held = in_force(facts.out(person, *ROLES), at)
    above = {matter.subject, *groups(facts, matter.subject, at)}
    left = {*above, *groups(facts, matter.subject, matter.opened - 1)}
    left |= {place for then in (at, matter.opened - 1) for place in locations(facts, matter.subject, then)}
    above_opener = groups(facts, matter.opener, at) if matter.opener else {}
    found = {fact.kind for fact in held if fact.kind not in ("HEAD_OF", "PRINCIPAL_OF")}
    for fact in held:
        if fact.kind == "HEAD_OF" and fact.target in above:
            found.add("head-of-subject")
        if fact.kind == "HEAD_OF" and fact.target in above_opener:
            found.add("head-of-opener")
        if fact.kind == "PRINCIPAL_OF" and fact.target in left:
            found.add("principal-of-subject")
    found |= {name for name, who in _named(matter).items() if person in who}
    if "LEADER_OF" in found and headed_by_none_but_themselves(facts, matter, at):
        found.add("head-of-subject")
    own = groups(facts, person, at)
    direct = {fact.target for fact in in_force(facts.out(person, "MEMBER_OF"), at)}
    if matter.subject in (direct if matter.subject_kind == Node.ORGANISATION else own):
        found.add("member-of-subject")
    among = departments(facts, above)
    if person != matter.subject and (among & own.keys() if among else above & direct):
        found.add("colleague-of-subject")
    if any(fact.target == person for fact in in_force(facts.out(matter.subject, "HELD_BY"), at)):
        found.add("holder-of-subject")
    return frozenset(found)


def departments(facts: Facts, ids: Iterable[str]) -> set[str]:
    return {each for each in ids if facts.label(each) == Node.DEPARTMENT}


def headed_by_none_but_themselves(facts: Facts, matter: Matter, at: Instant) -> bool:
    """The unit itself, whoever stands in no department of it, and Heads: for them the leader in charge is Head [P]."""
    if matter.subject_kind != Node.PERSON:
        return matter.subject_kind == Node.ORGANISATION
    above = departments(facts, groups(facts, matter.subject, at))
    heads = {fact.target for fact in in_force(facts.out(matter.subject, "HEAD_OF"), at)}
    return not above or bool(above & heads)


def _named(matter: Matter) -> dict[str, frozenset[str]]:
    """People whom the case itself names."""
    named = {
        "subject": frozenset({matter.subject}),
        "opener": frozenset({matter.opener}),
        "responsible": frozenset({matter.responsible}),
    }
    return named | {f"{NAMED}{field}": ids_in(value) for field, value in matter.form.items()}


def ids_in(value: Any) -> frozenset[str]:
    """The ids a field's value names: none, one or several."""
    if isinstance(value, str):
        return frozenset({value})
    return frozenset(value) if isinstance(value, (list, tuple)) else frozenset()


def concerned(procedure: Procedure, matter: Matter) -> frozenset[str]:
    """Whom the case is about: the subject, and those named in fields that say so."""
    named = (ids_in(matter.said(field.id)) for field in procedure.fields if field.concerned)
    return frozenset({matter.subject}).union(*named)


def alike(facts: Facts, hands: frozenset[str], at: Instant) -> frozenset[str]:
    """Hands that count as the same: a deputy and whom they stand in for are never each other's second person."""
    found = set(hands)
    for person in hands:
        found |= {fact.target for fact in in_force(facts.out(person, "DEPUTY_OF"), at)}
        found |= {fact.source for fact in in_force(facts.into(person, "DEPUTY_OF"), at)}
    return frozenset(found)


def may_see(procedure: Procedure, matter: Matter, parties: frozenset[str], person: str) -> bool:
    """Who opens it, takes a step of it, follows it up or oversees; whom it is about, unless it is discreet [P]."""
    own = {"opener", "responsible", *OVERSEERS, *procedure.everyone}
    if procedure.discreet:
        own -= {"subject", "member-of-subject"}
    elif person in concerned(procedure, matter):
        return True
    return bool(parties & own) or any(person in taken.hands for taken in matter.taken)


# Where a case stands


def counted(step: Step, matter: Matter) -> dict[str, int]:
    """How many took the step, for each party that has to."""
    taken = [each for each in matter.taken if each.step == step.id and each.verdict != "refuse"]
    if step.mode == "joint":
        return {party: sum(each.party == party for each in taken) for party in step.by}
    return {"": len(taken)}


def complete(step: Step, matter: Matter) -> bool:
    return all(count >= step.quorum for count in counted(step, matter).values())


def missing(step: Step, matter: Matter) -> tuple[str, ...]:
    """The parties that have still to take the step."""
    if step.mode != "joint":
        return () if complete(step, matter) else step.by
    return tuple(party for party, count in counted(step, matter).items() if count < step.quorum)


def following(procedure: Procedure, matter: Matter, skipped: frozenset[str]) -> Step | None:
    """The step that is due, or None where all have been taken."""
    if matter.state != "open":
        return None
    return next(
        (step for step in procedure.steps if step.id not in skipped and not complete(step, matter)), None
    )


def skipped(procedure: Procedure, facts: Facts, matter: Matter, at: Instant) -> frozenset[str]:
    """Steps that this case does not call for. One that was taken stays."""
    taken = {each.step for each in matter.taken}
    return frozenset(
        step.id
        for step in procedure.steps
        if step.when and step.id not in taken and not CONDITIONS[step.when](facts, matter, at)
    )


def after(procedure: Procedure, matter: Matter, taken: Taken, skipped: frozenset[str]) -> Matter:
    """The case once this step has been taken: refused, done, or waiting for the next."""
    stepped = msgspec.structs.replace(matter, taken=(*matter.taken, taken))
    if taken.verdict == "refuse":
        return msgspec.structs.replace(stepped, state="refused", closed=taken.at)
    due = following(procedure, stepped, skipped)
    if due is None:
        return msgspec.structs.replace(stepped, state="done", closed=taken.at)
    return stepped if due.id == taken.step else msgspec.structs.replace(stepped, since=taken.at)


# Why a step may not be taken


def judge(procedure: Procedure, matter: Matter, attempt: Attempt) -> tuple[Reason, ...]:
    """Every reason why this step may not be taken by this person now; none where it may."""
    step = attempt.step
    if matter.state != "open":
        return (Reason(step.rules, "case-not-open", {"state": f"state.{matter.state}"}),)
    return (
        *in_order(procedure, matter, attempt),
        *by_its_party(attempt),
        *once(matter, attempt),
        *apart(matter, attempt),
        *not_for_oneself(procedure, matter, attempt),
        *from_its_day(matter, attempt),
        *within_its_term(attempt),
        *in_its_own_hand(attempt),
    )


def in_order(procedure: Procedure, matter: Matter, attempt: Attempt) -> tuple[Reason, ...]:
    """Every step before it is complete, or falls away; of one that is not, its own rules stand against this one, too."""
    open_ = [
        step
        for step in procedure.before(attempt.step.id)
        if step.id not in attempt.skipped and not complete(step, matter)
    ]
    if attempt.step.id in attempt.skipped:
        return (Reason(attempt.step.rules, "step-not-called-for"),)
    if not open_:
        return ()
    named = ",".join(f"procedure.{procedure.id}.{step.id}" for step in open_)
    rules = dict.fromkeys((*attempt.step.rules, *(rule for step in open_ for rule in step.rules)))
    return (Reason(tuple(rules), "step-out-of-order", {"missing": named}),)


def by_its_party(attempt: Attempt) -> tuple[Reason, ...]:
    """Taken by one whose step it is."""
    if attempt.parties.intersection(attempt.step.by):
        return ()
    parties = ",".join(f"party.{party.lower().removeprefix(NAMED)}" for party in attempt.step.by)
    return (Reason((*attempt.step.rules, "P-role"), "step-not-yours", {"parties": parties}),)


def party_of(matter: Matter, attempt: Attempt) -> str:
    """In which of their parts the person takes the step: where it is joint, one that is still missing."""
    own = [party for party in attempt.step.by if party in attempt.parties]
    lacking = [party for party in own if party in missing(attempt.step, matter)]
    return (lacking or own or [""])[0]


def once(matter: Matter, attempt: Attempt) -> tuple[Reason, ...]:
    """Nobody takes a step twice, nor one that is complete; a deputy is no second person."""
    earlier = [each for each in matter.taken if each.step == attempt.step.id]
    if any(each.hands & attempt.hands for each in earlier) or complete(attempt.step, matter):
        return (Reason(attempt.step.rules, "step-taken-twice"),)
    if any(each.hands & attempt.alike for each in earlier):
        return (Reason((*attempt.step.rules, "P-deputy"), "step-needs-another"),)
    return ()


@rule(APART, reads="act")
def apart(matter: Matter, attempt: Attempt) -> tuple[Reason, ...]:
    """Who proposes does not approve, who approves does not carry out, where the definition parts them [P]."""
    others = {each for step in matter.taken if step.step in attempt.step.apart for each in step.hands}
    if "opener" in attempt.step.apart:
        others.add(matter.opener)
    if not others & attempt.alike:
        return ()
    return (Reason((*attempt.step.rules, APART), "step-needs-another"),)


def not_for_oneself(procedure: Procedure, matter: Matter, attempt: Attempt) -> tuple[Reason, ...]:
    """Nobody decides about oneself, unless the step is the subject's own."""
    if "subject" in attempt.step.by or not concerned(procedure, matter) & attempt.hands:
        return ()
    return (Reason((*attempt.step.rules, FOR_ONESELF), "not-for-oneself"),)


def may_be_withdrawn(procedure: Procedure, matter: Matter, person: str, behalf: str) -> tuple[Reason, ...]:
    """What an act opened stands on what happened, what took hold with its opening is not undone by words, and nobody
    takes back what others asked about them [P]."""
    found = []
    if matter.cause or procedure.stays:
        found.append(Reason(procedure.rules, "case-not-withdrawn"))
    hands = {person, behalf} - {""}
    if matter.opener not in hands and concerned(procedure, matter) & hands:
        found.append(Reason((*procedure.rules, FOR_ONESELF), "not-for-oneself"))
    return tuple(found)


def from_its_day(matter: Matter, attempt: Attempt) -> tuple[Reason, ...]:
    """Not before the day that the case names for it."""
    begins = starts(attempt.step, matter)
    if begins is None or attempt.at >= begins:
        return ()
    return (Reason(attempt.step.rules, "step-before-its-day", {"day": to_date_text(begins)}),)


def starts(step: Step, matter: Matter) -> Instant | None:
    """From when the step can be taken, where the case's form names the day."""
    return start_of(date.fromisoformat(matter.form[step.not_before])) if step.not_before else None


def within_its_term(attempt: Attempt) -> tuple[Reason, ...]:
    """A term that closes ends the step; any other only makes it overdue."""
    term = attempt.step.term
    if term is None or not term.closes or attempt.due is None or attempt.at <= attempt.due:
        return ()
    return (Reason(attempt.step.rules, "step-after-term", {"due": to_date_text(attempt.due)}),)


@rule("P-paper", reads="act")
def in_its_own_hand(attempt: Attempt) -> tuple[Reason, ...]:
    """On paper only where the definition allows it."""
    if attempt.step.paper or not attempt.paper:
        return ()
    return (Reason((*attempt.step.rules, "P-paper"), "step-not-on-paper"),)


# Terms


def due_of(step: Step, matter: Matter, figure: Callable[[str], int], days: Days) -> Instant | None:
    """The last instant in which a step of a case is in time; None where it has all the time there is."""
    term = step.term
    if term is None:
        return None
    if term.until:
        return end_of(date.fromisoformat(matter.form[term.until]))
    length = figure(term.parameter) if term.parameter else term.length
    return due(term, length, max(matter.since, starts(step, matter) or 0), days)


def due(term: Term | None, length: int | None, since: Instant, days: Days) -> Instant | None:
    """The last instant of a term. The day it begins is not counted [P, G01]. None where there is none."""
    if term is None or length is None:
        return None
    start = to_datetime(since).date()
    if term.unit == "months":
        return end_of(add_months(start, length))
    if term.unit == "days":
        return end_of(start + timedelta(days=length))
    return end_of(working_day(start, length, days))


def working_day(start: date, count: int, days: Days) -> date:
    """The `count`th working day after a day."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= days.works(day)
    return day


def add_months(day: date, count: int) -> date:
    """The same calendar day some months later; where that day does not exist, the next day (stricter) [P, G01]."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if day.day <= months.monthrange(year, month + 1)[1]:
        return date(year, month + 1, day.day)
    return date(year, month + 1, months.monthrange(year, month + 1)[1]) + timedelta(days=1)
