"""What the law answers: marks on the person's card, alternative routes, prohibitions, and every reason for a no."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

from graph.facts import Fact


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One failing condition.

    `code` names the sentence in the catalogues, `values` fill it. `facts` are ids of the facts that failed, `remedy`
    names what would mend it and `whose` the role whose act that is. `own` is true where the person can mend it.
    """

    rules: tuple[str, ...]
    code: str
    values: dict[str, str] = {}
    facts: tuple[str, ...] = ()
    remedy: str = ""
    whose: str = ""
    own: bool = False


def that_bind(reasons: Iterable[Reason], silent: AbstractSet[str]) -> tuple[Reason, ...]:
    """Each reason by those of its rules that are of no silent regulation; none where nothing is left (S01-20)."""
    if not silent:
        return tuple(reasons)
    found = []
    for reason in reasons:
        rules = tuple(each for each in reason.rules if each.partition("-")[0] not in silent)
        if rules:
            found.append(msgspec.structs.replace(reason, rules=rules))
    return tuple(found)


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A condition on a person's card. `holds` is None where the condition does not apply."""

    name: str
    holds: bool | None
    rules: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    reason: Reason | None = None


class Route(msgspec.Struct, frozen=True, gc=False):
    """One way through: the chain of facts from the person to the item, `via` the list it goes through."""

    via: str
    rules: tuple[str, ...]
    steps: tuple[Fact, ...]


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """May this person know this item. `reasons` holds every failing condition, empty exactly when allowed."""

    person: str
    item: str
    allowed: bool
    marks: tuple[Mark, ...]
    routes: tuple[Route, ...]
    reasons: tuple[Reason, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule for reason in self.reasons for rule in reason.rules))

    @property
    def mendable_alone(self) -> bool:
        """Fails only what the person can mend: undertaking and induction [P, G11–G13]."""
        return not self.allowed and all(reason.own for reason in self.reasons)
