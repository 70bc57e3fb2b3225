"""Signing for what one takes: in one's own session, or in the book on paper with its slip, date and scan (S03-4.3a)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from graph.errors import BadField, NotAvailable
from graph.kinds import Node
from graph.law.contact import signed_for
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from graph.law.verdict import Reason
from graph.times import parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import errands
from storage.registers.custody import carriers_of
from storage.tables.catalogue import Carrier, Errand

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
SIGNATURE = "signature"
CUSTODIAN = ("CUSTODIAN_OF",)


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the taker has signed: `own`, by `sign-for` in their own session or with their PIN at the counter; `paper`, on a
    slip; `unsigned`, not at all.
    """

    proof: Literal["own", "paper", "unsigned"]
    slip: Annotated[str, Meta(max_length=200)] = ""
    date: Annotated[str, Meta(max_length=40)] = ""
    scan: Annotated[str, Meta(max_length=200)] = ""


class SignFor(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """I take these carriers: my signature, for the custodian to hand them to me by. It is used once for each."""

    carriers: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    id: Id | None = None


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    carriers: list[str]
    used: list[str] = []


@act("sign-for", SignFor, register="use", zh="签字领取", en="Sign for carriers", rules=("S03-4.3a",), project=errands.project,
     counter=True, examples=({"carriers": ["C2"]},))  # fmt: skip
async def sign_for(params: SignFor, bench: Bench) -> Draft:
    """By the taker and nobody for them: in their own session, or with their PIN in that of the custodian who hands them out.

    A carrier that the taker may not know of looks like one that is not there (G12); at the counter the handing-out says why.
    """
    if not await bench.standing((bench.actor, Node.PERSON.value), "MEMBER_OF", "HOLDS_POST"):
        raise NotAvailable
    taker = bench.decision.by
    if taker != bench.actor:
        await bench.require(bench.actor, CUSTODIAN, ("S03-6.5", "S03-4.3a"))
        await bench.subject(taker, Node.PERSON, field="decision.by")
    if len(set(params.carriers)) != len(params.carriers):
        raise BadField("carriers", "listed-twice")
    for n, each in enumerate(params.carriers):
        await bench.subject(each, Node.CARRIER, field=f"carriers[{n}]")
        rows = await Carrier.select(Carrier.document).where(Carrier.id == each)
        pair = await bench.facts.pair(taker, rows[0]["document"])
        who = card(pair, taker, bench.occurred)
        allowed = judge(who, demand(pair, rows[0]["document"], bench.occurred)).allowed
        if taker == bench.actor and not allowed:
            raise BadField(f"carriers[{n}]", "unknown-id", value=each)
    await carriers_of(bench, params.carriers, "carriers")
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Signature(carriers=list(params.carriers))
    errands.opened(draft, id_, SIGNATURE, "open", content, subject=taker)
    draft.rules.append("S03-4.3a")
    draft.result["signature"] = id_
    return draft


class Proof(NamedTuple):
    """What was found of a signature: why nothing may be handed out by it, or what it is used up by."""

    reasons: tuple[Reason, ...]
    own: errands.Found[Signature] | None = None

    def use(self, draft: Draft, carriers: Sequence[str]) -> None:
        """An own signature serves each carrier once."""
        if self.own is None:
            return
        used = [*self.own.content.used, *carriers]
        state = "used" if set(used) >= set(self.own.content.carriers) else "open"
        errands.moved(draft, self.own, state, msgspec.structs.replace(self.own.content, used=used))


async def proof_of(bench: Bench, signed: Signed, person: str, carriers: Sequence[str]) -> Proof:
    """S03-4.3a: whoever takes carriers has signed for all of them. Raises BadField where a slip is not named whole."""
    if signed.proof == "own":
        found = await _own(bench, person, carriers)
        return Proof(signed_for(found is not None), found)
    for name, said in (("slip", signed.slip), ("date", signed.date), ("scan", signed.scan)):
        if bool(said.strip()) is not (signed.proof == "paper"):
            raise BadField(f"signed.{name}", "missing" if signed.proof == "paper" else "unknown-field")
    if signed.proof == "paper" and parse(signed.date, field="signed.date") > bench.now:
        raise BadField("signed.date", "in-the-future")
    return Proof(signed_for(signed.proof == "paper"))


async def _own(bench: Bench, person: str, carriers: Sequence[str]) -> errands.Found[Signature] | None:
    """The person's own signature, given before and not used yet, that covers every one of them."""
    rows = await Errand.select().where(
        (Errand.kind == SIGNATURE) & (Errand.state == "open") & (Errand.subject == person)
    ).order_by(Errand.opened_at)  # fmt: skip
    for row in rows:
        found = errands.read(row, Signature)
        free = set(found.content.carriers) - set(found.content.used)
        if found.changed <= bench.occurred and free >= set(carriers):
            return found
    return None
