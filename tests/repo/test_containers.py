"""The containers as far as they can be held without an engine: settings that are read, folders that are there, names that meet."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from api import settings
from storage.vault import open_vault
from tests.repo.test_house import ROOMS, ROOT
from workers import settings as workers

PASSWORDS = ("POSTGRES_ADMIN_PASSWORD", "POSTGRES_OWNER_PASSWORD", "POSTGRES_SERVER_PASSWORD", "NEO4J_PASSWORD",
             "MINIO_PASSWORD", "RABBITMQ_PASSWORD")  # fmt: skip
HOLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
EMBEDDED_ONLY = {"ZHIXI_HEAP_MB"}
FOUND_ONLY = {"ZHIXI_DATABASE_OWNER"}


def example() -> dict[str, str]:
    """deploy/env.example with its passwords filled in."""
    lines = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    return {name: value or ("secret-" * 2 if name in PASSWORDS else "") for name, value in pairs}


def filled(value: Any, given: dict[str, str]) -> Any:
    """What compose puts into the holes of a value."""
    if isinstance(value, dict):
        return {name: filled(each, given) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, given) for each in value]
    if not isinstance(value, str):
        return value

    def put(hole: re.Match[str]) -> str:
        name, kind, rest = hole.groups()
        assert name in given, f"{name} stands in no file of settings"
        assert given[name] or kind == "-", f"{name} is required"
        return given[name] or rest

    return HOLE.sub(put, value.replace("$$", "\0")).replace("\0", "$")


@cache
def stack() -> dict[str, Any]:
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = filled(yaml.safe_load(text), example())
    return found


def test_every_setting_in_the_container_is_read_and_none_is_forgotten() -> None:
    server, owner = stack()["services"]["zhixi"]["environment"], stack()["services"]["owner"]["environment"]

    assert set(server) == settings.NAMES.keys() - EMBEDDED_ONLY - FOUND_ONLY
    assert set(owner) == set(server) | FOUND_ONLY
    read = settings.read(server)
    assert (read.http.host, read.http.port, read.http.secure_cookies) == ("0.0.0.0", 8000, False)  # noqa: S104
    assert read.graph.url.startswith("bolt://neo4j:")
    assert workers.read(server).broker.startswith("amqp://")
    open_vault(read.storage.vault)
    bare = {name: value if name in PASSWORDS else "" for name, value in example().items()}
    text = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    emptied = filled(text["services"]["zhixi"]["environment"], bare)
    assert settings.read(emptied) == read
    assert workers.read(emptied) == workers.read(server)
    changed = {**example(), "ZHIXI_SECURE_COOKIES": "true", "ZHIXI_METRICS_TOKEN": "monitor-4f1c9a77d0"}
    told = settings.read(filled(text["services"]["zhixi"]["environment"], changed)).http
    assert (told.secure_cookies, told.metrics_token) == (True, "monitor-4f1c9a77d0")


def test_every_address_is_a_service_of_the_stack_with_the_name_it_knows() -> None:
    services = stack()["services"]
    owner = services["owner"]["environment"]

    for name in ("ZHIXI_DATABASE", "ZHIXI_DATABASE_OWNER", "ZHIXI_GRAPH", "ZHIXI_VAULT", "ZHIXI_BROKER"):
        host = re.sub(r"^.*@([a-z0-9]+):.*$", r"\1", owner[name])
        assert host in services, name
        assert "healthcheck" in services[host], host
        assert services["zhixi"]["depends_on"][host] == {"condition": "service_healthy"}
    roles = stack()["configs"]["roles"]["content"]
    assert {"zhixi_owner", "zhixi_server"} == set(re.findall(r"CREATE ROLE (\w+)", roles))
    assert services["minio"]["environment"]["MINIO_ROOT_USER"] == "zhixi"
    assert services["rabbitmq"]["environment"]["RABBITMQ_DEFAULT_USER"] == "zhixi"
    used = {volume.partition(":")[0] for each in services.values() for volume in each.get("volumes", [])}
    assert used == set(stack()["volumes"])


def test_the_image_holds_the_rooms_the_bundle_and_the_folders_of_the_volumes() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", image, flags=re.MULTILINE)
    sources = [name for line in copied for name in line.split()]
    for name in sources:
        assert (ROOT / name).exists(), name
        assert f"!{Path(name).parts[0]}" in sent, name
    assert set(ROOMS) <= set(sources)
    assert (
        image.index("RUN python deploy/bundle")
        < image.index("COPY --from=bundle")
        < image.index("pip install --no-cache-dir --no-deps")
    )
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^hatchling==", lock, flags=re.MULTILINE)
    made = re.search(r"install --directory .*$", image, flags=re.MULTILINE)
    assert made is not None
    for volume in stack()["services"]["zhixi"]["volumes"]:
        assert volume.partition(":")[2] in made[0].split()
