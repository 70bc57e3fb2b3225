"""定期考核: results as a list, and the exception report of those who have none (S01-10a, S02-5.2)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.levels import LEVELS
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Draft, act

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
GROUP = ("LEADING_GROUP_OF",)


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    result: Literal["good", "competent", "poor"]


class RecordAssessment(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The results of a period, as a list."""

    period: Name
    results: Annotated[tuple[Result, ...], Meta(min_length=1, max_length=2000)]


@act("record-assessment", RecordAssessment, register="training", zh="登记考核结果", en="Record an assessment", by=GROUP,
     decided_by=GROUP, paper=True, rules=("S01-10a", "P-role"),
     examples=({"period": "2026", "results": [{"person": "p05", "result": "good"}]},))  # fmt: skip
async def record_assessment(params: RecordAssessment, bench: Bench) -> Draft:
    """S01-10a: everyone cleared has a result, or stands in the exception report, which the reply and the book hold."""
    people = [each.person for each in params.results]
    if len(set(people)) != len(people):
        raise BadField("results", "listed-twice")
    draft = Draft(bench.organisation, bench.occurred)
    for n, each in enumerate(params.results):
        person = await bench.subject(each.person, Node.PERSON, field=f"results[{n}].person")
        bench.about(person[0])
        details: dict[str, str | int | bool] = {"result": each.result, "period": params.period}
        draft.begin("ASSESSED", person, bench.own, details=details)
    draft.result = {"period": params.period, "without": await _without(params.period, set(people), bench)}
    draft.rules.append("S01-10a")
    return draft


async def _without(period: str, now: set[str], bench: Bench) -> list[str]:
    """Cleared persons who have no result of the period, this list counted."""
    levels = dict.fromkeys(LEVELS, Node.LEVEL.value)
    world = await bench.facts.around(levels, into=("CLEARED_TO",))
    cleared = {
        fact.source for level in levels for fact in in_force(world.into(level, "CLEARED_TO"), bench.occurred)
    }
    results = await bench.facts.around(dict.fromkeys(cleared, Node.PERSON.value))
    earlier = {
        person
        for person in cleared
        if any(fact.details.get("period") == period for fact in results.out(person, "ASSESSED"))
    }
    return sorted(cleared - earlier - now)
