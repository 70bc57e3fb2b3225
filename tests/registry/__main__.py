"""`make regulations`: writes docs/regulations.md anew."""

from __future__ import annotations

from tests.registry.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
print(f"{PAGE}: {page().splitlines()[5]}")
