"""Cases: opened, taken step by step through their procedure, amended, withdrawn. What comes of a case comes with its last step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from graph.errors import BadField, Broken
from graph.facts import Facts, Joined
from graph.kinds import Node
from graph.law import flow
from graph.law.flow import GATES, Attempt, Matter, Taken
from graph.law.person import in_force
from graph.law.procedure import Procedure, Step
from graph.law.verdict import Reason
from graph.times import Instant, to_date_text
from storage import docket, procedures
from storage.act import ID_PATTERN, Act, Bench, Draft, act, opaque
from storage.registers import forms
from storage.tables.catalogue import Subject

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
CLERKS = ("CUSTODIAN_OF", "ARCHIVIST_OF", "OFFICE_OF", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF")
"""Who enters a step that somebody else took on paper."""
PERSONAL = frozenset({"subject", "holder-of-subject"})
"""What nobody does through a deputy."""

Effect = Callable[[Matter, Bench, Draft], Awaitable[None]]
EFFECTS: dict[str, Effect] = {}
DRAFTS: set[str] = set()
"""Effects of an opening that draw up a list: drawn up anew whenever the case is amended."""
E = TypeVar("E", bound=Effect)


def effect(name: str, *, drafts: bool = False) -> Callable[[E], E]:
    """Enter what a procedure does with its last step, at its opening or at a refusal, in the same entry."""

    def enter(function: E) -> E:
        if name in EFFECTS:
            raise ValueError(f"two effects are called {name}")
        EFFECTS[name] = function
        if drafts:
            DRAFTS.add(name)
        return function

    return enter


# Opening


class OpenCase(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case of a procedure about a subject. `responsible` is the member of the leading group who follows it up (S01-17b)."""

    procedure: Code
    subject: Id
    form: dict[str, Any] = msgspec.field(default_factory=dict)
    responsible: Id | None = None
    id: Id | None = None


@act("open-case", OpenCase, register="cases", zh="立案", en="Open a case", rules=("P-role",),
     examples=({"procedure": "vetting", "subject": "p24"},))  # fmt: skip
async def open_case(params: OpenCase, bench: Bench) -> Draft:
    procedure = definition(params.procedure)
    subject = await bench.subject(params.subject, *procedure.subject, field="subject")
    form = await forms.filled(procedure.fields, params.form, bench)
    id_ = await bench.new_id(params.id, Node.CASE)
    responsible = await _responsible(params, procedure, bench)
    matter = Matter(
        id=id_, procedure=procedure.id, subject=subject[0], subject_kind=subject[1], opener=bench.actor,
        opened=bench.occurred, since=bench.occurred, responsible=responsible, form=form,
    )  # fmt: skip
    world = await facts_for(bench, matter, procedure.gates)
    opener = flow.parties(world, bench.on_behalf_of or bench.actor, matter, bench.now) - {"opener"}
    if not opener & set(procedure.opened_by):
        bench.refuse([_not_theirs(procedure)])  # alone: the others would tell how it stands with the subject
    reasons = []
    if procedure.single and await docket.matters_on(
        subject[0], procedure=procedure.id, states=("open", "suspended")
    ):
        reasons.append(Reason(procedure.rules, "case-already-open"))
    reasons += judged(procedure.gates, world, matter, bench.occurred)
    bench.refuse(reasons)
    draft = Draft(subject[0], bench.occurred)
    await begin(draft, bench, matter, world)
    draft.register = procedure.register
    draft.rules = list(dict.fromkeys((*procedure.rules, *draft.rules)))
    return draft


def definition(id_: str) -> Procedure:
    """Raises BadField."""
    found = procedures.load().get(id_)
    if found is None:
        raise BadField("procedure", "unknown-id", value=id_)
    return found


def _not_theirs(procedure: Procedure) -> Reason:
    parties = ",".join(f"party.{party.lower()}" for party in procedure.opened_by)
    return Reason((*procedure.rules, "P-role"), "case-not-yours-to-open", {"parties": parties})


async def _responsible(params: OpenCase, procedure: Procedure, bench: Bench) -> str:
    if params.responsible is None:
        return await secretary(bench) if procedure.responsible else ""
    await bench.subject(params.responsible, Node.PERSON, field="responsible")
    if not await bench.roles_of(params.responsible, "LEADING_GROUP_OF"):
        raise BadField("responsible", "not-of-the-leading-group", value=params.responsible)
    return params.responsible


