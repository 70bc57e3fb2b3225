"""The security officer's drawing of one document: the answer as a sentence, as a picture, and as a table."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.http.questions import when
from api.pages import forms, view
from api.pages.carriers import known
from api.pages.documents import ways_of
from api.pages.forms import Faults
from api.pages.seat import Seat
from api.texts import Language, text
from graph import reach
from graph.access import LARGEST_PAGE, Blocked, Paths, When
from graph.errors import BadInput
from graph.facts import Fact
from graph.kinds import NODES, RELATIONS, Node
from graph.law import gate
from graph.law.verdict import Mark
from graph.reach import Asked, Reachers
from graph.times import DAY_MS, FOREVER, to_text
from storage.lines import DocumentPage
from storage.tables.catalogue import Person

SOON_MS = 30 * DAY_MS
UP = ("MEMBER_OF", "HOLDS_POST", "PART_OF")
DRAWERS = (*gate.OVERSEERS, "CUSTODIAN_OF")
Json = dict[str, Any]


@cache
def drawing_texts(language: Language) -> dict[str, str]:
    """The drawing's own texts in one language."""
    path = view.HERE / "client" / "texts.json"
    found = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    return {code: each[language] for code, each in found.items()}


@get("/paths")
async def choose(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    seat.require(*DRAWERS)
    page = await seat.books.documents(seat.person, limit=50, cursor=request.query_params.get("cursor"))
    return seat.render("paths.html", page=page)


@get("/paths/{document:str}")
async def paths(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], document: FromPath[str]
) -> Response[str]:
    seat.require(*DRAWERS)
    page = await known(seat, document)
    at, known_at = (str(request.query_params.get(name, "")).strip() for name in ("at", "known_at"))
    stands, faults = await _when(seat, at, known_at)
    found = await seat.wiring.questions.paths(seat.person, document, stands)
    every = Asked(asker=seat.person, when=stands, limit=LARGEST_PAGE)
    reached = await reach.can_reach(seat.wiring.questions, document, every)
    exposed = await reach.exposure(seat.wiring.questions, document, every)
    audience = await show.audience(found.audience, seat.viewer)
    ids = {*found.labels, *_people(found), *nodes_of(reached)}
    names = {**audience["names"], **await show.names(ids, seat.viewer)}
    drawing = await drawn(
        page, found, reached, frozenset(each.person for each in exposed.people), names, seat.language
    )
    drawing["sentence"] = sentence(page, found, exposed.total, seat.language)
    return seat.render(
        "drawing.html",
        status=faults.status if faults else 200,
        page=page,
        at=at,
        known_at=known_at,
        faults=faults,
        sentence=drawing["sentence"],
        drawing=drawing,
        texts=drawing_texts(seat.language),
        audience=audience,
        ways=ways_of(audience),
        exposed=sorted({each.person for each in exposed.people}),
        more=_more(page.document.id, found, exposed, at, known_at),
        serials={each.id: each.serial or each.id for each in page.carriers},
        names=names,
    )


def _more(document: str, found: Paths, exposed: Reachers, at: str, known_at: str) -> str | None:
    """Where an answer goes on that is too long to draw whole: the rest of who may know, then of who is exposed."""
    if not found.audience.complete:
        return view.address(f"/documents/{document}", at=at, known_at=known_at, cursor=found.audience.cursor)
    if not exposed.complete:
        return view.address(
            f"/documents/{document}/exposure", at=at, known_at=known_at, cursor=exposed.cursor
        )
    return None


async def _when(seat: Seat, at: str, known_at: str) -> tuple[When, Faults | None]:
    try:
        return await when(seat.wiring.ledger, at or None, known_at or None), None
    except BadInput as error:
        return When(), forms.faults(error, seat.language)


def _people(found: Paths) -> set[str]:
    audience = found.audience
    return {each.person for group in (audience.people, audience.blocked, audience.handlers) for each in group}


def nodes_of(reached: Reachers) -> set[str]:
    """Every place, container, carrier and person on a way."""
    steps = [step for each in reached.people for way in each.ways for step in way.steps]
    return {node for step in steps for node in (step.source, step.target)}


async def drawn(
    page: DocumentPage,
    found: Paths,
    reached: Reachers,
    exposed: frozenset[str],
    names: show.Json,
    language: Language,
) -> Json:
    """The contract of `api/client`: nodes, facts, and people with marks and routes in two bands."""
    people = _people(found) | {each.person for each in reached.people}
    rows = await Person.select(Person.id, Person.staff_number).where(Person.id.is_in(sorted(people)))
    numbers = {row["id"]: row["staff_number"] for row in rows}
    labels = {**found.labels, page.document.id: Node.DOCUMENT.value}
    labels |= {node: names[node]["kind"] for node in nodes_of(reached) if node in names}
    labels |= dict.fromkeys(people, Node.PERSON.value)
    facts = {each.id: each for each in found.facts}
    facts |= {step.id: step for each in reached.people for way in each.ways for step in way.steps}
    level = {"id": page.document.level, "word": page.document.mark} if page.document.level else None
    return {
        "item": {"id": page.document.id, "title": page.document.title, "level": level},
        "at": to_text(found.audience.stand.at),
        "complete": found.audience.complete and reached.complete,
        "nodes": {id_: _node(id_, label, page, names, numbers, language) for id_, label in labels.items()},
        "facts": {id_: _fact(each, found.audience.stand.at, language) for id_, each in facts.items()},
        "people": people_of(found, reached, exposed),
    }


