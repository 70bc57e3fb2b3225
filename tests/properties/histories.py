"""Random histories of acts in 滨海局, and everything that may be asked of what they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from graph.access import When
from graph.errors import BadInput, NotAvailable, Refused
from graph.times import DAY_MS, Instant, to_text
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.storage.clearing import review

OFFICER = "p02"
"""Who may ask about everybody, and of whom no drawn act is."""
PEOPLE = ("p04", "p05", "p06", "p07", "p24")
DOCUMENTS = ("D1", "D2", "D3")
DEPARTMENTS = ("jiyao", "yewu1", "kefu")
POSTS = ("post-head1", "post-staff1", "post-archivist")
REVIEW = "level-review"
"""No act but a case, gone through to its end: the only way to another level (S01-6b)."""
HEADS = {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}


class Deed(msgspec.Struct, frozen=True):
    """An act somebody will try: perhaps it happened some days ago and is entered late."""

    actor: str
    act: str
    params: dict[str, Any]
    days_ago: int = 0


def deed(actor: str, act: str, **params: st.SearchStrategy[Any] | str) -> st.SearchStrategy[Deed]:
    drawn = {
        name: each if isinstance(each, st.SearchStrategy) else st.just(each) for name, each in params.items()
    }
    ago = st.sampled_from([0, 0, 0, 3])
    return st.builds(Deed, st.just(actor), st.just(act), st.fixed_dictionaries(drawn), ago)


def on_a_person(person: st.SearchStrategy[str]) -> list[st.SearchStrategy[Deed]]:
    """What touches one person's card and where they stand."""
    department, post = st.sampled_from(DEPARTMENTS), st.sampled_from(POSTS)
    return [
        deed("p02", "record-undertaking", person=person, version="2026版",
              undertaking=st.sampled_from(["entry", "in_post", "leaving", "acknowledgement"])),
        deed("p20", "start-task", person=person, task="专项", level=st.sampled_from(["top-secret", "secret", "confidential"])),
        deed("p20", "end-task", person=person, task="专项"),
        deed("p01", "record-vetting", person=person, record="审查表", heads=st.just(HEADS),
              conclusion=st.sampled_from(["passed", "failed"])),
        deed("p02", "record-training", people=person.map(lambda each: [each]), course="induction", topic="上岗前"),
        deed("p02", "record-departure", person=person, note="三日未到岗"),
        deed("p02", "start-cooling-off", person=person, start=st.sampled_from(["2025-02-01", "2026-03-01", "2026-05-01"])),
        deed("p02", "open-case", subject=person, procedure="leaving", form=st.just({"taker": "p03", "supervisor": "p01"})),
        deed("p20", "join", person=person, department=department),
        deed("p20", "leave-department", person=person, department=department),
        deed("p20", "start-post", person=person, post=post),
        deed("p20", "leave-post", person=person, post=post),
    ]  # fmt: skip


def on_a_document(document: st.SearchStrategy[str]) -> list[st.SearchStrategy[Deed]]:
    """What touches one document's lists and folders."""
    members = st.lists(st.sampled_from((*PEOPLE, *DEPARTMENTS, "post-staff1")), unique=True, max_size=4)
    return [
        deed("p01", "set-range", document=document, members=members),
        deed("p01", "narrow-range", document=document, remove=st.sampled_from(PEOPLE).map(lambda each: [each])),
        deed("p01", "exclude", document=document, who=st.sampled_from((*PEOPLE, "yewu1")), reason="回避", lift=st.booleans()),
        deed("p04", "file-document", document=document, folder=st.sampled_from(["V1", "V11", "V2"])),
    ]  # fmt: skip


def histories(*, longest: int) -> st.SearchStrategy[list[Deed]]:
    person, document = st.sampled_from(PEOPLE), st.sampled_from(DOCUMENTS)
    deeds = [*on_a_person(person), deed("p02", REVIEW, person=person), *on_a_document(document)]
    return st.lists(st.one_of(deeds), min_size=3, max_size=longest)


@st.composite
def independent(draw: st.DrawFn) -> list[Deed]:
    """One deed for each of some people and documents: none reads what another writes."""
    people = draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=4))
    documents = draw(st.lists(st.sampled_from(DOCUMENTS), unique=True, min_size=1))
    alone = ("exclude", "file-document")
    on_people = [draw(st.one_of(on_a_person(st.just(each)))) for each in people]
    on_documents = [
        draw(st.one_of(on_a_document(st.just(each))).filter(lambda deed: deed.act in alone))
        for each in documents
    ]
    return [*on_people, *on_documents]


async def live_through(wiring: Wiring, clock: SetClock, history: Sequence[Deed]) -> list[str]:
    """Each deed an hour after the other; what came of each: done, or the rules or fields that stood against it."""
    outcomes = []
    for deed in history:
        clock.put(clock.at + 3_600_000)
        late = (
            {"occurred_at": to_text(clock.at - deed.days_ago * DAY_MS), "late": "补登"}
            if deed.days_ago
            else {}
        )
        try:
            if deed.act == REVIEW:
                await review(wiring, deed.params["person"])
            else:
                await wiring.office.do(deed.actor, deed.act, {**deed.params, **late})
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(f"refused {sorted(refused.rules)}")
        except BadInput as bad:
            outcomes.append(f"bad {sorted(error.field for error in bad.errors)}")
    return outcomes


async def every_answer(wiring: Wiring, at: Instant, known: int | None = None) -> dict[str, Any]:
    """Every question about every person and document, whole; the seq it stands at left out."""
    when = When(at=at, known=known)
    found: dict[str, Any] = {}
    for item in DOCUMENTS:
        found[f"audience {item}"] = await wiring.questions.audience(OFFICER, item, when)
        found[f"paths {item}"] = await wiring.questions.paths(OFFICER, item, when)
    for person in PEOPLE:
        found[f"reach {person}"] = await wiring.questions.reach(OFFICER, person, when)
        found[f"of {person}"] = await wiring.questions.may_know_of(person, DOCUMENTS)
        for item in DOCUMENTS:
            found[f"{person} {item}"] = await wiring.questions.may_know(OFFICER, person, item, when)
        try:
            found[f"own {person}"] = await wiring.questions.may_know(person, person, "D2")
        except NotAvailable:
            found[f"own {person}"] = "not available"
    return {name: _without(answer, "stand") for name, answer in found.items()}


def said(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers without the ids of facts and ledger times, which differ with the order of entry."""
    return {name: _without(answer, "id", "seq_in", "facts") for name, answer in answers.items()}


def _without(answer: Any, *left_out: str) -> Any:
    return _pruned(msgspec.to_builtins(answer), frozenset(left_out))


def _pruned(value: Any, left_out: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _pruned(each, left_out) for name, each in value.items() if name not in left_out}
    if isinstance(value, list | tuple):
        return [_pruned(each, left_out) for each in value]
    return value
