"""Receipt in two acts: the sealed envelope, then its opening; and nobody has it before it is signed for (S03-3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.kinds import Node
from graph.law.levels import INTERNAL, LEVELS, Level
from graph.law.marking import Batch, serials_unique
from graph.law.receipt import Arrival, all_registered, registered_first, seal_intact, shortage, taken_over
from graph.law.verdict import Reason
from graph.times import to_datetime
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, one_of, refusal, subject_row
from storage.entry import Body
from storage.registers import breaches, errands
from storage.registers.carriers import KEEPERS, custodian, serial_of
from storage.registers.custody import known, once
from storage.registers.documents import SERIES, expiry
from storage.registers.wishes import wish_for
from storage.tables.catalogue import Carrier, Document, Errand, Number

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
RECEIPT = "receipt"
CUSTODIAN = ("CUSTODIAN_OF",)


class ReceiveEnvelope(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sealed envelope has come: what stands on it, whether it is whole, whether the courier's list was signed.

    `listed` is how many items the sender's list names; `addressee` makes it 亲启: it stays closed for that person.
    """

    number: Words
    sender: Id
    level: str
    seal_intact: bool
    list_signed: bool
    listed: Annotated[int, Meta(ge=1, le=1000)]
    addressee: Id | None = None
    account: str = ""
    id: Id | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    sender: str
    level: str
    listed: int
    addressee: str | None = None
    counted: int | None = None
    carriers: list[str] = []
    documents: list[str] = []
    unnumbered: bool = False
    signed_by: str | None = None


@act("receive-envelope", ReceiveEnvelope, register="receipts", zh="签收信封", en="Receive a sealed envelope", by=KEEPERS,
     rules=("S03-3.1", "P-role"), project=errands.project,
     examples=({"number": "机字001", "sender": "shengju", "level": "secret", "seal_intact": True, "list_signed": True,
                "listed": 1},))  # fmt: skip
async def receive_envelope(params: ReceiveEnvelope, bench: Bench) -> Draft:
    """A broken cover is entered as it came, and opens an incident."""
    one_of("level", params.level, LEVELS)
    sender = await bench.subject(params.sender, Node.ORGANISATION, field="sender")
    if params.addressee is not None:
        await bench.subject(params.addressee, Node.PERSON, field="addressee")
    if not params.list_signed:
        raise refusal(("S03-3.1",), "list-not-signed")
    id_ = await bench.new_id(params.id, Node.CASE)
    draft = Draft(id_, bench.occurred)
    content = Receipt(
        number=params.number,
        sender=sender[0],
        level=params.level,
        listed=params.listed,
        addressee=params.addressee,
    )
    errands.opened(draft, id_, RECEIPT, "sealed", content, subject=sender[0])
    draft.rules.append("S03-3.1")
    draft.result |= {"receipt": id_, "state": "sealed"}
    broken = seal_intact(params.seal_intact)
    if broken:
        await breaches.break_out(
            draft, bench, broken, params.account or params.number, [id_], cause="receive-envelope"
        )
    return draft


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lay in the envelope, as found. Marks that are missing stay missing: it waits for them (待补标志)."""

    title: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
    number: Annotated[str, Meta(max_length=100)] = ""
    level: str | None = None
    years: Annotated[int, Meta(ge=1, le=100)] | None = None
    permanent: bool = False
    distribution: Annotated[tuple[Id, ...], Meta(max_length=1000)] = ()
    serial: Annotated[str, Meta(max_length=40)] = ""
    pages: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    forbids_copying: bool = False
    document: Id | None = None
    carrier: Id | None = None


class OpenEnvelope(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The envelope is opened and held against the sender's list. Until it is signed for nobody has it.

    `counted` is left out where nobody has counted. `signed`: a custodian who opens it signs for it at once; from anybody
    else's session it is no signature.
    """

    receipt: Id
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=200)]
    counted: Annotated[int, Meta(ge=0, le=1000)] | None = None
    signed: bool = False
    account: str = ""


