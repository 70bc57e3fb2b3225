"""One step of an organisation: an act to be done, or the clock put to an instant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from graph.times import Instant


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One act to be done, or the clock put to an instant."""

    clock: Instant | None = None
    actor: str = ""
    act: str = ""
    params: dict[str, Any] = {}


def filled(params: Mapping[str, Any], each: str | None) -> dict[str, Any]:
    found = {name: each if value == "$each" else value for name, value in params.items()}
    if "key" in found:
        found["key_sha256"] = hashlib.sha256(str(found.pop("key")).encode()).hexdigest()
    return found
