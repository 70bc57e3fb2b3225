"""A vetting as it is shown: the whole of it inside the leading group, outside it its conclusion alone (S02-5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.titles import WITHHELD

REGISTER = "vetting"
INSIDE = "LEADING_GROUP_OF"
OUTSIDE = frozenset(
    {"person", "procedure", "subject", "case", "step", "verdict", "conclusion", "state", "next", "by", "due", "responsible"}
)  # fmt: skip
"""What of a line of its book everybody reads who reads the book."""


def conclusion_alone(said: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the book, or a form, without the four heads and the record."""
    return {name: _outside(name, value) for name, value in said.items()}


def _outside(name: str, value: Any) -> Any:
    if name == "form" and isinstance(value, Mapping):
        return conclusion_alone(value)
    return value if name in OUTSIDE or value in ("", None) else WITHHELD
