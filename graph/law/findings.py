"""What is found wanting when the clock looks round: pure functions over everything that stands at one instant.

A finding decides nothing about who may know; it says what is owed, by which rule, and whose duty it is. One function for each
thing looked for, each naming its rule ids; `storage/rounds.py` keeps what they find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law import key_unit
from graph.law.arrears import loan_overdue
from graph.law.entry import lone_worker_alarms, outsider
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card, clearance, cools_until, in_force
from graph.law.proposal import proposed, unfit
from graph.law.regulation import Figures
from graph.law.verdict import Reason
from graph.times import DAY_MS, Instant, months_before, parse, start_of, to_date_text, to_datetime

REASON = "reason."
"""Before the code of a reason of the law: its sentence is the reason's."""
PERSON = "PERSON"
"""The duty is the subject's own."""


ALSO = {"education-overdue": "HEAD_OF"}
"""Of whom else a person is reminded, over the department they stand in (S01-9)."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found. `code` is a message of the catalogue; `whose` a role kind (over `over`, or over the unit) or PERSON.

    `unit` is the department it is counted under, `mark` tells findings of one code about one subject apart. Two of one key are
    the same finding.
    """

    code: str
    rules: tuple[str, ...]
    subject: str
    whose: str
    over: str = ""
    unit: str = ""
    person: str = ""
    values: Mapping[str, str] = {}
    due: Instant | None = None
    mark: str = ""

    @property
    def key(self) -> str:
        return f"{self.code}/{self.subject}/{self.person}/{self.mark}".rstrip("/")


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """Every id of the unit that is looked at, by kind, in order."""

    people: Sequence[str]
    departments: Sequence[str]
    places: Sequence[str]
    carriers: Sequence[str]


Watch = Callable[[Facts, Census, Figures, Instant], Iterator[Finding]]
WATCHES: dict[Watch, tuple[str, ...]] = {}


def watch(*ids: str) -> Callable[[Watch], Watch]:
    """Enter a function that looks for something these rules ask for."""

    def enter(function: Watch) -> Watch:
        WATCHES[function] = ids
        return function

    return enter


def look(facts: Facts, census: Census, figures: Figures, at: Instant) -> list[Finding]:
    """Everything that is wanting at `at`, once each, in order of key."""
    found = {each.key: each for one in WATCHES for each in one(facts, census, figures, at)}
    return [found[key] for key in sorted(found)]


def department_of(facts: Facts, person: str, at: Instant) -> str:
    """The department a person stands in, the first where there are several; "" for the unit itself."""
    groups = [fact.target for fact in in_force(facts.out(person, "MEMBER_OF"), at)]
    return next((each for each in groups if facts.label(each) == Node.DEPARTMENT), "")


def breach(facts: Facts, subject: str, case: str, at: Instant) -> Finding:
    """An incident that is not concluded, counted under the department of whoever it is about or has it in hand (S01-10b, S01-18a)."""
    holders = [fact.target for fact in in_force(facts.out(subject, "HELD_BY"), at)]
    people = [each for each in (subject, *holders) if facts.label(each) == Node.PERSON]
    unit = (
        subject
        if facts.label(subject) == Node.DEPARTMENT
        else department_of(facts, people[0], at)
        if people
        else ""
    )
    return Finding(
        code="incident-open", rules=("S01-10b", "S01-18a"), subject=subject, whose="LEADING_GROUP_OF", unit=unit, mark=case,
    )  # fmt: skip


def head_or_officer(facts: Facts, unit: str, at: Instant) -> tuple[str, str]:
    """Whose duty a department's matter is: its Head's, or where it has none, the security officer's."""
    if unit and in_force(facts.into(unit, "HEAD_OF"), at):
        return "HEAD_OF", unit
    return "SECURITY_OFFICER_OF", ""


