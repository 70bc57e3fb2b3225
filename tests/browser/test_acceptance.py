"""What has to be seen: an archivist files a scanned secret document, staff ask who can see it, an officer sees it drawn."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests import files

PASSWORD = "zhixi-demo-2026"
TERMINAL = "terminal-r210-demo"
PAGES = 20
TITLES = {"zh": "丁号通报", "en": "Bulletin D"}
WAIT_MS = 60_000
pytestmark = pytest.mark.timeout(900)
MISSING = {"zh": "查无此项", "en": "Not available"}


def written(folder: Path) -> Path:
    path = folder / "scan.pdf"
    path.write_bytes(files.scanned_pdf(pages=PAGES))
    return path


@asynccontextmanager
async def seated(
    browser: Browser, server: str, login: str, language: str, *, terminal: bool = False
) -> AsyncIterator[Page]:
    """Somebody at a browser of their own, signed in, in a language."""
    context = await browser.new_context(viewport={"width": 1360, "height": 900})
    context.set_default_timeout(WAIT_MS)
    if terminal:
        await context.add_cookies([{"name": "zhixi_terminal", "value": TERMINAL, "url": server}])
    page = await context.new_page()
    await page.goto(f"{server}/sign-in")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{server}/")
    if not str(await page.get_attribute("html", "lang")).startswith(language):
        await page.click(f"button[name=language][value={language}]")
        await page.wait_for_function(f"document.documentElement.lang.startsWith('{language}')")
    yield page
    await context.close()


async def register(page: Page, server: str, language: str) -> str:
    """Fill in the form; the new document's id."""
    await page.goto(f"{server}/documents/new")
    await page.fill("#f-title", TITLES[language])
    await page.select_option("#f-level", "secret")
    await page.fill("#f-years", "20")
    await page.check("input[name=distribution][value=binhai]")
    await page.click("main form button:not([name])")
    await page.wait_for_url(lambda url: "/documents/d-" in url)
    return page.url.split("/documents/")[1].split("/")[0].split("?")[0]


async def number_carrier(page: Page, server: str, document: str) -> None:
    await page.goto(f"{server}/documents/{document}/carriers")
    await page.fill("#f-serials", "000001")
    await page.select_option("#f-kept_in", "B1")
    await page.click("main form button:not([name])")
    await page.wait_for_load_state()


async def decide(page: Page, server: str, document: str) -> None:
    """The leader sets the range and allows the scan."""
    await page.goto(f"{server}/documents/{document}/range")
    for member in ("p01", "p03", "p04"):
        await choose(page, "members", member, {"p01": "赵敏", "p03": "张伟", "p04": "李娜"}[member])
    await page.check("input[name=members][value=yewu1]")
    await page.click("main form button:not([name=find])")
    await page.wait_for_load_state()
    await page.goto(f"{server}/documents/{document}/approval")
    await page.select_option("#f-carrier", index=1)
    await choose(page, "person", "p04", "李娜")
    await page.click("main form button:not([name=find])")
    await page.wait_for_load_state()


async def choose(page: Page, field: str, person: str, name: str) -> None:
    """Find a person by name in a picker and tick them."""
    box = page.locator(f"input[name={field}][value={person}]")
    if await box.count() == 0:
        await page.fill(f"#q-{field}", name)
        await page.click(f"button[name=find][value={field}]")
        await page.wait_for_load_state()
    await box.first.check()


async def scan(page: Page, server: str, document: str, path: Path) -> None:
    """Upload twenty scanned pages, compare, accept."""
    await page.goto(f"{server}/documents/{document}/scan")
    await page.set_input_files("#f-file", str(path))
    await page.click("button[data-send]")
    await page.wait_for_url(re.compile(r"done=stage-scan"))
    await page.locator("main a[href^='/files/']").first.click()
    await page.wait_for_url(re.compile(r"/files/"))
    await page.fill("#f-serial", "电-001")
    await page.click("form[action^='/files/'] button.strong")
    await page.wait_for_url(lambda url: "/files/" not in url)


