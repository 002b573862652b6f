"""From a page's drawing to labels: which symbol stands where, and the masks of lines, stems, beams and curves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.nets.score_symbols import KEYS, MASKS, Symbol
from workbench.training.engraved_mei import Document, Written
from workbench.training.engraved_svg import UNITS, Drawing, Glyph

_HEADS = {
    "E0A4": "head_full", "E0A3": "head_half", "E0A2": "head_whole", "E0A0": "head_whole", "E0A1": "head_whole",
}  # fmt: skip
_CLEFS = {
    "E050": "clef_g", "E052": "clef_g8", "E05C": "clef_c", "E062": "clef_f", "E07A": "clef_g_small",
    "E07B": "clef_c_small", "E07C": "clef_f_small", "E053": "clef_g", "E064": "clef_f",
}  # fmt: skip
_ACCIDENTALS = {
    "E260": "flat", "E261": "natural", "E262": "sharp", "E263": "double_sharp", "E264": "double_flat",
}  # fmt: skip
_RESTS = {
    "E4E3": "rest_whole", "E4F4": "rest_whole", "E4E4": "rest_half", "E4F5": "rest_half", "E4E5": "rest_quarter",
    "E4E6": "rest_8th", "E4E7": "rest_16th", "E4E8": "rest_32nd",
}  # fmt: skip
_TIMES = {f"E08{digit}": f"time_{digit}" for digit in range(10)} | {"E08A": "time_common", "E08B": "time_cut"}
_TUPLETS = {f"E88{digit}": f"tuplet_{digit}" for digit in (3, 5, 6, 7)}
_FLAGS = {8: 1, 16: 2, 32: 3, 64: 4, 128: 4}
_DOT = 0.2 * UNITS  #: half the side of a dot's box
_FINE = 4  #: how many times finer beams are drawn than their mask
_SMALL = 0.86  #: a notehead below this size is a grace or cue note


@dataclass(frozen=True, slots=True)
class Label:
    """A symbol of a page in Verovio's units, with the note or rest that it is, if it is one.

    ``tip``: of a notehead with a stem, the far end of the stem, up and down; else its own height.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    system: int
    flags: int = 0
    stem: int = 0
    dots: int = 0
    tie: bool = False
    offset: float = 0.0
    tip: float = 0.0
    stem_x: float = 0.0
    note: Written | None = None

    def symbol(self, per_pixel: float) -> Symbol:
        """The same in pixels, of which each is so many units wide."""
        return Symbol(
            self.kind, self.x / per_pixel, self.y / per_pixel, 1.0, self.width / per_pixel, self.height / per_pixel,
            self.flags, self.stem, self.dots, self.tie, self.offset,
        )  # fmt: skip


def staff_lines(drawing: Drawing, document: Document) -> dict[tuple[str, int], list[float]]:
    """Heights of the five lines of each staff in each measure, by the measure's id and the staff's number."""
    out: dict[tuple[str, int], list[float]] = {}
    for stroke in drawing.strokes:
        if stroke.around.kind == "staff" and stroke.y1 == stroke.y2:
            number = document.staves.get(stroke.around.of("staff"), 0)
            out.setdefault((stroke.around.of("measure"), number), []).append(stroke.y1)
    return {key: sorted(lines) for key, lines in out.items()}