@watch("S01-2a")
def undesignated(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """Who holds state secrets, or has opened many, and has no level: 涉密人员 whom nobody has designated."""
    many = figures("accesses-without-level")
    for person in census.people:
        if clearance(facts, person, at)[0] is not None:
            continue
        held = [
            fact for fact in in_force(facts.into(person, "HELD_BY"), at) if _bears_secret(facts, fact, at)
        ]
        opened = {
            fact.target for fact in facts.out(person, "HAS_KNOWN")
            if fact.since <= at and _is_secret(facts, fact.target, at)
        }  # fmt: skip
        posts = [fact for fact, _ in proposed(facts, person, at).grounds]
        if not held and not posts and len(opened) <= many:
            continue
        unit = department_of(facts, person, at)
        whose, over = head_or_officer(facts, unit, at)
        yield Finding(
            code="undesignated-person", rules=("S01-2a",), subject=person, whose=whose, over=over, unit=unit,
            values={"held": str(len(held)), "opened": str(len(opened)), "posts": str(len(posts))},
        )  # fmt: skip


@watch("S01-6a", "S01-3c", "S01-4")
def levels_that_fit_no_more(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """Whose approved level is not the one that posts and tasks call for, whatever the change came by: a review is due."""
    for person in census.people:
        for reason in unfit(facts, person, at):
            unit = department_of(facts, person, at)
            whose, over = head_or_officer(facts, unit, at)
            yield Finding(
                code=reason.code, rules=reason.rules, subject=person, whose=whose, over=over, unit=unit,
                values=dict(reason.values),
            )  # fmt: skip


def _bears_secret(facts: Facts, held: Fact, at: Instant) -> bool:
    return any(
        _is_secret(facts, carries.target, at) for carries in in_force(facts.out(held.source, "CARRIES"), at)
    )


def _is_secret(facts: Facts, item: str, at: Instant) -> bool:
    level = demand(facts, item, at).level
    return level is not None and level.scheme == "state"


@watch("S01-8a", "S01-17.3")
def unsigned(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A cleared person without the undertaking of the present stage, and one who leaves without that of leaving."""
    for person in census.people:
        who = card(facts, person, at)
        signed = {fact.details.get("undertaking") for fact in in_force(facts.out(person, "SIGNED"), at)}
        if (
            next(each for each in who.marks if each.name == "leaving").holds is False
            and "leaving" not in signed
        ):
            yield Finding(
                code="undertaking-leaving-missing", rules=("S01-8a", "S01-17.3"), subject=person, whose=PERSON, person=person,
                unit=department_of(facts, person, at),
            )  # fmt: skip
        if who.clearance is None:
            continue
        mark = next(each for each in who.marks if each.name == "undertaking")
        if mark.reason is not None:
            yield Finding(
                code=mark.reason.code, rules=("S01-8a", "S01-17.3"), subject=person, whose=PERSON, person=person,
                unit=department_of(facts, person, at),
            )  # fmt: skip


STAGES = ("entry", "in_post", "leaving")


@watch("S01-8b")
def incomplete_undertakings(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """An undertaking on file that nobody has signed for the unit, or, signed on paper, without its scan."""
    for person in census.people:
        for fact in in_force(facts.out(person, "SIGNED"), at):
            stage = fact.details.get("undertaking")
            lacking = [] if "countersigned_by" in fact.details else ["countersigned_by"]
            if "scan" not in fact.details and fact.details.get("proof") == "paper":
                lacking.append("paper_scan")
            if stage in STAGES and lacking and clearance(facts, person, at)[0] is not None:
                yield Finding(
                    code="undertaking-incomplete", rules=("S01-8b",), subject=person, whose="LEADING_GROUP_OF",
                    unit=department_of(facts, person, at), mark=str(stage),
                    values={"undertaking": f"value.{stage}", "missing": ", ".join(f"value.{each}" for each in lacking)},
                )  # fmt: skip


@watch("S01-9", "S01-12a")
def uneducated(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A cleared person, or one in cooling-off, whose last secrecy education is too long ago."""
    since = months_before(at, figures("education"))
    for person in census.people:
        cooling = in_force(facts.out(person, "COOLING_OFF"), at)
        if clearance(facts, person, at)[0] is None and not cooling:
            continue
        last = max((fact.since for fact in facts.out(person, "TRAINED") if fact.since <= at), default=None)
        if last is None or last < since:
            yield Finding(
                code="education-overdue", rules=("S01-9", *(("S01-12a",) if cooling else ())), subject=person,
                whose=PERSON, person=person, unit=department_of(facts, person, at),
                values={"last": to_date_text(last) if last is not None else "—"},
            )  # fmt: skip


@watch("S01-10a")
def unassessed(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A cleared person without a result since a whole period: the exception report (定期考核)."""
    since = months_before(at, figures("assessment"))
    for person in census.people:
        held, evidence = clearance(facts, person, at)
        if held is None or max(fact.since for fact in evidence) > since:
            continue
        last = max((fact.since for fact in facts.out(person, "ASSESSED") if fact.since <= at), default=None)
        if last is None or last <= since:
            yield Finding(
                code="assessment-overdue", rules=("S01-10a",), subject=person, whose="LEADING_GROUP_OF",
                unit=department_of(facts, person, at),
                values={"last": to_date_text(last) if last is not None else "—"},
            )  # fmt: skip


@watch("S01-17.6")
def cooling_ends(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A cooling-off that ends soon, or ought to have ended: the leading group is reminded, and releases by name."""
    soon = at + figures("release-reminder") * DAY_MS
    for person in census.people:
        for fact in in_force(facts.out(person, "COOLING_OFF"), at):
            ends = cools_until(fact)
            if ends <= soon:
                yield Finding(
                    code="cooling-off-ends" if at < ends else "not-released", rules=("S01-17.6",), subject=person,
                    whose="LEADING_GROUP_OF", unit=department_of(facts, person, at),
                    values={"until": to_date_text(ends)}, due=ends,
                )  # fmt: skip


@watch("S01-6c", "S01-11b")
def loans_to_recall(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A carrier is out on loan to somebody who may know its content no longer."""
    for carrier in census.carriers:
        for held in in_force(facts.out(carrier, "HELD_BY"), at):
            if held.details.get("reason") == "custody":
                continue
            for carries in in_force(facts.out(carrier, "CARRIES"), at):
                verdict = judge(card(facts, held.target, at), demand(facts, carries.target, at))
                if not verdict.allowed:
                    rules = tuple(dict.fromkeys(rule for reason in verdict.reasons for rule in reason.rules))
                    yield Finding(
                        code="loan-to-recall", rules=tuple(dict.fromkeys(("S01-6c", *rules))), subject=carrier,
                        person=held.target, whose="CUSTODIAN_OF", unit=department_of(facts, held.target, at),
                    )  # fmt: skip


@watch("S03-4.3b", "S03-5.1a")
def without_a_place(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A carrier in custody that lies nowhere a day after it was taken over: nobody can say where it is."""
    for carrier in census.carriers:
        held = in_force(facts.out(carrier, "HELD_BY"), at)
        if in_force(facts.out(carrier, "KEPT_IN", "MISSING"), at):
            continue
        for fact in held:
            if fact.details.get("reason", "custody") == "custody" and fact.since + DAY_MS < at:
                yield Finding(
                    code="carrier-without-a-place", rules=("S03-4.3b", "S03-5.1a"), subject=carrier, person=fact.target,
                    whose="CUSTODIAN_OF",
                )  # fmt: skip


@watch("S03-4.3a")
def loans_overdue(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """A loan whose day has passed: the borrower brings it back, the custodian asks for it."""
    for carrier in census.carriers:
        for held in in_force(facts.out(carrier, "HELD_BY"), at):
            due = str(held.details.get("due", ""))
            if held.details.get("reason") != "loan" or not loan_overdue(due, at):
                continue
            for whose, mark in ((PERSON, ""), ("CUSTODIAN_OF", "custodian")):
                yield Finding(
                    code="loan-overdue", rules=("S03-4.3a",), subject=carrier, person=held.target, whose=whose,
                    unit=department_of(facts, held.target, at), values={"day": due}, mark=mark,
                    due=parse(due, field="due", ends_day=True),
                )  # fmt: skip


@watch(
    "S02-4.1",
    "S02-3b",
    "S02-12",
    "S02-11",
    "S02-13a",
    "S02-4.2",
    "S02-4.3",
    "S02-4.4",
    "S02-4.7",
    "S02-4.8",
    "S02-5.2",
    "S02-6.3",
    "S02-14.3",
    "S02-15a",
)
def key_units(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """Everything that is open about each key department and location."""
    for unit in (*census.departments, *census.places):
        if in_force(facts.out(unit, "KEY_UNIT_OF"), at):
            for reason in key_unit.findings(facts, unit, at, figures):
                yield _of(reason, unit, census)


@watch("S02-2a", "S02-2b")
def undesignated_units(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """Departments and places that ought to be designated: proposed, never decided here [G03]."""
    for department in census.departments:
        for reason in key_unit.should_be_key_department(facts, department, at, figures):
            yield _of(reason, department, census)
    for place in census.places:
        for reason in key_unit.should_be_key_location(facts, place, at):
            yield _of(reason, place, census)


@watch("S22-2.3b")
def still_inside(facts: Facts, census: Census, figures: Figures, at: Instant) -> Iterator[Finding]:
    """An outsider let in on an earlier day whose exit nobody has entered: the entry stays open."""
    today = start_of(to_datetime(at).date())
    for place in census.places:
        for fact in in_force(facts.into(place, "INSIDE"), at):
            unit = in_force(facts.out(place, "MACHINE_ROOM_OF", "KEY_UNIT_OF"), at)
            if fact.since < today and unit and outsider(facts, fact.source, unit[0].target, at):
                yield Finding(
                    code="exit-missing", rules=("S22-2.3b",), subject=place, person=fact.source,
                    whose="SECURITY_OFFICER_OF", values={"since": to_date_text(fact.since)}, mark=fact.id,
                )  # fmt: skip


def left_alone(facts: Facts, place: str, figures: Figures, at: Instant) -> list[Finding]:
    """S02-14.3: the alarm of one key location, at the instant when it is due. The round finds the same."""
    if not in_force(facts.out(place, "KEY_UNIT_OF"), at):
        return []
    nobody = Census(people=(), departments=(), places=(), carriers=())
    minutes = figures("lone-worker-alarm")
    return [_of(each, place, nobody) for each in lone_worker_alarms(facts, [place], at, minutes=minutes)]


def _of(reason: Reason, unit: str, census: Census) -> Finding:
    """A reason of the law as something to be seen to, by whose act mends it."""
    whose = reason.whose or "PRINCIPAL_OF"
    return Finding(
        code=f"{REASON}{reason.code}", rules=reason.rules, subject=unit, whose=whose, values=dict(reason.values),
        over=unit if whose == "PRINCIPAL_OF" else "", unit=unit if unit in census.departments else "",
        mark=",".join(reason.facts),
    )  # fmt: skip
