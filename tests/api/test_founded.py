"""A registry that was founded can be used: whoever signs in first opens the others' accounts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import yaml

from api import cli
from api.settings import read
from graph.errors import BadField
from storage.accounts import hash_password
from storage.organisations import SetClock
from storage.registers.founding import Found
from storage.tables.kept import Account
from storage.tables.ledger import Entry
from storage.wiring import Wiring
from tests.api.doors import PASSWORD, Doors
from tests.columns import Ground
from tests.repo.test_house import ROOT


def example(**changed: Any) -> Found:
    """deploy/founding.example.yaml."""
    text = (ROOT / "deploy" / "founding.example.yaml").read_text(encoding="utf-8")
    return msgspec.convert({**yaml.safe_load(text), **changed}, Found)


def with_logins(*logins: str) -> Found:
    """The example with these in place of its own."""
    params = example()
    given = [*logins, *[""] * len(params.people)]
    people = tuple(
        msgspec.structs.replace(person, login=login)
        for person, login in zip(params.people, given, strict=False)
    )
    return msgspec.structs.replace(params, people=people)


async def test_who_keeps_accounts_signs_in_on_the_first_day_and_opens_the_others(
    house: Wiring, ground: Ground, clock: SetClock
) -> None:
    await house.found(example(), {"chen": hash_password(PASSWORD), "guo": hash_password("another-one-9")})
    doors = Doors(house, ground)

    async with doors.client() as client:
        signed = await client.post("/api/v1/session", json={"login": "chen", "password": PASSWORD})
        headers = {"Authorization": f"Bearer {signed.json()['token']}"}
        early = await client.get("/api/v1/documents", headers=headers)
        new = {"old": PASSWORD, "new": "quite-another-8"}
        await client.post("/api/v1/session/password", json=new, headers=headers)
        ready = await client.get("/api/v1/documents", headers=headers)
    opened = await house.office.do(
        "chen", "open-account", {"person": "zhang", "login": "zhang"}, secret={"password_hash": "-"}
    )

    assert (signed.status_code, early.status_code, ready.status_code) == (201, 401, 200)
    assert opened.act == "open-account"
    assert {row["login"] for row in await Account.select()} == {"chen", "guo", "zhang"}
    assert hash_password(PASSWORD)[:9] not in (await Entry.select().where(Entry.seq == 1))[0]["body"]


@pytest.mark.parametrize(
    ("logins", "field", "code"),
    [
        (("zhao",), "people", "nobody-opens-accounts"),  # the leader opens none
        ((), "people", "nobody-opens-accounts"),
        (("", "x y"), "people[1].login", "bad-login"),
        (("same", "same"), "people[0].login", "number-taken"),
    ],
)
async def test_a_registry_into_which_nobody_could_sign_in_is_not_founded(
    ground: Ground, logins: tuple[str, ...], field: str, code: str
) -> None:
    storage, url = ground.storage, ground.graph.url
    chosen = read(
        {
            "ZHIXI_HOME": str(ground.home), "ZHIXI_DATABASE": storage.database, "ZHIXI_GRAPH": url,
            "ZHIXI_DATABASE_OWNER": storage.database_owner, "ZHIXI_VAULT": storage.vault,
            "ZHIXI_KEY_FILE": str(storage.key_file), "ZHIXI_ANCHORS": str(storage.anchors),
        }
    )  # fmt: skip

    with pytest.raises(BadField) as refused:
        await cli._found(chosen, with_logins(*logins))

    assert [(each.field, each.code) for each in refused.value.errors] == [(field, code)]
    assert not storage.anchors.exists()


async def test_the_command_tells_each_first_password_once(
    ground: Ground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    storage = ground.storage
    chosen = read(
        {
            "ZHIXI_HOME": str(ground.home), "ZHIXI_DATABASE": storage.database, "ZHIXI_GRAPH": ground.graph.url,
            "ZHIXI_DATABASE_OWNER": storage.database_owner, "ZHIXI_VAULT": storage.vault,
            "ZHIXI_KEY_FILE": str(storage.key_file), "ZHIXI_ANCHORS": str(storage.anchors),
        }
    )  # fmt: skip

    await cli._found(chosen, example())

    told = capsys.readouterr().out
    assert [f"first password of {login}: " in told for login in ("chen", "guo")] == [True, True]
    assert told.count("first password of") == 2