def project_opened(params: OpenEnvelope, body: Body) -> Iterable[Change]:
    yield from errands.project(params, body)
    receipts = body.result["_receipts"]
    for n, (item, made) in enumerate(zip(params.items, body.result["items"], strict=True)):
        yield subject_row(made["document"], Node.DOCUMENT, item.title, body)
        yield Put(Document, _document(item, made, body, receipts[n]))
        number = {
            "series": "documents",
            "year": receipts[n][0],
            "n": receipts[n][1],
            "text": made["receipt"],
            "entry": body.ref,
        }
        yield Put(Number, {"id": f"documents/{made['receipt']}", **number})
        name = item.serial or made["carrier"]
        yield subject_row(made["carrier"], Node.CARRIER, name, body, parent=made["document"])
        yield Put(
            Carrier,
            {
                "id": made["carrier"], "document": made["document"], "serial": item.serial, "medium": "paper",
                "pages": item.pages, "copy_of": "", "state": "present" if body.result["state"] == "taken" else "arriving",
                "file": "", "made": body.seq,
            },
        )  # fmt: skip


def _document(item: Item, made: dict[str, Any], body: Body, receipt: Sequence[int]) -> dict[str, Any]:
    return {
        "id": made["document"], "title": item.title, "title_secret": item.level == "top-secret", "number": item.number,
        "receipt": made["receipt"], "level": item.level or "", "years": item.years, "permanent": item.permanent,
        "marked_from": body.result["marked_from"], "expires": made["expires"], "quantity": 1, "pages": item.pages,
        "drafted": "", "urgency": "", "originator": body.result["sender"], "folder": "", "registered_by": body.actor,
        "made": body.seq,
    }  # fmt: skip


@act("open-envelope", OpenEnvelope, register="receipts", zh="拆封登记", en="Open an envelope and register what is in it",
     rules=("S03-3.1", "P-role"), project=project_opened,
     examples=({"receipt": "case-23456789abcdef", "counted": 1, "items": [{"title": "丁号通知", "serial": "0007"}]},))  # fmt: skip
async def open_envelope(params: OpenEnvelope, bench: Bench) -> Draft:
    """S03-3.1: counted, registered, numbered, signed for; what is missing keeps it in transit. A shortage is an incident.

    By a keeper of the registers; 亲启 by its addressee and nobody else.
    """
    await _opens(params.receipt, bench)
    found = await errands.errand(bench, params.receipt, RECEIPT, Receipt, field="receipt", states=("sealed",))
    receipt = found.content
    if receipt.addressee not in (None, bench.actor):
        raise refusal(("P-role",), "stays-closed-for-the-addressee")
    bench.refuse(
        (
            *all_registered(params.counted, len(params.items)),
            *_numbers((item.number or f"{n}", INTERNAL, item.serial) for n, item in enumerate(params.items)),
        )
    )
    draft = Draft(found.id, bench.occurred)
    opening = Opening(bench, draft, receipt.sender)
    for n, item in enumerate(params.items):
        await opening.enter(n, item)
    unnumbered = any(item.level in ("top-secret", "secret") and not item.serial for item in params.items)
    receipt = msgspec.structs.replace(
        receipt, counted=params.counted, unnumbered=unnumbered, documents=[each["document"] for each in opening.made],
        carriers=[each["carrier"] for each in opening.made],
    )  # fmt: skip
    signed = params.signed and bool(await bench.roles_of(bench.actor, *CUSTODIAN))
    arrival = Arrival(
        counted=params.counted is not None, registered=True, numbered=not unnumbered, signed=signed
    )
    missing = taken_over(arrival)
    if not missing:
        receipt = await _take(draft, bench, receipt, opening.levels)
    errands.moved(draft, found, "in-transit" if missing else "taken", receipt)
    draft.rules += ["S03-3.1", "S07-3f"]
    draft.result |= {
        "receipt": found.id, "sender": receipt.sender, "state": "in-transit" if missing else "taken",
        "missing": sorted(name for name, done in msgspec.structs.asdict(arrival).items() if not done),
        "items": opening.made, "_receipts": opening.receipts, "marked_from": to_datetime(bench.occurred).date().isoformat(),
    }  # fmt: skip
    short = () if params.counted is None else shortage(receipt.listed, params.counted)
    if short:
        await breaches.break_out(
            draft, bench, short, params.account or receipt.number, [found.id], cause="open-envelope"
        )
    return draft


async def _opens(receipt: str, bench: Bench) -> None:
    """Whoever keeps registers, or whom one envelope is meant for; to all others every envelope looks the same."""
    if not await bench.roles_of(bench.on_behalf_of or bench.actor, *KEEPERS):
        rows = await Errand.select().where((Errand.id == receipt) & (Errand.kind == RECEIPT))
        if not rows or errands.read(rows[0], Receipt).content.addressee != bench.actor:
            await bench.require(bench.actor, KEEPERS, ("S03-3.1", "P-role"))


