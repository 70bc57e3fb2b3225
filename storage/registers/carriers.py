"""Carriers: numbered, and kept where they belong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from graph.errors import BadField, Refused
from graph.facts import Details, Facts
from graph.kinds import Node
from graph.law.books import kept_by_custodian
from graph.law.contact import touched
from graph.law.keeping import judge_placing, level_of
from graph.law.levels import INTERNAL
from graph.law.marking import Batch, judge_batch
from graph.law.person import in_force
from graph.law.verdict import Reason
from storage.act import ID_PATTERN, Act, Bench, Change, Draft, Put, act, subject_row
from storage.entry import Body
from storage.registers import errands
from storage.registers.custody import NOT_THERE, found_again
from storage.registers.custody import carrier as handled
from storage.tables.catalogue import Carrier, Document

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
KEEPERS = ("CUSTODIAN_OF", "ARCHIVIST_OF")
CUSTODIAN = ("CUSTODIAN_OF",)
MOST_AT_ONCE = 1000

Medium = Literal["paper", "hard-disk", "floppy", "audio-tape", "video-tape", "optical-disc", "usb-drive"]
_RANGE = re.compile(r"^(?P<a>[A-Za-z]*[0-9]+)\s*[-–—~至]\s*(?P<b>[A-Za-z]*[0-9]+)$")
_SERIAL = re.compile(r"^[0-9A-Za-z./_-]{1,40}$")


class RegisterCarriers(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers of a document: serials (份号) as `000012` or `000012–000014`, or only a count where 秘密 omits them.

    `kept_in` is a container or room, `held_by` the custodian (the unit's first where left out).
    """

    document: Id
    serials: Annotated[tuple[str, ...], Meta(max_length=MOST_AT_ONCE)] = ()
    count: Annotated[int, Meta(ge=1, le=MOST_AT_ONCE)] | None = None
    medium: Medium = "paper"
    pages: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    kept_in: Id | None = None
    held_by: Id | None = None
    ids: tuple[Id, ...] = ()


def project_carriers(params: RegisterCarriers, body: Body) -> Iterable[Change]:
    for each in body.result["carriers"]:
        serial = each["serial"] or ""
        yield subject_row(each["id"], Node.CARRIER, serial or each["id"], body, parent=params.document)
        yield Put(
            Carrier,
            {
                "id": each["id"],
                "document": params.document,
                "serial": serial,
                "medium": params.medium,
                "pages": params.pages,
                "copy_of": "",
                "state": "present",
                "file": "",
                "made": body.seq,
            },
        )


@act("register-carriers", RegisterCarriers, register="incoming", zh="登记载体", en="Register carriers", by=KEEPERS,
     project=project_carriers, rules=("S03-6.5", "P-role"),
     examples=({"document": "D2", "serials": ["000012–000014"], "kept_in": "B1"},))  # fmt: skip
async def register_carriers(params: RegisterCarriers, bench: Bench) -> Draft:
    """S03-2.1d–e: no more than were made, and 绝密 and 机密 each with a serial of its own."""
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    serials = _serials(params)
    world = await bench.facts.around({document[0]: document[1]})
    level = level_of(world, document[0], bench.occurred)
    rows = await Document.select(Document.quantity).where(Document.id == document[0])
    present = await serials_of(bench, document[0], copies=False)
    reasons = judge_batch(Batch(level or INTERNAL, rows[0]["quantity"], present, serials))
    where, unfit = await placing(bench, params.kept_in, document[0], world)
    bench.refuse([*reasons, *unfit])
    holder = await custodian(bench, params.held_by)
    if params.ids and len(params.ids) != len(serials):
        raise BadField("ids", "as-many-as-carriers", count=str(len(serials)))
    if len(set(params.ids)) != len(params.ids):
        raise BadField("ids", "listed-twice")
    draft = Draft(document[0], bench.occurred)
    made = []
    for n, serial in enumerate(serials):
        id_ = await bench.new_id(params.ids[n] if params.ids else None, Node.CARRIER, field=f"ids[{n}]")
        carrier = (draft.node(id_, Node.CARRIER), Node.CARRIER.value)
        draft.begin("CARRIES", carrier, document)
        draft.begin("HELD_BY", carrier, holder, details={"reason": "custody"})
        for toucher in touched(level, [holder[0]]):
            details: Details = {"mode": "handled", "carrier": id_}
            draft.begin("HAS_KNOWN", (toucher, Node.PERSON.value), document, details=details)
        if where:
            draft.begin("KEPT_IN", carrier, where)
        made.append({"id": id_, "serial": serial})
    draft.rules += ["S03-1.1", "S03-2.1d", "S03-2.1e", "S03-4.3b"]
    draft.result = {"carriers": made}
    return draft


def _serials(params: RegisterCarriers) -> list[str | None]:
    """Typed serials spelled out, leading zeros kept. Raises BadField."""
    if bool(params.serials) is bool(params.count):
        raise BadField("serials", "serials-or-count")
    if params.count:
        return [None] * params.count
    found: list[str | None] = []
    for n, typed in enumerate(params.serials):
        field = f"serials[{n}]"
        span = _RANGE.match(unicodedata.normalize("NFKC", typed).strip())
        if span is not None:
            found.extend(_span(span["a"], span["b"], field))
        else:
            found.append(serial_of(typed, field))
        if len(found) > MOST_AT_ONCE:
            raise BadField(field, "not-between", low="1", high=str(MOST_AT_ONCE))
    return found


