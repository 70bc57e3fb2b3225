"""A figure that a unit sets changes an answer of the law: each parameter that the law itself reads, by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.facts import Details, Fact, World
from graph.kinds import Node
from graph.law import arrears, destruction, dispatch, entry, findings, inventory, outing
from graph.law.findings import Census
from graph.law.levels import LEVELS
from graph.law.regulation import Figures, by_default
from graph.times import DAY_MS, FOREVER, Instant, months_before, parse

NOW = parse("2026-03-02T19:30:00+08:00", field="now")
MANY = [f"memo{n}" for n in range(11)]
LABELS: dict[str, str] = {
    "unit": Node.ORGANISATION, "office": Node.DEPARTMENT, "wing": Node.DEPARTMENT, "vault": Node.PLACE,
    "rules": Node.DOCUMENT, "copy": Node.CARRIER, **dict.fromkeys(MANY, Node.DOCUMENT),
    **dict.fromkeys(("an", "bo", "cai", "du", "ho"), Node.PERSON), **dict.fromkeys(LEVELS, Node.LEVEL),
}  # fmt: skip
CENSUS = Census(people=["an", "bo", "cai"], departments=["office", "wing"], places=["vault"], carriers=[])


def fact(
    source: str, kind: str, target: str, since: Instant = 0, until: Instant = FOREVER, **details: str | bool
) -> Fact:
    given: Details = dict(details)
    id_ = "-".join((source, kind, target, *map(str, details.values())))
    return Fact(
        id=id_, kind=kind, source=source, target=target, since=since, until=until, details=given
    )  # fmt: skip


def months(count: int) -> Instant:
    return months_before(NOW, count)


STANDING = World(
    [
        # an: cleared, educated 13 months ago and never assessed since; a cooling-off that ends in 40 days
        fact("an", "CLEARED_TO", "secret", months(13)), fact("an", "TRAINED", "unit", months(13), course="periodic"),
        fact("an", "COOLING_OFF", "unit", 0, NOW + 40 * DAY_MS, level="secret"),
        # bo: no level, has opened eleven secrets
        *(fact(memo, "CLASSIFIED_AS", "secret") for memo in MANY), *(fact("bo", "HAS_KNOWN", memo, mode="read") for memo in MANY),
        # cai: holds one secret in a department that is no key unit
        fact("cai", "MEMBER_OF", "wing"), fact("copy", "CARRIES", "memo0"), fact("copy", "HELD_BY", "cai", reason="loan"),
        # the office and the vault: key units, each thing done a little more than its period ago
        fact("office", "KEY_UNIT_OF", "unit"), fact("vault", "KEY_UNIT_OF", "unit", control_area=True),
        fact("du", "MEMBER_OF", "office"), fact("du", "TRAINED", "unit", months(7), course="periodic"),
        fact("du", "ASSESSED", "unit", months(8), result="competent"),
        *(fact("rules", "LOCAL_RULES_OF", unit, months(13)) for unit in ("office", "vault")),
        *(fact("an", "INSPECTED", unit, months(4)) for unit in ("office", "vault")),
        *(
            Fact(id=each, kind="PROTECTED_BY", source="vault", target="unit", since=months(13), details={"class": each})
            for each in ("people", "technology", "objects")
        ),
        fact("ho", "MEMBER_OF", "unit", standing="service"), fact("ho", "MAY_ENTER", "vault"),
        fact("ho", "INSIDE", "vault", NOW - 10 * 60_000),
    ],
    LABELS,
)  # fmt: skip

FOUND: dict[str, tuple[int, str]] = {
    "education": (24, "education-overdue"),
    "assessment": (24, "assessment-overdue"),
    "release-reminder": (60, "cooling-off-ends"),
    "accesses-without-level": (20, "undesignated-person"),
    "key-department-threshold": (1, "reason.undesignated-key-department"),
    "local-rules-check": (24, "reason.local-rules-missing"),
    "key-unit-training": (12, "reason.training-overdue"),
    "key-unit-inspection": (6, "reason.inspection-overdue"),
    "post-assessment": (6, "reason.not-assessed"),
    "protection-check": (24, "reason.protection-unchecked"),
    "lone-worker-alarm": (15, "reason.worker-left-alone"),
}
"""Another value of each, and the finding that comes or goes with it."""


def found(figures: Figures) -> dict[str, str]:
    return {each.key: each.code for each in findings.look(STANDING, CENSUS, figures, NOW)}


def escorted(figures: Figures) -> Any:
    sent = dispatch.Dispatch(
        level=LEVELS["top-secret"], packing=dispatch.Packing(kind="bag", sealed=True, double_sewn=True, lead_sealed=True),
        label=dispatch.Label(level="绝密", number="1", sender="a", receiver="b"), channel="confidential-transport",
        vehicle="car", route="road", same_place=False, escorts=("an", "bo"), direct=True,
    )  # fmt: skip
    return dispatch.judge_dispatch(sent, figures)


def travelling(figures: Figures) -> Any:
    asked = outing.Outing(
        level=LEVELS["top-secret"], bearers=("an", "bo"), purpose="-", back_by=True, reading=False, foreign=False,
        abroad=False, approved=True, measures="", permit="",
    )  # fmt: skip
    return outing.judge_outing(asked, figures)


def destroyed(level: str, method: destruction.Method, *witnesses: str) -> Callable[[Figures], Any]:
    done = destruction.Destruction(
        level=LEVELS[level], mediums=frozenset({"paper"}), approved=True, listed=frozenset({"copy"}),
        counted=frozenset({"copy"}), method=method, outcome="gone", certified=True, designated=True,
        witnesses=witnesses, custodian="cai",
    )  # fmt: skip
    return lambda figures: destruction.judge_destruction(done, figures)


def entering(figures: Figures) -> Any:
    coming = entry.Coming("vault", ("ho", "du"), "", "camera")
    both = World([*STANDING.facts(), fact("du", "MEMBER_OF", "unit", standing="service")], LABELS)
    return [each.code for each in entry.judge_entry(both, coming, NOW, figures)]


JUDGED: dict[str, tuple[int, Callable[[Figures], Any]]] = {
    "top-secret-escorts": (3, escorted),
    "top-secret-travellers": (3, travelling),
    "destruction-witnesses": (3, destroyed("secret", "shredder", "an", "bo")),
    "destruction-witnesses-confidential": (2, destroyed("confidential", "shredder", "an")),
    "mill-witnesses": (3, destroyed("secret", "mill", "an", "bo")),
    "service-workers-together": (3, entering),
    "evening-check": (20, lambda figures: arrears.not_locked_away(NOW - DAY_MS, None, NOW, figures)),
    "staged-file": (5, lambda figures: arrears.staged_too_long(NOW - 4 * DAY_MS, NOW, figures)),
    "inventory": (6, lambda figures: inventory.inventory_lapsed(months(7), NOW, figures("inventory"))),
}
"""Another value of each, and what is judged by it."""


def as_set(name: str, value: int) -> Figures:
    return lambda asked: value if asked == name else by_default(asked)


@pytest.mark.parametrize("name", FOUND)
def test_a_figure_that_is_set_changes_what_is_found(name: str) -> None:
    value, code = FOUND[name]

    changed = found(by_default).items() ^ found(as_set(name, value)).items()

    assert {each for _, each in changed} == {code}


@pytest.mark.parametrize("name", JUDGED)
def test_a_figure_that_is_set_changes_what_is_judged(name: str) -> None:
    value, judged = JUDGED[name]

    assert judged(by_default) != judged(as_set(name, value))
