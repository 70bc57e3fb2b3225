"""Handover 移交: one list of everything a keeper keeps, signed by giver, taker and overseer; then all of it moves at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.errors import BadField, NotAvailable
from graph.facts import Facts
from graph.kinds import Node
from graph.law.handover import Handover, handed_over, keys_listed, three_people
from graph.law.person import in_force
from graph.times import Instant
from storage.act import ID_PATTERN, Act, Bench, Draft, act, refusal
from storage.registers import errands
from storage.registers.custody import LOST, OUT, carriers_of, contact
from storage.tables.catalogue import Carrier, Errand

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
CUSTODIAN = ("CUSTODIAN_OF",)
HANDOVER = "handover"
OPEN_STATES = (
    "out",
    "round",
    "on-the-way",
    "in-transit",
    "sealed",
    "requested",
    "approved",
    "counted",
    "counting",
    "open",
    errands.SUSPENDED,
)


class PrepareHandover(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The list: carriers that the giver keeps, as scanned, with open errands and seals told beside it.

    `keys` are the rooms and containers whose keys go with it.
    """

    giver: Id
    taker: Id
    overseer: Id
    scanned: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()
    keys: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    id: Id | None = None


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """移交清册."""

    giver: str
    taker: str
    overseer: str
    carriers: list[str]
    loans: list[str]
    open: list[str]
    seals: list[str]
    keys: list[str]
    signed: list[str] = []

    def judged(self) -> Handover:
        return Handover(giver=self.giver, taker=self.taker, overseer=self.overseer, signed=tuple(self.signed))


@act("prepare-handover", PrepareHandover, register="handovers", zh="编制移交清册", en="Prepare a handover",
     by=(*CUSTODIAN, "SECURITY_OFFICER_OF", "LEADER_OF"), rules=("S03-5.4b", "P-role"), project=errands.project,
     examples=({"giver": "p03", "taker": "p23", "overseer": "p02", "scanned": ["C1", "C2", "C3", "C5"], "keys": ["B1"]},))  # fmt: skip
async def prepare_handover(params: PrepareHandover, bench: Bench) -> Draft:
    """What is scanned is what the books say the giver keeps, no more and no less.

    What is on the way or missing cannot be scanned and stays what it is; the giver's own loans are theirs to bring back.
    """
    giver = await bench.subject(params.giver, Node.PERSON, field="giver")
    taker = await bench.subject(params.taker, Node.PERSON, field="taker")
    overseer = await bench.subject(params.overseer, Node.PERSON, field="overseer")
    await carriers_of(bench, params.scanned, "scanned", barring=("destroyed", "sent"))
    bench.refuse(three_people(Handover(giver=giver[0], taker=taker[0], overseer=overseer[0])))
    world = await bench.facts.around({giver[0]: giver[1]}, into=("HELD_BY",))
    kept = _kept(world, giver[0], bench)
    held = sorted(kept)
    if held:
        await bench.require(taker[0], CUSTODIAN, ("S03-6.5", "S03-5.4b"))
    paper = await _paper([each for each in held if kept[each] == "custody"])
    if sorted(params.scanned) != paper:
        raise refusal(("S03-5.4b",), "count-differs", listed=str(len(paper)), count=str(len(params.scanned)))
    seals = [fact.target for fact in in_force(world.out(giver[0], "SEAL_KEEPER_OF"), bench.occurred)]
    await _keys(bench, world, giver[0], held, params.keys)
    rows = await Errand.select(Errand.id).where(Errand.state.is_in(list(OPEN_STATES))).order_by(Errand.id)
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Inventory(
        giver=giver[0], taker=taker[0], overseer=overseer[0], carriers=held, loans=await _lent(bench), seals=seals,
        open=[row["id"] for row in rows], keys=sorted(params.keys),
    )  # fmt: skip
    errands.opened(draft, id_, HANDOVER, "prepared", content, subject=giver[0])
    draft.rules.append("S03-5.4b")
    draft.result |= {"handover": id_, "carriers": held}
    return draft


def _kept(world: Facts, giver: str, bench: Bench) -> dict[str, str]:
    """What the giver answers for as its keeper, and how: in custody, or on the way under their name."""
    found = {
        fact.source: str(fact.details.get("reason", "custody"))
        for fact in in_force(world.into(giver, "HELD_BY"), bench.occurred)
    }
    return {carrier: reason for carrier, reason in found.items() if reason not in OUT}


async def _keys(bench: Bench, world: Facts, giver: str, held: Sequence[str], named: Sequence[str]) -> None:
    """Keys that the giver has; none to where the carriers lie is left out. Raises BadField, Refused."""
    if len(set(named)) != len(named):
        raise BadField("keys", "listed-twice")
    has = {fact.target for fact in in_force(world.out(giver, "HOLDS_KEY"), bench.occurred)}
    for n, each in enumerate(named):
        await bench.subject(each, Node.PLACE, Node.CONTAINER, field=f"keys[{n}]")
        if each not in has:
            raise BadField(f"keys[{n}]", "not-so", value=each)
    around = await bench.facts.around(dict.fromkeys(held, Node.CARRIER.value)) if held else None
    lie = {
        fact.target
        for each in held
        for fact in (in_force(around.out(each, "KEPT_IN"), bench.occurred) if around else ())
    }
    bench.refuse(keys_listed(lie & has, named))


