"""Rounds of the clock on 滨海局: noted once, closed when mended, accepted for a time, and seen by those whose duty it is."""

from __future__ import annotations

import pytest

from graph.errors import BadField, Refused
from graph.sources import Sources
from graph.times import DAY_MS, parse
from storage.act import Put
from storage.catalogue import write
from storage.findings import Findings
from storage.ledger import Ledger
from storage.office import Office
from storage.organisations import SetClock
from storage.registers.founding import SYSTEM
from storage.rounds import Rounds
from storage.tables.catalogue import File, FindingRow, Number, RegisterRow
from storage.tables.kept import Task, WrappedKey
from storage.wiring import Wiring
from tests.storage.requests import SCAN


def rounds(house: Wiring) -> Rounds:
    """As a worker walks them: with an office that has no graph."""
    ledger = Ledger(house.database, house.key, house.settings.anchors)
    sources = Sources(None, None, ledger, 1_000_000)
    office = Office(database=house.database, ledger=ledger, sources=sources, projection=None, now=house.now)
    return Rounds(office, sources, ledger, house.now)


async def of(house: Wiring, person: str, *, mine: bool = True) -> dict[str, str]:
    found = await Findings(house.questions).of(person, mine=mine)
    return {f"{each.code}/{each.subject}": each.state for each in found.lines}


async def test_what_is_found_is_entered_once_and_closed_when_it_is_mended(binhai: Wiring) -> None:
    first = await rounds(binhai).walk()
    again = await rounds(binhai).walk()
    assert first.noted == first.standing > 0
    assert (again.noted, again.closed) == (0, 0)
    assert (await of(binhai, "p07"))["undertaking-in-post-missing/p07"] == "new"

    await binhai.office.do(
        "p07", "record-undertaking", {"person": "p07", "undertaking": "in_post", "version": "2026版"}
    )
    signed = await rounds(binhai).walk()
    await binhai.office.do("p20", "countersign-undertaking", {"person": "p07", "undertaking": "in_post"})
    mended = await rounds(binhai).walk()

    assert (signed.noted, signed.closed) == (1, 1)  # it waits for the unit's signature
    assert (mended.noted, mended.closed) == (0, 1)
    assert "undertaking-in-post-missing/p07" not in await of(binhai, "p07")
    verified = await binhai.ledger.verify()
    assert verified.findings == ()


async def test_the_graph_follows_what_a_worker_entered_without_it(binhai: Wiring) -> None:
    await rounds(binhai).walk()
    head = await binhai.ledger.head()

    await binhai.projection.reach(head)

    assert binhai.projection.reached == head.seq


async def test_everyone_sees_their_own_and_who_oversees_sees_all(binhai: Wiring) -> None:
    await rounds(binhai).walk()

    everything = await of(binhai, "p02", mine=False)
    assert "undertaking-in-post-missing/p07" in everything
    assert "undertaking-in-post-missing/p07" not in await of(binhai, "p06", mine=False)
    assert set(await of(binhai, "p06", mine=False)) < set(everything)


async def test_s01_10b_s02_4_1_what_stands_is_counted_by_department_for_who_oversees(binhai: Wiring) -> None:
    await rounds(binhai).walk()

    overview = await Findings(binhai.questions).of("p02")

    counted = dict(overview.units)
    assert counted["yewu1"] == sum(each.unit == "yewu1" for each in overview.lines)
    assert sum(counted.values()) == overview.total
    assert overview.complete


async def test_s01_10b_an_open_incident_is_counted_until_it_is_concluded(binhai: Wiring) -> None:
    told = {"procedure": "incident", "subject": "p06", "form": {"what": "载体不见"}}
    case = (await binhai.office.do("p02", "open-case", told)).result["case"]
    await rounds(binhai).walk()
    open_ = [
        each for each in (await Findings(binhai.questions).of("p02")).lines if each.code == "incident-open"
    ]

    for actor, step, form in (
        ("p02", "investigate", {"findings": "未见异常"}),
        ("p01", "conclude", {"outcome": "unfounded"}),
    ):
        await binhai.office.do(actor, "take-step", {"case": case, "step": step, "form": form})
    await rounds(binhai).walk()

    assert [(each.subject, each.unit, each.rules) for each in open_] == [
        ("p06", "yewu1", ("S01-10b", "S01-18a"))
    ]
    assert "incident-open/p06" not in await of(binhai, "p02", mine=False)


