"""A step of a rehearsal holds only where the answer is what it expects."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.expectation import judge

REACHED = {
    "people": [{"person": "p04", "tags": ["monitored"], "items": ["D1"], "ways": [
        {"steps": [{"kind": "MAY_ENTER", "from": "p04", "to": "R301"}, {"kind": "KEPT_IN", "from": "C1", "to": "R301"}]}]}],
    "pairs": [],
}  # fmt: skip
KNOWN = {
    "people": [{"person": "p05", "marks": [{"name": "level", "facts": [{"kind": "CLEARED_TO", "to": "secret"}]}], "routes": [
        {"steps": [{"kind": "MEMBER_OF", "to": "yewu1"}, {"kind": "IN_RANGE", "to": "rg-1"}, {"kind": "RANGE_OF", "to": "D2"}]}]}],
    "blocked": [{"person": "p06", "rules": ["S01-3c", "S02-4.5"]}],
}  # fmt: skip
REFUSED = {"rules": ["S01-11b", "S03-5.4a"], "reasons": [{"values": {"carriers": "C5"}}]}
CASES: dict[str, tuple[int, Any, Any, Any]] = {
    "tags are those and no others": (200, REACHED, {"tags": {"p04": ["monitored"]}}, {"tags": {"p04": []}}),
    "a way ends at what the carrier bears": (
        200, REACHED, {"ways": {"p04": ["MAY_ENTER R301 KEPT_IN C1 CARRIES D1"]}}, {"ways": {"p04": ["MAY_ENTER R301 KEPT_IN C1"]}}),
    "a path is level and range entry": (
        200, KNOWN, {"paths": {"p05": ["CLEARED_TO secret MEMBER_OF yewu1 IN_RANGE D2"]}}, {"paths": {"p05": ["CLEARED_TO secret IN_RANGE D2"]}}),
    "of the blocked at least those rules": (200, KNOWN, {"blocked": {"p06": ["S01-3c"]}}, {"blocked": {"p06": ["S01-8a"]}}),
    "a refusal speaks of the holding": (
        403, REFUSED, {"refused": ["S01-11b"], "because": ["carriers: C5"]}, {"refused": ["S01-11b"], "because": ["carriers: C1"]}),
    "nor do other rules do": (403, REFUSED, {"refused": ["S01-11b"], "without": ["S01-8a"]}, {"refused": ["S01-11b"], "without": ["S03-5.4a"]}),
    "a dotted path leads into the answer": (
        200, {"result": {"opened": [{"procedure": "release"}]}}, {"accepted": {}, "result.opened.0.procedure": "release"},
        {"accepted": {}, "result.opened.0.procedure": "vetting"}),
    "what is found is counted": (
        200, {"findings": [{"subject": "C2", "rules": ["P-paper"]}]}, {"findings": ["P-paper C2"]}, {"findings": ["P-paper C2", "P-paper C2"]}),
    "an act done is not one refused": (200, {}, "accepted", {"refused": []}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_expected_holds_and_what_is_not_does_not(case: str) -> None:
    status, body, right, wrong = CASES[case]
    response = httpx.Response(status, json=body)

    assert judge(right, response)[0]
    assert not judge(wrong, response)[0]


def test_the_bytes_of_a_file_are_an_answer_too() -> None:
    response = httpx.Response(200, content=b"%PDF", headers={"content-type": "application/pdf"})

    assert judge("accepted", response) == (True, "accepted")
