"""Cuts text into search tokens. Texts and queries are cut by the same rule, so a query is found wherever it stands.

Text is folded first: compatibility forms and width (NFKC), case, invisible characters, and ○ written for 〇. Then

- each Chinese character is a token and takes a position of its own; with the next one it is a token too (a pair, at the
  first one's position), also across a line break, but not across punctuation;
- a word or number in another script is one token and takes one position;
- punctuation takes no position: 〔3〕, [3], (3) and （３） are the same token.

A query is a phrase: its tokens at the same distances from each other.
"""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from itertools import zip_longest
from typing import Final, NamedTuple

# unified and compatibility ideographs, 々 and 〇, kana, Hangul, and the private use area where rare names are kept
_HAN: Final = (
    "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\ue000-\uf8ff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_UNIT: Final = re.compile(rf"(?P<han>[{_HAN}])|[^\W_{_HAN}]+")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_CIRCLES: Final = str.maketrans("○◯", "〇〇")


class Token(NamedTuple):
    text: str
    position: int


class _Unit(NamedTuple):
    text: str
    joined: bool
    """Whether it makes a pair with the unit after it."""


def fold(text: str) -> str:
    """Folding twice changes nothing, and a piece of folded text is folded."""
    while (folded := _folded_once(text)) != text:
        text = folded
    return text


def tokens(text: str) -> list[Token]:
    """What an index keeps: every unit, and every pair."""
    units = _units(fold(text))
    kept = []
    for position, unit in enumerate(units):
        kept.append(Token(unit.text, position))
        if unit.joined:
            kept.append(Token(unit.text + units[position + 1].text, position))
    return kept


def phrase(query: str) -> list[Token]:
    """What a question asks for: pairs, and single units only where no pair holds them. Empty if there is no word in it."""
    units = _units(fold(query))
    asked = []
    for position, unit in enumerate(units):
        if unit.joined:
            asked.append(Token(unit.text + units[position + 1].text, position))
        elif not (position and units[position - 1].joined):
            asked.append(Token(unit.text, position))
    return asked


def places(asked: list[Token], kept: Iterable[Token]) -> list[int]:
    """The positions at which the phrase begins, in order: what a database has to answer. An empty phrase is nowhere."""
    if not asked:
        return []
    positions: dict[str, set[int]] = {token.text: set() for token in asked}
    for token in kept:
        if token.text in positions:
            positions[token.text].add(token.position)
    first = asked[0].position
    begins = ({position - (token.position - first) for position in positions[token.text]} for token in asked)
    return sorted(set.intersection(*begins))


def blind(token: str, secret: bytes) -> int:
    """64 bits, signed, as both databases keep integers; without the secret nobody tells which token it was."""
    if not 16 <= len(secret) <= 64:
        raise ValueError("the search secret has 16 to 64 bytes")
    digest = blake2b(token.encode(), digest_size=8, key=secret, person=b"zhixi token").digest()
    return int.from_bytes(digest, "big", signed=True)


def _folded_once(text: str) -> str:
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", visible).translate(_CIRCLES)


def _units(folded: str) -> list[_Unit]:
    found = list(_UNIT.finditer(folded))
    units = []
    for unit, following in zip_longest(found, found[1:]):
        joined = False
        if following and unit["han"] and following["han"]:
            between = folded[unit.end() : following.start()]
            joined = not between or between.isspace()
        units.append(_Unit(unit[0], joined))
    return units
