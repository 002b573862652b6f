"""Drawing with soft edges: rounded boxes, discs and writing on RGB pictures, uint8 [height, width, 3]."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.deliver.video.planes import Bytes, Floats

if TYPE_CHECKING:
    from PIL import ImageFont

Colour = tuple[float, float, float]
#: Fills of the dark palette in ``workbench/web/src/ui/palette.ts``, and its shapes; a test compares them.
FILLS = ("#6f93f0", "#f4ae52", "#2fa58a", "#eda3c3", "#8659c2", "#9bd6f5", "#d1604b", "#d6db75")
#: Fonts that hold letters of most scripts, where a system has them; the last resort comes with the drawing library.
_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSans-Regular.ttf", "PingFang.ttc", "msyh.ttc", "Arial Unicode.ttf",
    "wqy-microhei.ttc", "DejaVuSans.ttf", "Helvetica.ttc", "segoeui.ttf", "arial.ttf", "LiberationSans-Regular.ttf",
)  # fmt: skip


def hexed(text: str) -> Colour:
    """Red, green, blue, 0 to 255, of ``#rrggbb``."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def track_colour(color: int) -> Colour:
    """The colour of a track on a dark ground."""
    return hexed(FILLS[color % len(FILLS)])


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with ``share`` (0 to 1) of ``other``."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def rounded(width: int, height: int, box: tuple[float, float, float, float], radius: float) -> Floats:
    """How far inside a rounded box each pixel's middle lies, in pixels (outside: negative), float32 [height, width].

    ``box``: left, top, right, bottom. A signed distance (I. Quilez's formula for a rounded box), good for soft edges.
    """
    left, top, right, bottom = box
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - (left + right) / 2) - (right - left) / 2 + radius
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - (top + bottom) / 2) - (bottom - top) / 2 + radius
    outside = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    inside = np.minimum(np.maximum(x[None, :], y[:, None]), 0)
    distance: Floats = radius - outside - inside
    return distance


def blend(picture: Bytes, left: int, top: int, colour: Floats | Colour, alpha: NDArray[Any]) -> None:
    """Lay a colour (or float32 [height, width, 3]) over a picture, ``alpha`` float [height, width] saying how much."""
    height, width = alpha.shape
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(picture.shape[1], left + width), min(picture.shape[0], top + height)
    if x0 >= x1 or y0 >= y1:
        return
    inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    shown = alpha[inside][..., None]
    over: Any = np.asarray(colour, np.float32)
    over = over[inside] if over.ndim == 3 else over
    below = picture[y0:y1, x0:x1]
    picture[y0:y1, x0:x1] = (below * (1 - shown) + over * shown + 0.5).astype(np.uint8)


def box(picture: Bytes, place: tuple[float, float, float, float], colour: Colour, radius: float = 0.0,
        alpha: float = 1.0) -> None:  # fmt: skip
    """Fill a box with rounded corners; ``place``: left, top, right, bottom, which may lie between pixels."""
    left, top = int(np.floor(place[0])), int(np.floor(place[1]))
    width, height = int(np.ceil(place[2])) - left, int(np.ceil(place[3])) - top
    if width < 1 or height < 1:
        return
    moved = (place[0] - left, place[1] - top, place[2] - left, place[3] - top)
    limit = min(radius, (place[2] - place[0]) / 2, (place[3] - place[1]) / 2)
    blend(picture, left, top, colour, np.clip(rounded(width, height, moved, limit) + 0.5, 0, 1) * np.float32(alpha))


@functools.lru_cache(maxsize=16)
def font(size: int, text: str = "") -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of this size in pixels that has letters for ``text``, as far as this system has one."""
    from PIL import ImageFont

    plain = ImageFont.load_default(size)
    signs = {sign for sign in text if not sign.isspace()}
    if text.isascii() or _has(plain, signs):
        return plain
    for name in _FONTS:
        try:
            found = ImageFont.truetype(name, size)
        except OSError:
            continue
        if _has(found, signs):
            return found
    return plain


def _has(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, signs: set[str]) -> bool:
    """Whether a font draws all signs as something else than the box for what is missing."""
    missing = bytes(font.getmask("\U0010fffe"))
    return all(bytes(font.getmask(sign)) != missing for sign in signs)


def written(text: str, size: int, width: int, lines: int = 1) -> list[str]:
    """The text in at most ``lines`` lines of at most ``width`` pixels, cut with an ellipsis where it is longer."""
    face = font(size, text)
    out: list[str] = []
    words = text.split() or [""]
    while words and len(out) < lines:
        line = words.pop(0)
        while words and face.getlength(f"{line} {words[0]}") <= width:
            line += f" {words.pop(0)}"
        out.append(line)
    out[-1] = " ".join([out[-1], *words])
    return [_cut(line, face, width) for line in out]


def _cut(line: str, face: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    while len(line) > 1 and face.getlength(line) > width:
        line = line.rstrip("\u2026")[:-1].rstrip() + "\u2026"
    return line


def write(picture: Bytes, text: str, place: tuple[float, float], size: int, colour: Colour, *, anchor: str = "mm",
          alpha: float = 1.0) -> None:  # fmt: skip
    """Write one line; ``anchor`` as Pillow names it: which point of the writing lies at ``place``."""
    from PIL import Image, ImageDraw

    mask = Image.new("L", (picture.shape[1], size * 2))
    ImageDraw.Draw(mask).text((place[0], size), text, 255, font=font(size, text), anchor=anchor)
    blend(picture, 0, round(place[1]) - size, colour, np.asarray(mask, np.float32) / 255 * np.float32(alpha))


def polygon(picture: Bytes, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Fill a polygon, its corners in pixels, with soft edges."""
    from PIL import Image, ImageDraw

    left, top = (int(min(point[axis] for point in points)) - 1 for axis in (0, 1))
    width, height = (int(max(point[axis] for point in points)) + 2 - (left, top)[axis] for axis in (0, 1))
    large = Image.new("L", (4 * width, 4 * height))
    ImageDraw.Draw(large).polygon([(4 * (x - left), 4 * (y - top)) for x, y in points], 255)
    cover = np.asarray(large, np.float32).reshape(height, 4, width, 4).mean(axis=(1, 3)) / 255
    blend(picture, left, top, colour, cover.astype(np.float32))
