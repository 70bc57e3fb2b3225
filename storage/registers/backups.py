"""Backups and what came back from one: a copy of everything is itself a matter of record [P]."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.times import DAY_MS, to_date_text
from storage.act import LARGEST, Act, Bench, Change, Draft, Patch, Remove, act
from storage.entry import Body
from storage.registers.findings import by_the_clock
from storage.tables.catalogue import File, RegisterRow
from storage.tables.kept import Restoration

Reference = Annotated[str, Meta(min_length=1, max_length=64)]
Seq = Annotated[int, Meta(ge=1, le=LARGEST)]
RULE = "P-backup"
KEPT = "backups-kept"
"""The figure by which a backup is gone, and which a certificate of destruction reckons with."""


class RecordBackup(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A backup begins: entered before the first byte is copied, so that it holds its own entry."""

    backup: Reference


@act("record-backup", RecordBackup, register="backups", zh="登记备份", en="Record a backup", rules=(RULE,), public=False)  # fmt: skip
async def record_backup(params: RecordBackup, bench: Bench) -> Draft:
    by_the_clock(bench)
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules.append(RULE)
    draft.result = {"backup": params.backup, "keep_until": gone_by(bench)}
    return draft


class RecordRestore(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came back from a backup: up to which entry, which was the last known to have been made after it, and
    which files were destroyed since, so that their keys did not come back.
    """

    backup: Reference
    position: Seq
    last_known: Seq
    destroyed: tuple[Reference, ...] = ()


def project_restore(params: RecordRestore, _body: Body) -> Iterable[Change]:
    for file in params.destroyed:
        yield Patch(File, file, {"state": "rejected"})


@act("record-restore", RecordRestore, register="backups", zh="登记恢复", en="Record a restore", rules=(RULE,),
     project=project_restore, public=False)  # fmt: skip
async def record_restore(params: RecordRestore, bench: Bench) -> Draft:
    by_the_clock(bench)
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules.append(RULE)
    draft.result = {
        "backup": params.backup,
        "lost": params.last_known - params.position,
        "_files": list(params.destroyed),
    }
    draft.kept.append(Remove(Restoration, "backup", params.backup))
    return draft


async def no_backup_after(bench: Bench) -> str:
    """The day after which no backup holds what is destroyed now: of those made until now, or of one that was to be kept longer."""
    rows = await RegisterRow.select(RegisterRow.line).where(
        (RegisterRow.register == "backups") & (RegisterRow.act == "record-backup")
    )
    lines = [msgspec.json.decode(row["line"], type=_Line) for row in rows]
    return max([gone_by(bench), *(line.keep_until for line in lines)])


def gone_by(bench: Bench) -> str:
    """The day until which a backup made now is kept."""
    return to_date_text(bench.now + bench.parameter(KEPT) * DAY_MS)


class _Line(msgspec.Struct, frozen=True):
    keep_until: str
