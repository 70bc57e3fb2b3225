"""Page counts, page images and text of files, by pypdfium2 and Pillow. Blocking: called off the event loop.

Sizes are bounded: no image larger than the limit is decoded, no page drawn larger than LONGEST_EDGE.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pypdfium2
from PIL import Image, ImageSequence

from graph.errors import BadField
from storage.truetype import pdfium_lock

PDF = "application/pdf"
IMAGES = frozenset({"image/tiff", "image/png", "image/jpeg"})
LONGEST_EDGE = 2000
DPI = 110
MOST_PAGES = 2000
MOST_PIXELS = 120_000_000


def count_pages(source: BinaryIO, media_type: str) -> int | None:
    """How many pages a file has; None for what has none."""
    if media_type == PDF:
        with _document(source) as document:
            return len(document)
    if media_type in IMAGES:
        with Image.open(source) as image:
            return int(getattr(image, "n_frames", 1))
    return None


def pages(source: BinaryIO, media_type: str) -> Iterator[bytes]:
    """Each page as PNG."""
    if media_type == PDF:
        yield from _pdf_pages(source)
    elif media_type in IMAGES:
        yield from _image_pages(source)


def text_of(source: BinaryIO, media_type: str) -> str:
    """The text a born-digital PDF holds; empty for a scan."""
    if media_type != PDF:
        return ""
    with _document(source) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@contextmanager
def _document(source: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    with pdfium_lock:
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError:
            raise BadField("file", "file-cut-short") from None
        try:
            if len(document) > MOST_PAGES:
                raise BadField("file", "too-many-pages", most=str(MOST_PAGES))
            yield document
        finally:
            document.close()


def _pdf_pages(source: BinaryIO) -> Iterator[bytes]:
    with _document(source) as document:
        for page in document:
            width, height = page.get_size()
            scale = min(DPI / 72, LONGEST_EDGE / max(width, height, 1))
            yield _png(page.render(scale=scale).to_pil())


def _image_pages(source: BinaryIO) -> Iterator[bytes]:
    with Image.open(source) as image:
        for frame in ImageSequence.Iterator(image):
            if frame.width * frame.height > MOST_PIXELS:
                raise BadField("file", "too-many-pixels")
            page = frame.convert("RGB")
            page.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
            yield _png(page)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "PNG", compress_level=3)
    return out.getvalue()
