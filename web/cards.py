"""Pictures that chat apps show below a link: PNG, drawn with the fonts of the machine."""

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH_PX, HEIGHT_PX = 1200, 630
_MARGIN_PX = 72
_ROOM_PX = WIDTH_PX - 2 * _MARGIN_PX
_HALL, _INK, _MUTED, _BRASS, _ON_BRASS = "#0e0f18", "#f1f2f6", "#a4a9bb", "#e9ae2b", "#161a2b"
# By name: Pillow looks for them where the system keeps fonts. The empty one is Pillow's own.
_FONTS = (
    "DejaVuSans-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
    "NanumGothicBold.ttf",
    "AppleSDGothicNeo.ttc",
    "",
)
_NOWHERE = "\U0010ffff"
# Emoji and what goes with them: no plain font has them, and a title reads well without.
_UNDRAWN = ("So", "Sk", "Mn", "Cf")
_LEAST_PX = 34


@lru_cache(maxsize=64)
def draw(title: str, code: str = "", lines: Sequence[str] = ()) -> bytes:
    """A picture with a title, a room code in large letters, or a few lines.

    What no font of the machine can write is left out: a chat app shows the title as text, too.
    """
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), _HALL)
    pen = ImageDraw.Draw(picture)
    _draw_ring(pen)
    _write(pen, "Ringside", top_px=68, left_px=_MARGIN_PX + 84, size_px=44, colour=_MUTED)
    _write(pen, title, top_px=190, size_px=84)
    if code:
        _draw_code(pen, code)
    for row, line in enumerate(lines):
        _write(pen, line, top_px=330 + 84 * row, size_px=56, colour=_INK if row else _BRASS)
    written = BytesIO()
    picture.quantize(32, Image.Quantize.FASTOCTREE).save(written, "PNG")
    return written.getvalue()


def _draw_ring(pen: ImageDraw.ImageDraw) -> None:
    """Our icon, and the ropes at the foot."""
    left, top = _MARGIN_PX, 60
    pen.rectangle((left, top, left + 64, top + 64), fill=_BRASS)
    for inset in (10, 20):
        box = (left + inset, top + inset, left + 64 - inset, top + 64 - inset)
        pen.rectangle(box, outline=_ON_BRASS, width=4)
    for across in (4, 46):
        for down in (4, 46):
            corner = (left + across, top + down, left + across + 14, top + down + 14)
            pen.rectangle(corner, fill=_ON_BRASS)
    for rope in range(3):
        top = HEIGHT_PX - 54 + 16 * rope
        pen.rectangle((0, top, WIDTH_PX, top + 5), fill=_BRASS)


def _draw_code(pen: ImageDraw.ImageDraw, code: str) -> None:
    name, pitch = _family(code), _ROOM_PX / len(code)
    for place, letter in enumerate(code):
        left = _MARGIN_PX + pitch * place
        pen.rounded_rectangle((left, 336, left + pitch - 16, 536), radius=14, fill=_BRASS)
        middle = (left + (pitch - 16) / 2, 436)
        pen.text(middle, letter, font=_load(name or "", 150), fill=_ON_BRASS, anchor="mm")


def _write(
    pen: ImageDraw.ImageDraw, text: str, *, top_px: int, size_px: int, left_px: int = _MARGIN_PX,
    colour: str = _INK,
) -> None:  # fmt: skip
    """One line, smaller until it fits, at last cut."""
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _UNDRAWN)
    name, room_px = _family(text), WIDTH_PX - _MARGIN_PX - left_px
    if name is None:
        return
    font = _load(name, size_px)
    if (share := room_px / max(font.getlength(text), 1)) < 1:
        font = _load(name, max(_LEAST_PX, int(size_px * share)))
    while font.getlength(text) > room_px:
        text = text.rstrip("…")[:-1] + "…"
    pen.text((left_px, top_px), text, font=font, fill=colour)


@lru_cache(maxsize=256)
def _family(text: str) -> str | None:
    """The first font that has every sign of a text, by its name."""
    return next((name for name in _installed() if _has_all(_load(name, _LEAST_PX), text)), None)


@cache
def _installed() -> list[str]:
    """The fonts of our list that this machine has: looking for one walks through its folders."""
    found = []
    for name in _FONTS:
        with suppress(OSError):
            _load(name, _LEAST_PX)
            found.append(name)
    return found


@lru_cache(maxsize=64)
def _load(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(name, size_px) if name else ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise OSError("Pillow was built without FreeType.")
    return font


def _has_all(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask(_NOWHERE))
    return all(sign.isspace() or bytes(font.getmask(sign)) != missing for sign in set(text))
