"""Verovio's drawing taken apart: glyphs, lines, beams and curves, each with the element it belongs to.

Places are Verovio's own units: 180 to a staff space, y downwards, the page's margin already added. Glyph boxes come
from the tables that Verovio ships with each font (250 font units a space, y upwards).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

UNITS = 180.0  #: Verovio's units to a staff space
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MOVE = re.compile(r"translate\((-?[\d.]+),\s*(-?[\d.]+)\)(?:\s*scale\((-?[\d.]+))?")
#: Classes of the drawing whose ids and names are kept with what they hold.
_KEPT = ("system", "measure", "staff", "note", "chord", "rest", "mRest", "multiRest")


@dataclass(frozen=True, slots=True)
class Around:
    """Where something stands: ids of the elements around it ("" outside of any), its own class, and its system."""

    kind: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    system: int = -1

    def of(self, kind: str) -> str:
        """Id of the element of a class around this, "" if there is none."""
        return next((identity for name, identity in self.ids if name == kind), "")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph: its code (``"E0A4"``), origin, size beside the ordinary one, and box (left, top, right, bottom)."""

    code: str
    x: float
    y: float
    size: float
    box: tuple[float, float, float, float]
    around: Around


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    around: Around


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled outline."""

    points: tuple[tuple[float, float], ...]
    around: Around


@dataclass(frozen=True)
class Drawing:
    """All of a page; ``width`` and ``height`` in Verovio's units. ``dots``: the middles of dots (x, y, where)."""

    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    dots: list[tuple[float, float, Around]] = field(default_factory=list)


@cache
def glyph_boxes(font: str) -> dict[str, tuple[float, float, float, float]]:
    """Boxes of a font's glyphs by code: left, top, right, bottom in Verovio's units around the origin, y downwards."""
    import verovio

    root = ET.parse(Path(verovio.__path__[0]) / "data" / f"{font}.xml").getroot()
    scale = UNITS / 250
    out = {}
    for glyph in root.iter("g"):
        x, y, width, height = (float(glyph.get(name, "0")) for name in ("x", "y", "w", "h"))
        out[glyph.get("c", "")] = (x * scale, -(y + height) * scale, (x + width) * scale, -y * scale)
    return out


def read_drawing(svg: str, font: str) -> Drawing:
    """Take one page apart.

    Args:
        svg: what ``toolkit.renderToSVG`` gave, with ``svgViewBox`` and ``svgRemoveXlink`` on.
        font: the music font it was drawn with.
    """
    root = ET.fromstring(svg)
    inner = next(element for element in root.iter() if element.get("class") == "definition-scale")
    _, _, width, height = (float(number) for number in inner.get("viewBox", "0 0 1 1").split())
    out = Drawing(width, height)
    boxes = {**glyph_boxes("Bravura"), **glyph_boxes(font)}
    systems = [-1]

    def walk(element: ET.Element, x: float, y: float, around: Around) -> None:
        for child in element:
            tag = child.tag.rsplit("}", 1)[-1]
            if tag == "g":
                moved = _MOVE.match(child.get("transform", ""))
                dx, dy = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
                kind = child.get("class", "").split(" ")[0]
                ids, system = around.ids, around.system
                if kind == "system":
                    systems[0] += 1
                    system = systems[0]
                if kind in _KEPT:
                    ids = ((kind, child.get("id", "")), *ids)
                walk(child, x + dx, y + dy, Around(kind or around.kind, ids, system))
            elif tag == "use":
                moved = _MOVE.match(child.get("transform", ""))
                if moved:
                    code = child.get("href", "")[1:].split("-")[0]
                    size = float(moved[3] or 0.72) / 0.72
                    gx, gy = x + float(moved[1]), y + float(moved[2])
                    left, top, right, bottom = boxes.get(code, (0.0, 0.0, 0.0, 0.0))
                    box = (gx + left * size, gy + top * size, gx + right * size, gy + bottom * size)
                    out.glyphs.append(Glyph(code, gx, gy, size, box, around))
            elif tag == "path":
                _path(child, x, y, around, out)
            elif tag in ("polygon", "polyline"):
                numbers = [float(number) for number in _NUMBER.findall(child.get("points", ""))]
                points = tuple((x + a, y + b) for a, b in zip(numbers[::2], numbers[1::2], strict=False))
                if tag == "polygon":
                    out.shapes.append(Shape(points, around))
            elif tag == "rect" and around.kind in ("barLine", "stem"):
                left, top = x + float(child.get("x", "0")), y + float(child.get("y", "0"))
                wide, high = float(child.get("width", "0")), float(child.get("height", "0"))
                out.strokes.append(Stroke(left + wide / 2, top, left + wide / 2, top + high, wide, around))
            elif tag == "ellipse":
                out.dots.append((x + float(child.get("cx", "0")), y + float(child.get("cy", "0")), around))

    walk(inner, 0.0, 0.0, Around())
    return out


def _path(element: ET.Element, x: float, y: float, around: Around, out: Drawing) -> None:
    text = element.get("d", "")
    numbers = [float(number) for number in _NUMBER.findall(text)]
    if "C" not in text and "c" not in text:
        if len(numbers) == 4:
            width = float(element.get("stroke-width", "13"))
            out.strokes.append(Stroke(x + numbers[0], y + numbers[1], x + numbers[2], y + numbers[3], width, around))
        return
    pairs = [(x + a, y + b) for a, b in zip(numbers[::2], numbers[1::2], strict=False)]
    outline = [pairs[0]] if pairs else []
    for first in range(1, len(pairs) - 2, 3):
        a, (b, c, d) = outline[-1], pairs[first : first + 3]
        for step in range(1, 13):
            t = step / 12
            w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            outline.append(tuple(sum(k * p[axis] for k, p in zip(w, (a, b, c, d), strict=True)) for axis in (0, 1)))  # type: ignore[arg-type]
    out.shapes.append(Shape(tuple(outline), around))
