"""What somebody may not know of is to every act as if it did not exist, and to every what-if (G12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import msgspec.inspect as types
import pytest

from storage.act import ACTS, ID_PATTERN
from storage.wiring import Wiring
from tests.api.doors import Doors, plain
from tests.columns import Ground
from tests.storage.fingerprint import catalogue
from tests.storage.requests import ELSEWHERE, ON_PAPER, SOUND, filled, prepare

PUBLIC = sorted(set(SOUND) - ELSEWHERE - {name for name, kind in ACTS.items() if not kind.public})
NOTHING = {"D1": "D8", "C3": "C0", "V11": "V99", "U4": "U0", "fl-first": "fl-never"}
"""Ids that exist, and ids as long that do not."""
Place = Callable[[str], dict[str, Any]]
DEEP = {
    "open-case": [
        lambda id_: {"procedure": "designation", "subject": "yewu1", "form": {"people": [id_]}},
        lambda id_: {"procedure": "incident", "subject": id_, "form": {"what": "载体不见"}},
        lambda id_: {"procedure": "recall", "subject": id_},
        lambda id_: {"procedure": "leaving", "subject": "p06", "form": {"taker": id_, "supervisor": "p05"}},
    ],
    "take-step": [
        lambda id_: {"case": id_, "step": "opinion", "words": "同意"},
        lambda id_: {"case": id_, "step": "conclude", "decision": ON_PAPER},
    ],
    "record-assessment": [
        lambda id_: {"period": "2026", "results": [{"person": id_, "result": "good"}]}
    ],
    "compile": [
        lambda id_: {"title": "汇编", "sources": ["D3"], "consents": [{"originator": id_, "letter": "函1号"}]}
    ],
}  # fmt: skip
"""Ids that lie deeper in a request than its fields, or take another procedure."""


def places(act: str, prepared: dict[str, str]) -> Iterator[tuple[str, Place]]:
    """Wherever the act's sound request takes an id, the request with another one there."""
    sound = filled(SOUND[act].params, prepared)
    described = types.type_info(ACTS[act].params)
    assert isinstance(described, types.StructType)
    for field in described.fields:
        name = field.encode_name
        for each in _alternatives(field.type):
            if isinstance(each, types.StrType) and each.pattern == ID_PATTERN:
                yield name, lambda id_, name=name: {**sound, name: id_}  # type: ignore[misc]
            elif isinstance(each, types.VarTupleType):
                inner = _alternatives(each.item_type)
                if any(isinstance(one, types.StrType) and one.pattern == ID_PATTERN for one in inner):
                    yield name, lambda id_, name=name: {**sound, name: [id_]}  # type: ignore[misc]
    yield "on_behalf_of", lambda id_: {**sound, "on_behalf_of": id_}
    for n, deep in enumerate(DEEP.get(act, [])):
        yield f"deep {n}", deep


def _alternatives(described: types.Type) -> tuple[types.Type, ...]:
    if isinstance(described, types.Metadata):
        return _alternatives(described.type)
    if isinstance(described, types.UnionType):
        return tuple(each for member in described.types for each in _alternatives(member))
    return (described,)


def compared(response: httpx.Response, id_: str) -> tuple[int, dict[str, str], bytes]:
    """What a stranger could compare, the id they sent themselves left out."""
    status, headers, content = plain(response)
    return status, headers, content.replace(id_.encode(), b"*")


async def hidden(house: Wiring, prepared: dict[str, str]) -> dict[str, str]:
    """What there is and what there is not: document, carrier, folder, errand, file, a case, and one about the asker."""
    opened = await house.office.do(
        "p02", "open-case", {"procedure": "incident", "subject": "p06", "form": {"what": "载体不见"}}
    )
    cases = dict.fromkeys((prepared["$case"], str(opened.result["case"])), f"case-{'z' * 14}")
    return {**NOTHING, **cases}


async def other_roles(house: Wiring) -> None:
    """郭局长, of office and leading group, is given every role that keeps no book of documents."""
    do = house.office.do
    await do("p01", "appoint", {"person": "p20", "role": "HEAD_OF", "over": "kefu"})
    await do("p01", "appoint", {"person": "p20", "role": "GUARD_OF"})
    await do("p01", "designate-key-unit",
             {"unit": "R210", "principal": "p20", "control_area": True, "entry_list": ["p05"]})  # fmt: skip
    await do("p01", "add-seal", {"name": "部门章", "keeper": "p20"})


Send = Callable[[str, dict[str, Any]], Awaitable[httpx.Response]]