async def test_s01_9_the_head_is_reminded_of_education_beside_the_person(
    binhai: Wiring, clock: SetClock
) -> None:
    clock.put(parse("2027-03-02T09:00:00+08:00", field="clock"))
    await rounds(binhai).walk()

    assert "education-overdue/p06" in await of(binhai, "p05")
    assert "education-overdue/p06" in await of(binhai, "p06")
    assert "education-overdue/p06" not in await of(binhai, "p07")


async def test_ones_own_duty_is_there_however_many_findings_others_have(binhai: Wiring) -> None:
    kept = {
        "code": "reason.no-principal",
        "rules": "S02-3b",
        "subject": "R210",
        "state": "new",
        "changed_at": 0,
    }
    theirs = {**kept, "whose": "LEADING_GROUP_OF"}
    rows = [Put(FindingRow, {**theirs, "id": f"f-{n}", "key": f"k/{n}", "noted_at": n}) for n in range(2100)]
    mine = {**kept, "state": "accepted", "whose": "PERSON", "person": "p06", "noted_at": 0}
    await write([*rows, Put(FindingRow, {**mine, "id": "finding-own", "key": "own"})])

    own = await Findings(binhai.questions).of("p06")

    assert ([each.id for each in own.lines], own.total, own.complete) == (["finding-own"], 1, True)


async def test_who_oversees_pages_through_all_of_them_each_once_and_in_order(binhai: Wiring) -> None:
    await rounds(binhai).walk()
    first = (await FindingRow.select().order_by(FindingRow.id))[0]
    await binhai.office.do("p02", "take-finding", {"finding": first["id"]})
    book = Findings(binhai.questions)
    whole = await book.of("p02")

    met: list[str] = []
    cursor: str | None = None
    while True:
        page = await book.of("p02", limit=3, cursor=cursor)
        met += [each.id for each in page.lines]
        cursor = page.cursor
        assert (page.total, page.units) == (whole.total, whole.units)
        if page.complete:
            break

    assert whole.complete
    assert met == [each.id for each in whole.lines]
    assert len(set(met)) == len(met) == whole.total > 6
    assert [each.state for each in whole.lines][-1] == "in-hand"
    with pytest.raises(BadField):
        await book.of("p06", cursor=first["id"])


async def test_an_accepted_finding_comes_back_when_its_day_is_over(binhai: Wiring, clock: SetClock) -> None:
    await rounds(binhai).walk()
    row = (await FindingRow.select().where(FindingRow.person == "p07"))[0]

    with pytest.raises(Refused):
        await binhai.office.do(
            "p06", "accept-finding", {"finding": row["id"], "until": "2026-03-10", "ground": "出差"}
        )
    with pytest.raises(BadField):
        await binhai.office.do(
            "p01", "accept-finding", {"finding": row["id"], "until": "2026-03-01", "ground": "出差"}
        )
    await binhai.office.do(
        "p01", "accept-finding", {"finding": row["id"], "until": "2026-03-10", "ground": "出差"}
    )
    assert (await of(binhai, "p07"))["undertaking-in-post-missing/p07"] == "accepted"
    assert (await rounds(binhai).walk()).back == 0

    clock.put(clock.at + 10 * DAY_MS)
    assert (await rounds(binhai).walk()).back == 1
    assert (await of(binhai, "p07"))["undertaking-in-post-missing/p07"] == "new"


async def test_a_finding_is_taken_in_hand_by_whose_duty_it_is_or_who_oversees(binhai: Wiring) -> None:
    await rounds(binhai).walk()
    row = (await FindingRow.select().where(FindingRow.person == "p07"))[0]

    with pytest.raises(BadField) as hidden:
        await binhai.office.do("p06", "take-finding", {"finding": row["id"]})
    assert [each.code for each in hidden.value.errors] == ["unknown-id"]
    await binhai.office.do("p07", "take-finding", {"finding": row["id"]})

    assert (await of(binhai, "p07"))["undertaking-in-post-missing/p07"] == "in-hand"


async def test_a_head_who_is_reminded_of_a_finding_is_told_that_another_takes_it_in_hand(
    binhai: Wiring,
) -> None:
    note = {"key": "k", "code": "education-overdue", "rules": ["S01-9"], "subject": "p07", "whose": "PERSON",
            "person": "p07", "unit": "yewu1"}  # fmt: skip
    noted = (await binhai.office.do(SYSTEM, "note-finding", note)).result["finding"]

    assert noted in {each.id for each in (await Findings(binhai.questions).of("p05")).lines}
    with pytest.raises(Refused) as refused:
        await binhai.office.do("p05", "take-finding", {"finding": noted})
    assert refused.value.rules == ("P-role",)


