"""Signing at the counter (窗口): whoever decides types a PIN of their own in the clerk's session.

The PIN is chosen by its owner in their own session, kept as a hash beside the credentials, and never enters the ledger. Too many
wrong ones lock it for a while; counted in the database, so that two processes never lose a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from graph.errors import BadField
from graph.times import Instant
from storage.accounts import count_failure, fits, hash_password
from storage.tables.kept import Account, CounterPin
from storage.transaction import Database

FIELD: Final = "decision.pin"
SHORTEST_PIN: Final = 6
LONGEST_PIN: Final = 12


class Counter:
    def __init__(self, database: Database, now: Callable[[], Instant]) -> None:
        self._database = database
        self._now = now

    async def choose(self, login: str, password: str, pin: str) -> None:
        """One's own PIN, new or changed, for whoever knows the account's password. Raises BadField."""
        rows = await Account.select(Account.person, Account.password_hash).where(Account.login == login)
        if not rows or not await asyncio.to_thread(fits, rows[0]["password_hash"], password):
            raise BadField("password", "wrong-password")
        check_pin(pin)
        hashed = await asyncio.to_thread(hash_password, pin)
        await self._database.run(
            "INSERT INTO counter_pin (person, pin_hash, failures, locked_until, changed_at) VALUES ({}, {}, 0, 0, {})"
            " ON CONFLICT (person) DO UPDATE SET pin_hash = excluded.pin_hash, failures = 0, locked_until = 0,"
            " changed_at = excluded.changed_at",
            rows[0]["person"],
            hashed,
            self._now(),
        )

    async def chosen(self, person: str) -> bool:
        return await CounterPin.exists().where(CounterPin.person == person)

    async def check(self, person: str, pin: str) -> None:
        """Whether the person typed their PIN. Who has none, or no account any more, is answered as for a wrong one.

        Raises BadField.
        """
        if not pin:
            raise BadField(FIELD, "missing")
        rows = await self._database.run(
            "SELECT p.pin_hash, p.locked_until FROM counter_pin p JOIN account a ON a.person = p.person"
            " WHERE p.person = {} AND NOT a.disabled",
            person,
        )
        now = self._now()
        if rows and rows[0]["locked_until"] > now:
            raise BadField(FIELD, "pin-locked")
        if not rows or not await asyncio.to_thread(fits, rows[0]["pin_hash"], pin):
            await count_failure(self._database, "counter_pin", "person", person, now)
            raise BadField(FIELD, "pin-wrong")
        await CounterPin.update({CounterPin.failures: 0, CounterPin.locked_until: 0}).where(
            CounterPin.person == person
        )


def check_pin(pin: str) -> None:
    """Raises BadField("pin") where it is no number of 6 to 12 digits, or one anybody would try."""
    if not (pin.isascii() and pin.isdecimal() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise BadField("pin", "pin-not-digits", low=str(SHORTEST_PIN), high=str(LONGEST_PIN))
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1:
        raise BadField("pin", "pin-too-plain")