async def handover_of(bench: Bench, id_: str, giver: str, since: Instant, *, field: str) -> Handover:
    """The list by which somebody has handed over what they kept in a post held since then. Raises BadField."""
    found = await errands.errand(bench, id_, HANDOVER, Inventory, field=field)
    if found.content.giver != giver or found.opened < since:
        raise BadField(field, "not-so", value=id_)
    return found.content.judged()


async def _paper(held: Sequence[str]) -> list[str]:
    """What can be scanned: what lies in the store is handed over by its list, and what is missing stays missing."""
    if not held:
        return []
    rows = await Carrier.select(Carrier.id).where(
        Carrier.id.is_in(list(held)) & (Carrier.medium != "electronic") & (Carrier.state != LOST)
    )
    return sorted(row["id"] for row in rows)


async def _lent(bench: Bench) -> list[str]:
    """Loans that are open: their borrowers answer to the taker from now on."""
    rows = await Carrier.select(Carrier.id).where(Carrier.state.is_in(["present", "made"]))
    world = await bench.facts.around({row["id"]: Node.CARRIER.value for row in rows})
    return sorted(
        fact.source
        for fact in world.facts()
        if fact.kind == "HELD_BY"
        and fact.holds(bench.occurred)
        and fact.details.get("reason") in ("loan", "circulation", "outing")
    )


class SignHandover(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Giver, taker and overseer each sign in their own session. With the last signature everything moves."""

    handover: Id


@act("sign-handover", SignHandover, register="handovers", zh="签署移交清册", en="Sign a handover", rules=("S03-5.4b",),
     project=errands.project, examples=({"handover": "case-23456789abcdef"},))  # fmt: skip
async def sign_handover(params: SignHandover, bench: Bench) -> Draft:
    if not await bench.standing(
        (bench.actor, Node.PERSON.value),
        "MEMBER_OF",
        "HOLDS_POST",
        "LEADER_OF",
        "SECURITY_OFFICER_OF",
        *CUSTODIAN,
    ):
        raise NotAvailable
    found = await errands.errand(
        bench, params.handover, HANDOVER, Inventory, field="handover", states=("prepared",)
    )
    listed = found.content
    if bench.actor not in (listed.giver, listed.taker, listed.overseer):
        raise refusal(("S03-5.4b", "P-role"), "not-your-signature")
    if bench.actor in listed.signed:
        errands.out_of_order(bench, found.id, "signed", field="handover")
    listed = msgspec.structs.replace(listed, signed=[*listed.signed, bench.actor])
    draft = Draft(found.id, bench.occurred)
    done = not handed_over(listed.judged())
    if done:
        await _move(draft, bench, listed)
    errands.moved(draft, found, "signed" if done else "prepared", listed)
    draft.rules.append("S03-5.4b")
    draft.result |= {"handover": found.id, "state": "signed" if done else "prepared", "signed": listed.signed}
    return draft


async def _move(draft: Draft, bench: Bench, listed: Inventory) -> None:
    """All custody changes in one entry, and what is handed over is what was listed."""
    giver = (listed.giver, Node.PERSON.value)
    hands = await bench.facts.around({giver[0]: giver[1]}, into=("HELD_BY",))
    kept = _kept(hands, giver[0], bench)
    held_now = sorted(kept)
    if held_now != sorted(listed.carriers):
        raise refusal(
            ("S03-5.4b",), "count-differs", listed=str(len(listed.carriers)), count=str(len(held_now))
        )
    held, world = await carriers_of(bench, listed.carriers, "handover", barring=("destroyed", "sent"))
    for each in held:
        for fact in in_force(world.out(each.id, "HELD_BY"), bench.occurred):
            draft.end(fact, world)
        draft.begin(
            "HELD_BY", each.node, (listed.taker, Node.PERSON.value), details={"reason": kept[each.id]}
        )
        contact(draft, each, [listed.giver, listed.taker])
    await _keys(bench, hands, giver[0], listed.carriers, listed.keys)
    for fact in in_force(hands.out(giver[0], "HOLDS_KEY"), bench.occurred):
        if fact.target in listed.keys:
            draft.end(fact, hands)
            thing = (fact.target, str(hands.label(fact.target)))
            draft.begin("HOLDS_KEY", (listed.taker, Node.PERSON.value), thing)
    for fact in in_force(hands.out(giver[0], "SEAL_KEEPER_OF"), bench.occurred):
        draft.end(fact, hands)
        draft.begin(
            "SEAL_KEEPER_OF",
            (listed.taker, Node.PERSON.value),
            (fact.target, Node.SEAL.value),
            details=fact.details,
        )
