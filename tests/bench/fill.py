"""Fills fresh ground: founding and cast through their acts, the synthetic people and documents straight into the ledger."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from graph.errors import BadField
from graph.kinds import Node
from graph.projection import Head
from graph.times import Instant, start_of, to_datetime
from storage import catalogue
from storage.accounts import hash_password
from storage.act import Act, Bench, Change, Draft, Put, act, subject_row
from storage.entry import FORMAT, Body, fact_text, text_of
from storage.registers.founding import SYSTEM, Found
from storage.registers.people import person_rows
from storage.scratch import Ground
from storage.tables.catalogue import Document
from storage.tables.kept import Account
from storage.wiring import Wiring, opened
from tests.bench.organisation import UNIT, Batch, Synthetic

PASSWORD = "correct-horse-7"
TERMINAL_KEY = "terminal-bench"
LEADER, OFFICER, KEEPER, OFFICE = "p-lead", "p-officer", "p-keeper", "p-office"
SCAN, SCAN_CARRIER = "d-scan", "c-scan"
READERS = tuple(f"b{n:05}" for n in (0, *range(2, 10)))
CATCH_UP_S = 900.0
OPENED_DAYS_AGO = 30


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What was filled in, and how fast: relations and seconds of the projection alone."""

    people: int
    documents: int
    relations: int
    entries: int
    append_s: float
    project_s: float

    @property
    def projected_a_second(self) -> float:
        return self.relations / self.project_s


async def fill(ground: Ground, organisation: Synthetic, since: Instant) -> Filled:
    """Ledger and catalogue first, the graph after it, all closed again at the end."""
    graph = msgspec.structs.replace(ground.graph, catch_up_wait_s=CATCH_UP_S)
    async with opened(ground.storage, graph) as wiring:
        await wiring.found(_founding(since))
        for actor, act, params in _cast():
            await wiring.office.do(actor, act, params)
        began = time.perf_counter()
        relations, head = await _append(wiring, organisation.batches(), since)
        appended = time.perf_counter()
        await wiring.projection.reach(head)
        projected = time.perf_counter()
        await _open_accounts(wiring)
    return Filled(
        people=organisation.people,
        documents=organisation.reached,
        relations=relations,
        entries=head.seq,
        append_s=appended - began,
        project_s=projected - appended,
    )


