"""Levels of secrecy and the clearance that each answers to (S01-3a–c, S01-2b).

Two families that are never compared (S01-2b, C20): state secrets on one scale, and unit-internal matters with
need-to-know only. A person cleared to a level is 核心, 重要 or 一般.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Scheme = Literal["state", "internal"]


class Level(msgspec.Struct, frozen=True):
    """`rank` orders levels of one scheme; `clearance_rule` is the rule that ties a clearance to the level."""

    id: str
    scheme: Scheme
    rank: int
    zh: str
    en: str
    clearance_zh: str = ""
    clearance_en: str = ""
    clearance_rule: str = ""


TOP_SECRET = Level("top-secret", "state", 3, "绝密", "Top secret", "核心", "Core", "S01-3a")
SECRET = Level("secret", "state", 2, "机密", "Secret", "重要", "Important", "S01-3b")
CONFIDENTIAL = Level("confidential", "state", 1, "秘密", "Confidential", "一般", "Ordinary", "S01-3c")
INTERNAL = Level("internal", "internal", 0, "内部", "Internal")

LEVELS: dict[str, Level] = {level.id: level for level in (TOP_SECRET, SECRET, CONFIDENTIAL, INTERNAL)}
NO_CLEARANCE_RULE = "S01-3c"
"""Without a secret post there is no level, and no access to any state secret."""
