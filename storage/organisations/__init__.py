"""Organisations written down as acts: how the demo, a rehearsal and a test are given somebody to work with.

A file names its founding and its steps. A step is `{clock: INSTANT}` or `{as, do, with}`, and may repeat `for` a list, `$each`
standing for the member. A terminal's `key` stands for its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from graph.errors import BadField
from graph.times import Instant, parse
from storage.registers.founding import Found
from storage.wiring import Wiring

HERE = Path(__file__).parent


class SetClock:
    """A clock that stands where it is put, and goes on by a millisecond at each look."""

    def __init__(self, at: Instant) -> None:
        self.at = at

    def __call__(self) -> Instant:
        self.at += 1
        return self.at

    def put(self, at: Instant) -> None:
        if at < self.at:
            raise BadField("clock", "dates-backwards")
        self.at = at


class Organisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    found: dict[str, Any]
    steps: tuple[dict[str, Any], ...]
    zh: str = ""
    en: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One act to be done, or the clock put to an instant."""

    clock: Instant | None = None
    actor: str = ""
    act: str = ""
    params: dict[str, Any] = {}


def load(path: Path) -> Organisation:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Organisation)


def named(name: str) -> Organisation:
    """One of those that come with Zhixi. Raises BadField."""
    path = HERE / f"{name}.yaml"
    if not name.isalnum() or not path.exists():
        raise BadField("organisation", "unknown-id", value=name)
    return load(path)


def steps(organisation: Organisation) -> Iterator[Step]:
    for step in organisation.steps:
        if "clock" in step:
            yield Step(clock=parse(step["clock"], field="clock"))
            continue
        for each in step.get("for", [None]):
            yield Step(actor=step["as"], act=step["do"], params=filled(step.get("with", {}), each))


def filled(params: Mapping[str, Any], each: str | None) -> dict[str, Any]:
    found = {name: each if value == "$each" else value for name, value in params.items()}
    if "key" in found:
        found["key_sha256"] = hashlib.sha256(str(found.pop("key")).encode()).hexdigest()
    return found


async def establish(wiring: Wiring, organisation: Organisation, clock: SetClock) -> int:
    """Found it and do every act, in order; how many entries. Raises what the first act that fails raises."""
    wanted = list(steps(organisation))
    first = next((step.clock for step in wanted if step.clock is not None), clock.at)
    clock.put(max(first, clock.at))
    await wiring.found(msgspec.convert(organisation.found, Found))
    entries = 1
    for step in wanted:
        if step.clock is not None:
            clock.put(max(step.clock, clock.at))
            continue
        await wiring.office.do(step.actor, step.act, step.params)
        entries += 1
    return entries
