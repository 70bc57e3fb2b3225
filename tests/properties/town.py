"""A bureau drawn from a seed: 滨海局's founders and offices, and departments, people, posts, rooms and documents as they fall."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec

from graph.errors import BadInput, NotAvailable, Refused
from graph.times import parse
from storage.organisations import SetClock, named
from storage.registers.founding import Found
from storage.wiring import Wiring

Deed = tuple[str, str, dict[str, Any]]
LEVELS = ("top-secret", "secret", "confidential")
HEADS = {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}
OPENING = {"occurred_at": "2026-01-01", "late": "启用时接管"}
FOUNDERS = ("p01", "p02", "p03", "p20")
BEGUN, FILED = "2026-01-05T09:00:00+08:00", "2026-03-01T10:00:00+08:00"


class Plan:
    """What is drawn of it, before anything is done."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.departments = ["jiyao", "yewu1", *(f"ke{n}" for n in range(random.randint(1, 4)))]
        self.people = ["p04", "p05", "p06", *(f"q{n:02}" for n in range(random.randint(4, 8)))]
        self.posts = ["post-archivist", "post-head1", "post-staff1", *(f"post-{n}" for n in range(random.randint(1, 4)))]  # fmt: skip
        self.documents = [f"D{n}" for n in range(1, random.randint(5, 8))]
        self.places = ["R301", "R210", *(f"R{n}" for n in range(401, 401 + random.randint(0, 2)))]
        self.carriers = [f"C-{each}-{n}" for each in self.documents for n in range(random.randint(1, 2))]

    def part(self, of: list[str], share: float) -> list[str]:
        return [each for each in of if self.random.random() < share]

    def deeds(self) -> Iterator[Deed]:
        yield from self._structure()
        yield from self._cards()
        yield from self._offices()
        yield from self._rooms()

    def _structure(self) -> Iterator[Deed]:
        choice = self.random.choice
        for n, each in enumerate(self.departments):
            part_of = choice(self.departments[1:n]) if n > 2 and self.random.random() < 0.5 else None
            yield "p20", "add-department", {"id": each, "name": each, "part_of": part_of}
        yield (
            "p20",
            "add-post",
            {"id": "post-director", "name": "局长", "department": "jiyao", "level": "top-secret"},
        )
        homes = {
            "post-archivist": ("jiyao", "secret"),
            "post-head1": ("yewu1", "secret"),
            "post-staff1": ("yewu1", "confidential"),
        }
        for each in self.posts:
            department, level = homes.get(each, (choice(self.departments), choice((*LEVELS, None))))
            yield "p20", "add-post", {"id": each, "name": each, "department": department, "level": level}
        home = {"p04": "jiyao", "p05": "yewu1", "p06": "yewu1"}
        for each in self.people:
            yield (
                "p20",
                "add-person",
                {"id": each, "name": each, "department": home.get(each) or choice(self.departments)},
            )
        yield "p20", "join", {"person": "p03", "department": "jiyao"}

    def _cards(self) -> Iterator[Deed]:
        everybody = [*FOUNDERS, *self.people]
        for each in self.part(everybody, 0.95):
            leader = "p20" if each == "p01" else "p01"
            yield leader, "record-vetting", {"person": each, "conclusion": "passed", "record": "审查表", "heads": HEADS,
                                             "attested": {"conduct": True, "relations": True}}  # fmt: skip
            level = "top-secret" if each in FOUNDERS else self.random.choice(LEVELS)
            yield (
                leader,
                "record-clearance",
                {"person": each, "level": level, "basis": "涉密人员审批表", "dated": "2025-06-30", **OPENING},
            )
        for stage, share in (("entry", 0.95), ("in_post", 0.85)):
            for each in self.part(everybody, share):
                yield "p02", "record-undertaking", {"person": each, "undertaking": stage, "version": "2026版"}
        yield (
            "p02",
            "record-training",
            {"people": self.part(everybody, 0.8) or ["p03"], "course": "induction", "topic": "上岗前"},
        )

    def _offices(self) -> Iterator[Deed]:
        for person, post in (
            ("p20", "post-director"),
            ("p04", "post-archivist"),
            ("p05", "post-head1"),
            ("p06", "post-staff1"),
        ):
            yield ("p01" if person == "p20" else "p20"), "start-post", {"person": person, "post": post}
        for each in self.part(self.people[3:], 0.6):
            yield "p20", "start-post", {"person": each, "post": self.random.choice(self.posts)}
        yield "p01", "appoint", {"person": "p04", "role": "ARCHIVIST_OF"}
        yield "p01", "appoint", {"person": "p05", "role": "HEAD_OF", "over": "yewu1"}

    def _rooms(self) -> Iterator[Deed]:
        for each in self.places:
            secret = each != "R210"
            yield (
                "p02",
                "add-place",
                {
                    "id": each,
                    "name": each,
                    "secret_room": secret,
                    "accredited_for": "top-secret" if secret else "secret",
                },
            )
        yield "p20", "designate-key-unit", {"unit": "jiyao", "principal": "p01"}
        listed = sorted({"p03", *self.part(self.people, 0.4)})
        yield (
            "p20",
            "designate-key-unit",
            {"unit": "R301", "principal": "p01", "control_area": True, "entry_list": ["p03"]},
        )
        for each in listed[1:]:
            yield "p02", "admit-to-list", {"person": each, "place": "R301"}
        yield (
            "p02",
            "add-container",
            {"id": "B1", "name": "B1", "kept_in": "R301", "accredited_for": "top-secret"},
        )
        for id_, title in (("V1", "来文"), ("V11", "通报"), ("V2", "本局文件")):
            yield "p04", "add-folder", {"id": id_, "title": title, "code": id_}

    def papers(self) -> Iterator[Deed]:
        """Documents with their carriers and lists, drawn over everybody and everything there is."""
        listable = [*FOUNDERS, *self.people, *self.departments, *self.posts]
        for each in self.documents:
            outer = (
                ["binhai"]
                if self.random.random() < 0.7
                else self.part([*FOUNDERS, *self.people, *self.departments], 0.5)
            )
            level = self.random.choice((*LEVELS, "secret", "confidential", "internal"))
            quantity = sum(carrier.startswith(f"C-{each}-") for carrier in self.carriers)
            yield (
                "p04",
                "register-document",
                {
                    "id": each,
                    "title": each,
                    "level": level,
                    "years": 10,
                    "distribution": outer or ["binhai"],
                    "quantity": quantity + 9,
                },
            )
            for n, carrier in enumerate(c for c in self.carriers if c.startswith(f"C-{each}-")):
                yield (
                    "p04",
                    "register-carriers",
                    {
                        "document": each,
                        "serials": [f"{n:03}"],
                        "kept_in": "B1",
                        "held_by": "p03",
                        "ids": [carrier],
                    },
                )
            for members in (self.part(listable, 0.4), ["yewu1"], ["p01"]):
                yield "p01", "set-range", {"document": each, "members": members or ["p01"]}
                if self.random.random() < 0.6:
                    break


async def establish(wiring: Wiring, clock: SetClock, plan: Plan) -> None:
    """Found it and do all of it; what the law refuses of it is left out."""
    clock.put(parse(BEGUN, field="clock"))
    await wiring.found(msgspec.convert(named("binhai").found, Found))
    async with wiring.office.many():
        await _done(wiring, plan.deeds())
        clock.put(parse(FILED, field="clock"))
        await _done(wiring, plan.papers())
    clock.put(parse("2026-03-02T09:00:00+08:00", field="clock"))


async def _done(wiring: Wiring, deeds: Iterator[Deed]) -> None:
    for actor, act, params in deeds:
        try:
            await wiring.office.do(actor, act, params)
        except (Refused, BadInput, NotAvailable):
            continue
