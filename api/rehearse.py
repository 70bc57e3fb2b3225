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
from api.settings import Settings
from graph.errors import BadField
from graph.sources import Sources
from graph.times import parse
from storage import organisations
from storage.accounts import first_password, hash_password
from storage.organisations import Organisation, SetClock, scans
from storage.organisations.steps import filled
from storage.rounds import Rounds, Walked
from storage.wiring import Wiring

ACCEPTED = "accepted"
REPLICA = 1_000_000
"""Facts that a round keeps in memory."""
OUTCOMES = ("accepted", "refused", "not-available", "bad-input", "conflict", "unavailable")


class Step(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"who": "as", "params": "with"},
):
    """One step. Exactly one of `clock`, `round`, `do`, `ask`, `suppose`, `open`, `upload`, `get` and `same` is given."""

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
        response = await self._send(step)
        for name, path in step.keep.items():
            self._kept[f"${name}"] = part_of(response.json(), path)
        if step.name:
            self._bodies[step.name] = (
                f"{response.status_code} {sorted(response.headers.items())} {response.text}"
            )
        return judge(step, response)

    async def _round(self) -> Walked:
        """What the workers do every hour, by a replica of their own."""
        sources = Sources(None, None, self._wiring.ledger, REPLICA)
        return await Rounds(self._wiring.office, sources, self._wiring.ledger, self._wiring.now).walk()

    def _named(self, step: Step) -> Step:
        """`$name` stands for what an earlier answer kept under that name."""
        params = {
            name: self._kept.get(value, value) if isinstance(value, str) else value
            for name, value in step.params.items()
        }
        get = "/".join(str(self._kept.get(part, part)) for part in step.get.split("/")) if step.get else None
        return msgspec.structs.replace(step, params=params, get=get)

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


def part_of(body: Any, path: str) -> Any:
    """The part of an answer at a dotted path, numbers counting from 0; None where there is none."""
    for key in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(key)
        elif isinstance(body, list) and key.isdecimal() and int(key) < len(body):
            body = body[int(key)]
        else:
            return None
    return body


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
    doors = (("open", step.open), ("upload", step.upload), ("get", step.get))
    what = step.do or step.ask or next(f"{door} {what}" for door, what in doors if what)
    shown = " ".join(f"{name}={value}" for name, value in step.params.items())
    return f"{step.who}: {what} {shown}".strip() + (f"  — {step.note}" if step.note else "")


def judge(step: Step, response: httpx.Response) -> tuple[bool, str]:
    """Whether a response is what the step expects, and what came in one line."""
    outcome = outcome_of(response)
    body = response.json() if response.content else {}
    came = f"{outcome} {', '.join(body.get('rules', []) if isinstance(body, dict) else [])}".strip()
    expected = step.expect
    if isinstance(expected, str):
        return outcome == expected, came
    if isinstance(expected, Mapping) and len(expected) == 1 and next(iter(expected)) in OUTCOMES:
        wanted, detail = next(iter(expected.items()))
        return outcome == wanted and _fits(wanted, detail, body), came
    if outcome != ACCEPTED:
        return False, came
    gist = gist_of(body)
    missing = [name for name, value in expected.items() if not matches(name, value, gist.get(name))]
    return not missing, "; ".join(f"{name}={gist.get(name)}" for name in (missing or expected))


def outcome_of(response: httpx.Response) -> str:
    if response.status_code < 300:
        return ACCEPTED
    kinds = {403: "refused", 404: "not-available", 422: "bad-input", 409: "conflict", 503: "unavailable"}
    return kinds.get(response.status_code, f"status {response.status_code}")


def _fits(outcome: str, detail: Any, body: Mapping[str, Any]) -> bool:
    if outcome == "refused":
        return set(detail) <= set(body.get("rules", []))
    if outcome == "bad-input":
        return set(detail) <= {each["field"] for each in body.get("errors", [])}
    if outcome == ACCEPTED:
        return all(matches(name, value, body.get("result", {}).get(name)) for name, value in detail.items())
    return False


def matches(name: str, expected: Any, came: Any) -> bool:
    """Lists in any order; `rules` at least those named, `without` none of them; mappings entry by entry."""
    if name == "rules":
        return isinstance(came, Sequence) and set(expected) <= set(came)
    if name == "without":
        return isinstance(came, Sequence) and not set(expected) & set(came)
    if isinstance(expected, Mapping):
        if not isinstance(came, Mapping) or set(expected) != set(came):
            return False
        return all(
            matches("rules" if isinstance(v, list) else key, v, came[key]) for key, v in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(came, list) and sorted(map(str, expected)) == sorted(map(str, came))
    return bool(expected == came)


def gist_of(body: Any) -> dict[str, Any]:
    """An answer's gist, by names a scenario may use."""
    if not isinstance(body, Mapping):
        return {"list": [each.get("id", each.get("name")) for each in body]}
    gist: dict[str, Any] = {**body, "without": body.get("rules")}
    for name, key in (("people", "person"), ("handlers", "person"), ("items", "item"), ("documents", "id")):
        if isinstance(body.get(name), list):
            gist[name] = [each[key] for each in body[name]]
    if isinstance(body.get("cases"), list):
        gist["cases"] = [each["procedure"] for each in body["cases"]]
    if isinstance(body.get("blocked"), list):
        gist["blocked"] = {each["person"]: each["rules"] for each in body["blocked"]}
    for name, key in (
        ("gains", "item"),
        ("loses", "item"),
        ("exposed", "carrier"),
        ("no_longer_exposed", "carrier"),
    ):
        if isinstance(body.get(name), list):
            gist[name] = [f"{each['person']} {each[key]}" for each in body[name]]
    if isinstance(body.get("pairs"), list):
        gist["people"] = sorted(set(gist["people"]))
        gist["pairs"] = ["+".join(each) for each in body["pairs"]]
        gist["tags"] = {each["person"]: sorted(each["tags"]) for each in body["people"]}
        gist["ways"] = {
            each["person"]: [" ".join(_walked(way)) for way in each["ways"]] for each in body["people"]
        }
    if isinstance(body.get("groups"), list):
        gist["groups"] = {each["via"]: each["people"] for each in body["groups"]}
    if isinstance(body.get("routes"), list):
        gist["via"] = [each["via"] for each in body["routes"]]
    return gist


def _walked(way: Mapping[str, Any]) -> list[str]:
    """A way as it is read aloud: MAY_ENTER R301 KEPT_IN B1 KEPT_IN C1."""
    first, *rest = way["steps"]
    ends = [first["to"] if first["kind"] != "HELD_BY" else first["from"], *(step["from"] for step in rest)]
    return [word for step, end in zip(way["steps"], ends, strict=True) for word in (step["kind"], end)]


def report(scenario: Scenario, lines: Sequence[Line]) -> Iterator[str]:
    yield scenario.title
    for line in lines:
        yield f"  {'✓' if line.held else '✗'} {line.n:>3}  {line.what}  →  {line.came}"
    held = sum(line.held for line in lines)
    yield f"  {held} of {len(lines)} steps held"
