"""Where carriers are made and destroyed: places and machines approved, and each production entered (S03-2.2–2.5, 6.2b–c)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from graph.errors import BadField
from graph.facts import Details
from graph.kinds import Node
from graph.law.gate import accreditation
from graph.law.keeping import level_of
from graph.law.levels import INTERNAL
from graph.law.person import groups, in_force
from graph.law.production import Production, judge_production, waste_to_destroy
from graph.times import FOREVER, parse
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.calendar import Calendar
from storage.registers import breaches, errands
from storage.registers.carriers import KEEPERS, Medium

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
OFFICER = ("SECURITY_OFFICER_OF", "LEADING_GROUP_OF")
BY_PRODUCTS = "by-products"


class ApproveMaker(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A print room or a designated place of production, until a day; `end` takes the approval back."""

    maker: Id
    media: Literal["paper", "other"]
    certificate: Words
    until: str | None = None
    end: bool = False


@act("approve-maker", ApproveMaker, register="makers", zh="批准制作场所", en="Approve a place of production", by=OFFICER,
     rules=("S03-2.2", "S03-2.3", "P-role"), examples=({"maker": "R210", "media": "paper", "certificate": "定点字第1号"},))  # fmt: skip
async def approve_maker(params: ApproveMaker, bench: Bench) -> Draft:
    maker = await bench.subject(params.maker, Node.PLACE, Node.ORGANISATION, field="maker")
    details: Details = {"media": params.media, "paper": params.certificate}
    return await _listed(bench, maker, "MAKES_FOR", details, params.until, "maker", end=params.end)


