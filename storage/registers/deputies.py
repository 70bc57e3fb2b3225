"""Deputies (代理): for any post, from one date to another, for named acts, and only someone who qualifies."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.deputy import may_deputise
from graph.times import parse
from storage.act import ACTS, ID_PATTERN, Act, Bench, Draft, act

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
APPOINTERS = ("LEADING_GROUP_OF", "LEADER_OF")
OF_CASES = frozenset({"open-case", "take-step", "amend-case", "withdraw-case"})


class AppointDeputy(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`person` stands in for `principal` in these acts, through the day `until`."""

    person: Id
    principal: Id
    acts: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=50)]
    until: str
    since: str | None = None


@act("appoint-deputy", AppointDeputy, register="roles", zh="指定代理人", en="Appoint a deputy", by=APPOINTERS,
     decided_by=APPOINTERS, paper=True, rules=("P-deputy", "P-role"),
     examples=({"person": "p02", "principal": "p01", "acts": ["take-step"], "until": "2026-03-13"},))  # fmt: skip
async def appoint_deputy(params: AppointDeputy, bench: Bench) -> Draft:
    deputy = await bench.subject(params.person, Node.PERSON, field="person")
    principal = await bench.subject(params.principal, Node.PERSON, field="principal")
    _check_acts(params.acts)
    since = parse(params.since, field="since") if params.since else bench.occurred
    if since < bench.occurred:
        raise BadField("since", "dates-backwards", value=params.since or "")
    until = parse(params.until, field="until", ends_day=True) + 1
    if until <= since:
        raise BadField("until", "ends-before-it-begins")
    bench.about(deputy[0])
    reasons = may_deputise(
        await bench.facts.people([deputy[0], principal[0]]), deputy[0], principal[0], bench.occurred
    )
    bench.refuse(reasons)
    if await bench.standing(deputy, "DEPUTY_OF", target=principal[0]):
        raise BadField("person", "already-so")
    draft = Draft(deputy[0], bench.occurred)
    acts = ",".join(dict.fromkeys(params.acts))
    draft.begin("DEPUTY_OF", deputy, principal, since=since, until=until, details={"acts": acts})
    draft.rules.append("P-deputy")
    return draft


def _check_acts(acts: tuple[str, ...]) -> None:
    """Acts of a role or of a case: what is one's own (signing, reading) nobody else does."""
    for n, name in enumerate(acts):
        kind = ACTS.get(name)
        if kind is None:
            raise BadField(f"acts[{n}]", "unknown-act", value=name)
        if not kind.public or not (kind.by or kind.decided_by or name in OF_CASES):
            raise BadField(f"acts[{n}]", "not-for-a-deputy", value=name)


class EndDeputy(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    principal: Id


@act("end-deputy", EndDeputy, register="roles", zh="终止代理", en="End a deputyship", rules=("P-deputy", "P-role"),
     examples=({"person": "p02", "principal": "p01"},))  # fmt: skip
async def end_deputy(params: EndDeputy, bench: Bench) -> Draft:
    """By those who appoint, or by the principal, who is back."""
    deputy = await bench.subject(params.person, Node.PERSON, field="person")
    principal = await bench.subject(params.principal, Node.PERSON, field="principal")
    if bench.actor != principal[0]:
        await bench.require(bench.actor, APPOINTERS, ("P-deputy", "P-role"))
    world = await bench.facts.around(dict([deputy]))
    standing = [
        fact
        for fact in world.out(deputy[0], "DEPUTY_OF")
        if fact.target == principal[0] and fact.until > bench.occurred
    ]
    if not standing:
        raise BadField("principal", "not-so", value=params.principal)
    draft = Draft(deputy[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.rules.append("P-deputy")
    return draft
