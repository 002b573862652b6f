"""Everything that stands still in a video of falling notes, and what lights up on it: keys, pads, line, writing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from workbench.deliver.video.brush import (
    Colour,
    blend,
    box,
    mixed,
    polygon,
    rounded,
    track_colour,
    write,
    written,
)
from workbench.deliver.video.planes import Bytes, Layer
from workbench.deliver.video.roll import GROUND
from workbench.deliver.video.scene import BLACK, LANES, Box, Part, Scene

_WHITE: Colour = (255, 255, 255)
_IVORY: Colour = (236, 233, 228)
_EBONY: Colour = (33, 30, 42)
_SOFT: Colour = (176, 171, 190)
#: How many tracks the legend names.
_NAMED = 6
#: Corners of the shapes of ``palette.ts`` around the origin: (corners, turn, radii), or points.
_ROUND = {"circle": (24, 0.0, (0.9,)), "star": (10, 0.0, (1.05, 0.45)), "hexagon": (6, 0.5, (0.98,))}
_POINTS: dict[str, Sequence[tuple[float, float]]] = {
    "square": [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)],
    "triangle": [(0, -0.95), (0.95, 0.8), (-0.95, 0.8)],
    "diamond": [(0, -1), (1, 0), (0, 1), (-1, 0)],
    "cross": [
        (-0.35, -0.95), (0.35, -0.95), (0.35, -0.35), (0.95, -0.35), (0.95, 0.35), (0.35, 0.35), (0.35, 0.95),
        (-0.35, 0.95), (-0.35, 0.35), (-0.95, 0.35), (-0.95, -0.35), (-0.35, -0.35),
    ],
    "bar": [(-1, -0.4), (1, -0.4), (1, 0.4), (-1, 0.4)],
}  # fmt: skip
SHAPE_NAMES = ("circle", "square", "triangle", "diamond", "star", "hexagon", "cross", "bar")


def still(scene: Scene) -> Bytes:
    """The picture without notes: ground, keyboard, pads, legend; RGB."""
    picture = np.empty((scene.height, scene.width, 3), np.uint8)
    picture[:] = GROUND
    for key in sorted(scene.keys, key=lambda key: key % 12 in BLACK):
        _key(picture, scene, key, None)
    for lane in scene.pads:
        _pad(picture, scene, lane)
    _legend(picture, scene)
    return picture


def title(scene: Scene) -> Layer:
    """What lies over the notes at the top: they fade in there, and the title stands before them."""
    tall = scene.height > scene.width
    rows = 2 * round(scene.height * (0.21 if tall else 0.17) / 2)
    picture = np.empty((rows, scene.width, 3), np.uint8)
    picture[:] = GROUND
    fade = np.clip(1.25 - np.arange(rows, dtype=np.float32) / rows * 1.25, 0, 1)
    alpha = np.repeat((fade * fade * (3 - 2 * fade))[:, None], scene.width, axis=1)
    if scene.title:
        size = round((38 if tall else 30) * scene.unit)
        place = scene.title_box
        lines = written(scene.title, size, round(place.width if tall else place.width * 0.45), 2 if tall else 1)
        before = picture.copy()
        for number, line in enumerate(lines):
            row = (place.top + place.bottom) / 2 + (number - (len(lines) - 1) / 2) * size * 1.25
            at = (scene.width / 2, row) if tall else (place.left, row)
            write(picture, line, at, size, _WHITE, anchor="mm" if tall else "lm")
        # Writing is solid whatever the fade below it.
        alpha = np.maximum(alpha, np.abs(picture.astype(np.float32) - before).max(axis=2) / 236)
    if not tall:
        legend = np.zeros_like(picture)
        _legend(legend, scene, on_top=True)
        shown = legend.max(axis=2).astype(np.float32) / 255
        blend(picture, 0, 0, legend.astype(np.float32), (shown > 0).astype(np.float32))
        alpha = np.maximum(alpha, np.minimum(1, shown * 1.6))
    return Layer.of(picture, np.clip(alpha, 0, 1).astype(np.float32))


def _legend(picture: Bytes, scene: Scene, on_top: bool = False) -> None:
    """The tracks by shape, colour and name: under the keyboard, or in the upper corner of a wide picture."""
    tall = scene.height > scene.width
    if tall == on_top:
        return
    size = round(19 * scene.unit)
    place, parts = scene.legend_box, scene.parts[:_NAMED]
    rows = _rows(parts, size, place.width, 3)
    for number, row in enumerate(rows):
        wide = sum(width for _, _, width in row)
        at = (scene.width - wide) / 2 if tall else place.right - wide
        middle = place.top + size * 0.8 + number * size * 1.75
        for part, name, width in row:
            polygon(picture, _corners(SHAPE_NAMES[part.color % len(SHAPE_NAMES)], at + size * 0.5, middle, size * 0.42),
                    track_colour(part.color))  # fmt: skip
            write(picture, name, (at + size * 1.25, middle), size, _SOFT, anchor="lm")
            at += width


def _rows(parts: Sequence[Part], size: int, width: float, most: int) -> list[list[tuple[Part, str, float]]]:
    from workbench.deliver.video.brush import font

    rows: list[list[tuple[Part, str, float]]] = [[]]
    for part in parts:
        name = written(part.name, size, round(width / 2))[0]
        wide = size * 2.4 + float(font(size, name).getlength(name))
        if rows[-1] and sum(item[2] for item in rows[-1]) + wide > width:
            if len(rows) == most:
                break
            rows.append([])
        rows[-1].append((part, name, wide))
    return rows


def _corners(shape: str, x: float, y: float, size: float) -> list[tuple[float, float]]:
    if shape in _ROUND:
        count, turn, radii = _ROUND[shape]
        angles = [(number + turn) / count * 2 * math.pi - math.pi / 2 for number in range(count)]
        points = [(math.cos(angle) * radii[number % len(radii)], math.sin(angle) * radii[number % len(radii)])
                  for number, angle in enumerate(angles)]  # fmt: skip
    else:
        points = list(_POINTS[shape])
    return [(x + size * px, y + size * py) for px, py in points]


def _key(picture: Bytes, scene: Scene, key: int, colour: Colour | None) -> None:
    """One key, lit in a colour or not."""
    place, unit = scene.keys[key], scene.unit
    black = key % 12 in BLACK
    gap = 0.0 if black else max(0.5, 0.8 * unit)
    ground = _EBONY if black else _IVORY
    if colour is not None:
        ground = mixed(colour, _WHITE, 0.08)
    body = (place.left + gap, place.top - 4 * unit, place.right - gap, place.bottom)
    box(picture, body, ground, 3.5 * unit)
    edge = min(0.1 * place.height, 7 * unit)
    if black:  # a light upper face
        face = (place.left + 0.14 * place.width, place.top - 4 * unit, place.right - 0.14 * place.width,
                place.bottom - edge)  # fmt: skip
        box(picture, face, mixed(ground, _WHITE, 0.13 if colour is None else 0.25), 2.5 * unit)
    else:  # a darker front
        front = (place.left + gap, place.bottom - edge, place.right - gap, place.bottom)
        box(picture, front, mixed(ground, (20, 16, 30), 0.2), 3 * unit)


def lit_key(scene: Scene, below: Bytes, key: int, color: int) -> tuple[Layer, int, int]:
    """A lit key as a layer with its corner: black neighbours stay before a white key."""
    place = scene.keys[key]
    left, top = 2 * math.floor(place.left / 2) - 2, scene.line
    right, bottom = 2 * math.ceil(place.right / 2) + 2, min(scene.height, 2 * math.ceil(place.bottom / 2))
    after = below.copy()
    _key(after, scene, key, track_colour(color))
    if key % 12 not in BLACK:
        for other in (key - 1, key + 1):
            if other in scene.keys and other % 12 in BLACK:
                _key(after, scene, other, None)
    part = after[top:bottom, left:right]
    changed = np.abs(part.astype(np.int16) - below[top:bottom, left:right]).max(axis=2) > 3
    return Layer.of(part, changed.astype(np.float32)), left, top


def _pad(picture: Bytes, scene: Scene, lane: int) -> None:
    place, unit = scene.pads[lane], scene.unit
    gap = 2.5 * unit
    box(picture, (place.left + gap, place.top + gap, place.right - gap, place.bottom), (44, 40, 56), 7 * unit)
    size = round(min(13 * unit, place.width * 0.29))
    write(picture, LANES[lane][0], ((place.left + place.right) / 2, place.bottom + 1.1 * size), size, _SOFT)


def lit_pad(scene: Scene, lane: int, color: int) -> tuple[Layer, int, int]:
    """A struck pad as a layer with its corner."""
    place, unit = scene.pads[lane], scene.unit
    left, top = 2 * math.floor(place.left / 2), scene.line
    width, height = 2 * math.ceil((place.right - left) / 2), 2 * math.ceil((place.bottom - top) / 2)
    gap = 2.5 * unit
    inside = (place.left + gap - left, place.top + gap - top, place.right - gap - left, place.bottom - top)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = mixed(track_colour(color), _WHITE, 0.15)
    return Layer.of(picture, np.clip(rounded(width, height, inside, 7 * unit) + 0.5, 0, 1)), left, top


def glow(scene: Scene, place: Box, color: int) -> tuple[Layer, int, int]:
    """Light above a sounding key or a struck pad, as a layer with its corner."""
    wide, high = max(place.width * 1.1, 14 * scene.unit), 110 * scene.unit
    middle = (place.left + place.right) / 2
    left, top = 2 * math.floor((middle - 1.6 * wide) / 2), 2 * math.floor((scene.line - high) / 2)
    width, height = 2 * math.ceil(3.2 * wide / 2), scene.line - top
    x = (np.arange(width, dtype=np.float32) + 0.5 + left - middle) / wide
    y = (scene.line - top - np.arange(height, dtype=np.float32) - 0.5) / high
    alpha = np.exp(-(x[None, :] ** 2) * 3.2 - y[:, None] * 3.4) * np.clip(1 - y, 0, 1)[:, None] * 0.75
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = mixed(track_colour(color), _WHITE, 0.3)
    return Layer.of(picture, alpha.astype(np.float32)), left, top


def arrival(scene: Scene) -> tuple[Layer, int, int]:
    """The line at which notes arrive, as it lights up on a bar line."""
    rows = 2 * round(9 * scene.unit)
    away = np.abs(np.arange(rows, dtype=np.float32) + 0.5 - rows / 2) / scene.unit
    alpha = np.repeat((np.exp(-((away / 2.6) ** 2)) * 0.9)[:, None], scene.width, axis=1)
    picture = np.full((rows, scene.width, 3), 255, np.uint8)
    return Layer.of(picture, alpha.astype(np.float32)), 0, scene.line - rows // 2
