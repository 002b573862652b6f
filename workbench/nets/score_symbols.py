"""What is found on a page before anyone knows what it means: symbols with a place, and masks of lines.

All places are pixels of the *normalised page*, which has 8 pixels to a staff space; x grows to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: Pixels of the normalised page to a staff space.
SPACE = 8
#: The masks are this many times coarser than the page.
MASK_STRIDE = 2

#: Noteheads; ``head_grace`` is any small one.
HEADS = ("head_full", "head_half", "head_whole", "head_grace")
#: Clefs at the start of a line, and the small ones that change it within; ``clef_g8`` sounds an octave lower.
CLEFS = ("clef_g", "clef_g8", "clef_c", "clef_f")
SMALL_CLEFS = ("clef_g_small", "clef_c_small", "clef_f_small")
#: Accidentals before a note, in the order of their semitones, and those of a key signature.
ACCIDENTALS = ("acc_double_flat", "acc_flat", "acc_natural", "acc_sharp", "acc_double_sharp")
KEYS = ("key_flat", "key_natural", "key_sharp")
#: Rests by their value.
RESTS = ("rest_whole", "rest_half", "rest_quarter", "rest_8th", "rest_16th", "rest_32nd")
#: Digits of a time signature, each by itself, and its two signs.
TIMES = (*(f"time_{digit}" for digit in range(10)), "time_common", "time_cut")
#: Dots that lengthen a note or a rest, and those of a repeat.
DOTS = ("dot", "repeat_dot")
#: The number of a tuplet.
TUPLETS = ("tuplet_3", "tuplet_5", "tuplet_6", "tuplet_7")
KINDS = (*HEADS, *CLEFS, *SMALL_CLEFS, *ACCIDENTALS, *KEYS, *RESTS, *TIMES, *DOTS, *TUPLETS)

#: Masks: the middle line of a staff, all staff lines, stems, beams, bar lines, ties, slurs.
MASKS = ("line", "lines", "stem", "beam", "barline", "tie", "slur")


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol. ``x``, ``y``: its musical origin, that is

    * of a notehead or rest the middle of its box sideways; up and down the notehead's middle, which is its pitch, and
      for a rest the middle of its box;
    * of an accidental the middle of its box sideways, up and down the pitch that it alters (for a flat the middle of
      its bowl, not of its box);
    * of a clef the line that it names up and down (G, C or F);
    * of everything else the middle of its box.

    ``confidence``: 0.0 to 1.0. ``width``, ``height``: of the box, pixels.
    The rest is known of noteheads alone. ``flags``: flags or beams of its stem. ``stem``: -1 down, 0 none, 1 up.
    ``dots``: dots that lengthen it. ``tie``: a tie begins here. ``offset``: how far below its own staff's middle line
    it lies, in staff spaces (negative: above); for choosing the staff only.
    """

    kind: str
    x: float
    y: float
    confidence: float = 1.0
    width: float = 0.0
    height: float = 0.0
    flags: int = 0
    stem: int = 0
    dots: int = 0
    tie: bool = False
    offset: float = 0.0


@dataclass(frozen=True)
class Detected:
    """All that was found on one page.

    ``symbols``: in no order. ``masks``: by the names of :data:`MASKS`, uint8 [H / 2, W / 2], 0 to 255 as surely as the
    pixel belongs to it; a mask may be missing. ``scale``: source pixels to one pixel of the normalised page.
    """

    symbols: tuple[Symbol, ...]
    masks: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    scale: float = 1.0
