import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

import graph.law
from graph.errors import BadField, Refused
from graph.law.regulation import (
    BadRegulation,
    Clause,
    Regulation,
    UnknownParameter,
    UnknownRule,
    assemble,
    load,
    read,
)
from graph.law.rules import RULES

ROOT = Path(__file__).parents[2]
FOUNDING_IDS = (Path(__file__).parent / "rule_ids.txt").read_text("utf-8").split()
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
RULE_ID = re.compile(r"(?<![\w-])(?:S\d\d-[\w.]+|P-\w+)", re.ASCII)

SMALL = """
id = "S99"
title = "试行制度"
title_en = "A trial"
issuer = "本单位"
issuer_en = "The unit"
basis = "无"
basis_en = "None"
in_force_from = 2026-03-02
in_force_to = 2027-03-02
departments = ["dept1"]

[[clause]]
id = "S99-1"
article = "第一条"
kind = ["period"]
basis = ["P"]
brief_zh = "试行一年。"
brief_en = "It runs for a year."

[parameter.trial]
default = 12
floor = 6
unit = "months"
rule = "S99-1"
bound_by = "S99-1"
brief_zh = "试行的时间"
brief_en = "Length of the trial"
"""


def small(old: str = "", new: str = "") -> Regulation:
    assert old in SMALL
    return read(SMALL.replace(old, new) if old else SMALL, "s99.toml")


def clauses() -> list[Clause]:
    return list(load().clauses.values())


def test_every_rule_of_the_three_secrecy_regulations_is_there_and_no_other() -> None:
    found = {clause.id for clause in clauses() if clause.id[:3] in ("S01", "S02", "S03")}

    assert len(FOUNDING_IDS) == len(set(FOUNDING_IDS)) == 175
    assert found == set(FOUNDING_IDS)


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.id)
def test_each_clause_has_one_plain_sentence_in_either_script(clause: Clause) -> None:
    assert HAN.search(clause.brief_zh)
    assert not LATIN.search(clause.brief_zh)
    assert clause.brief_zh.endswith("。")
    assert clause.brief_zh.count("。") == 1
    assert LATIN.search(clause.brief_en)
    assert not HAN.search(clause.brief_en)
    assert re.fullmatch(r"[A-Z][^.]+\.", clause.brief_en)
    assert max(len(clause.brief_zh), len(clause.brief_en) // 3) <= 50


def test_no_two_clauses_read_the_same() -> None:
    assert len({clause.brief_zh for clause in clauses()}) == len(clauses())
    assert len({clause.brief_en for clause in clauses()}) == len(clauses())


def test_each_regulation_and_parameter_is_named_in_either_script() -> None:
    for regulation in load().regulations.values():
        for chinese in (regulation.title, regulation.issuer, regulation.basis):
            assert HAN.search(chinese)
        for english in (regulation.title_en, regulation.issuer_en, regulation.basis_en):
            assert LATIN.search(english)
            assert not HAN.search(english)
    for parameter in load().parameters.values():
        assert HAN.search(parameter.brief_zh)
        assert not HAN.search(parameter.brief_en)


def test_our_own_defaults_are_marked_as_ours_and_nothing_else_is() -> None:
    ours = {clause.id for clause in clauses() if load().regulation_of(clause.id).ours}

    assert ours == {clause.id for clause in clauses() if clause.id.startswith("P-")}
    assert all("P" in load().clause(rule_id).basis for rule_id in ours)


def test_a_figure_of_ours_rests_on_a_clause_that_bears_a_mark() -> None:
    for name, parameter in load().parameters.items():
        if parameter.ours:
            assert load().clause(parameter.rule).basis, name
        else:
            assert not load().regulation_of(parameter.rule).ours, name


def test_a_text_without_a_date_says_that_its_date_is_assumed() -> None:
    assert all(regulation.assumed for regulation in load().regulations.values())


@pytest.mark.parametrize(
    ("name", "least", "rule"),
    [
        ("cooling-off-core", 36, "S02-10c"),
        ("cooling-off-important", 24, "S02-10d"),
        ("cooling-off-ordinary", 6, "S02-10e"),
        ("service-workers-together", 2, "S02-14.3"),
        ("top-secret-escorts", 2, "S03-3.5.3"),
        ("top-secret-travellers", 2, "S03-4.8.2b"),
        ("mill-witnesses", 2, "S03-6.2d"),
    ],
)
def test_a_value_below_its_floor_is_refused_by_the_rule_that_draws_it(
    name: str, least: int, rule: str
) -> None:
    load().check(name, least)
    load().check(name, least + 1)

    with pytest.raises(Refused) as refused:
        load().check(name, least - 1)

    assert refused.value.rules == (rule,)


def test_five_months_for_an_ordinary_person_are_refused_and_six_are_not() -> None:
    load().check("cooling-off-ordinary", 6)

    with pytest.raises(Refused) as refused:
        load().check("cooling-off-ordinary", 5)

    assert refused.value.rules == ("S02-10e",)
    assert refused.value.reasons[0].values == {
        "parameter": "cooling-off-ordinary", "value": "5", "bound": "6",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "most", "rule"),
    [
        ("post-assessment", 12, "S02-5.2"),
        ("inventory", 12, "S03-5.3a"),
    ],
)
def test_what_the_seed_wants_yearly_is_never_made_rarer(name: str, most: int, rule: str) -> None:
    load().check(name, most - 1)
    load().check(name, most)

    with pytest.raises(Refused) as refused:
        load().check(name, most + 1)

    assert refused.value.rules == (rule,)


@pytest.mark.parametrize(
    ("name", "value"), [("session-lock", 0), ("evening-check", 24), ("education", 100_000)]
)
def test_a_value_without_sense_names_its_field(name: str, value: int) -> None:
    with pytest.raises(BadField) as bad:
        load().check(name, value)

    assert [(error.field, error.code) for error in bad.value.errors] == [(name, "not-between")]


