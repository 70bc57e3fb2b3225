"""Sending carriers: packed, labelled, by whom and how many (S03-3.2 to 3.5)."""

from __future__ import annotations

from typing import Literal

import msgspec

from graph.law.levels import TOP_SECRET, Level
from graph.law.regulation import Figures
from graph.law.rules import rule
from graph.law.verdict import Reason

Channel = Literal[
    "confidential-transport", "confidential-post", "assigned-person", "ordinary-post", "courier-firm", "other"
]
OFFICIAL: frozenset[str] = frozenset({"confidential-transport", "confidential-post"})
"""机要交通 and 机要通信."""
COMMON: frozenset[str] = frozenset({"ordinary-post", "courier-firm"})


class Packing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The packaging checklist. An envelope is opaque, stitched, sealed on flap and centre seam; a bag sewn double and lead-sealed."""

    kind: Literal["envelope", "bag"]
    sealed: bool = False
    opaque: bool = False
    stitched: bool = False
    flap_sealed: bool = False
    seam_sealed: bool = False
    double_sewn: bool = False
    lead_sealed: bool = False


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the cover, written from the record and never typed."""

    level: str
    number: str
    sender: str
    receiver: str


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """`same_place`: within the town. `direct`: each escort belongs to the sender or the receiver.

    `abroad`: the receiver is outside the country, and `permit` the number under which it goes there. `unqualified` are escorts of the unit who are not cleared as high as what they bring; the receiver's it vouches for.
    """

    level: Level
    packing: Packing
    label: Label
    channel: Channel
    vehicle: str
    route: str
    same_place: bool
    escorts: tuple[str, ...]
    direct: bool
    abroad: bool = False
    permit: str = ""
    unqualified: frozenset[str] = frozenset()


def judge_dispatch(sent: Dispatch, figures: Figures) -> tuple[Reason, ...]:
    if sent.level.scheme != "state":
        return ()
    return (
        *leaves_the_country(sent),
        *safe_way(sent),
        *sealed(sent),
        *labelled(sent),
        *top_secret_envelope(sent),
        *top_secret_seals(sent),
        *bag_closed(sent),
        *channel_allowed(sent),
        *no_common_carrier(sent),
        *top_secret_to_another_place(sent),
        *top_secret_within_the_place(sent),
        *top_secret_escorted(sent, figures),
    )


def leaves_the_country(sent: Dispatch) -> tuple[Reason, ...]:
    """S03-4.9a, S03-4.9b: what may not be carried out of the country is not sent there either."""
    if not sent.abroad:
        return ()
    if sent.level == TOP_SECRET:
        return (Reason(("S03-4.9a",), "never-abroad"),)
    return () if sent.permit.strip() else (Reason(("S03-4.9b",), "no-permit-abroad"),)


@rule("S03-3.2", reads="act")
def safe_way(sent: Dispatch) -> tuple[Reason, ...]:
    if sent.vehicle.strip() and sent.route.strip():
        return ()
    return (Reason(("S03-3.2",), "no-vehicle-or-route"),)


@rule("S03-3.3a", reads="act")
def sealed(sent: Dispatch) -> tuple[Reason, ...]:
    return () if sent.packing.sealed else (Reason(("S03-3.3a",), "not-sealed"),)


@rule("S03-3.3b", reads="act")
def labelled(sent: Dispatch) -> tuple[Reason, ...]:
    """Level, number, sender and receiver: what the record lacks, the label lacks."""
    missing = [name for name, said in msgspec.structs.asdict(sent.label).items() if not said]
    if not missing:
        return ()
    return (Reason(("S03-3.3b",), "label-incomplete", {"missing": ", ".join(missing)}),)


@rule("S03-3.3c", reads="act")
def top_secret_envelope(sent: Dispatch) -> tuple[Reason, ...]:
    if not _top_secret_envelope(sent) or (sent.packing.opaque and sent.packing.stitched):
        return ()
    return (Reason(("S03-3.3c",), "envelope-not-stitched"),)


@rule("S03-3.3d", reads="act")
def top_secret_seals(sent: Dispatch) -> tuple[Reason, ...]:
    if not _top_secret_envelope(sent) or (sent.packing.flap_sealed and sent.packing.seam_sealed):
        return ()
    return (Reason(("S03-3.3d",), "envelope-not-sealed-over"),)


def _top_secret_envelope(sent: Dispatch) -> bool:
    return sent.level == TOP_SECRET and sent.packing.kind == "envelope"


@rule("S03-3.3e", reads="act")
def bag_closed(sent: Dispatch) -> tuple[Reason, ...]:
    if sent.packing.kind != "bag" or (sent.packing.double_sewn and sent.packing.lead_sealed):
        return ()
    return (Reason(("S03-3.3e",), "bag-not-closed"),)


@rule("S03-3.4a", reads="act")
def channel_allowed(sent: Dispatch) -> tuple[Reason, ...]:
    if sent.channel in OFFICIAL or sent.channel == "assigned-person":
        return ()
    return (Reason(("S03-3.4a",), "channel-not-allowed"),)


@rule("S03-3.4b", reads="act")
def no_common_carrier(sent: Dispatch) -> tuple[Reason, ...]:
    return () if sent.channel not in COMMON else (Reason(("S03-3.4b",), "no-ordinary-post"),)


@rule("S03-3.5.1", reads="act")
def top_secret_to_another_place(sent: Dispatch) -> tuple[Reason, ...]:
    """The specific beats the general [C21]: no assigned person out of town."""
    if sent.level != TOP_SECRET or sent.same_place or sent.channel in OFFICIAL:
        return ()
    return (Reason(("S03-3.5.1",), "official-courier-only"),)


@rule("S03-3.5.2", reads="act")
def top_secret_within_the_place(sent: Dispatch) -> tuple[Reason, ...]:
    """In town only persons whom sender or receiver sends directly [C21]."""
    if sent.level != TOP_SECRET or not sent.same_place or (sent.channel == "assigned-person" and sent.direct):
        return ()
    return (Reason(("S03-3.5.2",), "escort-of-neither"),)


@rule("S03-3.5.3", reads="act")
def top_secret_escorted(sent: Dispatch, figures: Figures) -> tuple[Reason, ...]:
    """二人护送制: two different people at least, each qualified (4.7)."""
    if sent.level != TOP_SECRET:
        return ()
    least = figures("top-secret-escorts")
    unfit = sorted(sent.unqualified & set(sent.escorts))
    found = [Reason(("S03-3.5.3",), "cleared-too-low-for-it", {"people": ", ".join(unfit)})] if unfit else []
    if len(set(sent.escorts)) < least:
        found.append(Reason(("S03-3.5.3",), "too-few-escorts", {"needed": str(least)}))
    return tuple(found)
