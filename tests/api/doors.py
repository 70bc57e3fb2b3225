"""Clients of the application over an established house, signed in as somebody at some terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.app import create_app
from api.settings import HttpSettings, Settings
from storage.accounts import hash_password
from storage.tables.kept import Account
from storage.wiring import Wiring
from tests.columns import Ground

PASSWORD = "correct-horse-7"
_HASHED = hash_password(PASSWORD)
TERMINALS = {"T210": "terminal-r210-demo", "T301": "terminal-r301-demo"}


class Doors:
    """One application; `by` gives a client signed in as a person."""

    def __init__(self, house: Wiring, ground: Ground, http: HttpSettings | None = None) -> None:
        self.house = house
        self.tokens: dict[str, str] = {}
        settings = Settings(
            home=ground.home, graph=ground.graph, storage=ground.storage, broker="",
            http=http or HttpSettings(session_hours=24, idle_minutes=240),
        )  # fmt: skip
        self.app = create_app(house, settings)

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),  # type: ignore[arg-type]
            base_url="http://zhixi.test",
            headers=dict(headers or {}),
        )

    async def account(self, person: str, *, must_change: bool = False) -> str:
        """An account for a person, opened through its act; its login."""
        login = f"u-{person}"
        if not await Account.exists().where(Account.person == person):
            await self.house.office.do(
                "p20" if person != "p20" else "p02",
                "open-account",
                {"person": person, "login": login},
                secret={"password_hash": _HASHED, "must_change": "yes" if must_change else "no"},
            )
        return login

    async def token(self, person: str, terminal: str | None = None) -> str:
        login = await self.account(person)
        headers = {"X-Zhixi-Terminal": TERMINALS[terminal]} if terminal else {}
        async with self.client(headers) as client:
            response = await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
            assert response.status_code == 201, response.text
            return str(response.json()["token"])

    @asynccontextmanager
    async def by(self, person: str, terminal: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        token = await self.token(person, terminal)
        async with self.client({"Authorization": f"Bearer {token}", "Accept-Language": "zh"}) as client:
            yield client


def plain(response: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """What a stranger could compare: status, headers, body."""
    return response.status_code, dict(sorted(response.headers.items())), response.content