class ApproveDestroyer(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certified shredder, or a paper mill that the secrecy department has designated; `end` takes it back."""

    thing: Id
    certificate: Words
    until: str | None = None
    end: bool = False


@act("approve-destroyer", ApproveDestroyer, register="makers", zh="登记销毁设备或定点单位",
     en="Approve equipment or a mill for destruction", by=OFFICER, rules=("S03-6.2b", "S03-6.2c", "P-role"),
     examples=({"thing": "T301", "certificate": "销字第2号"},))  # fmt: skip
async def approve_destroyer(params: ApproveDestroyer, bench: Bench) -> Draft:
    thing = await bench.subject(params.thing, Node.DEVICE, Node.ORGANISATION, field="thing")
    details: Details = {"certificate": params.certificate}
    return await _listed(bench, thing, "DESTROYS_FOR", details, params.until, "thing", end=params.end)


class RecordShielding(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device is protected against emanation, or is so no longer."""

    device: Id
    certificate: Words
    until: str | None = None
    end: bool = False


@act("record-shielding", RecordShielding, register="equipment", zh="登记防电磁泄漏", en="Record protection against emanation",
     by=OFFICER, rules=("S03-2.5b", "P-role"), examples=({"device": "T301", "certificate": "防泄漏检测第5号"},))  # fmt: skip
async def record_shielding(params: RecordShielding, bench: Bench) -> Draft:
    device = await bench.subject(params.device, Node.DEVICE, field="device")
    details: Details = {"certificate": params.certificate}
    return await _listed(bench, device, "SHIELDED", details, params.until, "device", end=params.end)


async def _listed(
    bench: Bench, thing: tuple[str, str], kind: str, details: Details, until: str | None, field: str, *, end: bool
) -> Draft:  # fmt: skip
    """Put on a list of the unit, or taken off it."""
    world = await bench.facts.around({thing[0]: thing[1]})
    same = [
        fact
        for fact in in_force(world.out(thing[0], kind), bench.occurred)
        if fact.target == bench.organisation and fact.details.get("media") == details.get("media")
    ]
    if bool(same) is not end:
        raise BadField(field, "not-so" if end else "already-so", value=thing[0])
    draft = Draft(thing[0], bench.occurred)
    for fact in same:
        draft.end(fact, world)
    if not end:
        last = FOREVER if until is None else parse(until, field="until", ends_day=True) + 1
        if last <= bench.occurred:
            raise BadField("until", "ends-before-it-begins")
        draft.begin(kind, thing, bench.own, until=last, details=details)
    draft.rules += {"MAKES_FOR": ["S03-2.2", "S03-2.3"], "DESTROYS_FOR": ["S03-6.2b", "S03-6.2c"]}.get(
        kind, ["S03-2.5b"]
    )
    return draft


class RecordProduction(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers of a document were made: where, on which devices, how many, and what was left over."""

    document: Id
    place: Id
    medium: Medium = "paper"
    devices: Annotated[tuple[Id, ...], Meta(max_length=50)] = ()
    made: Annotated[int, Meta(ge=1, le=100_000)]
    by_products: Annotated[int, Meta(ge=0, le=100_000)] = 0
    id: Id | None = None


class ByProducts(msgspec.Struct, frozen=True, kw_only=True):
    document: str
    place: str
    count: int
    certificate: str = ""


@act("record-production", RecordProduction, register="production", zh="登记制作", en="Record a production", by=KEEPERS,
     rules=("S03-2.2", "S03-2.3", "P-role"), project=errands.project,
     examples=({"document": "D2", "place": "R301", "made": 2, "by_products": 3},))  # fmt: skip
async def record_production(params: RecordProduction, bench: Bench) -> Draft:
    """S03-2.2–2.5: an approved place that meets the standard, protected devices; by-products owe their destruction."""
    document, place, made = await _made(params, bench)
    reasons = judge_production(made)
    bench.refuse(reasons)
    return await _produced(params, bench, document, place, made)


class ReportProduction(RecordProduction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carriers were made where or on what they may not be: entered as it happened."""

    account: Words


@act("report-production", ReportProduction, register="production", zh="登记违规制作", en="Report a production against the rules",
     by=KEEPERS, rules=("S03-2.2", "S03-2.3", "P-role"), project=errands.project,
     examples=({"document": "D2", "place": "R210", "made": 2, "account": "在办公室自行打印"},))  # fmt: skip
async def report_production(params: ReportProduction, bench: Bench) -> Draft:
    document, place, made = await _made(params, bench)
    reasons = judge_production(made)
    if not bench.binding(reasons):
        raise BadField("account", "nothing-irregular")
    draft = await _produced(params, bench, document, place, made)
    await breaches.break_out(
        draft, bench, reasons, params.account, [document[0], place[0]], cause="report-production"
    )
    return draft


async def _made(
    params: RecordProduction, bench: Bench
) -> tuple[tuple[str, str], tuple[str, str], Production]:
    document = await bench.subject(params.document, Node.DOCUMENT, field="document")
    place = await bench.subject(params.place, Node.PLACE, Node.ORGANISATION, field="place")
    devices = [
        await bench.subject(each, Node.DEVICE, field=f"devices[{n}]") for n, each in enumerate(params.devices)
    ]
    world = await bench.facts.around(dict((document, place, *devices)))
    listed = in_force(world.out(place[0], "MAKES_FOR"), bench.occurred)
    return (
        document,
        place,
        Production(
            level=level_of(world, document[0], bench.occurred) or INTERNAL,
            media="paper" if params.medium == "paper" else "other",
            listed=frozenset(str(fact.details["media"]) for fact in listed),
            in_unit=place[1] == Node.PLACE and bool(groups(world, place[0], bench.occurred)),
            rank=accreditation(world, place[0], bench.occurred),
            unshielded=tuple(
                each for each, _ in devices if not in_force(world.out(each, "SHIELDED"), bench.occurred)
            ),
        ),
    )


async def _produced(
    params: RecordProduction,
    bench: Bench,
    document: tuple[str, str],
    place: tuple[str, str],
    made: Production,
) -> Draft:
    draft = Draft(document[0], bench.occurred)
    draft.rules += ["S03-2.2" if made.media == "paper" else "S03-2.3", "S03-2.5a", "S03-2.5b"]
    owed = waste_to_destroy(params.by_products)
    if owed:
        id_ = await bench.new_id(params.id, Node.CASE)
        days = bench.parameter("by-product-destruction")
        calendar = msgspec.json.decode(bench.settings.get("calendar", "{}"), type=Calendar)
        content = ByProducts(document=document[0], place=place[0], count=params.by_products)
        due = calendar.after(bench.occurred, days)
        errands.opened(draft, id_, BY_PRODUCTS, "open", content, subject=document[0], due=due)
        draft.rules += owed
        draft.result |= {"by_products": id_}
    return draft
