"""滨海局(全): a bureau of about 320 people over three years, made from a seed, every line an act.

Fourteen departments, forty rooms, namesakes, some 6,000 carriers and at least 60,000 entries: registrations, ranges, loans
and returns, readings at enrolled terminals, people who come, move and leave. The generator keeps its own simple picture
of who could know what, only to choose likely readers: the law judges every act all the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from graph.times import ZONE, Instant, from_datetime
from storage.calendar import Calendar
from storage.organisations.steps import Step, filled

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ("伟", "芳", "娜", "敏", "静", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明", "超", "秀英", "霞", "平", "刚", "桂英", "建国", "文", "丽", "红梅", "志强", "晓东", "海燕", "建华", "国强", "玉兰", "欣怡", "子轩", "浩然", "雨桐", "思远", "嘉怡", "俊杰", "梓涵")  # fmt: skip
DEPARTMENTS = ("办公室", "机要室", "保密办", "人事处", "财务处", "法规处", "规划处", "业务一处", "业务二处", "业务三处", "信息中心", "督查室", "后勤处", "纪检组")  # fmt: skip
KINDS = ("通报", "方案", "请示", "批复", "函", "纪要", "统计", "报告", "通知", "意见")
LEVELS = ("top-secret", "secret", "confidential", "internal")
KNOWN = (("p04", "李娜", 1, 2), ("p05", "刘洋", 2, 2), ("p06", "王强", 2, 1))
KEY_DEPARTMENT = "b01"
ROOMS = 40
COPIES = 6000 / 2600
"""Carriers of a document, on average."""
START = date(2023, 3, 1)
DAYS = 3 * 365


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each; the departments, the rooms and the three years stay."""

    people: int = 320
    documents: int = 2600
    readings: int = 47_000
    loans: int = 3_000


FULL = Size()


class Member(msgspec.Struct):
    """The generator's picture of a person: likely clearance rank and department."""

    id: str
    department: str
    rank: int


class Item(msgspec.Struct):
    id: str
    rank: int
    readers: list[str]
    carriers: list[str]


