"""Sound requests for the acts of carriers, and what they stand on: a document DT with twenty carriers T1 … T20."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Do = Callable[..., Awaitable[Any]]
SLIP = {"proof": "paper", "slip": "借字1号", "date": "2026-03-02", "scan": "s-1"}
"""The taker has signed on paper."""
COVER = {"kind": "envelope", "sealed": True}
CARRIAGE: dict[str, tuple[str, dict[str, Any]]] = {
    "approve-maker": ("p02", {"maker": "R210", "media": "paper", "certificate": "定点字第1号"}),
    "approve-destroyer": ("p02", {"thing": "T301", "certificate": "销字第2号"}),
    "record-shielding": ("p02", {"device": "T210", "certificate": "检测第5号"}),
    "record-production": ("p04", {"document": "DT", "place": "R301", "devices": ["SH1"], "made": 2, "by_products": 3}),
    "add-seal": ("p20", {"name": "合同专用章", "kind": "contract", "keeper": "p21"}),
    "apply-seal": ("p05", {"seal": "SEAL1", "carrier": "T1", "purpose": "复制件盖章"}),
    "approve-seal": ("p01", {"use": "U1"}),
    "review-seal": ("p21", {"use": "U2"}),
    "use-seal": ("p21", {"use": "U3"}),
    "release-copy": ("p04", {"of": "T2", "serial": "复-101"}),
    "receive-envelope": ("p04", {
        "number": "机字009", "sender": "shengju", "level": "secret", "seal_intact": True, "list_signed": True, "listed": 1,
    }),
    "open-envelope": ("p04", {"receipt": "R1", "counted": 1, "items": [{"title": "丁号通知", "serial": "0007"}]}),
    "sign-receipt": ("p03", {"receipt": "R2", "counted": 1}),
    "distribute-receipt": ("p04", {"receipt": "R3", "to": ["yewu1"]}),
    "answer-wish": ("p01", {"wish": "$wish", "answer": "已列入"}),
    "complete-marks": ("p04", {
        "document": "DM", "level": "secret", "years": 20, "distribution": ["binhai"], "letter": "省局函〔2026〕2号",
    }),
    "review-period": ("p01", {"document": "DT", "outcome": "keep", "years": 5}),
    "send-carriers": ("p03", {
        "carriers": ["T15"], "to": "shengju", "channel": "confidential-transport", "vehicle": "机要专车", "route": "市区",
        "packing": COVER,
    }),
    "report-dispatch": ("p03", {
        "carriers": ["T10"], "to": "shengju", "channel": "ordinary-post", "packing": {"kind": "envelope"}, "account": "误投",
    }),
    "confirm-dispatch": ("p03", {"dispatch": "DP1", "receipt": "回执12", "signed_by": "省局 李"}),
    "approve-outing": ("p01", {"carrier": "T13", "person": "p05", "foreign": True, "measures": "专用密码箱"}),
    "carry-out": ("p03", {"carriers": ["T14"], "bearers": ["p05"], "purpose": "赴省局汇报", "back_by": "2026-03-04", "signed": SLIP}),
    "report-outing": ("p03", {
        "carriers": ["C1"], "bearers": ["p01"], "purpose": "开会", "back_by": "2026-03-04", "account": "事后得知",
        "signed": {"proof": "unsigned"},
    }),
    "bring-back": ("p03", {"outing": "OU1", "carriers": ["T4"], "kept_in": "B1"}),
    "take-device-abroad": ("p01", {"device": "T210", "bearer": "p05", "permit": "携境证3号", "back_by": "2026-03-10"}),
    "device-back": ("p03", {"outing": "OU2"}),
    "compile": ("p04", {
        "title": "通报汇编", "sources": ["D2", "DT"],
        "consents": [{"originator": "shengju", "letter": "函1号"}, {"originator": "binhai", "letter": "签报1号"}],
    }),
    "extract": ("p04", {"title": "摘要", "sources": ["DT"]}),
    "change-derived": ("p04", {
        "document": "DX", "level": "confidential", "years": 10, "consents": [{"originator": "binhai", "letter": "签报2号"}],
    }),
    "request-destruction": ("p03", {"carriers": ["T16"], "reason": "清理过期件"}),
    "approve-destruction": ("p01", {"destruction": "DE1"}),
    "count-destruction": ("p03", {"destruction": "DE2", "carriers": ["T6"]}),
    "destroy-carriers": ("p03", {
        "destruction": "DE3", "method": "shredder", "device": "SH1", "witnesses": ["p02", "p04"], "outcome": "已粉碎",
    }),
    "report-destruction": ("p03", {"carriers": ["T11"], "method": "scrap", "account": "随废纸卖出"}),
    "start-inventory": ("p03", {"year": 2026}),
    "tick-carriers": ("p03", {"inventory": "IV1", "carriers": ["T1"]}),
    "report-inventory": ("p03", {"inventory": "IV1", "number": "滨密报1号", "date": "2026-03-02"}),
    "close-inventory": ("p03", {"inventory": "IV2"}),
    "report-missing": ("p03", {"carrier": "T12", "account": "还卷时未见"}),
    "require-return": ("p03", {"carriers": ["T17"], "to": "shengju", "by": "2026-12-31", "notice": "清退1号"}),
    "return-to-originator": ("p03", {
        "clearing": "CL1", "carriers": ["T8"], "channel": "confidential-transport", "vehicle": "机要专车", "route": "市区",
        "packing": COVER,
    }),
    "sign-for": ("p05", {"carriers": ["T18"]}),
    "circulate": ("p03", {"carriers": ["T18"], "readers": ["p01", "p05"]}),
    "hand-to-reader": ("p03", {"circulation": "CI1", "reader": "p05", "signed": SLIP}),
    "skip-reader": ("p03", {"circulation": "CI1", "reader": "p05", "reason": "出差"}),
    "take-from-reader": ("p03", {"circulation": "CI2", "reader": "p01", "kept_in": "B1", "words": "请办理"}),
    "report-passing": ("p03", {"circulation": "CI2", "reader": "p01", "to": "p05", "account": "当面转交"}),
    "plan-meeting": ("p04", {"title": "传达", "documents": ["DT"], "place": "R210", "relayer": "p01", "attendees": ["p05"]}),
    "declare-no-notes": ("p01", {"meeting": "ME1"}),
    "hold-meeting": ("p04", {"meeting": "ME2", "present": ["p05"]}),
    "report-meeting": ("p04", {"meeting": "ME2", "present": ["p06"], "account": "门外旁听"}),
    "add-meeting-record": ("p04", {"meeting": "ME2", "kind": "minutes", "reference": "纪要1号"}),
    "prepare-handover": ("p02", {"giver": "p04", "taker": "p23", "overseer": "p02"}),
    "sign-handover": ("p04", {"handover": "HA1"}),
    "archive-document": ("p04", {
        "document": "DX", "volume": "V2", "fonds": "0101", "retention": "30-years", "number": "0101-2026-1",
    }),
    "confirm-night": ("p01", {"carrier": "T9", "container": "B9"}),
    "report-taking": ("p03", {"carrier": "T18", "by": "p06", "account": "未登记取走"}),
    "report-place": ("p03", {"carrier": "T18", "kept_in": "R210", "account": "会议室遗留"}),
    "report-copy": ("p03", {"carrier": "T18", "serial": "复-109", "kept_in": "B1", "by": "p06", "account": "自行复印"}),
    "report-production": ("p04", {"document": "DT", "place": "R210", "made": 2, "account": "自行打印"}),
    "report-device-abroad": ("p03", {"device": "store", "bearer": "p05", "back_by": "2026-03-10", "account": "擅自出境"}),
    "report-relay": ("p04", {
        "title": "走廊传达", "documents": ["DT"], "place": "lou", "relayer": "p05", "present": ["p06"], "account": "自述",
    }),
    "report-knowing": ("p03", {"document": "D2", "person": "p06", "mode": "read", "account": "误阅传阅夹"}),
}  # fmt: skip


async def prepare_carriage(do: Do) -> dict[str, str]:
    """Everything above, begun as far as its request needs it."""
    await _documents(do)
    await _seals(do)
    wish = await _receipts(do)
    await _errands(do)
    return {"$wish": wish}


async def _documents(do: Do) -> None:
    await do("p04", "register-document", {
        "id": "DT", "title": "廿份通知", "level": "secret", "years": 20, "distribution": ["binhai"], "quantity": 20,
    })  # fmt: skip
    ids = [f"T{n}" for n in range(1, 21)]
    await do("p04", "register-carriers", {
        "document": "DT", "serials": ["001–020"], "kept_in": "B1", "held_by": "p03", "ids": ids,
    })  # fmt: skip
    await do("p01", "set-range", {"document": "DT", "members": ["p01", "p03", "p04", "p05"]})
    await do(
        "p02",
        "register-equipment",
        {
            "id": "SH1",
            "name": "碎纸机",
            "serial": "SZ-1",
            "level": "secret",
            "owner": "p23",
            "location": "R301",
        },
    )
    await do("p02", "approve-destroyer", {"thing": "SH1", "certificate": "销字第1号"})
    await do("p02", "record-shielding", {"device": "SH1", "certificate": "检测第1号"})
    await do("p02", "approve-maker", {"maker": "R301", "media": "paper", "certificate": "文印室"})
    await do(
        "p02", "add-container", {"id": "B9", "name": "B9", "kept_in": "R210", "accredited_for": "secret"}
    )
    await do("p04", "extract", {"id": "DX", "title": "摘要一", "sources": ["DT"]})


async def _seals(do: Do) -> None:
    await do("p20", "add-seal", {"id": "SEAL1", "name": "公章", "kind": "official", "keeper": "p21"})
    await do("p01", "approve-copy", {"carrier": "T2", "mode": "copy", "person": "p04"})
    await do("p04", "register-copy", {"carrier": "T2", "serial": "复-101", "kept_in": "B1", "id": "TC1"})
    for use, carrier, steps in (("U1", "T1", 0), ("U2", "T1", 1), ("U3", "T1", 2), ("U4", "TC1", 3)):
        await do("p04", "apply-seal", {"id": use, "seal": "SEAL1", "carrier": carrier, "purpose": "盖章"})
        for actor, act in (("p01", "approve-seal"), ("p21", "review-seal"), ("p21", "use-seal"))[:steps]:
            await do(actor, act, {"use": use})


async def _receipts(do: Do) -> str:
    envelope = {"sender": "shengju", "level": "secret", "seal_intact": True, "list_signed": True, "listed": 1}
    for n in (1, 2, 3):
        await do("p04", "receive-envelope", {"id": f"R{n}", "number": f"机字00{n}", **envelope})
    await do(
        "p04",
        "open-envelope",
        {"receipt": "R2", "items": [{"title": "戊号", "document": "DM", "carrier": "CM"}]},
    )
    item = {"title": "己号", "level": "secret", "years": 10, "distribution": ["binhai"], "serial": "0009"}
    await do("p04", "open-envelope", {"receipt": "R3", "counted": 1, "items": [item]})
    await do("p03", "sign-receipt", {"receipt": "R3"})
    told = await do("p04", "distribute-receipt", {"receipt": "R3", "to": ["yewu1"]})
    return str(told.result["wishes"][0])


async def _errands(do: Do) -> None:
    transport = {"channel": "confidential-transport", "vehicle": "专车", "route": "市区", "packing": COVER}
    await do("p03", "send-carriers", {"id": "DP1", "carriers": ["T3"], "to": "shengju", **transport})
    out = {"bearers": ["p01"], "purpose": "汇报", "back_by": "2026-03-04", "signed": SLIP}
    await do("p03", "carry-out", {"id": "OU1", "carriers": ["T4"], **out})
    laptop = {"device": "SH1", "bearer": "p05", "permit": "证1号", "back_by": "2026-03-10"}
    await do("p01", "take-device-abroad", {"id": "OU2", **laptop})
    for n, carrier, steps in ((1, "T5", 0), (2, "T6", 1), (3, "T7", 2)):
        await do("p03", "request-destruction", {"id": f"DE{n}", "carriers": [carrier], "reason": "过期"})
        if steps:
            await do("p01", "approve-destruction", {"destruction": f"DE{n}"})
        if steps == 2:
            await do("p03", "count-destruction", {"destruction": f"DE{n}", "carriers": [carrier]})
    await do("p03", "start-inventory", {"id": "IV1", "year": 2026, "documents": ["DT"]})
    await do("p03", "start-inventory", {"id": "IV2", "year": 2026, "documents": ["D9"]})
    await do("p03", "require-return", {
        "id": "CL1", "carriers": ["T8"], "to": "shengju", "by": "2026-12-31", "notice": "清退2号",
    })  # fmt: skip
    await do("p03", "circulate", {"id": "CI1", "carriers": ["T19"], "readers": ["p05"]})
    await do("p03", "circulate", {"id": "CI2", "carriers": ["T20"], "readers": ["p01", "p05"]})
    await do("p03", "hand-to-reader", {"circulation": "CI2", "reader": "p01", "signed": SLIP})
    meeting = {"title": "传达", "documents": ["DT"], "place": "R210", "relayer": "p01", "attendees": ["p05"]}
    await do("p04", "plan-meeting", {"id": "ME1", "no_notes": True, **meeting})
    await do("p04", "plan-meeting", {"id": "ME2", **meeting})
    await do("p02", "prepare-handover", {"id": "HA1", "giver": "p04", "taker": "p23", "overseer": "p02"})
    await do(
        "p03",
        "lend-carrier",
        {"carrier": "T9", "to": "p01", "due": "2026-03-06", "purpose": "核对", "signed": SLIP},
    )
