"""One sound request for every act, as 滨海局 would accept it on 2 March 2026; and requests spoilt in one place each.

A value `$name` stands for something that `prepare` entered first: an entry's reference, a file's id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec.inspect as types

from storage import registers as _registers  # noqa: F401  (importing them fills the catalogue of acts)
from storage.act import ACTS, ID_PATTERN, ActKind
from storage.registers.founding import SYSTEM
from storage.wiring import Wiring
from tests.storage.carriage import CARRIAGE, SLIP, prepare_carriage


class Sound(NamedTuple):
    actor: str
    params: dict[str, Any]


HEADS = {"politics": "好", "work": "称职", "study": "完成", "compliance": "无违规"}
SCAN = {"name": "乙号.pdf", "media_type": "application/pdf", "size": 10, "sha256": "0" * 64}

ON_PAPER = {
    "by": "p01",
    "proof": "paper",
    "paper": {"number": "任字1号", "date": "2026-02-27", "scan": "s-1"},
}

SOUND: dict[str, Sound] = {
    "add-organisation": Sound("p04", {"name": "市局"}),
    "add-department": Sound("p20", {"name": "档案科"}),
    "add-post": Sound("p20", {"name": "干事", "department": "yewu1", "level": "secret"}),
    "join": Sound("p20", {"person": "p24", "department": "yewu1"}),
    "leave-department": Sound("p20", {"person": "p05", "department": "yewu1"}),
    "start-post": Sound("p20", {"person": "p24", "post": "post-staff1"}),
    "leave-post": Sound("p20", {"person": "p05", "post": "post-second", "handover": "HA2"}),
    "appoint": Sound("p01", {"person": "p24", "role": "HEAD_OF", "over": "kefu"}),
    "relieve": Sound("p01", {"person": "p05", "role": "HEAD_OF", "over": "yewu1"}),
    "add-person": Sound("p20", {"name": "新人", "staff_number": "2001", "department": "yewu1"}),
    "record-vetting": Sound("p01", {"person": "p08", "conclusion": "passed", "heads": HEADS, "record": "审字第8号"}),
    "record-clearance": Sound("p01", {
        "person": "p08", "level": "secret", "basis": "审批表第8号", "dated": "2025-06-30", "occurred_at": "2026-01-01", "late": "启用时接管",
    }),
    "record-undertaking": Sound("p07", {"person": "p07", "undertaking": "in_post", "version": "2026版"}),
    "publish-undertaking": Sound(
        "p01", {"version": "2027版", "undertakings": ["entry"], "duties": "保守秘密", "restrictions": "不得复制", "notify": "出国", "penalties": "按奖惩制度"}
    ),
    "countersign-undertaking": Sound("p01", {"person": "p08", "undertaking": "entry"}),
    "record-training": Sound("p02", {"people": ["p08"], "course": "periodic", "topic": "年度教育"}),
    "record-departure": Sound("p02", {"person": "p06", "note": "连续三日未到岗"}),
    "start-cooling-off": Sound("p02", {"person": "p24", "start": "2026-03-02"}),
    "open-case": Sound("p02", {"procedure": "vetting", "subject": "p09"}),
    "take-step": Sound("p01", {"case": "$case", "step": "conclude", "form": {"conclusion": "passed", "record": "审字第8号", **HEADS}}),
    "amend-case": Sound("p02", {"case": "$case", "form": {}}),
    "withdraw-case": Sound("p02", {"case": "$case", "reason": "改由上级审查"}),
    "appoint-deputy": Sound("p01", {"person": "p20", "principal": "p01", "acts": ["take-step"], "until": "2026-03-13"}),
    "end-deputy": Sound("p01", {"person": "p03", "principal": "p20"}),
    "confirm-decision": Sound("p01", {"entry": "$paper"}),
    "dispute-decision": Sound("p01", {"entry": "$paper", "words": "当日未签过此件"}),
    "record-export": Sound("p02", {"document": "D2", "format": "png"}),
    "annotate": Sound("p20", {"person": "p14", "words": "一般涉密人员，脱密期内"}),
    "record-assessment": Sound("p01", {"period": "2026", "results": [{"person": "p05", "result": "good"}]}),
    "extend-cooling-off": Sound("p01", {"person": "p14", "until": "2029-03-02", "reason": "涉密程度深"}),
    "start-task": Sound("p20", {"person": "p06", "task": "乙号专项", "level": "secret"}),
    "end-task": Sound("p20", {"person": "p05", "task": "甲号专项"}),
    "configure": Sound("p01", {"parameter": "cooling-off-ordinary", "value": 6}),
    "promulgate": Sound("p01", {"regulation": "S07", "date": "2020-01-01", "departments": ["yewu1"]}),
    "enter-calendar": Sound(
        "p20", {"year": 2027, "holidays": ["2027-01-01", "2027-02-08"], "workdays": ["2027-02-06"]}
    ),
    "interpret": Sound("p01", {"rule": "S01-11b", "question": "电子件是否清退", "reading": "电子件也须清退"}),
    "add-place": Sound("p02", {"name": "R211", "accredited_for": "secret"}),
    "designate-key-unit": Sound("p20", {"unit": "R210", "principal": "p05", "control_area": True, "entry_list": ["p05"]}),
    "change-key-unit": Sound("p20", {"unit": "R301", "control_area": False}),
    "add-container": Sound("p02", {"name": "B2", "kept_in": "R301", "accredited_for": "secret"}),
    "enrol-device": Sound("p02", {"name": "T9", "place": "R210", "key_sha256": "9" * 64, "accredited_for": "secret", "owner": "p05", "serial": "ZD-9"}),
    "accredit": Sound("p02", {"thing": "store", "level": "top-secret", "certificate": "测评字第3号"}),
    "admit-to-list": Sound("p02", {"person": "p05", "place": "R301"}),
    "strike-from-list": Sound("p02", {"person": "p04", "place": "R301"}),
    "enter-place": Sound(
        "p02", {"place": "R301", "people": ["p15", "p16"], "purpose": "保洁", "monitoring": "3号摄像头"}
    ),
    "report-entry": Sound("p02", {"place": "R301", "people": ["p06"], "purpose": "取文件", "account": "门未锁"}),
    "leave-place": Sound("p02", {"place": "R301", "people": ["p04"]}),
    "register-visitor": Sound("p02", {"name": "王工", "organisation": "shengju"}),
    "approve-visit": Sound("p01", {"person": "p06", "place": "R301", "purpose": "检修"}),
    "allow-open-flame": Sound("p22", {"place": "R210", "purpose": "焊接", "measures": "灭火器"}),
    "set-local-rules": Sound("p01", {"unit": "R301", "document": "D3"}),
    "record-inspection": Sound("p01", {"unit": "R301", "hazards": ["窗栅松动"]}),
    "remove-hazard": Sound("p01", {"hazard": "$hazard", "fix": "已加固"}),
    "record-measure": Sound("p01", {"unit": "R301", "kind": "technology", "measure": "红外报警"}),
    "name-responsible": Sound("p01", {"person": "p23", "thing": "R301"}),
    "record-travel": Sound("p02", {"person": "p23", "destination": "新加坡"}),
    "register-equipment": Sound(
        "p02", {"name": "复印机", "serial": "FJ-07", "level": "secret", "owner": "p23", "location": "R301"}
    ),
    "check-import": Sound("p02", {"device": "T301", "report": "安检字第2号"}),
    "put-in-use": Sound("p02", {"device": "T301", "unit": "R301"}),
    "report-post": Sound("p20", {"person": "p24", "post": "post-archivist", "account": "人手不足，先行上岗"}),
    "report-use": Sound("p02", {"device": "IMP1", "unit": "R301", "account": "到货当日即接入使用"}),
    "hand-over-key": Sound("p02", {"person": "p23", "thing": "B1"}),
    "rename": Sound("p20", {"subject": "yewu1", "name": "业务一处"}),
    "add-folder": Sound("p04", {"title": "2026年通报", "code": "T26"}),
    "register-document": Sound(
        "p04", {"title": "十号统计", "level": "confidential", "years": 10, "distribution": ["yewu1"], "number": "滨海〔2026〕6号"}
    ),
    "set-range": Sound("p01", {"document": "D3", "members": ["p05"]}),
    "narrow-range": Sound("p01", {"document": "D2", "remove": ["p04"]}),
    "exclude": Sound("p01", {"document": "D2", "who": "p05", "reason": "回避"}),
    "grant-reading": Sound("p01", {"document": "K1", "person": "p11", "until": "2026-03-09", "purpose": "合同核对"}),
    "file-document": Sound("p04", {"document": "D2", "folder": "V2"}),
    "register-carriers": Sound("p04", {"document": "D9", "serials": ["001–003"], "kept_in": "B1"}),
    "keep-carrier": Sound("p03", {"carrier": "C2", "kept_in": "R301"}),
    "lend-carrier": Sound("p03", {"carrier": "C2", "to": "p04", "due": "2026-03-06", "purpose": "核对", "signed": SLIP}),
    "return-carrier": Sound("p03", {"carrier": "C5", "kept_in": "B1"}),
    "approve-copy": Sound("p01", {"carrier": "C2", "mode": "print", "person": "p04"}),
    "register-copy": Sound("p04", {"carrier": "C2", "serial": "复-001", "kept_in": "B1"}),
    "correct": Sound("p04", {"entry": "$document", "field": "title", "old": "九号通知", "new": "九号通报", "reason": "笔误"}),
    "void": Sound("p04", {"entry": "$folder", "reason": "重复设立"}),
    "open-reading": Sound("p05", {"document": "D2", "device": "T210"}),
    "stage-scan": Sound("p04", {"carrier": "C2", "file": "fl-second", **SCAN}),
    "accept-scan": Sound("p04", {"file": "fl-first", "serial": "电-001"}),
    "reject-scan": Sound("p04", {"file": "fl-first", "reason": "第3页缺角"}),
    "note-finding": Sound(
        SYSTEM, {"key": "no-principal/R210", "code": "reason.no-principal", "rules": ["S02-3b"], "subject": "R210", "whose": "LEADING_GROUP_OF"}
    ),
    "close-finding": Sound(SYSTEM, {"finding": "$finding"}),
    "reopen-finding": Sound(SYSTEM, {"finding": "$finding"}),
    "take-finding": Sound("p02", {"finding": "$finding"}),
    "accept-finding": Sound("p01", {"finding": "$finding", "until": "2026-03-31", "ground": "新柜月底到货"}),
    "record-backup": Sound(SYSTEM, {"backup": "b-23456789abcdef"}),
    "record-restore": Sound(SYSTEM, {"backup": "b-23456789abcdef", "position": 3, "last_known": 5}),
}  # fmt: skip
SOUND |= {act: Sound(actor, params) for act, (actor, params) in CARRIAGE.items()}
ELSEWHERE = frozenset({"found", "expire-scan"})
"""Acts that no request does: a ledger is founded once, by a way of its own, and a scan expires with the days."""


async def two_posts(do: Callable[..., Awaitable[Any]]) -> None:
    """p05 holds a second secret post, and has handed over what was kept in it."""
    await do(
        "p20",
        "add-post",
        {"id": "post-second", "name": "兼职", "department": "yewu1", "level": "confidential"},
    )
    await do("p20", "start-post", {"person": "p05", "post": "post-second"})
    await do("p02", "prepare-handover", {"id": "HA2", "giver": "p05", "taker": "p04", "overseer": "p02"})
    for hand in ("p05", "p04", "p02"):
        await do(hand, "sign-handover", {"handover": "HA2"})


async def prepare(wiring: Wiring) -> dict[str, str]:
    """What the sound requests stand on beside 滨海局 itself; what `$name` stands for."""
    do = wiring.office.do
    await do("p04", "register-document", {"id": "K1", "title": "客户名册", "level": "internal"})
    document = await do("p04", "register-document", {
        "id": "D9", "title": "九号通知", "level": "secret", "years": 20, "marked_from": "2026-03-01", "distribution": ["yewu1"],
        "quantity": 3,
    })  # fmt: skip
    folder = await do("p04", "add-folder", {"title": "重复的卷"})
    await do("p02", "register-equipment", {
        "id": "IMP1", "name": "扫描仪", "serial": "SM-1", "level": "secret", "owner": "p23", "location": "R301", "imported": True,
    })  # fmt: skip
    await do(
        "p03",
        "lend-carrier",
        {"carrier": "C5", "to": "p06", "due": "2026-03-06", "purpose": "核对数据", "signed": SLIP},
    )
    await do("p01", "approve-copy", {"carrier": "C2", "mode": "copy", "person": "p04"})
    await do("p01", "approve-copy", {"carrier": "C2", "mode": "scan", "person": "p04", "copies": 2})
    await do("p04", "stage-scan", {"carrier": "C2", "file": "fl-first", **SCAN})
    await do("p20", "start-task", {"person": "p05", "task": "甲号专项", "level": "secret"})
    await two_posts(do)
    await do("p02", "start-cooling-off", {"person": "p14", "level": "confidential", "start": "2026-03-02"})
    await do("p01", "appoint", {"person": "p22", "role": "GUARD_OF"})
    inspected = await do("p01", "record-inspection", {"unit": "R301", "hazards": ["门锁松动"]})
    await do("p02", "enter-place", {"place": "R301", "people": ["p04"], "purpose": "取文件"})
    case = await do("p02", "open-case", {"procedure": "vetting", "subject": "p08"})
    await do(
        "p01", "appoint-deputy",
        {"person": "p03", "principal": "p20", "acts": ["open-case"], "until": "2026-03-31"},
    )  # fmt: skip
    paper = await do(
        "p20", "appoint", {"person": "p11", "role": "HEAD_OF", "over": "shichang", "decision": ON_PAPER}
    )
    finding = await do(SYSTEM, "note-finding", {**SOUND["note-finding"].params, "key": "no-principal/R301"})
    return {
        **await prepare_carriage(do),
        "$finding": finding.result["finding"],
        "$document": document.ref,
        "$folder": folder.ref,
        "$case": case.result["case"],
        "$hazard": inspected.result["hazards"][0],
        "$paper": paper.ref,
    }


def filled(params: Mapping[str, Any], prepared: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: prepared.get(value, value) if isinstance(value, str) else value
        for name, value in params.items()
    }


# Requests spoilt in one place each


class Misfit(NamedTuple):
    """A request that is wrong in `field` alone; `code` is what the error says of it."""

    act: str
    why: str
    params: dict[str, Any]
    field: str
    code: str


ENVELOPE = frozenset({"occurred_at", "late", "decision", "on_behalf_of"})
A_LEVEL = "secret"
"""The id of a node that no act takes for anything: a level."""
ELSEWHERE_TOLD = frozenset({"id", "ids", "file", "device"})
"""Fields that name what is to be made, or what the door supplies: a terminal that is none is the law's to judge."""
NOT_SO = frozenset(
    {
        ("leave-department", "department"),
        ("leave-post", "post"),
        ("relieve", "over"),
        ("narrow-range", "remove"),
        ("leave-place", "people"),
        ("open-reading", "again"),
    }
)
"""Fields that name what stands: whatever else is named there does not."""


