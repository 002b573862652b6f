"""Pages engraved by Verovio with everything known about them: where each symbol is, and what each note means.

``engrave`` takes a document (MusicXML, MEI, kern ... whatever Verovio reads), lays it out and gives its pages one by
one. A page holds its picture, the same :class:`Detected` that the network would find if it never erred, and the true
notes. The network learns from these pages, and the assembly of symbols into music is tested on them.

    for page in engrave(text, Layout(font="Leland"), pages=2):
        page.picture        # uint8 [H, W], 255 white, 8 pixels a staff space
        page.detected       # symbols and masks
        page.notes          # what stands there
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile
from workbench.nets.score_symbols import MASK_STRIDE, SPACE, Detected
from workbench.training.engraved_labels import Label, labels, mask_images
from workbench.training.engraved_mei import Document, read_mei
from workbench.training.engraved_svg import UNITS, Drawing, read_drawing

#: The five fonts of Verovio; the last is never learnt from.
FONTS = ("Leipzig", "Bravura", "Gootville", "Leland", "Petaluma")
#: Pages drawn in this font judge; none of them is learnt from.
UNSEEN_FONT = "Leland"
#: A key that MusicXML hides: the notes would follow it, and nobody who looks at the page could know.
_HIDDEN_KEY = re.compile(r"""(<key\b[^>]*?)\s+print-object=["']no["']""")
#: The largest page, in Verovio's units of layout: pictures stay below 12 million pixels.
_LARGEST = 4000


@dataclass(frozen=True)
class Layout:
    """How a document is set. ``width``, ``height``: of the page in tenths of Verovio's units (18 to a staff space).

    ``options``: more of Verovio's own, by name. ``text``: the font family of titles and words.
    """

    font: str = "Leipzig"
    width: int = 1800
    height: int = 2400
    options: Mapping[str, Any] = field(default_factory=dict)
    text: str = "Times"


@dataclass(frozen=True)
class TrueNote:
    """A note or rest of a page. ``system``, ``staff``: counted from the top, from 0, the staff within its system.

    ``measure``: bars counted from 0 along the page. ``onset``, ``duration``: quarters, the onset from the start of its
    bar. ``pitch``: MIDI key, -1 of a rest. ``tied``: a tie to the next note begins here; ``held``: one ends here.
    ``value``, ``dots``: as printed (0: a breve). ``symbol``: its place in the page's ``detected.symbols``.
    """

    system: int
    staff: int
    measure: int
    layer: int
    onset: Fraction
    duration: Fraction
    pitch: int
    value: int
    dots: int
    grace: bool
    tied: bool
    held: bool
    symbol: int


@dataclass(frozen=True)
class EngravedPage:
    """One page. ``picture``: uint8 [H, W], 255 white, ``scale`` pixels a staff space; ``detected``: at 8 a space.

    ``staves``: of each system, the middle lines of its staves in pixels of 8 a space, from the top.
    """

    picture: NDArray[np.uint8]
    scale: float
    detected: Detected
    notes: tuple[TrueNote, ...]
    staves: tuple[tuple[float, ...], ...]
    drawing: Drawing
    labels: tuple[Label, ...]


def random_layout(chance: random.Random, font: str | None = None) -> Layout:
    """A layout as editions differ: font, page, spacing, line widths, lengths of stems, thickness of beams."""
    seen = [name for name in FONTS if name != UNSEEN_FONT]
    width = chance.choice((900, 1300, 1600, 1900, 2100, 2500))
    options = {
        "spacingLinear": chance.uniform(0.18, 0.36),
        "spacingNonLinear": chance.uniform(0.5, 0.7),
        "spacingStaff": chance.randint(5, 14),
        "spacingSystem": chance.randint(3, 12),
        "staffLineWidth": chance.uniform(0.10, 0.22),
        "stemWidth": chance.uniform(0.14, 0.28),
        "barLineWidth": chance.uniform(0.22, 0.45),
        "lyricSize": chance.uniform(3.6, 5.2),
        "beamMaxSlope": chance.choice((5, 10, 15)),
        "beamFrenchStyle": chance.random() < 0.1,
        "justifyVertically": chance.random() < 0.5,
        "justificationStaff": chance.uniform(0.5, 2.0),
        "slurCurveFactor": chance.uniform(0.8, 1.4),
        "tieMidpointThickness": chance.uniform(0.35, 0.7),
        "slurMidpointThickness": chance.uniform(0.4, 0.8),
        "ledgerLineThickness": chance.uniform(0.18, 0.35),
        "fingeringScale": chance.uniform(0.6, 0.9),
        "graceFactor": chance.uniform(0.6, 0.8),
        "header": chance.choice(("none", "auto")),
        "footer": "none",
        "condense": "none",
        "mnumInterval": chance.choice((0, 0, 1, 5)),
        "pageMarginLeft": chance.randint(20, 140),
        "pageMarginRight": chance.randint(20, 140),
        "pageMarginTop": chance.randint(20, 140),
    }
    if chance.random() < 0.25:
        options["octaveAlternativeSymbols"] = True
    if chance.random() < 0.35:
        options["transpose"] = chance.choice(("m2", "M2", "m3", "M3", "P4", "-m2", "-M2", "-m3", "-M3", "-P4", "A4"))
    text = chance.choice(("Times", "C059", "P052", "URW Bookman", "DejaVu Serif", "Liberation Serif", "Nimbus Sans"))
    return Layout(font or chance.choice(seen), width, int(width * chance.uniform(0.7, 1.42)), options, text)


def engrave(
    source: str,
    layout: Layout | None = None,
    *,
    pages: int | None = None,
    scale: float = SPACE,
    chance: random.Random | None = None,
) -> Iterator[EngravedPage]:
    """The pages of a document.

    Args:
        source: the document's text.
        layout: how to set it.
        pages: at most so many; with ``chance`` a random choice of them, else the first.
        scale: pixels a staff space of the picture.
        chance: chooses the pages.

    Raises:
        BadFile: Verovio cannot read the document.
        Unavailable: Verovio or resvg is not installed.
    """
    layout = layout or Layout()
    toolkit = _toolkit()
    toolkit.setOptions({
        **{"breaks": "auto", "svgViewBox": True, "svgRemoveXlink": True, "scale": 100, "header": "none"},
        **{"footer": "none", "xmlIdChecksum": False, **layout.options, "font": layout.font},
        **{"pageWidth": min(layout.width, _LARGEST), "pageHeight": min(layout.height, _LARGEST)},
    })  # fmt: skip
    if not toolkit.loadData(_HIDDEN_KEY.sub(r"\1", source)):
        raise BadFile("This score cannot be engraved.")
    count = toolkit.getPageCount()
    numbers = list(range(1, count + 1))
    if pages is not None and count > pages:
        numbers = sorted(chance.sample(numbers, pages)) if chance is not None else numbers[:pages]
    document: Document | None = None
    for number in numbers:
        svg = toolkit.renderToSVG(number)
        if document is None:
            document = read_mei(toolkit.getMEI())
        yield engraved_page(svg, document, layout, scale)


def engraved_page(svg: str, document: Document, layout: Layout, scale: float) -> EngravedPage:
    """A page from Verovio's drawing of it and the document's notes."""
    drawing = read_drawing(svg, layout.font)
    found, staves = labels(drawing, document)
    order = {identity: place for place, identity in enumerate(_measures(drawing))}
    tops = {(system, number): rank for system, lines in staves.items() for rank, number in enumerate(sorted(lines))}
    notes = [
        TrueNote(
            label.system, tops.get((label.system, label.note.staff), 0), order.get(label.note.measure, 0),
            label.note.layer, label.note.onset, label.note.duration, label.note.pitch, label.note.value,
            label.note.dots, label.note.grace, label.note.tied, label.note.held, place,
        )
        for place, label in enumerate(found) if label.note is not None
    ]  # fmt: skip
    per_pixel = UNITS / SPACE
    picture = raster(svg, round(drawing.width * scale / UNITS), layout.text)
    height, width = (round(side * SPACE / scale) for side in picture.shape)
    masks = mask_images(drawing, MASK_STRIDE * per_pixel, (-(-height // MASK_STRIDE), -(-width // MASK_STRIDE)))
    detected = Detected(tuple(label.symbol(per_pixel) for label in found), masks)
    middles = tuple(tuple(lines[number] / per_pixel for number in sorted(lines)) for _, lines in sorted(staves.items()))
    return EngravedPage(picture, scale, detected, tuple(notes), middles, drawing, tuple(found))


def raster(svg: str, width: int, text: str = "Times") -> NDArray[np.uint8]:
    """The picture of a drawing, uint8 [H, W], 255 white."""
    import resvg_py
    from PIL import Image

    png = resvg_py.svg_to_bytes(
        svg_string=svg.replace("Times, serif", f"{text}, serif"), width=width, background="white"
    )
    with Image.open(BytesIO(bytes(png))) as image:
        return np.asarray(image.convert("L"))


def _measures(drawing: Drawing) -> list[str]:
    """Ids of the page's bars in the order of reading."""
    out: dict[str, None] = {}
    for stroke in drawing.strokes:
        identity = stroke.around.of("measure")
        if identity:
            out.setdefault(identity)
    return list(out)


def _toolkit() -> Any:
    from workbench.errors import Unavailable

    try:
        import resvg_py  # noqa: F401
        import verovio
    except ImportError as error:
        raise Unavailable("Engraving needs Verovio and resvg; install music-workbench[train].") from error
    verovio.enableLog(verovio.LOG_OFF)
    return verovio.toolkit()
