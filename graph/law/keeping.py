"""Where carriers may be placed (S03-5.1a–b, S02-3b, S02-12) and who may be listed (S03-4.1a–c, S02-4.5)."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.gate import accreditation
from graph.law.levels import LEVELS, TOP_SECRET, Level
from graph.law.person import card, in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


def judge_placing(facts: Facts, where: str, level: Level | None, at: Instant) -> tuple[Reason, ...]:
    """Whether a carrier of this level may be put into a container, place or store."""
    if level is None or level.scheme != "state":
        return ()
    room = room_of(facts, where, at)
    return (
        *home_is_secret_room(facts, room, at),
        *top_secret_in_safe(facts, where, level, at),
        *key_location_answered_for(facts, room, at),
        *control_area_set(facts, room, at),
    )


def room_of(facts: Facts, where: str, at: Instant) -> str:
    """The place a container stands in; a place is its own."""
    kept = in_force(facts.out(where, "KEPT_IN"), at)
    return kept[0].target if kept else where


@rule("S03-5.1a", reads="place", kinds=("SECRET_ROOM_OF", "KEPT_IN"))
def home_is_secret_room(facts: Facts, room: str, at: Instant) -> tuple[Reason, ...]:
    """The home of a carrier is always a 保密室 [C07]."""
    if in_force(facts.out(room, "SECRET_ROOM_OF"), at):
        return ()
    return (Reason(("S03-5.1a",), "not-a-secret-room", {"place": room}),)


@rule("S03-5.1b", reads="place", kinds=("ACCREDITED_FOR", "CUSTODIAN_OF", "SECRET_ROOM_OF", "KEPT_IN"))
def top_secret_in_safe(facts: Facts, where: str, level: Level, at: Instant) -> tuple[Reason, ...]:
    """绝密 lies in a certified container, and a custodian keeps it: the container, its room, or all of the unit's carriers."""
    if level != TOP_SECRET:
        return ()
    found = []
    if facts.label(where) != "Container" or accreditation(facts, where, at) < level.rank:
        found.append(Reason(("S03-5.1b",), "needs-certified-container", {"place": where}))
    room = room_of(facts, where, at)
    units = (fact.target for fact in in_force(facts.out(room, "SECRET_ROOM_OF"), at))
    if not any(in_force(facts.into(each, "CUSTODIAN_OF"), at) for each in (where, room, *units)):
        found.append(
            Reason(("S03-5.1b",), "nobody-keeps-it", {"place": where}, (), "appoint", "LEADING_GROUP_OF")
        )
    return tuple(found)


@rule("S02-3b", reads="place", kinds=("KEY_UNIT_OF", "PRINCIPAL_OF"))
def key_location_answered_for(facts: Facts, room: str, at: Instant) -> tuple[Reason, ...]:
    """A key location without a Principal takes no new carriers [P]."""
    if not in_force(facts.out(room, "KEY_UNIT_OF"), at) or in_force(facts.into(room, "PRINCIPAL_OF"), at):
        return ()
    return (Reason(("S02-3b",), "no-principal", {"place": room}, (), "appoint", "LEADING_GROUP_OF"),)


@rule("S02-12", reads="place", kinds=("KEY_UNIT_OF",))
def control_area_set(facts: Facts, room: str, at: Instant) -> tuple[Reason, ...]:
    """A key location without its control area takes no new carriers [P]."""
    designated = in_force(facts.out(room, "KEY_UNIT_OF"), at)
    if not designated or any(fact.details.get("control_area") for fact in designated):
        return ()
    return (
        Reason(
            ("S02-12",),
            "no-control-area",
            {"place": room},
            tuple(f.id for f in designated),
            "set-control-area",
            "LEADING_GROUP_OF",
        ),
    )


def judge_listing(
    facts: Facts,
    member: str,
    *,
    level: Level,
    distribution: frozenset[str],
    above: frozenset[str],
    at: Instant,
) -> tuple[Reason, ...]:
    """Whether one member may stand on the range. `above` are the groups the member stands in or is."""
    return (
        *named_for_top_secret(facts, member, level),
        *inside_distribution(member, level, distribution, above),
        *cleared_enough(facts, member, level, at),
    )


def named_for_top_secret(facts: Facts, member: str, level: Level) -> tuple[Reason, ...]:
    """S03-4.1c [G09]: 绝密 names each reader; `know.range_routes` holds the same at the reading."""
    if level != TOP_SECRET or facts.label(member) == "Person":
        return ()
    return (Reason(("S03-4.1c",), "persons-only", {"member": member}),)


def inside_distribution(
    member: str, level: Level, distribution: frozenset[str], above: frozenset[str]
) -> tuple[Reason, ...]:
    """S03-4.1b with S03-2.1c: nobody outside the originator's distribution is added."""
    if level.scheme != "state" or distribution & (above | {member}):
        return ()
    return (Reason(("S03-4.1b", "S03-2.1c"), "member-outside-distribution", {"member": member}),)


def cleared_enough(facts: Facts, member: str, level: Level, at: Instant) -> tuple[Reason, ...]:
    """S02-4.5: a range never exceeds the level of a person it names."""
    if level.scheme != "state" or facts.label(member) != "Person":
        return ()
    held = card(facts, member, at).clearance
    if held is not None and held.rank >= level.rank:
        return ()
    shown = held.id if held else "none"
    return (
        Reason(("S02-4.5",), "member-cleared-too-low", {"held": shown, "needed": level.id, "member": member}),
    )


def level_of(facts: Facts, item: str, at: Instant) -> Level | None:
    """The mark a document bears."""
    marks = in_force(facts.out(item, "CLASSIFIED_AS"), at)
    levels = [LEVELS[fact.target] for fact in marks if fact.target in LEVELS]
    return max(levels, key=lambda level: level.rank) if levels else None
