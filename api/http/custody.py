"""Where a carrier is and the way it has gone; what is owed (S03-4.3b, 5.2, 5.3)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from graph.errors import NotAvailable
from graph.kinds import Node
from graph.law.custody import where
from storage.accounts import SignedIn
from storage.duties import Duties
from storage.tables.catalogue import Carrier


@get("/carriers/{carrier:str}", summary="Where a carrier is, and its chain of custody")
async def carrier(
    request: Request[Any, Any, Any], ready: NamedDependency[SignedIn], carrier: FromPath[str]
) -> dict[str, Any]:
    """For who may know of its document; what does not exist looks the same (G12)."""
    questions = request.app.state.wiring.questions
    rows = await Carrier.select().where(Carrier.id == carrier)
    document = rows[0]["document"] if rows else carrier
    _, known = await questions.verdict(ready.person, document)
    brought, stand = await questions.neighbourhood()
    world = await brought.around({carrier: Node.CARRIER.value})
    if not rows or not known:
        raise NotAvailable
    found = where(world, carrier, stand.at)
    row = rows[0]
    ids = {document, *(fact.target for fact in found.chain)}
    return {
        "id": carrier,
        "document": document,
        "serial": row["serial"],
        "medium": row["medium"],
        "copy_of": row["copy_of"],
        "registered_as": row["state"],
        **{
            name: value
            for name, value in msgspec.to_builtins(found).items()
            if name not in ("carrier", "chain")
        },
        "chain": [show.fact(fact) for fact in found.chain],
        "names": await show.names(ids),
    }


@get("/duties", summary="What is owed and what is overdue, for those whose duty it is")
async def duties(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> dict[str, Any]:
    owed = Duties(request.app.state.wiring.questions)
    if not await owed.keeps(ready.person):
        raise NotAvailable
    found = await owed.shown(ready.person)
    return {
        "duties": [msgspec.to_builtins(each) for each in found],
        "overdue": [f"{each.kind}:{each.subject}" for each in found if each.overdue],
        "open": [f"{each.kind}:{each.subject}" for each in found if not each.overdue],
        "rules": sorted({each.rule for each in found}),
    }


router = Router(path="/", route_handlers=[carrier, duties], tags=["custody"])
