"""Borrowing slips: why a carrier was taken, by whose leave, where to, until when, and who signed — by the entries that said so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from graph.facts import Fact
from graph.times import Instant
from storage.registers import errands, outings
from storage.registers.circulations import CIRCULATION, Folder
from storage.tables.catalogue import Errand, RegisterRow

OUT = ("loan", "circulation", "outing")
"""Why somebody who does not keep it has it in hand."""
Row = dict[str, str]
ACTS = (
    "lend-carrier", "hand-to-reader", "report-passing", "circulate", "carry-out", "report-outing", "approve-outing",
    "approve-copy", "set-range",
)  # fmt: skip
WHERE_TO = ("abroad", "foreign", "outside")


class Taken(NamedTuple):
    """A carrier out of its keeper's hands. `downloaded_from` is the carrier of which it is a downloaded copy, or empty."""

    carrier: str
    document: str
    hand: Fact
    downloaded_from: str


class Entered(msgspec.Struct, frozen=True):
    """What one entry said. `decided_by` is empty where its own clerk decided: no leave of anybody else's."""

    at: Instant
    decided_by: str
    line: dict[str, Any]


class Trip(NamedTuple):
    id: str
    opened: Instant
    trip: outings.Trip


class Slips:
    """Everything said on slips, read once for a book."""

    def __init__(
        self, said: Mapping[tuple[str, str], list[Entered]], folders: Mapping[str, errands.Found[Folder]],
        trips: Iterable[Trip],
    ) -> None:  # fmt: skip
        self._said = said
        self._folders = folders
        self._trips = tuple(trips)

    @classmethod
    async def read(cls) -> Slips:
        said: dict[tuple[str, str], list[Entered]] = {}
        rows = await RegisterRow.select().where(
            RegisterRow.act.is_in(list(ACTS)) & (RegisterRow.voided_by == "")
        )
        for row in sorted(rows, key=lambda each: (each["occurred_at"], each["seq"])):
            line = msgspec.json.decode(row["line"], type=dict[str, Any])
            decided = (
                "" if row["decided_by"] == row["actor"] and row["act"] not in DECIDED else row["decided_by"]
            )
            said.setdefault((row["act"], row["subject"]), []).append(
                Entered(row["occurred_at"], decided, line)
            )
        folders = {
            row["id"]: errands.read(row, Folder)
            for row in await Errand.select().where(Errand.kind == CIRCULATION)
        }
        trips = [
            Trip(row["id"], row["opened_at"], errands.read(row, outings.Trip).content)
            for row in await Errand.select().where(Errand.kind == outings.OUTING)
        ]
        return cls(said, folders, trips)

    def of(self, taken: Taken) -> Row:
        """purpose, approved_by, place, reason, due_at and signed of one time that a carrier was out."""
        reason = str(taken.hand.details["reason"])
        if taken.downloaded_from:
            return self._downloaded(taken)
        row = {"loan": self._loan, "circulation": self._circulation, "outing": self._outing}[reason](taken)
        return {"reason": reason, **row}

    def _loan(self, taken: Taken) -> Row:
        loan = self._at("lend-carrier", taken.carrier, taken.hand.since)
        line = loan.line if loan else {}
        return {
            "purpose": str(line.get("purpose", "")), "due_at": str(line.get("due", "")), "place": str(line.get("place") or ""),
            "approved_by": (loan.decided_by if loan else "") or self._ranged(taken), "signed": signature(line, taken.hand.target),
        }  # fmt: skip

    def _circulation(self, taken: Taken) -> Row:
        since, reader = taken.hand.since, taken.hand.target
        for id_, folder in self._folders.items():
            leg = self._at("hand-to-reader", id_, since, reader=reader) or self._at(
                "report-passing", id_, since, to=reader
            )
            if leg is None:
                continue
            begun = self._at("circulate", id_, folder.opened)
            return {
                "purpose": CIRCULATION, "due_at": str(begun.line.get("due") or "") if begun else "", "place": "",
                "approved_by": (begun.decided_by if begun else "") or self._ranged(taken), "signed": signature(leg.line, reader),
            }  # fmt: skip
        return {"purpose": CIRCULATION, "approved_by": self._ranged(taken)}

    def _outing(self, taken: Taken) -> Row:
        since, bearer = taken.hand.since, taken.hand.target
        gone = next(
            (t for t in self._trips if t.opened == since and taken.carrier in t.trip.carriers and t.trip.bearers[0] == bearer),
            None,
        )  # fmt: skip
        if gone is None:
            return {}
        leave = self._before("approve-outing", taken.carrier, since, person=bearer)
        out = self._at("carry-out", gone.id, since) or self._at("report-outing", gone.id, since)
        line = out.line if out else {}
        said = {**(leave.line if leave else {}), **line}
        return {
            "purpose": gone.trip.purpose, "due_at": gone.trip.back_by, "approved_by": leave.decided_by if leave else "",
            "place": next((where for where in WHERE_TO if said.get(where)), "outside"), "signed": signature(line, bearer),
        }  # fmt: skip

    def _downloaded(self, taken: Taken) -> Row:
        wanted = {"person": taken.hand.target, "mode": "download"}
        leave = self._before("approve-copy", taken.downloaded_from, taken.hand.since, **wanted)
        by = leave.decided_by if leave else ""
        return {
            "reason": "download",
            "purpose": "download",
            "approved_by": by,
            "signed": f"own、{taken.hand.target}",
        }

    def _ranged(self, taken: Taken) -> str:
        """Whoever put the borrower on the range: a loan inside it asks no further leave (S03-4.1a)."""
        last = self._before("set-range", taken.document, taken.hand.since)
        return last.decided_by if last else ""

    def _at(self, act: str, subject: str, at: Instant, **said: str) -> Entered | None:
        met = [each for each in self._said.get((act, subject), ()) if each.at == at and _says(each, said)]
        return met[-1] if met else None

    def _before(self, act: str, subject: str, at: Instant, **said: str) -> Entered | None:
        met = [each for each in self._said.get((act, subject), ()) if each.at <= at and _says(each, said)]
        return met[-1] if met else None


DECIDED = ("approve-outing", "approve-copy", "set-range")
"""Acts of the one who decides: there the one who enters it is an answer too."""


def _says(entered: Entered, said: Mapping[str, str]) -> bool:
    return all(entered.line.get(name) == value for name, value in said.items())


def signature(line: Mapping[str, Any], person: str) -> str:
    """Whose signature stands on the slip, and by what proof; empty where nobody signed."""
    signed = line.get("signed", True) if line else False
    if isinstance(signed, Mapping):
        if signed.get("proof") == "unsigned":
            return ""
        return "、".join(str(part) for part in (person, signed.get("proof"), signed.get("slip")) if part)
    return person if signed else ""
