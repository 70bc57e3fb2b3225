"""The ledger against whoever has its database: refused by the database itself, or found by `zhixi verify`.

Each test has a twin in which the protection is taken out and the same thing goes through, or is not seen.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

import msgspec
import pytest

from graph.errors import GraphMismatch, Unavailable
from storage.entry import Body
from storage.ledger import Line
from storage.organisations import SetClock
from storage.wiring import Wiring
from tests import columns
from tests.columns import Ground, Template
from tests.faults.children import ROOT, environment
from tests.faults.tampering import (
    ATTACKS,
    REFUSED,
    Attack,
    as_owner,
    as_server,
    codes,
    cut,
    forget_anchors,
    recompute,
    unprotect,
)
from tests.storage.fingerprint import difference, fingerprint

KNOWN = [attack for attack in ATTACKS if attack.sqlite or columns.column() == "services"]
LAST = 20
"""Where the chain is recomputed from."""


def statement(attack: Attack) -> str:
    return attack.postgres if columns.column() == "services" else attack.sqlite


def told_differently(body: Body) -> Body:
    return msgspec.structs.replace(body, actor="p06")


@pytest.mark.parametrize("attack", KNOWN, ids=[attack.name for attack in KNOWN])
async def test_the_database_refuses_the_servers_own_role(binhai: Wiring, attack: Attack) -> None:
    await binhai.ledger.keep_anchor()
    before = await fingerprint(binhai)

    with pytest.raises(REFUSED):
        await as_server(binhai.settings, statement(attack))

    assert difference(before, await fingerprint(binhai)) == {}
    assert codes(await binhai.ledger.verify()) == set()


@pytest.mark.parametrize("attack", KNOWN, ids=[attack.name for attack in KNOWN])
async def test_twin_without_its_protection_the_database_takes_it_and_verify_finds_it(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock, attack: Attack
) -> None:
    await binhai.ledger.keep_anchor()
    await unprotect(binhai.settings)

    await as_owner(binhai.settings, statement(attack))

    async with columns.house(binhai_ground, clock) as opened_again:
        assert attack.sees in codes(await opened_again.ledger.verify())


@pytest.mark.only_services
async def test_the_servers_role_cannot_take_the_protections_out(binhai: Wiring) -> None:
    refused = []
    for way in (
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entry_fixed ON entry",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION zhixi_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE RULE entry_gone AS ON INSERT TO entry DO INSTEAD NOTHING",
    ):
        with pytest.raises(REFUSED):
            await as_server(binhai.settings, way)
        refused.append(way)

    assert len(refused) == 5


@pytest.mark.only_services
async def test_even_the_owner_is_refused_until_the_triggers_are_taken_out(binhai: Wiring) -> None:
    for way in ("UPDATE entry SET actor = 'p06'", "DELETE FROM entry", "TRUNCATE entry", "TRUNCATE anchor"):
        with pytest.raises(REFUSED):
            await as_owner(binhai.settings, way)

    assert codes(await binhai.ledger.verify()) == set()


@pytest.mark.only_embedded
@pytest.mark.parametrize("table", ["entry", "anchor"])
async def test_a_table_dropped_from_the_file_is_found(
    binhai_ground: Ground, binhai_template: Template, clock: SetClock, table: str
) -> None:
    """Whoever may write the file may drop a table of SQLite's: nothing refuses that, so verify has to find it."""
    clock.put(binhai_template.at)
    async with columns.house(binhai_ground, clock) as wiring:
        await wiring.ledger.keep_anchor()
        kept = (await wiring.ledger.verify()).anchors
    await as_server(binhai_ground.storage, f"DROP TABLE {table}")

    async with columns.house(binhai_ground, clock) as opened_again:
        found = await opened_again.ledger.verify()

    # The anchors that matter are the folder's: without the table they still tell, and without the chain they miss it.
    assert codes(found) == ({"ledger-cut-short"} if table == "entry" else set())
    assert found.anchors == kept


@pytest.mark.only_embedded
async def test_a_ledger_dropped_under_a_running_server_is_no_empty_answer(binhai: Wiring) -> None:
    await as_server(binhai.settings, "DROP TABLE entry")

    with pytest.raises(Unavailable):
        await binhai.questions.may_know("p05", "p05", "D2")


# With full rights over the database


async def test_a_chain_recomputed_from_an_entry_on_is_found_by_its_anchors(binhai: Wiring) -> None:
    await binhai.ledger.keep_anchor()
    head = await binhai.ledger.head()

    await recompute(binhai.settings, LAST, told_differently)

    found = await binhai.ledger.verify()
    assert codes(found) == {"ledger-rewritten"}
    assert {finding.seq for finding in found.findings} == set(range(LAST, head.seq + 1))


async def test_twin_without_anchors_a_recomputed_chain_looks_whole(binhai: Wiring) -> None:
    await recompute(binhai.settings, LAST, told_differently)

    await forget_anchors(binhai.settings)

    found = await binhai.ledger.verify()
    assert codes(found) == {"no-anchors"}


