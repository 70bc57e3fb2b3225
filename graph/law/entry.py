"""Who comes into a key location or machine room, and how (S02-12 … S02-14.4, S22-2.3b): one entry check [C23].

Whoever wants in comes with a party. Service workers are those so registered; a visitor is whoever does not stand on the
entry list; an outsider is whoever does not belong to the unit.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from graph.facts import Fact, Facts
from graph.law.active import countersigned, serves
from graph.law.keeping import control_area_set
from graph.law.person import groups, in_force
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant

MINUTE_MS = 60_000


class Coming(msgspec.Struct, frozen=True):
    """A party at the door of `place`. `monitoring` names the camera or whoever watches."""

    place: str
    party: tuple[str, ...]
    escort: str = ""
    monitoring: str = ""


class Left(msgspec.Struct, frozen=True):
    """A service worker alone inside since that instant."""

    person: str
    since: Instant
    fact: Fact


def judge_entry(facts: Facts, coming: Coming, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """Every reason why this party may not come in. A place that is neither key location nor machine room asks nothing."""
    key = bool(in_force(facts.out(coming.place, "KEY_UNIT_OF"), at))
    reasons: list[Reason] = []
    if key:
        reasons += control_area_set(facts, coming.place, at)
    for person in coming.party:
        if key:
            reasons += _into_key_location(facts, coming, person, at, figures)
        reasons += visit_agreed(facts, coming, person, at)
    return tuple(reasons)


def _into_key_location(
    facts: Facts, coming: Coming, person: str, at: Instant, figures: Figures
) -> tuple[Reason, ...]:
    reasons = (*on_the_list(facts, coming, person, at), *supervised(facts, coming, person, at))
    if not serves(facts, person, at):
        return (
            *reasons,
            *signed_before_work(facts, coming, person, at),
            *active_there(facts, coming, person, at),
        )
    return (
        *reasons,
        *reviewed(facts, person, at),
        *prepared(facts, person, at),
        *together(facts, coming, person, at, figures),
        *watched(facts, coming, person, at),
    )


def listed(facts: Facts, person: str, place: str, at: Instant) -> tuple[Fact, ...]:
    """The person's lines on the entry list of a place."""
    return tuple(fact for fact in in_force(facts.into(place, "MAY_ENTER"), at) if fact.source == person)


def may_escort(facts: Facts, coming: Coming, person: str, at: Instant) -> bool:
    """An escort is somebody else, of the listed staff and no service worker."""
    escort = coming.escort
    return (
        bool(escort)
        and escort != person
        and bool(listed(facts, escort, coming.place, at))
        and not serves(facts, escort, at)
    )


@rule("S02-13a", reads="place", kinds=("MAY_ENTER", "KEY_UNIT_OF"))
def on_the_list(facts: Facts, coming: Coming, person: str, at: Instant) -> tuple[Reason, ...]:
    """Only those on the entry list come in, and others under escort."""
    if listed(facts, person, coming.place, at) or may_escort(facts, coming, person, at):
        return ()
    values = {"person": person, "place": coming.place}
    return (Reason(("S02-13a",), "not-on-entry-list", values, (), "admit-to-list", "PRINCIPAL_OF"),)


@rule("S02-13c", reads="place", kinds=("MAY_ENTER", "MEMBER_OF"))
def supervised(facts: Facts, coming: Coming, person: str, at: Instant) -> tuple[Reason, ...]:
    """A visitor is escorted by one of the listed staff [P]."""
    if listed(facts, person, coming.place, at) or may_escort(facts, coming, person, at):
        return ()
    return (Reason(("S02-13c",), "no-escort", {"person": person}, (), "name-escort"),)


def signed_before_work(facts: Facts, coming: Coming, person: str, at: Instant) -> tuple[Reason, ...]:
    """S02-8b: who comes in as staff has signed; `person.undertaking` holds the same at every reading."""
    if not listed(facts, person, coming.place, at) or _signed(facts, person, at):
        return ()
    return (Reason(("S02-8b",), "unsigned-in-key-unit", {"person": person}, (), "sign", "PERSON", own=True),)


def active_there(facts: Facts, coming: Coming, person: str, at: Instant) -> tuple[Reason, ...]:
    """S02-4.3: who comes in as staff is active there, and has signed with its Principal; a visitor has an escort."""
    if not listed(facts, person, coming.place, at):
        return ()
    return countersigned(facts, person, coming.place, at)


def _signed(facts: Facts, person: str, at: Instant) -> bool:
    signed = in_force(facts.out(person, "SIGNED"), at)
    return any(fact.details.get("undertaking") in ("entry", "in_post") for fact in signed)


