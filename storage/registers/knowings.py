"""Knowledge that came about past the books: somebody read or heard what they may not know (S03-4.1d)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.gate import place_complies
from graph.law.item import demand
from graph.law.know import judge
from graph.law.person import card
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import breaches, errands
from storage.registers.custody import known

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]


class ReportKnowing(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person has come to know a document: entered as it happened, whether or not they were allowed to.

    `place` is where: a room that does not comply is irregular for whoever may know it, too (S03-4.2a).
    """

    document: Id
    person: Id
    mode: Literal["read", "handled", "heard"]
    place: Id | None = None
    account: Words


@act("report-knowing", ReportKnowing, register="readings", zh="登记违规知悉", en="Report that somebody came to know it",
     by=("CUSTODIAN_OF", "SECURITY_OFFICER_OF"), rules=("S03-4.1d", "P-role"), project=errands.project,
     examples=({"document": "D2", "person": "p06", "mode": "read", "account": "误阅传阅夹"},))  # fmt: skip
async def report_knowing(params: ReportKnowing, bench: Bench) -> Draft:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    person = await bench.subject(params.person, Node.PERSON, field="person")
    pair = await bench.facts.pair(person[0], document[0])
    asked = demand(pair, document[0], bench.occurred)
    reasons = judge(card(pair, person[0], bench.occurred), asked).reasons
    if params.place is not None and asked.level is not None and asked.level.scheme == "state":
        room = await bench.subject(params.place, Node.PLACE, field="place")
        around = await bench.facts.around(dict([room]))
        reasons = (*reasons, *place_complies(around, room[0], asked.level, bench.occurred))
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = Draft(document[0], bench.occurred)
    known(draft, document[0], person[0], params.mode)
    await breaches.break_out(
        draft, bench, reasons, params.account, [document[0], person[0]], cause="report-knowing"
    )
    return draft
