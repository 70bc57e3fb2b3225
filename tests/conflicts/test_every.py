"""Each conflict of the first three regulations, and each that they share with others, has a test that bears its id."""

from __future__ import annotations

import re
from pathlib import Path

SETTLED = {*(f"c{n:02}" for n in range(1, 11)), "c19", "c20", "c21", "c22", "c23", "c29"}


def test_every_settled_conflict_is_tested_by_its_id() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py")))

    assert sorted(re.findall(r"^(?:async )?def test_(c\d\d)_", text, flags=re.MULTILINE)) == sorted(SETTLED)
