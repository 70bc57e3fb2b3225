"""Accounts bound to people, sessions, and the limits that every process shares.

Passwords are hashed with argon2id. A session's token is shown once; its SHA-256 is kept. A session ends at `expires_at`,
after a time without use, and with the account. The terminal a session runs on is found by the key it presented.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from msgspec import Meta

from graph.errors import BadField, NotSignedIn, TooMany
from graph.kinds import Node
from graph.times import Instant
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Patch, Put, act
from storage.figures import PARAMETER, figures_of
from storage.tables.catalogue import Device
from storage.tables.kept import Account, Session
from storage.transaction import Database

MINUTE_MS = 60_000
LOCK_AFTER = 5
LOCK_MS = 15 * MINUTE_MS
WINDOW_MS = MINUTE_MS
ATTEMPTS_A_WINDOW = 30
SHORTEST_PASSWORD = 10
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_hex(16))

Kind = Literal["page", "program"]
LOGIN_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{1,63}$"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who a request comes from. `device` is an enrolled terminal's id, or None."""

    person: str
    login: str
    csrf: str
    kind: Kind
    device: str | None
    must_change: bool
    language: str


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A new session: the token is not kept anywhere."""

    token: str
    expires_at: Instant
    signed_in: SignedIn


LOCK = "session-lock"
"""The figure after which a session locks at a terminal."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a session lasts at most, and unused where it is at no terminal, in milliseconds."""

    longest_ms: int = 12 * 60 * MINUTE_MS
    idle_ms: int = 30 * MINUTE_MS


