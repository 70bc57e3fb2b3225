"""A finding as a sentence: it names its subject, once."""

from __future__ import annotations

import pytest

from api.http.findings import told
from api.texts import Language

NAMES = {"R301": {"zh": "R301 保密室", "en": "R301 secret room"}}


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "R301 保密室 没有责任人"), ("en", "Nobody answers for R301 secret room")]
)
def test_a_reason_that_names_its_subject_is_not_put_under_it_again(language: Language, said: str) -> None:
    found = told("reason.nobody-answers-for", "R301", "", {"place": "R301"}, NAMES, language)

    assert found.count(NAMES["R301"][language]) == 1
    assert found == said


def test_a_reason_that_does_not_is_put_under_its_subject() -> None:
    found = told("reason.not-cleared", "R301", "", {}, NAMES, "zh")

    assert found.startswith("R301 保密室：")
