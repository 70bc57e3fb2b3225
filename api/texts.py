"""Texts people see, from the gettext catalogues in `api/locale`: the msgid is a code, the msgstr the sentence."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
HERE = Path(__file__).parent / "locale"


@cache
def catalogue(language: Language) -> dict[str, str]:
    path = HERE / language / "LC_MESSAGES" / "zhixi.po"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def text(language: Language, code: str, /, **values: object) -> str:
    """The sentence of a code, its placeholders filled. A code without a sentence is shown as it is, and a test fails."""
    found = catalogue(language).get(code)
    if not found:
        return code
    try:
        return found.format(**values)
    except (KeyError, IndexError):
        return found


def pick(accept: str | None) -> Language:
    """The language an Accept-Language header prefers; Chinese first."""
    for part in (accept or "").split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("en"):
            return "en"
        if tag.startswith("zh"):
            return "zh"
    return "zh"
