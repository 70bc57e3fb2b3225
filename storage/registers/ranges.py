"""Ranges: who may know an item, set and narrowed by the Leader, and narrowed by the Principal (S03-4.1a, C08)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField, Refused
from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law.derivation import MADE_FROM, change_agreed, originators, widened
from graph.law.keeping import judge_listing, level_of
from graph.law.person import groups, in_force
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers.documents import KEEPERS, Title
from storage.registers.lineage import Consents, agreed, ancestry, bar_with, narrow_with, unbar_with

Id = Annotated[str, Meta(pattern=ID_PATTERN)]


class SetRange(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole range as it shall be: people, departments, posts or the unit.

    A compilation's or an extract's is widened only with the consent of each originator of its parts.
    """

    document: Id
    members: Annotated[tuple[Id, ...], Meta(max_length=5000)]
    consents: Consents = ()


@act("set-range", SetRange, register="ranges", zh="确定知悉范围", en="Set the range", by=KEEPERS, decided_by=("LEADER_OF",),
     rules=("S03-4.1a", "S03-4.1b"), paper=True,
     examples=({"document": "D2", "members": ["p01", "p03", "p04", "dept1"]},))  # fmt: skip
async def set_range(params: SetRange, bench: Bench) -> Draft:
    """S03-4.1a: the Leader sets it, inside the originator's distribution and nobody above their level."""
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    if len(set(params.members)) != len(params.members):
        raise BadField("members", "listed-twice")
    members = [
        await bench.subject(
            each, Node.PERSON, Node.DEPARTMENT, Node.POST, Node.ORGANISATION, field=f"members[{n}]"
        )
        for n, each in enumerate(params.members)
    ]
    world, listing, standing = await _range(bench, document[0])
    reasons = await _judge_members(bench, world, document[0], members)
    reasons += await _consented(bench, params, members, frozenset(standing))
    bench.refuse(reasons)
    draft = Draft(document[0], bench.occurred)
    if listing is None:
        listing = draft.node(await bench.new_id(None, Node.RANGE), Node.RANGE)
        draft.begin("RANGE_OF", (listing, Node.RANGE.value), document)
    wanted = {member[0] for member in members}
    for member, fact in standing.items():
        if member not in wanted:
            draft.end(fact, world)
    for each in members:
        if each[0] not in standing:
            draft.begin("IN_RANGE", each, (listing, Node.RANGE.value))
    if set(standing) - wanted:
        await narrow_with(draft, bench, document[0], frozenset(wanted))
    draft.rules += ["S03-4.1a", "S03-4.1b"]
    draft.result = {"document": document[0], "members": list(params.members)}
    return draft


async def _consented(
    bench: Bench, params: SetRange, members: Sequence[tuple[str, str]], standing: frozenset[str]
) -> tuple[Reason, ...]:
    """S03-4.6c: who made it of others' documents opens it no further than they agree to; narrowing is free (C08)."""
    consented = await agreed(bench, params.consents)
    whole = await ancestry(bench, [params.document])
    if not in_force(whole.out(params.document, *MADE_FROM), bench.occurred):
        return ()
    around = await bench.facts.standing(dict(members))
    above = {member: frozenset(groups(around, member, bench.occurred)) for member, _ in members}
    if not widened(frozenset(above), standing, above):
        return ()
    return change_agreed(originators(whole, params.document, bench.occurred), consented)


class NarrowRange(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take members off the range."""

    document: Id
    remove: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=5000)]


@act("narrow-range", NarrowRange, register="ranges", zh="缩小知悉范围", en="Narrow the range", by=KEEPERS,
     decided_by=("LEADER_OF",), rules=("S03-4.1a",), paper=True,
     examples=({"document": "D2", "remove": ["p04"]},))  # fmt: skip
async def narrow_range(params: NarrowRange, bench: Bench) -> Draft:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    world, _, standing = await _range(bench, document[0])
    draft = Draft(document[0], bench.occurred)
    for n, each in enumerate(dict.fromkeys(params.remove)):
        if each not in standing:
            raise BadField(f"remove[{n}]", "not-so", value=each)
        draft.end(standing[each], world)
    await narrow_with(draft, bench, document[0], frozenset(standing) - set(params.remove))
    draft.rules.append("S03-4.1a")
    return draft


class Exclude(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Principal takes someone of the key unit out of an item (C08); `lift` ends it."""

    document: Id
    who: Id
    reason: Title
    lift: bool = False


@act("exclude", Exclude, register="ranges", zh="排除知悉", en="Exclude from an item", by=("PRINCIPAL_OF",),
     rules=("S02-4.5",), examples=({"document": "D2", "who": "p05", "reason": "回避"},))  # fmt: skip
async def exclude(params: Exclude, bench: Bench) -> Draft:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    who = await bench.subject(params.who, Node.PERSON, Node.DEPARTMENT, field="who")
    standing = [
        fact
        for fact in await bench.standing(who, "BARRED_FROM", target=document[0])
        if "carried_from" not in fact.details
    ]
    draft = Draft(document[0], bench.occurred)
    draft.rules.append("S02-4.5")
    if bool(standing) is not params.lift:
        raise BadField("lift", "not-so" if params.lift else "already-so", value=params.who)
    if params.lift:
        world = await bench.facts.around({who[0]: who[1]})
        for fact in standing:
            draft.end(fact, world)
        unbar_with(draft, bench, world, who[0], document[0])
    else:
        draft.begin("BARRED_FROM", who, document, details={"reason": params.reason})
        await bar_with(draft, bench, who, document[0], params.reason)
    return draft


async def _range(bench: Bench, document: str) -> tuple[Facts, str | None, dict[str, Fact]]:
    """The world around the document's lists, the id of its range, and the entries standing on it by member."""
    world, _ = await bench.facts.audience(document, people=False)
    links = in_force(world.into(document, "RANGE_OF"), bench.occurred)
    if not links:
        return world, None, {}
    listing = links[0].source
    return world, listing, {f.source: f for f in in_force(world.into(listing, "IN_RANGE"), bench.occurred)}


async def _judge_members(
    bench: Bench, world: Facts, document: str, members: Sequence[tuple[str, str]]
) -> list[Reason]:
    level = level_of(world, document, bench.occurred)
    if level is None:
        raise Refused([Reason(("S03-2.1a",), "not-marked", remedy="mark", whose="ARCHIVIST_OF")])
    links = in_force(world.into(document, "DISTRIBUTION_OF"), bench.occurred)
    distribution = frozenset(
        fact.source
        for link in links
        for fact in in_force(world.into(link.source, "IN_DISTRIBUTION"), bench.occurred)
    )
    around = await bench.facts.standing(dict(members))
    reasons: list[Reason] = []
    for member, _ in members:
        above = frozenset(groups(around, member, bench.occurred))
        reasons += judge_listing(
            around, member, level=level, distribution=distribution, above=above, at=bench.occurred
        )
    return reasons
