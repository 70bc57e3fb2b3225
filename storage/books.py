"""The books read: registers, documents, folders, people, and the evidence of a fact — only what the asker may know of.

Lists judge each line with the same gate as every door (`Questions.may_know_of`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from graph.access import Questions
from graph.kinds import Node
from graph.law import gate
from graph.law.levels import LEVELS
from graph.law.verdict import Verdict
from graph.times import to_text
from storage import entry as entries
from storage import vetting
from storage.ledger import Ledger
from storage.lines import (
    CarrierLine,
    DocumentLine,
    DocumentLines,
    DocumentPage,
    Evidence,
    FileLine,
    FolderLine,
    Line,
    Lines,
    PersonLine,
    Register,
)
from storage.sight import Hidden, Sight
from storage.tables.catalogue import Carrier, Document, File, Folder, RegisterRow, Subject
from storage.titles import WITHHELD, Masked, Titles, Viewer, ids_in, withheld
from storage.transaction import Database

BATCH = 500
LAST = 2**62
"""After every entry there will be."""
OVERSEEING = ("CUSTODIAN_OF", "ARCHIVIST_OF", "SECURITY_OFFICER_OF", "LEADING_GROUP_OF", "OFFICE_OF")


class Books:
    def __init__(self, database: Database, ledger: Ledger, questions: Questions) -> None:
        self._database = database
        self._ledger = ledger
        self._questions = questions
        self.titles = Titles(questions)
        self.sight = Sight(questions)

    def viewer(self, asker: str) -> Viewer:
        return Viewer(self.titles, asker)

    async def oversees(self, asker: str) -> bool:
        """Whether the asker keeps or oversees the books."""
        brought, stand = await self._questions.neighbourhood()
        world = await brought.people([asker])
        return bool(gate.roles(world, asker, stand.at, *OVERSEEING))

    async def registers(self, asker: str) -> list[Register]:
        """The books with how many lines of each the asker is shown."""
        hidden = await self.sight.hidden(asker)
        if not await self.oversees(asker):
            own = await RegisterRow.select(RegisterRow.subject).where(
                (RegisterRow.actor == asker) | (RegisterRow.subject == asker)
            )
            return [
                Register(name="own", lines=sum(not hidden or row["subject"] not in hidden for row in own))
            ]
        rows = await self._database.run(
            "SELECT register, subject, count(*) AS n FROM register_row GROUP BY register, subject ORDER BY register"
        )
        counted: dict[str, int] = {}
        for row in rows:
            shown = row["n"] if hidden is None or row["subject"] not in hidden else 0
            counted[row["register"]] = counted.get(row["register"], 0) + shown
        return [Register(name=name, lines=n) for name, n in counted.items()]

    async def lines(
        self, asker: str, register: str, *, limit: int, cursor: str | None, subject: str | None = None
    ) -> Lines:
        """Newest first. Who keeps no book sees the lines about themselves, under `own`.

        Lines about what the asker may not know of are left out.
        """
        overseeing = await self.oversees(asker)
        hidden = await self.sight.hidden(asker)
        before = LAST
        if cursor:
            at = await RegisterRow.select(RegisterRow.seq).where(RegisterRow.reference == cursor)
            before = at[0]["seq"] if at else 0
        rows: list[dict[str, Any]] = []
        more = True
        while more and len(rows) <= limit:
            query = RegisterRow.select().order_by(RegisterRow.seq, ascending=False).limit(limit + 1)
            if overseeing and register != "own":
                query = query.where(RegisterRow.register == register)
            else:
                query = query.where((RegisterRow.actor == asker) | (RegisterRow.subject == asker))
            if subject:
                query = query.where(RegisterRow.subject == subject)
            met = await query.where(RegisterRow.seq < before)
            rows += [row for row in met if hidden is None or row["subject"] not in hidden]
            more = len(met) > limit
            before = met[-1]["seq"] if met else 0
        page = rows[:limit]
        lines = await self._shown(asker, page, hidden)
        ids = {id_ for line in lines for id_ in (line.subject, line.actor, line.decided_by)}
        return Lines(
            lines=lines,
            complete=len(rows) <= limit,
            cursor=page[-1]["reference"] if len(rows) > limit else None,
            ids=tuple(sorted(ids)),
        )

    async def _shown(
        self, asker: str, rows: Sequence[dict[str, Any]], hidden: Hidden | None
    ) -> tuple[Line, ...]:
        """Lines with what is not the asker's to read withheld: secret titles, ids of what is hidden, a vetting's heads."""
        lines = [_line(row) for row in rows]
        spoken = [{**line.line, "_subject": line.subject, "_corrections": line.corrections} for line in lines]
        masked = await self.titles.masked_lines(asker, spoken)
        inner = await self._of_the_group(asker)
        found = []
        for row, line, said, masks in zip(rows, lines, spoken, masked, strict=True):
            more = await hidden.masks(sorted(ids_in(said))) if hidden else []
            shown = _withheld(line, [*masks, *more]) if masks or more else line
            found.append(shown if inner or row["register"] != vetting.REGISTER else _vetted(shown))
        return tuple(found)

    async def _of_the_group(self, asker: str) -> bool:
        brought, stand = await self._questions.neighbourhood()
        return bool(gate.roles(await brought.people([asker]), asker, stand.at, vetting.INSIDE))

    async def documents(
        self, asker: str, *, limit: int, cursor: str | None, folder: str | None = None
    ) -> DocumentLines:
        """One page in order of id; costs what the asker may know of, and for who may know of all what the page shows."""
        known = await self.sight.documents(asker)
        page = await (
            _every(self._database, limit, cursor or "", folder)
            if known is None
            else _among(known, limit, cursor or "", folder)
        )
        shown = await self.visible(asker, page.rows)
        return DocumentLines(
            documents=tuple(shown),
            total=page.total,
            complete=not page.more,
            cursor=page.rows[-1]["id"] if page.more else None,
        )

    async def counts(self, asker: str) -> dict[str, int]:
        """How many documents the asker may know of, by folder."""
        known = await self.sight.documents(asker)
        if known is None:
            rows = await self._database.run(
                "SELECT d.folder, count(*) AS n FROM document d JOIN subject s ON s.id = d.id WHERE NOT s.void GROUP BY d.folder"
            )
            return {row["folder"]: row["n"] for row in rows}
        return dict(Counter([row["folder"] for row in await _rows(known)]))

    async def visible(self, asker: str, rows: Sequence[dict[str, Any]]) -> list[DocumentLine]:
        """Of these rows, those the asker may know of."""
        judged = await self._questions.may_know_of(asker, [row["id"] for row in rows])
        return [_document_line(row, judged[row["id"]][0]) for row in rows if judged[row["id"]][1]]

    async def document(self, asker: str, id_: str) -> DocumentPage | None:
        """None where there is none, or the asker may not know of it: the same statements run."""
        verdict, known = await self._questions.verdict(asker, id_)
        rows = await Document.select().where(Document.id == id_)
        carriers = await Carrier.select().where(Carrier.document == id_).order_by(Carrier.serial, Carrier.id)
        files = await File.select().where(File.document == id_).order_by(File.made)
        where = await self._where([row["id"] for row in carriers])
        if not known or not rows:
            return None
        row = rows[0]
        mask = Masked.of(row) if withheld(row, verdict.allowed) else None
        lines = tuple(_carrier_line(each, where) for each in carriers)
        ids = {id_, row["originator"], row["folder"]} | {
            part for line in lines for part in (line.id, line.held_by, line.kept_in) if part
        }
        return DocumentPage(
            document=_document_line(row, verdict),
            years=row["years"],
            permanent=bool(row["permanent"]),
            expires=row["expires"],
            originator=row["originator"],
            quantity=row["quantity"],
            pages=row["pages"],
            drafted=row["drafted"],
            urgency=row["urgency"],
            rules=verdict.rules,
            carriers=lines,
            files=tuple(_file_line(each, mask) for each in files),
            ids=tuple(sorted(ids - {""})),
        )

    async def _where(self, carriers: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
        """Holder and place of each carrier, now (S03-4.3b)."""
        brought, stand = await self._questions.neighbourhood()
        world = await brought.around(dict.fromkeys(carriers, Node.CARRIER.value))

        def one(carrier: str, kind: str) -> str | None:
            return next((fact.target for fact in world.out(carrier, kind) if fact.holds(stand.at)), None)

        return {carrier: (one(carrier, "HELD_BY"), one(carrier, "KEPT_IN")) for carrier in carriers}

    async def folders(self, asker: str) -> list[FolderLine]:
        """The filing plan for its keepers; of others' folders, those on the way to a document they may know of."""
        shown = await self.sight.folders(asker)
        rows = await Subject.select().where(
            (Subject.kind == Node.FOLDER.value) & (Subject.void == False)  # noqa: E712
        )
        codes = {row["id"]: row["code"] for row in await Folder.select()}
        lines = [
            FolderLine(id=row["id"], title=row["name"], code=codes.get(row["id"], ""), parent=row["parent"])
            for row in rows
            if shown is None or row["id"] in shown
        ]
        return sorted(lines, key=lambda line: (line.code, line.title))

    async def people(self, q: str, *, limit: int) -> list[PersonLine]:
        """By name, pinyin, initials or staff number, in the unit's order; namesakes show department and number."""
        wanted = q.strip().lower().replace(" ", "")
        like = f"{_escaped(wanted)}%"
        rows = await self._database.run(
            "SELECT id, name, staff_number FROM person WHERE lower(name) LIKE {} ESCAPE '!' OR pinyin LIKE {} ESCAPE '!'"
            " OR initials LIKE {} ESCAPE '!' OR lower(staff_number) LIKE {} ESCAPE '!' ORDER BY ordering, staff_number, id LIMIT {}",
            f"%{like}", like, like, like, limit,
        )  # fmt: skip
        brought, stand = await self._questions.neighbourhood()
        world = await brought.people([row["id"] for row in rows])
        found = []
        for row in rows:
            groups = [f.target for f in world.out(row["id"], "MEMBER_OF") if f.holds(stand.at)]
            found.append(
                PersonLine(
                    id=row["id"],
                    name=row["name"],
                    staff_number=row["staff_number"],
                    departments=tuple(groups),
                )
            )
        return found

    async def evidence(self, asker: str, fact_id: str) -> Evidence | None:
        """The entry behind a fact, for those who oversee, and for facts about oneself."""
        rows = await self._database.run(
            "SELECT e.body FROM entry e JOIN fact_entry f ON f.seq = e.seq WHERE f.fact = {}", fact_id
        )
        overseeing = await self.oversees(asker)
        if not rows:
            return None
        body = entries.read(rows[0]["body"])
        text = next(each for each in body.facts if each.id == fact_id)
        if not overseeing and asker not in (text.source, text.target):
            return None
        met = {text.source, text.target, body.subject}
        hidden = await self.sight.hidden(asker)
        if hidden is not None and any(each in hidden for each in met):
            return None
        late = body.late or ""
        for mask in (await self.titles.masked_lines(asker, [{"ids": sorted(met)}]))[0]:
            late = mask.text(late)
        return Evidence(
            fact=fact_id,
            kind=text.kind,
            source=text.source,
            target=text.target,
            since=text.since,
            until=text.until,
            occurred_at=body.occurred_at,
            recorded_at=body.recorded_at,
            late=late,
            register=body.register,
            act=body.act,
            ref=body.ref,
            actor=body.actor,
            decided_by=body.decision.by if body.decision else body.actor,
            proof=body.decision.proof if body.decision else "own",
            rules=tuple(body.rules),
            ids=(text.source, text.target, body.actor),
        )


