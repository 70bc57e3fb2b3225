"""Every page under one router: the seat they share, and errors that are pages too."""

from __future__ import annotations

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.static_files import create_static_files_router

from api.pages import (
    accounts,
    acts,
    carriers,
    cases,
    decisions,
    desk,
    documents,
    filing,
    findings,
    paper,
    paths,
    people,
    pickers,
    reach,
    readings,
    registering,
    registers,
    scans,
    search,
    session,
    view,
)
from api.pages.seat import provide_seat

PAGES = (
    session, desk, filing, search, registering, documents, carriers, decisions, scans, readings, pickers, people, paths, reach,
    findings, cases, registers, paper, acts, accounts,
)  # fmt: skip

router = Router(
    path="/",
    route_handlers=[handler for page in PAGES for handler in page.HANDLERS],
    dependencies={"seat": Provide(provide_seat)},
    include_in_schema=False,
)


def static() -> Router:
    """Our own style and scripts, and what the client's build put beside them."""
    return create_static_files_router(
        path="/static",
        directories=[view.ASSETS, view.BUILT],
        cache_control=CacheControlHeader(max_age=86_400, public=True),
    )
