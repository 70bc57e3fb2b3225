"""Answers about hands, rooms and what has been, as JSON."""

from __future__ import annotations

from api import show
from api.show import Json
from graph.law.reach import Way
from graph.law.timeline import Span
from graph.reach import AudienceOver, Known, Reachers
from graph.times import Instant, to_text
from storage.titles import Viewer


def way(each: Way) -> Json:
    return {
        "kind": each.kind,
        "tags": list(each.tags),
        "rules": list(each.rules),
        "beside": each.beside or None,
        "steps": [show.fact(step) for step in each.steps],
    }


def span(each: Span) -> Json:
    """`until` is null where it still held at the end of the interval."""
    return {"since": to_text(each.since), "until": None if each.until is None else to_text(each.until)}


def _since(since: Instant | None) -> str | None:
    return None if since is None else to_text(since)


async def reachers(answer: Reachers, viewer: Viewer) -> Json:
    ids = {answer.named, *(node for pair in answer.pairs for node in pair)}
    for each in answer.people:
        ids |= {each.person, each.carrier, *each.items}
        ids |= {node for one in each.ways for step in one.steps for node in (step.source, step.target)}
    return {
        "named": answer.named,
        "total": answer.total,
        "people": [
            {
                "person": each.person,
                "carrier": each.carrier,
                "tags": list(each.tags),
                "rules": list(dict.fromkeys(rule for one in each.ways for rule in one.rules)),
                "ways": [way(one) for one in each.ways],
                "items": list(each.items),
                "spans": [span(one) for one in each.spans],
            }
            for each in answer.people
        ],
        "pairs": [list(pair) for pair in answer.pairs],
        "since": _since(answer.since),
        **show.stand(answer.stand),
        "complete": answer.complete,
        "cursor": answer.cursor,
        "names": await show.names(ids, viewer),
    }


async def known(answer: Known, viewer: Viewer) -> Json:
    ids = {answer.item, *(each.source for each in answer.records)}
    carriers = {str(each.details["carrier"]) for each in answer.records if each.details.get("carrier")}
    return {
        "item": answer.item,
        "total": answer.total,
        "people": [
            {
                "person": each.source,
                "mode": each.details.get("mode"),
                "when": to_text(each.since),
                "reading": each.details.get("reading") or None,
                "carrier": each.details.get("carrier") or None,
                "fact": each.id,
            }
            for each in answer.records
        ],
        **show.stand(answer.stand),
        "complete": answer.complete,
        "cursor": answer.cursor,
        "names": await show.names(ids | carriers, viewer),
    }


async def audience_over(answer: AudienceOver, viewer: Viewer) -> Json:
    ids = {answer.item, *(each.person for each in answer.people)}
    ids |= {
        node
        for each in answer.people
        for route in each.routes
        for step in route.steps
        for node in (step.source, step.target)
    }
    return {
        "item": answer.item,
        "total": answer.total,
        "people": [
            {
                "person": each.person,
                "spans": [span(one) for one in each.spans],
                "routes": [show.route(route) for route in each.routes],
            }
            for each in answer.people
        ],
        "since": to_text(answer.since),
        **show.stand(answer.stand),
        "complete": answer.complete,
        "cursor": answer.cursor,
        "names": await show.names(ids, viewer),
    }
