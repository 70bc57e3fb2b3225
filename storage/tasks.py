"""Tasks as rows: written with the act that wants them, sent by a relay, sent again while they have no result.

A task may run twice. One that fails is tried again after a pause, three times in all; then it waits for the archivist, with its
reason. The broker is only a nudge: what it loses is sent again when the lease is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from graph.errors import NotAvailable
from graph.times import DAY_MS, Instant
from storage.act import opaque
from storage.tables.kept import Task
from storage.transaction import Database

TRIES: Final = 3
MOST_BEGUN: Final = 5
"""Begun so often and never ended: it takes its worker with it."""
PAUSE_MS: Final = 5_000
SERVICE_PAUSE_MS: Final = 15_000
IN_FLIGHT: Final = 32
"""Sent at most before one has come to an end: the others wait as rows, where nothing is sent twice."""
DONE_KEPT_MS: Final = 30 * DAY_MS
LONGEST_REASON: Final = 500


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One task. `state`: waiting, sent, done, failed."""

    id: str
    kind: str
    subject: str
    state: str
    tries: int
    reason: str
    made_at: Instant


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks that are not done, failed ones first, the oldest first."""

    tasks: tuple[Job, ...]
    complete: bool


class Tasks:
    def __init__(self, database: Database, now: Callable[[], Instant], lease_ms: int = 120_000) -> None:
        self._database = database
        self._now = now
        self._lease_ms = lease_ms

    # The relay's side

    async def claim(self, limit: int = IN_FLIGHT) -> list[str]:
        """Ids to be sent now: waiting ones, and those whose lease is over. Two relays never claim the same."""
        now = self._now()
        flying = await Task.count().where((Task.state == "sent") & (Task.lease_until > now))
        if flying >= limit:
            return []
        rows = await self._database.run(
            "UPDATE task SET state = 'sent', lease_until = {} WHERE id IN (SELECT id FROM task WHERE"
            " (state = 'waiting' OR state = 'sent') AND lease_until <= {} ORDER BY made_at, id LIMIT {})"
            " AND (state = 'waiting' OR state = 'sent') AND lease_until <= {} RETURNING id",
            now + self._lease_ms, now, limit - flying, now,
        )  # fmt: skip
        return [row["id"] for row in rows]

    async def release(self, ids: Sequence[str]) -> None:
        """What was claimed and could not be sent waits again."""
        await Task.update({Task.state: "waiting", Task.lease_until: 0}).where(
            Task.id.is_in([*ids, ""]) & (Task.state == "sent")
        )

    async def due(self, kind: str, subject: str, every_ms: int) -> None:
        """A task that comes round: made unless one is open, or was done or made not long ago."""
        now = self._now()
        await self._database.run(
            "INSERT INTO task (id, kind, subject, state, tries, reason, lease_until, made_at, done_at)"
            " SELECT {}, {}, {}, 'waiting', 0, '', 0, {}, 0 WHERE NOT EXISTS"
            " (SELECT 1 FROM task WHERE kind = {} AND subject = {} AND (state <> 'done' OR made_at > {}))",
            opaque("t"), kind, subject, now, kind, subject, now - every_ms,
        )  # fmt: skip

    async def forget_done(self) -> None:
        await Task.delete().where((Task.state == "done") & (Task.done_at < self._now() - DONE_KEPT_MS))

    # The worker's side

    async def begin(self, id_: str) -> Job | None:
        """The task, its lease renewed; None where it is already done or given up."""
        rows = await self._database.run(
            "UPDATE task SET tries = tries + 1, lease_until = {} WHERE id = {} AND (state = 'waiting' OR state = 'sent')"
            " RETURNING *",
            self._now() + self._lease_ms,
            id_,
        )
        if not rows:
            return None
        job = _job(rows[0])
        if job.tries <= MOST_BEGUN:
            return job
        await self._put(job, "failed", f"begun {MOST_BEGUN} times, and its worker ended each time", 0)
        return None

    async def renew(self, id_: str) -> None:
        """It is still being done."""
        await Task.update({Task.lease_until: self._now() + self._lease_ms}).where(
            (Task.id == id_) & (Task.state == "sent")
        )

    async def done(self, id_: str) -> None:
        await Task.update({Task.state: "done", Task.reason: "", Task.done_at: self._now()}).where(
            Task.id == id_
        )

    async def failed(self, job: Job, reason: str) -> None:
        """Wait and be tried again, or after the last try wait for somebody to look."""
        state = "failed" if job.tries >= TRIES else "waiting"
        await self._put(job, state, reason, PAUSE_MS * job.tries**2)

    async def given_up(self, job: Job, reason: str) -> None:
        """Wait for somebody to look: to try it again would come to the same."""
        await self._put(job, "failed", reason, 0)

    async def put_off(self, job: Job, reason: str) -> None:
        """A service is down, which is nothing the task could mend: wait, and the try does not count."""
        await self._put(job, "waiting", reason, SERVICE_PAUSE_MS, tries=job.tries - 1)

    async def _put(self, job: Job, state: str, reason: str, pause_ms: int, tries: int | None = None) -> None:
        await Task.update(
            {
                Task.state: state,
                Task.reason: reason[:LONGEST_REASON],
                Task.lease_until: self._now() + pause_ms,
                Task.tries: job.tries if tries is None else tries,
            }
        ).where((Task.id == job.id) & (Task.state != "done"))

    # For those who look

    async def open(self, limit: int = 500) -> Open:
        rows = await self._database.run(
            "SELECT * FROM task WHERE state <> 'done' ORDER BY CASE state WHEN 'failed' THEN 0 ELSE 1 END, made_at, id"
            " LIMIT {}",
            limit + 1,
        )
        return Open(tasks=tuple(map(_job, rows[:limit])), complete=len(rows) <= limit)

    async def failures(self, limit: int = 500) -> Open:
        """Those that wait for somebody to look."""
        rows = await self._database.run(
            "SELECT * FROM task WHERE state = 'failed' ORDER BY made_at, id LIMIT {}", limit + 1
        )
        return Open(tasks=tuple(map(_job, rows[:limit])), complete=len(rows) <= limit)

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
