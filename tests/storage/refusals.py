"""Acts that will not do: the rules or fields that stood against them, and the proof that they wrote nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from graph.errors import BadInput, Refused
from storage.office import LOGGED_REFUSALS
from storage.wiring import Wiring
from tests.storage.fingerprint import difference, fingerprint, unwritten

Errors = list[tuple[str, str]]


async def refused(wiring: Wiring, actor: str, act: str, params: dict[str, Any]) -> set[str]:
    """The rules that an act is refused by. Nothing was written, but for the one entry of a refusal that a rule wants logged."""
    await wiring.projection.reach(await wiring.ledger.head())
    before = await fingerprint(wiring)
    with pytest.raises(Refused) as error:
        await wiring.office.do(actor, act, params)
    written = difference(before, await fingerprint(wiring))
    if error.value.logged or LOGGED_REFUSALS & set(error.value.rules):
        assert len(written.pop("entry")) == 1
        assert set(written) <= {"register_row", "anchor", "anchors"}
    else:
        assert written == {}
    return set(error.value.rules)


async def bad(wiring: Wiring, actor: str, act: str, params: dict[str, Any]) -> Errors:
    """The fields that are wrong, and what is wrong with each. Nothing was written."""
    await wiring.projection.reach(await wiring.ledger.head())
    async with unwritten(wiring):
        with pytest.raises(BadInput) as error:
            await wiring.office.do(actor, act, params)
    return [(each.field, each.code) for each in error.value.errors]
