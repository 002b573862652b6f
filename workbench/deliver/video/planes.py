"""Pictures as a video codec takes them: one plane of brightness, two of colour at half the size (YUV 4:2:0).

Everything is drawn in RGB once and then moved about in this form, which is what makes a frame cheap. The conversion is
that of ITU-R BT.709 in its limited range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
#: Rows: Y, U, V of red, green, blue, 0 to 255, before 16 or 128 is added.
_WEIGHTS = np.array(
    [[0.18259, 0.61423, 0.06201], [-0.10064, -0.33857, 0.43922], [0.43922, -0.39894, -0.04027]], np.float32
)


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """``y``: uint8 [height, width]; ``u``, ``v``: uint8 [height / 2, width / 2]. Height and width are even."""

    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def frame(cls, width: int, height: int) -> tuple[Bytes, Planes]:
        """A buffer uint8 [height * 3 / 2, width] in PyAV's layout of ``yuv420p``, and its planes as views of it."""
        buffer = np.empty((height * 3 // 2, width), np.uint8)
        half = height * width // 4
        colour = buffer[height:].reshape(-1)
        u, v = (colour[at * half : (at + 1) * half].reshape(height // 2, width // 2) for at in (0, 1))
        return buffer, cls(buffer[:height], u, v)


def planes(rgb: Bytes) -> Planes:
    """From RGB, uint8 [height, width, 3], both even."""
    colour = rgb.astype(np.float32)
    y = colour @ _WEIGHTS[0] + 16.5
    small = (colour[::2, ::2] + colour[1::2, ::2] + colour[::2, 1::2] + colour[1::2, 1::2]) / 4
    u, v = small @ _WEIGHTS[1] + 128.5, small @ _WEIGHTS[2] + 128.5
    return Planes(y.astype(np.uint8), u.astype(np.uint8), v.astype(np.uint8))


def colour_of(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
    """Y, U, V of one colour."""
    y, u, v = (_WEIGHTS @ np.array(rgb, np.float32)).tolist()
    return y + 16.0, u + 128.0, v + 128.0


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A picture to be laid over others: ``cover`` and ``half`` say how much of it shows, 0 to 256, at both sizes.

    ``parts``: Y, U, V times their cover, ready to be added.
    """

    cover: NDArray[np.uint16]
    half: NDArray[np.uint16]
    parts: tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]]

    @classmethod
    def of(cls, rgb: Bytes, alpha: Floats) -> Layer:
        """From RGB, uint8 [height, width, 3], and how much of it shows, 0.0 to 1.0 [height, width]; both even."""
        made = planes(rgb)
        cover = np.rint(256 * alpha).astype(np.uint16)
        small = (alpha[::2, ::2] + alpha[1::2, ::2] + alpha[::2, 1::2] + alpha[1::2, 1::2]) / 4
        half = np.rint(256 * small).astype(np.uint16)
        return cls(cover, half, (made.y * cover, made.u * half, made.v * half))

    def lay(self, onto: Planes, left: int, top: int, strength: int = 256) -> None:
        """Blend it over ``onto``, its corner at an even place; ``strength`` 0 to 256. What lies outside is cut off."""
        height, width = self.cover.shape
        high, wide = onto.y.shape
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(wide, left + width), min(high, top + height)
        if x0 >= x1 or y0 >= y1:
            return
        for plane, cover, part, size in (
            (onto.y, self.cover, self.parts[0], 1), (onto.u, self.half, self.parts[1], 2),
            (onto.v, self.half, self.parts[2], 2),
        ):  # fmt: skip
            rows, columns = slice(y0 // size, y1 // size), slice(x0 // size, x1 // size)
            inside = (slice((y0 - top) // size, (y1 - top) // size), slice((x0 - left) // size, (x1 - left) // size))
            shown, add = cover[inside], part[inside]
            if strength < 256:
                shown = (shown.astype(np.uint32) * strength >> 8).astype(np.uint16)
                add = (add.astype(np.uint32) * strength >> 8).astype(np.uint16)
            below = plane[rows, columns]
            plane[rows, columns] = (below * (256 - shown) + add) >> 8
