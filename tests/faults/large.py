"""A PDF of any size that is one: its one page is small, and beside it stands a stream of random bytes that no page shows."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator, Iterator

BLOCK = 1 << 20
_BLOCKS = 7
"""Different ones, in turn: a chunk in another's place would be another chunk."""


class LargePdf:
    """About `size` bytes, made again wherever they are wanted, never all in memory."""

    def __init__(self, size: int, seed: int = 7) -> None:
        drawn = random.Random(seed)  # noqa: S311  (filling, no secret)
        self._blocks = [drawn.randbytes(BLOCK) for _ in range(_BLOCKS)]
        self._count = max(1, size // BLOCK)
        self._before, self._after = _around(self._count * BLOCK)
        self.size = len(self._before) + self._count * BLOCK + len(self._after)

    def pieces(self, offset: int = 0) -> Iterator[bytes]:
        passed = 0
        for piece in self._all():
            skipped = max(0, offset - passed)
            passed += len(piece)
            if skipped < len(piece):
                yield piece[skipped:] if skipped else piece

    def _all(self) -> Iterator[bytes]:
        yield self._before
        for number in range(self._count):
            yield self._blocks[number % _BLOCKS]
        yield self._after

    async def stream(self, offset: int = 0) -> AsyncIterator[bytes]:
        for piece in self.pieces(offset):
            yield piece

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


def _around(filling: int) -> tuple[bytes, bytes]:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    before, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(before))
        before += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    offsets.append(len(before))
    before += b"4 0 obj\n<< /Length %d >>\nstream\n" % filling
    after = b"\nendstream\nendobj\n"
    start = len(before) + filling + len(after)
    after += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % each for each in offsets)
    after += b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return before, after