async def test_nobody_but_the_clock_notes_or_closes(binhai: Wiring) -> None:
    noted = {
        "key": "k",
        "code": "no-principal",
        "rules": ["S02-3b"],
        "subject": "R301",
        "whose": "LEADING_GROUP_OF",
    }

    with pytest.raises(Refused):
        await binhai.office.do("p02", "note-finding", noted)
    await binhai.office.do(SYSTEM, "note-finding", noted)
    with pytest.raises(BadField):
        await binhai.office.do(SYSTEM, "note-finding", noted)


async def test_findings_are_made_again_from_the_ledger(binhai: Wiring) -> None:
    await rounds(binhai).walk()
    before = await FindingRow.select().order_by(FindingRow.id)

    await binhai.rebuild()

    assert await FindingRow.select().order_by(FindingRow.id) == before


async def test_a_decision_on_paper_unconfirmed_after_five_working_days_is_found(
    binhai: Wiring, clock: SetClock
) -> None:
    paper = {"number": "批〔2026〕1号", "date": "2026-03-02", "scan": "扫第1号"}
    await binhai.office.do(
        "p04", "narrow-range",
        {"document": "D2", "remove": ["p04"], "decision": {"by": "p01", "proof": "paper", "paper": paper}},
    )  # fmt: skip
    clock.put(clock.at + 7 * DAY_MS)
    assert "paper-unconfirmed/D2" not in await _noted(binhai)

    clock.put(clock.at + DAY_MS)

    assert "paper-unconfirmed/D2" in await _noted(binhai)


async def _noted(house: Wiring) -> dict[str, str]:
    await rounds(house).walk()
    return await of(house, "p01")


async def test_s03_5_3a_a_year_without_its_inventory_and_s03_2_1b_a_period_that_ran_out_are_found(
    binhai: Wiring, clock: SetClock
) -> None:
    clock.put(clock.at + 366 * DAY_MS)
    noted = await _noted_by(binhai, "p03")

    assert noted["owed-inventory/2026"] == "new"
    assert not any(key.startswith("owed-review") for key in noted)


async def test_s01_17b_a_case_past_its_term_is_found_for_whoever_follows_it_up(
    binhai: Wiring, clock: SetClock
) -> None:
    found = {each.key: each for each in await rounds(binhai).found(clock.at)}
    late = [each for each in found.values() if each.code == "case-overdue"]

    assert [(each.subject, each.whose, each.person) for each in late] == [("p07", "PERSON", "p02")]
    assert late[0].values["procedure"] == "procedure.level-review"
    assert late[0].due is not None
    assert late[0].due < clock.at


async def _noted_by(house: Wiring, person: str) -> dict[str, str]:
    await rounds(house).walk()
    return await of(house, person)


async def test_a_scan_left_staged_is_destroyed_by_the_round_with_its_certificate(
    binhai: Wiring, clock: SetClock
) -> None:
    """P-staged: three days after the one on which it came, however often the round is walked."""
    await binhai.office.do(
        "p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04", "copies": 2}
    )
    left = await binhai.office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-left", **SCAN})
    await binhai.office.do("p04", "stage-scan", {"carrier": "C2", "file": "fl-kept", **SCAN})
    await binhai.office.do("p04", "accept-scan", {"file": "fl-kept", "serial": "电-001"})
    await WrappedKey.insert(WrappedKey(file="fl-left", wrapped="wrapped"))

    clock.put(parse("2026-03-05T23:30:00+08:00", field="clock"))
    in_time = await rounds(binhai).walk()
    with pytest.raises(BadField):
        await binhai.office.do(SYSTEM, "expire-scan", {"file": "fl-left"})
    with pytest.raises(Refused):
        await binhai.office.do("p04", "expire-scan", {"file": "fl-left"})
    clock.put(parse("2026-03-06T00:10:00+08:00", field="clock"))
    late, again = await rounds(binhai).walk(), await rounds(binhai).walk()

    assert [each.destroyed for each in (in_time, late, again)] == [0, 1, 0]
    states = {row["id"]: row["state"] for row in await File.select(File.id, File.state)}
    assert states == {"fl-left": "rejected", "fl-kept": "accepted"}
    (line,) = await RegisterRow.select().where(RegisterRow.act == "expire-scan")
    assert (line["actor"], line["subject"]) == (SYSTEM, left.result["carrier"])
    assert (await Number.select(Number.text).where(Number.series == "scan-destruction"))[0][
        "text"
    ] == "扫销〔2026〕001"
    assert [row["wrapped"] for row in await WrappedKey.select()] == [""]
    assert "erase" in {row["kind"] for row in await Task.select().where(Task.subject == "fl-left")}
