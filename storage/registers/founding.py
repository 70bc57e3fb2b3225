"""启用: the first entry. Names the unit, its calendar and opening date, and the first people with their roles.

At the start nobody is vetted and the law would refuse everyone, so those named in appointment papers are entered once,
over two signatures (registry.md, day one).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from graph.errors import BadField
from graph.kinds import RELATIONS, ROLES, Node
from graph.law.levels import LEVELS
from graph.law.regulation import LISTS, load
from graph.times import Instant, parse
from storage.accounts import KEEPERS, LOGIN_PATTERN
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, act, setting_row, subject_row
from storage.calendar import Calendar
from storage.entry import Body
from storage.figures import START, day_of
from storage.registers.people import person_rows

SYSTEM = "system"
"""The named actor as which the founding is entered and workers act."""


class Appointment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role from an appointment paper. `over` is the unit where it is left out."""

    role: str
    paper: str
    over: str | None = None
    seat: str | None = None


class FirstPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With a `login` the person has an account from the first day: somebody has to open the others'."""

    id: str
    name: str
    staff_number: str = ""
    login: str = ""
    appointments: tuple[Appointment, ...] = ()


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str
    name_en: str = ""


class Store(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The system's own store, a device like any other: accredited for a level, or for none (S02-15c)."""

    id: str = "store"
    name: str = "电子库"
    accredited_for: str | None = None


class Found(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The founding. `opening` is an ISO date before which nothing can have happened; `starts` are dates of regulations."""

    organisation: Unit
    opening: str
    people: tuple[FirstPerson, ...]
    signatories: tuple[str, ...]
    calendar: Calendar = Calendar()
    store: Store = Store()
    starts: dict[str, str] = msgspec.field(default_factory=dict)
    settings: dict[str, str] = msgspec.field(default_factory=dict)


def opens_accounts(params: Found) -> bool:
    """Whether one of those who will have an account may open the others'."""
    return any(
        person.login and each.role in KEEPERS for person in params.people for each in person.appointments
    )


def project(params: Found, body: Body) -> Iterable[Change]:
    unit = params.organisation
    yield subject_row(unit.id, Node.ORGANISATION, unit.name, body, name_en=unit.name_en)
    for level in LEVELS.values():
        yield subject_row(level.id, Node.LEVEL, level.zh, body, name_en=level.en, ordering=-level.rank)
    yield subject_row(params.store.id, Node.DEVICE, params.store.name, body)
    for ordering, person in enumerate(params.people):
        yield from person_rows(person.id, person.name, person.staff_number, "", ordering, body)
    yield setting_row("organisation", unit.id)
    yield setting_row("opening", str(_opening(params)))
    yield setting_row("store", params.store.id)
    yield setting_row("calendar", msgspec.json.encode(params.calendar, order="sorted").decode())
    for id_, start in params.starts.items():
        yield setting_row(f"{START}{id_}", start)
    for name, value in params.settings.items():
        yield setting_row(f"unit.{name}", value)


def _opening(params: Found) -> Instant:
    return parse(params.opening, field="opening")


@act(
    "found", Found, register="founding", zh="启用", en="Found the registry", by=("FOUNDER",),
    rules=("P-founding",), project=project, public=False,
)  # fmt: skip
async def found(params: Found, bench: Bench) -> Draft:
    """Never reached through a door: `zhixi found` calls `drafted` on an empty ledger."""
    raise BadField("act", "already-founded")


def drafted(params: Found, now: Instant) -> Draft:
    """The founding entry's draft. Raises BadField."""
    _check(params, now)
    draft = Draft(params.organisation.id, _opening(params))
    own = (draft.node(params.organisation.id, Node.ORGANISATION), Node.ORGANISATION.value)
    for level in LEVELS.values():
        draft.node(level.id, Node.LEVEL)
    store = (draft.node(params.store.id, Node.DEVICE), Node.DEVICE.value)
    if params.store.accredited_for:
        draft.begin("ACCREDITED_FOR", store, (params.store.accredited_for, Node.LEVEL.value))
    for person in params.people:
        who = (draft.node(person.id, Node.PERSON), Node.PERSON.value)
        draft.begin("MEMBER_OF", who, own, details={"standing": "staff"})
        for appointment in person.appointments:
            details: dict[str, Any] = {"seat": appointment.seat} if appointment.seat else {}
            draft.begin(appointment.role, who, own, details=details)
    draft.result = {"organisation": params.organisation.id}
    draft.rules = ["P-founding"]
    return draft


def _check(params: Found, now: Instant) -> None:
    params.calendar.check()
    if _opening(params) > now:
        raise BadField("opening", "in-the-future")
    load().begun({id_: day_of(text, f"starts.{id_}") for id_, text in params.starts.items()})
    for id_ in LISTS & params.starts.keys():
        if parse(params.starts[id_], field=f"starts.{id_}") > _opening(params):
            raise BadField(f"starts.{id_}", "not-by-the-opening", value=params.starts[id_])
    ids = [params.organisation.id, params.store.id, *(person.id for person in params.people), *LEVELS]
    twice = {each for each in ids if ids.count(each) > 1}
    if twice:
        raise BadField("people", "id-taken", value=", ".join(sorted(twice)))
    for each in ids:
        if re.fullmatch(ID_PATTERN, each) is None:
            raise BadField("id", "bad-id", value=each)
    if params.store.accredited_for is not None and params.store.accredited_for not in LEVELS:
        raise BadField("store.accredited_for", "unknown-level", value=params.store.accredited_for)
    logins = [person.login for person in params.people if person.login]
    for at, person in enumerate(params.people):
        if person.login and re.fullmatch(LOGIN_PATTERN, person.login) is None:
            raise BadField(f"people[{at}].login", "bad-login", value=person.login)
        if person.login and logins.count(person.login) > 1:
            raise BadField(f"people[{at}].login", "number-taken", value=person.login)
        for n, appointment in enumerate(person.appointments):
            field = f"people[{at}].appointments[{n}]"
            if appointment.role not in ROLES or Node.ORGANISATION not in RELATIONS[appointment.role].targets:
                raise BadField(f"{field}.role", "not-in-list", allowed=", ".join(ROLES))
            if not appointment.paper.strip():
                raise BadField(f"{field}.paper", "missing")
    signed = set(params.signatories)
    if len(signed) < 2 or len(signed) != len(params.signatories):
        raise BadField("signatories", "two-different-signatories")
    if not signed <= {person.id for person in params.people}:
        raise BadField("signatories", "unknown-id", value=", ".join(sorted(signed)))
    roles = {each.role for person in params.people for each in person.appointments}
    for needed in ("LEADER_OF", "LEADING_GROUP_OF", "CUSTODIAN_OF", "SECURITY_OFFICER_OF", "OFFICE_OF"):
        if needed not in roles:
            raise BadField("people", "role-not-filled", role=needed)
