"""Page counts, page images and text of files, by pypdfium2 and Pillow. Blocking: called off the event loop.

Sizes are bounded: a picture of more points than MOST_PIXELS is refused before it is decoded, and no page is drawn larger than
LONGEST_EDGE. A file that cannot be read is refused as in `storage.truetype`.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

import pypdfium2
from PIL import Image, ImageOps

from graph.errors import BadField
from storage.truetype import JPEG, PDF, PNG, TIFF, CutShort, pdfium_lock, picture_read

LONGEST_EDGE: Final = 2000
DPI: Final = 110
MOST_PAGES: Final = 2000
MOST_PIXELS: Final = 89_000_000
MOST_TEXT: Final = 4_000_000
"""Characters of one file that are indexed: about 2,500 printed pages."""
FORMS: Final = {PNG.media_type: "PNG", JPEG.media_type: "JPEG", TIFF.media_type: "TIFF"}


def count_pages(source: BinaryIO, media_type: str) -> int | None:
    """How many pages a file has, all of which can be drawn; None for what has none. Raises BadField("file")."""
    if media_type == PDF.media_type:
        with _document(source) as document:
            return len(document)
    if media_type in FORMS:
        return sum(1 for _ in _frames(source, FORMS[media_type]))
    return None


def pages(source: BinaryIO, media_type: str) -> Generator[bytes, None, None]:
    """Each page as PNG, one at a time."""
    if media_type == PDF.media_type:
        yield from _pdf_pages(source)
    elif media_type in FORMS:
        for frame in _frames(source, FORMS[media_type]):
            with picture_read(FORMS[media_type]):
                page = _as_page(frame)
            yield _png(page)


def text_of(source: BinaryIO, media_type: str) -> str:
    """The text a born-digital PDF holds, its beginning where it is very long; empty for a scan."""
    if media_type != PDF.media_type:
        return ""
    found, length = [], 0
    with _document(source) as document:
        for number in range(len(document)):
            found.append(_page_text(document, number))
            length += len(found[-1])
            if length >= MOST_TEXT:
                break
    return "\n".join(found)[:MOST_TEXT]


@contextmanager
def _document(source: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    with pdfium_lock, _pdf_read():
        document = pypdfium2.PdfDocument(source)
    try:
        if len(document) > MOST_PAGES:
            raise BadField("file", "too-many-pages", most=str(MOST_PAGES))
        yield document
    finally:
        with pdfium_lock:
            document.close()


@contextmanager
def _pdf_read() -> Iterator[None]:
    try:
        yield
    except pypdfium2.PdfiumError as error:
        raise CutShort(f"the PDF cannot be read: {error}") from error


def _pdf_pages(source: BinaryIO) -> Iterator[bytes]:
    with _document(source) as document:
        for number in range(len(document)):
            yield _png(_drawn(document, number))


def _drawn(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    with pdfium_lock, _pdf_read():
        page = document[number]
        try:
            scale = min(DPI / 72, LONGEST_EDGE / max(*page.get_size(), 1))
            bitmap = page.render(scale=scale)
            try:
                drawn: Image.Image = bitmap.to_pil().convert("RGB")
                return drawn
            finally:
                bitmap.close()
        finally:
            page.close()


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    with pdfium_lock, _pdf_read():
        page = document[number]
        try:
            words = page.get_textpage()
            try:
                return str(words.get_text_bounded())
            finally:
                words.close()
        finally:
            page.close()


def _frames(source: BinaryIO, form: str) -> Iterator[Image.Image]:
    """The picture's pages, not yet decoded: of a TIFF each, of the others the first."""
    with picture_read(form):
        image = Image.open(source, formats=[form])
    with image:
        with picture_read(form):
            count = int(getattr(image, "n_frames", 1)) if form == "TIFF" else 1
        if count > MOST_PAGES:
            raise BadField("file", "too-many-pages", most=str(MOST_PAGES))
        for number in range(count):
            with picture_read(form):
                image.seek(number)
            if image.width * image.height > MOST_PIXELS:
                raise BadField("file", "too-many-pixels")
            yield image


def _as_page(frame: Image.Image) -> Image.Image:
    """Upright, on white, in grey or colour, no edge longer than the longest. What is large is made smaller first."""
    if frame.format == "JPEG":
        frame.draft(None, (LONGEST_EDGE, LONGEST_EDGE))
    page = _plain(frame)
    scale = min(1.0, LONGEST_EDGE / max(page.size))
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    page = ImageOps.exif_transpose(page.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
    if page.mode in {"RGBA", "LA"}:
        paper = Image.new("RGBA", page.size, "white")
        paper.alpha_composite(page.convert("RGBA"))
        return paper.convert("RGB")
    return page


def _plain(frame: Image.Image) -> Image.Image:
    """In a mode that can be made smaller: grey or colour, with or without transparency."""
    if frame.mode in {"L", "RGB", "LA", "RGBA"} and "transparency" not in frame.info:
        return frame
    if frame.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would cut to white
        return frame.point(lambda value: value / 256).convert("L")
    if frame.mode == "1":
        return frame.convert("L")
    return frame.convert("RGBA" if frame.has_transparency_data else "RGB")


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3)
    return out.getvalue()
