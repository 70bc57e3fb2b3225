"""Cases at the pages: opened from a form, waiting on the desk, taken and refused there, papers confirmed, in both languages."""

from __future__ import annotations

import re

from storage.wiring import Wiring
from tests.api.browser import browser, words
from tests.api.doors import Doors
from tests.columns import Ground

PAPER = {"number": "滨密〔2026〕2号", "date": "2026-03-02", "scan": "s-2"}


async def test_a_case_is_opened_waits_on_the_desk_and_is_decided_from_its_page(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with (
        browser(doors, "p06") as member,
        browser(doors, "p05") as head,
        browser(doors, "p20") as office,
    ):
        form = await member.get("/cases/new/designation")
        empty = await member.send("/cases/new/designation", form, subject="yewu1")
        opened = await member.send("/cases/new/designation", form, subject="yewu1", people=["p07"])
        where = opened.headers["location"].partition("?")[0]
        own = await member.get(where)
        stolen = await member.send(f"{where}/steps/head", own, verdict="approve")
        desk = await head.get("/")
        page = await head.get(where)
        silent = await head.send(f"{where}/steps/head", page, verdict="refuse")
        taken = await head.send(f"{where}/steps/head", page, verdict="approve", words="名单属实")
        seen = await office.get(where)

    assert empty.status_code == 422
    assert 'id="w-people"' in empty.text
    assert opened.status_code == 303
    assert f'action="{where}/steps/' not in own.text
    assert stolen.status_code == 403
    assert "S01-5b" in words(stolen)
    assert f'href="{where}"' in desk.text
    assert "部门负责人审核" in words(desk)
    assert silent.status_code == 422
    assert 'id="w-words"' in silent.text
    assert taken.status_code == 303
    assert "名单属实" in words(seen)
    assert "尚缺：" in words(seen)
    assert "办公室、保密工作领导小组" in words(seen)


async def test_a_form_of_a_step_is_filled_in_and_refused_beside_its_field(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    made = await binhai.office.do("p02", "open-case", {"procedure": "vetting", "subject": "p08"})
    where = f"/cases/{made.result['case']}"

    async with browser(doors, "p01") as group:
        page = await group.get(where)
        blank = await group.send(f"{where}/steps/conclude", page, verdict="give", record="审字第8号")
        heads = await group.send(
            f"{where}/steps/conclude", page, verdict="give", record="审字第8号", conclusion="passed"
        )
        again = await group.get(where)
        done = await group.send(
            f"{where}/steps/conclude", again, verdict="give", record="审字第8号", conclusion="passed", politics="好",
            work="好", study="好", compliance="好",
        )  # fmt: skip
        closed = await group.get(where)

    assert re.findall(r'id="w-(\w+)"', blank.text) == ["conclusion"]
    assert "S01-7c" in words(heads)
    assert done.status_code == 303
    assert "已办结" in words(closed)
    assert "steps/conclude" not in closed.text


async def test_a_paper_decision_waits_on_the_leaders_desk_until_it_is_confirmed(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    decision = {"by": "p01", "proof": "paper", "paper": PAPER}
    first = await binhai.office.do(
        "p04", "set-range", {"document": "D3", "members": ["p05"], "decision": decision}
    )
    second = await binhai.office.do(
        "p04", "set-range", {"document": "D2", "members": ["p05"], "decision": decision}
    )

    async with browser(doors, "p01") as leader, browser(doors, "p20") as other:
        desk = await leader.get("/")
        stranger = await other.send(f"/decisions/{first.ref}/confirm", await other.get("/"))
        confirmed = await leader.send(f"/decisions/{first.ref}/confirm", desk)
        mute = await leader.send(f"/decisions/{second.ref}/dispute", desk)
        disputed = await leader.send(f"/decisions/{second.ref}/dispute", desk, words="当日未签过")
        after = await leader.get("/")

    assert "以我名义登记" in words(desk)
    assert PAPER["number"] in words(desk)
    assert stranger.status_code == 422
    assert "P-paper" not in words(stranger)
    assert (confirmed.status_code, disputed.status_code) == (303, 303)
    assert mute.status_code == 422
    assert "以我名义登记" not in words(after)


async def test_cases_are_withdrawn_and_listed_and_every_procedure_has_its_form(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    made = await binhai.office.do("p02", "open-case", {"procedure": "vetting", "subject": "p08"})
    where = f"/cases/{made.result['case']}"

    async with browser(doors, "p02") as officer, browser(doors, "p08") as stranger:
        page = await officer.get(where)
        gone = await officer.send(f"{where}/withdraw", page, reason="改由上级审查")
        await officer.speak("en")
        listed = await officer.get("/cases")
        forms = [await officer.get(path) for path in re.findall(r'href="(/cases/new/[\w-]+)"', listed.text)]
        incident = await binhai.office.do(
            "p02", "open-case", {"procedure": "incident", "subject": "p08", "form": {"what": "载体不见"}}
        )
        hidden = await stranger.get(f"/cases/{incident.result['case']}")
        missing = await stranger.get("/cases/case-nowhere")

    assert gone.status_code == 303
    assert "Vetting" in words(listed)
    assert "withdrawn" in words(listed)
    assert len(forms) >= 8
    assert {form.status_code for form in forms} == {200}
    assert (hidden.status_code, missing.status_code) == (404, 404)
