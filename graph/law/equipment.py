"""Equipment of key units: certified, checked where it is imported, and registered with who answers for it (S02-15, S02-16)."""

from __future__ import annotations

import msgspec

from graph.facts import Facts
from graph.law.person import in_force
from graph.law.rules import rule
from graph.law.verdict import Reason
from graph.times import Instant


class Registration(msgspec.Struct, frozen=True):
    """What a register of computers and media has to hold of each: empty where it is not told."""

    owner: str
    level: str
    serial: str
    location: str


@rule("S02-16a", reads="act")
def registered_in_full(registration: Registration) -> tuple[Reason, ...]:
    """Owner, level, serial and location of each computer and medium in a key unit."""
    missing = [name for name, value in msgspec.structs.asdict(registration).items() if not value.strip()]
    if not missing:
        return ()
    return (Reason(("S02-16a",), "registration-incomplete", {"missing": ", ".join(missing)}),)


@rule("S02-15b", reads="place", kinds=("IMPORTED", "SECURITY_CHECKED"))
def checked_if_imported(facts: Facts, device: str, at: Instant) -> tuple[Reason, ...]:
    """Imported equipment is checked before it is put in use, and opens nothing while it is not."""
    if not in_force(facts.out(device, "IMPORTED"), at) or in_force(facts.out(device, "SECURITY_CHECKED"), at):
        return ()
    return (Reason(("S02-15b",), "import-not-checked", {"device": device}, (), "check-import"),)


@rule("S02-15a", reads="place", kinds=("USED_IN", "ENROLLED_AT", "ACCREDITED_FOR"))
def certified(facts: Facts, unit: str, at: Instant) -> tuple[Reason, ...]:
    """Equipment in use in a key unit meets the standard: what has no certificate is flagged."""
    return tuple(
        Reason(("S02-15a",), "equipment-uncertified", {"device": fact.source, "place": unit}, (fact.id,), "accredit",
               "SECURITY_OFFICER_OF")
        for fact in in_force(facts.into(unit, "USED_IN", "ENROLLED_AT"), at)
        if not in_force(facts.out(fact.source, "ACCREDITED_FOR"), at)
    )  # fmt: skip