def _numbers(lines: Iterable[tuple[str, Level, str]]) -> tuple[Reason, ...]:
    """S03-2.1e: under one 文号 every number once; 绝密 and 机密 have one. Lines are 文号, level and number."""
    under: dict[str, list[tuple[Level, str]]] = {}
    for number, level, serial in lines:
        under.setdefault(number, []).append((level, serial))
    found: list[Reason] = []
    for each in under.values():
        highest = max((level for level, _ in each), key=lambda level: level.rank)
        found += serials_unique(Batch(highest, len(each), (), tuple(serial or None for _, serial in each)))
    return once(found)


class Opening:
    """The items of one envelope becoming documents and carriers of its entry."""

    def __init__(self, bench: Bench, draft: Draft, sender: str) -> None:
        self.bench, self.draft, self.sender = bench, draft, sender
        self.made: list[dict[str, Any]] = []
        self.receipts: list[tuple[int, int]] = []
        self.levels: list[Level | None] = []

    async def enter(self, n: int, item: Item) -> None:
        bench, draft = self.bench, self.draft
        field = f"items[{n}]"
        if item.level is not None:
            one_of(f"{field}.level", item.level, LEVELS)
        members = [
            await bench.subject(
                each, Node.PERSON, Node.DEPARTMENT, Node.ORGANISATION, field=f"{field}.distribution[{m}]"
            )
            for m, each in enumerate(item.distribution)
        ]
        document = (await self._new(item.document, Node.DOCUMENT, f"{field}.document"), Node.DOCUMENT.value)
        carrier = (await self._new(item.carrier, Node.CARRIER, f"{field}.carrier"), Node.CARRIER.value)
        expires = expiry(to_datetime(bench.occurred).date(), item.years)
        if item.level is not None:
            details = {"expires": expires} if expires else {}
            draft.begin("CLASSIFIED_AS", document, (item.level, Node.LEVEL.value), details={**details})
        copying = "forbidden" if item.forbids_copying else "allowed"
        draft.begin(
            "ORIGINATED_BY", document, (self.sender, Node.ORGANISATION.value), details={"copying": copying}
        )
        if members:
            listing = (
                draft.node(await bench.new_id(None, Node.DISTRIBUTION), Node.DISTRIBUTION),
                Node.DISTRIBUTION.value,
            )
            draft.begin("DISTRIBUTION_OF", listing, document)
            for member in members:
                draft.begin("IN_DISTRIBUTION", member, listing)
        draft.begin("CARRIES", carrier, document)
        year = to_datetime(bench.occurred).year
        number = await bench.next_number("documents", year) + n
        self.receipts.append((year, number))
        self.levels.append(LEVELS[item.level] if item.level else None)
        text = bench.settings.get("unit.series.documents", SERIES).format(year=year, n=number)
        self.made.append(
            {"document": document[0], "carrier": carrier[0], "receipt": text, "expires": expires}
        )

    async def _new(self, wanted: str | None, kind: Node, field: str) -> str:
        id_ = await self.bench.new_id(wanted, kind, field=field)
        if id_ in self.draft.labels:
            raise BadField(field, "id-taken", value=id_)
        return self.draft.node(id_, kind)


