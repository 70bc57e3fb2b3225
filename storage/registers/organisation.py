"""Organisations, departments and posts; membership, posts held, and the roles that make an act somebody's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from graph.closure import settled
from graph.errors import BadField
from graph.facts import Fact, Facts, Joined
from graph.kinds import RELATIONS, ROLES, Node
from graph.law.gates import still_holds
from graph.law.leaving import exit_signed, judge_leaving_post
from graph.law.levels import LEVELS
from graph.law.person import in_force
from graph.law.posting import judge_posting
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, act, one_of, subject_row
from storage.entry import Body
from storage.registers.duties import owe_vetting, review_level
from storage.registers.handovers import handover_of
from storage.registers.people import Standing

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
KEEPERS_OF_STRUCTURE = ("OFFICE_OF", "LEADING_GROUP_OF", "SECURITY_OFFICER_OF")


class AddOrganisation(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outside organisation: an originator, a sender, a superior; `abroad` where it is outside the country."""

    name: Name
    name_en: str = ""
    abroad: bool = False
    id: Id | None = None


def project_organisation(params: AddOrganisation, body: Body) -> Iterable[Change]:
    yield subject_row(
        body.result["organisation"], Node.ORGANISATION, params.name, body, name_en=params.name_en
    )


@act("add-organisation", AddOrganisation, register="structure", zh="登记外单位", en="Register an outside organisation",
     by=(*KEEPERS_OF_STRUCTURE, "ARCHIVIST_OF", "CUSTODIAN_OF"), project=project_organisation,
     examples=({"name": "省局"},))  # fmt: skip
async def add_organisation(params: AddOrganisation, bench: Bench) -> Draft:
    id_ = await bench.new_id(params.id, Node.ORGANISATION)
    draft = Draft(id_, bench.occurred)
    organisation = (draft.node(id_, Node.ORGANISATION), Node.ORGANISATION.value)
    if params.abroad:
        draft.begin("ABROAD", organisation, bench.own)
    draft.result = {"organisation": id_}
    return draft