def found() -> dict[str, object]:
    """The founding's parameters: the first leading group from appointment papers."""

    def first(id_: str, name: str, number: str, *roles: str) -> dict[str, object]:
        return {
            "id": id_,
            "name": name,
            "staff_number": number,
            "appointments": [{"role": role, "paper": f"滨任〔2023〕{number}号"} for role in roles],
        }

    return {
        "organisation": {"id": "binhai", "name": "滨海局(全)", "name_en": "Binhai bureau (large)"},
        "opening": START.isoformat(),
        "store": {"id": "store", "name": "电子库", "accredited_for": "secret"},
        "signatories": ["p01", "p20"],
        "people": [
            first("p01", "赵敏", "1001", "LEADER_OF", "LEADING_GROUP_OF"),
            first("p02", "陈静", "1002", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF"),
            first("p03", "张伟", "1003", "CUSTODIAN_OF"),
            first("p20", "郭建国", "1000", "OFFICE_OF", "LEADING_GROUP_OF"),
        ],
    }


class Bureau:
    """Makes the steps. The same seed makes the same bureau."""

    def __init__(self, seed: int = 1, *, size: Size = FULL) -> None:
        self._chance = random.Random(seed)  # noqa: S311  (a demo, not a secret)
        self._size = size
        self._calendar = Calendar()
        self.people: list[Member] = []
        self.items: list[Item] = []
        self._lent: list[tuple[str, str]] = []
        self._day = START

    def steps(self) -> Iterator[Step]:
        """Clock and acts, day after working day for three years."""
        yield Step(clock=self._at(8, 0))
        yield from self._structure()
        yield from self._rooms()
        yield from self._staff()
        days = [START + timedelta(days=n) for n in range(1, DAYS)]
        working = [day for day in days if self._calendar.works(day)]
        documents = self._spread(self._size.documents, len(working))
        readings = self._spread(self._size.readings, len(working))
        loans = self._spread(self._size.loans, len(working))
        for n, day in enumerate(working):
            self._day = day
            yield Step(clock=self._at(8, 30))
            for _ in range(documents[n]):
                yield from self._document()
            yield from self._returns()
            for _ in range(loans[n]):
                yield from self._loan()
            yield Step(clock=self._at(14, 0))
            for _ in range(readings[n]):
                yield from self._reading()
            if n % 20 == 10:
                yield from self._someone_moves()

    def _at(self, hour: int, minute: int) -> Instant:
        return from_datetime(
            datetime(self._day.year, self._day.month, self._day.day, hour, minute, tzinfo=ZONE)
        )

    def _spread(self, total: int, days: int) -> list[int]:
        return [total * (n + 1) // days - total * n // days for n in range(days)]

    def _structure(self) -> Iterator[Step]:
        for n, name in enumerate(DEPARTMENTS):
            yield _do("p20", "add-department", id=f"b{n:02}", name=name, ordering=n)
            for level, word in zip(LEVELS[:3], ("核心", "重要", "一般"), strict=True):
                yield _do(
                    "p20",
                    "add-post",
                    id=f"post{n:02}-{level}",
                    name=f"{name}{word}岗",
                    department=f"b{n:02}",
                    level=level,
                )

    def _rooms(self) -> Iterator[Step]:
        yield _do("p02", "add-place", id="lou", name="办公楼")
        for n in range(ROOMS):
            level = LEVELS[0] if n < 4 else LEVELS[n % 3]
            yield _do(
                "p02",
                "add-place",
                id=f"R{n:03}",
                name=f"R{n:03}",
                part_of="lou",
                accredited_for=level,
                secret_room=n < 4,
            )
            yield Step(
                actor="p02",
                act="enrol-device",
                params=filled(
                    {
                        "id": f"T{n:03}",
                        "name": f"T{n:03}",
                        "place": f"R{n:03}",
                        "accredited_for": level,
                        "owner": "p02",
                        "serial": f"ZD-{n:04}",
                        "key": f"terminal-{n:03}-demo",
                    },
                    None,
                ),
            )
        for n in range(4):
            for box in range(10):
                yield _do(
                    "p02",
                    "add-container",
                    id=f"B{n}{box}",
                    name=f"B{n}{box}",
                    kept_in=f"R{n:03}",
                    accredited_for="top-secret",
                )

    def _staff(self) -> Iterator[Step]:
        yield from self._known()
        names = [self._name() for _ in range(self._size.people - 4 - len(KNOWN))]
        for n, name in enumerate(names):
            id_ = f"q{n:03}"
            department = n % len(DEPARTMENTS)
            rank = self._chance.choices((3, 2, 1, 0), (1, 5, 6, 2))[0]
            yield _do(
                "p20",
                "add-person",
                id=id_,
                name=name,
                staff_number=f"{2000 + n}",
                department=f"b{department:02}",
                ordering=10 + n,
            )
            self.people.append(Member(id_, f"b{department:02}", rank))
            yield from self._cleared(id_, rank, department)
        for id_, rank in (("p01", 3), ("p02", 2), ("p03", 3), ("p20", 3)):
            self.people.append(Member(id_, "b01", rank))
            yield from self._cleared(id_, rank, 1)
        yield _do("p01", "appoint", person="p04", role="ARCHIVIST_OF")
        yield _do("p01", "appoint", person="p05", role="HEAD_OF", over="b02")
        yield _do("p20", "designate-key-unit", unit=KEY_DEPARTMENT, principal="p01")

    def _known(self) -> Iterator[Step]:
        """Those whom the demo accounts are for, beside the founders."""
        for n, (id_, name, department, rank) in enumerate(KNOWN):
            unit = f"b{department:02}"
            yield _do(
                "p20",
                "add-person",
                id=id_,
                name=name,
                staff_number=f"{1004 + n}",
                department=unit,
                ordering=n,
            )
            self.people.append(Member(id_, unit, rank))
            yield from self._cleared(id_, rank, department)

    def _name(self) -> str:
        return self._chance.choice(SURNAMES) + self._chance.choice(GIVEN)

    def _cleared(self, id_: str, rank: int, department: int) -> Iterator[Step]:
        if rank == 0:
            return
        judge = "p20" if id_ == "p01" else "p01"
        level = LEVELS[3 - rank]
        heads = {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}
        attested = {"conduct": True, "relations": True}
        yield _do(
            judge,
            "record-vetting",
            person=id_,
            conclusion="passed",
            record="审查表",
            heads=heads,
            attested=attested,
        )
        yield _do(judge, "record-clearance", person=id_, level=level, basis="审批表", dated="2022-06-30")
        paper = {
            "version": "2023版",
            "countersigned_by": "p01" if id_ == "p20" else "p20",
            "scan": f"责任书{id_}",
        }
        yield _do("p02", "record-undertaking", person=id_, undertaking="entry", **paper)
        if self._chance.random() < 0.97:
            yield _do("p02", "record-undertaking", person=id_, undertaking="in_post", **paper)
        yield _do("p02", "record-training", people=[id_], course="induction", topic="上岗前保密教育")
        actor = "p01" if id_ == "p20" else "p20"
        yield _do(actor, "start-post", person=id_, post=f"post{department:02}-{level}")

    def _document(self) -> Iterator[Step]:
        n = len(self.items)
        rank = self._chance.choices((3, 2, 1), (1, 8, 10))[0]
        level = LEVELS[3 - rank]
        id_ = f"W{n:05}"
        copies = max(1, round(self._chance.expovariate(1 / COPIES)))
        kind = self._chance.choice(KINDS)
        years = {3: 30, 2: 20, 1: 10}[rank]
        yield _do(
            "p03", "register-document", id=id_, title=f"关于{self._chance.choice(DEPARTMENTS)}工作的{kind}({n + 1})", level=level,
            years=years, distribution=["binhai"], quantity=copies, number=f"滨海〔{self._day.year}〕{n + 1}号",
            pages=self._chance.randint(2, 40),
        )  # fmt: skip
        carriers = [f"K{n:05}-{c}" for c in range(copies)]
        box = f"B{self._chance.randrange(4)}{self._chance.randrange(10)}"
        yield _do(
            "p03",
            "register-carriers",
            document=id_,
            serials=[f"{c + 1:06}" for c in range(copies)],
            kept_in=box,
            held_by="p03",
            ids=carriers,
        )
        members, readers = self._members(rank)
        yield _do("p01", "set-range", document=id_, members=members)
        self.items.append(Item(id_, rank, readers, carriers))

    def _members(self, rank: int) -> tuple[list[str], list[str]]:
        able = [person for person in self.people if person.rank >= rank]
        named = [person.id for person in self._chance.sample(able, min(3, len(able)))]
        if rank == 3:
            return named, named
        groups = self._chance.sample(range(len(DEPARTMENTS)), self._chance.randint(1, 3))
        departments = [f"b{n:02}" for n in groups]
        readers = [person.id for person in able if person.department in departments] + named
        return [*departments, *named], readers

    def _loan(self) -> Iterator[Step]:
        item = self._chance.choice(self.items) if self.items else None
        if item is None or not item.readers:
            return
        carrier = self._chance.choice(item.carriers)
        if any(carrier == lent for lent, _ in self._lent):
            return
        self._lent.append((carrier, f"B{self._chance.randrange(4)}{self._chance.randrange(10)}"))
        due = (self._day + timedelta(days=5)).isoformat()
        yield _do(
            "p03",
            "lend-carrier",
            carrier=carrier,
            to=self._chance.choice(item.readers),
            due=due,
            purpose="工作需要",
            signed={
                "proof": "paper",
                "slip": f"借{len(self._lent):03}",
                "date": self._day.isoformat(),
                "scan": "s-1",
            },
        )

    def _returns(self) -> Iterator[Step]:
        while len(self._lent) > 12:
            carrier, box = self._lent.pop(0)
            yield _do("p03", "return-carrier", carrier=carrier, kept_in=box)

    def _reading(self) -> Iterator[Step]:
        recent = self.items[-200:] or self.items
        item = self._chance.choice(recent) if recent else None
        if item is None or not item.readers:
            return
        room = self._chance.randrange(4)
        yield _do(self._chance.choice(item.readers), "open-reading", document=item.id, device=f"T{room:03}")

    def _someone_moves(self) -> Iterator[Step]:
        person = self._chance.choice([each for each in self.people if each.id.startswith("q")])
        target = f"b{self._chance.randrange(len(DEPARTMENTS)):02}"
        if target != person.department:
            if person.department == KEY_DEPARTMENT:
                yield _do("p02", "record-undertaking", person=person.id, undertaking="exit", version="2024版")
            yield _do("p20", "leave-department", person=person.id, department=person.department)
            yield _do("p20", "join", person=person.id, department=target)
            person.department = target


def _do(actor: str, act: str, **params: object) -> Step:
    return Step(actor=actor, act=act, params=dict(params))
