"""`make ablate`: every rule switched off by itself, and which worlds miss it."""

from __future__ import annotations

import sys
import time

from tests.ablation.suite import ablate, unnoticed
from tests.ablation.switch import places


def main() -> int:
    began = time.monotonic()
    findings = ablate(places())
    for each in findings:
        first = ", ".join(each.noticed[:2]) or "UNNOTICED"
        print(
            f"{each.place.rule:<11} {each.place.function.removeprefix('graph.law.'):<36} {len(each.noticed):>3}  {first}"
        )
    rules, missed = {each.place.rule for each in findings}, unnoticed(findings)
    print(
        f"\n{len(findings)} places in {time.monotonic() - began:.0f} s; unnoticed: {', '.join(missed) or 'none'}"
    )
    print(f"{len(rules)} rules, {len(rules) - len(missed)} noticed, {len(missed)} unnoticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
