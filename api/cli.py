"""The command line: `zhixi serve | demo | found | ask | act | rehearse | rebuild | verify | backup | restore | sign-in`.

Asking and acting sign in like any client; serving, founding, rebuilding, verifying, backups and restores run beside the database.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import msgspec
import typer
import yaml

from api import rehearse as rehearsals
from api import server, settings
from api.client_session import ClientSession
from api.errors import problem
from api.texts import Language, pick, text
from graph.errors import BadField, BadInput, Refused, Unavailable, ZhixiError
from storage import backup as backups
from storage import restore as restoring
from storage.accounts import KEEPERS, first_password, hash_password
from storage.act import bad_field
from storage.keys import OrganisationKey
from storage.ledger import Finding
from storage.registers.founding import Found, opens_accounts
from storage.wiring import opened, stores

app = typer.Typer(no_args_is_help=True, add_completion=False, help="知悉 Zhixi: who may know what, and why.")
Json = Annotated[str, typer.Option("--json", help="Parameters as one JSON object")]


def language() -> Language:
    return pick((os.environ.get("LC_ALL") or os.environ.get("LANG") or "").replace("_", "-"))


def main() -> None:
    """Run a command; an error of ours ends with its plain message and status 1."""
    try:
        app()
    except ZhixiError as error:
        fail(error)


def fail(error: ZhixiError) -> NoReturn:
    shown = problem(error, language(), {})
    lines = [shown.title]
    lines += [f"  {each['field']}: {each['message']}" for each in shown.errors]
    lines += [
        f"  {'、'.join(r['id'] for r in each['rules'])}: {each['text'][language()]}" for each in shown.reasons
    ]
    if isinstance(error, Unavailable):
        lines.append(f"  {text(language(), f'service.{error.service}')}")
    elif not isinstance(error, (BadInput, Refused)):
        lines.append(f"  {error}")
    typer.echo("\n".join(lines), err=True)
    raise SystemExit(1)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; a full disk or a stop by hand is said plainly."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        typer.echo(text(language(), "cli.stopped"))
        raise SystemExit(0) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            typer.echo(text(language(), "cli.disk-full"), err=True)
            raise SystemExit(1) from None
        raise


@app.command()
def serve() -> None:
    """Serve pages and the JSON API on the settings of the environment (ZHIXI_…)."""
    run(server.serve(settings.read(os.environ)))


@app.command()
def demo(
    home: Annotated[Path | None, typer.Option(help="Where the demo keeps its data")] = None,
    full: Annotated[bool, typer.Option("--full", help="滨海局(全): three years, 60,000 entries")] = False,
) -> None:
    """Serve the demo organisation on the embedded default; a second start keeps its data."""
    kept = home or Path(os.environ.get("ZHIXI_HOME", ".demo-full" if full else ".demo"))
    chosen = {**os.environ, "ZHIXI_HOME": str(kept)}
    run(server.demo(settings.read(chosen), language(), full=full))


@app.command()
def found(file: Annotated[Path, typer.Argument(help="The founding, in YAML")]) -> None:
    """Write the founding entry, once, on an empty ledger; makes the organisation's key where there is none."""
    chosen = settings.read(os.environ)
    try:
        params = msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), Found)
    except msgspec.ValidationError as error:
        fail(bad_field(error))
    except (OSError, yaml.YAMLError) as error:
        fail(BadField(str(file), "unreadable", problem=str(error)))
    run(_found(chosen, params))


async def _found(chosen: settings.Settings, params: Found) -> None:
    if not opens_accounts(params):
        raise BadField("people", "nobody-opens-accounts", roles=", ".join(KEEPERS))
    passwords = {person.login: first_password() for person in params.people if person.login}
    chosen.home.mkdir(parents=True, exist_ok=True)
    if not chosen.storage.key_file.exists():
        OrganisationKey.create(chosen.storage.key_file)
    async with opened(chosen.storage, chosen.graph) as wiring:
        ref = await wiring.found(params, {login: hash_password(each) for login, each in passwords.items()})
    typer.echo(text(language(), "cli.founded", ref=ref))
    for login, password in passwords.items():
        typer.echo(text(language(), "cli.first-password", login=login, password=password))


@app.command()
def rebuild() -> None:
    """Make catalogue and graph anew from the ledger."""
    run(_rebuild(settings.read(os.environ)))


async def _rebuild(chosen: settings.Settings) -> None:
    async with opened(chosen.storage, chosen.graph) as wiring:
        typer.echo(text(language(), "cli.rebuilt", entries=await wiring.rebuild()))


@app.command()
def verify() -> None:
    """Prove the chain and hold every anchor against it; status 1 where anything does not hold."""
    run(_verify(settings.read(os.environ)))


async def _verify(chosen: settings.Settings) -> None:
    async with opened(chosen.storage, chosen.graph) as wiring:
        found = await wiring.ledger.verify()
        if not found.findings:
            await wiring.ledger.keep_anchor()
    _tell(found.findings)
    typer.echo(
        text(language(), "cli.verified", entries=found.entries, anchors=found.anchors, head=found.head[:16])
    )
    if found.findings:
        raise SystemExit(1)


def _tell(findings: Iterable[Finding]) -> None:
    for finding in findings:
        typer.echo(text(language(), f"verify.{finding.code}", seq=finding.seq, **finding.values), err=True)


@app.command()
def backup(folder: Annotated[Path, typer.Argument(help="A new or empty folder, on another disk")]) -> None:
    """Copy ledger, kept tables, stored files and signed heads as of one entry, also while the server runs; never the key."""
    run(_backup(settings.read(os.environ), folder.absolute()))


