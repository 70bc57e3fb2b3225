"""`make regulations`: writes docs/regulations.md and docs/acts.md anew."""

from __future__ import annotations

from tests.registry import acts, page

for made in (page, acts):
    made.PAGE.write_text(made.page(), encoding="utf-8")
    print(f"{made.PAGE.name}: {made.page().splitlines()[5]}")
