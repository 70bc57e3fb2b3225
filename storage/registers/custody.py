"""What acts on several carriers share: what stands on them, whose hands they pass through, and who touched them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from graph.errors import BadField
from graph.facts import Details, Facts
from graph.kinds import Node
from graph.law.contact import touched
from graph.law.keeping import level_of
from graph.law.levels import INTERNAL, Level
from graph.law.person import in_force
from graph.law.sealing import copy_sealed
from graph.law.verdict import Reason
from graph.times import Instant
from storage.act import Bench, Draft
from storage.registers.errands import became
from storage.tables.catalogue import Carrier, RegisterRow

GONE = ("destroyed", "sent")
UNTOUCHED = ("staged", "arriving")
"""States in which a carrier is not yet anybody's to lend, send or carry."""
LOST = "missing"
NOT_TO_HAND = (*GONE, *UNTOUCHED, LOST)
"""Nobody can hand on what is not there; what has happened to it all the same is entered with `NOT_THERE` alone."""
NOT_THERE = (*GONE, *UNTOUCHED)
OUT = ("loan", "circulation", "outing")
"""Why a carrier may be in other hands than its custodian's."""


class Held(NamedTuple):
    """A carrier as it stands when something is done with it."""

    node: tuple[str, str]
    document: str
    level: Level
    medium: str
    serial: str
    state: str
    file: str

    @property
    def id(self) -> str:
        return self.node[0]


async def carriers_of(
    bench: Bench, ids: Sequence[str], field: str, *, barring: Iterable[str] = NOT_TO_HAND
) -> tuple[list[Held], Facts]:  # fmt: skip
    """Carriers that must be there, each once, and what stands on them and their documents. Raises BadField."""
    if len(set(ids)) != len(ids):
        raise BadField(field, "listed-twice")
    nodes = [await bench.subject(each, Node.CARRIER, field=f"{field}[{n}]") for n, each in enumerate(ids)]
    return await _held(bench, nodes, field, frozenset(barring))


async def carrier(
    bench: Bench, id_: str, field: str = "carrier", *, barring: Iterable[str] = NOT_TO_HAND, excused: bool = False
) -> tuple[Held, Facts]:  # fmt: skip
    """One of them; `excused` as for `Bench.subject`."""
    node = await bench.subject(id_, Node.CARRIER, field=field, excused=excused)
    held, world = await _held(bench, [node], field, frozenset(barring))
    return held[0], world


async def _held(
    bench: Bench, nodes: Sequence[tuple[str, str]], field: str, barring: frozenset[str]
) -> tuple[list[Held], Facts]:  # fmt: skip
    rows = await Carrier.select().where(Carrier.id.is_in([node[0] for node in nodes])) if nodes else []
    by_id: dict[str, dict[str, Any]] = {row["id"]: row for row in rows}
    for node in nodes:
        state = by_id[node[0]]["state"]
        if state in barring:
            raise BadField(
                field,
                "destroyed" if state == "destroyed" else "not-in-this-state",
                value=node[0],
                state=state,
            )
    documents = {row["document"]: Node.DOCUMENT.value for row in rows}
    world = await bench.facts.around({**dict(nodes), **documents})
    held = [_one(bench, node, by_id[node[0]], world) for node in nodes]
    return held, world


def _one(bench: Bench, node: tuple[str, str], row: dict[str, Any], world: Facts) -> Held:
    level = level_of(world, row["document"], bench.occurred) or INTERNAL
    return Held(node, row["document"], level, row["medium"], row["serial"], row["state"], row["file"])


def highest(held: Sequence[Held]) -> Level:
    return max((each.level for each in held), key=lambda level: level.rank, default=INTERNAL)


def released(held: Sequence[Held]) -> tuple[Reason, ...]:
    """A copy goes nowhere before it is sealed and released (S03-4.5.4b)."""
    return tuple(reason for each in held if each.state == "made" for reason in copy_sealed(()))


def in_hand(world: Facts, held: Held, at: Instant, *reasons: str) -> tuple[str, ...]:
    """Who has it for one of these reasons."""
    facts = in_force(world.out(held.id, "HELD_BY"), at)
    return tuple(fact.target for fact in facts if not reasons or fact.details.get("reason") in reasons)


def in_custody(world: Facts, held: Sequence[Held], bench: Bench, field: str) -> None:
    """Nobody has it out on loan, in circulation or on the way. Raises BadField."""
    for each in held:
        if in_hand(world, each, bench.now, *OUT, "courier"):
            raise BadField(field, "already-lent", value=each.id)
        bench.follows(world, each.node, "HELD_BY", "KEPT_IN")


def pass_to(
    draft: Draft, bench: Bench, world: Facts, held: Held, person: str, reason: str, *, due: str = ""
) -> None:
    """From one hand to another; out of its place where it is no longer its custodian's."""
    kept = () if reason == "custody" else ("KEPT_IN",)
    ends = ("HELD_BY", "ACCOMPANIED_BY", *kept)
    finish(draft, bench, world, held, *ends)
    draft.begin(
        "HELD_BY",
        held.node,
        (person, Node.PERSON.value),
        details={"reason": reason, **({"due": due} if due else {})},
    )


def finish(draft: Draft, bench: Bench, world: Facts, held: Held, *kinds: str) -> None:
    for kind in kinds:
        for fact in in_force(world.out(held.id, kind), bench.occurred):
            draft.end(fact, world)


async def found_again(draft: Draft, bench: Bench, world: Facts, held: Held) -> None:
    """A carrier that was missing is there again, as what it was: a copy that was never released still is not."""
    finish(draft, bench, world, held, "MISSING")
    if held.state != LOST:
        return
    rows = await Carrier.select(Carrier.copy_of).where(Carrier.id == held.id)
    released = await RegisterRow.exists().where(
        (RegisterRow.act == "release-copy") & (RegisterRow.subject == held.id) & (RegisterRow.voided_by == "")
    )
    unsealed = rows[0]["copy_of"] and not held.file and not released
    became(draft, held.id, "made" if unsealed else "present")


def contact(draft: Draft, held: Held, people: Sequence[str], mode: str = "handled") -> None:
    """Everyone who touches 绝密 is written down (S03-4.1d, C29)."""
    for person in touched(held.level, people):
        known(draft, held.document, person, mode, held.id)


def known(draft: Draft, document: str, person: str, mode: str, carrier_id: str = "") -> None:
    """One line of the record of who has known."""
    details: Details = {"mode": mode}
    if carrier_id:
        details["carrier"] = carrier_id
    draft.begin("HAS_KNOWN", (person, Node.PERSON.value), (document, Node.DOCUMENT.value), details=details)
    if "S03-4.1d" not in draft.rules:
        draft.rules.append("S03-4.1d")


def once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Each reason once, in its order: several carriers under one rule say it a single time."""
    found: list[Reason] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


async def people(bench: Bench, ids: Sequence[str], field: str) -> list[tuple[str, str]]:
    """People who must be in the register, in the order named; twice is told by whoever counts them."""
    return [await bench.subject(each, Node.PERSON, field=f"{field}[{n}]") for n, each in enumerate(ids)]
