"""Documents: registered and marked, filed, opened to a range, narrowed, and the folders of the filing plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField, Refused
from graph.facts import Details
from graph.kinds import Node
from graph.law.handover import catalogued
from graph.law.keeping import level_of
from graph.law.levels import LEVELS
from graph.law.marking import Marking, judge_marking
from graph.law.papers import Proposal, lawfully_determined
from graph.law.person import groups, in_force
from graph.law.verdict import Reason
from graph.times import DAY_MS, add_years, parse, to_date_text, to_datetime
from storage.act import (
    ID_PATTERN,
    Act,
    Bench,
    Change,
    Clerical,
    Draft,
    Patch,
    Put,
    act,
    one_of,
    refusal,
    subject_row,
)
from storage.entry import Body
from storage.tables.catalogue import Document, Folder, Number, Subject

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
KEEPERS = ("ARCHIVIST_OF", "CUSTODIAN_OF")
SERIES = "机收〔{year}〕{n:03d}"


class AddFolder(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class or file of the filing plan."""

    title: Title
    code: str = ""
    parent: Id | None = None
    id: Id | None = None


def project_folder(params: AddFolder, body: Body) -> Iterable[Change]:
    yield subject_row(
        body.result["folder"],
        Node.FOLDER,
        params.title,
        body,
        parent=params.parent or "",
    )
    yield Put(Folder, {"id": body.result["folder"], "code": params.code})


@act("add-folder", AddFolder, register="filing", zh="设立案卷", en="Open a folder", by=KEEPERS, project=project_folder,
     examples=({"title": "2026年通报", "code": "T26"},))  # fmt: skip
async def add_folder(params: AddFolder, bench: Bench) -> Draft:
    id_ = await bench.new_id(params.id, Node.FOLDER)
    draft = Draft(id_, bench.occurred)
    folder = (draft.node(id_, Node.FOLDER), Node.FOLDER.value)
    if params.parent:
        draft.begin("PART_OF", folder, await bench.subject(params.parent, Node.FOLDER, field="parent"))
    draft.result = {"folder": id_}
    return draft


