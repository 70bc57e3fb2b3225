"""Loans: a carrier goes out over a signature and comes back to its custodian."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from graph.errors import BadField, Refused
from graph.kinds import Node
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card, in_force
from graph.times import parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import errands
from storage.registers.carriers import CUSTODIAN, carrier_of, end_all, not_lent, placing
from storage.registers.custody import NOT_THERE, contact, found_again, released
from storage.registers.custody import carrier as lendable
from storage.registers.signatures import Signed, proof_of

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


class LendCarrier(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed loan: the borrower may know what the carrier bears, and has signed for it."""

    carrier: Id
    to: Id
    due: str
    purpose: Words
    signed: Signed


@act("lend-carrier", LendCarrier, register="use", zh="借阅", en="Lend a carrier", by=CUSTODIAN, rules=("S03-6.5", "S03-4.3a"),
     project=errands.project, examples=({"carrier": "C5", "to": "p06", "due": "2026-03-06", "purpose": "核对数据",
                "signed": {"proof": "paper", "slip": "借字1号", "date": "2026-03-02", "scan": "s-1"}},))  # fmt: skip
async def lend_carrier(params: LendCarrier, bench: Bench) -> Draft:
    carrier, document, world = await carrier_of(bench, params.carrier)
    borrower = await bench.subject(params.to, Node.PERSON, field="to")
    if parse(params.due, field="due", ends_day=True) < bench.occurred:
        raise BadField("due", "ends-before-it-begins")
    not_lent(world, carrier[0], bench)
    bench.follows(world, carrier, "HELD_BY", "KEPT_IN")
    pair = await bench.facts.pair(borrower[0], document)
    verdict = judge(card(pair, borrower[0], bench.occurred), demand(pair, document, bench.occurred))
    held, _ = await lendable(bench, params.carrier)
    proof = await proof_of(bench, params.signed, borrower[0], [carrier[0]])
    bench.refuse((*released([held]), *proof.reasons, *verdict.reasons))
    draft = Draft(carrier[0], bench.occurred)
    end_all(draft, world, carrier[0], "HELD_BY", bench)
    end_all(draft, world, carrier[0], "KEPT_IN", bench)
    draft.begin("HELD_BY", carrier, borrower, details={"reason": "loan", "due": params.due})
    proof.use(draft, [carrier[0]])
    contact(draft, held, [bench.actor, borrower[0]])
    draft.rules += ["S03-4.3a", "S03-4.3b"]
    draft.result["due"] = params.due
    return draft


class ReturnCarrier(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loan comes back to the custodian and into its place."""

    carrier: Id
    kept_in: Id


@act("return-carrier", ReturnCarrier, register="use", zh="归还", en="Take a carrier back", by=CUSTODIAN,
     rules=("S03-6.5", "S03-4.3a"), project=errands.project, examples=({"carrier": "C5", "kept_in": "B1"},))  # fmt: skip
async def return_carrier(params: ReturnCarrier, bench: Bench) -> Draft:
    """One that was missing is found again by it."""
    carrier, document, world = await carrier_of(bench, params.carrier, found=True)
    held = in_force(world.out(carrier[0], "HELD_BY"), bench.occurred)
    if not any(fact.details.get("reason") == "loan" for fact in held):
        raise BadField("carrier", "not-so", value=carrier[0])
    bench.follows(world, carrier, "HELD_BY", "KEPT_IN")
    where, reasons = await placing(bench, params.kept_in, document, world)
    bench.refuse(reasons)
    if where is None:
        raise Refused(reasons)
    draft = Draft(carrier[0], bench.occurred)
    back, around = await lendable(bench, params.carrier, barring=NOT_THERE)
    await found_again(draft, bench, around, back)
    contact(draft, back, [bench.actor])
    end_all(draft, world, carrier[0], "HELD_BY", bench)
    end_all(draft, world, carrier[0], "KEPT_IN", bench)
    draft.begin("HELD_BY", carrier, (bench.actor, Node.PERSON.value), details={"reason": "custody"})
    draft.begin("KEPT_IN", carrier, where)
    draft.rules += ["S03-4.3a", "S03-4.3b"]
    return draft
