"""Uploads: judged before the first byte, resumable, encrypted, staged, accepted or rejected, and read under a reading."""

from __future__ import annotations

import hashlib

import pytest

from graph.kinds import Node
from storage.cipher import Tampered
from storage.integrity import wanting
from storage.tables.catalogue import Carrier, File, Reading, RegisterRow
from storage.tables.kept import WrappedKey
from storage.wiring import Wiring
from tests import files
from tests.api.doors import Doors
from tests.api.uploads import accepted, approved, begun, sent, uploaded
from tests.columns import Ground
from tests.storage.answers import standing, whereabouts
from tests.storage.fingerprint import unwritten
from tests.storage.refusals import refused


async def test_a_scan_arrives_is_staged_as_a_carrier_and_accepted(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    content = files.scanned_pdf(pages=2)
    await approved(binhai)

    async with doors.by("p04") as archivist:
        file = await uploaded(archivist, "C2", "通报.pdf", content)
        staged = (await archivist.get("/api/v1/documents/D2")).json()
        accepted = await archivist.post("/api/v1/acts/accept-scan", json={"file": file, "serial": "电-001"})

    rows = await File.select().where(File.id == file)
    assert rows[0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert (rows[0]["media_type"], rows[0]["pages"], rows[0]["state"]) == ("application/pdf", 2, "accepted")
    assert [each["state"] for each in staged["files"]] == ["staged"]
    assert [each["copy_of"] for each in staged["carriers"] if each["medium"] == "electronic"] == ["C2"]
    assert accepted.status_code == 201


async def test_an_upload_without_approval_is_refused_before_the_first_byte(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p04") as archivist, unwritten(binhai):
        response = await begun(archivist, "C2", "通报.pdf", 1000)

    assert response.status_code == 403
    assert response.json()["rules"] == ["S03-4.5.2"]


async def test_the_store_takes_nothing_above_its_accreditation(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do(
        "p01", "approve-copy",
        {"carrier": "C1", "mode": "scan", "person": "p04", "authority": "originator", "letter": "省委办函8号"},
    )  # fmt: skip

    async with doors.by("p04") as archivist:
        response = await begun(archivist, "C1", "方案.pdf", 1000)

    assert response.status_code == 403
    assert "S02-15c" in response.json()["rules"]
    logged = await RegisterRow.select().where(RegisterRow.register == "refusals")
    assert [(row["actor"], row["subject"]) for row in logged] == [("p04", "p04")]


async def test_a_scan_of_a_secret_document_is_accepted_with_its_number_only(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    """S03-2.1e."""
    doors = Doors(binhai, binhai_ground)
    await approved(binhai)

    async with doors.by("p04") as archivist:
        file = await uploaded(archivist, "C2", "通报.pdf", files.scanned_pdf(pages=1))
        without = await archivist.post("/api/v1/acts/accept-scan", json={"file": file})
        taken = await archivist.post("/api/v1/acts/accept-scan", json={"file": file, "serial": "000012"})

    assert (without.status_code, without.json()["rules"]) == (403, ["S03-2.1e"])
    assert (taken.status_code, taken.json()["rules"]) == (403, ["S03-2.1e"])


async def test_an_upload_goes_on_where_it_stopped(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    content = files.scanned_pdf(pages=2)
    half = len(content) // 2
    await approved(binhai)

    async with doors.by("p04") as archivist:
        location = (await begun(archivist, "C2", "通报.pdf", len(content))).headers["location"]
        first = await sent(archivist, location, 0, content[:half])
        wrong = await sent(archivist, location, 3, content[half:])
        due = (await archivist.head(location)).headers["upload-offset"]
        last = await sent(archivist, location, int(due), content[half:])

    assert (first.status_code, int(due)) == (204, half)
    assert [each["field"] for each in wrong.json()["errors"]] == ["Upload-Offset"]
    assert last.status_code == 204
    rows = await File.select().where(File.id == last.headers["x-zhixi-file"])
    assert rows[0]["sha256"] == hashlib.sha256(content).hexdigest()


async def test_an_interrupted_upload_is_visible_to_nobody_else(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    content = files.scanned_pdf(pages=1)
    await approved(binhai)

    async with doors.by("p04") as archivist, doors.by("p03") as custodian:
        location = (await begun(archivist, "C2", "通报.pdf", len(content))).headers["location"]
        await sent(archivist, location, 0, content[:1000])
        others = await custodian.head(location)
        page = (await custodian.get("/api/v1/documents/D2")).json()

    assert others.status_code == 404
    assert page["files"] == []


async def test_a_rejected_scan_can_be_read_nowhere_any_more(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    await approved(binhai)

    async with doors.by("p04", "T210") as archivist:
        file = await uploaded(archivist, "C2", "通报.pdf", files.scanned_pdf(pages=1))
        reading = await archivist.post("/api/v1/documents/D2/readings", json={"file": file})
        rejected = await archivist.post("/api/v1/acts/reject-scan", json={"file": file, "reason": "缺角"})
        again = await archivist.post("/api/v1/documents/D2/readings", json={"file": file})
        page = await archivist.get(f"/api/v1/readings/{reading.json()['reading']}/pages/1")

    assert (reading.status_code, rejected.status_code) == (201, 201)
    assert again.status_code == 422
    assert page.status_code == 422
    keys = await WrappedKey.select().where(WrappedKey.file == file)
    carriers = await Carrier.select().where(Carrier.file == file)
    assert keys[0]["wrapped"] == ""
    assert carriers[0]["state"] == "destroyed"


async def test_a_flipped_bit_in_the_store_is_found_at_reading(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    content = files.scanned_pdf(pages=1)
    await approved(binhai)
    async with doors.by("p04", "T210") as archivist:
        file, carrier = await accepted(archivist, content)
    await approved(binhai, carrier=carrier, person="p05", mode="download")
    await flip(binhai, file)

    async with doors.by("p05", "T210") as reader:
        reading = await reader.post("/api/v1/documents/D2/readings", json={"file": file, "mode": "download"})
        with pytest.raises(
            Exception, match="after response started"
        ):  # the connection breaks: no wrong byte is sent
            await reader.get(f"/api/v1/readings/{reading.json()['reading']}/content")

    assert reading.status_code == 201
    with pytest.raises(Tampered, match="chunk"):
        await (await binhai.files.open(file)).read()
    assert await wanting() == [(file, carrier, "altered")]


async def flip(house: Wiring, file: str) -> None:
    """Change one byte of what the store holds."""
    content = bytearray(b"".join([piece async for piece in house.vault.read_range(file)]))
    content[len(content) // 2] ^= 1
    await house.vault.delete(file)
    await house.vault.begin(file)
    await house.vault.put_part(file, 1, bytes(content))
    await house.vault.complete(file, parts=1, size=len(content))


async def test_a_download_needs_its_approval_and_comes_by_ranges(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    content = files.scanned_pdf(pages=1)
    await approved(binhai)

    async with doors.by("p04", "T210") as archivist, doors.by("p05", "T210") as reader:
        file, carrier = await accepted(archivist, content)
        refused = await reader.post("/api/v1/documents/D2/readings", json={"file": file, "mode": "download"})
        await approved(binhai, carrier=carrier, person="p05", mode="download")
        reading = (
            await reader.post("/api/v1/documents/D2/readings", json={"file": file, "mode": "download"})
        ).json()
        whole = await reader.get(f"/api/v1/readings/{reading['reading']}/content")
        part = await reader.get(
            f"/api/v1/readings/{reading['reading']}/content", headers={"Range": "bytes=100-199"}
        )

    assert refused.json()["rules"] == ["S03-4.5.2", "S03-4.5.4a"]
    assert "copy" not in reading
    assert whole.content == content
    assert (part.status_code, part.content) == (206, content[100:200])


async def test_a_download_is_a_copy_with_a_number_and_a_holder_and_no_more_are_made_than_approved(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    """S03-4.5.4a, G04: one approved, one made; its bytes may be asked for again, a second copy may not."""
    doors = Doors(binhai, binhai_ground)
    await approved(binhai)

    async with doors.by("p04", "T210") as archivist, doors.by("p05", "T210") as reader:
        file, scan = await accepted(archivist, files.scanned_pdf(pages=1))
        await approved(binhai, carrier=scan, person="p05", mode="download")
        wanted = {"file": file, "mode": "download"}
        reading = (await reader.post("/api/v1/documents/D2/readings", json=wanted)).json()["reading"]
        bytes_ = [await reader.get(f"/api/v1/readings/{reading}/content") for _ in range(2)]
        second = await reader.post("/api/v1/documents/D2/readings", json=wanted)

    made = await Carrier.select().where(Carrier.copy_of == scan)
    assert [(row["serial"], row["medium"], row["state"]) for row in made] == [
        ("下〔2026〕001", "hard-disk", "present")
    ]
    assert await whereabouts(binhai, made[0]["id"]) == (["p05"], ["T210"])
    assert [each.status_code for each in bytes_] == [200, 200]
    assert (second.status_code, second.json()["rules"]) == (403, ["S03-4.5.4a"])


async def test_a_print_is_registered_under_its_own_approval(binhai: Wiring, binhai_ground: Ground) -> None:
    """S03-4.5.4a, G04: a leave to print is none to copy, and the other way round."""
    await approved(binhai, mode="print")
    printed = {"carrier": "C2", "serial": "印-001", "mode": "print", "kept_in": "B1"}

    copied = await refused(binhai, "p04", "register-copy", {**printed, "mode": "copy"})
    made = await binhai.office.do("p04", "register-copy", printed)
    more = await refused(binhai, "p04", "register-copy", {**printed, "serial": "印-002"})

    assert (copied, more) == ({"S03-4.5.2", "S03-4.5.4a"}, {"S03-4.5.4a"})
    [fact] = await standing(binhai, made.result["carrier"], "COPY_OF", label=Node.CARRIER)
    assert (fact.target, fact.details["mode"]) == ("C2", "print")


async def test_what_is_revoked_is_not_served_under_a_reading_opened_before(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await approved(binhai)

    async with doors.by("p04", "T210") as archivist, doors.by("p05", "T210") as reader:
        file, _ = await accepted(archivist, files.scanned_pdf(pages=1))
        reading = (await reader.post("/api/v1/documents/D2/readings", json={"file": file})).json()["reading"]
        before = await reader.get(f"/api/v1/readings/{reading}/pages/1")
        await binhai.office.do("p01", "narrow-range", {"document": "D2", "remove": ["yewu1"]})
        after = await reader.get(f"/api/v1/readings/{reading}/pages/1")

    assert before.status_code == 409  # no worker runs here: the page has not been drawn
    assert before.json()["type"] == "/problems/preview-waiting"
    assert after.status_code == 404


async def test_no_get_appends_and_every_opening_is_entered_first(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    head = await binhai.ledger.head()

    async with doors.by("p05", "T210") as reader:
        entered = await binhai.ledger.head()
        await reader.get("/api/v1/documents/D2")
        await reader.get("/api/v1/questions/audience", params={"item": "D2"})
        unchanged = await binhai.ledger.head()
        await reader.post("/api/v1/documents/D2/readings", json={})

    assert entered.seq == head.seq + 1  # the account
    assert unchanged == entered
    assert (await binhai.ledger.head()).seq == entered.seq + 1
    assert await Reading.count() == 1


async def test_a_refused_opening_at_an_unenrolled_terminal_is_entered_exactly_once(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as reader:
        before = await binhai.ledger.head()
        refused = await reader.post("/api/v1/documents/D2/readings", json={})
        after = await binhai.ledger.head()

    assert set(refused.json()["rules"]) == {"S02-15c", "S03-3.6"}
    assert after.seq == before.seq + 1