class Accounts:
    def __init__(self, database: Database, now: Callable[[], Instant], limits: Limits) -> None:
        self._database = database
        self._now = now
        self._limits = limits

    async def sign_in(
        self, login: str, password: str, *, kind: Kind, device_key: str | None, address: str
    ) -> Ticket:
        """A session for whoever knows the password. Raises NotSignedIn, TooMany."""
        await self._count(f"sign-in/{address}")
        rows = await Account.select().where(Account.login == login)
        account = rows[0] if rows else None
        now = self._now()
        right = await asyncio.to_thread(fits, account["password_hash"] if account else _NOBODY, password)
        if account is None or account["disabled"]:
            raise NotSignedIn("wrong-credentials")
        if account["locked_until"] > now:
            raise NotSignedIn("locked")
        if not right:
            await count_failure(self._database, "account", "login", str(account["login"]), now)
            raise NotSignedIn("wrong-credentials")
        await Account.update({Account.failures: 0, Account.locked_until: 0}).where(Account.login == login)
        return await self._ticket(account, kind, await self._device(device_key), now)

    async def _ticket(
        self, account: dict[str, object], kind: Kind, device: str | None, now: Instant
    ) -> Ticket:
        token = secrets.token_urlsafe(32)
        csrf = secrets.token_urlsafe(24)
        expires = now + self._limits.longest_ms
        await Session.insert(
            Session(
                token_hash=_hash(token),
                person=account["person"],
                login=account["login"],
                csrf=csrf,
                kind=kind,
                device=device or "",
                created_at=now,
                seen_at=now,
                expires_at=expires,
            )
        )
        who = SignedIn(
            person=str(account["person"]),
            login=str(account["login"]),
            csrf=csrf,
            kind=kind,
            device=device,
            must_change=bool(account["must_change"]),
            language=str(account["language"]),
        )
        return Ticket(token=token, expires_at=expires, signed_in=who)

    async def session(self, token: str) -> SignedIn:
        """Who holds this token, now. Raises NotSignedIn."""
        rows = await self._database.run(
            "SELECT s.person, s.login, s.csrf, s.kind, s.device, s.seen_at, s.expires_at, a.must_change, a.disabled,"
            " a.language, f.value AS locks_after FROM session s JOIN account a ON a.login = s.login"
            " LEFT JOIN organisation_setting f ON f.name = {} WHERE s.token_hash = {}",
            f"{PARAMETER}{LOCK}",
            _hash(token),
        )
        now = self._now()
        if not rows or rows[0]["disabled"]:
            raise NotSignedIn
        row = rows[0]
        if row["expires_at"] <= now or row["seen_at"] + self._idle_ms(row) <= now:
            raise NotSignedIn("session-over")
        if row["seen_at"] + MINUTE_MS < now:
            await Session.update({Session.seen_at: now}).where(Session.token_hash == _hash(token))
        return SignedIn(
            person=row["person"],
            login=row["login"],
            csrf=row["csrf"],
            kind=row["kind"],
            device=row["device"] or None,
            must_change=bool(row["must_change"]),
            language=row["language"],
        )

    def _idle_ms(self, row: Mapping[str, Any]) -> int:
        """At an enrolled terminal the unit says how long (P-device), elsewhere whoever runs the server."""
        if not row["device"]:
            return self._limits.idle_ms
        set_here = {} if row["locks_after"] is None else {f"{PARAMETER}{LOCK}": row["locks_after"]}
        return figures_of(set_here)(LOCK) * MINUTE_MS

    async def sign_out(self, token: str) -> None:
        await Session.delete().where(Session.token_hash == _hash(token))

    async def change_password(self, login: str, old: str, new: str, *, keep: str) -> None:
        """The first sign-in asks for it. Every other session of the account ends."""
        rows = await Account.select().where(Account.login == login)
        if not rows or not await asyncio.to_thread(fits, rows[0]["password_hash"], old):
            raise BadField("old", "wrong-password")
        check_password(new, login)
        if hmac.compare_digest(old, new):
            raise BadField("new", "same-password")
        hashed = await asyncio.to_thread(_HASHER.hash, new)
        async with self._database.transaction():
            await Account.update(
                {Account.password_hash: hashed, Account.must_change: False, Account.changed_at: self._now()}
            ).where(Account.login == login)
            await Session.delete().where((Session.login == login) & (Session.token_hash != _hash(keep)))

    async def set_language(self, login: str, language: Literal["zh", "en"]) -> None:
        await Account.update({Account.language: language}).where(Account.login == login)

    async def _device(self, key: str | None) -> str | None:
        if not key:
            return None
        rows = await Device.select(Device.id).where(Device.key_sha256 == _hash(key))
        return str(rows[0]["id"]) if rows else None

    async def _count(self, key: str) -> None:
        """One more attempt in this window; raises TooMany past the limit. Counted in one statement."""
        now = self._now()
        window = now // WINDOW_MS
        rows = await self._database.run(
            "INSERT INTO attempt (key, minute, tally) VALUES ({}, {}, 1) ON CONFLICT (key) DO UPDATE SET"
            " tally = CASE WHEN attempt.minute = {} THEN attempt.tally + 1 ELSE 1 END, minute = {} RETURNING tally",
            key,
            window,
            window,
            window,
        )
        if rows[0]["tally"] > ATTEMPTS_A_WINDOW:
            raise TooMany(retry_after_s=max(1, ((window + 1) * WINDOW_MS - now) // 1000))


async def count_failure(
    database: Database, table: Literal["account", "counter_pin"], key: Literal["login", "person"], value: str, now: Instant
) -> None:  # fmt: skip
    """One more wrong secret, and the lock when there are too many. Counted in the database itself, so that two processes
    never lose a failure.
    """
    await database.run(
        f"UPDATE {table} SET failures = failures + 1, locked_until ="  # noqa: S608  (both names are written here)
        f" CASE WHEN failures + 1 >= {{}} THEN CAST({{}} AS BIGINT) ELSE 0 END WHERE {key} = {{}}",
        LOCK_AFTER,
        now + LOCK_MS,
        value,
    )


def check_password(password: str, login: str) -> None:
    """Raises BadField("new") where a password is too short or is the login."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadField("new", "password-too-short", least=str(SHORTEST_PASSWORD))
    if login.lower() in password.lower() or len(set(password)) < 4:
        raise BadField("new", "password-too-plain")


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def first_password() -> str:
    """A password to hand over on paper, changed at the first sign-in."""
    return "-".join(
        "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4)) for _ in range(3)
    )


def fits(hashed: str, password: str) -> bool:
    """Whether a password, or a PIN, is the one that was hashed. Takes a while by design: call it in a thread."""
    try:
        return _HASHER.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# Acts: who has an account is entered; what opens it is not

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
KEEPERS = ("ADMINISTRATOR_OF", "SECURITY_OFFICER_OF", "OFFICE_OF")


class OpenAccount(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account for a person; the door makes the first password."""

    person: Id
    login: Annotated[str, Meta(pattern=LOGIN_PATTERN)]


@act("open-account", OpenAccount, register="accounts", zh="开立账号", en="Open an account", by=KEEPERS,
     public=False, examples=({"person": "p05", "login": "liuyang"},))  # fmt: skip
async def open_account(params: OpenAccount, bench: Bench) -> Draft:
    person = await bench.subject(params.person, Node.PERSON, field="person")
    if await Account.exists().where(Account.person == params.person):
        raise BadField("person", "already-so")
    if await Account.exists().where(Account.login == params.login):
        raise BadField("login", "number-taken", value=params.login)
    draft = Draft(person[0], bench.occurred)
    draft.kept.append(
        Put(
            Account,
            {
                "login": params.login,
                "person": params.person,
                "password_hash": bench.secret["password_hash"],
                "must_change": bench.secret.get("must_change", "yes") == "yes",
                "changed_at": bench.now,
            },
        )
    )
    return draft


class ChangeAccount(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Disable an account, enable it again, or give it a new first password (which also unlocks it)."""

    login: Annotated[str, Meta(pattern=LOGIN_PATTERN)]
    change: Literal["disable", "enable", "reset"]


@act("change-account", ChangeAccount, register="accounts", zh="变更账号", en="Change an account", by=KEEPERS,
     public=False, examples=({"login": "liuyang", "change": "reset"},))  # fmt: skip
async def change_account(params: ChangeAccount, bench: Bench) -> Draft:
    rows = await Account.select(Account.person, Account.disabled).where(Account.login == params.login)
    if not rows:
        raise BadField("login", "unknown-id", value=params.login)
    if rows[0]["person"] == bench.actor:
        raise BadField("login", "not-for-oneself")
    draft = Draft(rows[0]["person"], bench.occurred)
    draft.kept.extend(_changed(params, bench))
    return draft


def _changed(params: ChangeAccount, bench: Bench) -> Iterable[Change]:
    if params.change == "reset":
        yield Patch(
            Account,
            params.login,
            {
                "password_hash": bench.secret["password_hash"],
                "must_change": True,
                "failures": 0,
                "locked_until": 0,
            },
        )
    else:
        yield Patch(Account, params.login, {"disabled": params.change == "disable"})
