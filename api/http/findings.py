"""Findings: what the clock's rounds found wanting, for those whose duty it is and those who oversee."""

from __future__ import annotations

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
from storage.findings import FindingLine, Findings


@get("/findings", summary="What is found wanting: one's own duties, or all of it for those who oversee")
async def findings(
    request: Request[Any, Any, Any],
    ready: NamedDependency[SignedIn],
    mine: Annotated[bool, QueryParameter(description="Only what is the asker's own duty")] = False,
) -> dict[str, Any]:
    """New ones first; `units` counts what stands in each department (S01-10b)."""
    found = await Findings(request.app.state.wiring.questions).of(ready.person, mine=mine)
    viewer = request.app.state.books.viewer(ready.person)
    names = await show.names({id_ for each in found.lines for id_ in each.ids}, viewer)
    return {
        "findings": [line(each, names) for each in found.lines],
        "units": [{"unit": unit, "standing": count} for unit, count in found.units],
        "total": found.total,
        "complete": found.complete,
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
    chosen: Language = "en" if language == "en" else "zh"
    values = {name: show.word(value, names)[chosen] for name, value in each.values.items()}
    named = {
        "subject": names.get(each.subject, {}).get(chosen, each.subject),
        "person": names.get(each.person, {}).get(chosen, each.person),
    }
    said = text(
        chosen,
        each.code if each.code.startswith(REASON) else f"finding.{each.code}",
        **{**values, **named},
    )
    return f"{named['subject']}{text(chosen, 'word.colon')}{said}" if each.code.startswith(REASON) else said


router = Router(path="/", route_handlers=[findings], tags=["findings"])