class AddDepartment(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A department inside the unit, or inside another department."""

    name: Name
    name_en: str = ""
    part_of: Id | None = None
    ordering: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    id: Id | None = None


def project_department(params: AddDepartment, body: Body) -> Iterable[Change]:
    yield subject_row(
        body.result["department"], Node.DEPARTMENT, params.name, body, name_en=params.name_en,
        parent=params.part_of or "", ordering=params.ordering,
    )  # fmt: skip


@act("add-department", AddDepartment, register="structure", zh="设立部门", en="Set up a department",
     by=KEEPERS_OF_STRUCTURE, project=project_department, examples=({"name": "业务一科"},))  # fmt: skip
async def add_department(params: AddDepartment, bench: Bench) -> Draft:
    parent = bench.own
    if params.part_of:
        parent = await bench.subject(params.part_of, Node.DEPARTMENT, Node.ORGANISATION, field="part_of")
    id_ = await bench.new_id(params.id, Node.DEPARTMENT)
    draft = Draft(id_, bench.occurred)
    draft.begin("PART_OF", (draft.node(id_, Node.DEPARTMENT), Node.DEPARTMENT.value), parent)
    draft.result = {"department": id_}
    return draft


class AddPost(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A post in a department; `level` makes it a secret post (涉密岗位)."""

    name: Name
    department: Id
    name_en: str = ""
    level: str | None = None
    id: Id | None = None


def project_post(params: AddPost, body: Body) -> Iterable[Change]:
    yield subject_row(
        body.result["post"], Node.POST, params.name, body, name_en=params.name_en, parent=params.department
    )


@act("add-post", AddPost, register="structure", zh="设置岗位", en="Set up a post", by=KEEPERS_OF_STRUCTURE,
     project=project_post, examples=({"name": "科长", "department": "dept1", "level": "secret"},))  # fmt: skip
async def add_post(params: AddPost, bench: Bench) -> Draft:
    department = await bench.subject(params.department, Node.DEPARTMENT, field="department")
    id_ = await bench.new_id(params.id, Node.POST)
    draft = Draft(id_, bench.occurred)
    post = (draft.node(id_, Node.POST), Node.POST.value)
    draft.begin("PART_OF", post, department)
    if params.level is not None:
        one_of("level", params.level, LEVELS)
        draft.begin("CLASSIFIED_AS", post, (params.level, Node.LEVEL.value))
    draft.result = {"post": id_}
    return draft


class Join(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person comes to a department."""

    person: Id
    department: Id
    standing: Standing = "staff"


@act("join", Join, register="structure", zh="调入部门", en="Join a department", by=KEEPERS_OF_STRUCTURE,
     rules=("P-role",), examples=({"person": "p24", "department": "dept1"},))  # fmt: skip
async def join(params: Join, bench: Bench) -> Draft:
    """Joining opens what the department's listings open; a scope event [G09]."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    department = await bench.subject(
        params.department, Node.DEPARTMENT, Node.ORGANISATION, field="department"
    )
    if await bench.standing(person, "MEMBER_OF", target=department[0]):
        raise BadField("department", "already-so")
    draft = Draft(person[0], bench.occurred)
    draft.begin("MEMBER_OF", person, department, details={"standing": params.standing})
    draft.rules.append("S03-4.1a")
    draft.result = {"scope_event": department[0]}
    return draft


class LeaveDepartment(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    department: Id


@act("leave-department", LeaveDepartment, register="structure", zh="调离部门", en="Leave a department",
     by=KEEPERS_OF_STRUCTURE, examples=({"person": "p24", "department": "dept1"},))  # fmt: skip
async def leave_department(params: LeaveDepartment, bench: Bench) -> Draft:
    """S02-10f: who leaves a key department with it has signed the undertaking of exit."""
    fact, world = await _standing_one(
        bench, (params.person, "person"), "MEMBER_OF", params.department, "department"
    )
    bench.refuse(exit_signed(world, params.person, params.department, bench.occurred))
    return _ending(bench, fact, world)


class StartPost(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    post: Id


@act("start-post", StartPost, register="posts", zh="上岗", en="Start in a post", by=KEEPERS_OF_STRUCTURE,
     examples=({"person": "p05", "post": "post1"},))  # fmt: skip
async def start_post(params: StartPost, bench: Bench) -> Draft:
    person, post = await free_post(params, bench)
    bench.refuse(await unprepared(bench, person, post))
    return await taken_up(bench, person, post, "start-post")


async def free_post(params: StartPost, bench: Bench) -> tuple[tuple[str, str], tuple[str, str]]:
    """The person and the post, which they do not hold yet. Raises BadField."""
    person = await bench.subject(params.person, Node.PERSON, field="person")
    post = await bench.subject(params.post, Node.POST, field="post")
    if await bench.standing(person, "HOLDS_POST", target=post[0]):
        raise BadField("post", "already-so")
    return person, post


async def taken_up(bench: Bench, person: tuple[str, str], post: tuple[str, str], act: str) -> Draft:
    """The post is held from now on, with what its level sets going."""
    draft = Draft(person[0], bench.occurred)
    draft.begin("HOLDS_POST", person, post)
    await review_level(draft, bench, person[0], act)
    await owe_vetting(draft, bench, person[0])
    return draft


async def unprepared(bench: Bench, person: tuple[str, str], post: tuple[str, str]) -> list[Reason]:
    """What is missing of that which comes before this post, by the rules in force."""
    months = bench.parameter("post-assessment")
    judged, _ = await settled(
        bench.facts,
        dict((person, post)),
        lambda facts: judge_posting(facts, person[0], post[0], bench.occurred, months=months),
    )
    return bench.binding(judged)


class LeavePost(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asking to close a post beside others: nothing may be left in hand. The last secret post ends in a case of leaving.

    `handover` is the signed list by which what was kept in a secret post has been handed over.
    """

    person: Id
    post: Id
    handover: Id | None = None


@act("leave-post", LeavePost, register="posts", zh="离岗", en="Leave a post", by=KEEPERS_OF_STRUCTURE,
     rules=("P-role",), examples=({"person": "p06", "post": "post2"},))  # fmt: skip
async def leave_post(params: LeavePost, bench: Bench) -> Draft:
    """S01-11b, S03-5.4a–b: everything held is returned and handed over first. S01-6a: what is left may call for another level."""
    fact, world = await _standing_one(bench, (params.person, "person"), "HOLDS_POST", params.post, "post")
    handover = None
    if params.handover:
        handover = await handover_of(bench, params.handover, params.person, fact.since, field="handover")
    judged = judge_leaving_post(world, params.person, params.post, handover, bench.occurred)
    bench.refuse((*still_holds(world, params.person, bench.now), *judged))
    draft = _ending(bench, fact, world)
    draft.rules += ["S01-11b", "S03-5.4a", *(["S03-5.4b"] if handover else [])]
    await review_level(draft, bench, params.person, "leave-post")
    return draft


class Appoint(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a person a role over the unit, a department, a place or a container."""

    person: Id
    role: str
    over: Id | None = None
    seat: Literal["chair", "secretary", "member"] | None = None


@act("appoint", Appoint, register="roles", zh="任命", en="Appoint", by=("LEADING_GROUP_OF", "LEADER_OF"),
     decided_by=("LEADING_GROUP_OF", "LEADER_OF"), paper=True, rules=("S02-3b", "P-role"),
     examples=({"person": "p05", "role": "HEAD_OF", "over": "dept1"},))  # fmt: skip
async def appoint(params: Appoint, bench: Bench) -> Draft:
    """谁主管、谁负责: every role is a named person's (S02-3b)."""
    one_of("role", params.role, ROLES)
    person = await bench.subject(params.person, Node.PERSON, field="person")
    over = bench.own
    if params.over:
        over = await bench.subject(params.over, *RELATIONS[params.role].targets, field="over")
    elif Node.ORGANISATION not in RELATIONS[params.role].targets:
        raise BadField("over", "missing")
    if params.seat and params.role != "LEADING_GROUP_OF":
        raise BadField("seat", "unknown-field")
    bench.about(person[0])
    if await bench.standing(person, params.role, target=over[0]):
        raise BadField("role", "already-so")
    draft = Draft(person[0], bench.occurred)
    draft.begin(params.role, person, over, details={"seat": params.seat} if params.seat else {})
    draft.rules.append("S02-3b")
    return draft


class Relieve(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    role: str
    over: Id | None = None


@act("relieve", Relieve, register="roles", zh="免去", en="Relieve of a role", by=("LEADING_GROUP_OF", "LEADER_OF"),
     decided_by=("LEADING_GROUP_OF", "LEADER_OF"), paper=True,
     examples=({"person": "p05", "role": "HEAD_OF", "over": "dept1"},))  # fmt: skip
async def relieve(params: Relieve, bench: Bench) -> Draft:
    one_of("role", params.role, ROLES)
    over = params.over or bench.organisation
    return await _ended(bench, (params.person, "person"), params.role, over, "over")


async def _ended(bench: Bench, person: tuple[str, str], kind: str, target: str, field: str) -> Draft:
    """End the one fact of this kind that stands between a person and a target."""
    fact, world = await _standing_one(bench, person, kind, target, field)
    return _ending(bench, fact, world)


async def _standing_one(
    bench: Bench, person: tuple[str, str], kind: str, target: str, field: str
) -> tuple[Fact, Facts]:
    """The fact, with where its person stands and what is in their hands. Raises BadField."""
    who = await bench.subject(person[0], Node.PERSON, field=person[1])
    world = Joined(
        [await bench.facts.standing(dict([who])), await bench.facts.around(dict([who]), into=("HELD_BY",))]
    )
    for fact in in_force(world.out(who[0], kind), bench.occurred):
        if fact.target == target:
            return fact, world
    raise BadField(field, "not-so", value=target)


def _ending(bench: Bench, fact: Fact, world: Facts) -> Draft:
    draft = Draft(fact.source, bench.occurred)
    draft.end(fact, world)
    return draft
