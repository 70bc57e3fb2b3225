"""Posted forms: fields read once, everything wrong with them shown beside them, with rule id and clause."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request

from api import auth, errors, show
from api.pages.seat import Seat
from api.texts import Language, text
from graph.errors import BadInput, Conflict, FieldError, Refused, ZhixiError
from storage.office import Outcome

Json = dict[str, Any]
MENDED_HERE = {"mark", "distribute"}
"""Remedies that filling in the field is: beside it they would say nothing."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field, and by which rules."""

    message: str
    rules: tuple[Json, ...] = ()
    remedy: Json | None = None


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing was entered: `fields` beside the fields, `reasons` that belong to none of them."""

    title: str
    status: int
    fields: dict[str, list[Fault]] = {}
    reasons: tuple[Json, ...] = ()

    def of(self, field: str) -> list[Fault]:
        return self.fields.get(field, [])


class Form:
    """The values of a form, sent or blank. `faults` gather while they are read."""

    def __init__(self, values: Mapping[str, Sequence[str]] | None = None) -> None:
        self._values = dict(values or {})
        self.errors: list[FieldError] = []
        self.key = self.text("key") or secrets.token_urlsafe(18)

    @classmethod
    async def sent(cls, request: Request[Any, Any, Any]) -> Form:
        return cls(await auth.form_of(request))

    def text(self, name: str) -> str:
        return self._values.get(name, [""])[0].strip()

    def secret(self, name: str) -> str:
        """A password: what was typed, to the last blank."""
        return self._values.get(name, [""])[0]

    def many(self, name: str) -> list[str]:
        return [value for value in self._values.get(name, []) if value.strip()]

    def has(self, name: str) -> bool:
        return name in self._values

    def number(self, name: str) -> int | None:
        typed = self.text(name)
        if not typed:
            return None
        if typed.isdecimal() and typed.isascii() and len(typed) < 12:
            return int(typed)
        self.errors.append(FieldError(name, "not-a-number", value=typed))
        return None

    def required(self, name: str) -> str:
        found = self.text(name)
        if not found:
            self.errors.append(FieldError(name, "missing"))
        return found

    def check(self) -> None:
        """Raises BadInput with everything that was unreadable."""
        if self.errors:
            raise BadInput(self.errors)


def given(**values: Any) -> Json:
    """Parameters of an act, those left empty left out."""
    return {name: value for name, value in values.items() if value not in (None, "", [], ())}


async def enter(
    seat: Seat, act: str, params: Mapping[str, Any], form: Form, fields: Mapping[str, str] | None = None,
    secret: Mapping[str, str] | None = None,
) -> Outcome | Faults:  # fmt: skip
    """Do one act for a form. `fields` says beside which field a reason's code or an error's field is shown."""
    try:
        form.check()
        return await seat.wiring.office.do(seat.person, act, params, key=form.key, secret=secret)
    except (BadInput, Conflict) as error:
        return faults(error, seat.language, fields or {})
    except Refused as error:
        names = await show.names_in(error.reasons, seat.viewer)
        return faults(error, seat.language, fields or {}, names)


def faults(
    error: ZhixiError, language: Language, fields: Mapping[str, str] | None = None, names: Json | None = None
) -> Faults:
    """`names` are those of the nodes that a refusal's reasons speak of."""
    beside = fields or {}
    problem = errors.problem(error, language, names or {})
    found: dict[str, list[Fault]] = {}
    apart: list[Json] = []
    for each in problem.errors:
        name = str(each["field"])
        stem = name.partition("[")[0]
        place = beside.get(name) or beside.get(stem) or beside.get(stem.rpartition(".")[2]) or stem
        found.setdefault(place, []).append(Fault(message=each["message"]))
    for reason in problem.reasons:
        field = beside.get(reason["code"])
        if field is None:
            apart.append(reason)
            continue
        remedy = reason.get("remedy")
        fault = Fault(
            message=reason["text"][language],
            rules=tuple(reason["rules"]),
            remedy=remedy if remedy and remedy["code"] not in MENDED_HERE else None,
        )
        found.setdefault(field, []).append(fault)
    title = problem.title if not isinstance(error, Conflict) else text(language, "page.form.entered-before")
    return Faults(title=title, status=problem.status, fields=found, reasons=tuple(apart))


def amiss(field: str, code: str, language: Language, **values: object) -> Faults:
    """One field that a page itself found wrong."""
    return faults(BadInput([FieldError(field, code, **values)]), language)
