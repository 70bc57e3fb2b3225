"""Places and containers: where things are kept, and by whom keys are held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.levels import LEVELS
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Patch, act, one_of, subject_row
from storage.entry import Body
from storage.tables.catalogue import Subject

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")


class AddPlace(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A building or room. `accredited_for` makes it a compliant office for that level (S03-4.2a)."""

    name: Name
    name_en: str = ""
    part_of: Id | None = None
    accredited_for: str | None = None
    secret_room: bool = False
    machine_room: bool = False
    id: Id | None = None


def project_place(params: AddPlace, body: Body) -> Iterable[Change]:
    yield subject_row(
        body.result["place"],
        Node.PLACE,
        params.name,
        body,
        name_en=params.name_en,
        parent=params.part_of or "",
    )


@act("add-place", AddPlace, register="places", zh="登记场所", en="Register a place", by=OFFICER, project=project_place,
     examples=({"name": "R210 办公室", "accredited_for": "secret"},))  # fmt: skip
async def add_place(params: AddPlace, bench: Bench) -> Draft:
    parent = bench.own
    if params.part_of:
        parent = await bench.subject(params.part_of, Node.PLACE, field="part_of")
    id_ = await bench.new_id(params.id, Node.PLACE)
    draft = Draft(id_, bench.occurred)
    place = (draft.node(id_, Node.PLACE), Node.PLACE.value)
    draft.begin("PART_OF", place, parent)
    if params.secret_room:
        draft.begin("SECRET_ROOM_OF", place, bench.own)
    if params.machine_room:
        draft.begin("MACHINE_ROOM_OF", place, bench.own)
    accredit_for(draft, place, params.accredited_for)
    draft.result = {"place": id_}
    return draft


class AddContainer(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A safe or cabinet in a place."""

    name: Name
    kept_in: Id
    accredited_for: str | None = None
    id: Id | None = None


def project_container(params: AddContainer, body: Body) -> Iterable[Change]:
    yield subject_row(body.result["container"], Node.CONTAINER, params.name, body, parent=params.kept_in)


@act("add-container", AddContainer, register="places", zh="登记保密柜", en="Register a container", by=OFFICER,
     project=project_container, examples=({"name": "B1", "kept_in": "R301", "accredited_for": "top-secret"},))  # fmt: skip
async def add_container(params: AddContainer, bench: Bench) -> Draft:
    place = await bench.subject(params.kept_in, Node.PLACE, field="kept_in")
    id_ = await bench.new_id(params.id, Node.CONTAINER)
    draft = Draft(id_, bench.occurred)
    box = (draft.node(id_, Node.CONTAINER), Node.CONTAINER.value)
    draft.begin("KEPT_IN", box, place)
    accredit_for(draft, box, params.accredited_for)
    draft.result = {"container": id_}
    return draft


class HandOverKey(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person is given a key or the code of a room or container; `back` takes it from them again."""

    person: Id
    thing: Id
    back: bool = False


@act("hand-over-key", HandOverKey, register="keys", zh="交接钥匙", en="Hand over a key", by=(*OFFICER, "CUSTODIAN_OF"),
     rules=("S03-5.1b", "P-role"), examples=({"person": "p23", "thing": "B1"},))  # fmt: skip
async def hand_over_key(params: HandOverKey, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    thing = await bench.subject(params.thing, Node.PLACE, Node.CONTAINER, field="thing")
    world = await bench.facts.around({person[0]: person[1]})
    held = [
        fact
        for fact in in_force(world.out(person[0], "HOLDS_KEY"), bench.occurred)
        if fact.target == thing[0]
    ]
    if bool(held) is not params.back:
        raise BadField("thing", "not-so" if params.back else "already-so", value=thing[0])
    draft = Draft(thing[0], bench.occurred)
    for fact in held:
        draft.end(fact, world)
    if not params.back:
        draft.begin("HOLDS_KEY", person, thing)
    draft.rules.append("S03-5.1b")
    return draft


class Rename(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name for a department, post, place, container or outside organisation."""

    subject: Id
    name: Name
    name_en: str | None = None


def project_rename(params: Rename, body: Body) -> Iterable[Change]:
    values = {"name": params.name} | ({} if params.name_en is None else {"name_en": params.name_en})
    yield Patch(Subject, params.subject, values)


@act("rename", Rename, register="structure", zh="更名", en="Rename", by=(*OFFICER, "OFFICE_OF"), project=project_rename,
     examples=({"subject": "dept1", "name": "业务一处"},))  # fmt: skip
async def rename(params: Rename, bench: Bench) -> Draft:
    await bench.subject(
        params.subject,
        Node.DEPARTMENT,
        Node.POST,
        Node.PLACE,
        Node.CONTAINER,
        Node.ORGANISATION,
        field="subject",
    )
    return Draft(params.subject, bench.occurred)


def accredit_for(
    draft: Draft,
    thing: tuple[str, str],
    level: str | None,
    *,
    field: str = "accredited_for",
    shared: bool = False,
) -> None:
    """`shared`: the device serves other matters too (S02-16b)."""
    if level is not None:
        one_of(field, level, LEVELS)
        draft.begin(
            "ACCREDITED_FOR", thing, (level, Node.LEVEL.value), details={"shared": True} if shared else {}
        )
