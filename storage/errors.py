"""What can go wrong in storage, on the tree of `graph.errors`.

Broken
├── Forged          the ledger was rewritten, truncated or its signature does not hold
└── NotFounded      no founding entry yet: `zhixi found` first
"""

from __future__ import annotations

from graph.errors import Broken


class Forged(Broken):
    """What `zhixi verify` finds; the message says where."""


class NotFounded(Broken):
    """The ledger is empty."""
