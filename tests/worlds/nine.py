"""The nine questions of a world, whole: kept in `tables/` beside the worlds, so that whatever changes an answer is seen.

What a world's own file says is written by hand; these tables are written by `python -m tests.worlds` and looked through when they
change. They hold every person, document and carrier at every date the world asks about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from graph.access import Paths, Stand, audience_of, paths_of, reach_of
from graph.facts import OPEN_SEQ, Fact, Facts, Overlay, World
from graph.kinds import Node
from graph.law import reach
from graph.law.know import may_know
from graph.law.verdict import Reason
from graph.reach import exposing, reaching
from graph.times import Instant, parse
from tests.worlds import HERE, Trap

TABLES = HERE / "tables"
NOW = "2026-03-05T09:00:00+08:00"
"""What would be is asked from then on."""
SUPPOSED = {
    "no ranges": ("IN_RANGE",),
    "no clearances": ("CLEARED_TO",),
    "nobody enters, holds or keeps keys": ("MAY_ENTER", "HELD_BY", "HOLDS_KEY"),
}
"""What each what-if ends, wherever it holds."""
QUESTIONS = (
    "may_know",
    "why_not",
    "audience",
    "reach",
    "paths",
    "has_known",
    "can_reach",
    "exposure",
    "what_if",
)
Table = dict[str, Any]
OVERSEER = Fact(id="overseer", kind="SECURITY_OFFICER_OF", source="overseer", target="unit", since=0)


def moments(trap: Trap) -> Iterator[tuple[str, Instant, str | None]]:
    """Every date a world asks about, as it is written, and what the register is to have known; now, where it asks of none."""
    asked = {(each.at, each.known_at): each.instant for each in trap.asked}
    for (at, known), instant in asked.items() or [((NOW, None), parse(NOW, field="now"))]:
        yield at if known is None else f"{at}, as known on {known}", instant, known


def tables(trap: Trap) -> dict[str, Table]:
    """By date the answers of all nine, on the law alone."""
    if not (trap.people and trap.documents):
        return {}
    found = {name: answers(trap, trap.world(known), at) for name, at, known in moments(trap)}
    world, now = trap.world(), parse(NOW, field="now")
    found["from now on"] = {
        "what_if": {name: would_be(world, kinds, now) for name, kinds in SUPPOSED.items()}
    }
    return found


def answers(trap: Trap, world: World, at: Instant) -> Table:
    """Eight of the nine at one date."""
    people, items, carriers = sorted(trap.people), sorted(trap.documents), sorted(trap.carriers)
    stand = Stand(at=at, s=OPEN_SEQ - 1, live=True)
    verdicts = {item: {person: may_know(world, person, item, at) for person in people} for item in items}
    heard = {item: audience_of(world, item, people, stand, asker="", roles=[OVERSEER]) for item in items}
    return {
        "may_know": {item: [p for p, each in row.items() if each.allowed] for item, row in verdicts.items()},
        "why_not": {
            item: {p: [said(reason) for reason in each.reasons] for p, each in row.items() if not each.allowed}
            for item, row in verdicts.items()
        },
        "audience": {item: {each.via: each.people for each in heard[item].groups} for item in items},
        "reach": {person: [each.item for each in reach_of(world, person, items, at)] for person in people},
        "paths": {item: drawn(paths_of(world, item, people, stand, asker="", roles=[OVERSEER])) for item in items},
        "has_known": {item: sorted({f.source for f in world.into(item, "HAS_KNOWN") if f.since <= at}) for item in items},
        "can_reach": {
            carrier: {each.person: sorted(walked(way.steps) for way in each.ways) for each in reaching(world, carrier, at)}
            for carrier in carriers
        },
        "exposure": {carrier: [each.person for each in exposing(world, carrier, at)] for carrier in carriers},
    }  # fmt: skip


def said(reason: Reason) -> str:
    """A reason in one line: its rules, its sentence, what would mend it and whose act that is."""
    mended = " ".join(
        each for each in (reason.remedy, reason.whose, "by themselves" if reason.own else "") if each
    )
    return f"{' '.join(reason.rules)} {reason.code}" + (f": {mended}" if mended else "")


def drawn(paths: Paths, within: str = "") -> list[str]:
    """Every edge of a drawing, without its date."""
    return sorted(f"{f.source} {f.kind} {f.target}".replace(within, "") for f in paths.facts)


def walked(steps: Iterable[Fact]) -> str:
    return " ".join(f"{fact.source} {fact.kind} {fact.target}" for fact in steps)


def ended(facts: Iterable[Fact], kinds: tuple[str, ...], at: Instant) -> list[Fact]:
    return [fact for fact in facts if fact.kind in kinds and fact.holds(at)]


def would_be(world: World, kinds: tuple[str, ...], at: Instant) -> dict[str, list[str]]:
    """Who would gain and lose sight of what, and come to be exposed to what, were all such facts to end."""
    view = Overlay(world, [], [fact.id for fact in ended(world.facts(), kinds, at)], world.labels)
    (knew, reached), (knows, reaches) = sights(world, world, at), sights(view, world, at)
    found = {
        "gains": knows - knew, "loses": knew - knows,
        "exposed": reaches - reached, "no_longer_exposed": reached - reaches,
    }  # fmt: skip
    return {name: sorted(" ".join(pair) for pair in pairs) for name, pairs in found.items() if pairs}


def sights(facts: Facts, world: World, at: Instant) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Pairs of who may know what, and of who is exposed to which carrier, among all there are."""
    people, items, carriers = (list(world.nodes(kind)) for kind in (Node.PERSON, Node.DOCUMENT, Node.CARRIER))
    knows = {(p, item) for p in people for item in items if may_know(facts, p, item, at).allowed}
    return knows, {
        (each.person, carrier) for carrier in carriers for each in reach.exposed(facts, carrier, at)
    }


def read(name: str) -> dict[str, Table]:
    path = TABLES / f"{name}.yaml"
    kept: dict[str, Table] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return kept


def write(traps: Mapping[str, Trap], folder: Path = TABLES) -> None:
    """All tables anew; those of worlds that are no more go."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.yaml"):
        path.unlink()
    for name, trap in traps.items():
        if found := tables(trap):
            text = yaml.safe_dump(
                found, default_flow_style=None, allow_unicode=True, sort_keys=False, width=160
            )
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
