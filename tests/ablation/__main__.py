"""`make ablate`: every rule switched off by itself, and which worlds, or else which scenario, miss it."""

from __future__ import annotations

import asyncio
import logging
import sys
import time

from tests.ablation.calls import uncalled
from tests.ablation.suite import Finding, ablate, stage, unnoticed
from tests.ablation.switch import places


def main() -> int:
    began = time.monotonic()
    logging.disable(logging.CRITICAL)  # what breaks down for want of a rule says so
    findings = asyncio.run(_found())
    for each in findings:
        first = ", ".join(each.noticed[:2]) or "UNNOTICED"
        print(
            f"{each.place.rule:<11} {each.place.function.removeprefix('graph.law.'):<54} {len(each.noticed):>3}  {first}"
        )
    rules, missed, idle = {each.place.rule for each in findings}, unnoticed(findings), uncalled()
    print(
        f"\n{len(findings)} places in {time.monotonic() - began:.0f} s; unnoticed: {', '.join(missed) or 'none'}; "
        f"functions of the law that nothing calls: {', '.join(idle) or 'none'}"
    )
    print(f"{len(rules)} rules, {len(rules) - len(missed)} noticed, {len(missed)} unnoticed")
    return 1 if missed or idle else 0


async def _found() -> list[Finding]:
    async with stage() as on:
        return await ablate(places(), on)


if __name__ == "__main__":
    sys.exit(main())
