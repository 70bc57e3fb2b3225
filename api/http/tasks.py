"""Tasks that wait or failed, for those who keep the files."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from graph.errors import Refused
from graph.law import gate
from graph.law.verdict import Reason
from graph.times import to_text
from storage.accounts import SignedIn
from storage.wiring import Wiring


async def require_keeper(wiring: Wiring, person: str) -> None:
    """Refuse who keeps no register."""
    brought, stand = await wiring.questions.neighbourhood()
    world = await brought.people([person])
    if not gate.roles(world, person, stand.at, *gate.KEEPERS):
        raise Refused(
            [Reason(("P-role",), "not-your-act", {"roles": ",".join(gate.KEEPERS)}, whose=gate.KEEPERS[0])]
        )


@get("/tasks", summary="Tasks that wait or failed")
async def tasks(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> dict[str, Any]:
    """Failed ones first, each with its reason."""
    await require_keeper(request.app.state.wiring, ready.person)
    found = await request.app.state.tasks.open()
    return {
        "tasks": [{**msgspec.to_builtins(job), "made_at": to_text(job.made_at)} for job in found.tasks],
        "complete": found.complete,
    }


@post("/tasks/{task:str}/retry", status_code=204, summary="Try a failed task again")
async def retry(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], task: FromPath[str]
) -> None:
    await require_keeper(request.app.state.wiring, ready.person)
    await request.app.state.tasks.retry(task)


router = Router(path="/", route_handlers=[tasks, retry], tags=["files"])
