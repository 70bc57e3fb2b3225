"""Leaving secret work: the posts end, then all is returned and signed, and the cooling-off counts (S01-11a–b, S03-5.4)."""

from __future__ import annotations

from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import Node
from graph.law.cooling import counts_from, running
from graph.law.flow import Matter
from graph.law.keeping import level_of
from graph.law.levels import Level
from graph.law.person import clearance, in_force
from storage.act import Bench, Draft
from storage.registers.cases import effect
from storage.registers.cooling import cool_off

PERSON = Node.PERSON.value


@effect("end-secret-posts")
async def end_secret_posts(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-11a, S01-11c: with the opening of the case posts and tasks end, and with them access."""
    world = await bench.facts.around({matter.subject: PERSON})
    ending = in_force(world.out(matter.subject, "HOLDS_POST", "HAS_TASK"), bench.occurred)
    for fact in ending:
        if fact.since >= bench.occurred:
            raise BadField("occurred_at", "dates-backwards", value=matter.subject)
        draft.end(fact, world)
    draft.rules += ["S01-11a", "S01-11c"]


@effect("close-leaving")
async def close_leaving(matter: Matter, bench: Bench, draft: Draft) -> None:
    """S01-11a–b: the cooling-off counts from the later of the end of the post and the full return."""
    world = await bench.facts.around({matter.subject: PERSON}, into=("HELD_BY",))
    draft.rules += ["S01-11a", "S01-11b", "S02-10b", "S03-5.4a", "S03-5.4b"]
    if running(world, matter.subject, bench.occurred) is not None:
        return
    level = await _level(bench, world, matter)
    start = counts_from(world, matter.subject, matter.opened)
    await cool_off(draft, bench, matter.subject, level.id, start=start)


async def _level(bench: Bench, world: Facts, matter: Matter) -> Level:
    """The level that decides how long: the person's clearance when they left, or the highest post they left."""
    cleared, _ = clearance(world, matter.subject, matter.opened)
    if cleared is not None:
        return cleared
    before = matter.opened - 1
    left = in_force(world.out(matter.subject, "HOLDS_POST"), before)
    posts = await bench.facts.around({fact.target: Node.POST.value for fact in left})
    levels = [level for fact in left if (level := level_of(posts, fact.target, before)) is not None]
    return max(levels, key=lambda level: level.rank)
