"""Marks made good: what came without its level, period or distribution gets them (S03-2.1a–c, 待补标志)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.facts import Details
from graph.kinds import Node
from graph.law.levels import LEVELS
from graph.law.marking import Marking, judge_marking
from graph.law.person import in_force
from graph.times import parse, to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Patch, act, one_of
from storage.entry import Body
from storage.registers.carriers import KEEPERS
from storage.registers.custody import refuse
from storage.registers.documents import expiry
from storage.tables.catalogue import Document

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]


class CompleteMarks(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The originator has answered: the marks that were missing, by its letter."""

    document: Id
    level: str
    years: Annotated[int, Meta(ge=1, le=100)] | None = None
    permanent: bool = False
    marked_from: str | None = None
    distribution: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()
    letter: Words


def project_marks(params: CompleteMarks, body: Body) -> Iterable[Change]:
    yield Patch(
        Document,
        params.document,
        {
            "level": params.level, "years": params.years, "permanent": params.permanent,
            "expires": body.result["expires"], "marked_from": body.result["marked_from"],
        },
    )  # fmt: skip


@act("complete-marks", CompleteMarks, register="incoming", zh="补齐标志", en="Complete missing marks", by=KEEPERS,
     project=project_marks, examples=({"document": "D9", "level": "secret", "years": 20, "distribution": ["binhai"],
                                       "letter": "省局函〔2026〕2号"},))  # fmt: skip
async def complete_marks(params: CompleteMarks, bench: Bench) -> Draft:
    one_of("level", params.level, LEVELS)
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    members = [
        await bench.subject(each, Node.PERSON, Node.DEPARTMENT, Node.ORGANISATION, field=f"distribution[{n}]")
        for n, each in enumerate(params.distribution)
    ]
    world, _ = await bench.facts.audience(document[0], people=False)
    if in_force(world.out(document[0], "CLASSIFIED_AS"), bench.occurred):
        raise BadField("document", "already-so", value=document[0])
    standing = in_force(world.into(document[0], "DISTRIBUTION_OF"), bench.occurred)
    if members and standing:
        raise BadField("distribution", "already-so")
    listed = [*(fact.source for fact in standing), *params.distribution]
    refuse(judge_marking(Marking(LEVELS[params.level], params.years, params.permanent, listed)))
    start = to_datetime(
        parse(params.marked_from, field="marked_from") if params.marked_from else bench.occurred
    ).date()
    expires = expiry(start, params.years)
    details: Details = {"expires": expires} if expires else {}
    draft = Draft(document[0], bench.occurred)
    draft.begin("CLASSIFIED_AS", document, (params.level, Node.LEVEL.value), details=details)
    if members:
        listing = (
            draft.node(await bench.new_id(None, Node.DISTRIBUTION), Node.DISTRIBUTION),
            Node.DISTRIBUTION.value,
        )
        draft.begin("DISTRIBUTION_OF", listing, document)
        for member in members:
            draft.begin("IN_DISTRIBUTION", member, listing)
    draft.rules += ["S03-2.1a", "S03-2.1b", "S03-2.1c"]
    draft.result = {"expires": expires, "marked_from": start.isoformat()}
    return draft