async def secretary(bench: Bench) -> str:
    """The leading group's secretary, or its first member: who follows up what names nobody."""
    world = await bench.facts.around(dict([bench.own]), into=("LEADING_GROUP_OF",))
    members = in_force(world.into(bench.organisation, "LEADING_GROUP_OF"), bench.now)
    order = {"secretary": 0, "chair": 1}
    ranked = sorted(members, key=lambda fact: (order.get(str(fact.details.get("seat")), 2), fact.source))
    return ranked[0].source if ranked else ""


async def begin(draft: Draft, bench: Bench, matter: Matter, world: Facts | None = None) -> None:
    """Enter the opening with this entry, and what the procedure does with it."""
    procedure = definition(matter.procedure)
    docket.open_matter(draft, matter)
    brought = world or await facts_for(bench, matter)
    if procedure.begin:
        await EFFECTS[procedure.begin](matter, bench, draft)
    first = flow.following(procedure, matter, flow.skipped(procedure, brought, matter, bench.occurred))
    draft.result |= {"case": matter.id, **_waiting(procedure, matter, first, bench)}


async def open_by_itself(
    draft: Draft, bench: Bench, procedure: str, subject: tuple[str, str], form: Mapping[str, Any], cause: str
) -> str:
    """A case that an act opens: its id. Nobody is its opener; nothing where such a case is open already."""
    standing = await docket.matters_on(subject[0], procedure=procedure, states=("open", "suspended"))
    if standing and definition(procedure).single:
        return standing[0].id
    responsible = await secretary(bench) if definition(procedure).responsible else ""
    matter = Matter(
        id=opaque("case"), procedure=procedure, subject=subject[0], subject_kind=subject[1], opener="",
        opened=bench.occurred, since=bench.occurred, cause=cause, form=dict(form), responsible=responsible,
    )  # fmt: skip
    shown = dict(draft.result)
    await begin(draft, bench, matter)
    draft.result = {name: each for name, each in draft.result.items() if name not in OF_THE_CASE} | shown
    draft.result.setdefault("opened", []).append({"case": matter.id, "procedure": procedure})
    return matter.id


OF_THE_CASE = frozenset({"case", "state", "next", "by", "due"})
"""What a reply says of the case that the act is about, not of one it opens."""


# A step


