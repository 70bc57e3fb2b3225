"""Any act as a form made of its parameters: what has no page of its own is done here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import msgspec.inspect as types
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages import forms, outlook, view
from api.pages.forms import Faults, Form
from api.pages.outlook import Outlook
from api.pages.seat import Seat
from api.texts import Language, catalogue
from graph.errors import NotAvailable
from storage.act import ACTS, ActKind

LEFT_OUT = frozenset({"id", "ids", "occurred_at", "late", "decision", "on_behalf_of"})
"""What the system gives, and what every act carries beside its own parameters."""
OWN_HANDS = frozenset({"sign-for", "confirm-night"})
"""Acts of whoever takes a carrier or has it in hand: everybody's of the unit."""
ON_CARRIERS = ("carrier", "carriers", "of", "scanned")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a form. `kind`: text, number, yes, choice, list; `name` holds a dot inside a group."""

    name: str
    kind: str
    required: bool
    label: str
    options: tuple[tuple[str, str], ...] = ()
    on: bool = False


def fields(kind: ActKind, language: Language) -> tuple[Field, ...] | None:
    """The fields of an act's form; None where a form cannot say what the act needs."""
    try:
        return tuple(_fields(kind.params, language))
    except TypeError:
        return None


def _fields(struct: type[msgspec.Struct], language: Language, inside: str = "") -> Iterator[Field]:
    described = types.type_info(struct)
    assert isinstance(described, types.StructType)  # noqa: S101  (parameters of acts are structs)
    for each in described.fields:
        name = f"{inside}{each.encode_name}"
        if name in LEFT_OUT:
            continue
        kinds = _kinds(each.type)
        if any(isinstance(one, types.StructType) for one in kinds):
            group = next(one for one in kinds if isinstance(one, types.StructType))
            yield from _fields(group.cls, language, f"{name}.")
            continue
        yield _field(name, each, kinds, language)


def _field(name: str, each: types.Field, kinds: tuple[types.Type, ...], language: Language) -> Field:
    """Raises TypeError for what no field of a form holds."""
    known = catalogue(language)
    label = known.get(f"column.{name.rpartition('.')[2]}", name)
    for one in kinds:
        if isinstance(one, types.LiteralType):
            options = tuple((str(value), known.get(f"value.{value}", str(value))) for value in one.values)
            return Field(name=name, kind="choice", required=each.required, label=label, options=options)
        if isinstance(one, types.BoolType):
            return Field(name=name, kind="yes", required=False, label=label, on=each.default is True)
        if isinstance(one, types.IntType):
            return Field(name=name, kind="number", required=each.required, label=label)
        if isinstance(one, types.VarTupleType) and any(
            isinstance(of, types.StrType) for of in _kinds(one.item_type)
        ):
            return Field(name=name, kind="list", required=each.required, label=label)
        if isinstance(one, types.StrType):
            return Field(name=name, kind="text", required=each.required, label=label)
    raise TypeError(name)


def _kinds(described: types.Type) -> tuple[types.Type, ...]:
    if isinstance(described, types.Metadata):
        return _kinds(described.type)
    if isinstance(described, types.UnionType):
        return tuple(each for member in described.types for each in _kinds(member))
    return (described,)


def offered(seat: Seat) -> list[ActKind]:
    """The acts whose hands the person has and that a form can say, in the order of their registers."""
    found = [
        kind
        for kind in ACTS.values()
        if kind.public
        and (kind.name in OWN_HANDS or seat.roles.intersection((*kind.by, *kind.decided_by)))
        and fields(kind, seat.language) is not None
    ]
    return sorted(found, key=lambda kind: (kind.register, kind.name))


def on_carrier(seat: Seat) -> list[tuple[ActKind, str]]:
    """Those that are about a carrier, each with the field that names it."""
    return [
        (kind, next(name for name in ON_CARRIERS if name in kind.params.__struct_fields__))
        for kind in offered(seat)
        if set(ON_CARRIERS) & set(kind.params.__struct_fields__)
    ]


@get("/acts")
async def every(seat: NamedDependency[Seat]) -> Response[str]:
    return seat.render("acts.html", acts=offered(seat))


@get("/acts/{act:str}")
async def blank(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], act: FromPath[str]
) -> Response[str]:
    """Fields named in the address are filled in."""
    kind = _kind(seat, act)
    given = {
        name: [request.query_params[name]]
        for name in kind.params.__struct_fields__
        if name in request.query_params
    }
    return _page(seat, kind, Form(given), None, fresh=True, done=request.query_params.get("done", ""))


@post("/acts/{act:str}")
async def enter(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], act: FromPath[str]
) -> Response[str]:
    kind = _kind(seat, act)
    form = await Form.sent(request)
    params = _params(fields(kind, seat.language) or (), form)
    params |= forms.given(occurred_at=form.text("occurred_at"), late=form.text("late"))
    if form.has(outlook.ASKED) and seat.draws:
        looked = await outlook.foreseen(seat, act, params, form)
        return _page(seat, kind, form, looked, fresh=False)
    came = await forms.enter(seat, act, params, form)
    if isinstance(came, Faults):
        return _page(seat, kind, form, came, fresh=False)
    return view.to(f"/acts/{act}?done={came.ref}")


def _kind(seat: Seat, act: str) -> ActKind:
    """Raises NotAvailable for an act that is not the person's to do here."""
    kind = ACTS.get(act)
    if kind is None or kind not in offered(seat):
        raise NotAvailable
    return kind


def _params(wanted: tuple[Field, ...], form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in wanted:
        group, _, leaf = each.name.rpartition(".")
        into = found.setdefault(group, {}) if group else found
        value: Any = form.text(each.name)
        if each.kind == "yes":
            into[leaf] = form.has(each.name)
            continue
        if each.kind == "number":
            value = form.number(each.name)
        elif each.kind == "list":
            value = [one for one in form.text(each.name).split() if one]
        if value not in (None, "", []):
            into[leaf] = value
    return found


def _page(
    seat: Seat, kind: ActKind, form: Form, came: Faults | Outlook | None, *, fresh: bool, done: str = ""
) -> Response[str]:  # fmt: skip
    faults = came if isinstance(came, Faults) else None
    return seat.render(
        "act.html",
        status=faults.status if faults else 200,
        outlook=came if isinstance(came, Outlook) else None,
        what=kind,
        fields=fields(kind, seat.language),
        form=form,
        faults=faults,
        fresh=fresh,
        done=done,
    )


HANDLERS = (every, blank, enter)
