"""What stands behind a rule, a duty, a list: shown with its basis to whoever opens it."""

from __future__ import annotations

from graph.kinds import Node
from storage.tables.catalogue import Document, UndertakingText
from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground
from tests.storage.answers import standing
from tests.storage.refusals import refused
from tests.storage.test_rounds import rounds


async def test_S01_1_and_S02_1_a_regulation_shows_its_basis_its_issuer_and_its_date(  # noqa: N802
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p06") as staff:
        people = (await staff.get("/api/v1/rules/S01-1")).json()
        places = (await staff.get("/api/v1/rules/S02-1")).json()
        why = (await staff.get("/api/v1/questions/why-not", params={"item": "D3", "person": "p06"})).json()

    assert "保密法" in people["basis"]["zh"]
    assert "山东省" in places["basis"]["zh"]
    assert (people["issuer"]["en"], people["in_force_from"]) == ("The unit", "2020-01-01")
    assert (places["article"], places["in_force_from"]) == ("第一条", "2020-01-01")
    assert why["allowed"] is True
    async with doors.by("p05") as head:
        cited = (await head.get("/api/v1/questions/why-not", params={"item": "D2", "person": "p06"})).json()
    assert cited["reasons"][0]["rules"][0]["article"] == "第三条"


async def test_S01_10b_open_obligations_are_counted_by_department_for_the_officer(  # noqa: N802
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await rounds(binhai).walk()

    async with doors.by("p02") as officer, doors.by("p06") as staff:
        seen = (await officer.get("/api/v1/findings")).json()
        own = (await staff.get("/api/v1/findings")).json()

    counted = {each["unit"]: each["standing"] for each in seen["units"]}
    assert "S01-10b" in seen["rules"]
    assert counted["yewu1"] == sum(each["unit"] == "yewu1" for each in seen["findings"]) > 0
    assert "yewu1" not in {each["unit"] for each in own["units"]} or own["total"] < seen["total"]


async def test_S01_17_3_with_a_new_stage_the_leading_group_has_its_signing_before_it(  # noqa: N802
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do("p20", "add-person", {"id": "p26", "name": "方宏", "department": "yewu1"})
    taken_over = {"dated": "2025-06-30", "occurred_at": "2026-01-01", "late": "启用时接管"}
    await binhai.office.do(
        "p01",
        "record-clearance",
        {"person": "p26", "level": "confidential", "basis": "审批表", **taken_over},
    )

    async def owed() -> list[tuple[str, list[str]]]:
        await rounds(binhai).walk()
        async with doors.by("p01") as chair:
            found = (await chair.get("/api/v1/findings")).json()["findings"]
        return [(each["code"], each["rules"]) for each in found if each["subject"] == "p26"]

    assert ("undertaking-entry-missing", ["S01-8a", "S01-17.3"]) in await owed()
    paper = {"person": "p26", "undertaking": "entry", "version": "2026版"}
    await binhai.office.do("p02", "record-undertaking", paper)
    assert "undertaking-entry-missing" not in dict(await owed())
    await binhai.office.do("p20", "start-post", {"person": "p26", "post": "post-staff1"})
    assert ("undertaking-in-post-missing", ["S01-8a", "S01-17.3"]) in await owed()


async def test_S02_6_1_a_persons_page_lists_the_duties_that_apply(  # noqa: N802
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer, browser(doors, "p06") as colleague:
        member = words(await officer.get("/people/p04"))
        staff = words(await officer.get("/people/p06"))
        hidden = words(await colleague.get("/people/p04"))

    assert "所负的保密职责" in member
    assert "S02-6.1 要害岗位人员要遵守各项保密法规。" in member
    assert "S01-9" in staff
    assert "S02-6.1" not in staff
    assert "所负的保密职责" not in hidden


async def test_S02_6_2_a_proposed_mark_is_kept_with_its_basis_and_who_approved_it(binhai: Wiring) -> None:  # noqa: N802
    told = {
        "id": "D9", "title": "九号通知", "level": "secret", "years": 20, "distribution": ["yewu1"],
        "proposed_by": "p23",
    }  # fmt: skip

    assert await refused(binhai, "p04", "register-document", told) == {"S02-6.2"}
    assert await refused(
        binhai, "p04", "register-document", {**told, "basis": "事项范围第3条", "approved_by": "p23"}
    ) == {"S02-6.2", "P-self"}
    made = await binhai.office.do(
        "p04", "register-document", {**told, "basis": "事项范围第3条", "approved_by": "p01"}
    )

    row = await Document.select().where(Document.id == "D9").first()
    assert row is not None
    assert "S02-6.2" in made.rules
    assert (row["proposed_by"], row["basis"], row["approved_by"]) == ("p23", "事项范围第3条", "p01")


async def test_S02_8c_an_undertakings_text_is_published_with_all_four_parts(binhai: Wiring) -> None:  # noqa: N802
    parts = {"duties": "保守秘密", "restrictions": "不得复制", "notify": "出国", "penalties": "按奖惩制度"}
    text = {"version": "2027版", "undertakings": ["entry"], **parts}

    for part in parts:
        without = {name: value for name, value in text.items() if name != part}
        assert await refused(binhai, "p01", "publish-undertaking", without) == {"S02-8c"}
    await binhai.office.do("p01", "publish-undertaking", text)

    assert await UndertakingText.count() == 1
    paper = {"person": "p07", "undertaking": "entry", "version": "2027版"}
    await binhai.office.do("p07", "record-undertaking", paper)
    signed = await standing(binhai, "p07", "SIGNED", label=Node.PERSON)
    assert [fact.details["version"] for fact in signed] == ["2027版"]


async def test_S02_10b_whoever_leaves_a_secret_post_has_a_cooling_off_always(binhai: Wiring) -> None:  # noqa: N802
    do = binhai.office.do
    form = {"taker": "p03", "supervisor": "p05"}
    opened = await do("p20", "open-case", {"procedure": "leaving", "subject": "p06", "form": form})
    case = opened.result["case"]
    for hand in ("p06", "p03", "p05"):
        await do(hand, "take-step", {"case": case, "step": "handover"})
    await do("p06", "record-undertaking", {"person": "p06", "undertaking": "leaving", "version": "2026版"})

    closed = await do("p20", "take-step", {"case": case, "step": "close"})

    assert "S02-10b" in closed.rules
    assert [
        each.details["level"] for each in await standing(binhai, "p06", "COOLING_OFF", label=Node.PERSON)
    ] == ["confidential"]