async def telling(
    send: Send, prepared: dict[str, str], targets: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Act, place and id wherever the answers for what is hidden and for nothing differ."""
    told = []
    for act in PUBLIC:
        for place, made in places(act, prepared):
            free = {"fl-first"} if place in ("id", "ids") else set()  # a file is no node: nobody bears its id
            tried = {real: none for real, none in targets.items() if real not in free}
            nothing = {none: compared(await send(act, made(none)), none) for none in set(tried.values())}
            told += [
                (act, place, real)
                for real, none in tried.items()
                if compared(await send(act, made(real)), real) != nothing[none]
            ]
    return told


@pytest.mark.parametrize("asker", ["p06", pytest.param("p20", marks=pytest.mark.only_embedded)])
async def test_an_act_on_what_one_may_not_know_of_is_answered_like_one_on_nothing(
    binhai: Wiring, binhai_ground: Ground, asker: str
) -> None:
    prepared = await prepare(binhai)
    await other_roles(binhai)
    targets = await hidden(binhai, prepared)
    if asker == "p20":  # who oversees all cases
        targets = {real: none for real, none in targets.items() if not real.startswith("case-")}
    doors = Doors(binhai, binhai_ground)

    async with doors.by(asker) as client:
        before = await catalogue()
        told = await telling(
            lambda act, sent: client.post(f"/api/v1/acts/{act}", json=sent), prepared, targets
        )
        after = await catalogue()

    assert not told, told
    assert before == after


@pytest.mark.only_embedded
async def test_nor_does_a_what_if_in_a_keepers_name_tell(binhai: Wiring, binhai_ground: Ground) -> None:
    prepared = await prepare(binhai)
    await other_roles(binhai)
    doors = Doors(binhai, binhai_ground)

    async with doors.by("p20") as client:

        async def suppose(act: str, sent: dict[str, Any]) -> httpx.Response:
            proposed = {"do": act, "as": SOUND[act].actor, "with": sent}
            return await client.post("/api/v1/questions/what-if", json={"acts": [proposed]})

        told = await telling(suppose, prepared, NOTHING)

    assert not told, told


async def test_a_decision_or_a_finding_of_somebody_elses_is_answered_like_none(
    binhai: Wiring, binhai_ground: Ground
) -> None:
    prepared = await prepare(binhai)
    doors = Doors(binhai, binhai_ground)
    sent = [
        ("confirm-decision", "entry", prepared["$paper"], {}),
        ("dispute-decision", "entry", prepared["$paper"], {"words": "当日未签过此件"}),
        ("take-finding", "finding", prepared["$finding"], {}),
    ]

    async with doors.by("p06") as client:

        async def asked(act: str, body: dict[str, str], id_: str) -> tuple[int, dict[str, str], bytes]:
            return compared(await client.post(f"/api/v1/acts/{act}", json=body), id_)

        for act, field, real, more in sent:
            none = f"{real[:2]}{'z' * (len(real) - 2)}"
            nothing = await asked(act, {**more, field: none}, none)
            assert await asked(act, {**more, field: real}, real) == nothing, act
            assert nothing[0] == 422


@pytest.mark.parametrize("asker", ["p02", "p03", "p04"])
async def test_who_knows_of_everything_is_told_clearly_what_is_wrong(
    binhai: Wiring, binhai_ground: Ground, asker: str
) -> None:
    doors = Doors(binhai, binhai_ground)
    wrong = {"person": "D1", "undertaking": "in_post", "version": "2026版"}

    async with doors.by(asker) as client:
        kind = (await client.post("/api/v1/acts/record-undertaking", json=wrong)).json()
        taken = (
            await client.post(
                "/api/v1/acts/open-case", json={"procedure": "travel", "subject": asker, "id": "D1",
                "form": {"destination": "新加坡", "leaving": "2026-03-10", "returning": "2026-03-15"}},
            )
        ).json()  # fmt: skip

    assert [each["code"] for each in kind["errors"]] == ["wrong-kind"]
    assert [each["code"] for each in taken["errors"]] == ["id-taken"]


async def test_who_may_know_of_a_carrier_is_told_clearly_too(binhai: Wiring, binhai_ground: Ground) -> None:
    doors = Doors(binhai, binhai_ground)
    await binhai.office.do("p01", "add-seal", {"id": "SEAL1", "name": "公章", "keeper": "p21"})

    async with doors.by("p05") as client:
        wrong = await client.post(
            "/api/v1/acts/apply-seal", json={"seal": "C2", "carrier": "C2", "purpose": "盖章"}
        )
        right = await client.post(
            "/api/v1/acts/apply-seal", json={"seal": "SEAL1", "carrier": "C2", "purpose": "盖章"}
        )

    assert [each["code"] for each in wrong.json()["errors"]] == ["wrong-kind"]
    assert right.status_code == 201