async def _backup(chosen: settings.Settings, folder: Path) -> None:
    async with stores(chosen.storage) as kept:
        taken = await backups.take(kept, folder)
    made = taken.manifest
    if taken.missing:
        typer.echo(text(language(), "cli.backup-missing", files=", ".join(taken.missing)), err=True)
    typer.echo(
        text(
            language(),
            "cli.backed-up",
            backup=made.backup,
            entries=made.seq,
            head=made.hash[:16],
            objects=taken.objects,
            size=f"{taken.size / 1e6:.1f}",
            until=made.keep_until,
        )
    )


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="What `zhixi backup` made")],
    lose_later: Annotated[
        bool, typer.Option("--lose-later", help="Though the signed heads here know of later entries")
    ] = False,
    destroyed: Annotated[
        Path | None,
        typer.Option(help="The list of what was destroyed since; destroyed.jsonl beside the heads here"),
    ] = None,
) -> None:
    """Bring a backup back into an empty store, rebuild and prove it; cut short, the same command goes on."""
    run(_restore(settings.read(os.environ), folder.absolute(), lose_later, destroyed))


async def _restore(chosen: settings.Settings, folder: Path, lose_later: bool, destroyed: Path | None) -> None:
    chosen.home.mkdir(parents=True, exist_ok=True)
    async with stores(chosen.storage, unfinished=True) as kept:
        brought = await restoring.bring(kept, folder, lose_later=lose_later, destroyed_list=destroyed)
    for code, values in restoring.warnings(brought):
        typer.echo(text(language(), f"cli.{code}", **values), err=True)
    async with opened(chosen.storage, chosen.graph, unfinished=True) as wiring:
        findings = await restoring.finish(wiring, brought)
    _tell(findings)
    if findings:
        raise SystemExit(1)
    made = brought.manifest
    typer.echo(text(language(), "cli.restored", backup=made.backup, entries=made.seq, head=made.hash[:16]))


@app.command("sign-in")
def sign_in(
    login: str,
    url: Annotated[str, typer.Option(envvar="ZHIXI_URL")] = "http://127.0.0.1:8000",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="ZHIXI_PASSWORD")] = "",
) -> None:
    """Sign in; the token is kept for this user, readable by nobody else."""
    ClientSession.sign_in(url, login, password)
    typer.echo(text(language(), "cli.signed-in", login=login))


@app.command()
def ask(
    question: Annotated[
        str,
        typer.Argument(
            help="may-know, why-not, audience, reach, paths, has-known, can-reach, exposure or what-if"
        ),
    ],
    item: Annotated[str, typer.Option(help="Which document")] = "",
    person: Annotated[str, typer.Option(help="Whose right to know; yourself where left out")] = "",
    carrier: Annotated[str, typer.Option(help="Which carrier: can-reach, exposure")] = "",
    since: Annotated[
        str, typer.Option(help="Whoever could from then on: audience, can-reach, exposure")
    ] = "",
    at: Annotated[str, typer.Option(help="ISO date or date-time asked about")] = "",
    known_at: Annotated[str, typer.Option(help="As the register stood then")] = "",
    acts: Annotated[str, typer.Option(help="what-if: a JSON list of acts, each {do, with, as}")] = "",
    limit: Annotated[int, typer.Option(help="How many on one page")] = 100,
    cursor: Annotated[str, typer.Option(help="Where the last page ended")] = "",
) -> None:
    """Ask a question; the answer as JSON."""
    if question == "what-if":
        proposed = {"acts": _json(acts or "[]"), **({"at": at} if at else {})}
        _print(ClientSession.load().post("/questions/what-if", proposed, {}))
        return
    sent = {
        "item": item, "person": person, "carrier": carrier, "since": since, "at": at, "known_at": known_at,
        "cursor": cursor,
    }  # fmt: skip
    if question in {"audience", "reach", "has-known", "can-reach", "exposure"}:
        sent["limit"] = str(limit)
    _print(ClientSession.load().get(f"/questions/{question}", {k: v for k, v in sent.items() if v}))


@app.command("act")
def do(
    name: str,
    params: Json = "{}",
    key: Annotated[str, typer.Option(help="Idempotency-Key: the same request is done once")] = "",
) -> None:
    """Do one act; what came of it as JSON."""
    _print(ClientSession.load().post(f"/acts/{name}", _json(params), {"Idempotency-Key": key} if key else {}))


def _json(given: str) -> Any:
    try:
        return json.loads(given)
    except ValueError:
        typer.echo(text(language(), "field.not-json"), err=True)
        raise SystemExit(2) from None


def _print(response: httpx.Response) -> None:
    shown = response.json() if response.content else {}
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    if response.is_error:
        raise SystemExit(1)


@app.command()
def rehearse(
    files: Annotated[list[Path], typer.Argument(help="Scenarios in YAML")],
    postgres: Annotated[str, typer.Option(envvar="ZHIXI_REHEARSE_POSTGRES", help="Owner's address")] = "",
    postgres_server: Annotated[str, typer.Option(envvar="ZHIXI_REHEARSE_POSTGRES_SERVER")] = "",
    graph: Annotated[str, typer.Option(envvar="ZHIXI_REHEARSE_GRAPH", help="An empty graph")] = "",
    vault: Annotated[str, typer.Option(envvar="ZHIXI_REHEARSE_VAULT")] = "",
) -> None:
    """Run scenarios, each against a throw-away system; status 1 where a step did not hold."""
    services = server.Services(
        postgres_owner=postgres, postgres_server=postgres_server or postgres, graph=graph, vault=vault
    )
    failed = 0
    for file in files:
        scenario = rehearsals.read(file)
        lines = run(server.rehearse(scenario, services))
        for line in rehearsals.report(scenario, lines):
            typer.echo(line)
        failed += sum(not line.held for line in lines)
    if failed:
        sys.exit(1)
