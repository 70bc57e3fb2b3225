"""What a server sees to beside answering: the graph is this ledger's at start, heads are kept, history is moved aside."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from graph.errors import GraphMismatch, Unavailable
from storage.wiring import Wiring

log = logging.getLogger("zhixi.upkeep")
ASIDE_MS: Final = 2 * 86_400_000
"""How long what has ended stays where live questions pass: these look back one day at most."""


class Upkeep:
    """One per serving process. Several processes on one graph may do it at once: a page that is moved already is not moved again."""

    def __init__(self, wiring: Wiring, every_s: float) -> None:
        self._wiring = wiring
        self._every_s = every_s

    async def begin(self) -> None:
        """Before anything is answered. A graph of another ledger, ahead of this one or forked raises GraphMismatch;
        one that is behind, or not there now, is caught up with by the acts that need it.
        """
        await self._wiring.ledger.keep_anchor()
        try:
            await self._wiring.projection.reach(await self._wiring.ledger.head())
        except Unavailable as gone:
            log.warning("the graph is not caught up yet: %s", gone)

    async def keep(self) -> None:
        """Sweep now and then until cancelled. What cannot be reached is tried again at the next turn."""
        while True:
            try:
                moved = await self.sweep()
                log.info("%d versions moved aside", moved)
            except (Unavailable, GraphMismatch) as failed:
                log.warning("nothing more is moved aside this time: %s", failed)
            await asyncio.sleep(self._every_s)

    async def sweep(self) -> int:
        """Move aside what ended, or was superseded, days ago; how many versions."""
        before = self._wiring.now() - ASIDE_MS
        seq = await self._wiring.ledger.seq_at(before)
        return await self._wiring.projection.sweep(before_seq=seq, before=before)

    async def end(self) -> None:
        await self._wiring.ledger.keep_anchor()
