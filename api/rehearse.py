"""`zhixi rehearse`: a scenario written in YAML, run through the public API against a throw-away system.

Format: `docs/scenarios.md`. A step is done by somebody (`as`, with `@TERMINAL` where they sit at one); it does an act, asks a
question or opens a document, and `expect` says what must come of it.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import yaml

from api.app import create_app
from api.expectation import ACCEPTED, body_of, judge, part_of
from api.settings import Settings
from graph.errors import BadField
from graph.sources import Sources
from graph.times import parse
from storage import organisations
from storage.accounts import first_password, hash_password
from storage.files import file_of
from storage.organisations import Organisation, SetClock, scans
from storage.organisations.steps import filled
from storage.rounds import Rounds, Walked
from storage.wiring import Wiring

REPLICA = 1_000_000
"""Facts that a round keeps in memory."""


class Step(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"who": "as", "params": "with"},
):
    """One step. Exactly one of `clock`, `round`, `do`, `ask`, `suppose`, `open`, `upload`, `get`, `stored` and `same` is given."""

    who: str = ""
    note: str = ""
    clock: str | None = None
    round: bool = False
    do: str | None = None
    ask: str | None = None
    suppose: tuple[dict[str, Any], ...] = ()
    open: str | None = None
    upload: str | None = None
    get: str | None = None
    stored: str | None = None
    same: tuple[str, ...] = ()
    name: str | None = None
    params: dict[str, Any] = {}
    keep: dict[str, str] = {}
    expect: Any = ACCEPTED


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    organisation: str = "binhai"
    clock: str | None = None
    rules: tuple[str, ...] = ()
    steps: tuple[Step, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a step: `held` says whether it was what was expected."""

    n: int
    what: str
    held: bool
    came: str