def misfits(act: str) -> Iterator[Misfit]:
    """Every way of spoiling the act's sound request by its form: left out, surplus, of a wrong type, empty, unknown."""
    kind, sound = ACTS[act], SOUND[act].params
    yield Misfit(act, "surplus", {**sound, "surplus": 1}, "surplus", "unknown-field")
    yield Misfit(
        act, "envelope misspelt", {**sound, "occured_at": "2026-03-02"}, "occured_at", "unknown-field"
    )
    for field in fields(kind):
        name = field.encode_name
        if field.required:
            yield Misfit(
                act, f"{name} left out", {k: v for k, v in sound.items() if k != name}, name, "missing"
            )
        for why, value, code in _spoilt(field):
            yield Misfit(act, f"{name} {why}", {**sound, name: value}, name, code)
        if _is_id(field.type):
            yield from _strangers(act, field, sound)


def fields(kind: ActKind) -> list[types.Field]:
    """The act's own fields, the envelope's left out."""
    described = types.type_info(kind.params)
    assert isinstance(described, types.StructType)
    return [field for field in described.fields if field.encode_name not in ENVELOPE]


def _spoilt(field: types.Field) -> Iterator[tuple[str, Any, str]]:
    """Values of a wrong type, and empty ones where something has to be said."""
    kinds = _kinds(field.type)
    if any(isinstance(each, types.AnyType) for each in kinds):
        return
    if not any(isinstance(each, (types.StructType, types.DictType)) for each in kinds):
        yield "an object", {"a": 1}, "wrong-type"
    if not any(isinstance(each, (types.IntType, types.BoolType)) for each in kinds):
        yield "a number", 1, "wrong-type"
    if not any(isinstance(each, (types.StrType, types.LiteralType)) for each in kinds):
        yield "a text", "一", "wrong-type"
    for each in kinds:
        if isinstance(each, types.StrType) and (each.min_length or each.pattern == ID_PATTERN):
            yield "empty", "", "wrong-type"
        if isinstance(each, types.StrType) and each.pattern == r"\S":
            yield "blank", " \u3000", "wrong-type"
        if isinstance(each, types.StrType):
            yield "with a NUL", "一\0", "not-plain-text"
            yield "with half a character", "一\ud800", "not-plain-text"
        if isinstance(each, types.LiteralType):
            yield "not in the list", "none-of-these", "wrong-type"
        if isinstance(each, types.IntType):
            yield "too large", 2**62, "wrong-type"
            yield "negative", -1, "wrong-type"
        if isinstance(each, types.VarTupleType) and _is_text(each.item_type):
            yield "listing a number", [1], "wrong-type"


