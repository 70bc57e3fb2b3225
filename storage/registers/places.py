"""Places, containers and devices: key units, entry lists, accreditation, and where things are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.facts import Details
from graph.kinds import Node
from graph.law.levels import LEVELS
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Patch, Put, act, one_of, refusal, subject_row
from storage.entry import Body
from storage.tables.catalogue import Device, Subject

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
    _accredit(draft, place, params.accredited_for)
    draft.result = {"place": id_}
    return draft


class DesignateKeyUnit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key department or key location, with its principal, control area and first entry list (S02-3a)."""

    unit: Id
    principal: Id | None = None
    control_area: bool = False
    entry_list: tuple[Id, ...] = ()


@act("designate-key-unit", DesignateKeyUnit, register="key-units", zh="确定保密要害部门部位", en="Designate a key unit",
     by=OFFICER, decided_by=("LEADING_GROUP_OF",), paper=True, rules=("S02-3a",),
     examples=({"unit": "R301", "principal": "p01", "control_area": True, "entry_list": ["p03"]},))  # fmt: skip
async def designate_key_unit(params: DesignateKeyUnit, bench: Bench) -> Draft:
    unit = await bench.subject(params.unit, Node.DEPARTMENT, Node.PLACE, field="unit")
    location = unit[1] == Node.PLACE
    missing = [] if params.principal else ["principal"]
    if location:
        missing += [] if params.control_area else ["control_area"]
        missing += [] if params.entry_list else ["entry_list"]
    if missing:
        raise refusal(("S02-3a",), "key-unit-incomplete", missing=", ".join(missing))
    if await bench.standing(unit, "KEY_UNIT_OF"):
        raise BadField("unit", "already-so")
    principal = await bench.subject(params.principal or "", Node.PERSON, field="principal")
    draft = Draft(unit[0], bench.occurred)
    draft.begin("KEY_UNIT_OF", unit, bench.own, details={"control_area": params.control_area})
    if len(set(params.entry_list)) != len(params.entry_list):
        raise BadField("entry_list", "listed-twice")
    draft.begin("PRINCIPAL_OF", principal, unit)
    for n, each in enumerate(params.entry_list):
        person = await bench.subject(each, Node.PERSON, field=f"entry_list[{n}]")
        draft.begin("MAY_ENTER", person, unit)
    draft.rules += ["S02-3a", "S02-3b", "S02-13a"]
    return draft


class ChangeKeyUnit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The control area of a key unit is set, or found to exist no longer. Its principal changes by appoint and relieve."""

    unit: Id
    control_area: bool


@act("change-key-unit", ChangeKeyUnit, register="key-units", zh="变更安全控制区域", en="Change a key unit's control area",
     by=OFFICER, decided_by=("LEADING_GROUP_OF",), paper=True, rules=("S02-12",),
     examples=({"unit": "R301", "control_area": False},))  # fmt: skip
async def change_key_unit(params: ChangeKeyUnit, bench: Bench) -> Draft:
    """S02-12: without its control area a key location takes no new carriers."""
    unit = await bench.subject(params.unit, Node.DEPARTMENT, Node.PLACE, field="unit")
    world = await bench.facts.around({unit[0]: unit[1]})
    bench.follows(world, unit, "KEY_UNIT_OF")
    standing = in_force(world.out(unit[0], "KEY_UNIT_OF"), bench.occurred)
    if not standing:
        raise BadField("unit", "not-so", value=params.unit)
    if all(fact.details.get("control_area") is params.control_area for fact in standing):
        raise BadField("control_area", "already-so")
    draft = Draft(unit[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.begin("KEY_UNIT_OF", unit, bench.own, details={"control_area": params.control_area})
    draft.rules.append("S02-12")
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
    _accredit(draft, box, params.accredited_for)
    draft.result = {"container": id_}
    return draft


class EnrolDevice(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A terminal enrolled once for a room and a level. `key_sha256` is the digest of the key it presents."""

    name: Name
    place: Id
    key_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    accredited_for: str | None = None
    id: Id | None = None


def project_device(params: EnrolDevice, body: Body) -> Iterable[Change]:
    device = body.result["device"]
    yield subject_row(device, Node.DEVICE, params.name, body, parent=params.place)
    yield Put(Device, {"id": device, "place": params.place, "key_sha256": params.key_sha256})


@act("enrol-device", EnrolDevice, register="equipment", zh="登记终端", en="Enrol a terminal", by=OFFICER,
     rules=("S02-16a", "P-role"), project=project_device,
     examples=({"name": "T210", "place": "R210", "accredited_for": "secret",
                "key_sha256": hashlib.sha256(b"example").hexdigest()},))  # fmt: skip
