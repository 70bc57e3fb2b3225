"""`python -m tests.bench [--quick] [--column embedded|services|both] [--sizes N,N] [--large-audience] [--many-items] [--json FILE] [--profile may-know]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench import breakdown, run
from tests.bench.columns import NotRunning
from tests.bench.measures import WrongAnswer
from tests.bench.organisation import DOCUMENTS, ITEMS
from tests.bench.results import Table, lines
from tests.bench.server import NotReady

QUICK_S, FULL_S = 1.5, 6.0
"""Seconds that one measure lasts."""
LONGEST_S = {True: 180.0, False: 1200.0}
"""Seconds after which no other measure of a column and size is begun; quick ones and full ones."""
GIVE_UP_S = 600.0
"""Seconds more after which it is given up, whatever it is doing."""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests.bench", description="How fast Zhixi answers; see docs/bench.md."
    )
    parser.add_argument("--quick", action="store_true", help="10,000 relations, shorter measures")
    parser.add_argument("--column", choices=("embedded", "services", "both"), default="both")
    parser.add_argument("--sizes", help="relations, parted by commas (10000,100000; with --quick 10000)")
    parser.add_argument("--large-audience", action="store_true", help="an audience of everyone, too")
    parser.add_argument(
        "--many-items",
        action="store_true",
        help="reach over 100,000 documents, too: about 500,000 more relations",
    )
    parser.add_argument("--json", type=Path, help="write the results to this file as well")
    parser.add_argument(
        "--profile", choices=("may-know",), help="show where the time of one question goes instead"
    )
    return parser.parse_args(given)


def main() -> int:
    """0 where everything asked for was measured; 1 where an answer was wrong, failed, or did not come in time."""
    chosen = arguments(sys.argv[1:])
    sizes = [int(size) for size in (chosen.sizes or ("10000" if chosen.quick else "10000,100000")).split(",")]
    wanted = ("embedded", "services") if chosen.column == "both" else (chosen.column,)
    tables: list[Table] = []
    failed = False
    for column in wanted:
        runs = [(size, DOCUMENTS) for size in sizes] + [(sizes[0], ITEMS)] * chosen.many_items
        for size, documents in runs:
            try:
                tables += asyncio.run(_one(column, size, documents, chosen))
            except NotRunning as missing:
                print(f"{column}: not measured, {missing}", flush=True)
                failed |= chosen.column != "both"
                break
            except (NotReady, WrongAnswer, TimeoutError) as error:
                print(f"{column}, {size:,} relations: {type(error).__name__} {error}", flush=True)
                failed = True
    if chosen.json is not None:
        chosen.json.write_bytes(msgspec.json.format(msgspec.json.encode(tables)))
    return int(failed or any(each.failures for table in tables for each in table.results))


async def _one(column: str, size: int, documents: int, chosen: argparse.Namespace) -> list[Table]:
    """One column at one size, printed as it is done."""
    longest = LONGEST_S[chosen.quick]
    async with asyncio.timeout(longest + GIVE_UP_S):
        if chosen.profile:
            for line in await breakdown.profile(column, size):
                print(line, flush=True)
            return []
        seconds = QUICK_S if chosen.quick else FULL_S
        table = await run.column(
            column,
            size,
            seconds=seconds,
            longest=longest,
            large_audience=chosen.large_audience,
            documents=documents,
        )
    print("\n".join(lines(table)), end="\n\n", flush=True)
    return [table]


if __name__ == "__main__":
    raise SystemExit(main())