def test_every_default_passes_its_own_check() -> None:
    for name, parameter in load().parameters.items():
        load().check(name, parameter.default)


def test_defaults_are_those_of_the_extraction() -> None:
    defaults = {name: (each.default, each.unit) for name, each in load().parameters.items()}

    assert defaults["cooling-off-core"] == (36, "months")
    assert defaults["cooling-off-important"] == (24, "months")
    assert defaults["cooling-off-ordinary"] == (12, "months")
    assert defaults["level-review"] == (10, "working-days")
    assert defaults["education"] == (12, "months")
    assert defaults["key-unit-training"] == (6, "months")
    assert defaults["key-unit-inspection"] == (3, "months")
    assert defaults["key-department-threshold"] == (50, "carriers")
    assert defaults["release-reminder"] == (30, "days")
    assert defaults["by-product-destruction"] == (5, "working-days")
    assert defaults["paper-confirmation"] == (5, "working-days")
    assert defaults["staged-file"] == (3, "days")
    assert defaults["session-lock"] == (10, "minutes")


def test_an_unknown_id_or_name_is_an_error_of_its_own() -> None:
    for ask in (load().clause, load().regulation_of, lambda each: load().in_force(each, date(2026, 3, 2))):
        with pytest.raises(UnknownRule):
            ask("S01-99z")
    with pytest.raises(UnknownParameter):
        load().check("cooling-off", 12)
    with pytest.raises(KeyError):
        load().parameter("cooling-off")


def test_a_rule_before_its_date_is_not_in_force() -> None:
    start = load().regulations["S01"].in_force_from

    assert not load().in_force("S01-11c", date(start.year - 1, 12, 31))
    assert load().in_force("S01-11c", start)


def test_a_rule_binds_through_the_day_before_its_end() -> None:
    trial = assemble([small()])

    assert not trial.in_force("S99-1", date(2026, 3, 1))
    assert trial.in_force("S99-1", date(2026, 3, 2))
    assert trial.in_force("S99-1", date(2027, 3, 1))
    assert not trial.in_force("S99-1", date(2027, 3, 2))


def test_the_founding_gives_a_regulation_its_date() -> None:
    begun = load().begun({"S01": date(2026, 3, 2)})

    assert not begun.in_force("S01-11c", date(2026, 3, 1))
    assert not begun.regulations["S01"].assumed
    assert begun.in_force("S02-7", date(2026, 3, 1))
    assert begun.regulations["S02"].assumed
    with pytest.raises(BadField):
        load().begun({"S98": date(2026, 3, 2)})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('departments = ["dept1"]', 'departments = ["dept1"]\nsigned = true'),
        ('article = "第一条"', 'article = "第一条"\nquote = "试行"'),
        ("floor = 6", "floor = 6\nminimum = 6"),
    ],
)
def test_an_unknown_key_is_refused_with_file_and_key(old: str, new: str) -> None:
    unknown = new.removeprefix(old).split("=")[0].strip()

    with pytest.raises(BadRegulation, match=rf"s99\.toml: .*`{unknown}`"):
        small(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = ["period"]', 'kind = ["custom"]'),
        ('basis = ["P"]', 'basis = ["C1"]'),
        ('brief_en = "It runs for a year."', 'brief_en = ""'),
        ('id = "S99-1"', 'id = "99-1"'),
        ("in_force_from = 2026-03-02", 'in_force_from = "spring"'),
        ("[[clause]]", "[[clause"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused(old: str, new: str) -> None:
    with pytest.raises(BadRegulation, match=r"s99\.toml"):
        small(old, new)


def test_an_id_that_stands_twice_is_refused() -> None:
    trial = small()
    twin = msgspec.structs.replace(trial, clauses=trial.clauses * 2)

    with pytest.raises(BadRegulation, match="S99 stands twice"):
        assemble([trial, trial])
    with pytest.raises(BadRegulation, match="S99-1 stands twice"):
        assemble([twin])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "S99"', 'id = "S98"', "S99-1 is no clause of S98"),
        ('rule = "S99-1"', 'rule = "S99-2"', "rests on S99-2"),
        ('bound_by = "S99-1"\n', "", "go together"),
        ("floor = 6\n", "", "go together"),
        ("default = 12", "default = 5", "past its own bound"),
        ("default = 12", "default = 12\nceiling = 11", "past its own bound"),
    ],
)
def test_a_regulation_that_contradicts_itself_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(BadRegulation, match=why):
        assemble([small(old, new)])


def test_each_rule_that_decides_has_a_clause() -> None:
    for module in pkgutil.iter_modules(graph.law.__path__, "graph.law."):
        importlib.import_module(module.name)

    assert len(RULES) > 20
    assert RULES.keys() - load().clauses.keys() == set()


def mentions(path: Path) -> Iterator[tuple[str, bool]]:
    """Each rule id in the string literals of a file, and whether it is the whole literal."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for match in RULE_ID.finditer(node.value):
                yield match[0].rstrip("."), match[0] == node.value


def test_each_rule_id_written_in_the_law_and_the_registers_has_a_clause() -> None:
    """Prose may name a whole article (S03-4.5); a literal that is a rule id names exactly one clause."""
    ids = load().clauses.keys()
    files = [*(ROOT / "graph" / "law").glob("*.py"), *(ROOT / "storage").rglob("*.py")]

    unknown = {
        f"{path.relative_to(ROOT)}: {rule_id}"
        for path in files
        for rule_id, alone in mentions(path)
        if rule_id not in ids
        and (alone or not any(re.match(rf"{re.escape(rule_id)}[.a-z]", each) for each in ids))
    }

    assert unknown == set()