class SignReceipt(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was missing is made good, and the custodian signs: custody moves now. A shortage is told as at the opening."""

    receipt: Id
    counted: Annotated[int, Meta(ge=0, le=1000)] | None = None
    serials: Annotated[tuple[str, ...], Meta(max_length=200)] = ()
    account: Annotated[str, Meta(max_length=1000)] = ""


def project_signed(params: SignReceipt, body: Body) -> Iterable[Change]:
    yield from errands.project(params, body)
    for carrier, serial in body.result["_serials"].items():
        yield errands.numbered(carrier, serial)


@act("sign-receipt", SignReceipt, register="receipts", zh="签收", en="Sign for what was received", by=CUSTODIAN,
     rules=("S03-3.1", "S03-6.5"), project=project_signed, examples=({"receipt": "case-23456789abcdef", "counted": 1},))  # fmt: skip
async def sign_receipt(params: SignReceipt, bench: Bench) -> Draft:
    found = await errands.errand(
        bench, params.receipt, RECEIPT, Receipt, field="receipt", states=("in-transit",)
    )
    receipt = found.content
    if params.serials and len(params.serials) != len(receipt.carriers):
        raise BadField("serials", "as-many-as-carriers", count=str(len(receipt.carriers)))
    serials = [
        serial_of(each, f"serials[{n}]") if each.strip() else "" for n, each in enumerate(params.serials)
    ]
    numbered = not receipt.unnumbered or bool(serials)
    counted = params.counted if params.counted is not None else receipt.counted
    rows = await Document.select(Document.id, Document.level).where(Document.id.is_in(receipt.documents))
    levels = {row["id"]: LEVELS.get(row["level"]) for row in rows}
    bench.refuse(
        (
            *taken_over(
                Arrival(counted=counted is not None, registered=True, numbered=numbered, signed=True)
            ),
            *all_registered(counted, len(receipt.carriers)),
            *_numbers(await _lines(receipt, serials)),
        )
    )
    draft = Draft(found.id, bench.occurred)
    receipt = msgspec.structs.replace(receipt, counted=counted, unnumbered=False)
    receipt = await _take(draft, bench, receipt, [levels[each] for each in receipt.documents])
    for each in receipt.carriers:
        errands.became(draft, each, "present")
    errands.moved(draft, found, "taken", receipt)
    draft.rules.append("S03-3.1")
    draft.result |= {
        "receipt": found.id, "state": "taken", "_serials": dict(zip(receipt.carriers, serials, strict=False)),
    }  # fmt: skip
    short = () if counted is None or found.content.counted is not None else shortage(receipt.listed, counted)
    if short:
        await breaches.break_out(
            draft, bench, short, params.account or receipt.number, [found.id], cause="sign-receipt"
        )
    return draft


async def _lines(receipt: Receipt, serials: Sequence[str]) -> list[tuple[str, Level, str]]:
    """文号, level and number of what was in an envelope, with the numbers that are typed now."""
    documents = {
        row["id"]: row for row in await Document.select().where(Document.id.is_in(receipt.documents))
    }
    rows = await Carrier.select(Carrier.id, Carrier.serial).where(Carrier.id.is_in(receipt.carriers))
    written = {row["id"]: str(row["serial"]) for row in rows}
    found = []
    for n, (carrier, document) in enumerate(zip(receipt.carriers, receipt.documents, strict=True)):
        row = documents[document]
        serial = serials[n] if serials else written[carrier]
        found.append((row["number"] or document, LEVELS.get(row["level"], INTERNAL), serial))
    return found


async def _take(draft: Draft, bench: Bench, receipt: Receipt, levels: Sequence[Level | None]) -> Receipt:
    """Custody moves to the custodian; 绝密 is written down as touched."""
    holder = await custodian(bench, bench.actor if await bench.roles_of(bench.actor, *CUSTODIAN) else None)
    for carrier, document, level in zip(receipt.carriers, receipt.documents, levels, strict=True):
        draft.begin("HELD_BY", (carrier, Node.CARRIER.value), holder, details={"reason": "custody"})
        if level is not None and level.rank >= 3:
            known(draft, document, holder[0], "handled", carrier)
    return msgspec.structs.replace(receipt, signed_by=bench.actor)


class DistributeReceipt(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came in is passed on to those it is meant for: a range is asked of the Leader, nothing is opened yet."""

    receipt: Id
    to: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=500)]


@act("distribute-receipt", DistributeReceipt, register="receipts", zh="分发来件", en="Distribute what came in", by=KEEPERS,
     rules=("S07-3f", "P-role"), project=errands.project,
     examples=({"receipt": "case-23456789abcdef", "to": ["yewu1"]},))  # fmt: skip
async def distribute_receipt(params: DistributeReceipt, bench: Bench) -> Draft:
    """S07-3f, S16-3: registered first, and taken over first (S03-3.1)."""
    found = await errands.errand(bench, params.receipt, RECEIPT, Receipt, field="receipt")
    for n, each in enumerate(params.to):
        await bench.subject(each, Node.PERSON, Node.DEPARTMENT, field=f"to[{n}]")
    reasons: list[Reason] = [*registered_first(found.state != "sealed")]
    if found.state == "in-transit":
        done = {
            "registered": True,
            "numbered": not found.content.unnumbered,
            "counted": found.content.counted is not None,
        }
        reasons += taken_over(Arrival(signed=False, **done))
    bench.refuse(reasons)
    draft = Draft(found.id, bench.occurred)
    for document in found.content.documents:
        await wish_for(draft, bench, document, params.to, found.id)
    draft.rules += ["S07-3f", "S03-4.1a"]
    return draft
