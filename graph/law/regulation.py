"""The regulations as data: one TOML file each, checked as a whole and read once.

`basis` of a clause holds the marks of the extraction: P where a detail of how we hold it is ours, X where the founding
text is cut off there, Cnn a conflict as settled, Gnn a gap as read. Clauses of a regulation that is `ours` are no part
of the founding text and are never shown as if they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from graph.errors import BadField, Broken, Refused
from graph.law.verdict import Reason
from graph.times import FOREVER, Instant, start_of, to_datetime

Kind = Literal[
    "access", "scope", "approval", "register", "period", "quorum", "prohibition", "derived", "reminder",
    "report", "duty",
]  # fmt: skip
Unit = Literal["minutes", "hour-of-day", "days", "working-days", "months", "people", "carriers", "documents"]
BasisMark = Annotated[str, Meta(pattern=r"^([PTX]|[CG]\d\d)$")]
RegulationId = Annotated[str, Meta(pattern=r"^(S\d\d|P)$")]
RuleId = Annotated[str, Meta(pattern=r"^(S\d\d-\d+(\.\d+)*[a-z]?|P-[a-z]+)$")]
Text = Annotated[str, Meta(min_length=1)]
T = TypeVar("T")
Figures = Callable[[str], int]
"""A parameter of the regulations by its name, as the unit has set it. Raises UnknownParameter."""

LISTS = frozenset({"S03", "S17", "P"})
"""What may be known goes by lists, which these regulations keep: they bind from the opening on, or nobody could be let in [P]."""
WHOLE_UNIT = frozenset({"S01", "S02", "S03", "P"})
"""These bind the whole unit; the others the departments that the unit names (rules.md, section 2)."""
LARGEST_VALUE = 1000
"""Of any parameter that the seed does not bound: more is a slip of the pen."""


class BadRegulation(Broken):
    """A regulation's file cannot be read or contradicts itself; the message names the file or the id."""


class UnknownRule(Broken, KeyError):
    """No clause has this id."""


class UnknownParameter(Broken, KeyError):
    """No parameter has this name."""


class Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule, in our own words. `article` is its place in the regulation."""

    id: RuleId
    article: Text
    kind: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    basis: tuple[BasisMark, ...]
    brief_zh: Text
    brief_en: Text


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure that a unit may configure, never past the bound that `bound_by` draws. `ours`: the default is ours [P]."""

    default: Annotated[int, Meta(ge=1)]
    floor: Annotated[int, Meta(ge=1)] | None = None
    ceiling: Annotated[int, Meta(ge=1)] | None = None
    unit: Unit
    rule: RuleId
    bound_by: RuleId | None = None
    ours: bool = False
    brief_zh: Text
    brief_en: Text


class Regulation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`in_force_to` is the first day on which it binds no more. `assumed`: the text names no date, this one stands in."""

    id: RegulationId
    title: Text
    title_en: Text
    issuer: Text
    issuer_en: Text
    basis: Text
    basis_en: Text
    in_force_from: date
    in_force_to: date | None = None
    assumed: bool = False
    departments: Literal["all"] | tuple[Text, ...]
    ours: bool = False
    clauses: Annotated[tuple[Clause, ...], Meta(min_length=1)] = msgspec.field(name="clause")
    parameters: dict[str, Parameter] = msgspec.field(name="parameter", default_factory=dict)

    def binds(self, day: date) -> bool:
        return self.in_force_from <= day and (self.in_force_to is None or day < self.in_force_to)

    def binds_in(self, departments: AbstractSet[str]) -> bool:
        """Whether it binds somebody who stands in these departments."""
        return self.departments == "all" or not departments.isdisjoint(self.departments)


class Ruling(msgspec.Struct, frozen=True):
    """Since when, and until when, each regulation binds whose rules say who may know (S01-20)."""

    terms: tuple[tuple[str, Instant, Instant], ...] = ()

    def silent(self, at: Instant) -> frozenset[str]:
        """The regulations that do not bind at that instant: none of their rules is applied."""
        return frozenset(id_ for id_, since, until in self.terms if not since <= at < until)

    @property
    def instants(self) -> frozenset[Instant]:
        """When it changes."""
        return frozenset(instant for _, since, until in self.terms for instant in (since, until))


ALL_BIND = Ruling()
"""Every regulation, at any time."""


class Regulations(msgspec.Struct, frozen=True):
    """All regulations, their clauses by rule id and their parameters by name."""

    regulations: Mapping[str, Regulation]
    clauses: Mapping[str, Clause]
    parameters: Mapping[str, Parameter]

    def clause(self, rule_id: str) -> Clause:
        """Raises UnknownRule."""
        try:
            return self.clauses[rule_id]
        except KeyError:
            raise UnknownRule(rule_id) from None

    def regulation_of(self, rule_id: str) -> Regulation:
        """Raises UnknownRule."""
        return self.regulations[_home(self.clause(rule_id).id)]

    def in_force(self, rule_id: str, day: date) -> bool:
        """Whether the rule binds on that day (S01-20). Raises UnknownRule."""
        return self.regulation_of(rule_id).binds(day)

    def parameter(self, name: str) -> Parameter:
        """Raises UnknownParameter."""
        try:
            return self.parameters[name]
        except KeyError:
            raise UnknownParameter(name) from None

    def check(self, name: str, value: int) -> None:
        """Let a value pass that a unit may configure. Raises Refused past the seed's bound, BadField, UnknownParameter."""
        parameter = self.parameter(name)
        if parameter.bound_by is not None:
            if parameter.floor is not None and value < parameter.floor:
                raise _past_bound(parameter.bound_by, "below-floor", name, value, parameter.floor)
            if parameter.ceiling is not None and value > parameter.ceiling:
                raise _past_bound(parameter.bound_by, "above-ceiling", name, value, parameter.ceiling)
        most = 23 if parameter.unit == "hour-of-day" else LARGEST_VALUE
        if not 1 <= value <= most:
            raise BadField(name, "not-between", low="1", high=str(most))

    def begun(self, starts: Mapping[str, date]) -> Regulations:
        """The same with the dates that the unit gives, by id of the regulation. Raises BadField."""
        return self.applied(starts, {})

    def applied(self, starts: Mapping[str, date], bound: Mapping[str, tuple[str, ...]]) -> Regulations:
        """The same with the dates and the departments that the unit gives, by id of the regulation. Raises BadField."""
        unknown = (starts.keys() | bound.keys()) - self.regulations.keys()
        if unknown:
            raise BadField("starts", "unknown-id", value=", ".join(sorted(unknown)))
        here = {
            each.id: msgspec.structs.replace(
                each,
                in_force_from=starts.get(each.id, each.in_force_from),
                assumed=each.assumed and each.id not in starts,
                departments=bound.get(each.id, each.departments),
            )
            for each in self.regulations.values()
        }
        return Regulations(MappingProxyType(here), self.clauses, self.parameters)

    @property
    def ruling(self) -> Ruling:
        return Ruling(
            tuple(
                (
                    each.id,
                    start_of(each.in_force_from),
                    FOREVER if each.in_force_to is None else start_of(each.in_force_to),
                )
                for each in self.regulations.values()
                if each.id not in LISTS
            )
        )


