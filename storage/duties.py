"""What is owed now, and what is overdue: reviews, by-products, loans in the evening, outings, returns, the yearly inventory.

Each is a pure function of the law over what stands; nothing here changes anything. The desk and the clock's work ask the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from graph.access import Questions
from graph.kinds import Node
from graph.law import gate
from graph.law.arrears import loan_overdue, not_locked_away, review_due
from graph.law.inventory import inventory_lapsed, inventory_overdue
from graph.law.person import in_force
from graph.law.regulation import Figures
from graph.times import Instant, months_after, to_date_text, to_datetime, to_text
from storage.figures import figures
from storage.registers import errands, inventories, receipts
from storage.sight import Sight
from storage.tables.catalogue import Carrier, Document, Errand, RegisterRow
from storage.titles import Masked, Titles

KEEPING = ("CUSTODIAN_OF", "ARCHIVIST_OF", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF", "LEADER_OF")
OWED: dict[str, tuple[str, str, str]] = {
    "by-products": ("open", "S03-2.4", "CUSTODIAN_OF"),
    "clearing": ("open", "S03-5.3c", "CUSTODIAN_OF"),
    "outing": ("out", "S03-4.8.1", "CUSTODIAN_OF"),
    "device-abroad": ("out", "S03-4.9c", "CUSTODIAN_OF"),
    "dispatch": ("on-the-way", "S03-3.1", "CUSTODIAN_OF"),
    "circulation": ("round", "S07-3b", "CUSTODIAN_OF"),
    "receipt": ("in-transit", "S03-3.1", "CUSTODIAN_OF"),
    "range-wish": ("open", "S03-4.1a", "LEADER_OF"),
}
"""Errands that wait for somebody: the state they wait in, the rule, and whose duty it is."""


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One thing owed. `overdue` once its day has passed; `due` is null where no day was set."""

    kind: str
    rule: str
    subject: str
    due: str | None
    overdue: bool
    whose: str
    content: dict[str, Any] = {}