async def enrol_device(params: EnrolDevice, bench: Bench) -> Draft:
    place = await bench.subject(params.place, Node.PLACE, field="place")
    if await Device.exists().where(Device.key_sha256 == params.key_sha256):
        raise BadField("key_sha256", "number-taken", value="key")
    id_ = await bench.new_id(params.id, Node.DEVICE)
    draft = Draft(id_, bench.occurred)
    device = (draft.node(id_, Node.DEVICE), Node.DEVICE.value)
    draft.begin("ENROLLED_AT", device, place)
    _accredit(draft, device, params.accredited_for)
    draft.rules.append("S02-16a")
    draft.result = {"device": id_}
    return draft


class Accredit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device, place or container is found to meet the standard for a level; null withdraws it."""

    thing: Id
    level: str | None
    certificate: Name


@act("accredit", Accredit, register="equipment", zh="登记达标", en="Accredit", by=OFFICER, rules=("S02-15a", "P-role"),
     examples=({"thing": "store", "level": "secret", "certificate": "测评字第3号"},))  # fmt: skip
async def accredit(params: Accredit, bench: Bench) -> Draft:
    thing = await bench.subject(params.thing, Node.DEVICE, Node.PLACE, Node.CONTAINER, field="thing")
    world = await bench.facts.around({thing[0]: thing[1]})
    bench.follows(world, thing, "ACCREDITED_FOR")
    draft = Draft(thing[0], bench.occurred)
    for fact in in_force(world.out(thing[0], "ACCREDITED_FOR"), bench.occurred):
        draft.end(fact, world)
    _accredit(draft, thing, params.level, field="level")
    draft.rules += ["S02-15a", "S02-15c"]
    return draft


class AdmitToList(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put a person on a place's entry list. Service workers name their pair (S02-14.3)."""

    person: Id
    place: Id
    pair: Id | None = None
    monitored: bool = False


@act("admit-to-list", AdmitToList, register="entry-lists", zh="列入进入人员范围", en="Add to an entry list",
     by=(*OFFICER, "PRINCIPAL_OF"), rules=("S02-13a", "P-role"),
     examples=({"person": "p15", "place": "R301", "pair": "p16", "monitored": True},))  # fmt: skip
async def admit_to_list(params: AdmitToList, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    place = await bench.subject(params.place, Node.PLACE, field="place")
    bench.about(person[0])
    await _answers_for(bench, place[0])
    if await bench.standing(person, "MAY_ENTER", target=place[0]):
        raise BadField("person", "already-so")
    details: Details = {}
    if params.pair:
        await bench.subject(params.pair, Node.PERSON, field="pair")
        if params.pair == params.person:
            raise refusal(("S02-14.3",), "two-different-persons")
        if not params.monitored:
            raise refusal(("S02-14.4",), "not-monitored")
        details = {"pair": params.pair, "monitored": True}
    draft = Draft(place[0], bench.occurred)
    draft.begin("MAY_ENTER", person, place, details=details)
    draft.rules.append("S02-13a")
    return draft


class StrikeFromList(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    place: Id


@act("strike-from-list", StrikeFromList, register="entry-lists", zh="移出进入人员范围", en="Strike from an entry list",
     by=(*OFFICER, "PRINCIPAL_OF"), rules=("S02-13a", "P-role"), examples=({"person": "p04", "place": "R301"},))  # fmt: skip
async def strike_from_list(params: StrikeFromList, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    await bench.subject(params.place, Node.PLACE, field="place")
    await _answers_for(bench, params.place)
    world = await bench.facts.around({person[0]: person[1]})
    standing = [
        fact
        for fact in in_force(world.out(person[0], "MAY_ENTER"), bench.occurred)
        if fact.target == params.place
    ]
    if not standing:
        raise BadField("place", "not-so", value=params.place)
    draft = Draft(params.place, bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    return draft


async def _answers_for(bench: Bench, place: str) -> None:
    """A principal keeps the list of the place they answer for, and of no other (S02-3b)."""
    held = await bench.roles_of(bench.actor, *OFFICER, "PRINCIPAL_OF")
    if not any(fact.kind in OFFICER or fact.target == place for fact in held):
        roles = ("PRINCIPAL_OF", *OFFICER)
        raise refusal(("S02-13a", "P-role"), "not-your-act", roles=",".join(roles))


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


def _accredit(
    draft: Draft, thing: tuple[str, str], level: str | None, *, field: str = "accredited_for"
) -> None:
    if level is not None:
        one_of(field, level, LEVELS)
        draft.begin("ACCREDITED_FOR", thing, (level, Node.LEVEL.value))
