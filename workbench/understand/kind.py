"""What kind of recording this is: one voice, one instrument or a band.

How many keys sound at once tells a line from more; how much the pitch moves within notes tells a voice from an
instrument; strokes, and how sharply notes begin, tell a band from an instrument. Measured on five clips each of piano,
guitar, choir, solo instruments and bands, on solo voices, and on real examples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.understand.frames import Frames
from workbench.understand.heard import Curve, HeardNote

#: A key sounds, an onset is sure.
_SOUNDS, _SURE = 0.5, 0.7
#: Shares of the sounding time with two and with three keys up to which it is one line.
_TWO, _THREE = 0.5, 0.25
#: Sure onset frames a note from which it is an instrument.
_STRUCK = 0.5
#: Strokes a second from which there are drums.
_DRUMS = 0.8
#: Cents by which the pitch moves within the middle note, and within one note in four, from which it is a voice. Real
#: singing has 30 and more, pianos and guitars 1 to 4.
_MOVES, _MOVES_OFTEN = 3.2, 5.0


def kind_of(frames: Frames, notes: Sequence[HeardNote], drums: Sequence[HeardNote]) -> str:
    """``singing`` (one line, whatever plays it), ``piano`` (one instrument, no drums) or ``band``."""
    seconds = max(frames.duration, 0.1)
    if len(drums) / seconds >= _DRUMS or not notes:
        return "band"
    keys = (frames.frame > _SOUNDS).sum(axis=1)
    sounding = keys[keys > 0]
    if len(sounding) and (sounding >= 2).mean() < _TWO and (sounding >= 3).mean() < _THREE:
        return "singing"
    sure = int((frames.onset.max(axis=1) > _SURE).sum()) / len(notes)
    return "piano" if sure >= _STRUCK else "band"


def is_voice(curve: Curve, notes: Sequence[HeardNote]) -> bool:
    """Whether a line is sung: its pitch moves within its notes, as no piano's does."""
    moves = []
    for note in notes:
        rim = 0.2 * (note.end - note.start)
        first, last = np.searchsorted(curve.times, [note.start + rim, note.end - rim])
        hertz = curve.hertz[first:last]
        hertz = hertz[hertz > 0]
        if len(hertz) >= 4:
            moves.append(1_200 * float(np.std(np.log2(hertz))))
    if not moves:
        return False
    return bool(np.median(moves) >= _MOVES or np.quantile(moves, 0.75) >= _MOVES_OFTEN)
