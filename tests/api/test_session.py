"""Signing in, limits, first change of password, CSRF, and sessions that end."""

from __future__ import annotations

from api.settings import HttpSettings
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests.api.doors import PASSWORD, Doors, plain
from tests.columns import Ground

MINUTE = 60_000


async def test_a_wrong_password_and_an_unknown_login_get_one_answer(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p05")

    async with doors.client() as client:
        wrong = await client.post("/api/v1/session", json={"login": login, "password": "not-the-password"})
        unknown = await client.post(
            "/api/v1/session", json={"login": "nobody", "password": "not-the-password"}
        )

    assert wrong.status_code == 401
    assert plain(wrong) == plain(unknown)


async def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p05")

    async with doors.client() as client:
        for _ in range(5):
            await client.post("/api/v1/session", json={"login": login, "password": "not-the-password"})
        locked = await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        clock.put(clock.at + 16 * MINUTE)
        later = await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})

    assert locked.status_code == 401
    assert "锁定" in locked.json()["detail"]
    assert later.status_code == 201


async def test_too_many_attempts_from_one_address_are_told_when_to_come_back(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.client() as client:
        answers = [
            await client.post("/api/v1/session", json={"login": "nobody", "password": "x"}) for _ in range(31)
        ]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_first_password_opens_nothing_until_it_is_changed(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p05", must_change=True)

    async with doors.client() as client:
        signed = await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed.json()['token']}"
        before = await client.get("/api/v1/questions/reach")
        short = await client.post("/api/v1/session/password", json={"old": PASSWORD, "new": "short"})
        changed = await client.post(
            "/api/v1/session/password", json={"old": PASSWORD, "new": "another-horse-8"}
        )
        after = await client.get("/api/v1/questions/reach")

    assert before.status_code == 401
    assert [each["field"] for each in short.json()["errors"]] == ["new"]
    assert changed.status_code == 204
    assert after.status_code == 200


async def test_a_session_locks_when_idle_and_ends_at_its_longest(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    doors = Doors(binhai, binhai_ground, HttpSettings(session_hours=1, idle_minutes=10))

    async with doors.by("p05") as client:
        clock.put(clock.at + 9 * MINUTE)
        used = await client.get("/api/v1/session")
        clock.put(clock.at + 11 * MINUTE)
        idle = await client.get("/api/v1/session")

    assert used.status_code == 200
    assert idle.status_code == 401


async def test_session_lock(binhai: Wiring, binhai_ground: Ground, clock: SetClock) -> None:
    """P-device: at an enrolled terminal the unit's figure decides, whatever the server allows elsewhere."""
    doors = Doors(binhai, binhai_ground)

    async def after(minutes: int) -> list[int]:
        async with doors.by("p05", "T210") as terminal, doors.by("p05") as elsewhere:
            clock.put(clock.at + minutes * MINUTE)
            return [(await client.get("/api/v1/session")).status_code for client in (terminal, elsewhere)]

    assert await after(9) == [200, 200]
    assert await after(10) == [401, 200]
    await binhai.office.do("p01", "configure", {"parameter": "session-lock", "value": 5})
    assert await after(5) == [401, 200]
    await binhai.office.do("p01", "configure", {"parameter": "session-lock", "value": 20})
    assert await after(19) == [200, 200]


async def test_signing_out_ends_the_session(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05") as client:
        assert (await client.delete("/api/v1/session")).status_code == 204
        assert (await client.get("/api/v1/session")).status_code == 401


async def test_a_cookie_changes_nothing_without_its_csrf_token(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    login = await doors.account("p04")

    async with doors.client() as client:
        signed = await client.post(
            "/api/v1/session", json={"login": login, "password": PASSWORD, "kind": "page"}
        )
        forged = await client.post("/api/v1/acts/add-folder", json={"title": "新卷"})
        meant = await client.post(
            "/api/v1/acts/add-folder", json={"title": "新卷"}, headers={"X-Zhixi-CSRF": signed.json()["csrf"]}
        )

    assert "httponly" in signed.headers["set-cookie"].lower()
    assert "samesite=strict" in signed.headers["set-cookie"].lower()
    assert forged.status_code == 401
    assert meant.status_code == 201


async def test_a_terminal_is_known_by_its_key_and_never_typed(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p05", "T210") as enrolled, doors.by("p05") as elsewhere:
        at = (await enrolled.get("/api/v1/session")).json()
        nowhere = (await elsewhere.get("/api/v1/session")).json()
        typed = await elsewhere.post("/api/v1/acts/open-reading", json={"document": "D2", "device": "T210"})

    assert at["device"] == "T210"
    assert nowhere["device"] is None
    assert typed.status_code == 422
