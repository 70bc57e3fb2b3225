"""Key departments and key locations: what makes one, and what is found wanting with one (S02-2 … S02-14).

A finding is a reason with the date since which it stands, where there is one. Nothing here refuses anything: findings are
shown on the Principal's page and to the security officer, and some of the same rules refuse where an act asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law.active import competent, countersigned, serves
from graph.law.entry import lone_worker_alarms
from graph.law.equipment import certified
from graph.law.keeping import control_area_set, key_location_answered_for, level_of
from graph.law.person import UP, in_force
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant, months_before, to_date_text

PROTECTIONS = ("people", "technology", "objects")


def key_units(facts: Facts, unit: str, at: Instant) -> tuple[str, ...]:
    """The designated key departments and locations of the unit."""
    return tuple(sorted({fact.source for fact in in_force(facts.into(unit, "KEY_UNIT_OF"), at)}))


@rule("S02-3a", reads="act", kinds=("KEY_UNIT_OF", "PRINCIPAL_OF", "MAY_ENTER"))
def complete(*, location: bool, principal: bool, control_area: bool, entry_list: bool) -> tuple[Reason, ...]:
    """Designated with its principal, and a location with its control area and entry list [P]."""
    needed = {"principal": principal}
    if location:
        needed |= {"control_area": control_area, "entry_list": entry_list}
    missing = [name for name, there in needed.items() if not there]
    if not missing:
        return ()
    return (Reason(("S02-3a",), "key-unit-incomplete", {"missing": ", ".join(missing)}),)


def findings(facts: Facts, node: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """All that is open about one designated key unit, in one list (S02-4.1)."""
    place = facts.label(node) == Node.PLACE
    found = [
        *key_location_answered_for(facts, node, at),
        *(control_area_set(facts, node, at) if place else ()),
        *(entry_list_kept(facts, node, at) if place else ()),
        *(protected(facts, node, at, figures) if place else ()),
        *(room_answered_for(facts, node, at) if place else ()),
        *local_rules_current(facts, node, at, figures),
        *inspected_lately(facts, node, at, figures),
        *hazards_removed(facts, node, at),
        *certified(facts, node, at),
        *trained_lately(facts, node, at, figures),
        *signed_with_principal(facts, node, at),
        *assessed(facts, node, at, figures),
    ]
    if place:
        minutes = figures("lone-worker-alarm")
        found += lone_worker_alarms(facts, [node], at, minutes=minutes)
    return tuple(found)


def entry_list_kept(facts: Facts, place: str, at: Instant) -> tuple[Reason, ...]:
    """S02-13a: a key location has a list of those who may enter."""
    if in_force(facts.into(place, "MAY_ENTER"), at):
        return ()
    return (Reason(("S02-13a",), "no-entry-list", {"place": place}, (), "admit-to-list", "PRINCIPAL_OF"),)


@rule("S02-11", reads="place", kinds=("PROTECTED_BY",))
def protected(facts: Facts, place: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """At least one working measure by people, by technology and by objects (人防、技防、物防), each looked at within the period [P]."""
    since = months_before(at, figures("protection-check"))
    found = []
    for each in PROTECTIONS:
        standing = in_force(facts.out(place, "PROTECTED_BY"), at)
        latest = _latest(fact for fact in standing if fact.details.get("class") == each)
        if latest is None or latest.since <= since:
            code = f"no-protection-by-{each}" if latest is None else "protection-unchecked"
            values = (
                {"place": place} if latest is None else {"place": place, "since": to_date_text(latest.since)}
            )
            known = () if latest is None else (latest.id,)
            found.append(Reason(("S02-11",), code, values, known, "record-measure", "PRINCIPAL_OF"))
    return tuple(found)


@rule("S02-6.3", reads="place", kinds=("ANSWERS_FOR",))
def room_answered_for(facts: Facts, place: str, at: Instant) -> tuple[Reason, ...]:
    """A member answers for the security of each office and its equipment."""
    if in_force(facts.into(place, "ANSWERS_FOR"), at):
        return ()
    return (
        Reason(("S02-6.3",), "nobody-answers-for", {"place": place}, (), "name-responsible", "PRINCIPAL_OF"),
    )


@rule("S02-4.2", reads="place", kinds=("LOCAL_RULES_OF",))
def local_rules_current(facts: Facts, node: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """The Principal's local rules are there, and were set or confirmed within the period [P]."""
    months = figures("local-rules-check")
    latest = _latest(in_force(facts.into(node, "LOCAL_RULES_OF"), at))
    if latest is not None and latest.since > months_before(at, months):
        return ()
    return (_overdue("S02-4.2", "local-rules-missing", node, latest, "set-local-rules"),)