class RegisterDocument(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document and its mark, shown as 机密★20年.

    `years` or `permanent` is the 保密期限, counted from `marked_from` (ISO date, the day it happened where left out).
    `distribution` lists people, departments or the unit; `quantity` is how many carriers were made; `attachments`
    (附件) says what comes with it, as its cover does. A mark that a member proposed is kept with who proposed it, on what
    basis, and who approved it (S02-6.2).
    """

    title: Title
    level: str | None = None
    years: Annotated[int, Meta(ge=1, le=100)] | None = None
    permanent: bool = False
    marked_from: str | None = None
    distribution: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()
    quantity: Annotated[int, Meta(ge=1, le=100_000)] = 1
    originator: Id | None = None
    copying: Literal["allowed", "forbidden"] = "allowed"
    number: Annotated[str, Meta(max_length=100)] = ""
    folder: Id | None = None
    pages: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    drafted: Annotated[str, Meta(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")] = ""
    urgency: Literal["", "平件", "加急", "特急"] = ""
    attachments: Annotated[str, Meta(max_length=500)] = ""
    title_secret: bool | None = None
    proposed_by: Id | None = None
    basis: Annotated[str, Meta(max_length=1000)] = ""
    approved_by: Id | None = None
    id: Id | None = None


def project_document(params: RegisterDocument, body: Body) -> Iterable[Change]:
    id_ = body.result["document"]
    yield subject_row(id_, Node.DOCUMENT, params.title, body)
    secret = params.title_secret if params.title_secret is not None else params.level == "top-secret"
    yield Put(
        Document,
        {
            "id": id_,
            "title": params.title,
            "title_secret": secret,
            "number": params.number,
            "receipt": body.result["receipt"],
            "level": params.level or "",
            "years": params.years,
            "permanent": params.permanent,
            "marked_from": body.result["marked_from"],
            "expires": body.result["expires"],
            "quantity": params.quantity,
            "pages": params.pages,
            "drafted": params.drafted,
            "urgency": params.urgency,
            "originator": body.result["originator"],
            "folder": params.folder or "",
            "registered_by": body.actor,
            "proposed_by": params.proposed_by or "",
            "basis": params.basis,
            "approved_by": params.approved_by or "",
            "made": body.seq,
        },
    )
    yield Put(
        Number,
        {
            "id": f"documents/{body.result['receipt']}",
            "series": "documents",
            "year": body.result["_series"][0],
            "n": body.result["_series"][1],
            "text": body.result["receipt"],
            "entry": body.ref,
        },
    )


@act("register-document", RegisterDocument, register="incoming", zh="登记文件", en="Register a document", by=KEEPERS,
     project=project_document, rules=("P-role",),
     clerical=(Clerical("title", Document, "title", "document"), Clerical("title", Subject, "name", "document"),
               Clerical("number", Document, "number", "document", beside=("originator",)),
               Clerical("pages", Document, "pages", "document"),
               Clerical("drafted", Document, "drafted", "document"),
               Clerical("urgency", Document, "urgency", "document")),
     examples=({"title": "乙号通报", "level": "secret", "years": 20, "marked_from": "2026-03-01",
                "distribution": ["binhai"], "quantity": 2, "number": "省局〔2026〕12号"},))  # fmt: skip
async def register_document(params: RegisterDocument, bench: Bench) -> Draft:
    """S03-2.1a–c: level, period and distribution are there, or it is not registered."""
    if params.level is not None:
        one_of("level", params.level, LEVELS)
    if params.years is not None and params.permanent:
        raise BadField("permanent", "years-or-permanent")
    level = LEVELS[params.level] if params.level else None
    if len(set(params.distribution)) != len(params.distribution):
        raise BadField("distribution", "listed-twice")
    marked_from = _day(params.marked_from, "marked_from", bench)
    _day(params.drafted or None, "drafted", bench)
    reasons = judge_marking(Marking(level, params.years, params.permanent, params.distribution))
    bench.refuse(reasons)
    proposed = await _proposed(params, bench)
    originator = bench.own
    if params.originator:
        originator = await bench.subject(params.originator, Node.ORGANISATION, field="originator")
    if params.number:
        same = await Document.select(Document.id).where(
            (Document.number == params.number) & (Document.originator == originator[0])
        )
        if await bench.standing_among([row["id"] for row in same]):
            raise BadField("number", "number-taken", value=params.number)
    members = [
        await bench.subject(each, Node.PERSON, Node.DEPARTMENT, Node.ORGANISATION, field=f"distribution[{n}]")
        for n, each in enumerate(params.distribution)
    ]
    folder = await bench.subject(params.folder, Node.FOLDER, field="folder") if params.folder else None
    id_ = await bench.new_id(params.id, Node.DOCUMENT)
    year = to_datetime(bench.occurred).year
    n = await bench.next_number("documents", year)
    expires = expiry(marked_from, params.years)
    receipt = bench.settings.get("unit.series.documents", SERIES).format(year=year, n=n)
    if folder:
        reasons = catalogued(await class_of(folder[0]), params.number or receipt)
        bench.refuse(reasons)

    draft = Draft(id_, bench.occurred)
    document = (draft.node(id_, Node.DOCUMENT), Node.DOCUMENT.value)
    if level is not None:
        details: Details = {"expires": expires} if expires else {}
        if params.years:
            details["years"] = params.years
        draft.begin("CLASSIFIED_AS", document, (level.id, Node.LEVEL.value), details=details)
    draft.begin("ORIGINATED_BY", document, originator, details={"copying": params.copying})
    if members:
        listing = await bench.new_id(None, Node.DISTRIBUTION)
        distribution = (draft.node(listing, Node.DISTRIBUTION), Node.DISTRIBUTION.value)
        draft.begin("DISTRIBUTION_OF", distribution, document)
        for member in members:
            draft.begin("IN_DISTRIBUTION", member, distribution)
    draft.rules += ["S03-2.1a", "S03-2.1b", "S03-2.1c"] if level and level.scheme == "state" else ["S01-2b"]
    draft.rules += proposed
    if folder:
        draft.begin("FILED_IN", document, folder)
        draft.rules.append("S07-3a")
    draft.result = {
        "document": id_,
        "receipt": receipt,
        "_series": [year, n],
        "expires": expires,
        "marked_from": marked_from.isoformat(),
        "originator": originator[0],
    }
    return draft


async def _proposed(params: RegisterDocument, bench: Bench) -> list[str]:
    """S02-6.2, where somebody proposed the mark. Raises BadField, Refused."""
    if params.proposed_by is None and params.approved_by is None:
        return []
    for field, person in (("proposed_by", params.proposed_by), ("approved_by", params.approved_by)):
        if person is not None:
            await bench.subject(person, Node.PERSON, field=field)
    reasons = lawfully_determined(Proposal(params.proposed_by or "", params.basis, params.approved_by or ""))
    bench.refuse(reasons)
    return ["S02-6.2"]


def expiry(marked_from: date, years: int | None) -> str:
    """The day a 保密期限 ends, as an ISO date; empty for 长期 and where none is given."""
    return add_years(marked_from, years).isoformat() if years else ""


def _day(text: str | None, field: str, bench: Bench) -> date:
    """An ISO date that is not in the future; the day it happened where none is given."""
    if text is None:
        return to_datetime(bench.occurred).date()
    instant = parse(text, field=field)
    if instant > bench.now:
        raise BadField(field, "in-the-future")
    return to_datetime(instant).date()


class GrantReading(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unit-internal items: reading allowed to one person until the end of a day (S17-2.4c), by default that many days on [P]."""

    document: Id
    person: Id
    until: str | None = None
    purpose: Title


@act("grant-reading", GrantReading, register="grants", zh="批准查阅", en="Grant reading", by=KEEPERS,
     decided_by=("LEADER_OF", "HEAD_OF"), rules=("S17-2.4c",), paper=True,
     examples=({"document": "K1", "person": "p11", "until": "2026-03-09", "purpose": "合同核对"},))  # fmt: skip
async def grant_reading(params: GrantReading, bench: Bench) -> Draft:
    """The Head who signs need not read the item: that unit-internal items exist is no secret (C13)."""
    world = await bench.facts.around({params.document: Node.DOCUMENT.value})
    level = level_of(world, params.document, bench.now)
    internal = level is not None and level.scheme == "internal"
    document = await bench.subject(params.document, Node.DOCUMENT, field="document", excused=internal)
    person = await bench.subject(params.person, Node.PERSON, field="person")
    bench.about(person[0])
    await _signed_by_own_head(bench, person)
    if not internal:
        raise refusal(("S03-4.1b",), "grants-are-for-internal")
    days = bench.parameter("customer-grant")
    last = to_date_text(bench.occurred + days * DAY_MS) if params.until is None else params.until
    until = parse(last, field="until", ends_day=True) + 1
    if until <= bench.occurred:
        raise BadField("until", "ends-before-it-begins")
    draft = Draft(document[0], bench.occurred)
    draft.begin("GRANTED_READ", person, document, until=until, details={"purpose": params.purpose})
    draft.rules.append("S17-2.4c")
    return draft


async def _signed_by_own_head(bench: Bench, person: tuple[str, str]) -> None:
    """S17-2.4c: the manager who signs is the applicant's own; the Leader is everybody's."""
    by = bench.decision.by
    if await bench.roles_of(by, "LEADER_OF"):
        return
    own = groups(await bench.facts.standing({person[0]: person[1]}), person[0], bench.now)
    if not any(fact.target in own for fact in await bench.roles_of(by, "HEAD_OF")):
        raise Refused([Reason(("S17-2.4c",), "not-your-act", {"roles": "HEAD_OF"}, whose="HEAD_OF")])


class FileDocument(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put a document into a folder, out of the one it was in."""

    document: Id
    folder: Id


def project_filing(params: FileDocument, body: Body) -> Iterable[Change]:
    yield Patch(Document, params.document, {"folder": params.folder})


@act("file-document", FileDocument, register="filing", zh="归卷", en="File a document", by=KEEPERS, project=project_filing,
     examples=({"document": "D2", "folder": "v1"},))  # fmt: skip
async def file_document(params: FileDocument, bench: Bench) -> Draft:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    folder = await bench.subject(params.folder, Node.FOLDER, field="folder")
    world = await bench.facts.around({document[0]: document[1]})
    bench.follows(world, document, "FILED_IN")
    standing = in_force(world.out(document[0], "FILED_IN"), bench.occurred)
    if any(fact.target == folder[0] for fact in standing):
        raise BadField("folder", "already-so")
    rows = await Document.select(Document.number, Document.receipt).where(Document.id == document[0])
    reasons = catalogued(await class_of(folder[0]), rows[0]["number"] or rows[0]["receipt"])
    bench.refuse(reasons)
    draft = Draft(document[0], bench.occurred)
    for fact in standing:
        draft.end(fact, world)
    draft.begin("FILED_IN", document, folder)
    draft.rules.append("S07-3a")
    return draft


async def class_of(folder: str) -> str:
    """The class a folder stands for in the filing plan."""
    rows = await Folder.select(Folder.code).where(Folder.id == folder)
    return str(rows[0]["code"])
