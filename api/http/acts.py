"""The catalogue of acts with their JSON schema, and doing one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from api.show import role
from graph.errors import BadField
from storage.accounts import SignedIn
from storage.act import ACTS, ActKind
from storage.office import Outcome

Key = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="The same key with the same request is done once"),
]


def described(kind: ActKind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "register": kind.register,
        "word": {"zh": kind.zh, "en": kind.en},
        "by": [role(each) for each in kind.by],
        "decided_by": [role(each) for each in kind.decided_by],
        "rules": list(kind.rules),
        "paper": kind.paper,
        "schema": msgspec.json.schema(kind.params),
        "examples": list(kind.examples),
    }


def shown(outcome: Outcome) -> dict[str, Any]:
    """What an act came to. Keys that begin with an underscore are the ledger's own."""
    return {
        "ref": outcome.ref,
        "act": outcome.act,
        "result": {name: value for name, value in outcome.result.items() if not name.startswith("_")},
        "rules": outcome.rules,
        "recorded_at": outcome.recorded_at,
        "repeated": outcome.repeated,
    }


@get("/", summary="The catalogue of acts")
async def catalogue(ready: NamedDependency[SignedIn]) -> list[dict[str, Any]]:
    return [described(kind) for kind in sorted(ACTS.values(), key=lambda each: each.name) if kind.public]


@post("/{act:str}", status_code=201, summary="Do an act")
async def do(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], act: FromPath[str], key: Key = None
) -> Response[dict[str, Any]]:
    """Refused with every rule id, or entered. 200 where the Idempotency-Key was met before."""
    kind = ACTS.get(act)
    if kind is None or not kind.public:
        raise BadField("act", "unknown-act", value=act)
    sent, secret = apart(await body_of(request))
    outcome = await request.app.state.wiring.office.do(ready.person, act, sent, key=key, secret=secret)
    return Response(shown(outcome), status_code=200 if outcome.repeated else 201)


def apart(sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is entered, and apart from it the PIN of whoever decides at the counter: that is never entered."""
    decision = sent.get("decision")
    if not isinstance(decision, dict) or "pin" not in decision:
        return sent, {}
    if decision.get("proof") != "counter":
        raise BadField("decision.pin", "unknown-field")
    if not isinstance(decision["pin"], str):
        raise BadField("decision.pin", "wrong-type", expected="text")
    kept = {name: value for name, value in decision.items() if name != "pin"}
    return {**sent, "decision": kept}, {"pin": decision["pin"]}


async def body_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The JSON object of a request. Raises BadField."""
    try:
        sent = msgspec.json.decode(await request.body() or b"{}")
    except msgspec.DecodeError:
        raise BadField("body", "not-json") from None
    if not isinstance(sent, dict):
        raise BadField("body", "not-json")
    return sent


router = Router(path="/acts", route_handlers=[catalogue, do], tags=["acts"])
