"""Settings of the doors, and the whole of Zhixi's settings read from one mapping (`ZHIXI_…`), never at import."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.settings import GraphSettings
from storage.settings import StorageSettings


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: Annotated[
        str, Meta(description="Address to listen on; loopback unless a proxy stands in front")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one")] = 8000
    secure_cookies: Annotated[
        bool, Meta(description="Send cookies over HTTPS only; on behind a TLS proxy")
    ] = False
    session_hours: Annotated[int, Meta(ge=1, le=24, description="Hours a session lasts at most")] = 12
    idle_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=240,
            description="Minutes without use after which a session locks that is at no enrolled terminal",
        ),
    ] = 30
    largest_body: Annotated[
        int, Meta(ge=10_000, description="Largest JSON body in bytes; uploads stream past it")
    ] = 2_000_000
    metrics_token: Annotated[
        str,
        Meta(
            pattern=r"^$|^[!-~]{16,}$",
            description="What a monitor shows as its bearer token to read /api/v1/metrics; empty: nobody reads it",
        ),
    ] = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    home: Path
    graph: GraphSettings
    storage: StorageSettings
    http: HttpSettings
    broker: str
    task_lease_s: float = 120.0
    sweep_s: float = 21_600.0


NAMES: dict[str, str] = {
    "ZHIXI_HOME": "Folder of everything the embedded default keeps",
    "ZHIXI_DATABASE": "sqlite:///PATH or postgresql://… of the server's role; under the home where left out",
    "ZHIXI_DATABASE_OWNER": "PostgreSQL: address of the owner, for found and rebuild only",
    "ZHIXI_GRAPH": "embedded:PATH or bolt://user:password@host:port/database; under the home where left out",
    "ZHIXI_VAULT": "file:///PATH or http(s)://user:secret@host:port/bucket; under the home where left out",
    "ZHIXI_BROKER": "filesystem:PATH or amqp://…; under the home where left out",
    "ZHIXI_TASK_LEASE_S": "Seconds after which a task without a result is sent again",
    "ZHIXI_TASK_LONGEST_S": "Seconds after which a worker gives a task up; 1800 where left out",
    "ZHIXI_SWEEP_S": "Seconds from one moving aside of ended facts in the graph to the next; 21600 where left out",
    "ZHIXI_ROUND_S": "Seconds from one round of the clock to the next; 3600 where left out",
    "ZHIXI_KEY_FILE": "The organisation's key; under the home where left out, which is for trying out only",
    "ZHIXI_ANCHORS": "Folder of signed heads; under the home where left out, which is for trying out only",
    "ZHIXI_HOST": "Address to listen on",
    "ZHIXI_PORT": "Port to listen on",
    "ZHIXI_SECURE_COOKIES": "true behind a TLS proxy",
    "ZHIXI_SESSION_HOURS": "Hours a session lasts at most",
    "ZHIXI_IDLE_MINUTES": "Minutes without use after which a session locks that is at no enrolled terminal",
    "ZHIXI_METRICS_TOKEN": "Bearer token of 16 characters or more that a monitor reads /api/v1/metrics with; nobody reads it where left out",
    "ZHIXI_HEAP_MB": "Heap of the embedded graph engine, in megabytes",
    "ZHIXI_REPLICA_FACTS": "Versions of facts the server keeps in memory at most, about 1 KB each; 0 asks the graph every time",
}
CLIENT: dict[str, str] = {
    "ZHIXI_URL": "zhixi ask, act, sign-in: the server's address; http://127.0.0.1:8000 where left out",
    "ZHIXI_TOKEN": "zhixi ask, act: a session's token, in place of the one that sign-in kept",
    "ZHIXI_PASSWORD": "zhixi sign-in: the password, asked for where left out",
    "ZHIXI_REHEARSE_POSTGRES": "zhixi rehearse: address of the owner; SQLite where left out",
    "ZHIXI_REHEARSE_POSTGRES_SERVER": "zhixi rehearse: address of the server's role on the same database",
    "ZHIXI_REHEARSE_GRAPH": "zhixi rehearse: address of an empty graph; the embedded engine where left out",
    "ZHIXI_REHEARSE_VAULT": "zhixi rehearse: address of a bucket; a folder where left out",
}
"""What only the commands read that ask a server, or rehearse in a house of their own."""


def read(mapping: Mapping[str, str]) -> Settings:
    """Settings from a mapping such as the environment. Raises BadField naming the setting."""
    for name in mapping:
        if name.startswith("ZHIXI_") and name not in NAMES | CLIENT and not name.startswith("ZHIXI_TEST_"):
            raise BadField(name, "unknown-field")
    home = Path(mapping.get("ZHIXI_HOME", ".zhixi")).absolute()

    def given(name: str, default: str) -> str:
        return mapping.get(name) or default

    storage = {
        "database": given("ZHIXI_DATABASE", f"sqlite://{home}/zhixi.sqlite"),
        "database_owner": given("ZHIXI_DATABASE_OWNER", ""),
        "vault": given("ZHIXI_VAULT", f"file://{home}/vault"),
        "key_file": given("ZHIXI_KEY_FILE", str(home / "organisation.key")),
        "anchors": given("ZHIXI_ANCHORS", str(home / "anchors")),
    }
    graph = {
        "url": given("ZHIXI_GRAPH", f"embedded:{home}/graph"),
        "heap_mb": given("ZHIXI_HEAP_MB", "512"),
        "replica_facts": given("ZHIXI_REPLICA_FACTS", "2000000"),
    }
    http = {
        field: mapping[name]
        for name, field in (
            ("ZHIXI_HOST", "host"), ("ZHIXI_PORT", "port"), ("ZHIXI_SECURE_COOKIES", "secure_cookies"),
            ("ZHIXI_SESSION_HOURS", "session_hours"), ("ZHIXI_IDLE_MINUTES", "idle_minutes"),
            ("ZHIXI_METRICS_TOKEN", "metrics_token"),
        )
        if mapping.get(name)
    }  # fmt: skip
    return Settings(
        home=home,
        graph=_struct(GraphSettings, graph),
        storage=_struct(StorageSettings, storage),
        http=_struct(HttpSettings, http),
        broker=given("ZHIXI_BROKER", f"filesystem:{home}/broker"),
        task_lease_s=_seconds("ZHIXI_TASK_LEASE_S", given("ZHIXI_TASK_LEASE_S", "120")),
        sweep_s=_seconds("ZHIXI_SWEEP_S", given("ZHIXI_SWEEP_S", "21600")),
    )


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).absolute()
    raise NotImplementedError


def _seconds(name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < math.inf:
        raise BadField(name, "wrong-type", expected="seconds")
    return found


def _struct(kind: Any, values: Mapping[str, str]) -> Any:
    try:
        return msgspec.convert(values, kind, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        field = path.rstrip("`")
        raise BadField(f"ZHIXI_{field.upper()}", "wrong-type", expected=message) from None
