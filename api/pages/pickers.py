"""Choosing people, departments and posts in a form: what is chosen stays, what is looked for is offered beside it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from api import show
from api.pages import lists
from api.pages.forms import Form
from api.pages.lists import Option
from api.pages.seat import Seat
from graph.kinds import Node
from storage.lines import PersonLine

OFFERED = 12


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One person, department or post that is or may be chosen; `sub` tells namesakes apart."""

    id: str
    name: dict[str, Any]
    sub: dict[str, str]


class Picker(msgspec.Struct, frozen=True, kw_only=True):
    """`groups` are ticked where they stand; `chosen` people and others were found before, `found` are offered now."""

    field: str
    q: str
    groups: tuple[Option, ...]
    ticked: frozenset[str]
    chosen: tuple[Choice, ...]
    found: tuple[Choice, ...]
    one: bool = False


async def choices(people: list[PersonLine]) -> tuple[Choice, ...]:
    names = await show.names({group for each in people for group in each.departments})
    return tuple(
        Choice(
            id=each.id,
            name={"zh": each.name, "en": each.name},
            sub={
                language: " · ".join(
                    [each.staff_number, *(names[g][language] for g in each.departments if g in names)]
                )
                for language in ("zh", "en")
            },
        )
        for each in people
    )


async def picker(seat: Seat, field: str, form: Form, *, structure: bool = True, one: bool = False) -> Picker:
    """What a form has chosen under `field`, and who answers to what was typed into `field_q`."""
    q = form.text(f"{field}_q")
    wanted = list(dict.fromkeys(form.many(field)))
    groups: tuple[Option, ...] = ()
    if structure:
        groups = tuple(await lists.structure(await lists.own_unit(seat.wiring.database)))
    standing = {each.id for each in groups}
    others = [id_ for id_ in wanted if id_ not in standing]
    found = await choices(await seat.books.people(q, limit=OFFERED)) if q else ()
    return Picker(
        field=field,
        q=q,
        groups=groups,
        ticked=frozenset(wanted),
        chosen=await _chosen(others),
        found=tuple(each for each in found if each.id not in wanted),
        one=one,
    )


async def _chosen(ids: list[str]) -> tuple[Choice, ...]:
    names = await show.names(ids)
    shown = (Node.PERSON, Node.POST, Node.DEPARTMENT, Node.ORGANISATION)
    return tuple(
        Choice(id=id_, name=names[id_], sub={"zh": "", "en": ""})
        for id_ in ids
        if id_ in names and names[id_]["kind"] in shown
    )


@get("/people/options")
async def options(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    """The offered people alone, for a page that asks while it is typed into."""
    field = str(request.query_params.get("field", ""))
    q = str(request.query_params.get(f"{field}_q", "")).strip()
    found = await choices(await seat.books.people(q, limit=OFFERED)) if q else ()
    return seat.render(
        "options.html", field=field, found=found, q=q, one=request.query_params.get("one") == "yes"
    )


HANDLERS = (options,)