async def test_a_whole_ledger_put_in_the_place_of_ours_is_found(binhai: Wiring) -> None:
    await recompute(binhai.settings, 1, lambda body: msgspec.structs.replace(body, ledger="z-other"))

    assert "anchor-of-another-ledger" in codes(await binhai.ledger.verify())


async def test_a_chain_cut_short_is_found_by_its_anchors(binhai: Wiring) -> None:
    await binhai.ledger.keep_anchor()

    await cut(binhai.settings, LAST)

    found = await binhai.ledger.verify()
    assert codes(found) == {"ledger-cut-short"}
    assert {finding.values["last"] for finding in found.findings} == {str(LAST)}


async def test_twin_without_anchors_a_chain_cut_short_looks_whole(binhai: Wiring) -> None:
    await cut(binhai.settings, LAST)

    await forget_anchors(binhai.settings)

    assert codes(await binhai.ledger.verify()) == {"no-anchors"}


async def test_a_chain_cut_short_is_never_built_on(binhai: Wiring) -> None:
    """A process knows how far it had read, and the graph how far it had come: nothing is answered or entered over the gap."""
    await binhai.questions.may_know("p05", "p05", "D2")
    await binhai.projection.reach(await binhai.ledger.head())
    await cut(binhai.settings, LAST)

    with pytest.raises(GraphMismatch, match="ahead of the ledger"):
        await binhai.questions.may_know("p05", "p05", "D2")
    with pytest.raises(GraphMismatch, match="ahead of the ledger"):
        await binhai.office.do("p04", "add-folder", {"title": "新卷"})
    with pytest.raises(GraphMismatch, match="ahead of the ledger"):
        await binhai.projection.reach(await binhai.ledger.head())
    assert (await binhai.ledger.head()).seq == LAST


async def test_a_chain_cut_short_is_never_built_on_after_a_restart(
    binhai: Wiring, binhai_ground: Ground, clock: SetClock
) -> None:
    await binhai.projection.reach(await binhai.ledger.head())
    await cut(binhai.settings, LAST)

    async with columns.house(binhai_ground, clock) as opened_again:
        with pytest.raises(GraphMismatch, match="ahead of the ledger"):
            await opened_again.office.do("p04", "add-folder", {"title": "新卷"})


# Anchors


def lines_of(binhai: Wiring) -> list[Line]:
    lines, unreadable = binhai.ledger.anchored()
    assert unreadable == 0
    return lines


def put(binhai: Wiring, lines: list[Line], more: bytes = b"") -> None:
    """The anchor folder, written anew by somebody who may write there and has no key."""
    text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    (binhai.settings.anchors / "heads.jsonl").write_bytes(text + more)


@pytest.mark.parametrize("field", ["seq", "hash", "signed_at", "ledger", "signature"])
async def test_an_altered_anchor_is_found(binhai: Wiring, field: str) -> None:
    lines = lines_of(binhai)
    value = getattr(lines[5], field)
    lines[5] = msgspec.structs.replace(
        lines[5], **{field: value + 1 if isinstance(value, int) else f"x{value}"}
    )

    put(binhai, lines)

    assert codes(await binhai.ledger.verify()) == {"anchor-signature"}


async def test_twin_the_anchors_as_they_were_hold(binhai: Wiring) -> None:
    put(binhai, lines_of(binhai))

    assert codes(await binhai.ledger.verify()) == set()


async def test_anchors_made_for_a_recomputed_chain_without_the_key_are_found(binhai: Wiring) -> None:
    await recompute(binhai.settings, LAST, told_differently)
    hashes = {seq: await binhai.ledger.hash_at(seq) for seq in range(1, (await binhai.ledger.head()).seq + 1)}

    put(binhai, [msgspec.structs.replace(line, hash=hashes[line.seq]) for line in lines_of(binhai)])

    assert codes(await binhai.ledger.verify()) == {"anchor-signature"}


async def test_anchors_that_cannot_be_read_or_are_gone_are_found(binhai: Wiring) -> None:
    lines = lines_of(binhai)

    put(binhai, lines, b'{"ledger": "z-half')
    torn = codes(await binhai.ledger.verify())
    put(binhai, [])
    gone = codes(await binhai.ledger.verify())

    assert (torn, gone) == ({"anchor-unreadable"}, {"no-anchors"})


async def test_the_command_says_what_it_found_and_ends_with_a_status(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    whole = await verified(binhai_ground)

    await recompute(binhai.settings, LAST, told_differently)

    rewritten = await verified(binhai_ground)
    assert (whole.returncode, rewritten.returncode) == (0, 1), whole.stderr
    assert str(LAST) in rewritten.stderr


async def verified(ground: Ground) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "api", "verify"],
        cwd=ROOT, env=environment(ground), capture_output=True, text=True, check=False,
    )  # fmt: skip
