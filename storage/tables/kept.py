"""What is not a projection of the ledger, in one place: a rebuild leaves these as they are.

Wrapped file keys, credentials, sessions, unfinished uploads, tasks, the search index with its secret, and an unfinished restore.
"""

from __future__ import annotations

from piccolo.columns import BigInt, Boolean, Integer, Text
from piccolo.table import Table


class Account(Table, tablename="account"):
    """Credentials bound to a person. Instants in milliseconds; `locked_until` 0 where it is not locked."""

    login = Text(primary_key=True)
    person = Text(unique=True)
    password_hash = Text()
    must_change = Boolean(default=True)
    disabled = Boolean(default=False)
    failures = Integer(default=0)
    locked_until = BigInt(default=0)
    changed_at = BigInt(default=0)
    language = Text(default="zh")


class CounterPin(Table, tablename="counter_pin"):
    """What a person types to sign in a clerk's session; `locked_until` 0 where it is not locked."""

    person = Text(primary_key=True)
    pin_hash = Text()
    failures = Integer(default=0)
    locked_until = BigInt(default=0)
    changed_at = BigInt()


class Session(Table, tablename="session"):
    """A signed-in session by the hash of its token. `device` is the enrolled terminal it runs on, or empty."""

    token_hash = Text(primary_key=True)
    person = Text(index=True)
    login = Text()
    csrf = Text()
    kind = Text()
    device = Text(default="")
    created_at = BigInt()
    seen_at = BigInt()
    expires_at = BigInt()


class Attempt(Table, tablename="attempt"):
    """Rate limits, shared by every process: how many in a window, by key."""

    key = Text(primary_key=True)
    minute = BigInt()
    tally = Integer(default=0)


class WrappedKey(Table, tablename="wrapped_key"):
    """A file's key under the organisation's key; emptied when the carrier is destroyed."""

    file = Text(primary_key=True)
    wrapped = Text()
    destroyed_at = BigInt(default=0)


class Upload(Table, tablename="upload"):
    """An unfinished upload; gone when finished or given up. `state` is the cipher's, sealed; `id` becomes the file's."""

    id = Text(primary_key=True)
    person = Text(index=True)
    carrier = Text()
    name = Text()
    declared = Text(default="")
    length = BigInt()
    received = BigInt(default=0)
    state = Text(default="")
    parts = Integer(default=0)
    busy_until = BigInt(default=0)
    created_at = BigInt()


class FileCheck(Table, tablename="file_check"):
    """When a stored file was last read whole, and what was wrong with it then: nothing, `altered` or `missing`."""

    file = Text(primary_key=True)
    checked_at = BigInt()
    wrong = Text(default="")


class Task(Table, tablename="task"):
    """Work to be done later, and perhaps twice. `state`: waiting, sent, done, failed."""

    id = Text(primary_key=True)
    kind = Text()
    subject = Text(index=True)
    state = Text(default="waiting", index=True)
    tries = Integer(default=0)
    reason = Text(default="")
    lease_until = BigInt(default=0)
    made_at = BigInt()
    done_at = BigInt(default=0)


class Secret(Table, tablename="secret"):
    """Secrets made once, wrapped by the organisation's key."""

    name = Text(primary_key=True)
    wrapped = Text()


class IndexEntry(Table, tablename="index_entry"):
    """The blind index: keyed hashes of tokens and where they stand in a field of a subject."""

    id = BigInt(primary_key=True)
    token = BigInt()
    subject = Text()
    field = Text(index=True)
    position = Integer()


class Restoration(Table, tablename="restoration"):
    """A backup that is being brought back: while there is a row, this store is unfinished and nothing is served from it."""

    backup = Text(primary_key=True)
    begun_at = BigInt()


KEPT_TABLES: tuple[type[Table], ...] = (
    Account, CounterPin, Session, Attempt, WrappedKey, Upload, FileCheck, Task, Secret, IndexEntry, Restoration,
)  # fmt: skip
