"""A browser without script: cookies, forms as the pages hold them, what a person reads."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.api.doors import PASSWORD, TERMINALS, Doors

Fields = Mapping[str, str | Sequence[str]]


class Browser:
    """One browser at the pages of an application."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def send(self, path: str, page: httpx.Response, **fields: str | Sequence[str]) -> httpx.Response:
        """Post a form of a page: its token and its key, and what was typed."""
        hidden = {"csrf": value_of(page, "csrf"), "key": value_of(page, "key", "")}
        return await self.client.post(path, data={**hidden, **fields})

    async def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        page = await self.get("/sign-in")
        return await self.send("/sign-in", page, login=login, password=password)

    async def speak(self, language: str) -> None:
        page = await self.get("/")
        response = await self.send("/language", page, language=language, next="/")
        assert response.status_code == 303, response.text


def value_of(page: httpx.Response, name: str, default: str | None = None) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    if found is None and default is None:
        raise AssertionError(f"no hidden field {name} in {page.url}")
    return html.unescape(found[1]) if found else default or ""


def words(page: httpx.Response) -> str:
    """What a person reads: the page without its tags, blanks folded."""
    bare = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(bare)).strip()


@asynccontextmanager
async def browser(
    doors: Doors, person: str | None = None, terminal: str | None = None
) -> AsyncIterator[Browser]:
    cookies: dict[str, Any] = {"zhixi_terminal": TERMINALS[terminal]} if terminal else {}
    async with doors.client() as client:
        client.cookies.update(cookies)
        opened = Browser(client)
        if person is not None:
            response = await opened.sign_in(await doors.account(person))
            assert response.status_code == 303, response.text
        yield opened
