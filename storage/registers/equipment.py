"""Equipment: terminals enrolled, and things found to meet the standard for a level (S02-15, S02-16)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.facts import Overlay, World
from graph.kinds import Node
from graph.law.equipment import Registration, checked_if_imported, registered_in_full
from graph.law.levels import LEVELS
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, one_of, subject_row
from storage.entry import Body
from storage.registers.places import accredit_for
from storage.tables.catalogue import Device

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")


class EnrolDevice(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A terminal enrolled once for a room and a level. `key_sha256` is the digest of the key it presents.

    It enters the register as any other equipment: with who answers for it, its level and its serial. `check` names the report
    of the security check of an imported one.
    """

    name: Name
    place: Id
    key_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    accredited_for: str | None = None
    owner: Id | None = None
    serial: str = ""
    imported: bool = False
    check: str = ""
    id: Id | None = None


def project_device(params: EnrolDevice, body: Body) -> Iterable[Change]:
    device = body.result["device"]
    yield subject_row(device, Node.DEVICE, params.name, body, parent=params.place)
    yield Put(
        Device,
        {"id": device, "place": params.place, "key_sha256": params.key_sha256, "serial": params.serial},
    )


@act("enrol-device", EnrolDevice, register="equipment", zh="登记终端", en="Enrol a terminal", by=OFFICER,
     rules=("S02-16a", "P-role"), project=project_device,
     examples=({"name": "T210", "place": "R210", "accredited_for": "secret", "owner": "p05", "serial": "ZD-0210",
                "key_sha256": hashlib.sha256(b"example").hexdigest()},))  # fmt: skip
async def enrol_device(params: EnrolDevice, bench: Bench) -> Draft:
    """S02-16a, S02-15b: to enrol a terminal is to register it and to put it in use."""
    told = Registration(params.owner or "", params.accredited_for or "", params.serial, params.place)
    reasons = registered_in_full(told)
    bench.refuse(reasons)
    place = await bench.subject(params.place, Node.PLACE, field="place")
    owner = await bench.subject(told.owner, Node.PERSON, field="owner")
    if await Device.exists().where(Device.key_sha256 == params.key_sha256):
        raise BadField("key_sha256", "number-taken", value="key")
    id_ = await bench.new_id(params.id, Node.DEVICE)
    draft = Draft(id_, bench.occurred)
    device = (draft.node(id_, Node.DEVICE), Node.DEVICE.value)
    draft.begin("ANSWERS_FOR", owner, device)
    draft.begin("ENROLLED_AT", device, place)
    accredit_for(draft, device, params.accredited_for)
    if params.imported:
        draft.begin("IMPORTED", device, bench.own)
    if params.check.strip():
        draft.begin("SECURITY_CHECKED", device, bench.own, details={"report": params.check.strip()})
    view = Overlay(World((), {}), draft.facts, (), draft.labels)
    unchecked = checked_if_imported(view, id_, bench.occurred)
    bench.refuse(unchecked)
    draft.rules += ["S02-15b", "S02-16a", "S02-6.3"]
    draft.result = {"device": id_}
    return draft


