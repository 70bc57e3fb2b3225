"""`create_app`: the one place where the doors are hung on the rooms."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from api import auth
from api import errors as problems
from api.http import (
    acts,
    cases,
    custody,
    findings,
    health,
    key_units,
    metrics,
    paper,
    questions,
    reach,
    readings,
    records,
    reports,
    search,
    session,
    tasks,
    uploads,
    whatif,
)
from api.metrics import Measuring, Meter
from api.openapi import Contract
from api.pages import errors
from api.pages import router as pages
from api.settings import Settings
from graph.errors import ZhixiError
from storage.accounts import MINUTE_MS, Accounts, Limits
from storage.books import Books
from storage.search import Index, Search
from storage.tasks import Tasks
from storage.wiring import Wiring


def create_app(wiring: Wiring, settings: Settings) -> Litestar:
    """The application over opened rooms; whoever opened them closes them."""
    limits = Limits(
        longest_ms=settings.http.session_hours * 60 * MINUTE_MS,
        idle_ms=settings.http.idle_minutes * MINUTE_MS,
    )
    books = Books(wiring.database, wiring.ledger, wiring.questions)
    meter = Meter()
    state = State(
        {
            "meter": meter,
            "wiring": wiring,
            "settings": settings,
            "accounts": Accounts(wiring.database, wiring.now, limits),
            "books": books,
            "search": Search(Index(wiring.database, wiring.key), books, wiring.questions),
            "tasks": Tasks(wiring.database, wiring.now),
        }
    )
    api = Router(
        path="/api/v1",
        route_handlers=[
            session.router,
            questions.router,
            reach.router,
            whatif.router,
            key_units.router,
            acts.router,
            cases.router,
            findings.router,
            records.router,
            custody.router,
            reports.router,
            paper.router,
            uploads.router,
            readings.router,
            search.router,
            tasks.router,
            health.router,
            metrics.router,
        ],
    )
    handlers: dict[Any, Any] = {
        ZhixiError: errors.handle,
        HTTPException: errors.handle_http,
        Exception: errors.handle_unforeseen,
    }
    return Litestar(
        route_handlers=[api, pages.router, pages.static()],
        state=state,
        dependencies={
            "signed_in": Provide(auth.provide_signed_in),
            "ready": Provide(auth.provide_ready),
        },
        exception_handlers=handlers,
        after_exception=[problems.name, meter.failed],
        middleware=[Measuring(meter)],
        logging_config=None,
        request_max_body_size=settings.http.largest_body,
        # pictures and downloads go as they are: a compressed range would be no range of the file
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=2000, exclude=["^/api/v1/readings/"]
        ),
        openapi_config=OpenAPIConfig(
            title="Zhixi",
            version="1",
            description="Who may know what, and why. Every refusal names its rules.",
            path="/api/v1/schema",
            render_plugins=[Contract()],
            components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        ),
    )
