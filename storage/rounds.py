"""The clock's round: look at everything that stands, and keep what is found wanting as findings with a state.

A round may be walked twice: what stands already is not noted again. New ones are noted, those that hold no more are closed,
and accepted ones whose day is over come back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from graph.access import Questions
from graph.closure import settled
from graph.errors import BadField
from graph.facts import Facts
from graph.kinds import RELATIONS, Node
from graph.law.findings import PERSON, Census, Finding, breach, left_alone, look
from graph.law.regulation import Regulations
from graph.projection import Entries
from graph.sources import Sources
from graph.times import Instant, parse, to_datetime
from storage import docket
from storage import registers as _registers  # noqa: F401  (importing them fills the catalogue of acts)
from storage.calendar import Calendar
from storage.casebook import Casebook, CaseLine
from storage.duties import Duties, Duty
from storage.figures import figures, figures_of, regulations_of, ruling_now, settings_now
from storage.integrity import wanting
from storage.office import Office
from storage.registers.breaches import INCIDENT
from storage.registers.files import left_staged
from storage.registers.founding import SYSTEM
from storage.tables.catalogue import FindingRow, PaperDecision, Subject

PAPER_RULE = "P-paper"
LOOKED_FOR = frozenset({"loan"})
"""Duties that the law's own look finds."""
LOOKED_AT = (Node.PERSON, Node.DEPARTMENT, Node.PLACE, Node.CARRIER)
BESIDE = (Node.POST, Node.DOCUMENT, Node.CONTAINER, Node.RANGE, Node.DISTRIBUTION, Node.ORGANISATION)


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    """How a round ended: findings noted, closed, come back; how many stand; and staged scans destroyed."""

    noted: int
    closed: int
    back: int
    standing: int
    destroyed: int


class Rounds:
    def __init__(
        self, office: Office, sources: Sources, entries: Entries, now: Callable[[], Instant]
    ) -> None:
        self._office = office
        self._sources = sources
        self._entries = entries
        self._now = now
        questions = Questions(sources, entries, now, ruling_now)
        self._casebook = Casebook(questions)
        self._duties = Duties(questions)

    async def walk(self) -> Walked:
        """One round. Raises what the office raises where a service is down; nothing found so far is lost by that."""
        now = self._now()
        found = {each.key: each for each in await self.found(now)}
        rows = {row["key"]: row for row in await FindingRow.select().where(FindingRow.state != "gone")}
        noted = closed = back = 0
        for key, finding in found.items():
            if key not in rows:
                with suppress(BadField):  # another round noted it meanwhile
                    await self._office.do(SYSTEM, "note-finding", sent(finding))
                    noted += 1
        for key, row in rows.items():
            if key not in found:
                await self._office.do(SYSTEM, "close-finding", {"finding": row["id"]})
                closed += 1
            elif row["state"] == "accepted" and (row["until"] or 0) <= now:
                await self._office.do(SYSTEM, "reopen-finding", {"finding": row["id"]})
                back += 1
        destroyed = 0
        for file in await left_staged(now, await figures()):
            with suppress(BadField):  # another round destroyed it, or somebody accepted it meanwhile
                await self._office.do(SYSTEM, "expire-scan", {"file": file})
                destroyed += 1
        return Walked(noted=noted, closed=closed, back=back, standing=len(found), destroyed=destroyed)

    async def alarm(self, place: str) -> None:
        """Who has been left alone in a key location, now: noted at once, and closed by the next round after they left."""
        now, figure = self._now(), await figures()
        head = await self._entries.head()
        await self._sources.follow(head)
        brought = self._sources.bring(head, head.seq, past=False)
        found, _ = await settled(
            brought, {place: Node.PLACE.value}, lambda facts: left_alone(facts, place, figure, now)
        )
        for finding in _in_force(found, regulations_of(await settings_now()), now):
            with suppress(BadField):  # a round noted it meanwhile
                await self._office.do(SYSTEM, "note-finding", sent(finding))

    async def found(self, now: Instant) -> list[Finding]:
        """What is wanting now, nothing written."""
        nodes = {
            row["id"]: row["kind"]
            for row in await Subject.select(Subject.id, Subject.kind, Subject.void)
            if not row["void"]
        }
        settings = await settings_now()
        facts = await self._facts(nodes, now)
        found = look(facts, _census(nodes), figures_of(settings), now)
        found += await papers(settings, now)
        found += [_unsound(*each) for each in await wanting()]
        found += [
            breach(facts, matter.subject, matter.id, now)
            for matter in await docket.open_matters()
            if matter.procedure == INCIDENT
        ]
        found += [_late(line) for line in await self._casebook.overdue()]
        found += [
            _owed(duty) for duty in await self._duties.owed() if duty.overdue and duty.kind not in LOOKED_FOR
        ]
        return _in_force(found, regulations_of(settings), now)

    async def _facts(self, nodes: Mapping[str, str], now: Instant) -> Facts:
        head = await self._entries.head()
        await self._sources.follow(head)
        brought = self._sources.bring(head, head.seq, past=False)
        wanted = {id_: kind for id_, kind in nodes.items() if kind in (*LOOKED_AT, *BESIDE)}
        return await brought.around(wanted)


