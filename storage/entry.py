"""What a register entry contains, and its one canonical text (RFC 8785), hashed as stored.

Instants are UTC text with milliseconds; `until` null is no end. Facts stand verbatim: a rebuilt graph needs nothing else.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

import msgspec
import rfc8785
from msgspec import Meta

from graph.facts import Details, Fact
from graph.projection import Step
from graph.times import FOREVER, Instant, parse, to_text

FORMAT = 1
Proof = Literal["own", "counter", "paper"]
Words = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


class Paper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision taken on paper: the form's number, the date on it, and the scan that shows it."""

    number: Words
    date: str
    scan: Words


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who decided and by what proof: 本人 own session, 窗口 at the counter, 纸质 on paper."""

    by: str
    proof: Proof = "own"
    paper: Paper | None = None


class FactText(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    id: str
    kind: str
    source: str
    target: str
    details: Details
    since: str
    until: str | None


class Idempotency(msgspec.Struct, frozen=True, kw_only=True):
    """Digests of the key and of the request it came with."""

    key: str
    request: str


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `labels` names the kind of every node its facts touch; `late` the reason of a 补登."""

    format: int
    ledger: str
    seq: int
    ref: str
    prev: str
    occurred_at: str
    recorded_at: str
    late: str | None
    actor: str
    on_behalf_of: str | None
    decision: Decision | None
    register: str
    act: str
    subject: str
    payload: dict[str, Any]
    result: dict[str, Any]
    rules: list[str]
    nodes: list[tuple[str, str]]
    labels: dict[str, str]
    superseded: list[FactText]
    facts: list[FactText]
    idempotency: Idempotency | None


def write(body: Body) -> str:
    """The canonical text."""
    return rfc8785.dumps(msgspec.to_builtins(body)).decode()


def read(text: str) -> Body:
    return msgspec.json.decode(text, type=Body)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fact_text(fact: Fact) -> FactText:
    return FactText(
        id=fact.id,
        kind=fact.kind,
        source=fact.source,
        target=fact.target,
        details=fact.details,
        since=text_of(fact.since),
        until=to_text(fact.until),
    )


def fact_of(text: FactText) -> Fact:
    return Fact(
        id=text.id,
        kind=text.kind,
        source=text.source,
        target=text.target,
        details=text.details,
        since=parse(text.since, field="since"),
        until=FOREVER if text.until is None else parse(text.until, field="until"),
    )


def text_of(instant: Instant) -> str:
    text = to_text(instant)
    if text is None:
        raise ValueError("an instant that never comes")
    return text


def step_of(body: Body, hash_: str) -> Step:
    return Step(
        seq=body.seq,
        hash=hash_,
        prev=body.prev,
        nodes=body.nodes,
        superseded=[fact_of(text) for text in body.superseded],
        facts=[fact_of(text) for text in body.facts],
        labels=body.labels,
    )
