"""Who notices: the worlds on the law alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tests.ablation.switch import Place, off
from tests.worlds import Trap, all_traps
from tests.worlds.answers import differences


class Finding(msgspec.Struct, frozen=True):
    """A rule that was off in one function, and the worlds that answered differently or broke down."""

    place: Place
    noticed: tuple[str, ...]


def ablate(places: Iterable[Place]) -> list[Finding]:
    """Every world that notices, for each place. Raises ValueError where one is amiss with every rule in place."""
    worlds = all_traps()
    amiss = [name for name, trap in worlds.items() if _differs(trap)]
    if amiss:
        raise ValueError(f"amiss with every rule in place: {', '.join(amiss)}")
    return [Finding(place, tuple(noticing(place, worlds))) for place in places]


def noticing(place: Place, worlds: dict[str, Trap]) -> Iterator[str]:
    """The worlds that notice, one after the other: first those whose answers name the rule."""
    with off(place):
        for name in sorted(worlds, key=lambda each: (place.rule not in repr(worlds[each]), each)):
            if _differs(worlds[name]):
                yield name


def _differs(trap: Trap) -> bool:
    try:
        return bool(differences(trap))
    except Exception:  # noqa: BLE001  (a rule that is not there may break what rests on it in any way)
        return True


def unnoticed(findings: Sequence[Finding]) -> list[str]:
    """Rules that are off somewhere and missed by nobody."""
    return sorted({each.place.rule for each in findings if not each.noticed})
