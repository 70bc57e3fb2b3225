"""Decisions on paper (纸质代录): confirmed in one tick by whoever they name, or disputed; a dispute suspends what rests on them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.kinds import RELATIONS
from graph.law.person import in_force
from storage import docket
from storage.act import Act, Bench, Draft, act, refusal
from storage.entry import Body
from storage.registers import errands
from storage.registers.cases import open_by_itself
from storage.registers.corrections import entry_of
from storage.tables.catalogue import PaperDecision, RegisterRow, Subject

Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
GIVES = frozenset({"grant", "role", "entry", "condition"})
"""What a disputed decision gave does not stand while it is looked into; what it forbade does."""
ALSO = frozenset({"COPY_APPROVED", "OUTING_APPROVED", "DEPUTY_OF"})
RESTING = {"destruction": ("approved", "counted"), "seal-use": ("approved", "reviewed")}
"""Errands that go on by an approval, in the states in which they do: without it they stop."""


class ConfirmDecision(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """以我名义登记: the decision entered in my name is mine."""

    entry: Words


@act("confirm-decision", ConfirmDecision, register="confirmations", zh="确认纸质决定", en="Confirm a decision on paper",
     rules=("P-paper",), examples=({"entry": "e-…"},))  # fmt: skip
async def confirm_decision(params: ConfirmDecision, bench: Bench) -> Draft:
    body, row = await _waiting(params.entry, bench)
    draft = Draft(row["subject"], bench.occurred)
    docket.decide_paper(draft, body.ref, "confirmed")
    draft.rules.append("P-paper")
    draft.result["entry"] = body.ref
    return draft


class DisputeDecision(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision entered in my name is not mine: an incident opens and what rests on it is suspended."""

    entry: Words
    words: Words


@act("dispute-decision", DisputeDecision, register="confirmations", zh="否认纸质决定", en="Dispute a decision on paper",
     rules=("P-paper",), project=errands.project, examples=({"entry": "e-…", "words": "当日未签过此件"},))  # fmt: skip
async def dispute_decision(params: DisputeDecision, bench: Bench) -> Draft:
    body, row = await _waiting(params.entry, bench)
    draft = Draft(row["subject"], bench.occurred)
    docket.decide_paper(draft, body.ref, "disputed", params.words)
    await _suspend(draft, body, bench)
    kinds = await Subject.select(Subject.kind).where(Subject.id == row["subject"])
    form = {"what": params.words, "entry": body.ref}
    await open_by_itself(
        draft, bench, "incident", (row["subject"], kinds[0]["kind"]), form, "dispute-decision"
    )
    draft.rules += ["P-paper", "S01-18a"]
    draft.result["entry"] = body.ref
    return draft


async def _waiting(entry: str, bench: Bench) -> tuple[Body, dict[str, Any]]:
    """Raises BadField, and Refused where whoever entered it, or stands in for whom it names, would confirm it.

    To everybody else it is as if there were no such decision.
    """
    rows = await PaperDecision.select().where(PaperDecision.id == entry)
    entered = await RegisterRow.select(RegisterRow.actor).where(RegisterRow.reference == entry)
    if not rows or not {bench.actor, bench.on_behalf_of} & {
        rows[0]["by"],
        *(row["actor"] for row in entered),
    }:
        raise BadField("entry", "unknown-id", value=entry)
    if bench.actor != rows[0]["by"] or bench.on_behalf_of is not None:
        raise refusal(("P-paper",), "not-in-your-name")
    if rows[0]["state"] != "waiting":
        raise BadField("entry", "already-so", value=entry)
    body, line = await entry_of(entry)
    if line["voided_by"]:
        raise BadField("entry", "voided", value=entry)
    return body, rows[0]


async def _suspend(draft: Draft, body: Body, bench: Bench) -> None:
    """Whatever the entry gave and still stands ends now; the case or errand that went on by it stops."""
    await errands.suspended(draft, [each["id"] for each in body.result.get(errands.ERRANDS, ())], RESTING)
    ids = {text.id for text in body.facts}
    sources = {text.source: body.labels[text.source] for text in body.facts}
    if sources:
        world = await bench.facts.around(sources)
        for node in sources:
            for fact in in_force(world.out(node, *RELATIONS), bench.occurred):
                gives = RELATIONS[fact.kind].effect in GIVES or fact.kind in ALSO
                if fact.id in ids and gives:
                    draft.end(fact, world)
    for change in body.result.get(docket.KEY, ()):
        matter = await docket.matter(change["case"]) if "taken" in change else None
        if matter is not None and matter.state == "open":
            docket.put_matter(draft, msgspec.structs.replace(matter, state="suspended"))
