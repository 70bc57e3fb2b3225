"""Every text the graph can be sent: each query with each way its placeholders are filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graph import cypher
from graph.cypher import ARCHIVE, Expansion
from graph.kinds import RELATIONS, Node
from graph.neighbourhood import DIRECT, ENTRIES, GROUP_KINDS, LISTS, MEMBERSHIPS, UP, item_kinds, person_kinds

GROUPS = (Node.DEPARTMENT, Node.ORGANISATION, Node.POST)
GRANTED = ("IN_RANGE", "GRANTED_READ")


def every_expansion() -> Iterator[Expansion]:
    """As the code fills them: live types, and for questions about the past the archive types beside them."""
    for name in cypher.names():
        if not cypher.query(name).holes:
            yield expansion(name, {})
    yield from _writing()
    for past in (False, True):
        yield from (expansion(name, filled) for name, filled in _reading(past=past))


def expansion(name: str, fillings: Mapping[str, str]) -> Expansion:
    return name, tuple(sorted(fillings.items()))


def covers(explained: Expansion, sent: Expansion) -> bool:
    """Whether a text that was sent is one explained, or the same with fewer kinds where a list of kinds is filled in."""
    if explained[0] != sent[0]:
        return False
    wide = {hole: set(filling.split("|")) for hole, filling in explained[1]}
    return all(set(filling.split("|")) <= wide.get(hole, set()) for hole, filling in sent[1])


def _writing() -> Iterator[Expansion]:
    for label in Node:
        for name in ("add_nodes", "page_nodes", "wipe"):
            yield expansion(name, {"label": label})
    for kind in RELATIONS.values():
        for source in kind.sources:
            ends = {"label": source, "kind": kind.name}
            yield expansion("sweepable", ends)
            yield expansion("sweep", {**ends, "archive": ARCHIVE + kind.name})
            for target in kind.targets:
                ends = {"source": source, "target": target}
                yield expansion("add_facts", {**ends, "kind": kind.name})
                yield expansion("close_facts", {**ends, "kind": kind.name})
                yield expansion("close_facts", {**ends, "kind": ARCHIVE + kind.name})


def _reading(*, past: bool) -> Iterator[tuple[str, dict[str, str]]]:
    def types(kinds: Iterable[str]) -> str:
        return "|".join([each for kind in kinds for each in ((kind, ARCHIVE + kind) if past else (kind,))])

    yield "pair", {
        "person_kinds": types(person_kinds()), "up_kinds": types(UP), "group_kinds": types(GROUP_KINDS),
        "item_kinds": types(item_kinds()), "onto_kinds": types((*LISTS, *DIRECT)),
        "list_in_kinds": types(ENTRIES), "carries": types(["CARRIES"]), "held_by": types(["HELD_BY"]),
    }  # fmt: skip
    yield "people", {"person_kinds": types(person_kinds())}
    yield "items", {"item_kinds": types(item_kinds())}
    yield "onto", {"onto_kinds": types((*LISTS, *DIRECT, "CARRIES"))}
    yield "opened", {"label": Node.RANGE, "list_of_kinds": types(["RANGE_OF"])}
    yield "known", {"label": Node.PERSON}
    for label in GROUPS:
        part_of = types(["PART_OF"])
        yield "groups", {"label": label, "part_of": part_of, "group_kinds": types(GROUP_KINDS)}
        yield "below", {"label": label, "part_of": part_of, "memberships": types(MEMBERSHIPS)}
    for label in (Node.RANGE, Node.DISTRIBUTION):
        yield "members", {"label": label, "list_in_kinds": types(ENTRIES)}
    for label in (Node.PERSON, *GROUPS):
        entries = [kind for kind in (*ENTRIES, *DIRECT) if label in RELATIONS[kind].sources]
        yield "entries", {"label": label, "entry_kinds": types(entries)}
    for label in Node:
        out = [name for name, kind in RELATIONS.items() if label in kind.sources]
        into = [name for name, kind in RELATIONS.items() if label in kind.targets]
        if out:
            yield "things", {"label": label, "thing_kinds": types(out)}
        if into:
            yield "toward", {"label": label, "kinds": types(into)}