def _node(
    id_: str, label: str, page: DocumentPage, names: show.Json, numbers: dict[str, str], language: Language
) -> Json:
    word = NODES[Node(label)].zh if language == "zh" else NODES[Node(label)].en
    name = str(names[id_][language]) if id_ in names else word
    if id_ == page.document.id:
        name = page.document.title
    shown = {"label": label, "name": name}
    sub = numbers.get(id_, "") or (page.document.mark if id_ == page.document.id else "")
    return shown | ({"sub": sub} if sub else {})


def _fact(fact: Fact, at: int, language: Language) -> Json:
    kind = RELATIONS[fact.kind]
    shown: Json = {
        "kind": fact.kind,
        "word": kind.word if language == "zh" else kind.en,
        "from": fact.source,
        "to": fact.target,
        "since": to_text(fact.since),
        "until": to_text(fact.until),
    }
    if fact.until < FOREVER and at <= fact.until <= at + SOON_MS:
        shown["ends_soon"] = True
    shown |= {name: fact.details[name] for name in ("pair", "monitored") if name in fact.details}
    return shown


def people_of(found: Paths, reached: Reachers, exposed: frozenset[str]) -> list[Json]:
    """Each person once: who may know, who is stopped, and who reaches a carrier through rooms, keys or hands.

    Custodians reach what they keep and are not exposed to it (G13): only `exposed` reach without the right.
    """
    within = _within(found, reached)
    listed, up = _listed(found), _upward(found)
    people = [
        _person(each.person, "know", each.marks, _know(each.routes), within) for each in found.audience.people
    ]
    stopped = {each.person: each for each in found.audience.blocked}
    for blocked in stopped.values():
        verdict = _reaching(blocked.person, exposed) if blocked.person in within else "blocked"
        people.append(_person(blocked.person, verdict, blocked.marks, _stopped(listed, up, blocked), within))
    others = sorted(within.keys() - {each["id"] for each in people})
    return [*people, *(_person(each, _reaching(each, exposed), (), [], within) for each in others)]


def _reaching(person: str, exposed: frozenset[str]) -> str:
    return "reach_only" if person in exposed else "reach"


def _person(
    id_: str, verdict: str, marks: tuple[Mark, ...], routes: list[Json], held: dict[str, list[Json]]
) -> Json:
    return {
        "id": id_,
        "verdict": verdict,
        "marks": [
            {
                "name": mark.name,
                "holds": mark.holds,
                "facts": [fact.id for fact in mark.facts],
                "rules": list(mark.rules),
            }
            for mark in marks
        ],
        "routes": [*routes, *held.get(id_, [])],
    }


def _know(routes: Any) -> list[Json]:
    return [{"via": each.via, "band": "know", "steps": [step.id for step in each.steps]} for each in routes]


def _within(found: Paths, reached: Reachers) -> dict[str, list[Json]]:
    """By person: a route for each way to a carrier, on to the document it bears."""
    bears = {fact.source: fact for fact in found.facts if fact.kind == "CARRIES"}
    routes: dict[str, list[Json]] = {}
    for each in reached.people:
        if each.carrier in bears:
            for way in each.ways:
                steps = [*(step.id for step in way.steps), bears[each.carrier].id]
                route = {"via": way.steps[-1].source, "band": "reach", "steps": steps}
                routes.setdefault(each.person, []).append(route)
    return routes


def _listed(found: Paths) -> dict[str, list[str]]:
    """By whoever stands on the range: the facts from there to the document."""
    opens = {fact.source: fact for fact in found.facts if fact.kind == "RANGE_OF"}
    return {
        fact.source: [fact.id, opens[fact.target].id]
        for fact in found.facts
        if fact.kind == "IN_RANGE" and fact.target in opens
    }


def _upward(found: Paths) -> dict[str, list[Fact]]:
    up: dict[str, list[Fact]] = {}
    for fact in found.facts:
        if fact.kind in UP:
            up.setdefault(fact.source, []).append(fact)
    return up


def _stopped(listed: dict[str, list[str]], up: dict[str, list[Fact]], who: Blocked) -> list[Json]:
    """The ways on which somebody stands on the range and is stopped at the card."""
    routes = []
    frontier: list[tuple[str, tuple[Fact, ...]]] = [(who.person, ())]
    met = {who.person}
    while frontier:
        node, chain = frontier.pop(0)
        if node in listed:
            steps = [*(step.id for step in chain), *listed[node]]
            routes.append({"via": node, "band": "know", "steps": steps})
        for fact in up.get(node, ()):
            if fact.target not in met:
                met.add(fact.target)
                frontier.append((fact.target, (*chain, fact)))
    return routes


def sentence(page: DocumentPage, found: Paths, exposed: int, language: Language) -> str:
    """乙号通报 机密★20年 — 4人可知悉 · 2人被拦 · 1人经手而无权 · 3人接触得到而无权"""
    audience = found.audience
    parts = [text(language, "page.paths.know", count=audience.total)]
    if audience.blocked:
        parts.append(text(language, "page.paths.blocked", count=len(audience.blocked)))
    hands = {each.person for each in audience.handlers}
    parts.append(text(language, "page.paths.hands", count=len(hands)))
    parts.append(text(language, "page.paths.exposed", count=exposed))
    title = f"{page.document.title} {page.document.mark}".strip()
    return f"{title} — {' · '.join(parts)}"


HANDLERS = (choose, paths)
