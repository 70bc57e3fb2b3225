"""Stored files rechecked (P-intact): what is altered or missing is found, told to the archivist, and gone when it is gone."""

from __future__ import annotations

from graph.times import DAY_MS
from storage.integrity import Integrity, wanting
from storage.organisations import SetClock
from storage.rounds import Rounds
from storage.tables.catalogue import Carrier
from storage.wiring import Wiring
from tests import files
from tests.api.doors import Doors
from tests.api.test_uploads import flip
from tests.api.uploads import approved, uploaded
from tests.columns import Ground

EVERY = 30


async def stored(house: Wiring, ground: Ground, carrier: str = "C2", *, copies: int = 1) -> str:
    await approved(house, carrier=carrier, copies=copies)
    async with Doors(house, ground).by("p04", "T210") as archivist:
        return await uploaded(archivist, carrier, "通报.pdf", files.scanned_pdf(pages=1))


async def test_each_file_is_read_whole_once_in_a_while(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    file = await stored(binhai, binhai_ground)
    integrity = Integrity(binhai.database, binhai.files, binhai.now)

    first, at_once = await integrity.recheck(EVERY), await integrity.recheck(EVERY)
    sound = await wanting()
    await flip(binhai, file)
    clock.put(binhai.now() + (EVERY + 1) * DAY_MS)
    later = await integrity.recheck(EVERY)

    assert (first, at_once, later) == (1, 0, 1)
    assert sound == []
    assert [(each, wrong) for each, _, wrong in await wanting()] == [(file, "altered")]


async def test_a_bit_more_than_may_be_read_at_once_waits_for_the_next_turn(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    await stored(binhai, binhai_ground, copies=1)
    await stored(binhai, binhai_ground, copies=2)
    integrity = Integrity(binhai.database, binhai.files, binhai.now)

    counts = [await integrity.recheck(EVERY, at_once=1) for _ in range(3)]

    assert counts == [1, 1, 0]


async def test_what_is_missing_is_a_finding_of_the_archivists_until_the_file_is_gone(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    file = await stored(binhai, binhai_ground)
    await binhai.vault.delete(file)
    await Integrity(binhai.database, binhai.files, binhai.now).recheck(EVERY)
    rounds = Rounds(binhai.office, binhai.questions._sources, binhai.ledger, binhai.now)
    carrier = (await Carrier.select().where(Carrier.file == file))[0]["id"]
    doors = Doors(binhai, binhai_ground)

    await rounds.walk()
    async with doors.by("p04") as archivist, doors.by("p06") as other:
        told = (await archivist.get("/api/v1/findings")).json()["findings"]
        untold = (await other.get("/api/v1/findings")).json()["findings"]
        rejected = await archivist.post("/api/v1/acts/reject-scan", json={"file": file, "reason": "已损坏"})
    await rounds.walk()
    async with doors.by("p04") as archivist:
        after = (await archivist.get("/api/v1/findings")).json()["findings"]

    found = [each for each in told if each["code"] == "file-missing"]
    assert [(each["subject"], each["rules"], each["mine"]) for each in found] == [
        (carrier, ["P-intact"], True)
    ]
    assert [each for each in untold if each["code"].startswith("file-")] == []
    assert rejected.status_code == 201
    assert [each for each in after if each["code"] == "file-missing"] == []
