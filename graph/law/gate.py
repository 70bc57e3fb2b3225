"""The gate that every door and search passes: may_know_of, may_ask, may_open. Nowhere repeated."""

from __future__ import annotations

from enum import StrEnum

from graph.facts import Fact, Facts
from graph.kinds import ROLES, Node
from graph.law.equipment import checked_if_imported
from graph.law.item import demand
from graph.law.know import judge
from graph.law.levels import LEVELS, TOP_SECRET, Level
from graph.law.person import card, groups, in_force
from graph.law.regulation import ALL_BIND, Ruling
from graph.law.rules import rule
from graph.law.verdict import Reason, Verdict
from graph.times import Instant

KEEPERS = ("CUSTODIAN_OF", "ARCHIVIST_OF")
KNOW_OF_ALL = (*KEEPERS, "SECURITY_OFFICER_OF", "LEADER_OF")
OVERSEERS = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")
RANGE_WAITS = "range-not-set"


class Sight(StrEnum):
    """How much of an answer about another person the asker is shown."""

    FULL = "full"
    NAMES = "names"


def roles(facts: Facts, person: str, at: Instant, *kinds: str) -> tuple[Fact, ...]:
    """The roles a person holds at `at`, of these kinds (all where none is named)."""
    return in_force(facts.out(person, *(kinds or ROLES)), at)


def holds(facts: Facts, person: str, item: str, at: Instant) -> tuple[Fact, ...]:
    """The carriers of an item that are in the person's hands."""
    return tuple(
        held
        for carries in facts.into(item, "CARRIES")
        if carries.holds(at)
        for held in facts.out(carries.source, "HELD_BY")
        if held.target == person and held.holds(at)
    )


def may_know_of(facts: Facts, asker: str, item: str, at: Instant) -> bool:
    """Whether the asker may learn that the item exists [P, G11–G13]; alone decides "not available" against refused."""
    return knows_of(facts, asker, item, at, judge(card(facts, asker, at), demand(facts, item, at)))


def knows_of(facts: Facts, asker: str, item: str, at: Instant, verdict: Verdict) -> bool:
    """Of everything: keepers, the security officer, and the Leader, for whose range or approval items wait [P]."""
    if verdict.allowed or verdict.mendable_alone or sent_to(facts, asker, item, at, verdict):
        return True
    return bool(roles(facts, asker, at, *KNOW_OF_ALL) or holds(facts, asker, item, at))


def sent_to(facts: Facts, asker: str, item: str, at: Instant, verdict: Verdict) -> bool:
    """Nothing is wanting but the range, which the Leader has yet to set, and the originator sent it to them or a department of theirs.

    A distribution to the whole unit singles nobody out, and one of 绝密 names each person (docs/decisions/0009) [P].
    """
    if any(reason.code != RANGE_WAITS and not reason.own for reason in verdict.reasons):
        return False
    what = demand(facts, item, at)
    if asker in what.distribution:
        return True
    near = {node for node in groups(facts, asker, at) if facts.label(node) == Node.DEPARTMENT}
    return what.level != TOP_SECRET and not near.isdisjoint(what.distribution)


def someone(facts: Facts, person: str) -> bool:
    """Whether the id is a person's at all."""
    return facts.label(person) == "Person"


def may_ask_about(facts: Facts, asker: str, person: str, at: Instant) -> Sight:
    """Full reasons go to the person, their Head, Principal, the leading group and the security officer [P]."""
    if asker == person or roles(facts, asker, at, *OVERSEERS):
        return Sight.FULL
    above = groups(facts, person, at)
    if any(fact.target in above for fact in roles(facts, asker, at, "HEAD_OF", "PRINCIPAL_OF")):
        return Sight.FULL
    return Sight.NAMES


def may_ask_reach(facts: Facts, asker: str, person: str, at: Instant) -> bool:
    """What a person can see, taken together, is for the same few to ask [P]."""
    return may_ask_about(facts, asker, person, at) is Sight.FULL


def may_ask_hands(facts: Facts, asker: str, at: Instant) -> bool:
    """Rooms, keys and hands: for security officers, the leading group and custodians [P]."""
    return bool(roles(facts, asker, at, *OVERSEERS, "CUSTODIAN_OF"))


def may_open(
    facts: Facts, person: str, item: str, at: Instant, *, device: str | None, ruling: Ruling = ALL_BIND
) -> tuple[Verdict, tuple[Reason, ...]]:
    """Reading under a session of this device: may_know, and the endpoint and the room fit the level (4.3)."""
    verdict = judge(card(facts, person, at), demand(facts, item, at), ruling.silent(at))
    level = demand(facts, item, at).level
    return verdict, (*verdict.reasons, *endpoint(facts, device, level, at))


def endpoint(facts: Facts, device: str | None, level: Level | None, at: Instant) -> tuple[Reason, ...]:
    """Whether a device, where it stands, may show state secrets of this level."""
    if level is None or level.scheme != "state":
        return ()
    if device is None:
        return (
            Reason(("S02-15c", "S03-3.6"), "device-not-enrolled", {}, (), "enrol", "SECURITY_OFFICER_OF"),
        )
    rooms = in_force(facts.out(device, "ENROLLED_AT"), at)
    if not rooms:
        return (
            Reason(("S02-15c", "S03-3.6"), "device-not-enrolled", {}, (), "enrol", "SECURITY_OFFICER_OF"),
        )
    return (
        *checked_if_imported(facts, device, at),
        *accredited(facts, device, level, at),
        *dedicated(facts, device, level, at),
        *place_complies(facts, rooms[0].target, level, at),
    )


def accreditation(facts: Facts, thing: str, at: Instant) -> int:
    """The rank a device, store or place is accredited for; 0 where it is for none."""
    held = in_force(facts.out(thing, "ACCREDITED_FOR"), at)
    return max((LEVELS[fact.target].rank for fact in held if fact.target in LEVELS), default=0)


@rule("S02-15c", "S03-3.6", reads="place", kinds=("ACCREDITED_FOR", "ENROLLED_AT"))
def accredited(facts: Facts, device: str, level: Level, at: Instant) -> tuple[Reason, ...]:
    """Equipment that is not accredited neither stores nor shows nor sends state secrets; the system's own store too."""
    if level.scheme != "state" or accreditation(facts, device, at) >= level.rank:
        return ()
    return (
        Reason(
            ("S02-15c", "S03-3.6"), "not-accredited", {"device": device, "needed": level.id}, (), "accredit",
            "SECURITY_OFFICER_OF",
        ),
    )  # fmt: skip


@rule("S02-16b", reads="place", kinds=("ACCREDITED_FOR",))
def dedicated(facts: Facts, device: str, level: Level, at: Instant) -> tuple[Reason, ...]:
    """绝密 is processed on a device that serves nothing else; one recorded as shared does not do [P]."""
    shared = any(fact.details.get("shared") for fact in in_force(facts.out(device, "ACCREDITED_FOR"), at))
    if level != TOP_SECRET or not shared:
        return ()
    return (
        Reason(
            ("S02-16b",), "device-not-dedicated", {"device": device}, (), "accredit", "SECURITY_OFFICER_OF"
        ),
    )


@rule("S03-4.2a", reads="place", kinds=("ACCREDITED_FOR",))
def place_complies(facts: Facts, place: str, level: Level, at: Instant) -> tuple[Reason, ...]:
    """State secrets are read in compliant offices only."""
    if accreditation(facts, place, at) >= level.rank:
        return ()
    return (
        Reason(("S03-4.2a",), "place-not-compliant", {"place": place}, (), "accredit", "SECURITY_OFFICER_OF"),
    )
