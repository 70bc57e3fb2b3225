"""The pages: whole without script, in both languages, for every role; nothing changes without its token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api import texts
from api.pages import view
from api.pages.router import PAGES
from graph.errors import Unavailable
from storage.wiring import Wiring
from tests.api.browser import browser, value_of, words
from tests.api.doors import Doors
from tests.columns import Ground

ROLES = {
    "p01": "leader",
    "p02": "officer",
    "p03": "custodian",
    "p04": "archivist",
    "p05": "head",
    "p06": "staff",
}
FOR_ALL = ("/", "/filing", "/filing?folder=V11", "/search", "/search?q=号", "/people", "/people?q=ly", "/people/p05",
           "/people/options?field=person&person_q=li", "/registers", "/registers/own", "/findings", "/password", "/pin")  # fmt: skip
FOR_KEEPERS = ("/documents/new", "/documents/D2", "/documents/D2/carriers", "/documents/D2/scan", "/documents/D2/range",
               "/documents/D2/approval", "/registers/incoming", "/registers/readings")  # fmt: skip
FOR_OFFICERS = ("/documents/D1", "/documents/D2?at=2026-03-02", "/documents/D2?q=wq", "/paths", "/paths/D1", "/paths/D2",
                "/documents/D1/exposure", "/documents/D1/exposure?since=2026-03-01", "/documents/D1/known",
                "/documents/D1/carriers/C1/reach",
                "/accounts", "/terminal", "/registers/cleared-persons")  # fmt: skip
TEMPLATES = view.HERE / "templates"
CODE = re.compile(r"""\bt\(\s*["']([a-z][A-Za-z0-9._-]*[A-Za-z0-9])["']\s*[,)]""")


def pages_of(person: str) -> tuple[str, ...]:
    if person in ("p03", "p04"):
        return (*FOR_ALL, *FOR_KEEPERS, *(("/documents/D2/carriers/C2",) if person == "p03" else ()))
    if person == "p02":
        return (*FOR_ALL, *FOR_OFFICERS)
    return (*FOR_ALL, "/documents/D2") if person != "p06" else (*FOR_ALL, "/documents/D3")


@pytest.mark.parametrize("person", sorted(ROLES))
async def test_every_page_renders_in_both_languages(
    binhai: Wiring, binhai_ground: Ground, person: str
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, person) as reader:
        for language, tag in (("zh", "zh-CN"), ("en", "en")):
            await reader.speak(language)
            for path in pages_of(person):
                page = await reader.get(path)

                assert page.status_code == 200, (path, page.text[:2000])
                assert page.headers["content-language"] == language
                if "options" not in path:
                    assert f'<html lang="{tag}">' in page.text
                assert not re.search(
                    r"\b(?:page|column|value|field-name|register|mark|said)\.[a-z]", words(page)
                ), path


async def test_english_pages_hold_no_chinese_but_names_marks_and_the_switch(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p04") as archivist:
        await archivist.speak("en")
        page = words(await archivist.get("/documents/new"))

    left = set(re.findall(r"[一-鿿]+", page)) - {"中文", "李娜", "上级来文", "通报", "本局文件", "省局", "号"}
    assert left == set()


async def test_no_page_is_kept_framed_or_scripted_from_elsewhere(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p02") as officer:
        for path in ("/", "/sign-in", "/paths/D2", "/documents/nothing", "/no/such/page"):
            page = await officer.get(path)

            policy = page.headers["content-security-policy"]
            assert "script-src 'self' 'wasm-unsafe-eval'" in policy
            assert "unsafe-inline" not in policy
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["x-frame-options"] == "DENY"
            assert page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["referrer-policy"] == "same-origin"
            inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page.text)
            assert all('type="application/json"' in each for each in inline), path
            assert not re.search(r"\son\w+=|\sstyle=", page.text), path


async def test_signing_in_needs_the_forms_own_token_and_says_what_was_wrong(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p05")

    async with browser(doors) as stranger:
        first = await stranger.get("/")
        wrong = await stranger.sign_in(login, "not the password")
        forged = await stranger.client.post(
            "/sign-in", data={"login": login, "password": "x", "csrf": "forged"}
        )
        elsewhere = await stranger.get("/sign-in?next=//evil.test/")

    assert (first.status_code, first.headers["location"]) == (303, "/sign-in")
    assert wrong.status_code == 401
    assert "账号或口令不对" in words(wrong)
    assert value_of(wrong, "next") == "/"
    assert forged.status_code == 401
    assert "evil" not in elsewhere.text


async def test_a_page_asked_for_before_signing_in_is_gone_on_to_afterwards(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p05")

    async with browser(doors) as stranger:
        sent = await stranger.get("/documents/D2?at=2026-03-02")
        page = await stranger.get(sent.headers["location"])
        token = re.search(r'name="next" value="([^"]+)">\s*<div', page.text)
        assert token is not None
        response = await stranger.send(
            "/sign-in", page, login=login, password="correct-horse-7", next=token[1]
        )

    assert response.headers["location"] == "/documents/D2?at=2026-03-02"


async def test_the_fifth_wrong_password_locks_and_the_page_says_so(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p06")

    async with browser(doors) as stranger:
        for _ in range(5):
            await stranger.sign_in(login, "wrong")
        locked = await stranger.sign_in(login)

    assert locked.status_code == 401
    assert "已锁定" in words(locked)


async def test_the_first_password_is_changed_before_anything_else(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p05", must_change=True)

    async with browser(doors) as newcomer:
        signed = await newcomer.sign_in(login)
        desk = await newcomer.get("/")
        page = await newcomer.get("/password")
        differs = await newcomer.send(
            "/password", page, old="correct-horse-7", new="a-longer-one-9", again="other"
        )
        short = await newcomer.send("/password", page, old="correct-horse-7", new="short", again="short")
        changed = await newcomer.send(
            "/password", page, old="correct-horse-7", new="a-longer-one-9", again="a-longer-one-9"
        )
        after = await newcomer.get("/")

    assert signed.headers["location"] == "/password"
    assert desk.headers["location"] == "/password"
    assert (differs.status_code, "两次输入不一致" in words(differs)) == (422, True)
    assert (short.status_code, "至少 10 位" in words(short)) == (422, True)
    assert changed.status_code == 303
    assert after.status_code == 200


POSTS = ("/documents/new", "/documents/D2/carriers", "/documents/D2/range", "/documents/D2/approval",
         "/documents/D2/readings", "/accounts", "/accounts/u-p05", "/terminal", "/language", "/sign-out", "/password", "/pin",
         "/files/fl-x", "/documents/D2/carriers/C2")  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
async def test_nothing_is_posted_without_the_sessions_token(
    binhai: Wiring, binhai_ground: Ground, path: str
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p04") as archivist:
        before = await binhai.ledger.head()
        bare = await archivist.client.post(path, data={"title": "x"})
        forged = await archivist.client.post(path, data={"title": "x", "csrf": "forged"})

    assert (bare.status_code, forged.status_code) == (401, 401)
    assert "页面已过期" in words(forged)
    assert await binhai.ledger.head() == before


async def test_no_get_ever_appends(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p03", "T301") as custodian:
        before = await binhai.ledger.head()
        for path in (*pages_of("p03"), "/documents/D1", "/readings/rd-nothing", "/files/fl-nothing"):
            await custodian.get(path)

    assert await binhai.ledger.head() == before


@pytest.mark.parametrize(
    "path", ["/documents/{id}", "/documents/{id}?at=2026-03-02", "/people/{id}", "/readings/{id}"]
)
async def test_hidden_and_missing_are_one_page_word_for_word(
    binhai: Wiring, binhai_ground: Ground, path: str
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p06") as staff:
        hidden = await staff.get(path.format(id="D2"))
        missing = await staff.get(path.format(id="no-such-thing"))
        unknown = await staff.get("/documents/D2/no-such-page")

    assert (hidden.status_code, missing.status_code, unknown.status_code) == (404, 404, 404)
    assert hidden.content == missing.content
    assert dict(hidden.headers) == dict(missing.headers)
    assert "查无此项" in words(hidden)
    assert "查无此项" in words(unknown)


@pytest.mark.parametrize(
    "path", ["/documents/new", "/accounts", "/terminal", "/paths", "/documents/D2/range"]
)
async def test_a_page_that_is_somebody_elses_work_is_refused_with_the_rule(
    binhai: Wiring, binhai_ground: Ground, path: str
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with browser(doors, "p05") as head:
        page = await head.get(path)

    assert page.status_code == 403
    assert "P-role" in words(page)


async def test_a_service_that_is_down_is_named(
    binhai: Wiring, binhai_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = Doors(binhai, binhai_ground)

    async def down(*_: object, **__: object) -> None:
        raise Unavailable("graph")

    async with browser(doors, "p05") as reader:
        monkeypatch.setattr(type(binhai.questions), "neighbourhood", down)
        page = await reader.get("/")

    assert page.status_code == 503
    assert "关系图" in words(page)


def test_every_code_in_the_templates_has_its_sentence() -> None:
    known = texts.catalogue("zh")
    wanted = {
        code for path in TEMPLATES.glob("*.html") for code in CODE.findall(path.read_text(encoding="utf-8"))
    }

    assert len(wanted) > 200
    assert sorted(wanted - set(known)) == []


def test_every_page_is_hung_and_nothing_is_larger_than_it_should_be() -> None:
    here = Path(view.__file__).parent
    handlers = {handler for page in PAGES for handler in page.HANDLERS}

    assert len(handlers) >= 30
    assert [path.name for path in here.glob("*.py") if len(path.read_text("utf-8").splitlines()) > 400] == []
