"""Backups: everything as of one entry but the organisation's key, brought back whole into an empty store or not at all (P-backup)."""

from __future__ import annotations

import asyncio
import json
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graph.errors import BadField
from storage import backup, destroyed, manifest, restore
from storage.keys import OrganisationKey
from storage.ledger import HEADS
from storage.manifest import MANIFEST
from storage.organisations import SetClock
from storage.restore import Brought
from storage.tables.catalogue import Carrier, File
from storage.tables.kept import Account, Restoration, Session, Task, Upload, WrappedKey
from storage.tables.ledger import Entry
from storage.wiring import Stores, Wiring, opened, stores
from tests import columns, files
from tests.api.doors import Doors
from tests.api.test_integrity import stored
from tests.columns import Ground
from tests.storage.answers import readers
from tests.storage.fingerprint import catalogue

PAGE = files.picture()
BESIDE = {"register_row", "fact_entry"}
"""Rows that the entry of the restore adds."""


def of(house: Wiring) -> Stores:
    return Stores(
        settings=house.settings, database=house.database, ledger=house.ledger, key=house.key, vault=house.vault,
        office=house.office, now=house.now,
    )  # fmt: skip


async def brought_back(
    target: Ground, clock: SetClock, folder: Path, *, lose_later: bool = False, listed: Path | None = None
) -> Brought:
    """The first half of a restore; catalogue and graph are still to come."""
    async with stores(target.storage, now=clock, unfinished=True) as kept:
        return await restore.bring(kept, folder, lose_later=lose_later, destroyed_list=listed)


async def filled(house: Wiring, ground: Ground) -> str:
    """滨海局 with an accepted scan whose page is drawn, accounts, and an upload that has only begun; the scan's id."""
    file = await stored(house, ground)
    await house.office.do("p04", "accept-scan", {"file": file, "serial": "电-001"})
    await house.files.write_derived(file, "p1", PAGE)
    unfinished = await house.files.begin("p04", "C2", name="半截.pdf", declared="", length=900)
    assert await Upload.exists().where(Upload.id == unfinished)
    return file


async def destroy(house: Wiring, file: str) -> None:
    carrier = (await Carrier.select(Carrier.id).where(Carrier.file == file))[0]["id"]
    do = house.office.do
    await do("p03", "request-destruction", {"id": "DE1", "carriers": [carrier], "reason": "过期"})
    await do("p01", "approve-destruction", {"destruction": "DE1"})
    await do("p03", "count-destruction", {"destruction": "DE1", "carriers": [carrier]})
    done = {"destruction": "DE1", "outcome": "密钥销毁", "witnesses": ["p02", "p04"], "method": "key"}
    await do("p03", "destroy-carriers", done)


async def test_what_comes_back_answers_as_before(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    file = await filled(binhai, binhai_ground)
    taken = await backup.take(of(binhai), tmp_path / "b")
    before = await catalogue()
    head = await binhai.ledger.head()
    plain = await (await binhai.files.open(file)).read()
    audience = await readers(binhai, "D2")
    accounts = await Account.select().order_by(Account.login)
    await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["yewu1"]})

    async with columns.elsewhere(binhai_ground) as target:
        brought = await brought_back(target, clock, tmp_path / "b")
        async with opened(target.storage, target.graph, now=clock, unfinished=True) as house:
            findings = await restore.finish(house, brought)
            after = await catalogue()
            again = await house.ledger.head()
            verified = await house.ledger.verify()

            assert findings == []
            assert (taken.manifest.seq, taken.manifest.hash) == (head.seq, head.hash)
            assert (again.seq, verified.findings) == (head.seq + 1, ())
            assert {name for name in before if before[name] != after[name]} <= BESIDE
            assert after["register_row"][: head.seq] == before["register_row"]
            assert await readers(house, "D2") == audience
            assert await (await house.files.open(file)).read() == plain
            assert await house.files.read_derived(file, "p1") == PAGE
            assert await Account.select().order_by(Account.login) == accounts
            assert await Session.count() + await Upload.count() + await Restoration.count() == 0
            assert {row["file"] for row in await WrappedKey.select().where(WrappedKey.wrapped != "")} == {
                file
            }
            row = (await house.ledger.find(again_ref(after))).result  # type: ignore[union-attr]
            assert (row["backup"], row["lost"], row["_files"]) == (taken.manifest.backup, 0, [])
    assert not brought.overdue
    assert taken.missing == ()