class TakeStep(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of a case: approved or refused (with its ground), an opinion given, evidence registered, something done and noted."""

    case: Id
    step: Code
    verdict: Literal["approve", "refuse", "give"] | None = None
    words: str = ""
    ground: str = ""
    letter: str = ""
    form: dict[str, Any] = msgspec.field(default_factory=dict)


@act("take-step", TakeStep, register="cases", zh="办理一步", en="Take a step", rules=("P-role",), paper=True,
     examples=({"case": "case-2026", "step": "head", "verdict": "approve", "words": "同意"},))  # fmt: skip
async def take_step(params: TakeStep, bench: Bench) -> Draft:
    """Effective only when the last required approval is in; then its effect stands in the same entry."""
    matter = await matter_of(bench, params.case)
    procedure = definition(matter.procedure)
    step = procedure.step(params.step)
    if step is None:
        raise BadField("step", "unknown-id", value=params.step)
    person, behalf = await _signatory(bench)
    form = await forms.filled(step.fields, params.form, bench) if params.verdict != "refuse" else {}
    taken = Taken(
        n=len(matter.taken) + 1, step=step.id, party="", person=person, behalf=behalf, at=bench.occurred,
        verdict=_verdict(step, params), words=params.words, ground=params.ground, letter=params.letter, form=form,
        proof=bench.decision.proof,
    )  # fmt: skip
    named = () if taken.verdict == "refuse" else step.gates
    world = await facts_for(bench, matter, named, (person, behalf))
    skipped = flow.skipped(procedure, world, matter, bench.occurred)
    attempt = _attempt(bench, matter, procedure, taken, world, skipped)
    proposed = msgspec.structs.replace(matter, taken=(*matter.taken, taken))
    reasons = [*flow.judge(procedure, matter, attempt), *judged(named, world, proposed, bench.occurred)]
    bench.refuse(reasons)
    taken = msgspec.structs.replace(taken, party=flow.party_of(matter, attempt))
    return await _entered(bench, procedure, matter, taken, skipped)


async def _entered(
    bench: Bench, procedure: Procedure, matter: Matter, taken: Taken, skipped: frozenset[str]
) -> Draft:
    then = flow.after(procedure, matter, taken, skipped)
    step = procedure.step(taken.step)
    draft = Draft(matter.subject, bench.occurred)
    draft.register = procedure.register
    draft.rules = list(step.rules) if step else []
    docket.enter_step(draft, then, taken)
    named = {"done": procedure.effect, "refused": procedure.refused}.get(then.state, "")
    draft.result |= {"case": matter.id, "step": taken.step}
    if named:
        await EFFECTS[named](then, bench, draft)
    draft.result |= _waiting(procedure, then, flow.following(procedure, then, skipped), bench)
    return draft


async def _signatory(bench: Bench) -> tuple[str, str]:
    """Whose hand it is and whom they stand in for; who enters a paper is a clerk."""
    if bench.decision.by == bench.actor:
        return bench.actor, bench.on_behalf_of or ""
    if bench.on_behalf_of is not None:
        raise BadField("on_behalf_of", "unknown-field")
    await bench.require(bench.actor, CLERKS, ("P-role",))
    await bench.subject(bench.decision.by, Node.PERSON, field="decision.by")
    return bench.decision.by, ""


def _verdict(step: Step, params: TakeStep) -> flow.Verdict:
    """Raises BadField where the verdict is none of this step's, or says too little."""
    allowed: tuple[flow.Verdict, ...] = ("approve", "refuse") if step.what == "approval" else ("give",)
    verdict = params.verdict or allowed[0]
    if verdict not in allowed:
        raise BadField("verdict", "not-in-list", allowed=", ".join(allowed))
    if step.what == "evidence" and not params.letter.strip():
        raise BadField("letter", "missing")
    if (step.what == "opinion" or verdict == "refuse") and not params.words.strip():
        raise BadField("words", "missing")
    if verdict == "refuse" and step.grounds and params.ground not in step.grounds:
        raise BadField("ground", "not-in-list", allowed=", ".join(step.grounds))
    if params.ground in step.referenced and not params.letter.strip():
        raise BadField("letter", "missing")
    if params.ground and (verdict != "refuse" or not step.grounds):
        raise BadField("ground", "unknown-field")
    return verdict


def _attempt(
    bench: Bench, matter: Matter, procedure: Procedure, taken: Taken, world: Facts, skipped: frozenset[str]
) -> Attempt:
    step = procedure.step(taken.step)
    if step is None:
        raise Broken(f"{procedure.id} has no step {taken.step}")
    parties = flow.parties(world, taken.behalf or taken.person, matter, bench.now)
    return Attempt(
        step=step,
        person=taken.person,
        behalf=taken.behalf,
        parties=parties - PERSONAL if taken.behalf else parties,
        alike=flow.alike(world, taken.hands, bench.now),
        at=bench.occurred,
        due=due_of(step, matter, bench),
        skipped=skipped,
        paper=bench.decision.proof == "paper",
        form=taken.form,
    )


def due_of(step: Step, matter: Matter, bench: Bench) -> Instant | None:
    return flow.due_of(step, matter, bench.parameter, bench.calendar)


def _waiting(procedure: Procedure, matter: Matter, step: Step | None, bench: Bench) -> dict[str, Any]:
    """What the reply says of a case: its state, the step that is due, whose it is, and by when."""
    if step is None:
        return {"state": matter.state, "next": None}
    due = due_of(step, matter, bench)
    return {
        "state": matter.state,
        "next": step.id,
        "by": list(flow.missing(step, matter)),
        "due": to_date_text(due) if due is not None else None,
    }


# Amending and withdrawing


class AmendCase(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a case says, before anybody has taken a step: by those who may open it, and nobody else (S01-5a)."""

    case: Id
    form: dict[str, Any]


@act("amend-case", AmendCase, register="cases", zh="修改案件草稿", en="Amend a case", rules=("P-role",),
     examples=({"case": "case-2026", "form": {"people": ["p24"]}},))  # fmt: skip
async def amend_case(params: AmendCase, bench: Bench) -> Draft:
    matter = await matter_of(bench, params.case)
    procedure = definition(matter.procedure)
    form = await forms.filled(procedure.fields, params.form, bench)
    reasons = await _owners_reasons(bench, matter, procedure)
    if matter.taken:
        reasons.append(Reason(procedure.rules, "case-already-begun"))
    amended = msgspec.structs.replace(matter, form=form)
    world = await facts_for(bench, amended, procedure.gates)
    reasons += judged(procedure.gates, world, amended, bench.occurred)
    bench.refuse(reasons)
    draft = Draft(matter.subject, bench.occurred)
    docket.put_matter(draft, amended)
    if procedure.begin in DRAFTS:
        await EFFECTS[procedure.begin](amended, bench, draft)
    draft.register = procedure.register
    draft.rules = list(dict.fromkeys((*procedure.rules, *draft.rules)))
    draft.result["case"] = matter.id
    return draft


class WithdrawCase(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    case: Id
    reason: Words


@act("withdraw-case", WithdrawCase, register="cases", zh="撤回", en="Withdraw a case", rules=("P-role",),
     examples=({"case": "case-2026", "reason": "本人不再申请"},))  # fmt: skip
async def withdraw_case(params: WithdrawCase, bench: Bench) -> Draft:
    """What an act opened, and what took hold with its opening, goes to its end: only what somebody asked for is taken back."""
    matter = await matter_of(bench, params.case)
    procedure = definition(matter.procedure)
    reasons = await _owners_reasons(bench, matter, procedure)
    bench.refuse([*reasons, *flow.may_be_withdrawn(procedure, matter, bench.actor, bench.on_behalf_of or "")])
    draft = Draft(matter.subject, bench.occurred)
    docket.put_matter(draft, msgspec.structs.replace(matter, state="withdrawn", closed=bench.occurred))
    draft.register = procedure.register
    draft.rules = list(procedure.rules)
    draft.result |= {"case": matter.id, "state": "withdrawn"}
    return draft


async def _owners_reasons(bench: Bench, matter: Matter, procedure: Procedure) -> list[Reason]:
    """Open, and theirs who opened it; where an act opened it, theirs who could have."""
    world = await facts_for(bench, matter)
    parties = flow.parties(world, bench.on_behalf_of or bench.actor, matter, bench.now)
    reasons = []
    if matter.state != "open":
        reasons.append(Reason(procedure.rules, "case-not-open", {"state": f"state.{matter.state}"}))
    if not parties & {"opener", *procedure.opened_by}:
        reasons.append(_not_theirs(procedure))
    return reasons


# What all of them read


async def matter_of(bench: Bench, case: str) -> Matter:
    """Raises BadField, as for an unknown id where neither the actor may see it nor whose paper a clerk enters; nothing is dated before the case's last step."""
    matter = await docket.matter(case)
    clerk = bench.decision.by != bench.actor and await bench.roles_of(bench.actor, *CLERKS)
    beside = bench.decision.by if clerk and matter else None
    await bench.subject(case, Node.CASE, field="case", beside=beside)
    if matter is None:  # an errand
        raise BadField("case", "unknown-id", value=case)
    if bench.occurred < max((matter.opened, *(taken.at for taken in matter.taken))):
        raise BadField("occurred_at", "dates-backwards", value=case)
    return matter


async def facts_for(
    bench: Bench, matter: Matter, named: Iterable[str] = (), people: Iterable[str] = ()
) -> Facts:
    """Everyone's standing, and what the gates read about the subject and the nodes of the form."""
    entries = [GATES[name] for name in named]
    who = {matter.opener, matter.responsible, bench.actor, bench.on_behalf_of or "", *people} - {""}
    nodes = dict.fromkeys(who, Node.PERSON.value)
    said = {each for gate in entries for field in gate.fields for each in flow.ids_in(matter.said(field))}
    about = {matter.subject: matter.subject_kind, **await _labels(said)}
    standing = {n: label for n, label in {**nodes, **about}.items() if label in STANDING}
    worlds: list[Facts] = [
        await bench.facts.standing(standing),
        await bench.facts.around(
            {**nodes, **about}, into=("DEPUTY_OF", *(kind for gate in entries for kind in gate.into))
        ),
    ]
    listed = {fact.target for world in worlds for fact in world.out(matter.subject, "MAY_ENTER")}
    if listed:
        worlds.append(await bench.facts.around(dict.fromkeys(sorted(listed), Node.PLACE.value)))
    return Joined(worlds)


async def _labels(ids: Iterable[str]) -> dict[str, str]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = await Subject.select(Subject.id, Subject.kind).where(Subject.id.is_in(wanted))
    return {row["id"]: row["kind"] for row in rows}


STANDING = frozenset({Node.PERSON.value, Node.DEPARTMENT.value, Node.POST.value})


def judged(named: Iterable[str], world: Facts, matter: Matter, at: Instant) -> list[Reason]:
    return [reason for name in named for reason in GATES[name].judge(world, matter, at)]
