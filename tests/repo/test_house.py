"""House rules that a machine can check."""

from __future__ import annotations

import inspect
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import api.cli  # noqa: F401  (brings every room, and with them every error and act)
import storage.vault_directory
import storage.vault_minio  # noqa: F401
from api import errors, settings, texts
from graph.errors import ZhixiError
from graph.kinds import RELATIONS
from graph.settings import GraphSettings
from storage.act import ACTS
from storage.settings import StorageSettings
from tests import run

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("api", "graph", "storage", "workers")
FORMER_CODES = re.compile(
    r"""(?:BadField|FieldError)\(\s*(?:f?"[^"]*"|[\w.\[\]]+),\s*"(?P<field>[a-z-]+)"|NotSignedIn\("(?P<signin>[a-z-]+)"\)"""
)
REASONS = re.compile(
    r"""(?:Reason|refusal)\(\s*\((?:[^()]|\([^()]*\))*\)\s*,\s*f?"(?P<code>[a-z-]+)"|remedy="(?P<remedy>[a-z-]+)\""""
)


def sources(*suffixes: str) -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )  # fmt: skip
    for line in listed.stdout.splitlines():
        path = ROOT / line
        if path.suffix in suffixes and path.is_file():
            yield path


def product() -> Iterator[tuple[Path, str]]:
    for path in sources(".py"):
        if path.relative_to(ROOT).parts[0] in ROOMS:
            yield path, path.read_text(encoding="utf-8")


def subclasses(kind: type[ZhixiError]) -> Iterator[type[ZhixiError]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_both_catalogues_hold_the_same_codes_with_the_same_placeholders() -> None:
    zh, en = texts.catalogue("zh"), texts.catalogue("en")

    assert set(zh) == set(en)
    assert [code for code in zh if not zh[code].strip() or not en[code].strip()] == []
    assert [code for code in zh if _holes(zh[code]) != _holes(en[code])] == []


def _holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_code_in_the_source_has_its_sentence() -> None:
    known = texts.catalogue("zh")
    wanted = set()
    for _, source in product():
        for found in FORMER_CODES.finditer(source):
            wanted.add(f"field.{found['field']}" if found["field"] else f"sign-in.{found['signin']}")
        for found in REASONS.finditer(source):
            wanted.add(f"reason.{found['code']}" if found["code"] else f"remedy.{found['remedy']}")
        wanted |= set(re.findall(r'\btext\(\s*[\w.()]+,\s*"([a-z.-]+)"', source))
    wanted |= {f"problem.{code}" for _, code in errors.STATUS.values()}

    assert len(wanted) > 100
    assert sorted(wanted - set(known)) == []


def test_every_error_is_mapped_to_a_problem_document() -> None:
    for kind in subclasses(ZhixiError):
        mapped = next(each for each in kind.__mro__ if each in errors.STATUS)
        assert mapped is not ZhixiError, f"{kind.__name__} falls through to the root"


def test_every_problem_is_documented() -> None:
    documented = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")

    assert [code for _, code in errors.STATUS.values() if f"`{code}`" not in documented] == []


def test_every_setting_is_described_and_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")

    assert [name for name in settings.NAMES | settings.CLIENT if f"`{name}`" not in documented] == []
    assert [name for name in settings.NAMES if name not in example] == []
    for struct in (GraphSettings, StorageSettings, settings.HttpSettings):
        described = inspect.getsource(struct).count("description=")
        assert described == len(struct.__struct_fields__), struct.__name__


def test_every_act_has_words_examples_and_rules() -> None:
    for kind in ACTS.values():
        assert kind.zh, kind.name
        assert kind.en, kind.name
        assert kind.rules, kind.name
        assert kind.examples or not kind.public, kind.name


def test_every_relation_has_words_of_two_to_six_characters() -> None:
    assert [kind.name for kind in RELATIONS.values() if not 2 <= len(kind.word) <= 6] == []


def test_every_runtime_dependency_has_its_reason() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    reasons = "\n".join(
        path.read_text(encoding="utf-8").lower() for path in (ROOT / "docs" / "decisions").glob("*.md")
    )
    aliases = {"tzdata": "time zone", "aiosqlite": "sqlite", "asyncpg": "asyncpg", "pillow": "pillow"}

    names = [re.split(r"[<>=\[;]", line)[0].strip().lower() for line in declared]
    assert [name for name in names if name not in reasons and aliases.get(name, name) not in reasons] == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later_in_the_source(word: str) -> None:
    assert [str(path) for path, source in product() if re.search(rf"\b{word}\b", source)] == []


def test_no_template_holds_words_of_its_own() -> None:
    found = []
    for path in sources(".html", ".jinja", ".j2"):
        source = path.read_text(encoding="utf-8")
        bare = re.sub(
            r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<script.*?</script>|<style.*?</style>",
            " ",
            source,
            flags=re.DOTALL,
        )
        attributes = re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"]*)"', bare)
        words = re.findall(
            r"[A-Za-z]{2,}|[\u4e00-\u9fff]+", re.sub(r"<[^>]*>|&\w+;", " ", bare) + " ".join(attributes)
        )
        found += [
            f"{path.name}: {word}"
            for word in words
            if word not in {"Zhixi", "知悉", "English", "中文", "CSV", "Excel", "SVG", "PNG"}
        ]

    assert found == []


def test_the_command_line_is_the_console_script() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert declared["project"]["scripts"] == {"zhixi": "api.cli:main"}


def test_every_folder_of_tests_is_run_by_one_of_the_suites() -> None:
    folders = {
        path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")
    }

    assert folders - {*run.ONCE, *run.ENGINE_SUITES} == set()
