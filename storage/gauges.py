"""How the house stands, in numbers alone: no id, no name, no title, and nothing of who asked what."""

from __future__ import annotations

import msgspec

from storage.tables.catalogue import RegisterRow
from storage.tables.kept import FileCheck, Task
from storage.transaction import Database

TASK_STATES = ("waiting", "sent", "failed")
WRONGS = ("altered", "missing")


class Gauges(msgspec.Struct, frozen=True, kw_only=True):
    """`head` is the ledger's seq; `tasks` those not done, by state; `wrong` the stored files that do not hold, by what is wrong,
    `backup` when the last backup was begun, in milliseconds, None before the first.
    """

    head: int
    tasks: dict[str, int]
    wrong: dict[str, int]
    backup: int | None


async def gauges(database: Database) -> Gauges:
    head = await database.run("SELECT COALESCE(MAX(seq), 0) AS seq FROM entry")
    tasks = await Task.raw("SELECT state, count(*) AS n FROM task WHERE state <> 'done' GROUP BY state")
    wrong = await FileCheck.raw(
        "SELECT wrong, count(*) AS n FROM file_check WHERE wrong <> '' GROUP BY wrong"
    )
    backup = await RegisterRow.raw(
        "SELECT MAX(recorded_at) AS at FROM register_row WHERE register = 'backups' AND act = 'record-backup'"
    )
    counted = {row["state"]: row["n"] for row in tasks}
    spoilt = {row["wrong"]: row["n"] for row in wrong}
    return Gauges(
        head=int(head[0]["seq"]),
        tasks={state: counted.get(state, 0) for state in TASK_STATES},
        wrong={what: spoilt.get(what, 0) for what in WRONGS},
        backup=backup[0]["at"],
    )