def opening() -> Instant:
    """A month ago, 00:00."""
    today = to_datetime(time.time_ns() // 1_000_000).date()
    return start_of(today - timedelta(days=OPENED_DAYS_AGO))


def _founding(since: Instant) -> Found:
    def first(id_: str, name: str, *roles: str) -> dict[str, Any]:
        return {
            "id": id_,
            "name": name,
            "appointments": [{"role": role, "paper": "任〔2026〕1号"} for role in roles],
        }

    return msgspec.convert(
        {
            "organisation": {"id": UNIT, "name": "测速局", "name_en": "Bench bureau"},
            "opening": to_datetime(since).date().isoformat(),
            "store": {"id": "store", "name": "电子库", "accredited_for": "secret"},
            "signatories": [LEADER, OFFICE],
            "people": [
                first(LEADER, "赵敏", "LEADER_OF", "LEADING_GROUP_OF"),
                first(OFFICER, "陈静", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF"),
                first(KEEPER, "张伟", "CUSTODIAN_OF"),
                first(OFFICE, "郭建国", "OFFICE_OF", "LEADING_GROUP_OF"),
            ],
        },
        Found,
    )  # fmt: skip


def _cast() -> Iterable[tuple[str, str, dict[str, Any]]]:
    """A room with a terminal, a safe, and one document with a carrier that may be scanned a thousand times."""
    digest = hashlib.sha256(TERMINAL_KEY.encode()).hexdigest()
    yield OFFICER, "add-place", {"id": "room", "name": "办公室", "accredited_for": "secret"}
    yield OFFICER, "enrol-device", {"id": "terminal", "name": "终端", "place": "room", "accredited_for": "secret",
                                    "owner": OFFICER, "serial": "ZD-1",
                                    "key_sha256": digest}  # fmt: skip
    yield (
        OFFICER,
        "add-place",
        {"id": "vault", "name": "保密室", "accredited_for": "top-secret", "secret_room": True},
    )
    yield (
        OFFICER,
        "add-container",
        {"id": "safe", "name": "保密柜", "kept_in": "vault", "accredited_for": "top-secret"},
    )
    yield KEEPER, "register-document", {"id": SCAN, "title": "扫描件测试通报", "level": "secret", "years": 20,
                                        "distribution": [UNIT], "quantity": 1}  # fmt: skip
    yield KEEPER, "register-carriers", {"document": SCAN, "serials": ["001"], "kept_in": "safe", "held_by": KEEPER,
                                        "ids": [SCAN_CARRIER]}  # fmt: skip
    yield LEADER, "set-range", {"document": SCAN, "members": [UNIT]}
    yield LEADER, "approve-copy", {"carrier": SCAN_CARRIER, "mode": "scan", "person": KEEPER, "copies": 1000}


class Bring(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nodes as id, kind and name: an act of the bench alone, so that the catalogue is made as it is of every entry."""

    nodes: tuple[tuple[str, str, str], ...]


def _project(params: Bring, body: Body) -> Iterable[Change]:
    for id_, kind, name in params.nodes:
        if kind == Node.PERSON:
            yield from person_rows(id_, name, id_, "", 0, body)
        elif name:
            yield subject_row(id_, Node(kind), name, body)
        if kind == Node.DOCUMENT:
            yield Put(
                Document,
                {
                    "id": id_, "title": name, "title_secret": False, "number": f"测〔2026〕{id_}", "receipt": f"机收{id_}",
                    "level": "secret", "years": 20, "permanent": False, "marked_from": "2026-01-01", "expires": "2046-01-01",
                    "quantity": 1, "pages": None, "drafted": "", "urgency": "", "originator": UNIT, "folder": "",
                    "registered_by": KEEPER, "made": body.seq,
                },
            )  # fmt: skip


@act("bench", Bring, register="bench", zh="测速", en="Bench", project=_project, public=False)
async def _bring(params: Bring, bench: Bench) -> Draft:
    """Never reached through a door: `fill` appends its entries."""
    raise BadField("act", "unknown-act", value="bench")


async def _append(wiring: Wiring, batches: Iterable[Batch], since: Instant) -> tuple[int, Head]:
    """One entry for each batch, in one transaction; how many relations, and the ledger's new head."""
    relations = 0
    async with wiring.database.locked():
        head = await wiring.ledger.head()
        for batch in batches:
            now = wiring.now()
            body = _body(batch, head, since, now)
            head = Head(head.ledger, body.seq, await wiring.ledger.append(body, now))
            await catalogue.write(catalogue.apply(body))
            relations += len(batch.facts)
    wiring.ledger.anchor(head)
    return relations, head


def _body(batch: Batch, head: Head, since: Instant, now: Instant) -> Body:
    return Body(
        format=FORMAT, ledger=head.ledger, seq=head.seq + 1, ref=f"e-b{head.seq + 1:06}", prev=head.hash,
        occurred_at=text_of(since), recorded_at=text_of(now), late="bench", actor=SYSTEM, on_behalf_of=None,
        decision=None, register="bench", act="bench", subject=UNIT,
        payload={"nodes": [[node.id, node.kind.value, node.name] for node in batch.nodes]}, result={}, rules=[],
        nodes=[(node.id, node.kind.value) for node in batch.nodes], labels=batch.labels, superseded=[],
        facts=[fact_text(fact) for fact in batch.facts], idempotency=None,
    )  # fmt: skip


async def _open_accounts(wiring: Wiring) -> None:
    hashed = hash_password(PASSWORD)
    async with wiring.database.transaction():
        for person in (OFFICER, KEEPER, *READERS):
            await Account.insert(
                Account(login=login(person), person=person, password_hash=hashed, must_change=False)
            )


def login(person: str) -> str:
    return f"u-{person}"


def told(filled: Filled) -> str:
    return (
        f"{filled.relations:,} relations ({filled.people:,} people, {filled.documents:,} documents) in {filled.entries:,}"
        f" entries: appended in {filled.append_s:.1f} s, projected in {filled.project_s:.1f} s,"
        f" {filled.projected_a_second:,.0f} relations a second"
    )


__all__ = ["Filled", "fill", "login", "opening", "told"]
