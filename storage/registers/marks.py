"""Marks made good (待补标志) and marks reviewed when their period has run out (S03-2.1a–c, G08)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField, Refused
from graph.facts import Details
from graph.kinds import Node
from graph.law.arrears import Review, judge_review
from graph.law.derivation import originators
from graph.law.levels import INTERNAL, LEVELS
from graph.law.marking import Marking, judge_marking
from graph.law.person import in_force
from graph.law.verdict import Reason
from graph.times import parse, to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Patch, act, one_of
from storage.entry import Body
from storage.registers.carriers import KEEPERS
from storage.registers.documents import expiry
from storage.registers.lineage import Consents, agreed, ancestry
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
    bench.refuse(judge_marking(Marking(LEVELS[params.level], params.years, params.permanent, listed)))
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


class ReviewPeriod(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outcome of a review: the mark is kept for a further period, lowered, or lifted (解密).

    `level` where it is lowered; `years` or `permanent` for what stays secret, counted from the review; `consents` are the
    letters of the originators other than the unit itself.
    """

    document: Id
    outcome: Literal["keep", "lower", "declassify"]
    level: str | None = None
    years: Annotated[int, Meta(ge=1, le=100)] | None = None
    permanent: bool = False
    consents: Consents = ()


def project_reviewed(params: ReviewPeriod, body: Body) -> Iterable[Change]:
    made = body.result
    values = {"level": made["level"], "expires": made["expires"], "marked_from": made["marked_from"]}
    yield Patch(Document, params.document, {**values, "years": params.years, "permanent": params.permanent})


@act("review-period", ReviewPeriod, register="marks", zh="登记保密期限复核结果", en="Record the review of a secrecy period",
     by=KEEPERS, decided_by=("LEADER_OF",), rules=("S03-2.1b",), paper=True, project=project_reviewed,
     examples=({"document": "D2", "outcome": "lower", "level": "confidential", "years": 5,
                "consents": [{"originator": "shengju", "letter": "省局函〔2026〕3号"}]},))  # fmt: skip
async def review_period(params: ReviewPeriod, bench: Bench) -> Draft:
    """Who set the mark decides: for the unit's own documents its Leader, for others' their letter [P]."""
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    if params.years is not None and params.permanent:
        raise BadField("permanent", "years-or-permanent")
    consented = await agreed(bench, params.consents)
    world = await ancestry(bench, [document[0]])
    bench.follows(world, document, "CLASSIFIED_AS")
    standing = in_force(world.out(document[0], "CLASSIFIED_AS"), bench.occurred)
    if not standing:
        raise Refused([Reason(("S03-2.1a",), "not-marked", remedy="mark", whose="ARCHIVIST_OF")])
    before = max((LEVELS[fact.target] for fact in standing), key=lambda level: level.rank)
    if before == INTERNAL:
        raise BadField("document", "not-so", value=document[0])
    after = _reviewed(params, before.id)
    setters = set(originators(world, document[0], bench.occurred)) - {bench.organisation}
    review = Review(before=before, after=LEVELS[after], years=params.years, permanent=params.permanent)
    bench.refuse(judge_review(review, setters, consented))
    start = to_datetime(bench.occurred).date()
    expires = expiry(start, params.years)
    draft = Draft(document[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    details: Details = {"expires": expires} if expires else {}
    draft.begin("CLASSIFIED_AS", document, (after, Node.LEVEL.value), details=details)
    draft.rules.append("S03-2.1b")
    draft.result = {"level": after, "expires": expires, "marked_from": start.isoformat()}
    return draft


def _reviewed(params: ReviewPeriod, before: str) -> str:
    """The level after the review. Raises BadField."""
    if params.outcome == "lower":
        one_of("level", params.level or "", [each for each in LEVELS if each not in (before, INTERNAL.id)])
        return str(params.level)
    if params.level is not None:
        raise BadField("level", "not-so", value=params.level)
    if params.outcome == "keep":
        return before
    if params.years is not None or params.permanent:
        raise BadField("years", "not-so")
    return INTERNAL.id
