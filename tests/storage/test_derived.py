"""What is made of others' documents stays under their originators, their prohibitions and their exclusions, however often it is passed on."""

from __future__ import annotations

import pytest

from graph.errors import BadField
from storage.wiring import Wiring
from tests.storage.answers import readers, why_not
from tests.storage.refusals import refused

LETTER = [{"originator": "shengju", "letter": "函1号"}]
PROVINCIAL = {
    "id": "DZ", "title": "省局通报", "level": "secret", "years": 20, "distribution": ["binhai"], "originator": "shengju",
    "copying": "forbidden", "quantity": 2,
}  # fmt: skip
ALL = ["p01", "p03", "p04", "p05"]


async def drawn_from_the_province(wiring: Wiring) -> None:
    """An extract of a provincial document that must not be copied, and a compilation that holds the extract."""
    do = wiring.office.do
    await do("p04", "register-document", PROVINCIAL)
    await do("p01", "set-range", {"document": "DZ", "members": ALL})
    await do("p04", "extract", {"id": "E1", "title": "摘要", "sources": ["DZ"]})
    own = {"id": "DY", "title": "本局通知", "level": "confidential", "years": 10, "distribution": ["binhai"]}
    await do("p04", "register-document", own)
    await do("p01", "set-range", {"document": "DY", "members": ALL})


async def test_s03_4_6a_an_extract_in_between_does_not_replace_the_originator(binhai: Wiring) -> None:
    await drawn_from_the_province(binhai)
    both = {"id": "H1", "title": "汇编", "sources": ["E1", "DY"]}
    ours = {"originator": "binhai", "letter": "签报1号"}

    without = await refused(binhai, "p04", "compile", {**both, "consents": [ours]})
    await binhai.office.do("p04", "compile", {**both, "consents": [ours, *LETTER]})
    lowered = {"document": "H1", "level": "confidential", "years": 10, "consents": [ours]}
    lower = await refused(binhai, "p04", "change-derived", lowered)
    extract = {"document": "E1", "level": "confidential", "years": 10, "consents": [ours]}
    again = await refused(binhai, "p04", "change-derived", extract)

    assert (without, lower, again) == ({"S03-4.6a"}, {"S03-4.6c"}, {"S03-4.6c"})
    await binhai.office.do("p04", "change-derived", {**lowered, "consents": [ours, *LETTER]})


async def test_s03_4_5_2_an_extract_of_what_must_not_be_copied_must_not_either(binhai: Wiring) -> None:
    await drawn_from_the_province(binhai)
    do = binhai.office.do
    consents = [*LETTER, {"originator": "binhai", "letter": "签报1号"}]
    await do("p04", "compile", {"id": "H1", "title": "汇编", "sources": ["E1", "DY"], "consents": consents})
    for n, document in enumerate(("E1", "H1")):
        await do("p04", "register-carriers", {"document": document, "serials": ["001"], "ids": [f"X{n}"]})

        copied = await refused(
            binhai, "p01", "approve-copy", {"carrier": f"X{n}", "mode": "copy", "person": "p04"}
        )

        assert copied == {"S03-4.5.2"}


async def test_s03_4_6c_a_range_is_widened_with_every_originators_consent(binhai: Wiring) -> None:
    await drawn_from_the_province(binhai)
    do = binhai.office.do
    wider = {"document": "E1", "members": [*ALL, "p20"]}

    assert await refused(binhai, "p01", "set-range", wider) == {"S03-4.6c"}
    with pytest.raises(BadField):
        await do("p01", "set-range", {**wider, "consents": [{"originator": "p01", "letter": "函"}]})
    await do("p01", "set-range", {"document": "E1", "members": ["p01", "p04", "p05"]})
    assert await refused(binhai, "p01", "set-range", {"document": "E1", "members": ALL}) == {"S03-4.6c"}
    await do("p01", "set-range", {**wider, "consents": LETTER})

    assert "p20" in await readers(binhai, "E1")


async def test_s02_4_5_whoever_is_excluded_from_a_source_does_not_read_its_extract(binhai: Wiring) -> None:
    """C08: excluded before the extract was made or after, and let in again with the source."""
    do = binhai.office.do
    await drawn_from_the_province(binhai)
    barred = {"document": "DZ", "who": "p05", "reason": "回避"}
    assert "p05" in await readers(binhai, "E1")

    await do("p01", "exclude", barred)
    await do("p04", "extract", {"id": "E2", "title": "再摘", "sources": ["E1"]})

    assert await why_not(binhai, "p05", "E1") == await why_not(binhai, "p05", "E2") == {"S02-4.5"}
    with pytest.raises(BadField):
        await do("p01", "exclude", {**barred, "document": "E1", "lift": True})
    await do("p01", "exclude", {**barred, "document": "E2"})
    await do("p01", "exclude", {**barred, "lift": True})
    assert "p05" in await readers(binhai, "E1")
    assert await why_not(binhai, "p05", "E2") == {"S02-4.5"}


@pytest.mark.parametrize("act", ["narrow-range", "set-range"])
async def test_s03_4_7_a_source_narrowed_later_narrows_what_was_made_of_it(binhai: Wiring, act: str) -> None:
    do = binhai.office.do
    await drawn_from_the_province(binhai)
    await do("p04", "extract", {"id": "E2", "title": "再摘", "sources": ["E1"]})
    left = {"members": ["p01", "p04"]} if act == "set-range" else {"remove": ["p03", "p05"]}

    await do("p01", act, {"document": "DZ", **left})

    assert (
        await readers(binhai, "DZ")
        == await readers(binhai, "E1")
        == await readers(binhai, "E2")
        == ["p01", "p04"]
    )


async def test_s03_4_7_a_group_on_the_extract_gives_way_to_who_is_left_of_it(binhai: Wiring) -> None:
    do = binhai.office.do
    await do("p04", "register-document", PROVINCIAL)
    await do("p01", "set-range", {"document": "DZ", "members": ["yewu1"]})
    await do("p04", "extract", {"id": "E1", "title": "摘要", "sources": ["DZ"]})

    await do("p01", "set-range", {"document": "DZ", "members": ["p05"]})

    assert await readers(binhai, "E1") == ["p05"]


async def test_s07_3a_a_document_is_registered_into_a_class_of_the_plan(binhai: Wiring) -> None:
    await binhai.office.do("p04", "add-folder", {"id": "VX", "title": "无类目"})

    filed = {"title": "通知", "level": "secret", "years": 10, "distribution": ["binhai"], "folder": "VX"}

    assert await refused(binhai, "p04", "register-document", filed) == {"S07-3a"}
