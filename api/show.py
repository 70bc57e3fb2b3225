"""Answers as JSON: instants as text, every rule with its clause in both languages, names beside ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.texts import LANGUAGES, catalogue, text
from graph.access import Audience, Judgement, Paths, Reach, Stand
from graph.facts import Fact
from graph.kinds import NODES, RELATIONS, Node
from graph.law.levels import LEVELS
from graph.law.regulation import load
from graph.law.verdict import Mark, Reason, Route
from graph.times import to_text
from storage.titles import Viewer, masked_for_strangers, subjects

Json = dict[str, Any]


def clause(rule_id: str) -> Json:
    """A rule id with its article and brief, and whether it is our own default."""
    known = load()
    found = known.clause(rule_id)
    regulation = known.regulation_of(rule_id)
    return {
        "id": rule_id,
        "article": found.article,
        "regulation": {"zh": regulation.title, "en": regulation.title_en},
        "brief": {"zh": found.brief_zh, "en": found.brief_en},
        "ours": regulation.ours,
    }


def reason(each: Reason, names: Json) -> Json:
    """`names` are those of `names_in`: no sentence shows an id where there is a name."""
    values = {name: word(value, names) for name, value in each.values.items()}
    said = {
        language: text(language, f"reason.{each.code}", **{n: v[language] for n, v in values.items()})
        for language in LANGUAGES
    }
    shown: Json = {
        "rules": [clause(rule) for rule in each.rules],
        "code": each.code,
        "values": each.values,
        "text": said,
        "facts": list(each.facts),
        "own": each.own,
    }
    if each.remedy:
        shown["remedy"] = {
            "code": each.remedy,
            "text": {language: text(language, f"remedy.{each.remedy}") for language in LANGUAGES},
        }
    if each.whose:
        shown["whose"] = {"role": each.whose, "text": role(each.whose)}
    return shown


def word(value: str, names: Json) -> dict[str, str]:
    """A value inside a sentence, or several parted by commas: levels, roles, fields and nodes in words, others as they are."""
    parts = [_part(part, names) for part in parts_of(value)]
    return {
        language: text(language, "word.comma").join(dict.fromkeys(part[language] for part in parts))
        for language in LANGUAGES
    }


def parts_of(value: str) -> list[str]:
    return [part.strip() for part in value.split(",")]


def _part(value: str, names: Json) -> dict[str, str]:
    if value in LEVELS:
        level = LEVELS[value]
        return {
            "zh": f"{level.zh}（{level.clearance_zh}）" if level.clearance_zh else level.zh,
            "en": f"{level.en} ({level.clearance_en})" if level.clearance_en else level.en,
        }
    if value in RELATIONS:
        return {"zh": RELATIONS[value].zh, "en": RELATIONS[value].en.removesuffix(" of")}
    if value in names:
        return {language: str(names[value][language]) for language in LANGUAGES}
    if value == "none":
        return {language: text(language, "word.none") for language in LANGUAGES}
    known = catalogue("zh")
    if value in known:
        return {language: text(language, value) for language in LANGUAGES}
    code = next(
        (f"{kind}.{value}" for kind in ("column", "field-name", "value") if f"{kind}.{value}" in known), ""
    )
    return {language: text(language, code) if code else value for language in LANGUAGES}


def role(kind: str) -> dict[str, str]:
    if kind in RELATIONS:
        return {"zh": RELATIONS[kind].zh, "en": RELATIONS[kind].en.removesuffix(" of")}
    return {language: text(language, f"role.{kind.lower()}") for language in LANGUAGES}


def mark(each: Mark, names: Json) -> Json:
    return {
        "name": each.name,
        "holds": each.holds,
        "rules": list(each.rules),
        "facts": [fact(one) for one in each.facts],
        "reason": reason(each.reason, names) if each.reason else None,
    }


def fact(each: Fact) -> Json:
    kind = RELATIONS[each.kind]
    return {
        "id": each.id,
        "kind": each.kind,
        "word": {"zh": kind.word, "en": kind.en},
        "from": each.source,
        "to": each.target,
        "details": each.details,
        "since": to_text(each.since),
        "until": to_text(each.until),
    }


def route(each: Route) -> Json:
    return {"via": each.via, "rules": list(each.rules), "steps": [fact(step) for step in each.steps]}


def stand(each: Stand) -> Json:
    return {"at": to_text(each.at), "live": each.live}


async def judgement(answer: Judgement, viewer: Viewer) -> Json:
    ids = {answer.person, answer.item, *_in_routes(answer.routes)}
    reasons = (*answer.reasons, *_of_marks(answer.marks))
    named = await names_in(reasons, viewer)
    return {
        "person": answer.person,
        "item": answer.item,
        "allowed": answer.allowed,
        "rules": list(answer.rules),
        "reasons": [reason(each, named) for each in answer.reasons],
        "marks": [mark(each, named) for each in answer.marks],
        "routes": [route(each) for each in answer.routes],
        "sight": answer.sight.value,
        **stand(answer.stand),
        "complete": answer.complete,
        "names": await names(ids, viewer),
    }


async def audience(answer: Audience, viewer: Viewer) -> Json:
    ids = {answer.item, *(group.via for group in answer.groups)}
    ids |= {knower.person for knower in answer.people} | {each.person for each in answer.blocked}
    ids |= {each.person for each in answer.handlers} | {each.carrier for each in answer.handlers}
    for knower in answer.people:
        ids |= _in_routes(knower.routes)
    marks = [one for each in answer.people for one in each.marks]
    marks += [one for each in answer.blocked for one in each.marks]
    stopped = [reason for each in answer.blocked for reason in each.reasons]
    named = await names_in((*stopped, *_of_marks(marks)), viewer)
    return {
        "item": answer.item,
        "total": answer.total,
        "groups": [{"via": each.via, "kind": each.label, "people": each.people} for each in answer.groups],
        "people": [
            {"person": each.person, "routes": [route(r) for r in each.routes], "marks": [mark(m, named) for m in each.marks]}
            for each in answer.people
        ],
        "blocked": [
            {
                "person": each.person,
                "rules": list(dict.fromkeys(rule for r in each.reasons for rule in r.rules)),
                "reasons": [reason(r, named) for r in each.reasons],
                "marks": [mark(m, named) for m in each.marks],
            }
            for each in answer.blocked
        ],
        "handlers": [
            {"person": each.person, "carrier": each.carrier, "fact": fact(each.fact)} for each in answer.handlers
        ],
        **stand(answer.stand),
        "complete": answer.complete,
        "cursor": answer.cursor,
        "names": await names(ids, viewer),
    }  # fmt: skip


async def reach(answer: Reach, viewer: Viewer) -> Json:
    ids = {answer.person, *(each.item for each in answer.items)}
    for each in answer.items:
        ids |= _in_routes(each.routes)
    return {
        "person": answer.person,
        "total": answer.total,
        "items": [
            {"item": each.item, "level": each.level, "routes": [route(r) for r in each.routes]}
            for each in answer.items
        ],
        **stand(answer.stand),
        "complete": answer.complete,
        "cursor": answer.cursor,
        "names": await names(ids, viewer),
    }


async def paths(answer: Paths, viewer: Viewer) -> Json:
    shown = await audience(answer.audience, viewer)
    return {
        **shown,
        "facts": {each.id: fact(each) for each in answer.facts},
        "nodes": {
            id_: {"kind": label, "word": {"zh": NODES[Node(label)].zh, "en": NODES[Node(label)].en}}
            for id_, label in answer.labels.items()
        },
        "names": await names({*answer.labels, *shown["names"]}, viewer),
    }


def _in_routes(routes: Iterable[Route]) -> set[str]:
    return {node for each in routes for step in each.steps for node in (step.source, step.target)}


def _of_marks(marks: Iterable[Mark]) -> list[Reason]:
    return [each.reason for each in marks if each.reason]


async def names_in(reasons: Iterable[Reason], viewer: Viewer | None) -> Json:
    """Names of the nodes that reasons speak of."""
    return await names_known(
        {part for each in reasons for value in each.values.values() for part in parts_of(value)}, viewer
    )


async def names_known(ids: Iterable[str], viewer: Viewer | None) -> Json:
    """Names of nodes. A document the viewer may not know of, and its carriers, have none to them."""
    rows = await subjects(ids)
    found = await _named(rows, viewer)
    borne = {
        row["id"]: row["id"] if row["kind"] == Node.DOCUMENT else row["parent"]
        for row in rows
        if row["kind"] in (Node.DOCUMENT, Node.CARRIER)
    }
    known = await viewer.knows_of(borne.values()) if viewer and borne else set()
    documents = await names(known, viewer)
    for id_, document in borne.items():
        for language in LANGUAGES:
            if document not in known:
                found[id_][language] = text(language, f"word.a-{found[id_]['kind'].lower()}")
            elif id_ != document:
                found[id_][language] = f"{documents[document][language]} {found[id_][language]}"
    return found


async def names(ids: Iterable[str], viewer: Viewer | None = None) -> Json:
    """Names of nodes the answer already shows. A title withheld from the viewer is shown by its number (标题涉密)."""
    return await _named(await subjects(ids), viewer)


async def _named(rows: list[Json], viewer: Viewer | None) -> Json:
    found: Json = {
        row["id"]: {"zh": row["name"], "en": row["name_en"] or row["name"], "kind": row["kind"]}
        for row in rows
    }
    secret = [row["id"] for row in rows if row["title_secret"]]
    if not secret:
        return found
    masked = await viewer.masked(secret) if viewer else await masked_for_strangers(secret)
    for id_, mask in masked.items():
        found[id_] |= {"zh": mask.receipt, "en": mask.receipt}
    return found
