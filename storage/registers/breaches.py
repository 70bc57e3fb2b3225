"""What happened against a rule: entered as it happened, it relies on the rules that were broken and opens an incident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graph.law.verdict import Reason
from storage.act import Bench, Draft
from storage.registers.cases import open_by_itself
from storage.tables.catalogue import Subject

INCIDENT = "incident"


async def break_out(
    draft: Draft, bench: Bench, reasons: Sequence[Reason], account: str, about: Iterable[str], *, cause: str
) -> str:
    """An incident about the first of these things (S01-18a), with every rule that was broken. Its case's id."""
    rules = list(dict.fromkeys(rule for reason in bench.binding(reasons) for rule in reason.rules))
    subjects = list(about)
    kind = draft.labels.get(subjects[0]) or await _kind(subjects[0])
    form: dict[str, Any] = {"what": f"{account} [{', '.join(subjects)}]", "broken": rules}
    id_ = await open_by_itself(draft, bench, INCIDENT, (subjects[0], kind), form, cause)
    draft.rules += [*rules, "S01-18a"]
    draft.result["incident"] = id_
    return id_


async def _kind(node: str) -> str:
    rows = await Subject.select(Subject.kind).where(Subject.id == node)
    return str(rows[0]["kind"])
