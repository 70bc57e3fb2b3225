"""The watermark burnt into a page at the moment it is served: name, time, reading reference."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from graph.errors import Broken

FONTS = (
    Path(__file__).parent / "static" / "fonts" / "NotoSansSC-Regular.ttf",
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
SLANT = 24
STEP_X, STEP_Y = 460, 230


def burn(page: bytes, text: str) -> bytes:
    """The page with the text across it, slanted and repeated: visible everywhere, hiding nothing."""
    with Image.open(io.BytesIO(page)) as opened:
        image = opened.convert("RGBA")
    edge = image.width + image.height
    layer = Image.new("RGBA", (edge, edge), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    size = max(18, image.width // 48)
    font = ImageFont.truetype(str(font_file()), size)
    for row, y in enumerate(range(0, edge, STEP_Y)):
        for x in range(
            -(row % 2) * STEP_X // 2, edge, max(STEP_X, int(draw.textlength(text, font=font)) + 60)
        ):
            draw.text((x, y), text, font=font, fill=(150, 30, 30, 70))
    turned = layer.rotate(SLANT, resample=Image.Resampling.BICUBIC)
    left, top = (turned.width - image.width) // 2, (turned.height - image.height) // 2
    marked = Image.alpha_composite(image, turned.crop((left, top, left + image.width, top + image.height)))
    out = io.BytesIO()
    marked.convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


@cache
def font_file() -> Path:
    """A font with Chinese glyphs: the bundle's, or the system's. Raises Broken where there is none."""
    for path in FONTS:
        if path.exists():
            return path
    raise Broken("no Chinese font for watermarks: make bundle builds one")