class _Page(msgspec.Struct, frozen=True):
    rows: list[dict[str, Any]]
    total: int
    more: bool


async def _every(database: Database, limit: int, after: str, folder: str | None) -> _Page:
    """A page of the whole catalogue, what was voided left out."""
    chosen, values = (" AND d.folder = {}", [folder]) if folder else ("", [])
    joined = f"FROM document d JOIN subject s ON s.id = d.id WHERE NOT s.void{chosen}"
    rows = await database.run(
        f"SELECT d.* {joined} AND d.id > {{}} ORDER BY d.id LIMIT {{}}", *values, after, limit + 1
    )
    total = await database.run(f"SELECT count(*) AS n {joined}", *values)
    return _Page(rows[:limit], total[0]["n"], len(rows) > limit)


async def _among(known: Sequence[str], limit: int, after: str, folder: str | None) -> _Page:
    """A page of these documents."""
    ids = [row["id"] for row in await _rows(known) if row["folder"] == folder] if folder else known
    ids = sorted(ids)
    start = bisect_right(ids, after)
    page = ids[start : start + limit]
    rows = await Document.select().where(Document.id.is_in(page)).order_by(Document.id) if page else []
    return _Page(rows, len(ids), start + limit < len(ids))


async def _rows(ids: Sequence[str]) -> list[dict[str, Any]]:
    """Of these documents, id and folder."""
    return [
        row
        for start in range(0, len(ids), BATCH)
        for row in await Document.select(Document.id, Document.folder).where(
            Document.id.is_in(list(ids[start : start + BATCH]))
        )
    ]


