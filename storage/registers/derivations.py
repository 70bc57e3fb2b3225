"""Compilations and extracts: made of other documents, and bearing what those bear (S03-4.6a–d, 4.7, C09)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from msgspec import Meta

from graph.errors import BadField, Refused
from graph.facts import Details, Facts
from graph.kinds import Node
from graph.law.derivation import (
    MADE_FROM,
    Bearing,
    Part,
    bars,
    change_agreed,
    copying_allowed,
    effective_marking,
    originators,
    originators_agree,
    somebody_left,
)
from graph.law.item import demand
from graph.law.levels import LEVELS
from graph.law.marking import Marking, judge_marking
from graph.law.person import groups, in_force
from graph.law.verdict import Reason
from graph.times import to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Patch, Put, act, one_of, subject_row
from storage.entry import Body
from storage.registers.carriers import KEEPERS
from storage.registers.documents import SERIES, expiry
from storage.registers.lineage import Consents, agreed, ancestry
from storage.tables.catalogue import Document, Number

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
LISTED = (Node.PERSON, Node.DEPARTMENT, Node.POST, Node.ORGANISATION)


class Compile(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several documents bound into one (汇编). Its mark and its lists follow from theirs and are not typed."""

    title: Title
    sources: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=100)]
    consents: Consents = ()
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1
    id: Id | None = None


class Extract(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passage taken over into a paper of one's own (摘录、引用), from one document or several."""

    title: Title
    sources: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=100)]
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1
    id: Id | None = None


def project_derived(params: Compile | Extract, body: Body) -> Iterable[Change]:
    made = body.result
    yield subject_row(made["document"], Node.DOCUMENT, params.title, body)
    year, n = made["_series"]
    yield Put(
        Document,
        {
            "id": made["document"], "title": params.title, "title_secret": made["level"] == "top-secret", "number": "",
            "receipt": made["receipt"], "level": made["level"], "years": made["_years"], "permanent": made["_permanent"],
            "marked_from": made["_marked_from"], "expires": made["expires"], "quantity": params.quantity, "pages": None,
            "drafted": "", "urgency": "", "originator": made["_originator"], "folder": "", "registered_by": body.actor,
            "made": body.seq,
        },
    )  # fmt: skip
    number = {"series": "documents", "year": year, "n": n, "text": made["receipt"], "entry": body.ref}
    yield Put(Number, {"id": f"documents/{made['receipt']}", **number})


@act("compile", Compile, register="derivations", zh="汇编", en="Compile documents", by=KEEPERS, project=project_derived,
     rules=("S03-4.6a", "P-role"),
     examples=({"title": "2026年通报汇编", "sources": ["D2", "D3"], "consents": [{"originator": "shengju", "letter": "省局函1号"}]},))  # fmt: skip
async def compile_documents(params: Compile, bench: Bench) -> Draft:
    """S03-4.6a: each originator has agreed. S03-4.6d, C09: highest level, longest period, ranges intersected."""
    parts, world = await _parts(bench, params.sources)
    if len(parts) < 2:
        raise BadField("sources", "not-between", low="2", high="100")
    consented = await agreed(bench, params.consents)
    whole = await ancestry(bench, params.sources)
    setters = [each for part in parts for each in originators(whole, part.document, bench.occurred)]
    reasons = originators_agree(setters, consented)
    return await _derived(
        params, bench, parts, world, reasons, "COMPILED_FROM", ("S03-4.6a", "S03-4.6b", "S03-4.6d")
    )


@act("extract", Extract, register="derivations", zh="摘录", en="Extract from documents", by=KEEPERS, project=project_derived,
     rules=("S03-4.7", "P-role"), examples=({"title": "乙号通报摘要", "sources": ["D2"]},))  # fmt: skip
async def extract(params: Extract, bench: Bench) -> Draft:
    """S03-4.7: the original's level, period and range; several sources as in a compilation [P]."""
    parts, world = await _parts(bench, params.sources)
    return await _derived(params, bench, parts, world, (), "EXTRACTED_FROM", ("S03-4.7",))


async def _parts(bench: Bench, sources: Sequence[str]) -> tuple[list[Part], Facts]:
    if len(set(sources)) != len(sources):
        raise BadField("sources", "listed-twice")
    parts: list[Part] = []
    listed: dict[str, str] = {}
    for n, source in enumerate(sources):
        await bench.subject(source, Node.DOCUMENT, field=f"sources[{n}]")
        world, _ = await bench.facts.audience(source, people=False)
        part = _part(world, source, bench)
        parts.append(part)
        listed |= {node: str(world.label(node)) for node in (*part.range, *part.distribution)}
        listed |= {bar.who: str(world.label(bar.who)) for bar in part.barred}
    return parts, await bench.facts.standing(listed)


def _part(world: Facts, document: str, bench: Bench) -> Part:
    asked = demand(world, document, bench.occurred)
    if asked.level is None:
        raise Refused([Reason(("S03-2.1a",), "not-marked", remedy="mark", whose="ARCHIVIST_OF")])
    expires = next((str(f.details["expires"]) for f in asked.level_facts if f.details.get("expires")), "")
    return Part(
        document=document,
        level=asked.level,
        expires=date.fromisoformat(expires) if expires else None,
        range=frozenset(asked.range),
        distribution=frozenset(asked.distribution),
        barred=bars(world, document, bench.occurred),
    )