def again_ref(after: dict[str, list[dict[str, Any]]]) -> str:
    line = after["register_row"][-1]
    assert (line["act"], line["register"]) == ("record-restore", "backups")
    return str(line["reference"])


async def test_a_backup_holds_neither_the_key_nor_keys_of_what_was_destroyed(
    binhai: Wiring, binhai_ground: Ground, tmp_path: Path
) -> None:
    file = await filled(binhai, binhai_ground)
    wrapped = (await WrappedKey.select().where(WrappedKey.file == file))[0]["wrapped"]
    await backup.take(of(binhai), tmp_path / "before")
    await destroy(binhai, file)
    taken = await backup.take(of(binhai), tmp_path / "after")

    secret = json.loads(binhai_ground.storage.key_file.read_bytes())
    held = b"".join(path.read_bytes() for path in (tmp_path / "after").rglob("*") if path.is_file())
    assert wrapped.encode() in (tmp_path / "before" / "wrapped_key.jsonl").read_bytes()
    for name in ("master", "signing_seed"):
        assert secret[name].encode() not in held
    assert wrapped.encode() not in held
    assert (taken.objects, list((tmp_path / "after" / "objects").iterdir())) == (0, [])
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "after").rglob("*")} == {0}


async def test_it_is_of_one_entry_though_the_work_goes_on_and_holds_nobody_up(
    binhai: Wiring, binhai_ground: Ground, tmp_path: Path
) -> None:
    doors = Doors(binhai, binhai_ground)
    people = ["p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08"]

    async def work() -> None:
        for person in people:
            await doors.account(person)

    taken, _ = await asyncio.gather(backup.take(of(binhai), tmp_path / "b"), work())

    made = manifest.read(tmp_path / "b", binhai.key)
    assert manifest.check(tmp_path / "b", made) == 0
    bodies = [json.loads(row["body"]) for row in manifest.rows(tmp_path / "b", made.part("entries"))]
    accounts = list(manifest.rows(tmp_path / "b", made.part("account")))
    assert [body["seq"] for body in bodies] == list(range(1, taken.manifest.seq + 1))
    assert [body["act"] for body in bodies].count("record-backup") == 1
    opened_by_then = [body["payload"]["person"] for body in bodies if body["act"] == "open-account"]
    assert sorted(row["person"] for row in accounts) == sorted(opened_by_then)
    assert await binhai.ledger.hash_at(made.seq) == made.hash


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def other_head(path: Path) -> None:
    """A manifest that says of itself what its signature does not."""
    found = json.loads(path.read_bytes())
    path.write_text(json.dumps({**found, "seq": found["seq"] - 1}))


SPOILT: list[tuple[str, Callable[[Path], None], str]] = [
    ("entries.jsonl", flip, "backup-altered"),
    ("entries.jsonl", cut, "backup-cut-short"),
    ("wrapped_key.jsonl", flip, "backup-altered"),
    ("account.jsonl", Path.unlink, "backup-cut-short"),
    ("objects.jsonl", cut, "backup-cut-short"),
    ("objects/*", flip, "backup-altered"),
    ("objects/*", cut, "backup-cut-short"),
    ("objects/*", Path.unlink, "backup-cut-short"),
    (MANIFEST, other_head, "backup-altered"),
    (MANIFEST, cut, "backup-altered"),
    (MANIFEST, Path.unlink, "backup-unfinished"),
]


