"""The law declares what it reads, and what it reads is brought."""

from __future__ import annotations

from collections.abc import Sequence

from graph.facts import Fact, Facts
from graph.kinds import RELATIONS, Node
from graph.law import gate
from graph.law.know import may_know
from graph.law.rules import kinds_read
from graph.neighbourhood import DIRECT, ENTRIES, GROUP_KINDS, LISTS, UP, item_kinds, person_kinds
from tests.worlds import all_traps

BROUGHT = {*person_kinds(), *UP, *GROUP_KINDS, *item_kinds(), *LISTS, *ENTRIES, *DIRECT, "CARRIES", "HELD_BY"}


class Noted:
    """Facts, and which kinds of them were looked at."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.kinds: set[str] = set()

    def out(self, node: str, *kinds: str) -> Sequence[Fact]:
        self.kinds.update(kinds)
        return self._facts.out(node, *kinds)

    def into(self, node: str, *kinds: str) -> Sequence[Fact]:
        self.kinds.update(kinds)
        return self._facts.into(node, *kinds)

    def label(self, node: str) -> str | None:
        return self._facts.label(node)


def test_the_law_reads_no_kind_that_none_of_its_rules_declares() -> None:
    read: set[str] = set()

    for trap in all_traps().values():
        noted = Noted(trap.world())
        for asked in trap.asked:
            for item, row in asked.may_know.items():
                for person in row:
                    may_know(noted, person, item, asked.instant)
        read |= noted.kinds

    assert read == kinds_read("person", "item", "pair")


def test_every_kind_that_the_law_reads_is_brought() -> None:
    declared = kinds_read("person", "item", "pair", "group")

    assert declared - BROUGHT == set()


def test_every_kind_that_the_gate_reads_is_brought() -> None:
    read: set[str] = set()

    for trap in all_traps().values():
        noted = Noted(trap.world())
        for asked in trap.asked:
            for item, row in asked.may_know.items():
                for person in row:
                    gate.may_know_of(noted, person, item, asked.instant)
                    gate.may_ask_about(noted, "somebody-else", person, asked.instant)
                    gate.may_ask_hands(noted, person, asked.instant)
        read |= noted.kinds

    assert read - BROUGHT == set()


def test_no_kind_that_stands_on_groups_starts_at_an_organisation() -> None:
    """The queries look only at departments and posts for these: the unit has as many relations as there are documents."""
    sources = {kind: RELATIONS[kind].sources for kind in GROUP_KINDS}

    assert [kind for kind, labels in sources.items() if Node.ORGANISATION in labels] == []
    assert {label for kind in ("MEMBER_OF", "HOLDS_POST") for label in RELATIONS[kind].targets} <= {
        Node.DEPARTMENT, Node.POST, Node.ORGANISATION
    }  # fmt: skip
