"""What an act would change, looked at before it is done: who would gain and who would lose sight of what. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from api import show
from api.pages import forms
from api.pages.forms import Faults, Form
from api.pages.seat import Seat
from graph import whatif
from graph.errors import BadInput, Conflict, Refused
from storage.office import Proposal

ASKED = "foresee"
"""The name of the button that asks, where the act would be done by another."""
NAMED = 40
"""So many people are named for one thing; of the others it is said how many they are."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One document or carrier, and who would gain it or lose it."""

    thing: str
    people: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        return self.people[:NAMED]

    @property
    def others(self) -> int:
        return max(0, len(self.people) - NAMED)


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """`parts`: the code of each heading with what stands under it, in order."""

    parts: tuple[tuple[str, tuple[Change, ...]], ...]
    names: Mapping[str, Any]

    @property
    def empty(self) -> bool:
        return not any(changes for _, changes in self.parts)


async def foreseen(
    seat: Seat, act: str, params: Mapping[str, Any], form: Form, fields: Mapping[str, str] | None = None
) -> Outlook | Faults:
    """For those who look at rooms and hands [P-lookup]; judged as the act itself would be. Raises NotAvailable."""
    try:
        form.check()
        proposal = Proposal(actor=seat.person, act=act, sent=dict(params))
        steps = await seat.wiring.office.suppose([proposal], asker=seat.person)
    except (BadInput, Conflict) as error:
        return forms.faults(error, seat.language, fields)
    except Refused as error:
        return forms.faults(error, seat.language, fields, await show.names_in(error.reasons, seat.viewer))
    answer = await whatif.what_if(seat.wiring.questions, seat.person, steps)
    parts = (
        ("gains", _changes(answer.gains)),
        ("loses", _changes(answer.loses)),
        ("exposed", _changes(answer.exposed)),
        ("no-longer-exposed", _changes(answer.no_longer_exposed)),
    )
    ids = {id_ for _, changes in parts for each in changes for id_ in (each.thing, *each.named)}
    return Outlook(parts=parts, names=await show.names_known(ids, seat.viewer))


def _changes(pairs: Iterable[whatif.Pair]) -> tuple[Change, ...]:
    found: dict[str, list[str]] = {}
    for person, thing in pairs:
        found.setdefault(thing, []).append(person)
    return tuple(Change(thing=thing, people=tuple(people)) for thing, people in sorted(found.items()))
