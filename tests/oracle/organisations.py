"""Organisations drawn from a seed, mostly in order, with the traps that a second reading of the rules must not miss."""

from __future__ import annotations

from random import Random

from graph.facts import Details, Fact
from graph.kinds import UNDERTAKINGS, Node
from graph.times import FOREVER

UNIT = "unit"
DAYS = 40
LEVELS = ("top-secret", "secret", "confidential", "internal")
DEPARTMENTS = {"first": UNIT, "second": UNIT, "section": "first", "desk": "section", "registry": UNIT}
POSTS = {"head": "first", "clerk": "section", "keeper": "registry", "driver": "second"}
PEOPLE = tuple(f"p{n:02}" for n in range(12))
DOCUMENTS = tuple(f"d{n:02}" for n in range(10))
OFTEN, SELDOM, RARE = 0.9, 0.25, 0.08


def labels() -> dict[str, str]:
    return {
        UNIT: Node.ORGANISATION,
        **dict.fromkeys(DEPARTMENTS, Node.DEPARTMENT),
        **dict.fromkeys(POSTS, Node.POST),
        **dict.fromkeys(PEOPLE, Node.PERSON),
        **dict.fromkeys(DOCUMENTS, Node.DOCUMENT),
        **dict.fromkeys(LEVELS, Node.LEVEL),
        **{f"range-{each}": Node.RANGE for each in DOCUMENTS},
        **{f"distribution-{each}": Node.DISTRIBUTION for each in DOCUMENTS},
    }


class Draft:
    """An organisation being drawn."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.facts: list[Fact] = []

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def standing(self, kind: str, source: str, target: str, **details: str | int | bool) -> None:
        """From the beginning, and mostly without an end."""
        self.dated(kind, source, target, details, since=0, ends=RARE)

    def passing(self, kind: str, source: str, target: str, **details: str | int | bool) -> None:
        """Begun some day, and often over some day."""
        self.dated(kind, source, target, details, since=self.random.randrange(DAYS), ends=0.6)

    def dated(
        self, kind: str, source: str, target: str, details: Details, *, since: int, ends: float
    ) -> None:
        until = self.random.randint(since + 1, DAYS) if self.chance(ends) else FOREVER
        n = f"f{len(self.facts):04}"
        self.facts.append(
            Fact(id=n, kind=kind, source=source, target=target, since=since, until=until, details=details)
        )


def organisation(random: Random) -> list[Fact]:
    """Every fact of one organisation; instants are days from 0 to `DAYS`."""
    draft = Draft(random)
    for department, whole in DEPARTMENTS.items():
        draft.standing("PART_OF", department, whole)
    for post, department in POSTS.items():
        draft.standing("PART_OF", post, department)
        _classified_post(draft, post)
    for department in ("registry", "section"):
        if draft.chance(SELDOM):
            draft.passing("KEY_UNIT_OF", department, UNIT)
    for person in PEOPLE:
        _person(draft, person)
    for document in DOCUMENTS:
        _document(draft, document)
    return draft.facts


def _classified_post(draft: Draft, post: str) -> None:
    """A post may be declassified while it is held, or classified only later."""
    if draft.chance(0.6):
        draft.dated(
            "CLASSIFIED_AS", post, draft.random.choice(LEVELS[:3]), {}, since=draft.random.choice((0, 0, 15)), ends=0.4
        )  # fmt: skip


def _person(draft: Draft, person: str) -> None:
    random = draft.random
    draft.standing("MEMBER_OF", person, random.choice(list(DEPARTMENTS)))
    if draft.chance(SELDOM):
        draft.passing("MEMBER_OF", person, random.choice(list(DEPARTMENTS)))
    posted = draft.chance(0.4)
    for _ in range(random.choice((1, 1, 2)) if posted else 0):
        (draft.standing if draft.chance(0.5) else draft.passing)(
            "HOLDS_POST", person, random.choice(list(POSTS))
        )
    _card(draft, person, posted=posted)
    if draft.chance(0.15):
        draft.passing("COOLING_OFF", person, UNIT)
    if draft.chance(RARE):
        draft.passing("DEPARTED", person, UNIT)


def _card(draft: Draft, person: str, *, posted: bool) -> None:
    """Mostly in order; two clearances or two conclusions at once now and then."""
    if draft.chance(OFTEN):
        draft.standing("CLEARED_TO", person, draft.random.choice(LEVELS[:3]))
    if draft.chance(SELDOM):
        draft.passing("CLEARED_TO", person, draft.random.choice(LEVELS))
    if draft.chance(OFTEN):
        draft.standing("VETTED", person, UNIT, conclusion="passed")
    if draft.chance(RARE):
        draft.passing("VETTED", person, UNIT, conclusion="failed")
    for stage in ("entry", "in_post") if posted else ("entry",):
        if draft.chance(OFTEN):
            draft.standing("SIGNED", person, UNIT, undertaking=stage)
    if draft.chance(SELDOM):
        draft.passing("SIGNED", person, UNIT, undertaking=draft.random.choice(UNDERTAKINGS))
    if draft.chance(0.5):
        draft.passing("TRAINED", person, UNIT, course=draft.random.choice(("induction", "periodic")))


def _document(draft: Draft, document: str) -> None:
    random = draft.random
    if draft.chance(0.95):
        draft.standing("CLASSIFIED_AS", document, random.choice(LEVELS))
    if draft.chance(RARE):
        draft.passing("CLASSIFIED_AS", document, random.choice(LEVELS))
    if draft.chance(OFTEN):
        draft.standing("DISTRIBUTION_OF", f"distribution-{document}", document)
        draft.standing(
            "IN_DISTRIBUTION", UNIT if draft.chance(0.8) else _listed(draft)[0], f"distribution-{document}"
        )
    if draft.chance(OFTEN):
        draft.standing("RANGE_OF", f"range-{document}", document)
        for member in _listed(draft):
            (draft.standing if draft.chance(0.7) else draft.passing)("IN_RANGE", member, f"range-{document}")
    if draft.chance(SELDOM):
        draft.passing("GRANTED_READ", random.choice(PEOPLE), document)
    if draft.chance(SELDOM):
        draft.passing("BARRED_FROM", random.choice((*PEOPLE, *DEPARTMENTS)), document)


def _listed(draft: Draft) -> list[str]:
    """Groups as well as names: top secret listed by department is one of the traps."""
    pool = [*random_share(draft, PEOPLE, 5), *random_share(draft, tuple(DEPARTMENTS), 1)]
    if draft.chance(0.5):
        pool.append(UNIT)
    if draft.chance(SELDOM):
        pool.append(draft.random.choice(tuple(POSTS)))
    return pool


def random_share(draft: Draft, whole: tuple[str, ...], most: int) -> list[str]:
    return draft.random.sample(whole, draft.random.randint(1, most))