@rule("S02-14.1", reads="place", kinds=("VETTED",))
def reviewed(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """A service worker has passed the secrecy review."""
    found = {fact.details.get("conclusion") for fact in in_force(facts.out(person, "VETTED"), at)}
    if found == {"passed"}:
        return ()
    return (Reason(("S02-14.1",), "worker-not-reviewed", {"person": person}, (), "vet", "LEADING_GROUP_OF"),)


@rule("S02-14.2", reads="place", kinds=("TRAINED", "SIGNED"))
def prepared(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """A service worker is educated and has signed before the work."""
    found = []
    if not in_force(facts.out(person, "TRAINED"), at):
        found.append(Reason(("S02-14.2",), "worker-not-educated", {"person": person}, (), "train", "PERSON"))
    if not _signed(facts, person, at):
        found.append(Reason(("S02-14.2",), "worker-unsigned", {"person": person}, (), "sign", "PERSON"))
    return tuple(found)


@rule("S02-14.3", reads="place", kinds=("INSIDE", "MEMBER_OF"))
def together(facts: Facts, coming: Coming, person: str, at: Instant, figures: Figures) -> tuple[Reason, ...]:
    """Two service workers at the same time, each watching the other (两人同时工作制)."""
    present = {*coming.party, *(fact.source for fact in in_force(facts.into(coming.place, "INSIDE"), at))}
    working = {person, *(each for each in present if serves(facts, each, at))}
    if len(working) >= figures("service-workers-together"):
        return ()
    return (Reason(("S02-14.3",), "worker-alone", {"person": person}, (), "come-in-two"),)


@rule("S02-14.4", reads="place", kinds=("MAY_ENTER",))
def watched(facts: Facts, coming: Coming, person: str, at: Instant) -> tuple[Reason, ...]:
    """The work of service workers is effectively monitored: by a camera or by an escort."""
    if coming.monitoring or may_escort(facts, coming, person, at):
        return ()
    return (Reason(("S02-14.4",), "not-monitored", {"person": person}, (), "name-monitoring"),)


@rule("S22-2.3b", reads="place", kinds=("MACHINE_ROOM_OF", "VISIT_APPROVED", "MEMBER_OF", "PART_OF"))
def visit_agreed(facts: Facts, coming: Coming, person: str, at: Instant) -> tuple[Reason, ...]:
    """An outsider comes into a machine room on business that a superior has approved [G06]."""
    rooms = in_force(facts.out(coming.place, "MACHINE_ROOM_OF"), at)
    if not rooms or not outsider(facts, person, rooms[0].target, at):
        return ()
    if any(fact.target == coming.place for fact in in_force(facts.out(person, "VISIT_APPROVED"), at)):
        return ()
    values = {"person": person, "place": coming.place}
    return (Reason(("S22-2.3b",), "visit-not-approved", values, (), "approve-visit", "HEAD_OF"),)


def outsider(facts: Facts, person: str, unit: str, at: Instant) -> bool:
    """Whether the person belongs to no part of the unit."""
    return unit not in groups(facts, person, at)


def paired(facts: Facts, fact: Fact, at: Instant) -> bool:
    """Whether the second person of a two-person entry stands there too, named as such by both (S02-14.3)."""
    beside = fact.details.get("pair")
    return beside != fact.source and any(
        each.source == beside and each.details.get("pair") == fact.source
        for each in in_force(facts.into(fact.target, fact.kind), at)
    )


# Listing


def judge_listed(facts: Facts, person: str, pair: str, at: Instant, *, monitored: bool) -> tuple[Reason, ...]:
    """Whether a person may stand on an entry list: a service worker reviewed, prepared, one of a pair and monitored."""
    if not serves(facts, person, at) and not pair:
        return ()
    found: list[Reason] = []
    if serves(facts, person, at):
        found += (*reviewed(facts, person, at), *prepared(facts, person, at))
    if not pair or pair == person:
        found.append(Reason(("S02-14.3",), "two-different-persons", {}, (), "come-in-two"))
    if not monitored:
        found.append(Reason(("S02-14.4",), "not-monitored", {"person": person}, (), "name-monitoring"))
    return tuple(found)


# While they are inside


def alone(facts: Facts, place: str, at: Instant) -> tuple[Left, ...]:
    """Service workers inside with no other inside, and since when (S02-14.3)."""
    every = facts.into(place, "INSIDE")
    within = [fact for fact in in_force(every, at) if serves(facts, fact.source, at)]
    if len({fact.source for fact in within}) != 1:
        return ()
    (mine,) = within[:1]
    others = (
        fact.until
        for fact in every
        if fact.source != mine.source and fact.until <= at and serves(facts, fact.source, fact.since)
    )
    return (Left(mine.source, max([mine.since, *others]), mine),)


def lone_worker_alarms(
    facts: Facts, places: Iterable[str], at: Instant, *, minutes: int
) -> tuple[Reason, ...]:
    """S02-14.3: whoever is left alone leaves too, or the alarm goes after so many minutes [P]."""
    return tuple(
        Reason(
            ("S02-14.3",), "worker-left-alone",
            {"person": left.person, "place": place, "minutes": str((at - left.since) // MINUTE_MS)},
            (left.fact.id,), "leave-together",
        )
        for place in places
        for left in alone(facts, place, at)
        if at >= left.since + minutes * MINUTE_MS
    )  # fmt: skip


# Fire


class Flame(msgspec.Struct, frozen=True):
    """Open flame wanted in a place: whether the security department agrees, and what measures are taken."""

    place: str
    agreed: bool
    measures: str


@rule("S22-2.5", reads="act", kinds=("GUARD_OF",))
def flame_agreed(flame: Flame) -> tuple[Reason, ...]:
    """An open flame needs the security department's consent and measures against fire."""
    found = [] if flame.agreed else [Reason(("S22-2.5", "P-role"), "flame-not-agreed", whose="GUARD_OF")]
    found += [] if flame.measures.strip() else [Reason(("S22-2.5",), "flame-without-measures")]
    return tuple(found)
