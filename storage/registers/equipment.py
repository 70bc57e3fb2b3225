"""Equipment: terminals enrolled, and things found to meet the standard for a level (S02-15, S02-16)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.person import in_force
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, subject_row
from storage.entry import Body
from storage.registers.places import accredit_for
from storage.tables.catalogue import Device

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")


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
    accredit_for(draft, device, params.accredited_for)
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
    accredit_for(draft, thing, params.level, field="level")
    draft.rules += ["S02-15a", "S02-15c"]
    return draft
