"""How Chinese is written: full-width punctuation, in every text people see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import storage.registers  # noqa: F401  (fills the catalogue of acts)
from api import texts
from graph.kinds import NODES, RELATIONS
from storage.act import ACTS
from tests.repo.test_house import ROOT

HAN = r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”}]"
HALF = re.compile(
    rf"{HAN} ?[,;?!](?!\w)|{HAN} ?:(?!//)|[,;?!] ?[\u3400-\u9fff{{]|:[\u3400-\u9fff]|\((?=[^)]*[\u3400-\u9fff])|[\u3400-\u9fff]\("
)


def chinese() -> Iterator[tuple[str, str]]:
    yield from texts.catalogue("zh").items()
    client = json.loads((ROOT / "api" / "client" / "texts.json").read_text(encoding="utf-8"))
    yield from ((code, each["zh"]) for code, each in client.items())
    for node, kind in NODES.items():
        yield from ((node.value, each) for each in (kind.zh, kind.meaning_zh))
    for relation in RELATIONS.values():
        yield from ((relation.name, each) for each in (relation.zh, relation.word, relation.meaning_zh))
    yield from ((act.name, act.zh) for act in ACTS.values())


def test_chinese_sentences_are_punctuated_in_full_width() -> None:
    said = [(code, text) for code, text in chinese() if re.search(r"[\u3400-\u9fff]", text)]

    assert len(said) > 1000
    assert [f"{code}: {text}" for code, text in said if HALF.search(text)] == []


def test_no_code_stands_twice_in_a_catalogue() -> None:
    """Of two the last would count, and nobody would see which."""
    for path in sorted((ROOT / "api" / "locale").glob("*/LC_MESSAGES/*.po")):
        codes = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(codes) > 1000
        assert sorted({code for code in codes if codes.count(code) > 1}) == [], path


def test_a_half_width_mark_is_found() -> None:
    for wrong in ("甲,乙", "甲: 乙", "甲(乙)", "{person}:乙", "须为 a, 乙", "好?", "{a},{b}须"):
        assert HALF.search(wrong), wrong
    for right in ("甲，乙", "（甲）", "每页 1,000 条", "09:00 起", "zhixi serve：启动"):
        assert not HALF.search(right), right


def test_no_template_says_a_sentence_without_what_it_speaks_of() -> None:
    """A sentence with a gap in it is given what fills the gap."""
    bare = re.compile(r"""\bt\(\s*["']([^"']+)["']\s*\)""")

    gaping = {
        (path.name, code)
        for path in sorted((ROOT / "api" / "templates").glob("*.html"))
        for code in bare.findall(path.read_text(encoding="utf-8"))
        if "{" in texts.catalogue("zh").get(code, "")
    }

    assert gaping == set()
