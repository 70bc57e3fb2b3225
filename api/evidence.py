"""The register's word on one fact: a sentence, the entry behind it, the articles in brief, and which act ends it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api import show
from api.texts import Language, text
from graph.kinds import RELATIONS, ROLES
from graph.times import parse, to_datetime
from storage import procedures
from storage.act import ACTS
from storage.lines import Evidence

ENDED_BY = {
    "MEMBER_OF": "leave-department",
    "HOLDS_POST": "leave-post",
    "VETTED": "record-vetting",
    "SIGNED": "record-undertaking",
    "COOLING_OFF": "take-step",
    "DEPARTED": "take-step",
    "IN_RANGE": "narrow-range",
    "BARRED_FROM": "exclude",
    "FILED_IN": "file-document",
    "HELD_BY": "return-carrier",
    "KEPT_IN": "keep-carrier",
    "MAY_ENTER": "strike-from-list",
    "ACCREDITED_FOR": "accredit",
    "KEY_UNIT_OF": "change-key-unit",
    **dict.fromkeys(ROLES, "relieve"),
}
"""Which act ends a fact of a kind; those not named end by themselves, in a case, or never."""
ENDED_IN = {"CLEARED_TO": "level-review"}
"""Which case ends a fact of a kind, with its last step."""


def told(found: Evidence, names: show.Json, language: Language) -> dict[str, Any]:
    """The answer of `GET /evidence/{fact}`: texts in one language, ids beside them."""
    return {
        "fact": found.fact,
        "kind": found.kind,
        "from": found.source,
        "to": found.target,
        "act": found.act,
        "ref": found.ref,
        "late": found.late or None,
        "sentence": sentence(found, names, language),
        "since": found.since,
        "until": found.until,
        "recorded_at": found.recorded_at,
        "occurred_at": found.occurred_at,
        "register": register_word(found.register, language),
        "number": found.ref,
        "actor": named(found.actor, names, language),
        "decided_by": named(found.decided_by, names, language),
        "proof": text(language, f"proof.{found.proof}"),
        "rules": [
            {"id": rule, "article": clause["article"], "brief": clause["brief"][language]}
            for rule in found.rules
            for clause in (show.clause(rule),)
        ],
        "ended_by": ended_by(found.kind, language),
    }


def named(id_: str, names: show.Json, language: Language) -> str:
    if id_ == "system":
        return text(language, "word.system")
    return str(names[id_][language]) if id_ in names else id_


def register_word(register: str, language: Language) -> str:
    return text(language, f"register.{register}")


def sentence(found: Evidence, names: show.Json, language: Language) -> str:
    """刘洋属于业务一科，自2026年3月1日起（部门与岗位簿，李娜登记）"""
    what = said(
        found.kind, _end(found.source, found.kind, names, language), _end(found.target, "", names, language),
        language,
    )  # fmt: skip
    code = "evidence.until" if found.until else "evidence.since"
    return text(
        language,
        code,
        said=what,
        since=_day(found.since, language),
        until=_day(found.until, language) if found.until else "",
        register=register_word(found.register, language),
        actor=named(found.actor, names, language),
    )


def said(kind: str, source: str, target: str, language: Language) -> str:
    return text(language, f"said.{kind}", source=source, target=target)


def _end(id_: str, kind: str, names: show.Json, language: Language) -> str:
    """A node's name; lists have none of their own."""
    if id_ in names:
        return str(names[id_][language])
    lists = {"RANGE_OF": "word.range", "DISTRIBUTION_OF": "word.distribution"}
    return text(language, lists.get(kind, "word.the-list"))


def _day(iso: str, language: Language) -> str:
    found = to_datetime(parse(iso, field="since"))
    return f"{found.year}年{found.month}月{found.day}日" if language == "zh" else f"{found:%-d %b %Y}"


def ended_by(kind: str, language: Language) -> str | None:
    """The act or the case that ends a fact, and whose act that is; of a case, who decides it."""
    if kind in ENDED_IN:
        last = procedures.load()[ENDED_IN[kind]].steps[-1]
        word = text(language, f"procedure.{ENDED_IN[kind]}")
        return text(language, "evidence.ended-by", act=word, whose=_roles(last.by, language))
    act = ACTS.get(ENDED_BY.get(kind, ""))
    if act is None or kind not in RELATIONS:
        return None
    whose = _roles(act.decided_by or act.by, language)
    word = act.zh if language == "zh" else act.en
    return text(language, "evidence.ended-by", act=word, whose=whose) if whose else word


def _roles(roles: Iterable[str], language: Language) -> str:
    return text(language, "word.comma").join(str(show.role(role)[language]) for role in roles)
