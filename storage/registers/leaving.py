"""Leaving secret work: the posts end, then all is returned and signed, and the cooling-off counts (S01-11a–b, S03-5.4)."""

from __future__ import annotations

from graph.errors import BadField
from graph.facts import Joined
from graph.kinds import Node
from graph.law.cooling import counts_from, level_left
from graph.law.flow import Matter
from graph.law.person import in_force
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
    """S01-11a–b: the cooling-off counts from the later of the end of the post and the full return.

    The level that decides how long is the one the person left at, a moment before the case ended the posts.
    """
    who = {matter.subject: PERSON}
    world = Joined(
        [await bench.facts.standing(who), await bench.facts.around(who, into=("HELD_BY",))],
    )
    draft.rules += ["S01-11a", "S01-11b", "S02-10b", "S03-5.4a", "S03-5.4b"]
    level = level_left(world, matter.subject, matter.opened - 1)
    if level is None:
        raise BadField("case", "not-so", value=matter.id)
    start = counts_from(world, matter.subject, matter.opened)
    await cool_off(draft, bench, matter.subject, level.id, start=start)
