"""Reports: the allowance list by level (S01-17.5), and a rule with its regulation and its interpretations (S01-1, S01-19)."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api import show
from graph.errors import NotAvailable
from graph.law.regulation import UnknownRule, load
from graph.times import parse, to_datetime, to_text
from storage.accounts import SignedIn
from storage.reports import Reports

Json = dict[str, Any]


@get("/reports/allowances", summary="Active cleared persons of a month, by level and day (S01-17.5)")
async def allowances(
    request: Request[Any, Any, Any],
    ready: NamedDependency[SignedIn],
    month: Annotated[str, QueryParameter(pattern=r"^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$")],
) -> Json:
    """For the leading group and the security officer. `days` counts both ends. Complete: nobody is left out."""
    first = to_datetime(parse(f"{month}-01", field="month")).date()
    found = await Reports(request.app.state.wiring).allowances(ready.person, first)
    return {
        "month": month,
        "lines": [
            {"person": each.person, "level": each.level, "first": each.first.isoformat(), "last": each.last.isoformat(),
             "days": each.days}
            for each in found
        ],
        "complete": True,
        "names": await show.names({each.person for each in found}),
    }  # fmt: skip


@get(
    "/rules/{rule:str}",
    summary="A rule: its regulation, basis, issuer and dates, and how the leading group reads it",
)
async def rule(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], rule: FromPath[str]
) -> Json:
    try:
        shown = show.clause(rule)
    except UnknownRule:
        raise NotAvailable from None
    regulation = load().regulation_of(rule)
    reports = Reports(request.app.state.wiring)
    readings = await reports.interpretations(rule)
    return {
        **shown,
        "basis": {"zh": regulation.basis, "en": regulation.basis_en},
        "issuer": {"zh": regulation.issuer, "en": regulation.issuer_en},
        "in_force_from": (await reports.in_force_from(rule)).isoformat(),
        "interpretations": readings,
        "names": await show.names({each["by"] for each in readings}),
        "at": to_text(reports.now),
    }


router = Router(path="/", route_handlers=[allowances, rule], tags=["reports"])
