"""Seals and their use: applied for, approved, reviewed by the keeper, used and entered (S18-5.4.1a, S03-4.5.4b)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from graph.errors import BadField, NotAvailable
from graph.kinds import Node
from graph.law.person import in_force
from graph.law.sealing import SealUse, judge_seal_use, seal_use_ready
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, act, subject_row
from storage.entry import Body
from storage.registers import errands
from storage.registers.custody import carrier, contact, in_hand

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
SEAL_USE = "seal-use"
OFFICE = ("OFFICE_OF", "LEADING_GROUP_OF")
APPROVERS = ("HEAD_OF", "LEADER_OF")
KEEPERS = ("CUSTODIAN_OF", "ARCHIVIST_OF")


class AddSeal(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A seal of the unit, of what kind it is, and the one who keeps it (印章管理员).

    Only the official seal (公章) makes a copy one; where no kind is named it counts as another.
    """

    name: Words
    kind: Literal["official", "contract", "finance", "personal", "other"] = "other"
    keeper: Id
    id: Id | None = None


def project_seal(params: AddSeal, body: Body) -> Iterable[Change]:
    yield subject_row(body.result["seal"], Node.SEAL, params.name, body)


@act("add-seal", AddSeal, register="seals", zh="登记印章", en="Register a seal", by=OFFICE, project=project_seal,
     rules=("S18-5.4.1a", "P-role"), examples=({"name": "滨海局公章", "kind": "official", "keeper": "p21"},))  # fmt: skip
async def add_seal(params: AddSeal, bench: Bench) -> Draft:
    keeper = await bench.subject(params.keeper, Node.PERSON, field="keeper")
    id_ = await bench.new_id(params.id, Node.SEAL)
    draft = Draft(id_, bench.occurred)
    seal = (draft.node(id_, Node.SEAL), Node.SEAL.value)
    draft.begin("SEAL_KEEPER_OF", keeper, seal, details={"seal": params.kind})
    draft.rules.append("S18-5.4.1a")
    draft.result = {"seal": id_}
    return draft


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One application to use a seal on a carrier, as far as it has come."""

    seal: str
    carrier: str
    purpose: str
    applicant: str
    approver: str | None = None
    reviewer: str | None = None
    impressions: int = 1

    def judged(self) -> SealUse:
        return SealUse(applicant=self.applicant, approver=self.approver, reviewer=self.reviewer)


class ApplySeal(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Anyone of the unit applies for a seal on a carrier that they may know of; who keeps the seal, on any."""

    seal: Id
    carrier: Id
    purpose: Words
    impressions: Annotated[int, Meta(ge=1, le=1000)] = 1
    id: Id | None = None


@act("apply-seal", ApplySeal, register="seal-use", zh="申请用印", en="Apply for a seal", rules=("S18-5.4.1a",),
     project=errands.project, examples=({"seal": "S1", "carrier": "C6", "purpose": "复制件盖章"},))  # fmt: skip
async def apply_seal(params: ApplySeal, bench: Bench) -> Draft:
    if not await bench.standing((bench.actor, Node.PERSON.value), "MEMBER_OF", "HOLDS_POST"):
        raise NotAvailable
    seal = await bench.subject(params.seal, Node.SEAL, field="seal")
    held, _ = await carrier(bench, params.carrier, excused=seal[0] in await _kept(bench))
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(held.id, bench.occurred)
    use = Use(
        seal=seal[0], carrier=held.id, purpose=params.purpose, applicant=bench.actor, impressions=params.impressions
    )  # fmt: skip
    errands.opened(draft, id_, SEAL_USE, "applied", use, subject=held.id)
    draft.rules.append("S18-5.4.1a")
    draft.result["use"] = id_
    return draft