def _in_force(found: Sequence[Finding], regulations: Regulations, now: Instant) -> list[Finding]:
    """What rests on a rule in force, by such rules alone (S01-20)."""
    day = to_datetime(now).date()
    bound = [(each, tuple(rule for rule in each.rules if regulations.in_force(rule, day))) for each in found]
    return [msgspec.structs.replace(each, rules=rules) for each, rules in bound if rules]


def sent(finding: Finding) -> dict[str, Any]:
    """A finding as the parameters of the act that notes it."""
    return {"key": finding.key, **{k: v for k, v in msgspec.to_builtins(finding).items() if k != "mark"}}


def _census(nodes: Mapping[str, str]) -> Census:
    def of(kind: Node) -> list[str]:
        return sorted(id_ for id_, its in nodes.items() if its == kind)

    return Census(
        people=of(Node.PERSON),
        departments=of(Node.DEPARTMENT),
        places=of(Node.PLACE),
        carriers=of(Node.CARRIER),
    )


def _unsound(file: str, carrier: str, wrong: str) -> Finding:
    """A stored file that is not what was entered (P-intact)."""
    return Finding(
        code=f"file-{wrong}", rules=("P-intact",), subject=carrier, mark=file, whose="ARCHIVIST_OF"
    )


def _late(line: CaseLine) -> Finding:
    """A case whose next step is past its term: whoever follows it up, or whose step it is (S01-17b)."""
    role = next((party for party in line.by if party in RELATIONS), "SECURITY_OFFICER_OF")
    return Finding(
        code="case-overdue", rules=("S01-17b",), subject=line.subject, person=line.responsible, mark=line.id,
        whose=PERSON if line.responsible else role, due=line.due,
        values={"case": line.id, "procedure": f"procedure.{line.procedure}", "step": f"procedure.{line.procedure}.{line.next}"},
    )  # fmt: skip


def _owed(duty: Duty) -> Finding:
    """A duty of the carriers' books that is past its day."""
    own = duty.whose not in RELATIONS
    return Finding(
        code=f"owed-{duty.kind}", rules=(duty.rule,), subject=duty.subject, whose=PERSON if own else duty.whose,
        person=duty.whose if own else "", due=None if duty.due is None else parse(duty.due, field="due", ends_day=True),
    )  # fmt: skip


async def papers(settings: Mapping[str, str], now: Instant) -> Sequence[Finding]:
    """Decisions on paper that nobody has confirmed in time [P]."""
    calendar = msgspec.json.decode(settings.get("calendar", "{}"), type=Calendar)
    days = figures_of(settings)("paper-confirmation")
    rows = await PaperDecision.select().where(PaperDecision.state == "waiting")
    return [
        Finding(
            code="paper-unconfirmed", rules=(PAPER_RULE,), subject=row["subject"], person=row["by"], whose="PERSON",
            mark=row["id"], values={"entry": row["id"], "number": row["number"] or row["id"]},
        )
        for row in rows
        if calendar.working_days(row["recorded_at"], now) > days
    ]  # fmt: skip