def serial_of(typed: str, field: str) -> str:
    """One number as typed, leading zeros kept. Raises BadField."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if not _SERIAL.match(text):
        raise BadField(field, "not-a-serial", value=typed)
    return text


async def serials_of(bench: Bench, document: str, *, copies: bool) -> list[str | None]:
    """The serials of a document's carriers, those whose entry was voided left out: they can be given again."""
    rows = await Carrier.select(Carrier.id, Carrier.serial, Carrier.copy_of).where(
        Carrier.document == document
    )
    standing = await bench.standing_among([row["id"] for row in rows])
    return [row["serial"] or None for row in rows if row["id"] in standing and (copies or not row["copy_of"])]


def _span(first: str, last: str, field: str) -> list[str]:
    letters = first.rstrip("0123456789")
    if last.rstrip("0123456789") != letters or len(first) != len(last):
        raise BadField(field, "not-a-serial", value=f"{first}–{last}")
    low, high, width = int(first[len(letters) :]), int(last[len(letters) :]), len(first) - len(letters)
    if not low <= high < low + MOST_AT_ONCE:
        raise BadField(field, "not-between", low="1", high=str(MOST_AT_ONCE))
    return [f"{letters}{n:0{width}d}" for n in range(low, high + 1)]


async def custodian(bench: Bench, wanted: str | None) -> tuple[str, str]:
    """Who keeps it: somebody who is a custodian (S03-5.1b, S03-6.5)."""
    if wanted is None:
        world = await bench.facts.around({bench.own[0]: bench.own[1]}, into=CUSTODIAN)
        keepers = sorted(
            fact.source for fact in in_force(world.into(bench.own[0], *CUSTODIAN), bench.occurred)
        )
        bench.refuse(kept_by_custodian(keepers, None))
        return (keepers[0], Node.PERSON.value)
    person = await bench.subject(wanted, Node.PERSON, field="held_by")
    bench.refuse(kept_by_custodian([wanted] if await bench.standing(person, *CUSTODIAN) else [], wanted))
    return person


async def placing(
    bench: Bench, where: str | None, document: str, world: Facts
) -> tuple[tuple[str, str] | None, tuple[Reason, ...]]:
    """The container or room, and why a carrier of this document may not be put there."""
    if where is None:
        return None, ()
    node = await bench.subject(where, Node.CONTAINER, Node.PLACE, field="kept_in")
    things = {node[0]: node[1], bench.own[0]: bench.own[1]}
    around = await bench.facts.around(things, into=("PRINCIPAL_OF", "CUSTODIAN_OF"))
    rooms = {fact.target: Node.PLACE.value for fact in around.out(node[0], "KEPT_IN")}
    if rooms:
        around = await bench.facts.around({**things, **rooms}, into=("PRINCIPAL_OF", "CUSTODIAN_OF"))
    return node, judge_placing(around, node[0], level_of(world, document, bench.occurred), bench.occurred)


async def carrier_of(bench: Bench, id_: str, *, found: bool = False) -> tuple[tuple[str, str], str, Facts]:
    """A carrier that is there, its document, and what stands on both. `found`: it may have been missing until now."""
    carrier = await bench.subject(id_, Node.CARRIER, field="carrier")
    rows = await Carrier.select(Carrier.document, Carrier.state).where(Carrier.id == id_)
    if not rows or rows[0]["state"] == "destroyed":
        raise BadField("carrier", "destroyed", value=id_)
    if rows[0]["state"] in ("sent", "arriving", *(() if found else ("missing",))):
        raise BadField("carrier", "not-in-this-state", value=id_, state=rows[0]["state"])
    document = rows[0]["document"]
    world = await bench.facts.around({id_: carrier[1], document: Node.DOCUMENT.value})
    return carrier, document, world


class KeepCarrier(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put a carrier into a container or room."""

    carrier: Id
    kept_in: Id


@act("keep-carrier", KeepCarrier, register="custody", zh="存放载体", en="Put a carrier away", by=CUSTODIAN,
     rules=("S03-6.5",), project=errands.project, examples=({"carrier": "C1", "kept_in": "B1"},))  # fmt: skip
async def keep_carrier(params: KeepCarrier, bench: Bench) -> Draft:
    """A carrier that was missing and is put away is found again."""
    carrier, document, world = await carrier_of(bench, params.carrier, found=True)
    not_lent(world, carrier[0], bench)
    bench.follows(world, carrier, "HELD_BY", "KEPT_IN")
    where, reasons = await placing(bench, params.kept_in, document, world)
    bench.refuse(reasons)
    if where is None:
        raise Refused(reasons)
    draft = Draft(carrier[0], bench.occurred)
    held, around = await handled(bench, params.carrier, barring=NOT_THERE)
    await found_again(draft, bench, around, held)
    end_all(draft, world, carrier[0], "KEPT_IN", bench)
    draft.begin("KEPT_IN", carrier, where)
    for toucher in touched(level_of(world, document, bench.occurred), [bench.actor]):
        seen: Details = {"mode": "handled", "carrier": carrier[0]}
        draft.begin("HAS_KNOWN", (toucher, Node.PERSON.value), (document, Node.DOCUMENT.value), details=seen)
    draft.rules += ["S03-5.1a", "S03-4.3b"]
    return draft


def not_lent(world: Facts, carrier: str, bench: Bench) -> None:
    held = in_force(world.out(carrier, "HELD_BY"), bench.now)
    if any(fact.details.get("reason", "custody") != "custody" for fact in held):
        raise BadField("carrier", "already-lent", value=carrier)


def end_all(draft: Draft, world: Facts, carrier: str, kind: str, bench: Bench) -> None:
    for fact in in_force(world.out(carrier, kind), bench.occurred):
        draft.end(fact, world)