def binding(
    reasons: Iterable[Reason],
    regulations: Regulations,
    at: Instant,
    departments: AbstractSet[str] = frozenset(),
) -> list[Reason]:
    """Reasons that rest on a rule in force at that instant, each with those rules alone: a rule binds from its date (S01-20).

    `departments` are those of the person bound: a regulation that names departments binds there and nowhere else.
    """
    day = to_datetime(at).date()
    found = []
    for reason in reasons:
        homes = {rule: regulations.regulation_of(rule) for rule in reason.rules}
        rules = tuple(rule for rule, home in homes.items() if home.binds(day) and home.binds_in(departments))
        if rules:
            found.append(msgspec.structs.replace(reason, rules=rules))
    return found


@cache
def load() -> Regulations:
    """Raises BadRegulation."""
    folder = resources.files("graph.law") / "regulations"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    return assemble(read(file.read_text("utf-8"), file.name) for file in files)


def by_default(name: str) -> int:
    """The figures of a unit that has set none. Raises UnknownParameter."""
    return load().parameter(name).default


def read(text: str, name: str) -> Regulation:
    """One file; unknown keys are refused. Raises BadRegulation."""
    try:
        return msgspec.toml.decode(text, type=Regulation)
    except msgspec.DecodeError as cause:
        raise BadRegulation(f"{name}: {cause}") from cause


def assemble(found: Iterable[Regulation]) -> Regulations:
    """Raises BadRegulation where an id or a name stands twice, or a parameter rests on no clause or breaks its bound."""
    regulations: dict[str, Regulation] = {}
    clauses: dict[str, Clause] = {}
    parameters: dict[str, Parameter] = {}
    for regulation in found:
        _add(regulations, regulation.id, regulation)
        for clause in regulation.clauses:
            if _home(clause.id) != regulation.id:
                raise BadRegulation(f"{clause.id} is no clause of {regulation.id}")
            _add(clauses, clause.id, clause)
        for name, parameter in regulation.parameters.items():
            _add(parameters, name, parameter)
    for name, parameter in parameters.items():
        _sound(name, parameter, clauses)
    return Regulations(MappingProxyType(regulations), MappingProxyType(clauses), MappingProxyType(parameters))


def _home(rule_id: str) -> str:
    return rule_id.partition("-")[0]


def _add(into: dict[str, T], key: str, value: T) -> None:
    if key in into:
        raise BadRegulation(f"{key} stands twice")
    into[key] = value


def _sound(name: str, parameter: Parameter, clauses: Mapping[str, Clause]) -> None:
    for rule_id in (parameter.rule, parameter.bound_by):
        if rule_id is not None and rule_id not in clauses:
            raise BadRegulation(f"{name} rests on {rule_id}, which is no clause")
    low, high = parameter.floor, parameter.ceiling
    if (parameter.bound_by is None) != (low is None and high is None):
        raise BadRegulation(f"{name}: a bound and the rule that draws it go together")
    if not (low or parameter.default) <= parameter.default <= (high or parameter.default):
        raise BadRegulation(f"{name}: the default is past its own bound")


def _past_bound(rule_id: str, code: str, name: str, value: int, bound: int) -> Refused:
    values = {"parameter": name, "value": str(value), "bound": str(bound)}
    return Refused([Reason((rule_id,), code, values)])
