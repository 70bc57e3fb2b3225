"""What destroying leaves behind: no facts but that it is gone, no key, and a numbered certificate (S03-6.2a)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.facts import Facts
from graph.times import to_datetime
from storage.act import Bench, Change, Draft, Patch, Put, Work
from storage.entry import Body
from storage.registers import errands
from storage.registers.backups import no_backup_after
from storage.registers.custody import Held, contact, finish
from storage.tables.catalogue import File, Number
from storage.tables.kept import WrappedKey

ENDED = ("HELD_BY", "KEPT_IN", "ACCOMPANIED_BY", "CARRIES", "MISSING", "RETURN_DUE")
SERIES = {"destruction": "销〔{year}〕{n:03d}", "scan-destruction": "扫销〔{year}〕{n:03d}"}
"""Certificates of what the leader approved and witnesses saw, and of scans that never became part of the holdings."""


async def erase(
    draft: Draft, bench: Bench, world: Facts, held: Sequence[Held], *, method: str, hands: Sequence[str],
    series: str = "destruction",
) -> None:  # fmt: skip
    """Facts ended, keys destroyed, the certificate numbered: nothing is left of them but the record."""
    year = to_datetime(bench.occurred).year
    n = await bench.next_number(series, year)
    for each in held:
        finish(draft, bench, world, each, *ENDED)
        draft.begin("DESTROYED", each.node, bench.own, details={"method": method})
        errands.became(draft, each.id, "destroyed")
        contact(draft, each, hands)
        if each.file:
            draft.kept.append(Patch(WrappedKey, each.file, {"wrapped": "", "destroyed_at": bench.now}))
            draft.work.append(Work("erase", each.file))
    draft.result |= {
        "certificate": SERIES[series].format(year=year, n=n), "_number": [year, n], "_series": series,
        "carriers": [each.id for each in held], "no_backup_after": await no_backup_after(bench),
        "_files": [each.file for each in held if each.file],
    }  # fmt: skip


def erased(body: Body) -> Iterable[Change]:
    """The certificate's number, and the files that are no more."""
    series, (year, n), text = (
        body.result.get("_series", "destruction"),
        body.result["_number"],
        body.result["certificate"],
    )
    number = {"series": series, "year": year, "n": n, "text": text, "entry": body.ref}
    yield Put(Number, {"id": f"{series}/{text}", **number})
    for file in body.result["_files"]:
        yield Patch(File, file, {"state": "rejected"})