async def _derived(
    params: Compile | Extract, bench: Bench, parts: Sequence[Part], world: Facts, reasons: tuple[Reason, ...], kind: str,
    rules: tuple[str, ...],
) -> Draft:  # fmt: skip
    nodes = {node for part in parts for node in (*part.range, *part.distribution)}
    bearing = effective_marking(
        parts, {node: frozenset(groups(world, node, bench.occurred)) for node in nodes}
    )
    bench.refuse((*reasons, *somebody_left(bearing)))
    id_ = await bench.new_id(params.id, Node.DOCUMENT)
    draft = Draft(id_, bench.occurred)
    document = (draft.node(id_, Node.DOCUMENT), Node.DOCUMENT.value)
    expires = bearing.expires.isoformat() if bearing.expires else ""
    details: Details = {"expires": expires} if expires else {}
    draft.begin("CLASSIFIED_AS", document, (bearing.level.id, Node.LEVEL.value), details=details)
    whole = await ancestry(bench, params.sources)
    free = all(copying_allowed(whole, part.document, bench.occurred) for part in parts)
    draft.begin("ORIGINATED_BY", document, bench.own, details={"copying": "allowed" if free else "forbidden"})
    for part in parts:
        draft.begin(kind, document, (part.document, Node.DOCUMENT.value))
    await _lists(draft, bench, document, bearing, world)
    draft.rules += rules
    year = to_datetime(bench.occurred).year
    n = await bench.next_number("documents", year)
    draft.result = {
        "document": id_, "receipt": bench.settings.get("unit.series.documents", SERIES).format(year=year, n=n),
        "level": bearing.level.id, "expires": expires, "range": sorted(bearing.range), "_series": [year, n],
        "_marked_from": to_datetime(bench.occurred).date().isoformat(), "_permanent": not expires,
        "_years": _years(bench, bearing), "_originator": bench.organisation,
    }  # fmt: skip
    return draft


def _years(bench: Bench, bearing: Bearing) -> int | None:
    """The period as it is written on the cover: whole years from today, rounded up (stricter)."""
    if bearing.expires is None:
        return None
    today = to_datetime(bench.occurred).date()
    years = bearing.expires.year - today.year
    return max(1, years + ((bearing.expires.month, bearing.expires.day) > (today.month, today.day)))


async def _lists(
    draft: Draft, bench: Bench, document: tuple[str, str], bearing: Bearing, world: Facts
) -> None:
    of = (
        (Node.DISTRIBUTION, "DISTRIBUTION_OF", "IN_DISTRIBUTION", bearing.distribution),
        (Node.RANGE, "RANGE_OF", "IN_RANGE", bearing.range),
    )
    for label, kind, entry, members in of:
        listing = (draft.node(await bench.new_id(None, label), label), label.value)
        draft.begin(kind, listing, document)
        for member in sorted(members):
            draft.begin(entry, (member, str(world.label(member))), listing)
    for bar in bearing.barred:
        carried: Details = {"reason": bar.reason, "carried_from": bar.source}
        draft.begin("BARRED_FROM", (bar.who, str(world.label(bar.who))), document, details=carried)


class ChangeDerived(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A compilation's or an extract's mark changed, with the consent of each originator of its parts (S03-4.6c)."""

    document: Id
    level: str
    years: Annotated[int, Meta(ge=1, le=100)] | None = None
    permanent: bool = False
    consents: Consents = ()


def project_changed(params: ChangeDerived, body: Body) -> Iterable[Change]:
    values: dict[str, Any] = {"level": params.level, "years": params.years, "permanent": params.permanent}
    yield Patch(Document, params.document, {**values, "expires": body.result["expires"]})


@act("change-derived", ChangeDerived, register="derivations", zh="变更汇编或摘录的密级期限", en="Change the mark of a compilation or extract",
     by=KEEPERS, rules=("S03-4.6c", "P-role"), project=project_changed,
     examples=({"document": "D7", "level": "confidential", "years": 10, "consents": [{"originator": "shengju", "letter": "函2号"}]},))  # fmt: skip
async def change_derived(params: ChangeDerived, bench: Bench) -> Draft:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    one_of("level", params.level, LEVELS)
    consented = await agreed(bench, params.consents)
    world = await ancestry(bench, [document[0]])
    if not in_force(world.out(document[0], *MADE_FROM), bench.occurred):
        raise BadField("document", "not-so", value=document[0])
    bench.follows(world, document, "CLASSIFIED_AS")
    bench.refuse(
        (
            *judge_marking(Marking(LEVELS[params.level], params.years, params.permanent, ("-",))),
            *change_agreed(originators(world, document[0], bench.occurred), consented),
        )
    )
    if params.years is not None and params.permanent:
        raise BadField("permanent", "years-or-permanent")
    expires = expiry(to_datetime(bench.occurred).date(), params.years)
    draft = Draft(document[0], bench.occurred)
    for fact in in_force(world.out(document[0], "CLASSIFIED_AS"), bench.occurred):
        draft.end(fact, world)
    draft.begin(
        "CLASSIFIED_AS",
        document,
        (params.level, Node.LEVEL.value),
        details={"expires": expires} if expires else {},
    )
    draft.rules.append("S03-4.6c")
    draft.result = {"expires": expires}
    return draft
