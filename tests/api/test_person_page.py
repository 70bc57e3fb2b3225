"""One person's page: level, basis, dates and every change, and what the personnel file notes (S01-17.2, S01-13d)."""

from __future__ import annotations

from api.evidence import ended_by
from graph.times import parse
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground
from tests.storage.clearing import review


async def test_s01_17_2_the_page_shows_every_level_with_its_basis_and_dates(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    doors = Doors(binhai, binhai_ground)
    clock.put(parse("2026-03-03T09:00:00+08:00", field="clock"))
    await review(binhai, "p07")

    async with browser(doors, "p02") as officer, browser(doors, "p06") as colleague:
        page = await officer.get("/people/p07")
        to_a_colleague = await colleague.get("/people/p07")

    shown = words(page)
    assert "涉密人员登记簿" in shown
    assert "涉密人员审批表 2025-06-30" in shown
    assert 'href="/cases/case-' in page.text
    assert shown.index("涉密等级调整") < shown.index("涉密人员审批表")
    assert "涉密人员审批表" not in words(to_a_colleague)


async def test_s01_13d_the_page_shows_what_the_personnel_file_notes(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    begun = {"person": "p24", "level": "secret", "start": "2026-03-02"}
    await binhai.office.do("p02", "start-cooling-off", begun)
    await binhai.office.do("p20", "annotate", {"person": "p24", "words": "重要涉密人员，脱密期内"})

    async with browser(doors, "p24") as reader:
        page = words(await reader.get("/people/p24"))

    assert "人事档案注明" in page
    assert "2026-03-02" in page
    assert "S01-13d" in page


def test_s01_6b_a_level_ends_in_its_review_which_the_leading_group_decides() -> None:
    assert "涉密等级调整" in str(ended_by("CLEARED_TO", "zh"))
    assert "领导小组" in str(ended_by("CLEARED_TO", "zh"))
