"""Pages that look scanned: Chinese text drawn on paper, a little skewed, unevenly lit and noisy; as PDF or TIFF."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

DPI = 150
WIDTH, HEIGHT = 1240, 1754
"""A4 at 150 dots an inch."""

_SENTENCES = (
    "各处室要高度重视保密工作，严格执行有关规定。", "本通报仅限知悉范围内人员阅读，不得复制、摘抄。",
    "经研究决定，现将有关事项通知如下。", "要加强载体全过程管理，做到随时掌握去向。", "请于收到后三日内登记、编号并存入保密柜。",
    "凡因工作需要扩大知悉范围的，须报主管领导批准。", "离岗人员应当及时清退所持有的全部涉密载体。",
    "年度清查发现的问题，应当及时报告并限期整改。", "会议要求，压实责任，堵塞漏洞，确保万无一失。",
)  # fmt: skip


def scanned(title: str, *, pages: int, font: Path, seed: int) -> list[Image.Image]:
    """Grey images of A4 pages. The same seed makes the same pages."""
    chance = random.Random(seed)  # noqa: S311  (looks, not secrets)
    return [_page(title, number, pages, font, chance) for number in range(1, pages + 1)]


def as_pdf(images: Sequence[Image.Image]) -> bytes:
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=list(images[1:]), resolution=DPI)
    return out.getvalue()


def blank() -> bytes:
    """One empty sheet as PDF, where only its being there matters."""
    return as_pdf([Image.new("L", (WIDTH // 4, HEIGHT // 4), 245)])


def as_tiff(images: Sequence[Image.Image]) -> bytes:
    out = io.BytesIO()
    images[0].save(
        out, "TIFF", save_all=True, append_images=list(images[1:]), dpi=(DPI, DPI), compression="tiff_lzw"
    )
    return out.getvalue()


def _page(title: str, number: int, pages: int, font: Path, chance: random.Random) -> Image.Image:
    paper = Image.new("L", (WIDTH, HEIGHT), chance.randint(238, 250))
    draw = ImageDraw.Draw(paper)
    large, plain, small = (ImageFont.truetype(str(font), size) for size in (44, 30, 22))
    top = 150
    if number == 1:
        draw.text((WIDTH / 2, top), title, font=large, fill=20, anchor="mm")
        draw.line((140, top + 50, WIDTH - 140, top + 50), fill=60, width=3)
        top += 110
    while top < HEIGHT - 190:
        line = "".join(chance.choice(_SENTENCES) for _ in range(2))[:33]
        draw.text((150, top), line, font=plain, fill=chance.randint(15, 50))
        top += 56
    draw.text((WIDTH / 2, HEIGHT - 110), f"— {number} / {pages} —", font=small, fill=70, anchor="mm")
    return _as_scanned(paper, chance)


def _as_scanned(paper: Image.Image, chance: random.Random) -> Image.Image:
    """Skew by up to a degree, light from one side, and the grain of a cheap scanner."""
    skewed = paper.rotate(chance.uniform(-0.9, 0.9), resample=Image.Resampling.BICUBIC, fillcolor=232)
    light = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).point(lambda value: 255 - value // 12)
    noise = Image.effect_noise((WIDTH, HEIGHT), 18).point(lambda value: 200 + value // 5)
    grained = ImageChops.multiply(ImageChops.multiply(skewed, light), noise)
    return grained.filter(ImageFilter.GaussianBlur(0.5))
