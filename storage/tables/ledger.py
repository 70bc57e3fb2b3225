"""The ledger's own tables. Append-only by the database itself; see `storage/schema`."""

from __future__ import annotations

from piccolo.columns import BigInt, Text
from piccolo.table import Table


class Entry(Table, tablename="entry"):
    """One register entry. `body` is the canonical text that is hashed; the other columns repeat it for look-ups."""

    seq = BigInt(primary_key=True)
    reference = Text(unique=True)
    hash = Text(unique=True)
    prev = Text()
    recorded_at = BigInt(index=True)
    actor = Text()
    act = Text()
    subject = Text(index=True)
    idempotency = Text(null=True, default=None)
    body = Text()


class Anchor(Table, tablename="anchor"):
    """A signed head kept beside the chain; the same line stands in the anchor folder."""

    seq = BigInt(primary_key=True)
    hash = Text()
    signed_at = BigInt()
    signature = Text()


LEDGER_TABLES: tuple[type[Table], ...] = (Entry, Anchor)