@rule("S02-4.8", reads="place", kinds=("INSPECTED",))
def inspected_lately(facts: Facts, node: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """Surroundings and carriers are inspected within the period [G02]."""
    months = figures("key-unit-inspection")
    latest = _latest(fact for fact in facts.into(node, "INSPECTED") if fact.since <= at)
    if latest is not None and latest.since > months_before(at, months):
        return ()
    return (_overdue("S02-4.8", "inspection-overdue", node, latest, "inspect"),)


def hazards_removed(facts: Facts, node: str, at: Instant) -> tuple[Reason, ...]:
    """S02-4.8: each hazard stays open until its removal is recorded."""
    return tuple(
        Reason(
            ("S02-4.8",), "hazard-open",
            {"place": node, "hazard": str(fact.details.get("hazard", "")), "since": to_date_text(fact.since)},
            (fact.id,), "remove-hazard", "PRINCIPAL_OF",
        )
        for fact in in_force(facts.into(node, "HAZARD_AT"), at)
    )  # fmt: skip


@rule("S02-4.4", reads="place", kinds=("TRAINED", "MEMBER_OF", "MAY_ENTER"))
def trained_lately(facts: Facts, node: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """Members of a key unit are trained within the period [G02]; without members there is nobody to train."""
    months = figures("key-unit-training")
    people = sorted(members(facts, node, at))
    late = [
        person
        for person in people
        if not any(months_before(at, months) < fact.since <= at for fact in facts.out(person, "TRAINED"))
    ]
    if not late:
        return ()
    values = {"place": node, "people": ",".join(late), "months": str(months)}
    return (Reason(("S02-4.4",), "training-overdue", values, (), "train", "PRINCIPAL_OF"),)


def signed_with_principal(facts: Facts, node: str, at: Instant) -> tuple[Reason, ...]:
    """S02-4.3: whoever has no undertaking that the Principal countersigned is named."""
    without = [
        person for person in sorted(members(facts, node, at)) if countersigned(facts, person, node, at)
    ]
    if not without:
        return ()
    values = {"place": node, "people": ",".join(without)}
    return (Reason(("S02-4.3",), "not-countersigned", values, (), "countersign", "PRINCIPAL_OF"),)


@rule("S02-4.7", reads="place", kinds=("ASSESSED", "MEMBER_OF", "MAY_ENTER"))
def assessed(facts: Facts, node: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """Each member has a result within the period (S02-4.7), and it is at least competent (S02-5.2)."""
    months = figures("post-assessment")
    found = []
    for person in sorted(members(facts, node, at)):
        values = {"place": node, "person": person}
        for wanting in competent(facts, person, at, months=months):
            missing = wanting.code == "result-missing"
            rules, code = (("S02-4.7",), "not-assessed") if missing else ((), "assessed-poor")
            found.append(
                Reason((*rules, *wanting.rules), code, values, wanting.facts, "assess", "PRINCIPAL_OF")
            )
    return tuple(found)


def members(facts: Facts, node: str, at: Instant) -> set[str]:
    """Everyone who stands in a department at `at`, however deep; of a location, the staff on its entry list."""
    if facts.label(node) == Node.PLACE:
        listed = {fact.source for fact in in_force(facts.into(node, "MAY_ENTER"), at)}
        return {each for each in listed if not serves(facts, each, at)}
    seen, waiting = set[str](), [node]
    while waiting:
        group = waiting.pop()
        if group not in seen:
            seen.add(group)
            waiting += [fact.source for fact in in_force(facts.into(group, *UP), at)]
    return {each for each in seen if facts.label(each) == Node.PERSON}


# What should be one and is not


@rule("S02-2a", reads="group", kinds=("CARRIES", "HELD_BY", "CLASSIFIED_AS", "MEMBER_OF", "KEY_UNIT_OF"))
def should_be_key_department(
    facts: Facts, department: str, at: Instant, figures: Figures
) -> tuple[Reason, ...]:
    """A department whose members hold 绝密, or many 机密 and 秘密 [G03], is proposed; the leading group decides."""
    if in_force(facts.out(department, "KEY_UNIT_OF"), at):
        return ()
    levels = [
        level
        for person in members(facts, department, at)
        for held in in_force(facts.into(person, "HELD_BY"), at)
        for level in _levels_on(facts, held.source, at)
    ]
    many = figures("key-department-threshold")
    top, others = levels.count("top-secret"), levels.count("secret") + levels.count("confidential")
    if not top and others < many:
        return ()
    values = {"department": department, "top": str(top), "others": str(others), "many": str(many)}
    return (Reason(("S02-2a",), "undesignated-key-department", values, (), "designate", "LEADING_GROUP_OF"),)


@rule("S02-2b", reads="place", kinds=("KEPT_IN", "CARRIES", "CLASSIFIED_AS", "KEY_UNIT_OF"))
def should_be_key_location(facts: Facts, place: str, at: Instant) -> tuple[Reason, ...]:
    """A place that is home of classified carriers, or the unit's secret room, and is not designated."""
    if in_force(facts.out(place, "KEY_UNIT_OF"), at):
        return ()
    kept = sum(1 for carrier in _kept(facts, place, at) if _levels_on(facts, carrier, at))
    if not kept and not in_force(facts.out(place, "SECRET_ROOM_OF"), at):
        return ()
    values = {"place": place, "count": str(kept)}
    return (Reason(("S02-2b",), "undesignated-key-location", values, (), "designate", "LEADING_GROUP_OF"),)


def undesignated(
    facts: Facts, departments: Iterable[str], places: Iterable[str], at: Instant, figures: Figures
) -> Iterator[Reason]:
    """The nightly check of every department and place (S02-2a–b)."""
    for department in departments:
        yield from should_be_key_department(facts, department, at, figures)
    for place in places:
        yield from should_be_key_location(facts, place, at)


def _kept(facts: Facts, place: str, at: Instant) -> set[str]:
    """Every carrier whose home is the place, in whatever container."""
    seen, waiting = set[str](), [place]
    while waiting:
        for fact in in_force(facts.into(waiting.pop(), "KEPT_IN"), at):
            if fact.source not in seen:
                seen.add(fact.source)
                waiting.append(fact.source)
    return {each for each in seen if facts.label(each) == Node.CARRIER}


def _levels_on(facts: Facts, carrier: str, at: Instant) -> list[str]:
    """The state secrets' levels of what a carrier bears."""
    levels = (level_of(facts, fact.target, at) for fact in in_force(facts.out(carrier, "CARRIES"), at))
    return [level.id for level in levels if level is not None and level.scheme == "state"]


def _latest(found: Iterable[Fact]) -> Fact | None:
    return max(found, key=lambda fact: fact.since, default=None)


def _overdue(rule_id: str, code: str, node: str, latest: Fact | None, remedy: str) -> Reason:
    values = {"place": node, "since": to_date_text(latest.since) if latest else "none"}
    return Reason((rule_id,), code, values, (latest.id,) if latest else (), remedy, "PRINCIPAL_OF")