def labels(drawing: Drawing, document: Document) -> tuple[list[Label], dict[int, dict[int, float]]]:
    """All symbols of a page, and of each system the middle lines' heights by the number of the staff."""
    lines = staff_lines(drawing, document)
    systems = {glyph.around.of("measure"): glyph.around.system for glyph in drawing.glyphs}
    systems |= {stroke.around.of("measure"): stroke.around.system for stroke in drawing.strokes}
    staves: dict[int, dict[int, float]] = {}
    for (measure, number), heights in lines.items():
        if len(heights) == 5:
            staves.setdefault(systems[measure], {})[number] = heights[2]
    stems = {
        stroke.around.of("chord") or stroke.around.of("note"): stroke
        for stroke in drawing.strokes
        if stroke.around.kind == "stem" and stroke.x1 == stroke.x2
    }
    out: list[Label] = []
    for glyph in drawing.glyphs:
        kind = _kind(glyph)
        if not kind:
            continue
        left, top, right, bottom = glyph.box
        x, y = (left + right) / 2, (top + bottom) / 2
        note = document.notes.get(glyph.around.of("note")) if kind.startswith("head_") else None
        if kind.startswith(("head_", "acc_", "key_", "clef_")):
            y = glyph.y
        if kind.startswith("rest_"):
            rest = next((glyph.around.of(name) for name in ("rest", "mRest", "multiRest") if glyph.around.of(name)), "")
            note = document.notes.get(rest)
        label = Label(kind, x, y, right - left, bottom - top, glyph.around.system, note=note)
        if note is not None and kind.startswith("head_"):
            own = lines.get((note.measure, note.staff), [y])
            stem = stems.get(note.chord or note.id)
            up = 0 if stem is None else (1 if stem.y2 < stem.y1 else -1)
            label = Label(
                kind, x, y, right - left, bottom - top, glyph.around.system, _FLAGS.get(note.value, 0), up,
                min(note.dots, 2), note.tied, (y - own[len(own) // 2]) / UNITS, y if stem is None else stem.y2,
                x if stem is None else stem.x1, note,
            )  # fmt: skip
        out.append(label)
    for x, y, around in drawing.dots:
        if around.kind == "dots":
            out.append(Label("dot", x, y, 2 * _DOT, 2 * _DOT, around.system))
    return out, staves


def _kind(glyph: Glyph) -> str:
    where, code = glyph.around.kind, glyph.code
    if where == "notehead":
        kind = _HEADS.get(code, "")
        return "head_grace" if kind and glyph.size < _SMALL else kind
    if where == "clef":
        return _CLEFS.get(code, "")
    if where == "accid":
        return f"acc_{_ACCIDENTALS[code]}" if code in _ACCIDENTALS else ""
    if where in ("keySig", "keyAccid"):
        kind = f"key_{_ACCIDENTALS.get(code, '')}"
        return kind if kind in KEYS else ""
    if where in ("rest", "mRest", "multiRest"):
        return _RESTS.get(code, "")
    if where == "meterSig":
        return _TIMES.get(code, "")
    if where == "barLine":
        return "repeat_dot" if code == "E044" else ""
    if where == "dots" and code == "E1E7":
        return "dot"
    return _TUPLETS.get(code, "") if where == "tupletNum" else ""


def _rectangles(drawing: Drawing, thinnest: float) -> Iterator[tuple[str, float, float, float, float]]:
    """Straight lines as (mask, left, top, right, bottom), none thinner than ``thinnest``."""
    by_staff: dict[tuple[str, str], list[tuple[float, float, float, float]]] = {}
    for stroke in drawing.strokes:
        half = max(stroke.width, thinnest) / 2
        kind, flat, upright = stroke.around.kind, stroke.y1 == stroke.y2, stroke.x1 == stroke.x2
        (left, right), (top, bottom) = sorted((stroke.x1, stroke.x2)), sorted((stroke.y1, stroke.y2))
        box = (left, top, right, bottom)
        if kind == "staff" and flat:
            by_staff.setdefault((stroke.around.of("measure"), stroke.around.of("staff")), []).append(box)
            yield "lines", box[0], box[1] - half, box[2], box[3] + half
        elif kind == "stem" and upright:
            yield "stem", box[0] - half, box[1], box[2] + half, box[3]
        elif upright and (kind == "barLine" or kind == "system"):
            yield "barline", box[0] - half, box[1], box[2] + half, box[3]
    for rows in by_staff.values():
        if len(rows) == 5:
            left, top, right, bottom = sorted(rows, key=lambda row: row[1])[2]
            yield "line", left, top - thinnest / 2, right, bottom + thinnest / 2


def mask_images(drawing: Drawing, per_pixel: float, shape: tuple[int, int]) -> dict[str, NDArray[np.uint8]]:
    """Masks of a page, uint8 [H, W], 0 to 255, by the names of ``MASKS``; lines are at least a quarter space wide.

    Args:
        drawing: the page.
        per_pixel: Verovio's units to a pixel.
        shape: height and width.
    """
    from PIL import Image, ImageDraw

    fine = {"beam": _FINE}  # the gap between two beams is as wide as a pixel
    images = {name: Image.new("L", (shape[1] * fine.get(name, 1), shape[0] * fine.get(name, 1))) for name in MASKS}
    draw = {name: ImageDraw.Draw(image) for name, image in images.items()}
    for name, left, top, right, bottom in _rectangles(drawing, 0.25 * UNITS):
        corners = [round(left / per_pixel), round(top / per_pixel), round(right / per_pixel), round(bottom / per_pixel)]
        corners[2], corners[3] = max(corners[0] + 1, corners[2]) - 1, max(corners[1] + 1, corners[3]) - 1
        draw[name].rectangle(tuple(corners), fill=255)
    for outline in drawing.shapes:
        name = {"beam": "beam", "tie": "tie", "slur": "slur", "lv": "tie"}.get(outline.around.kind, "")
        if name and len(outline.points) > 2:
            times = fine.get(name, 1)
            draw[name].polygon(
                [(x / per_pixel * times - 0.5, y / per_pixel * times - 0.5) for x, y in outline.points], 255
            )
    return {name: np.asarray(image if name not in fine else image.reduce(fine[name])) for name, image in images.items()}
