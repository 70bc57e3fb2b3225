"""The watermark burnt into a page at the moment it is served: name, time, reading reference."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from graph.errors import Broken

FONTS: Final = (
    Path(__file__).parent / "static" / "fonts" / "NotoSansSC-Regular.ttf",
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
)
SLANT: Final = 24
INK: Final = (150, 30, 30)
STRENGTH: Final = 70
"""Of 255: read easily on white, and what lies under it is read as well."""


def burn(page: bytes, text: str, fonts: Sequence[Path] = FONTS) -> bytes:
    """The page with the text across it, slanted and repeated: visible everywhere, hiding nothing. PNG in, PNG out."""
    with Image.open(io.BytesIO(page), formats=["PNG"]) as opened:
        image = opened.convert("RGB")
    stamp = _stamp(text, max(14, image.width // 48), font_file(tuple(fonts)))
    wide, high = max(80, int(stamp.width * 0.86)), max(60, int(stamp.height * 0.62))
    for row, top in enumerate(range(-stamp.height // 2, image.height, high)):
        for left in range(-stamp.width // 2 - (row % 2) * wide // 2, image.width, wide):
            image.paste(INK, (left, top), stamp)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _stamp(text: str, size: int, font: Path) -> Image.Image:
    """The text once, slanted, as a mask."""
    letters = ImageFont.truetype(str(font), size)
    left, top, right, bottom = letters.getbbox(text)
    level = Image.new("L", (int(right - left) + size, int(bottom - top) + size))
    ImageDraw.Draw(level).text((size / 2 - left, size / 2 - top), text, font=letters, fill=STRENGTH)
    return level.rotate(SLANT, resample=Image.Resampling.BICUBIC, expand=True)


@cache
def font_file(fonts: tuple[Path, ...] = FONTS) -> Path:
    """A font with Chinese glyphs: the bundle's, or the system's. Raises Broken where there is none."""
    for path in fonts:
        if path.exists():
            return path
    raise Broken("no Chinese font for watermarks: `make bundle` fetches one")
