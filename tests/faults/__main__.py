"""A child process in a role: `child` of tests/faults/children.py starts it."""

from __future__ import annotations

import asyncio
import sys

from tests.faults.children import lines, read_orders
from tests.faults.door import door
from tests.faults.roles import ROLES


async def live(role: str) -> None:
    heard = lines()
    await {**ROLES, "door": door}[role](read_orders(await anext(heard)), heard)


asyncio.run(live(sys.argv[1]))
