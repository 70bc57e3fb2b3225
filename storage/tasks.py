"""Tasks as rows: written with the act that wants them, sent by a relay, sent again while they have no result.

A task may run twice. One that fails is tried again after a pause, three times in all; then it waits for the archivist, with its
reason. The broker is only a nudge: what it loses is sent again when the lease is over.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from graph.errors import NotAvailable
from graph.times import Instant
from storage.tables.kept import Task
from storage.transaction import Database

TRIES = 3
PAUSE_MS = 5_000


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One task. `state`: waiting, sent, done, failed."""

    id: str
    kind: str
    subject: str
    state: str
    tries: int
    reason: str
    made_at: Instant


class Tasks:
    def __init__(self, database: Database, now: Callable[[], Instant], lease_ms: int = 120_000) -> None:
        self._database = database
        self._now = now
        self._lease_ms = lease_ms

    async def claim(self, limit: int = 20) -> list[str]:
        """Ids to be sent now: waiting ones, and those whose lease is over. Claimed in one statement."""
        now = self._now()
        rows = await self._database.run(
            "UPDATE task SET state = 'sent', lease_until = {} WHERE id IN (SELECT id FROM task WHERE"
            " (state = 'waiting' OR state = 'sent') AND lease_until <= {} ORDER BY made_at LIMIT {})"
            " AND lease_until <= {} RETURNING id",
            now + self._lease_ms, now, limit, now,
        )  # fmt: skip
        return [row["id"] for row in rows]

    async def begin(self, id_: str) -> Job | None:
        """The task, its lease renewed; None where it is already done or given up."""
        rows = await self._database.run(
            "UPDATE task SET tries = tries + 1, lease_until = {} WHERE id = {} AND state IN ('waiting', 'sent') RETURNING *",
            self._now() + self._lease_ms,
            id_,
        )
        return _job(rows[0]) if rows else None

    async def done(self, id_: str) -> None:
        await Task.update({Task.state: "done", Task.reason: "", Task.done_at: self._now()}).where(
            Task.id == id_
        )

    async def failed(self, job: Job, reason: str) -> None:
        """Wait and be tried again, or after the last try wait for somebody to look."""
        state = "failed" if job.tries >= TRIES else "waiting"
        pause = PAUSE_MS * job.tries**2
        await Task.update(
            {Task.state: state, Task.reason: reason[:500], Task.lease_until: self._now() + pause}
        ).where(Task.id == job.id)

    async def open(self) -> list[Job]:
        """What is not done, failed ones first."""
        rows = await self._database.run(
            "SELECT * FROM task WHERE state <> 'done' ORDER BY CASE state WHEN 'failed' THEN 0 ELSE 1 END, made_at LIMIT 500"
        )
        return [_job(row) for row in rows]

    async def of(self, subject: str, kind: str) -> Job | None:
        """The latest task of a kind about a subject."""
        rows = await self._database.run(
            "SELECT * FROM task WHERE subject = {} AND kind = {} ORDER BY made_at DESC LIMIT 1", subject, kind
        )
        return _job(rows[0]) if rows else None

    async def retry(self, id_: str) -> None:
        """A failed task waits again. Raises NotAvailable."""
        rows = await self._database.run(
            "UPDATE task SET state = 'waiting', tries = 0, lease_until = 0 WHERE id = {} AND state = 'failed' RETURNING id",
            id_,
        )
        if not rows:
            raise NotAvailable


def _job(row: dict[str, object]) -> Job:
    return Job(**{name: row[name] for name in Job.__struct_fields__})  # type: ignore[arg-type]
