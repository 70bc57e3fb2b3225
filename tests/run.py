"""Run every suite and say what ran where: the table at the end lists engine × suite with counts."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".services" / "reports"
ENGINE_SUITES = (
    "graph",
    "storage",
    "conflicts",
    "workers",
    "api",
    "properties",
    "scenarios",
    "faults",
    "browser",
)
ONCE = ("repo", "worlds", "oracle", "ablation")
PRINTING = threading.Lock()


class Count(msgspec.Struct):
    """Counts of one suite on one column."""

    column: str
    suite: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def run(column: str, suite: str) -> Count:
    """One pytest process for one suite on one column. A suite that does not finish counts as a failure."""
    report = REPORTS / f"{column}-{suite}.xml"
    report.unlink(missing_ok=True)
    print(f"… {suite} on {column}", flush=True)
    began = time.monotonic()
    environment = {**os.environ, "ZHIXI_COLUMN": column}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--durations=5", f"--junitxml={report}", f"tests/{suite}", *sys.argv[2:]],
        cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    seconds = time.monotonic() - began
    with PRINTING:
        print(f"\n— {suite} on {column}, {seconds:.0f} s\n{ended.stdout}", flush=True)
    if not report.exists():
        return Count(column, suite, 0, 1, 0, seconds)
    found = ET.parse(report).getroot().find("testsuite")  # noqa: S314  (our own report)
    assert found is not None
    tests, skipped = int(found.get("tests", 0)), int(found.get("skipped", 0))
    failed = int(found.get("failures", 0)) + int(found.get("errors", 0))
    if ended.returncode not in {0, 5} and not failed:
        failed = 1
    return Count(column, suite, tests - failed - skipped, failed, skipped, seconds)


def suites(column: str) -> list[Count]:
    """Every engine suite on one column, one after the other. The two columns share nothing but the machine."""
    return [run(column, suite) for suite in ENGINE_SUITES if (ROOT / "tests" / suite).is_dir()]


def main() -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    began = int(sys.argv[1]) if len(sys.argv) > 1 else int(time.time())
    checks = subprocess.run([ROOT / "deploy" / "check"], cwd=ROOT, check=False).returncode
    counts = [run("none", suite) for suite in ONCE if (ROOT / "tests" / suite).is_dir()]
    with ThreadPoolExecutor(max_workers=2) as columns:
        for of_column in columns.map(suites, ("embedded", "services")):
            counts += of_column
    print("\ncolumn     suite        passed  failed  skipped  seconds")
    for each in counts:
        print(
            f"{each.column:<10} {each.suite:<12} {each.passed:>6} {each.failed:>7} {each.skipped:>8} {each.seconds:>8.0f}"
        )
    failed = sum(each.failed for each in counts) + bool(checks)
    skipped = sum(each.skipped for each in counts)
    print(
        f"\n{sum(each.passed for each in counts)} passed, {failed} failed, {skipped} skipped in {time.time() - began:.0f} s"
    )
    if skipped and os.environ.get("CI"):
        print("a skipped test is a failure here: every engine is required")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
