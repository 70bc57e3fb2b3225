"""A form's fields as sent → values as the case keeps them. Everything wrong is told with its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from graph.errors import BadField, BadInput, FieldError
from graph.law.procedure import STATE_LEVELS, Field
from storage.act import Bench, one_of

LONGEST = 4000
MOST = 2000


async def filled(fields: Iterable[Field], sent: Mapping[str, Any], bench: Bench) -> dict[str, Any]:
    """Raises BadInput with everything that is wrong."""
    known = {field.id: field for field in fields}
    errors = [FieldError(f"form.{name}", "unknown-field") for name in sent if name not in known]
    values: dict[str, Any] = {}
    for field in known.values():
        try:
            value = await _value(field, sent.get(field.id), bench)
        except BadField as bad:
            errors.extend(bad.errors)
            continue
        if value is not None:
            values[field.id] = value
    if errors:
        raise BadInput(errors)
    return values


async def _value(field: Field, sent: Any, bench: Bench) -> Any:
    name = f"form.{field.id}"
    if sent is None or sent in ("", []):
        if field.required:
            raise BadField(name, "missing")
        return None
    if not field.many:
        return await _single(field, name, sent, bench)
    if not isinstance(sent, list):
        raise BadField(name, "wrong-type", expected="list")
    if len(sent) > MOST:
        raise BadField(name, "not-between", low="1", high=str(MOST))
    if len({str(each) for each in sent}) != len(sent):
        raise BadField(name, "listed-twice")
    return [await _single(field, f"{name}[{n}]", each, bench) for n, each in enumerate(sent)]


async def _single(field: Field, name: str, sent: Any, bench: Bench) -> Any:
    if field.type == "number":
        if type(sent) is not int or sent < 0:
            raise BadField(name, "wrong-type", expected="int")
        return sent
    if field.type == "yes":
        if type(sent) is not bool:
            raise BadField(name, "wrong-type", expected="bool")
        return sent
    if not isinstance(sent, str) or len(sent) > LONGEST:
        raise BadField(name, "wrong-type", expected="str")
    if not sent.strip():
        raise BadField(name, "missing")
    if field.type == "level":
        return one_of(name, sent, STATE_LEVELS)
    if field.type == "choice":
        return one_of(name, sent, field.choices)
    if field.type == "date":
        return _day(name, sent)
    if field.type == "node":
        return (await bench.subject(sent, *field.nodes, field=name))[0]
    return sent


def _day(name: str, sent: str) -> str:
    try:
        return date.fromisoformat(sent).isoformat()
    except ValueError:
        raise BadField(name, "not-a-date", value=sent) from None
