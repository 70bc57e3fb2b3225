"""The regulations as the unit applies them: figures it sets, dates from which they bind, interpretations (S01-19, S01-20, C01)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.regulation import WHOLE_UNIT, UnknownParameter, UnknownRule, load
from graph.times import to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, refusal, setting_row
from storage.entry import Body
from storage.figures import BOUND, PARAMETER, START, day_of
from storage.tables.catalogue import Interpretation

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
GROUP = ("LEADING_GROUP_OF",)


class Configure(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure of a regulation, never past its bound."""

    parameter: Name
    value: Annotated[int, Meta(ge=1, le=1000)]


def project_figure(params: Configure, body: Body) -> Iterable[Change]:
    yield setting_row(f"{PARAMETER}{params.parameter}", str(params.value))


@act("configure", Configure, register="regulations", zh="设定期限与数值", en="Set a figure", by=GROUP, decided_by=GROUP,
     paper=True, rules=("S01-19", "P-role"), project=project_figure,
     examples=({"parameter": "cooling-off-ordinary", "value": 6},))  # fmt: skip
async def configure(params: Configure, bench: Bench) -> Draft:
    """What has begun keeps the figure it began with: terms are computed once."""
    try:
        parameter = load().parameter(params.parameter)
    except UnknownParameter:
        raise BadField("parameter", "unknown-id", value=params.parameter) from None
    load().check(params.parameter, params.value)
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules.append(parameter.rule)
    draft.result = {"before": bench.parameter(params.parameter)}
    return draft


class Promulgate(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first day on which a regulation binds here, and the departments it binds: none named is the whole unit."""

    regulation: Name
    date: str
    departments: Annotated[tuple[Id, ...], Meta(max_length=500)] = ()


def project_start(params: Promulgate, body: Body) -> Iterable[Change]:
    yield setting_row(f"{START}{params.regulation}", params.date)
    yield setting_row(f"{BOUND}{params.regulation}", ",".join(params.departments))


@act("promulgate", Promulgate, register="regulations", zh="公布施行日期", en="Give a regulation its date", by=GROUP,
     decided_by=GROUP, paper=True, rules=("S01-20", "P-role"), project=project_start,
     examples=({"regulation": "S07", "date": "2020-01-01", "departments": ["jiyao"]},))  # fmt: skip
async def promulgate(params: Promulgate, bench: Bench) -> Draft:
    """S01-20: what binds already is not put off, and S01 to S03 bind the whole unit (rules.md, section 2)."""
    if params.regulation not in load().regulations:
        raise BadField("regulation", "unknown-id", value=params.regulation)
    start = day_of(params.date, "date")
    before = bench.regulations.regulations[params.regulation]
    if start > before.in_force_from and before.binds(to_datetime(bench.now).date()):
        raise refusal(
            ("S01-20",), "already-in-force", regulation=params.regulation, since=str(before.in_force_from)
        )
    if params.departments and params.regulation in WHOLE_UNIT:
        raise BadField("departments", "binds-whole-unit", value=params.regulation)
    for n, each in enumerate(params.departments):
        await bench.subject(each, Node.DEPARTMENT, field=f"departments[{n}]")
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules.append("S01-20")
    return draft


class Interpret(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The leading group says how a clause is to be read: attached to it, dated, each later one a version of its own."""

    rule: Name
    question: Words
    reading: Words


def project_reading(params: Interpret, body: Body) -> Iterable[Change]:
    yield Put(
        Interpretation,
        {
            "id": body.ref, "rule": params.rule, "version": body.result["version"], "question": params.question,
            "reading": params.reading, "occurred_at": body.occurred_at, "by": body.decision.by if body.decision else body.actor,
        },
    )  # fmt: skip


@act("interpret", Interpret, register="regulations", zh="解释条款", en="Interpret a clause", by=GROUP, decided_by=GROUP,
     paper=True, rules=("S01-19", "P-role"), project=project_reading,
     examples=({"rule": "S01-11b", "question": "电子件是否清退", "reading": "电子件也须清退"},))  # fmt: skip
async def interpret(params: Interpret, bench: Bench) -> Draft:
    try:
        load().clause(params.rule)
    except UnknownRule:
        raise BadField("rule", "unknown-id", value=params.rule) from None
    earlier = await Interpretation.count().where(Interpretation.rule == params.rule)
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules += ["S01-19", params.rule]
    draft.result = {"version": earlier + 1}
    return draft
