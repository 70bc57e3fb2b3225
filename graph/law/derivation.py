"""What is made from other documents bears what they bear (S03-4.6a–d, 4.7, C08, C09), through however many hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from graph.facts import Facts
from graph.law.levels import Level
from graph.law.person import in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant

Lists = Sequence[frozenset[str]]
MADE_FROM = ("COMPILED_FROM", "EXTRACTED_FROM")


class Bar(msgspec.Struct, frozen=True, order=True):
    """Someone whom the Principal took out of a source: `source` is the document they were taken out of."""

    who: str
    source: str
    reason: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A source: its mark, its lists and its exclusions. `expires` is None where it never does (长期)."""

    document: str
    level: Level
    expires: date | None
    range: frozenset[str]
    distribution: frozenset[str]
    barred: tuple[Bar, ...] = ()


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole bears: highest level, longest period, only who stands on every list, and every exclusion."""

    level: Level
    expires: date | None
    range: frozenset[str]
    distribution: frozenset[str]
    barred: tuple[Bar, ...] = ()


@rule(
    "S03-4.6d", "S03-4.7", reads="act", kinds=("CLASSIFIED_AS", "IN_RANGE", "IN_DISTRIBUTION", "BARRED_FROM")
)
def effective_marking(parts: Sequence[Part], above: Mapping[str, frozenset[str]]) -> Bearing:
    """A compilation of several, an extract of one or more [C09]. `above` are the groups each listed node stands in."""
    dates = [part.expires for part in parts]
    return Bearing(
        level=max((part.level for part in parts), key=lambda level: level.rank),
        expires=None if None in dates else max(each for each in dates if each is not None),
        range=meet([part.range for part in parts], above),
        distribution=meet([part.distribution for part in parts], above),
        barred=tuple(sorted({bar for part in parts for bar in part.barred})),
    )


def lineage(facts: Facts, item: str, at: Instant) -> tuple[str, ...]:
    """An item and all that it is made of, sources of sources included."""
    found = [item]
    for each in found:
        found += [f.target for f in in_force(facts.out(each, *MADE_FROM), at) if f.target not in found]
    return tuple(found)


def originals(facts: Facts, item: str, at: Instant) -> tuple[str, ...]:
    """The documents at the end of its lineage; an item that is made of none is its own original."""
    return tuple(each for each in lineage(facts, item, at) if not in_force(facts.out(each, *MADE_FROM), at))


def originators(facts: Facts, item: str, at: Instant) -> tuple[str, ...]:
    """Whose consent counts: who set the marks of the originals. Whoever extracted or compiled them is none."""
    return tuple(
        dict.fromkeys(
            fact.target
            for each in originals(facts, item, at)
            for fact in in_force(facts.out(each, "ORIGINATED_BY"), at)
        )
    )


def copying_allowed(facts: Facts, item: str, at: Instant) -> bool:
    """Whether every originator along the lineage lets it be copied: an extract does not shed the prohibition."""
    return all(
        fact.details.get("copying") != "forbidden"
        for each in lineage(facts, item, at)
        for fact in in_force(facts.out(each, "ORIGINATED_BY"), at)
    )


def bars(facts: Facts, item: str, at: Instant) -> tuple[Bar, ...]:
    """The exclusions that stand on an item, each with the document it was first made for."""
    return tuple(
        Bar(fact.source, str(fact.details.get("carried_from") or item), str(fact.details.get("reason", "")))
        for fact in in_force(facts.into(item, "BARRED_FROM"), at)
    )


def widened(members: frozenset[str], standing: frozenset[str], above: Mapping[str, frozenset[str]]) -> bool:
    """Whether a range would let in anyone whom the standing one does not hold."""
    return any(not _inside(node, standing, above) for node in members)


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
