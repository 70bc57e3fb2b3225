"""Taking over what arrives (S03-3.1), and registering it before it goes any further (S07-3f, S16-3)."""

from __future__ import annotations

import msgspec

from graph.law.rules import rule
from graph.law.verdict import Reason


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """清点、登记、编号、签收: which of the four have been done."""

    counted: bool
    registered: bool
    numbered: bool
    signed: bool


@rule("S03-3.1", reads="act")
def taken_over(arrival: Arrival) -> tuple[Reason, ...]:
    """Any of the four missing, and it stays in transit: custody does not move."""
    missing = [name for name, done in msgspec.structs.asdict(arrival).items() if not done]
    if not missing:
        return ()
    return (
        Reason(
            ("S03-3.1",), "in-transit", {"missing": ", ".join(missing)}, (), "sign-for-it", "CUSTODIAN_OF"
        ),
    )


@rule("S07-3f", "S16-3", reads="act")
def registered_first(registered: bool) -> tuple[Reason, ...]:
    """What comes in is registered before it is handed on [C26: one rule in two regulations]."""
    return (
        ()
        if registered
        else (Reason(("S07-3f", "S16-3"), "not-registered-yet", remedy="register-it", whose="ARCHIVIST_OF"),)
    )


def all_registered(counted: int | None, registered: int) -> tuple[Reason, ...]:
    """What was counted is what is entered: nothing lies there without an entry, and no entry without its thing (清点、登记)."""
    if counted is None or counted == registered:
        return ()
    return (
        Reason(("S03-3.1",), "counted-not-registered", {"listed": str(registered), "count": str(counted)}),
    )


def shortage(listed: int, counted: int) -> tuple[Reason, ...]:
    """Fewer than the sender's list says: recorded and reported."""
    if counted == listed:
        return ()
    return (Reason(("S03-3.1",), "count-differs", {"listed": str(listed), "count": str(counted)}),)


def seal_intact(intact: bool) -> tuple[Reason, ...]:
    """A broken cover is entered as it came [S03-3.3a decided at the sending]."""
    return () if intact else (Reason(("S03-3.3a",), "seal-broken"),)
