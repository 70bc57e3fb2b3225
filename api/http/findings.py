"""Findings: what the clock's rounds found wanting, for those whose duty it is and those who oversee."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import show
from api.texts import LANGUAGES, Language, text
from graph.law.findings import REASON
from graph.times import to_text
from storage.accounts import SignedIn
from storage.findings import BASIS, PAGE, FindingLine, Findings


@get("/findings", summary="What is found wanting: one's own duties, or all of it for those who oversee")
async def findings(
    request: Request[Any, Any, Any],
    ready: NamedDependency[SignedIn],
    mine: Annotated[bool, QueryParameter(description="Only what is the asker's own duty")] = False,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = PAGE,
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> dict[str, Any]:
    """A page of them, new ones first; `total` and `units` count all that stands, by department (S01-10b)."""
    book = Findings(request.app.state.wiring.questions)
    found = await book.of(ready.person, mine=mine, limit=limit, cursor=cursor)
    viewer = request.app.state.books.viewer(ready.person)
    names = await show.names_known({id_ for each in found.lines for id_ in each.ids}, viewer)
    return {
        "findings": [line(each, names) for each in found.lines],
        "rules": list(BASIS),
        "units": [{"unit": unit, "standing": count} for unit, count in found.units],
        "total": found.total,
        "complete": found.complete,
        "cursor": found.cursor,
        "names": names,
    }


def line(each: FindingLine, names: dict[str, Any]) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(each),
        "clauses": [show.clause(rule) for rule in each.rules],
        "text": {language: sentence(each, names, language) for language in LANGUAGES},
        "due": to_text(each.due) if each.due is not None else None,
        "until": to_text(each.until) if each.until is not None else None,
        "noted_at": to_text(each.noted_at),
    }


def sentence(each: FindingLine, names: dict[str, Any], language: str) -> str:
    """A finding as one sentence, with names for ids and words for levels."""
    return told(each.code, each.subject, each.person, each.values, names, "en" if language == "en" else "zh")


def told(
    code: str, subject: str, person: str, values: Mapping[str, str], names: dict[str, Any], language: Language
) -> str:
    """The same of a finding as its book holds it. A reason that does not name its subject is put under it."""
    words = {name: show.word(value, names)[language] for name, value in values.items()}
    named = {
        "subject": names.get(subject, {}).get(language, subject),
        "person": names.get(person, {}).get(language, person),
    }
    reason = code.startswith(REASON)
    said = text(language, code if reason else f"finding.{code}", **{**words, **named})
    apart = reason and named["subject"] not in said
    return f"{named['subject']}{text(language, 'word.colon')}{said}" if apart else said


router = Router(path="/", route_handlers=[findings], tags=["findings"])