@pytest.mark.only_embedded
async def test_a_backup_that_is_not_as_it_was_made_leaves_nothing_behind(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    await filled(binhai, binhai_ground)
    await backup.take(of(binhai), tmp_path / "b")
    other = tmp_path / "other.key"
    OrganisationKey.create(other)
    told: list[tuple[str, str]] = []

    async with columns.elsewhere(binhai_ground) as target:

        async def refused(folder: Path, ground: Ground) -> str:
            async with stores(ground.storage, now=clock, unfinished=True) as kept:
                with pytest.raises(BadField) as error:
                    await restore.bring(kept, folder)
                await kept.vault.prepare()
                objects = [name async for name in kept.vault.list_objects()]
                assert objects == []
                assert await Entry.count() + await Restoration.count() + await WrappedKey.count() == 0
                assert not ground.storage.anchors.exists()
            return error.value.errors[0].code

        for n, (name, spoil, _) in enumerate(SPOILT):
            copy = tmp_path / f"spoilt-{n}"
            shutil.copytree(tmp_path / "b", copy)
            spoil(min(copy.glob(name)))
            told.append((name, await refused(copy, target)))
        foreign = msgspec.structs.replace(
            target, storage=msgspec.structs.replace(target.storage, key_file=other)
        )
        assert await refused(tmp_path / "b", foreign) == "backup-of-another-key"

    assert told == [(name, code) for name, _, code in SPOILT]


async def test_only_an_empty_store_takes_a_backup_and_only_an_empty_folder(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    await backup.take(of(binhai), tmp_path / "b")

    with pytest.raises(BadField) as onto_itself:
        await restore.bring(of(binhai), tmp_path / "b")
    with pytest.raises(BadField) as twice:
        await backup.take(of(binhai), tmp_path / "b")
    async with columns.elsewhere(binhai_ground) as target, stores(target.storage, now=clock) as kept:
        await kept.vault.prepare()
        await kept.vault.begin("fl-left")
        with pytest.raises(BadField) as vault:
            await restore.bring(kept, tmp_path / "b")
        assert not await Restoration.exists()

    fields = [each.value.errors[0] for each in (onto_itself, twice, vault)]
    assert [(each.field, each.code) for each in fields] == [
        ("ZHIXI_DATABASE", "store-not-empty"), ("folder", "folder-not-empty"), ("ZHIXI_VAULT", "store-not-empty"),
    ]  # fmt: skip


async def test_what_was_destroyed_after_the_backup_stays_destroyed(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    file = await filled(binhai, binhai_ground)
    taken = await backup.take(of(binhai), tmp_path / "b")
    await destroy(binhai, file)
    last = (await binhai.ledger.head()).seq
    seq = taken.manifest.seq

    async with columns.elsewhere(binhai_ground) as target:
        shutil.copytree(binhai_ground.storage.anchors, target.storage.anchors)
        with pytest.raises(BadField) as asked:
            await brought_back(target, clock, tmp_path / "b")
        brought = await brought_back(target, clock, tmp_path / "b", lose_later=True)
        async with opened(target.storage, target.graph, now=clock, unfinished=True) as house:
            assert await restore.finish(house, brought) == []
            key = (await WrappedKey.select().where(WrappedKey.file == file))[0]
            assert (key["wrapped"], key["destroyed_at"] > 0) == ("", True)
            assert (await File.select(File.state).where(File.id == file))[0]["state"] == "rejected"
            assert [name async for name in house.vault.list_objects()] == []
            assert (await house.ledger.verify()).findings == ()
            entry = await house.ledger.head()
            assert entry.seq == seq + 1
        aside = target.storage.anchors / f"heads-before-{taken.manifest.backup}.jsonl"
        assert aside.exists()

    assert (asked.value.errors[0].code, asked.value.errors[0].values) == (
        "entries-after-the-backup", {"seq": seq, "last": last},
    )  # fmt: skip
    assert (brought.destroyed, brought.last_known, brought.unsure) == ((file,), last, False)
    assert [code for code, _ in restore.warnings(brought)] == ["restore-lost", "restore-destroyed"]


@pytest.mark.only_embedded
async def test_where_nothing_tells_of_destructions_whoever_restores_is_warned(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    file = await filled(binhai, binhai_ground)
    await backup.take(of(binhai), tmp_path / "b")
    await destroy(binhai, file)
    listed = binhai_ground.storage.anchors / destroyed.NAME
    clock.put(clock() + 31 * 86_400_000)

    async with columns.elsewhere(binhai_ground) as target:
        silent = await brought_back(target, clock, tmp_path / "b")
    async with columns.elsewhere(binhai_ground) as target:
        forged = tmp_path / "forged.jsonl"
        forged.write_bytes(listed.read_bytes().replace(file.encode(), b"fl-another"))
        unsigned = await brought_back(target, clock, tmp_path / "b", listed=forged)
    async with columns.elsewhere(binhai_ground) as target:
        told = await brought_back(target, clock, tmp_path / "b", listed=listed)

    assert [code for code, _ in restore.warnings(silent)] == ["restore-unsure", "restore-overdue"]
    assert (silent.destroyed, unsigned.destroyed, told.destroyed) == ((), (), (file,))


@pytest.mark.only_embedded
async def test_what_a_crash_kept_from_the_list_of_the_destroyed_is_written_down_later(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    file = await filled(binhai, binhai_ground)
    await destroy(binhai, file)
    listed = binhai_ground.storage.anchors / destroyed.NAME
    ledger = await binhai.ledger.id()
    at_once = destroyed.noted(listed, binhai.key, ledger)
    listed.unlink()

    await binhai.ledger.keep_anchor()
    await binhai.ledger.keep_anchor()

    assert at_once == destroyed.noted(listed, binhai.key, ledger) == {file}
    assert len(listed.read_bytes().splitlines()) == 1


@pytest.mark.only_embedded
async def test_a_file_missing_from_the_vault_is_named(
    binhai: Wiring, binhai_ground: Ground, tmp_path: Path
) -> None:
    file = await filled(binhai, binhai_ground)
    await binhai.vault.delete(file)

    taken = await backup.take(of(binhai), tmp_path / "b")

    assert (taken.missing, taken.objects) == ((file,), 1)


async def test_what_is_destroyed_while_the_backup_is_made_is_not_in_it(
    binhai: Wiring, binhai_ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await filled(binhai, binhai_ground)
    copied = backup._copied

    async def slowly(*given: Any) -> manifest.Stored:
        done = await copied(*given)
        if not await WrappedKey.exists().where((WrappedKey.file == file) & (WrappedKey.wrapped == "")):
            await destroy(binhai, file)
        return done

    monkeypatch.setattr(backup, "_copied", slowly)
    taken = await backup.take(of(binhai), tmp_path / "b")

    keys = list(manifest.rows(tmp_path / "b", taken.manifest.part("wrapped_key")))
    assert file not in {row["file"] for row in keys if row["wrapped"]}
    assert (taken.objects, taken.missing, list((tmp_path / "b" / "objects").iterdir())) == (0, (), [])


@pytest.mark.only_embedded
async def test_a_large_file_goes_through_in_pieces(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    file = await filled(binhai, binhai_ground)
    part, parts = bytes(8 << 20), 8
    await binhai.vault.delete(file)
    await binhai.vault.begin(file)
    for number in range(1, parts + 1):
        await binhai.vault.put_part(file, number, part)
    await binhai.vault.complete(file, parts=parts, size=parts * len(part))

    async with columns.elsewhere(binhai_ground) as target:
        tracemalloc.start()
        try:
            await backup.take(of(binhai), tmp_path / "b")
            await brought_back(target, clock, tmp_path / "b")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 40 << 20


@pytest.mark.only_embedded
async def test_tasks_come_back_to_be_done(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, tmp_path: Path
) -> None:
    await filled(binhai, binhai_ground)
    waiting = {row["id"] for row in await Task.select(Task.id)}
    await backup.take(of(binhai), tmp_path / "b")

    async with columns.elsewhere(binhai_ground) as target:
        await brought_back(target, clock, tmp_path / "b")
        async with stores(target.storage, now=clock, unfinished=True):
            assert {row["id"] for row in await Task.select(Task.id)} == waiting
        assert (target.storage.anchors / HEADS).exists()
        with pytest.raises(BadField) as unfinished:
            async with opened(target.storage, target.graph, now=clock):
                pass

    assert unfinished.value.errors[0].code == "restore-unfinished"
