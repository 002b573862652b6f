"""Moments: what music may answer where nothing is cut: a peak of motion, a change of light, the beginning of speech."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = Sequence[tuple[float, float]]

#: Seconds: the least distance between moments, and of a moment from a cut and from either end.
APART, FROM_CUT, RIM = 2.0, 1.0, 0.5
#: Moments a second at most, on average.
OFTEN = 0.25
#: How far a peak must rise above what lies around it, of motion and of light (0 to 1), and the seconds around it.
RISE, LIGHT, AROUND = 0.08, 0.06, 1.5
#: A pause (seconds) after which speech begins anew.
PAUSE = 0.8


def moments(
    motion: Points, light: Points, speech: Sequence[tuple[float, float]], cuts: Sequence[float], duration: float
) -> tuple[float, ...]:
    """Times in seconds, in order, well apart from each other and from the cuts; the strongest ones are kept.

    Args:
        motion, light: (seconds, 0 to 1), rising in time.
        speech: (start, end) in seconds, in order.
        cuts: in seconds.
        duration: of the video.
    """
    found = [*_peaks(motion), *_changes(light, cuts)]
    last = -PAUSE
    for start, end in speech:
        if start - last >= PAUSE and end - start > 0.4:
            found.append((0.25 + min(0.25, 0.05 * (end - start)), start))
        last = end
    kept: list[float] = []
    most = max(1, int(duration * OFTEN))
    for _, time in sorted(found, key=lambda one: (-one[0], one[1])):
        clear = all(abs(time - cut) >= FROM_CUT for cut in cuts) and all(abs(time - one) >= APART for one in kept)
        if clear and RIM <= time <= duration - RIM and len(kept) < most:
            kept.append(time)
    return tuple(sorted(kept))


def _peaks(points: Points) -> list[tuple[float, float]]:
    """(strength, time) where a curve peaks: how far it rises above the lower of the lowest points at either side."""
    if len(points) < 3:
        return []
    times, values = np.array(points, np.float64).T
    out = []
    for place in range(len(values)):
        low, high = np.searchsorted(times, [times[place] - AROUND, times[place] + AROUND])
        around = values[low:high]
        if values[place] < around.max() or (place and values[place] == values[place - 1]):
            continue
        rise = float(values[place] - max(values[low : place + 1].min(), values[place:high].min()))
        if rise >= RISE:
            out.append((rise, float(times[place])))
    return out


def _changes(points: Points, cuts: Sequence[float]) -> list[tuple[float, float]]:
    """(strength, time) where light changes within half a second, other than by a cut."""
    if len(points) < 3:
        return []
    times, values = np.array(points, np.float64).T
    before, after = np.interp(times - 0.25, times, values), np.interp(times + 0.25, times, values)
    change = np.abs(after - before)
    for cut in cuts:
        change[np.abs(times - cut) < 0.6] = 0
    top = [change[np.abs(times - time) < 1.0].max() for time in times]
    return [(2 * float(c), float(t)) for c, t, peak in zip(change, times, top, strict=True) if c >= LIGHT and c == peak]