async def read(page: Page, server: str, document: str) -> None:
    """Open a reading and see the last page, once it has been drawn."""
    await page.goto(f"{server}/documents/{document}")
    await page.click(f"form[action='/documents/{document}/readings'] button")
    await page.wait_for_url(re.compile(r"/readings/"))
    reading = page.url.split("?")[0]
    for _ in range(WAIT_MS // 1000):
        await page.goto(f"{reading}?page={PAGES}")
        await page.wait_for_load_state("networkidle")
        if await page.evaluate("document.querySelector('[data-leaf]')?.naturalWidth > 0"):
            return
        await page.wait_for_timeout(1000)
    raise AssertionError("the previews were not drawn")


async def exported(page: Page, folder: Path) -> None:
    """The drawing leaves as an entry: watermarked with it, names and titles hidden unless asked otherwise."""
    async with page.expect_download() as download:
        await page.locator(".zx-export button").first.click()
        await page.click(".zx-dialog button[value=go]")
    await (await download.value).save_as(folder / "drawing.svg")
    said = page.locator(".exported")
    await expect(said).to_contain_text("e-")
    reference = (await said.inner_text()).split()[-1].rpartition("：")[2]
    drawing = (folder / "drawing.svg").read_text(encoding="utf-8")
    assert reference in drawing
    assert "张伟" not in drawing
    assert "李娜" not in drawing


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_archivist_files_a_scan_staff_ask_who_can_see_it_and_the_officer_sees_it_drawn(
    language: str, browser: Browser, server: str, tmp_path: Path
) -> None:
    async with seated(browser, server, "lina", language, terminal=True) as lina:
        document = await register(lina, server, language)
        await number_carrier(lina, server, document)
        async with seated(browser, server, "zhaomin", language) as zhaomin:
            await decide(zhaomin, server, document)
        path = await asyncio.to_thread(written, tmp_path)
        await scan(lina, server, document, path)
        await read(lina, server, document)

    async with seated(browser, server, "liuyang", language) as liuyang:
        await liuyang.goto(f"{server}/documents/{document}")
        shown = await liuyang.inner_text("section[aria-labelledby=who]")
        for name in ("赵敏", "张伟", "李娜", "刘洋", "王强", "杨帆", "S01-3c", "S01-8a"):
            assert name in shown

    async with seated(browser, server, "wangqiang", language) as wangqiang:
        hidden = await wangqiang.goto(f"{server}/documents/{document}")
        first = await wangqiang.inner_text("main")
        missing = await wangqiang.goto(f"{server}/documents/no-such-id")
        second = await wangqiang.inner_text("main")
        assert hidden is not None
        assert missing is not None
        assert (hidden.status, missing.status) == (404, 404)
        assert first == second
        assert MISSING[language] in first

    async with seated(browser, server, "chenjing", language, terminal=True) as chenjing:
        await chenjing.goto(f"{server}/paths/{document}")
        await expect(chenjing.locator("#drawing svg.zx-map")).to_be_visible()
        await chenjing.locator("#drawing .zx-link").first.focus()
        await chenjing.keyboard.press("Enter")
        await expect(chenjing.locator(".zx-panel")).to_contain_text("S03-4.1a")
        await expect(chenjing.locator(".zx-panel")).to_contain_text("赵敏")
        await exported(chenjing, tmp_path)
        await chenjing.goto(f"{server}/documents/{document}")
        assert "S03-4.1b" in await chenjing.inner_text("main")
        csrf = await chenjing.locator("input[name=csrf]").first.get_attribute("value")
        refused = await chenjing.request.post(
            f"{server}/api/v1/documents/{document}/readings", data={}, headers={"X-Zhixi-CSRF": csrf or ""}
        )
        assert refused.status == 403
        assert "S03-4.1b" in (await refused.json())["rules"]
