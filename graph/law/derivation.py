"""What is made from other documents bears what they bear (S03-4.6a–d, 4.7, C09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from graph.law.levels import Level
from graph.law.rules import rule
from graph.law.verdict import Reason

Lists = Sequence[frozenset[str]]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A source: its mark, who set it, and its lists. `expires` is None where it never does (长期)."""

    document: str
    originator: str
    level: Level
    expires: date | None
    range: frozenset[str]
    distribution: frozenset[str]


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole bears: highest level, longest period, and only who stands on every list."""

    level: Level
    expires: date | None
    range: frozenset[str]
    distribution: frozenset[str]


@rule("S03-4.6d", "S03-4.7", reads="act", kinds=("CLASSIFIED_AS", "IN_RANGE", "IN_DISTRIBUTION"))
def effective_marking(parts: Sequence[Part], above: Mapping[str, frozenset[str]]) -> Bearing:
    """A compilation of several, an extract of one or more [C09]. `above` are the groups each listed node stands in."""
    dates = [part.expires for part in parts]
    return Bearing(
        level=max((part.level for part in parts), key=lambda level: level.rank),
        expires=None if None in dates else max(each for each in dates if each is not None),
        range=meet([part.range for part in parts], above),
        distribution=meet([part.distribution for part in parts], above),
    )


def meet(lists: Lists, above: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Who stands on every list: of two entries one inside the other, the smaller one. Never wider than any list."""
    found = lists[0]
    for each in lists[1:]:
        found = frozenset(node for node in found if _inside(node, each, above)) | frozenset(
            node for node in each if _inside(node, found, above)
        )
    return found


def _inside(node: str, others: frozenset[str], above: Mapping[str, frozenset[str]]) -> bool:
    return node in others or bool(above.get(node, frozenset()) & others)


@rule("S03-4.6a", reads="act", kinds=("ORIGINATED_BY",))
def originators_agree(originators: Sequence[str], agreed: frozenset[str]) -> tuple[Reason, ...]:
    """Each originator approves the compilation."""
    missing = sorted(set(originators) - agreed)
    if not missing:
        return ()
    return (
        Reason(
            ("S03-4.6a",),
            "originator-has-not-agreed",
            {"missing": ", ".join(missing)},
            (),
            "ask-originator",
            "ORIGINATOR",
        ),
    )


@rule("S03-4.6c", reads="act", kinds=("ORIGINATED_BY",))
def change_agreed(originators: Sequence[str], agreed: frozenset[str]) -> tuple[Reason, ...]:
    """Level, period and range are changed only where every originator of a part consents."""
    missing = sorted(set(originators) - agreed)
    if not missing:
        return ()
    return (
        Reason(
            ("S03-4.6c",),
            "change-not-agreed",
            {"missing": ", ".join(missing)},
            (),
            "ask-originator",
            "ORIGINATOR",
        ),
    )


def somebody_left(bearing: Bearing) -> tuple[Reason, ...]:
    """Ranges that have nobody in common: refused until the originators agree on one [C09]."""
    if bearing.range and bearing.distribution:
        return ()
    return (
        Reason(
            ("S03-4.6c", "S03-4.6d"), "ranges-have-nobody-in-common", {}, (), "ask-originator", "ORIGINATOR"
        ),
    )
