"""The filing plan with counts of what one may know of, and search over titles, numbers and text under the gate."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.pages import hands
from api.pages.seat import Seat
from graph.law import gate
from storage.books import FolderLine
from storage.tables.catalogue import Document

PAGE = 50
AT_ONCE = 500


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with its depth in the plan, and how many documents of it (and below it) the asker may know of."""

    folder: FolderLine
    depth: int
    own: int
    total: int


@get("/filing")
async def filing(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    folder = str(request.query_params.get("folder", ""))
    folders = await seat.books.folders()
    counts = await _counts(seat)
    page = await seat.books.documents(
        seat.person, limit=PAGE, cursor=request.query_params.get("cursor"), folder=folder or None
    )
    return seat.render(
        "filing.html",
        branches=branches(folders, counts),
        unfiled=counts.get("", 0),
        total=sum(counts.values()),
        folder=next((each for each in folders if each.id == folder), None),
        page=page,
    )


def branches(folders: list[FolderLine], counts: dict[str, int]) -> list[Branch]:
    """The plan from its roots down, in the order of the codes."""
    ids = {each.id for each in folders}
    below: dict[str, list[FolderLine]] = {}
    for each in folders:
        below.setdefault(each.parent if each.parent in ids else "", []).append(each)

    def walk(parent: str, depth: int) -> list[Branch]:
        found: list[Branch] = []
        for each in below.get(parent, []):
            under = walk(each.id, depth + 1)
            own = counts.get(each.id, 0)
            total = own + sum(branch.own for branch in under)
            found += [Branch(folder=each, depth=depth, own=own, total=total), *under]
        return found

    return walk("", 0)


async def _counts(seat: Seat) -> dict[str, int]:
    """How many documents one may know of, by folder. Who keeps the registers may know of all of them."""
    if seat.roles.intersection(gate.KNOW_OF_ALL):
        rows = await seat.wiring.database.run(
            "SELECT d.folder, count(*) AS n FROM document d JOIN subject s ON s.id = d.id WHERE NOT s.void GROUP BY d.folder"
        )
        return {row["folder"]: row["n"] for row in rows}
    questions = seat.wiring.questions
    brought, _ = await questions.neighbourhood()
    _, items = await brought.reach(seat.person)
    held = await hands.held_by(questions, seat.person, seat.person)
    ids = sorted({*items, *hands.ids_of(held)})
    known = await questions.may_know_of(seat.person, ids)
    visible = [id_ for id_ in ids if known[id_][1]]
    counts: dict[str, int] = {}
    for start in range(0, len(visible), AT_ONCE):
        part = visible[start : start + AT_ONCE]
        for row in await Document.select(Document.folder).where(Document.id.is_in(part)):
            counts[row["folder"]] = counts.get(row["folder"], 0) + 1
    return counts


HANDLERS = (filing,)
