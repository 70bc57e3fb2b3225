"""Small organisations of facts, drawn at random: mostly in order, so that enough people may know enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hypothesis import strategies as st
from msgspec.structs import replace

from graph.facts import Details, Fact, World, check
from graph.kinds import RELATIONS, UNDERTAKINGS, Node
from graph.law.levels import LEVELS
from graph.times import FOREVER, Instant

PEOPLE = ("an", "bo", "cy")
DOCUMENTS = ("notice", "list")
INSTANTS = tuple(range(6))
LABELS: dict[str, str] = {
    "unit": Node.ORGANISATION, "first": Node.DEPARTMENT, "second": Node.DEPARTMENT, "desk": Node.DEPARTMENT,
    "officer": Node.POST, "clerk": Node.POST, **dict.fromkeys(PEOPLE, Node.PERSON), **dict.fromkeys(LEVELS, Node.LEVEL),
    **dict.fromkeys(DOCUMENTS, Node.DOCUMENT), **{f"range-{each}": Node.RANGE for each in DOCUMENTS},
    **{f"distribution-{each}": Node.DISTRIBUTION for each in DOCUMENTS},
}  # fmt: skip
READ = (
    "PART_OF", "MEMBER_OF", "HOLDS_POST", "CLEARED_TO", "VETTED", "SIGNED", "TRAINED", "DEPARTED", "COOLING_OFF",
    "CLASSIFIED_AS", "DISTRIBUTION_OF", "RANGE_OF", "IN_DISTRIBUTION", "IN_RANGE", "GRANTED_READ", "BARRED_FROM",
    "KEY_UNIT_OF",
)  # fmt: skip
_DETAILS: dict[str, tuple[Details, ...]] = {
    "VETTED": ({"conclusion": "passed"}, {"conclusion": "failed"}),
    "SIGNED": tuple({"undertaking": each} for each in UNDERTAKINGS),
    "TRAINED": ({"course": "induction"}, {"course": "periodic"}),
}


def _ends(kind: str) -> Iterator[tuple[str, str]]:
    """Every pair of nodes a fact of the kind may join; a part never contains its whole."""
    depth = list(LABELS)
    for source, its in LABELS.items():
        for target, label in LABELS.items():
            fits = its in RELATIONS[kind].sources and label in RELATIONS[kind].targets
            own = kind not in ("RANGE_OF", "DISTRIBUTION_OF") or source.endswith(f"-{target}")
            if fits and own and (kind != "PART_OF" or depth.index(target) < depth.index(source)):
                yield source, target


_SHAPES: list[tuple[str, str, str, Details]] = [
    (kind, source, target, details)
    for kind in READ
    for source, target in _ends(kind)
    for details in _DETAILS.get(kind, ({},))
]
_PARTS = (("first", "unit"), ("second", "unit"), ("desk", "first"), ("officer", "first"), ("clerk", "second"))
_MARKS = (("officer", "secret"), ("notice", "secret"), ("list", "internal"))
_MEMBERS = (("an", "first"), ("bo", "desk"), ("cy", "second"))
_CARD: tuple[tuple[str, str, Details], ...] = (
    ("CLEARED_TO", "secret", {}),
    ("VETTED", "unit", {"conclusion": "passed"}),
    ("SIGNED", "unit", {"undertaking": "entry"}),
    ("SIGNED", "unit", {"undertaking": "in_post"}),
)
_IN_ORDER: list[tuple[str, str, str, Details]] = [
    *(("PART_OF", part, whole, {}) for part, whole in _PARTS),
    *(("CLASSIFIED_AS", thing, level, {}) for thing, level in _MARKS),
    *(("MEMBER_OF", person, group, {}) for person, group in _MEMBERS),
    ("HOLDS_POST", "an", "officer", {}),
    *((kind, person, target, details) for person in PEOPLE for kind, target, details in _CARD),
    *(
        (f"{list_.upper()}_OF", f"{list_}-{item}", item, {})
        for item in DOCUMENTS
        for list_ in ("range", "distribution")
    ),
    *(
        (f"IN_{list_.upper()}", "unit", f"{list_}-{item}", {})
        for item in DOCUMENTS
        for list_ in ("range", "distribution")
    ),
]


@st.composite
def dated(draw: st.DrawFn, id_: str = "new", kinds: Iterable[str] = READ) -> Fact:
    """One fact of one of these kinds."""
    allowed = frozenset(kinds)
    kind, source, target, details = draw(st.sampled_from([shape for shape in _SHAPES if shape[0] in allowed]))
    since = draw(st.sampled_from(INSTANTS))
    until = draw(st.sampled_from([each for each in INSTANTS if each > since] + [FOREVER]))
    made = Fact(id=id_, kind=kind, source=source, target=target, since=since, until=until, details=details)
    check(made, LABELS)
    return made


def in_order() -> list[Fact]:
    return [
        Fact(id=f"f{n:02}", kind=kind, source=source, target=target, since=0, details=details)
        for n, (kind, source, target, details) in enumerate(_IN_ORDER)
    ]


@st.composite
def organisations(draw: st.DrawFn) -> list[Fact]:
    """What is in order, less a little, and more than a little besides."""
    missing = draw(st.sets(st.integers(0, len(_IN_ORDER) - 1), max_size=4))
    whole = [fact for n, fact in enumerate(in_order()) if n not in missing]
    besides = draw(st.lists(dated(), max_size=8))
    return [*whole, *(replace(each, id=f"g{n:02}") for n, each in enumerate(besides))]


def world(facts: Iterable[Fact]) -> World:
    return World(facts, LABELS)


def ended(fact: Fact, at: Instant) -> list[Fact]:
    """The fact, over by then; nothing where it had not begun."""
    return [replace(fact, until=min(fact.until, at))] if fact.since < at else []
