"""A level is set step by step: the department's list or review, its Head, the Office and the leading group."""

from __future__ import annotations

from typing import Any

from storage.tables.catalogue import CaseFile
from storage.wiring import Wiring

OFFICE, GROUP = "p20", "p01"


async def designate(
    wiring: Wiring,
    *people: str,
    opener: str = "p06",
    head: str = "p05",
    unit: str = "yewu1",
    group: str = GROUP,
) -> Any:
    """A designation from its list to its last approval; what that says."""
    form = {"people": list(people)}
    made = await wiring.office.do(
        opener, "open-case", {"procedure": "designation", "subject": unit, "form": form}
    )
    return await _through(
        wiring, made.result["case"], [(head, "head"), (OFFICE, "approve"), (group, "approve")]
    )


async def review(wiring: Wiring, person: str, *, colleague: str = "p06", head: str = "p05") -> Any:
    """The review of a level, opened by the security officer where it has not opened by itself; what its last step says."""
    asked = (CaseFile.subject == person) & (CaseFile.procedure == "level-review") & (CaseFile.state == "open")
    rows = await CaseFile.select(CaseFile.id).where(asked)
    case = rows[0]["id"] if rows else None
    if case is None:
        made = await wiring.office.do("p02", "open-case", {"procedure": "level-review", "subject": person})
        case = made.result["case"]
    return await _through(wiring, case, [(colleague, "propose"), (head, "head"), (GROUP, "approve")])


async def _through(wiring: Wiring, case: str, steps: list[tuple[str, str]]) -> Any:
    for actor, step in steps:
        done = await wiring.office.do(actor, "take-step", {"case": case, "step": step, "words": "同意"})
    assert done.result["state"] == "done"
    return done.result
