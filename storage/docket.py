"""The docket: cases and their steps as rows of the catalogue, and decisions on paper that wait to be confirmed.

Whatever act opens a case, takes a step or closes one says so under `_docket` of its entry's result; the rows follow from
that alone, live and in a rebuild.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from graph.kinds import Node
from graph.law.flow import Matter, Taken
from graph.times import parse
from storage.act import Change, Draft, Patch, Put, subject_row
from storage.entry import Body
from storage.tables.catalogue import CaseFile, CaseStep, PaperDecision

AT_ONCE = 500
"""How many cases one statement asks about."""
KEY = "_docket"
STATE = ("state", "since", "closed")


def open_matter(draft: Draft, matter: Matter) -> None:
    """A case begins with this entry."""
    draft.node(matter.id, Node.CASE)
    _write(draft, {"opened": msgspec.to_builtins(matter)})


def enter_step(draft: Draft, matter: Matter, taken: Taken) -> None:
    """A step was taken with this entry; `matter` is the case as it is then."""
    _write(draft, {"case": matter.id, "taken": msgspec.to_builtins(taken), **_state(matter)})


def put_matter(draft: Draft, matter: Matter) -> None:
    """The case changes its state or its form with this entry."""
    _write(draft, {"case": matter.id, "form": dict(matter.form), **_state(matter)})


def decide_paper(draft: Draft, entry: str, state: str, words: str = "") -> None:
    """A decision on paper is confirmed, or disputed, by whoever it names."""
    _write(draft, {"paper": entry, "state": state, "words": words})


def _state(matter: Matter) -> dict[str, Any]:
    return {name: getattr(matter, name) for name in STATE}


def _write(draft: Draft, change: dict[str, Any]) -> None:
    draft.result.setdefault(KEY, []).append(change)


def rows(body: Body) -> Iterable[Change]:
    """Entry in, rows out."""
    for change in body.result.get(KEY, ()):
        if "opened" in change:
            yield from _opened(msgspec.convert(change["opened"], Matter), body)
        elif "paper" in change:
            yield Patch(
                PaperDecision,
                change["paper"],
                {"state": change["state"], "words": change["words"], "answered": body.ref},
            )
        else:
            yield from _changed(change, body)
    if body.decision is not None and body.decision.proof == "paper":
        yield _paper(body)


def _opened(matter: Matter, body: Body) -> Iterable[Change]:
    yield subject_row(matter.id, Node.CASE, matter.procedure, body, parent=matter.subject)
    kept = {name: getattr(matter, name) for name in CASE_COLUMNS}
    yield Put(CaseFile, {**kept, "form": _text(matter.form), "made": body.seq})


def _changed(change: dict[str, Any], body: Body) -> Iterable[Change]:
    values = {name: change[name] for name in STATE}
    if "form" in change:
        values["form"] = _text(change["form"])
    yield Patch(CaseFile, change["case"], values)
    if "taken" in change:
        taken = msgspec.convert(change["taken"], Taken)
        kept = {name: getattr(taken, name) for name in STEP_COLUMNS}
        yield Put(
            CaseStep,
            {
                **kept,
                "id": f"{change['case']}/{taken.n}",
                "case": change["case"],
                "form": _text(taken.form),
                "proof": body.decision.proof if body.decision else "own",
                "entry": body.ref,
            },
        )


def _paper(body: Body) -> Put:
    assert body.decision is not None  # noqa: S101  (asked for above)
    return Put(
        PaperDecision,
        {
            "id": body.ref,
            "seq": body.seq,
            "by": body.decision.by,
            "act": body.act,
            "subject": body.subject,
            "recorded_at": parse(body.recorded_at, field="recorded_at"),
            "number": body.decision.paper.number if body.decision.paper else "",
            "state": "confirmed" if body.decision.by == body.actor else "waiting",
            "words": "",
            "answered": "",
        },
    )


def _text(form: Any) -> str:
    return msgspec.json.encode(form, order="sorted").decode()


CASE_COLUMNS = (
    "id", "procedure", "subject", "subject_kind", "opener", "opened", "since", "state", "responsible", "cause", "closed",
)  # fmt: skip
STEP_COLUMNS = ("n", "step", "party", "person", "behalf", "verdict", "at", "words", "ground", "letter")


# Read again


async def matter(id_: str) -> Matter | None:
    found = await _matters(await CaseFile.select().where(CaseFile.id == id_))
    return found[0] if found else None


async def open_matters() -> list[Matter]:
    """Every case that is not closed, the oldest first."""
    return await _matters(
        await CaseFile.select()
        .where(CaseFile.state.is_in(["open", "suspended"]))
        .order_by(CaseFile.opened, CaseFile.id)
    )


async def matters_on(
    subject: str, *, procedure: str | None = None, states: Sequence[str] = ()
) -> list[Matter]:
    query = CaseFile.select().where(CaseFile.subject == subject).order_by(CaseFile.opened, CaseFile.id)
    if procedure is not None:
        query = query.where(CaseFile.procedure == procedure)
    if states:
        query = query.where(CaseFile.state.is_in(list(states)))
    return await _matters(await query)


async def matters_of(person: str) -> list[Matter]:
    """Cases a person opened, is the subject of, or took a step in; the latest first."""
    steps = await CaseStep.select(CaseStep.case).where(
        (CaseStep.person == person) | (CaseStep.behalf == person)
    )
    own = (CaseFile.opener == person) | (CaseFile.subject == person) | (CaseFile.responsible == person)
    ids = sorted({row["case"] for row in steps})
    query = CaseFile.select().where(own | CaseFile.id.is_in(ids) if ids else own)
    return await _matters(await query.order_by(CaseFile.opened, ascending=False).order_by(CaseFile.id))


async def papers_of(person: str) -> list[dict[str, Any]]:
    """Decisions entered in somebody's name that wait for them."""
    return await (
        PaperDecision.select()
        .where((PaperDecision.by == person) & (PaperDecision.state == "waiting"))
        .order_by(PaperDecision.recorded_at)
    )


async def _matters(found: Sequence[dict[str, Any]]) -> list[Matter]:
    steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for start in range(0, len(found), AT_ONCE):
        ids = [row["id"] for row in found[start : start + AT_ONCE]]
        for step in (
            await CaseStep.select().where(CaseStep.case.is_in(ids)).order_by(CaseStep.case, CaseStep.n)
        ):
            steps[step["case"]].append(step)
    return [_matter(row, steps[row["id"]]) for row in found]


def _matter(row: dict[str, Any], steps: Sequence[dict[str, Any]]) -> Matter:
    return Matter(
        **{name: row[name] for name in CASE_COLUMNS},
        form=msgspec.json.decode(row["form"]),
        taken=tuple(
            Taken(
                **{name: step[name] for name in STEP_COLUMNS},
                form=msgspec.json.decode(step["form"]),
                proof=step["proof"],
                entry=step["entry"],
            )
            for step in steps
        ),
    )