def read(path: Path) -> Scenario:
    """A scenario file. Raises BadField naming file and field."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Scenario)
    except (OSError, yaml.YAMLError) as error:
        raise BadField(str(path), "unreadable", problem=str(error)) from None
    except msgspec.ValidationError as error:
        raise BadField(str(path), "wrong-type", expected=str(error)) from None


class Rehearsal:
    """One scenario on one opened house: empty, or with the scenario's organisation in it."""

    def __init__(self, wiring: Wiring, settings: Settings, clock: SetClock, scenario: Scenario) -> None:
        self._wiring = wiring
        self._clock = clock
        self._scenario = scenario
        self._organisation: Organisation = organisations.named(scenario.organisation)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(wiring, settings)),  # type: ignore[arg-type]
            base_url="http://rehearsal",
        )
        self._tokens: dict[str, str] = {}
        self._passwords: dict[str, str] = {}
        self._bodies: dict[str, str] = {}
        self._kept: dict[str, Any] = {}

    async def run(self) -> list[Line]:
        """Every step in order; one that did not hold does not stop the rest."""
        return [line async for line in self.lines()]

    async def lines(self) -> AsyncGenerator[Line, None]:
        """Establish the organisation where the house is empty, then do a step for each line that is asked for."""
        if not await self._wiring.founded():
            await organisations.establish(self._wiring, self._organisation, self._clock)
        if self._scenario.clock:
            self._clock.put(parse(self._scenario.clock, field="clock"))
        async with self._client:
            for n, step in enumerate(self._scenario.steps, start=1):
                held, came = await self._step(step)
                yield Line(n=n, what=describe(step), held=held, came=came)

    async def _step(self, step: Step) -> tuple[bool, str]:
        if step.clock is not None:
            self._clock.put(parse(step.clock, field="clock"))
            self._tokens.clear()
            return True, step.clock
        if step.round:
            walked = await self._round()
            return True, f"{walked.standing} found"
        if step.same:
            bodies = {self._bodies[name] for name in step.same}
            return len(bodies) == 1, "same, word for word" if len(bodies) == 1 else "different"
        step = self._named(step)
        if step.stored is not None:
            return await self._in_store(step.stored, step.expect)
        response = await self._send(step)
        for name, path in step.keep.items():
            self._kept[f"${name}"] = part_of(body_of(response), path)
        if step.name:
            self._bodies[step.name] = (
                f"{response.status_code} {sorted(response.headers.items())} {response.text}"
            )
        return judge(step.expect, response)

    async def _round(self) -> Walked:
        """What the workers do every hour, by a replica of their own: look round, and clear the store of what was destroyed."""
        await self._wiring.files.sweep()
        sources = Sources(None, None, self._wiring.ledger, REPLICA)
        return await Rounds(self._wiring.office, sources, self._wiring.ledger, self._wiring.now).walk()

    async def _in_store(self, file: str, expected: Any) -> tuple[bool, str]:
        """How many objects of a file the store holds, whole or in parts."""
        vault = self._wiring.vault
        names = [name async for name in vault.list_objects()] + [name async for name in vault.list_staged()]
        found = [name for name in names if file_of(name) == file]
        return expected == {"objects": len(found)}, f"objects={len(found)}"

    def _named(self, step: Step) -> Step:
        """`$name` stands for what an earlier answer kept under that name."""
        get = "/".join(str(self._filled(part)) for part in step.get.split("/")) if step.get else None
        return msgspec.structs.replace(
            step, params=self._filled(step.params), get=get, stored=self._filled(step.stored)
        )

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._kept.get(value, value)
        if isinstance(value, Mapping):
            return {name: self._filled(each) for name, each in value.items()}
        return [self._filled(each) for each in value] if isinstance(value, list) else value

    async def _send(self, step: Step) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._token(step.who)}", "Accept-Language": "zh"}
        if step.do is not None:
            return await self._client.post(
                f"/api/v1/acts/{step.do}", json=filled(step.params, None), headers=headers
            )
        if step.suppose:
            return await self._client.post(
                "/api/v1/questions/what-if", json={"acts": step.suppose, **step.params}, headers=headers
            )
        if step.open is not None:
            return await self._client.post(
                f"/api/v1/documents/{step.open}/readings", json=step.params, headers=headers
            )
        if step.upload is not None:
            return await self._upload(step.upload, headers)
        path = f"/api/v1/questions/{step.ask}" if step.ask else f"/api/v1/{step.get}"
        return await self._client.get(path, params=step.params, headers=headers)

    async def _upload(self, carrier: str, headers: dict[str, str]) -> httpx.Response:
        """A scan of a carrier, one sheet, from beginning to end; a refusal comes before the first byte."""
        scan = scans.blank()
        told = {"carrier": carrier, "filename": f"{carrier}.pdf", "filetype": "application/pdf"}
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items()
        )
        begun = await self._client.post(
            "/api/v1/uploads",
            headers={**headers, "Upload-Length": str(len(scan)), "Upload-Metadata": metadata},
        )
        if begun.status_code != 201:
            return begun
        sending = {**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        return await self._client.patch(begun.headers["Location"], headers=sending, content=scan)

    async def _token(self, who: str) -> str:
        """Sign in as somebody, at a terminal where one is named; an account is opened at the first time."""
        if who in self._tokens:
            return self._tokens[who]
        person, _, terminal = who.partition("@")
        if person not in self._passwords:
            self._passwords[person] = await self._open_account(person)
        headers = {"X-Zhixi-Terminal": self._keys()[terminal]} if terminal else {}
        response = await self._client.post(
            "/api/v1/session",
            json={"login": login_of(person), "password": self._passwords[person]},
            headers=headers,
        )
        response.raise_for_status()
        self._tokens[who] = response.json()["token"]
        return self._tokens[who]

    async def _open_account(self, person: str) -> str:
        password = first_password()
        await self._wiring.office.do(
            self._officer(),
            "open-account",
            {"person": person, "login": login_of(person)},
            secret={"password_hash": hash_password(password), "must_change": "no"},
        )
        return password

    def _officer(self) -> str:
        for person in self._organisation.found["people"]:
            if any(each["role"] == "SECURITY_OFFICER_OF" for each in person.get("appointments", ())):
                return str(person["id"])
        raise BadField("organisation", "role-not-filled", role="SECURITY_OFFICER_OF")

    def _keys(self) -> dict[str, str]:
        return {
            step["with"]["id"]: step["with"]["key"]
            for step in self._organisation.steps
            if step.get("do") == "enrol-device" and "key" in step["with"]
        }


def login_of(person: str) -> str:
    return f"u-{person}".lower()


def describe(step: Step) -> str:
    if step.clock is not None:
        return f"clock {step.clock}"
    if step.round:
        return "the clock's round"
    if step.same:
        return f"same answer: {', '.join(step.same)}"
    if step.suppose:
        return f"{step.who}: what if {', '.join(str(each.get('do')) for each in step.suppose)}"
    doors = (("open", step.open), ("upload", step.upload), ("get", step.get), ("stored", step.stored))
    what = step.do or step.ask or next(f"{door} {what}" for door, what in doors if what)
    shown = " ".join(f"{name}={value}" for name, value in step.params.items())
    return f"{step.who}: {what} {shown}".strip() + (f"  — {step.note}" if step.note else "")


def report(scenario: Scenario, lines: Sequence[Line]) -> Iterator[str]:
    yield scenario.title
    for line in lines:
        yield f"  {'✓' if line.held else '✗'} {line.n:>3}  {line.what}  →  {line.came}"
    held = sum(line.held for line in lines)
    yield f"  {held} of {len(lines)} steps held"
