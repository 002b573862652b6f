"""Which drums of a kit fall behind in the bar that is being written, beside what the bars around foretell of it.

Each stroke may be likely by itself, and four bars yet hold no bass drum, or a crash on every beat.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from workbench.create.infill.around.repeats import Floats, Foretold

#: Nats for each nat that a drum is behind, strokes of what is expected that a bar begins with, and the share that every
#: drum is given.
BALANCE, BEGUN, FLOOR = 1.0, 3.0, 0.02


def lacking(kit: Foretold, written: Sequence[tuple[int, int]], tick: int, lowest: int) -> Floats:
    """Lean to each drum at ``tick``: nats, float64 [drums]; zeros where nothing is foretold.

    Args:
        kit: the strokes on each drum to expect of each bar.
        written: what stands in the gap so far, sorted (tick, -key); ``lowest`` is the key of the first drum.
    """
    bar = kit.bar(tick)
    wanted = kit.wanted[bar]
    if not wanted.any():
        return np.zeros(len(wanted))
    share = wanted / wanted.sum()
    have = BEGUN * share
    for at in range(bisect_left(written, (int(kit.lines[bar]), -(1 << 10))), len(written)):
        if written[at][0] >= kit.lines[bar + 1]:
            break
        have[-written[at][1] - lowest] += 1.0
    return np.asarray(BALANCE * np.log((share + FLOOR) / (have / have.sum() + FLOOR)))
