"""Where carriers are made, and on what (S03-2.2 to 2.5)."""

from __future__ import annotations

from typing import Literal

import msgspec

from graph.law.levels import Level
from graph.law.rules import rule
from graph.law.verdict import Reason

Media = Literal["paper", "other"]


class Production(msgspec.Struct, frozen=True, kw_only=True):
    """`listed`: the media the place is approved for; `in_unit`: one of the unit's own rooms; `rank`: its accreditation.

    `unshielded` are the devices used that have no protection against emanation.
    """

    level: Level
    media: Media
    listed: frozenset[str]
    in_unit: bool
    rank: int
    unshielded: tuple[str, ...]


def judge_production(made: Production) -> tuple[Reason, ...]:
    if made.level.scheme != "state":
        return ()
    return (
        *printed_where_approved(made),
        *media_made_where_approved(made),
        *place_meets(made),
        *shielded(made),
    )


@rule("S03-2.2", reads="act", kinds=("MAKES_FOR",))
def printed_where_approved(made: Production) -> tuple[Reason, ...]:
    """Paper: the unit's own 文印室 or a designated shop; another room of the unit will not do."""
    if made.media != "paper" or "paper" in made.listed:
        return ()
    return (
        Reason(("S03-2.2",), "print-shop-not-approved", remedy="approve-maker", whose="SECURITY_OFFICER_OF"),
    )


@rule("S03-2.3", reads="act", kinds=("MAKES_FOR", "PART_OF"))
def media_made_where_approved(made: Production) -> tuple[Reason, ...]:
    """Magnetic and optical media: in the unit, or at an approved place."""
    if made.media != "other" or made.in_unit or "other" in made.listed:
        return ()
    return (Reason(("S03-2.3",), "maker-not-approved", remedy="approve-maker", whose="SECURITY_OFFICER_OF"),)


@rule("S03-2.5a", reads="act", kinds=("ACCREDITED_FOR",))
def place_meets(made: Production) -> tuple[Reason, ...]:
    """The place meets the secrecy requirements, and has not ceased to."""
    if made.rank >= made.level.rank:
        return ()
    return (
        Reason(
            ("S03-2.5a",),
            "workshop-not-compliant",
            {"needed": made.level.id},
            (),
            "accredit",
            "SECURITY_OFFICER_OF",
        ),
    )


@rule("S03-2.5b", reads="act", kinds=("SHIELDED",))
def shielded(made: Production) -> tuple[Reason, ...]:
    """Every device used is protected against emanation."""
    if not made.unshielded:
        return ()
    return (Reason(("S03-2.5b",), "not-shielded", {"device": ", ".join(made.unshielded)}),)


@rule("S03-2.4", reads="act")
def waste_to_destroy(by_products: int) -> tuple[str, ...]:
    """By-products that are not to be archived: the rule by which their destruction is owed [C10]."""
    return ("S03-2.4",) if by_products else ()
