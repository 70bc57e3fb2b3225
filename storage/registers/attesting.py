"""What a vetting attests of a person, beside its conclusion: it ends with the next vetting (S02-5.1, S02-5.3)."""

from __future__ import annotations

import msgspec

from graph.facts import World
from graph.kinds import Node
from graph.law.person import in_force
from storage.act import Bench, Draft


class Attested(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`conduct`: loyal, of clean history and good conduct; `relations`: clear, the spouse a Chinese citizen. None: nothing said."""

    conduct: bool | None = None
    relations: bool | None = None


def attest(draft: Draft, bench: Bench, world: World, person: str, said: Attested) -> None:
    for fact in in_force(world.out(person, "ATTESTED"), bench.occurred):
        draft.end(fact, world)
    details = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not None}
    if details:
        draft.begin("ATTESTED", (person, Node.PERSON.value), bench.own, details=details)
        draft.rules += ["S02-5.1", "S02-5.3"]
