"""The proof that nothing was written, as a fixture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from storage.wiring import Wiring
from tests.storage import fingerprint

Unwritten = Callable[[Wiring], AbstractAsyncContextManager[None]]


@pytest.fixture
def unwritten() -> Unwritten:
    """`async with unwritten(wiring):` fails where anything at all was written inside."""
    return fingerprint.unwritten
