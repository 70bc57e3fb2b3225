"""Tasks (涉密任务), and what a change of posts or tasks calls for: a review of the level, a vetting (S01-4, S01-6a, S01-7a)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.facts import Joined
from graph.kinds import Node
from graph.law.gates import levels_as_listed
from graph.law.levels import LEVELS
from graph.law.person import in_force, vetting
from graph.law.posting import gives_task
from graph.law.procedure import STATE_LEVELS
from graph.law.proposal import proposed, unfit
from storage import docket
from storage.act import ID_PATTERN, Act, Bench, Draft, act, one_of
from storage.registers.cases import open_by_itself
from storage.registers.clearing import propose_levels, then

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
GIVERS = ("OFFICE_OF", "LEADING_GROUP_OF", "SECURITY_OFFICER_OF", "HEAD_OF")
PERSON = Node.PERSON.value


class StartTask(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person takes on a secret task, beside whatever post they hold."""

    person: Id
    task: Words
    level: str


@act("start-task", StartTask, register="posts", zh="承担涉密任务", en="Take on a task", by=GIVERS,
     rules=("S01-4", "P-role"), examples=({"person": "p06", "task": "乙号专项", "level": "secret"},))  # fmt: skip
async def start_task(params: StartTask, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    one_of("level", params.level, STATE_LEVELS)
    standing = await bench.standing(person, "HAS_TASK")
    if any(fact.details.get("task") == params.task for fact in standing):
        raise BadField("task", "already-so")
    await _giver(bench, person)
    draft = Draft(person[0], bench.occurred)
    draft.begin(
        "HAS_TASK", person, (LEVELS[params.level].id, Node.LEVEL.value), details={"task": params.task}
    )
    draft.rules.append("S01-4")
    await review_level(draft, bench, person[0], "start-task")
    await owe_vetting(draft, bench, person[0])
    return draft


class EndTask(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    task: Words


@act("end-task", EndTask, register="posts", zh="涉密任务结束", en="End a task", by=GIVERS, rules=("S01-6a", "P-role"),
     examples=({"person": "p06", "task": "乙号专项"},))  # fmt: skip
async def end_task(params: EndTask, bench: Bench) -> Draft:
    """S01-6a: where what is left calls for another level, the department's review opens with this entry."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    world = await bench.facts.around(dict([person]))
    standing = [
        fact
        for fact in in_force(world.out(person[0], "HAS_TASK"), bench.occurred)
        if fact.details.get("task") == params.task
    ]
    if not standing:
        raise BadField("task", "not-so", value=params.task)
    await _giver(bench, person)
    draft = Draft(person[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.rules.append("S01-6a")
    await review_level(draft, bench, person[0], "end-task")
    return draft


async def _giver(bench: Bench, person: tuple[str, str]) -> None:
    """A Head gives tasks in their own department alone (S01-5a)."""
    giver = bench.on_behalf_of or bench.actor
    people = dict([person, (giver, PERSON)])
    world = Joined([await bench.facts.standing(people), await bench.facts.around(people)])
    bench.refuse(gives_task(world, giver, person[0], bench.now))


async def review_level(draft: Draft, bench: Bench, person: str, cause: str) -> None:
    """S01-6a: a level that no longer fits opens its review. Who was never designated waits for designation (S01-5a).

    Whoever leaves secret posts behind is the leaving case's. A review that is open already is drawn up anew.
    """
    view = await then(draft, bench, [person])
    for review in await docket.matters_on(person, procedure="level-review", states=("open",)):
        if not review.taken and levels_as_listed(view, review, bench.occurred):
            await propose_levels(review, bench, draft)
            del draft.result["proposed"]
    if not unfit(view, person, bench.occurred):
        return
    await open_by_itself(draft, bench, "level-review", (person, PERSON), {}, cause)
    draft.rules.append("S01-6a")


async def owe_vetting(draft: Draft, bench: Bench, person: str) -> None:
    """S01-7a: secret work without a passed vetting stays pending, gives no access, and opens the vetting."""
    view = await then(draft, bench, [person])
    if proposed(view, person, bench.occurred).level is None or vetting(view, person, bench.occurred).holds:
        return
    await open_by_itself(draft, bench, "vetting", (person, PERSON), {}, "secret-work")
    draft.result["pending"] = ["vetting"]
    draft.rules.append("S01-7a")
