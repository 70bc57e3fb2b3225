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
from storage.tables.catalogue import Subject
from storage.titles import Viewer, masked_for_strangers

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


def reason(each: Reason) -> Json:
    values = {name: word(value) for name, value in each.values.items()}
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


def word(value: str) -> dict[str, str]:
    """A value inside a sentence: levels, roles and codes of the catalogue get their words, anything else stays."""
    if value in LEVELS:
        level = LEVELS[value]
        return {
            "zh": f"{level.zh}({level.clearance_zh})" if level.clearance_zh else level.zh,
            "en": f"{level.en} ({level.clearance_en})" if level.clearance_en else level.en,
        }
    parts = value.split(",")
    if all(part in RELATIONS for part in parts):
        return {
            "zh": "、".join(RELATIONS[part].zh for part in parts),
            "en": ", ".join(RELATIONS[part].en.removesuffix(" of") for part in parts),
        }
    if all(part in catalogue("zh") for part in parts):
        return {
            "zh": "、".join(text("zh", part) for part in parts),
            "en": ", ".join(text("en", part) for part in parts),
        }
    if value == "none":
        return {language: text(language, "word.none") for language in LANGUAGES}
    return {"zh": value, "en": value}


def role(kind: str) -> dict[str, str]:
    if kind in RELATIONS:
        return {"zh": RELATIONS[kind].zh, "en": RELATIONS[kind].en.removesuffix(" of")}
    return {language: text(language, f"role.{kind.lower()}") for language in LANGUAGES}


def mark(each: Mark) -> Json:
    return {
        "name": each.name,
        "holds": each.holds,
        "rules": list(each.rules),
        "facts": [fact(one) for one in each.facts],
        "reason": reason(each.reason) if each.reason else None,
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
    return {
        "person": answer.person,
        "item": answer.item,
        "allowed": answer.allowed,
        "rules": list(answer.rules),
        "reasons": [reason(each) for each in answer.reasons],
        "marks": [mark(each) for each in answer.marks],
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
    return {
        "item": answer.item,
        "total": answer.total,
        "groups": [{"via": each.via, "kind": each.label, "people": each.people} for each in answer.groups],
        "people": [
            {"person": each.person, "routes": [route(r) for r in each.routes], "marks": [mark(m) for m in each.marks]}
            for each in answer.people
        ],
        "blocked": [
            {
                "person": each.person,
                "rules": list(dict.fromkeys(rule for r in each.reasons for rule in r.rules)),
                "reasons": [reason(r) for r in each.reasons],
                "marks": [mark(m) for m in each.marks],
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


async def names(ids: Iterable[str], viewer: Viewer | None = None) -> Json:
    """Names of nodes the answer already shows. A title withheld from the viewer is shown by its number (标题涉密)."""
    wanted = sorted(set(ids))
    found: Json = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found |= {
            row["id"]: {"zh": row["name"], "en": row["name_en"] or row["name"], "kind": row["kind"]}
            for row in await Subject.select().where(Subject.id.is_in(part))
        }
    documents = [id_ for id_, each in found.items() if each["kind"] == Node.DOCUMENT]
    masked = await viewer.masked(documents) if viewer else await masked_for_strangers(documents)
    for id_, mask in masked.items():
        found[id_] |= {"zh": mask.receipt, "en": mask.receipt}
    return found