class Accredit(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device, place or container is found to meet the standard for a level; null withdraws it.

    `shared`: a device that serves other matters too, and so none of 绝密 (S02-16b).
    """

    thing: Id
    level: str | None
    certificate: Name
    shared: bool = False


@act("accredit", Accredit, register="equipment", zh="登记达标", en="Accredit", by=OFFICER, rules=("S02-15a", "P-role"),
     examples=({"thing": "store", "level": "secret", "certificate": "测评字第3号"},))  # fmt: skip
async def accredit(params: Accredit, bench: Bench) -> Draft:
    thing = await bench.subject(params.thing, Node.DEVICE, Node.PLACE, Node.CONTAINER, field="thing")
    world = await bench.facts.around({thing[0]: thing[1]})
    bench.follows(world, thing, "ACCREDITED_FOR")
    draft = Draft(thing[0], bench.occurred)
    for fact in in_force(world.out(thing[0], "ACCREDITED_FOR"), bench.occurred):
        draft.end(fact, world)
    accredit_for(draft, thing, params.level, field="level", shared=params.shared)
    draft.rules += ["S02-15a", "S02-15c"]
    return draft


class RegisterEquipment(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A computer, medium or office machine enters the register; it is put in use by an act of its own."""

    name: Name
    serial: str = ""
    level: str = ""
    owner: Id | None = None
    location: Id | None = None
    imported: bool = False
    id: Id | None = None


def project_equipment(params: RegisterEquipment, body: Body) -> Iterable[Change]:
    yield subject_row(
        body.result["device"],
        Node.DEVICE,
        params.name,
        body,
        name_en=params.serial,
        parent=params.location or "",
    )


@act("register-equipment", RegisterEquipment, register="equipment", zh="登记设备", en="Register equipment", by=OFFICER,
     project=project_equipment, rules=("S02-16a", "P-role"),
     examples=({"name": "复印机", "serial": "FJ-07", "level": "secret", "owner": "p23", "location": "R301"},))  # fmt: skip
async def register_equipment(params: RegisterEquipment, bench: Bench) -> Draft:
    told = Registration(params.owner or "", params.level, params.serial, params.location or "")
    reasons = registered_in_full(told)
    bench.refuse(reasons)
    one_of("level", params.level, LEVELS)
    owner = await bench.subject(told.owner, Node.PERSON, field="owner")
    location = await bench.subject(told.location, Node.PLACE, Node.CONTAINER, field="location")
    id_ = await bench.new_id(params.id, Node.DEVICE)
    draft = Draft(id_, bench.occurred)
    device = (draft.node(id_, Node.DEVICE), Node.DEVICE.value)
    draft.begin("ANSWERS_FOR", owner, device)
    draft.begin("KEPT_IN", device, location)
    if params.imported:
        draft.begin("IMPORTED", device, bench.own)
    draft.rules += ["S02-16a", "S02-6.3"]
    draft.result = {"device": id_}
    return draft


class CheckImport(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Imported equipment has been checked, and by which report."""

    device: Id
    report: Name


@act("check-import", CheckImport, register="equipment", zh="登记安全检查", en="Record a security check", by=OFFICER,
     rules=("S02-15b", "P-role"), examples=({"device": "dev1", "report": "安检字第2号"},))  # fmt: skip
async def check_import(params: CheckImport, bench: Bench) -> Draft:
    device = await bench.subject(params.device, Node.DEVICE, field="device")
    draft = Draft(device[0], bench.occurred)
    draft.begin("SECURITY_CHECKED", device, bench.own, details={"report": params.report})
    draft.rules.append("S02-15b")
    return draft


class PutInUse(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Equipment is put in use in a department or place."""

    device: Id
    unit: Id


@act("put-in-use", PutInUse, register="equipment", zh="启用设备", en="Put equipment in use", by=OFFICER,
     rules=("S02-15a", "P-role"), examples=({"device": "dev1", "unit": "R301"},))  # fmt: skip
async def put_in_use(params: PutInUse, bench: Bench) -> Draft:
    """S02-15b refuses; S02-15a flags what has no certificate, on the unit's page until it has one."""
    device = await bench.subject(params.device, Node.DEVICE, field="device")
    unit = await bench.subject(params.unit, Node.DEPARTMENT, Node.PLACE, field="unit")
    world = await bench.facts.around({device[0]: device[1]})
    reasons = checked_if_imported(world, device[0], bench.occurred)
    bench.refuse(reasons)
    if any(fact.target == unit[0] for fact in in_force(world.out(device[0], "USED_IN"), bench.occurred)):
        raise BadField("unit", "already-so")
    draft = Draft(device[0], bench.occurred)
    draft.begin("USED_IN", device, unit)
    draft.rules += ["S02-15a", "S02-15b"]
    draft.result = {"certified": bool(in_force(world.out(device[0], "ACCREDITED_FOR"), bench.occurred))}
    return draft
