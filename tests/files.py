"""Small files that are what they say: scans as PDF and TIFF, a born-digital PDF with words in it."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

from api.watermark import font_file
from storage.organisations import scans


def scanned_pdf(pages: int = 3, title: str = "乙号通报", seed: int = 7) -> bytes:
    return scans.as_pdf(scans.scanned(title, pages=pages, font=_font(), seed=seed))


def scanned_tiff(pages: int = 2) -> bytes:
    return scans.as_tiff(scans.scanned("丙号统计", pages=pages, font=_font(), seed=8))


def picture(kind: str = "PNG") -> bytes:
    image = Image.new("RGB", (400, 560), "white")
    ImageDraw.Draw(image).rectangle((40, 40, 360, 200), outline="black", width=4)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def worded_pdf(words: str) -> bytes:
    """One page with ASCII words as text, written by hand: what a word processor would have made."""
    content = f"BT /F1 18 Tf 60 700 Td ({words}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def large_pdf(size: int, words: str = "harbour") -> tuple[bytes, bytes, int]:
    """A PDF of at least so many bytes as its beginning, its end, and how many zeros lie between them."""
    whole = worded_pdf(words)
    head, table = whole[: whole.rindex(b"xref\n0 ")], whole[whole.rindex(b"xref\n0 ") :]
    opening = b"6 0 obj\n<< /Length %d >>\nstream\n" % size
    closing = b"\nendstream\nendobj\n"
    start = len(head) + len(opening) + size + len(closing)
    end = table[: table.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % start
    return head + opening, closing + end, size


def _font() -> Path:
    return font_file()