def _strangers(act: str, field: types.Field, sound: Mapping[str, Any]) -> Iterator[Misfit]:
    """Ids of nothing, of something else, and ids that are none."""
    name = field.encode_name
    many = any(isinstance(each, types.VarTupleType) for each in _kinds(field.type))
    where = f"{name}[0]" if many else name
    yield Misfit(act, f"{name} no id", {**sound, name: _as(many, "不 是 编号")}, name, "wrong-type")
    if name in ELSEWHERE_TOLD:
        return
    unknown, other = ("not-so", "not-so") if (act, name) in NOT_SO else ("unknown-id", "wrong-kind")
    yield Misfit(act, f"{name} unknown", {**sound, name: _as(many, "no-such-thing")}, where, unknown)
    yield Misfit(act, f"{name} of a wrong kind", {**sound, name: _as(many, A_LEVEL)}, where, other)


def _as(many: bool, value: str) -> Any:
    return [value] if many else value


def _kinds(described: types.Type) -> tuple[types.Type, ...]:
    """The alternatives of a type, metadata taken off."""
    if isinstance(described, types.Metadata):
        return _kinds(described.type)
    if isinstance(described, types.UnionType):
        return tuple(each for member in described.types for each in _kinds(member))
    return (described,)


def _is_text(described: types.Type) -> bool:
    return any(isinstance(each, types.StrType) for each in _kinds(described))


def _is_id(described: types.Type) -> bool:
    return any(
        (isinstance(each, types.StrType) and each.pattern == ID_PATTERN)
        or (isinstance(each, types.VarTupleType) and _is_id(each.item_type))
        for each in _kinds(described)
    )