def _line(row: dict[str, Any]) -> Line:
    line = msgspec.json.decode(row["line"], type=dict[str, Any])
    return Line(
        ref=row["reference"],
        act=row["act"],
        subject=row["subject"],
        occurred_at=to_text(row["occurred_at"]) or "",
        recorded_at=to_text(row["recorded_at"]) or "",
        late=row["late"],
        actor=row["actor"],
        decided_by=row["decided_by"],
        proof=row["proof"],
        line={name: value for name, value in line.items() if not name.startswith("_")},
        voided=row["voided_by"],
        corrections=msgspec.json.decode(row["corrections"]),
    )


def _withheld(line: Line, masks: Sequence[Masked]) -> Line:
    shown, corrections, late = line.line, line.corrections, line.late
    for mask in masks:
        shown = mask.line(shown)
        corrections = [mask.line(each) for each in corrections]
        late = mask.text(late)
        if "title" in shown and line.subject == mask.document:
            shown["title"] = mask.receipt
    return msgspec.structs.replace(line, line=shown, corrections=corrections, late=late, withheld=True)


def _vetted(line: Line) -> Line:
    late = WITHHELD if line.late else ""
    shown = vetting.conclusion_alone(line.line)
    return msgspec.structs.replace(line, line=shown, corrections=[], late=late, withheld=True)


