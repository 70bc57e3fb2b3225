"""A figure that the unit sets is the one its acts, its duties and its rounds go by; each parameter of the regulations is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.errors import BadField
from graph.kinds import Node
from graph.law.regulation import load
from graph.times import DAY_MS, parse, to_date_text
from storage.casebook import Casebook
from storage.figures import figures
from storage.integrity import Integrity
from storage.organisations import SetClock
from storage.registers.founding import SYSTEM
from storage.tables.catalogue import Errand
from storage.wiring import Wiring
from tests.api.test_integrity import stored
from tests.api.uploads import approved
from tests.columns import Ground
from tests.graph.test_figures import FOUND, JUDGED
from tests.storage.answers import standing
from tests.storage.requests import ON_PAPER, SCAN
from tests.storage.test_rounds import rounds

ROOT = Path(__file__).resolve().parents[2]


async def configured(binhai: Wiring, name: str, value: int) -> None:
    await binhai.office.do("p01", "configure", {"parameter": name, "value": value})


async def test_late_entry(binhai: Wiring) -> None:
    visit = {"name": "王工", "organisation": "shengju", "occurred_at": "2026-02-25T10:00:00+08:00"}
    with pytest.raises(BadField) as late:
        await binhai.office.do("p02", "register-visitor", visit)

    await configured(binhai, "late-entry", 3)

    assert late.value.errors[0].code == "late-needs-reason"
    await binhai.office.do("p02", "register-visitor", visit)


async def test_by_product_destruction(binhai: Wiring) -> None:
    await binhai.office.do(
        "p02", "approve-maker", {"maker": "R301", "media": "paper", "certificate": "文印室"}
    )
    made = {"document": "D2", "place": "R301", "devices": [], "made": 2, "by_products": 3}

    await binhai.office.do("p04", "record-production", {**made, "id": "BP1"})
    await configured(binhai, "by-product-destruction", 2)
    await binhai.office.do("p04", "record-production", {**made, "id": "BP2"})

    days = {
        row["id"]: to_date_text(row["due"])
        for row in await Errand.select().where(Errand.kind == "by-products")
    }
    assert days == {"BP1": "2026-03-09", "BP2": "2026-03-04"}


async def test_customer_grant(binhai: Wiring) -> None:
    asked = {"document": "K1", "person": "p11", "purpose": "合同核对"}
    await binhai.office.do("p04", "register-document", {"id": "K1", "title": "客户档案", "level": "internal"})

    await binhai.office.do("p01", "grant-reading", asked)
    await configured(binhai, "customer-grant", 3)
    await binhai.office.do("p01", "grant-reading", {**asked, "person": "p10"})

    granted = await standing(binhai, "K1", "GRANTED_READ", label=Node.DOCUMENT)
    ends = {fact.source: to_date_text(fact.until) for fact in granted}
    assert ends == {"p11": "2026-03-10", "p10": "2026-03-06"}


async def test_level_review(binhai: Wiring) -> None:
    task = {"task": "乙号专项", "level": "secret"}
    await configured(binhai, "level-review", 3)

    await binhai.office.do("p20", "start-task", {"person": "p06", **task})

    lines = await Casebook(binhai.questions).waiting("p05")
    reviews = [line for line in lines if line.procedure == "level-review" and line.subject == "p06"]
    assert [to_date_text(line.due or 0) for line in reviews] == ["2026-03-05"]


async def test_paper_confirmation(binhai: Wiring) -> None:
    await configured(binhai, "paper-confirmation", 2)

    await binhai.office.do("p04", "approve-copy", {
        "carrier": "C2", "mode": "print", "person": "p04", "decision": ON_PAPER,
    })  # fmt: skip

    lines = await Casebook(binhai.questions).papers("p01")
    assert [to_date_text(line.due) for line in lines] == ["2026-03-04"]


async def test_file_recheck(binhai: Wiring, binhai_ground: Ground, clock: SetClock) -> None:
    await stored(binhai, binhai_ground)
    integrity = Integrity(binhai.database, binhai.files, binhai.now)

    async def checked() -> int:
        return await integrity.recheck((await figures())("file-recheck"))

    first = await checked()
    clock.put(clock() + 10 * DAY_MS)
    in_time = await checked()
    await configured(binhai, "file-recheck", 7)
    due = await checked()

    assert (first, in_time, due) == (1, 0, 1)


async def test_backups_kept(binhai: Wiring) -> None:
    """A certificate reckons with what is kept now, and with a backup that was made when more was (P-backup)."""

    await approved(binhai, copies=2)

    async def gone_by(file: str) -> str:
        await binhai.office.do("p04", "stage-scan", {"carrier": "C2", "file": file, **SCAN})
        rejected = await binhai.office.do("p04", "reject-scan", {"file": file, "reason": "缺页"})
        return str(rejected.result["no_backup_after"])

    await configured(binhai, "backups-kept", 10)
    short = await gone_by("fl-1")
    await configured(binhai, "backups-kept", 60)
    made = await binhai.office.do(SYSTEM, "record-backup", {"backup": "b-1"})
    await configured(binhai, "backups-kept", 10)
    long = await gone_by("fl-2")

    assert (short, made.result["keep_until"], long) == ("2026-03-12", "2026-05-01", "2026-05-01")


async def test_what_is_found_follows_the_figures(binhai: Wiring, clock: SetClock) -> None:
    clock.put(parse("2027-03-20T09:00:00+08:00", field="clock"))
    before = {each.key for each in await rounds(binhai).found(clock())}

    for name in ("assessment", "protection-check", "inventory"):
        await configured(binhai, name, {"inventory": 6}.get(name, 36))

    after = {each.key for each in await rounds(binhai).found(clock())}
    gone = {key.partition("/")[0] for key in before - after}
    come = {key.partition("/")[0] for key in after - before}
    assert gone == {"assessment-overdue"}
    assert come == {"owed-inventory"}


async def test_a_measure_that_is_looked_at_again_is_unchecked_no_longer(
    binhai: Wiring, clock: SetClock
) -> None:
    watch = {"unit": "R301", "kind": "people", "measure": "昼夜值班"}
    await binhai.office.do("p01", "record-measure", watch)
    clock.put(parse("2027-03-20T09:00:00+08:00", field="clock"))
    stale = {each.code for each in await rounds(binhai).found(clock())}

    await binhai.office.do("p01", "record-measure", watch)

    fresh = {each.code for each in await rounds(binhai).found(clock())}
    assert stale - fresh == {"reason.protection-unchecked"}


ELSEWHERE = {
    "cooling-off-core": "storage/test_departures.py",
    "cooling-off-important": "storage/test_departures.py",
    "cooling-off-ordinary": "scenarios/as04-leaving.yaml",
    "session-lock": "api/test_session.py",
    "takeover": "storage/test_registers.py",
}
"""Tried where the periods, and the sessions, themselves are."""


def test_every_parameter_is_tried() -> None:
    here = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}

    untried = load().parameters.keys() - FOUND.keys() - JUDGED.keys() - ELSEWHERE.keys() - here

    assert untried == set()
    for name, where in ELSEWHERE.items():
        assert name in (ROOT / "tests" / where).read_text("utf-8")


def test_only_what_knows_the_settings_asks_for_a_default() -> None:
    """A default read anywhere else would be a figure that the unit sets in vain."""
    asking = re.compile(r"by_default|\.parameters?\b.*\.default")
    found = {
        str(path.relative_to(ROOT))
        for room in ("graph", "storage", "workers", "api")
        for path in (ROOT / room).rglob("*.py")
        if asking.search(path.read_text("utf-8"))
    }

    assert found == {"graph/law/regulation.py", "storage/figures.py"}
