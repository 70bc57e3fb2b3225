"""What is counted while Zhixi serves: requests by the template of their route, never by what stands in it.

Who asked what is itself secret: no label holds an id, a name, a title, a person or an address.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from graph.errors import Unavailable

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""
SERVICES = ("database", "graph", "vault", "anchors")


class Meter:
    """One per application: two in one process do not add up each other's requests."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a route was first asked is nobody's business; the library keeps this once per process
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "zhixi_request_seconds",
            "Requests answered and how long each took, by the template of their route",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._unavailable = Counter(
            "zhixi_unavailable", "Requests that ended because a service did not answer", ("service",),
            registry=self._registry,
        )  # fmt: skip
        for service in SERVICES:
            self._unavailable.labels(service)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).observe(seconds)

    async def failed(self, error: Exception, _scope: Scope) -> None:
        if isinstance(error, Unavailable) and error.service in SERVICES:
            self._unavailable.labels(error.service).inc()

    def text(self, standing: Iterable[Metric]) -> bytes:
        """Everything counted, and how the house stands at this moment."""
        now = CollectorRegistry()
        now.register(_Now(tuple(standing)))
        return generate_latest(self._registry) + generate_latest(now)


class Measuring(ASGIMiddleware):
    """Around every route that there is; a path that is no route's is not counted, since it would be a label."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        began = time.perf_counter()
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, sent)
        finally:
            method, route = str(scope.get("method")), scope["path_template"]
            self._meter.answered(method, route, status, time.perf_counter() - began)


class _Now:
    def __init__(self, families: tuple[Metric, ...]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"zhixi_{name}", meaning, value=value)


def by(name: str, meaning: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    """One gauge of which there are several, told apart by a label of a closed set."""
    family = GaugeMetricFamily(f"zhixi_{name}", meaning, labels=[label])
    for each, value in values:
        family.add_metric([each], value)
    return family