def _document_line(row: dict[str, Any], verdict: Verdict) -> DocumentLine:
    hidden = withheld(row, verdict.allowed)
    return DocumentLine(
        id=row["id"],
        title=row["receipt"] if hidden else row["title"],
        receipt=row["receipt"],
        number="" if hidden else row["number"],
        level=row["level"],
        mark=mark_of(row),
        folder=row["folder"],
        readable=verdict.allowed,
    )


def mark_of(row: dict[str, Any]) -> str:
    """A mark as it stands on paper: 机密★20年."""

    level = LEVELS.get(row["level"])
    if level is None:
        return ""
    if level.scheme != "state":
        return level.zh
    period = "长期" if row["permanent"] else f"{row['years']}年"
    return f"{level.zh}★{period}"


def _carrier_line(row: dict[str, Any], where: dict[str, tuple[str | None, str | None]]) -> CarrierLine:
    held, kept = where.get(row["id"], (None, None))
    return CarrierLine(
        id=row["id"],
        serial=row["serial"],
        medium=row["medium"],
        pages=row["pages"],
        copy_of=row["copy_of"],
        state=row["state"],
        held_by=held,
        kept_in=kept,
        file=row["file"],
    )


def _file_line(row: dict[str, Any], mask: Masked | None) -> FileLine:
    shown = {name: row[name] for name in FileLine.__struct_fields__}
    return FileLine(**(shown if mask is None else shown | {"name": mask.text(row["name"])}))


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
