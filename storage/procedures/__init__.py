"""The procedures as data, one TOML file each; `docs/procedures.md` explains the format."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from graph.law import departing, gates  # noqa: F401  (importing them fills the registry that definitions name)
from graph.law.procedure import BadProcedure, Procedure, read


@cache
def load() -> Mapping[str, Procedure]:
    """Every definition by its id. Raises BadProcedure."""
    found: dict[str, Procedure] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        procedure = read(file.read_text("utf-8"), file.name)
        if f"{procedure.id}.toml" != file.name:
            raise BadProcedure(f"{file.name} defines {procedure.id}")
        found[procedure.id] = procedure
    return MappingProxyType(found)