class Step(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next step of one seal use."""

    use: Id


@act("approve-seal", Step, register="seal-use", zh="批准用印", en="Approve a seal use", by=APPROVERS + KEEPERS,
     decided_by=APPROVERS, rules=("S18-5.4.1a", "P-role"), project=errands.project, paper=True,
     examples=({"use": "case-23456789abcdef"},))  # fmt: skip
async def approve_seal(params: Step, bench: Bench) -> Draft:
    """The Head of the applicant's department, or the Leader in charge [P]; who keeps the carriers may enter it from paper."""
    found = await errands.errand(bench, params.use, SEAL_USE, Use, field="use")
    bench.refuse(seal_use_ready("applied" if found.state == errands.SUSPENDED else found.state, "applied"))
    use = msgspec.structs.replace(found.content, approver=bench.decision.by, reviewer=None)
    bench.refuse(judge_seal_use(use.judged()))
    roles = await bench.roles_of(bench.decision.by, "HEAD_OF", "LEADER_OF")
    own = {fact.target for fact in await bench.standing((use.applicant, Node.PERSON.value), "MEMBER_OF")}
    if not any(fact.kind == "LEADER_OF" or fact.target in own for fact in roles):
        bench.refuse(
            [Reason(("S18-5.4.1a", "P-role"), "not-your-act", {"roles": "HEAD_OF"}, whose="HEAD_OF")]
        )
    return _next(bench, found, "approved", use)


@act("review-seal", Step, register="seal-use", zh="审核用印", en="Review a seal use", by=("SEAL_KEEPER_OF",),
     rules=("S18-5.4.1a", "P-role"), project=errands.project, examples=({"use": "case-23456789abcdef"},))  # fmt: skip
async def review_seal(params: Step, bench: Bench) -> Draft:
    """The seal's own keeper, who neither applied nor approved."""
    found = await errands.errand(bench, params.use, SEAL_USE, Use, field="use")
    use = msgspec.structs.replace(found.content, reviewer=bench.actor)
    bench.refuse(
        (
            *_keeps(await _kept(bench), use.seal),
            *judge_seal_use(use.judged()),
            *seal_use_ready(found.state, "approved"),
        )
    )
    return _next(bench, found, "reviewed", use)


@act("use-seal", Step, register="seal-use", zh="用印登记", en="Use a seal", by=("SEAL_KEEPER_OF",),
     rules=("S18-5.4.1a", "P-role"), project=errands.project, examples=({"use": "case-23456789abcdef"},))  # fmt: skip
async def use_seal(params: Step, bench: Bench) -> Draft:
    """The impression itself: from now on the carrier bears the seal."""
    found = await errands.errand(bench, params.use, SEAL_USE, Use, field="use")
    use = found.content
    kept = await bench.roles_of(bench.actor, "SEAL_KEEPER_OF")
    bench.refuse(
        (*_keeps({fact.target for fact in kept}, use.seal), *seal_use_ready(found.state, "reviewed"))
    )
    held, world = await carrier(bench, use.carrier, "use", excused=True)
    if any(fact.target == use.seal for fact in in_force(world.out(held.id, "SEALED_WITH"), bench.occurred)):
        raise BadField("use", "already-so", value=params.use)
    draft = _next(bench, found, "used", use)
    kind = next(fact.details.get("seal", "other") for fact in kept if fact.target == use.seal)
    draft.begin(
        "SEALED_WITH", held.node, (use.seal, Node.SEAL.value), details={"use": found.id, "seal": kind}
    )
    hands = in_hand(world, held, bench.occurred)
    contact(draft, held, [bench.actor, *hands])
    draft.rules.append("S03-4.5.4b")
    return draft


async def _kept(bench: Bench) -> set[str]:
    return {fact.target for fact in await bench.roles_of(bench.actor, "SEAL_KEEPER_OF")}


def _keeps(kept: set[str], seal: str) -> tuple[Reason, ...]:
    return (
        ()
        if seal in kept
        else (Reason(("S18-5.4.1a", "P-role"), "not-your-act", {"roles": "SEAL_KEEPER_OF"}),)
    )


def _next(bench: Bench, found: errands.Found[Use], state: str, use: Use) -> Draft:
    draft = Draft(use.carrier, bench.occurred)
    errands.moved(draft, found, state, use)
    draft.rules.append("S18-5.4.1a")
    draft.result["use"] = found.id
    return draft
