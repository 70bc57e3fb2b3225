"""Lines of a book in words: no code, role or id where there is a sentence, a word or a name."""

from __future__ import annotations

from typing import Any

from api.cells import Cell, cells
from graph.kinds import RELATIONS
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
