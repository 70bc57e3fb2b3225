"""Results: percentiles, the table, and the JSON."""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.bench.fill import Filled
from tests.bench.measures import Left

ROOT = Path(__file__).resolve().parents[2]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One measure with so many clients, in milliseconds; what the server's process and its embedded engine's ran for each
    call, and waited for a core that others had.
    """

    name: str
    clients: int
    calls: int
    p50: float
    p95: float
    p99: float
    a_second: float
    server_cpu_ms: float
    server_wait_ms: float
    engine_cpu_ms: float | None
    engine_wait_ms: float | None
    largest_bytes: int
    times_echo: float | None
    goal_ms: float | None
    goal_a_second: float | None
    beside_ms: float | None
    failures: dict[str, int]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    cores: int
    load: tuple[float, float, float]
    commit: str


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one column and size; `load` is the machine's before and after."""

    column: str
    size: int
    machine: Machine
    load_after: tuple[float, float, float]
    filled: Filled
    first_answer_s: float
    results: list[Result]
    left: list[Left]


def machine() -> Machine:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return Machine(cores=os.cpu_count() or 1, load=os.getloadavg(), commit=described.stdout.strip())


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed; NaN of none."""
    if not ordered:
        return float("nan")
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def lines(table: Table) -> Iterator[str]:
    filled, machine = table.filled, table.machine
    yield f"{table.column}, {table.size:,} relations, at {machine.commit}"
    yield (
        f"  {filled.relations:,} relations ({filled.people:,} people, {filled.documents:,} documents) in {filled.entries:,}"
        f" entries: appended in {filled.append_s:.1f} s, projected in {filled.project_s:.1f} s"
        f" ({filled.projected_a_second:,.0f} a second); first answer of a fresh server after {table.first_answer_s:.1f} s"
    )
    yield (
        f"  {machine.cores} cores, load {machine.load[0]:.1f} before and {table.load_after[0]:.1f} after;"
        " the client is our own on asyncio, in its own process, keep-alive"
    )
    yield ""
    yield (
        f"  {'':<40} {'clients':>7} {'calls':>6} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'a second':>8} {'× echo':>7}"
        f" {'cpu':>6} {'wait':>6} {'engine':>6} {'wait':>6}  goal"
    )
    for each in table.results:
        yield _line(each)
    for left in table.left:
        yield f"  {left.name:<40} not measured: {left.why}"
    for each in table.results:
        for what, times in each.failures.items():
            yield f"  FAILED {times} × {each.name}: {what}"


def _line(each: Result) -> str:
    spent = (each.server_cpu_ms, each.server_wait_ms, each.engine_cpu_ms, each.engine_wait_ms)
    shown = " ".join(f"{'' if ms is None else f'{ms:.1f}':>6}" for ms in spent)
    ratio = "" if each.times_echo is None else f"{each.times_echo:.0f}"
    return (
        f"  {each.name:<40} {each.clients:>7} {each.calls:>6} {each.p50:>8.2f} {each.p95:>8.2f} {each.p99:>8.2f}"
        f" {each.a_second:>8.1f} {ratio:>7} {shown}  {_goal(each)}"
    ).rstrip()


def _goal(each: Result) -> str:
    """The goal with whether it was met: the median with one client, calls a second with several."""
    if each.clients == 1 and each.goal_ms is not None:
        return f"{_mark(each.p50 <= each.goal_ms)} {each.goal_ms:g} ms"
    if each.clients > 1 and each.goal_a_second is not None:
        return f"{_mark(each.a_second >= each.goal_a_second)} {each.goal_a_second:,.0f} a second"
    if each.beside_ms is not None:
        return f"(each audience {each.beside_ms:,.0f} ms)"
    return ""


def _mark(met: bool) -> str:
    return "✓" if met else "✗"
