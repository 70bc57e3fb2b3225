"""Organisations written down as acts: how the demo, a rehearsal and a test are given somebody to work with.

A file names its founding and its steps. A step is `{clock: INSTANT}` or `{as, do, with}`, and may repeat `for` a list, `$each`
standing for the member. A terminal's `key` stands for its digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from graph.errors import BadField, BadInput, NotAvailable, Refused
from graph.times import Instant, parse
from storage.organisations import large
from storage.organisations.large import FULL, Size
from storage.organisations.steps import Step, filled
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


async def establish_large(
    wiring: Wiring,
    clock: SetClock,
    *,
    seed: int = 1,
    size: Size = FULL,
    told: Callable[[int], None] | None = None,
) -> Established:
    """滨海局(全): found it and do every act; a refusal by the law is counted and the day goes on."""
    bureau = large.Bureau(seed, size=size)
    wanted = bureau.steps()
    first = next(wanted)
    clock.put(max(first.clock or 0, clock.at))
    await wiring.found(msgspec.convert(large.found(), Found))
    entries, refused = 1, 0
    async with wiring.office.many():
        for step in wanted:
            if step.clock is not None:
                clock.put(max(step.clock, clock.at))
                continue
            try:
                await wiring.office.do(step.actor, step.act, step.params)
            except (
                Refused,
                BadInput,
                NotAvailable,
            ):  # a loan that was refused is later not there to be returned
                refused += 1
                continue
            entries += 1
            if told and entries % 1000 == 0:
                told(entries)
    return Established(entries=entries, refused=refused)


class Established(msgspec.Struct, frozen=True, kw_only=True):
    entries: int
    refused: int


async def establish(wiring: Wiring, organisation: Organisation, clock: SetClock) -> int:
    """Found it and do every act, in order; how many entries. Raises what the first act that fails raises."""
    wanted = list(steps(organisation))
    first = next((step.clock for step in wanted if step.clock is not None), clock.at)
    clock.put(max(first, clock.at))
    await wiring.found(msgspec.convert(organisation.found, Found))
    entries = 1
    async with wiring.office.many():
        for step in wanted:
            if step.clock is not None:
                clock.put(max(step.clock, clock.at))
                continue
            await wiring.office.do(step.actor, step.act, step.params)
            entries += 1
    return entries
