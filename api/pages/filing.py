"""The filing plan with counts of what one may know of, and search over titles, numbers and text under the gate."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.pages.seat import Seat
from storage.lines import FolderLine

PAGE = 50


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with its depth in the plan, and how many documents of it (and below it) the asker may know of."""

    folder: FolderLine
    depth: int
    own: int
    total: int


@get("/filing")
async def filing(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    folder = str(request.query_params.get("folder", ""))
    folders = await seat.books.folders(seat.person)
    counts = await seat.books.counts(seat.person)
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


HANDLERS = (filing,)
