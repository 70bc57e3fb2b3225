"""Long histories of a bureau, drawn from a seed: everything an office does in a year, in any order, much of it refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from tests.properties.histories import HEADS, REVIEW, Deed
from tests.properties.town import Plan
from tests.storage.carriage import SLIP

LEVELS = ("top-secret", "secret", "confidential")
T = TypeVar("T")
CASES: tuple[dict[str, Any], ...] = (
    {"procedure": "vetting"}, {"procedure": "incident"},
    {"procedure": "leaving", "form": {"taker": "p03", "supervisor": "p01"}},
)  # fmt: skip


class Chronicle:
    """Draws one deed after the other. What it adds takes part in what it draws later."""

    def __init__(self, random: Random, plan: Plan) -> None:
        self._random = random
        self._made = 0
        self._fresh: list[tuple[list[str], str]] = []
        self.people = list(plan.people)
        self.documents = list(plan.documents)
        self.departments = list(plan.departments)
        self.posts = list(plan.posts)
        self.carriers = list(plan.carriers)
        self.containers = ["B1", "R301"]
        self.places = list(plan.places)
        self.folders = ["V1", "V11", "V2"]

    def deed(self) -> Deed:
        self._fresh = []
        act = self._random.choice(list(DRAWN))
        actor, params = DRAWN[act](self)
        return Deed(actor, act, params, days_ago=self._random.choice((0, 0, 0, 0, 2)))

    def forget(self) -> None:
        """What the last deed would have made is not there: it was refused."""
        for names, made in self._fresh:
            names.remove(made)

    def of(self, names: Sequence[T]) -> T:
        return self._random.choice(names)

    def some(self, names: list[str], most: int) -> list[str]:
        return self._random.sample(names, self._random.randint(0, min(most, len(names))))

    def perhaps(self, value: Any, otherwise: Any = None) -> Any:
        return value if self._random.random() < 0.5 else otherwise

    def new(self, names: list[str] | None, prefix: str) -> str:
        self._made += 1
        made = f"{prefix}-new-{self._made:03d}"
        if names is not None:
            names.append(made)
            self._fresh.append((names, made))
        return made


Drawn = Callable[[Chronicle], tuple[str, dict[str, Any]]]

STRUCTURE: dict[str, Drawn] = {
    "add-organisation": lambda c: ("p04", {"id": c.new(None, "org"), "name": "外单位"}),
    "add-department": lambda c: ("p20", {"part_of": c.perhaps(c.of(c.departments)), "id": c.new(c.departments, "dept"), "name": "新科室"}),
    "add-post": lambda c: ("p20", {"department": c.of(c.departments), "level": c.perhaps(c.of(LEVELS)), "id": c.new(c.posts, "post"), "name": "干事"}),
    "add-person": lambda c: ("p20", {"department": c.of(c.departments), "id": c.new(c.people, "p"), "name": "新人"}),
    "rename": lambda c: ("p20", {"subject": c.of(c.departments), "name": "改名"}),
    "join": lambda c: ("p20", {"person": c.of(c.people), "department": c.of(c.departments)}),
    "leave-department": lambda c: ("p20", {"person": c.of(c.people), "department": c.of(c.departments)}),
    "start-post": lambda c: ("p20", {"person": c.of(c.people), "post": c.of(c.posts)}),
    "leave-post": lambda c: ("p20", {"person": c.of(c.people), "post": c.of(c.posts)}),
    "appoint": lambda c: ("p01", {"person": c.of(c.people), "role": c.of(("HEAD_OF", "PRINCIPAL_OF")), "over": c.of(c.departments)}),
    "relieve": lambda c: ("p01", {"person": c.of(("p05", *c.people)), "role": "HEAD_OF", "over": c.of(("yewu1", *c.departments))}),
    "appoint-deputy": lambda c: ("p01", {"person": c.of(c.people), "principal": "p01", "acts": ["take-step"], "until": "2027-03-13"}),
    "end-deputy": lambda c: ("p01", {"person": c.of(c.people), "principal": "p01"}),
}  # fmt: skip
CARDS: dict[str, Drawn] = {
    "record-vetting": lambda c: ("p01", {"person": c.of(c.people), "conclusion": c.of(("passed", "passed", "failed")), "heads": HEADS, "record": "审查表"}),
    REVIEW: lambda c: ("p02", {"person": c.of(c.people)}),
    "start-task": lambda c: ("p20", {"person": c.of(c.people), "task": "专项", "level": c.of(LEVELS)}),
    "end-task": lambda c: ("p20", {"person": c.of(c.people), "task": "专项"}),
    "record-undertaking": lambda c: ("p02", {"person": c.of(c.people), "undertaking": c.of(("entry", "in_post", "leaving", "acknowledgement")), "version": "2026版"}),
    "record-training": lambda c: ("p02", {"people": [c.of(c.people)], "course": c.of(("induction", "periodic")), "topic": "教育"}),
    "record-departure": lambda c: ("p02", {"person": c.of(c.people), "note": "三日未到岗"}),
    "start-cooling-off": lambda c: ("p02", {"person": c.of(c.people), "start": c.of(("2025-02-01", "2026-03-01"))}),
    "open-case": lambda c: (c.of(("p02", "p05")), c.of(CASES) | {"subject": c.of(c.people)}),
}  # fmt: skip
PAPERS: dict[str, Drawn] = {
    "add-folder": lambda c: ("p04", {"id": c.new(c.folders, "v"), "title": "新卷"}),
    "register-document": lambda c: (
        "p04", {"level": c.of((*LEVELS, "internal")), "years": 10, "distribution": ["binhai"], "quantity": 9, "id": c.new(c.documents, "d"), "title": "新文件"}),
    "set-range": lambda c: ("p01", {"document": c.of(c.documents), "members": c.some([*c.people, *c.departments, *c.posts], 5)}),
    "narrow-range": lambda c: ("p01", {"document": c.of(c.documents), "remove": [c.of(c.people)]}),
    "exclude": lambda c: ("p01", {"document": c.of(c.documents), "who": c.of([*c.people, *c.departments]), "reason": "回避", "lift": c.perhaps(True, False)}),
    "grant-reading": lambda c: ("p01", {"document": c.of(c.documents), "person": c.of(c.people), "until": "2026-04-09", "purpose": "核对"}),
    "file-document": lambda c: ("p04", {"document": c.of(c.documents), "folder": c.of(c.folders)}),
    "register-carriers": lambda c: ("p04", {"document": c.of(c.documents), "serials": [f"{len(c.carriers):06d}"], "kept_in": c.of(c.containers), "ids": [c.new(c.carriers, "c")]}),
    "keep-carrier": lambda c: ("p03", {"carrier": c.of(c.carriers), "kept_in": c.of(c.containers)}),
    "lend-carrier": lambda c: ("p03", {"carrier": c.of(c.carriers), "to": c.of(c.people), "due": "2026-12-30", "purpose": "核对", "signed": SLIP}),
    "return-carrier": lambda c: ("p03", {"carrier": c.of(c.carriers), "kept_in": c.of(c.containers)}),
    "approve-copy": lambda c: ("p01", {"carrier": c.of(c.carriers), "mode": c.of(("copy", "print")), "person": "p04"}),
    "register-copy": lambda c: ("p04", {"carrier": c.of(c.carriers), "serial": f"复-{len(c.carriers):03d}", "kept_in": "B1"}),
}  # fmt: skip
ROOMS: dict[str, Drawn] = {
    "add-place": lambda c: ("p02", {"id": c.new(c.places, "r"), "name": "新室", "secret_room": c.perhaps(True, False), "accredited_for": c.perhaps("secret")}),
    "add-container": lambda c: ("p02", {"kept_in": c.of(c.places), "accredited_for": c.perhaps("top-secret"), "id": c.new(c.containers, "b"), "name": "新柜"}),
    "enrol-device": lambda c: ("p02", {"place": c.of(c.places), "key_sha256": f"{len(c.places):064x}", "accredited_for": "secret", "owner": c.of(c.people), "serial": "ZD-0", "id": c.new(None, "t"), "name": "新终端"}),
    "accredit": lambda c: ("p02", {"thing": c.of(c.places), "level": c.perhaps(c.of(LEVELS)), "certificate": "测评"}),
    "designate-key-unit": lambda c: ("p20", {"unit": c.of([*c.places, *c.departments]), "principal": c.of(c.people), "control_area": True, "entry_list": [c.of(c.people)]}),
    "change-key-unit": lambda c: ("p20", {"unit": c.of(c.places), "control_area": c.perhaps(True, False)}),
    "admit-to-list": lambda c: ("p02", {"person": c.of(c.people), "place": c.of(c.places)}),
    "strike-from-list": lambda c: ("p02", {"person": c.of(c.people), "place": c.of(c.places)}),
}  # fmt: skip
DRAWN: dict[str, Drawn] = STRUCTURE | CARDS | PAPERS | ROOMS