class Duties:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def keeps(self, asker: str) -> bool:
        brought, stand = await self._questions.neighbourhood()
        world = await brought.people([asker])
        return bool(gate.roles(world, asker, stand.at, *KEEPING))

    async def owed(self) -> list[Duty]:
        """Everything that waits now, overdue first."""
        _, stand = await self._questions.neighbourhood()
        found = [duty async for duty in self._all(stand.at)]
        return sorted(found, key=lambda duty: (not duty.overdue, duty.due or "9", duty.kind, duty.subject))

    async def shown(self, asker: str) -> list[Duty]:
        """The same, of what the asker may know of, with secret titles withheld."""
        hidden = await Sight(self._questions).hidden(asker)
        found = [each for each in await self.owed() if hidden is None or each.subject not in hidden]
        spoken = [{**each.content, "_subject": each.subject} for each in found]
        masked = await Titles(self._questions).masked_lines(asker, spoken)
        return [_masked(duty, masks) for duty, masks in zip(found, masked, strict=True)]

    async def _all(self, now: Instant) -> AsyncIterator[Duty]:
        rows = await Errand.select().where(Errand.kind.is_in(list(OWED)))
        for row in rows:
            state, rule, whose = OWED[row["kind"]]
            if row["state"] == state:
                yield _duty(row, rule, whose, now)
            elif (row["kind"], row["state"]) == (receipts.RECEIPT, "sealed"):
                addressee = errands.read(row, receipts.Receipt).content.addressee
                yield _duty(row, rule, addressee or "ARCHIVIST_OF", now)
        set_now = await figures()
        async for duty in self._inventories(now, set_now):
            yield duty
        for row in await Document.select(Document.id, Document.expires).where(Document.expires != ""):
            if review_due(row["expires"], to_datetime(now).date()):
                yield Duty(
                    kind="review",
                    rule="S03-2.1b",
                    subject=row["id"],
                    due=row["expires"],
                    overdue=True,
                    whose="ARCHIVIST_OF",
                )
        async for duty in self._loans(now):
            yield duty
        async for duty in self._nights(now, set_now):
            yield duty

    async def _inventories(self, now: Instant, set_now: Figures) -> AsyncIterator[Duty]:
        """Each year since the first carrier whose 31 December passed without a whole inventory closed (S03-5.3a)."""
        first = await RegisterRow.select(RegisterRow.occurred_at).order_by(RegisterRow.seq).limit(1)
        if not first or not await Carrier.exists():
            return
        rows = await Errand.select().where(
            (Errand.kind == inventories.INVENTORY) & (Errand.state == "closed")
        )
        closed = [errands.read(row, inventories.Inventory).content for row in rows]
        counted = [row["changed_at"] for row, each in zip(rows, closed, strict=True) if each.whole]
        months = set_now("inventory")
        last = max(counted, default=first[0]["occurred_at"])
        if inventory_lapsed(last, now, months):
            yield Duty(
                kind="inventory", rule="S03-5.3a", subject=to_date_text(last),
                due=to_date_text(months_after(last, months)), overdue=True, whose="CUSTODIAN_OF",
            )  # fmt: skip
        this_year = to_datetime(now).year
        for year in range(to_datetime(first[0]["occurred_at"]).year, this_year):
            if inventory_overdue(year, [each.year for each in closed if each.whole], this_year):
                yield Duty(
                    kind="inventory",
                    rule="S03-5.3a",
                    subject=str(year),
                    due=f"{year}-12-31",
                    overdue=True,
                    whose="CUSTODIAN_OF",
                )

    async def _loans(self, now: Instant) -> AsyncIterator[Duty]:
        """Carriers out on loan, each owed by its borrower on its day (S03-4.3a); `look` finds those whose day has passed."""
        rows = await Carrier.select(Carrier.id).where(Carrier.state == "present")
        brought, _ = await self._questions.neighbourhood()
        world = await brought.around({row["id"]: Node.CARRIER.value for row in rows})
        for row in sorted(rows, key=lambda each: str(each["id"])):
            for fact in in_force(world.out(row["id"], "HELD_BY"), now):
                due = str(fact.details.get("due", ""))
                if fact.details.get("reason") == "loan" and due:
                    late = loan_overdue(due, now)
                    yield Duty(
                        kind="loan",
                        rule="S03-4.3a",
                        subject=row["id"],
                        due=due,
                        overdue=late,
                        whose=fact.target,
                    )

    async def _nights(self, now: Instant, set_now: Figures) -> AsyncIterator[Duty]:
        """Loans that are out in the evening and not confirmed to be locked away (S03-5.2)."""
        rows = await Carrier.select(Carrier.id).where(Carrier.state == "present")
        out = sorted(row["id"] for row in rows)
        if not out:
            return
        brought, _ = await self._questions.neighbourhood()
        world = await brought.around(dict.fromkeys(out, Node.CARRIER.value))
        for carrier in out:
            for fact in world.out(carrier, "HELD_BY"):
                if fact.holds(now) and fact.details.get("reason") in ("loan", "circulation"):
                    confirmed = await _confirmed(carrier)
                    if not_locked_away(fact.since, confirmed, now, set_now):
                        yield Duty(
                            kind="night",
                            rule="S03-5.2",
                            subject=carrier,
                            due=to_text(now),
                            overdue=True,
                            whose=fact.target,
                        )


def _masked(duty: Duty, masks: Sequence[Masked]) -> Duty:
    content = duty.content
    for mask in masks:
        content = mask.line(content)
    return msgspec.structs.replace(duty, content=content)


async def _confirmed(carrier: str) -> Instant | None:
    rows = await RegisterRow.select(RegisterRow.occurred_at).where(
        (RegisterRow.act == "confirm-night")
        & (RegisterRow.subject == carrier)
        & (RegisterRow.voided_by == "")
    )
    return max((row["occurred_at"] for row in rows), default=None)


def _duty(row: dict[str, Any], rule: str, whose: str, now: Instant) -> Duty:
    due = row["due"]
    return Duty(
        kind=row["kind"], rule=rule, subject=row["id"], due=None if due is None else to_text(due),
        overdue=due is not None and due < now, whose=whose, content=msgspec.json.decode(row["content"]),
    )  # fmt: skip
