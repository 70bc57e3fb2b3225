"""Lines of a book in words: no code, role or id where there is a sentence, a word or a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import msgspec.inspect as types
import pytest

import storage.registers  # noqa: F401  (fills the catalogue of acts)
from api.cells import LEFT_OUT, Cell, cells
from api.texts import LANGUAGES, Language, catalogue
from graph.kinds import RELATIONS
from storage.act import ACTS, Act
from storage.lines import Line

NAMES = {
    "jiyao": {"zh": "机要室", "en": "Registry"},
    "p03": {"zh": "张伟", "en": "张伟"},
    "p07": {"zh": "杨帆", "en": "杨帆"},
}


def line(act: str, **said: Any) -> Line:
    return Line(ref="e-1", act=act, subject="x", occurred_at="", recorded_at="", late="", actor="p02", decided_by="p02",
                proof="own", line=said, voided="", corrections=[])  # fmt: skip


def test_a_finding_is_its_sentence() -> None:
    noted = line("note-findings", key="case-overdue/p07", code="case-overdue", subject="p07", person="p02", rules=["S01-17b"],
                 values={"procedure": "procedure.level-review", "step": "procedure.level-review.propose"}, due=1)  # fmt: skip

    assert [each.said for each in cells(noted, NAMES, "zh")] == [
        "涉密等级调整（杨帆）的下一步“部门初审意见”已逾期"
    ]
    assert "杨帆" in cells(noted, NAMES, "en")[0].said


def test_roles_procedures_and_nodes_are_named() -> None:
    said = line("x", role="LEADER_OF", opened="level-review", principal="p03", names_hidden=False)

    shown = {each.name: each.said for each in cells(said, NAMES, "zh")}

    assert set(shown.values()) == {RELATIONS["LEADER_OF"].zh, "涉密等级调整", "张伟", "否"}
    assert all(not name.isascii() for name in shown)


def test_withheld_words_say_so() -> None:
    assert cells(line("x", title="***"), {}, "zh") == [Cell(name="标题", said="标题涉密", field="title")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_every_act_and_every_choice_has_words(language: Language) -> None:
    """In books, sheets and forms: a code in a heading is a heading nobody wrote."""
    known = catalogue(language)
    met = {code for act in ACTS.values() for code in codes(act.params) if act.public}

    assert len(met) > 200
    assert sorted(met - set(known)) == []


def codes(struct: type[msgspec.Struct], inside: bool = False) -> Iterator[str]:
    described = types.type_info(struct)
    assert isinstance(described, types.StructType)
    for field in described.fields:
        if field.encode_name in LEFT_OUT or (not inside and field.encode_name in Act.__struct_fields__):
            continue
        yield f"column.{field.encode_name}"
        for each in leaves(field.type):
            if isinstance(each, types.LiteralType):
                yield from (f"value.{value}" for value in each.values if value != "")
            if isinstance(each, types.StructType):
                yield from codes(each.cls, inside=True)


def leaves(found: types.Type) -> Iterator[types.Type]:
    if isinstance(found, types.Metadata):
        yield from leaves(found.type)
    elif isinstance(found, types.UnionType):
        for each in found.types:
            yield from leaves(each)
    elif isinstance(found, types.VarTupleType | types.ListType):
        yield from leaves(found.item_type)
    elif isinstance(found, types.DictType):
        yield from leaves(found.value_type)
    else:
        yield found
