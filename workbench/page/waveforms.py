"""Sound reduced to what a screen can show of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from workbench.score.score import Score
    from workbench.sound.audio import Audio
    from workbench.sound.limits import Limits

PEAKS_PER_SECOND = 40
MAX_PEAKS = 4_000
#: Where the highest peak is drawn before the common gain is known.
_FIRST_GUESS = 0.7


class Drawing:
    """The loudest sample of each short stretch of a sound that comes in blocks.

    Args:
        frames: of the whole sound.
        rate: in Hz.
    """

    def __init__(self, frames: int, rate: int) -> None:
        count = max(1, min(MAX_PEAKS, round(frames / rate * PEAKS_PER_SECOND)))
        self._edges = np.linspace(0, frames, count, endpoint=False).astype(int)
        self._peaks = np.zeros(count, np.float32)

    def add(self, start: int, samples: NDArray[np.float32]) -> None:
        """Take a block that begins at frame ``start``, float32 [2, frames]."""
        loud = np.abs(samples).max(axis=0)
        first = int(np.searchsorted(self._edges, start, "right")) - 1
        last = int(np.searchsorted(self._edges, start + len(loud), "left"))
        within = np.maximum(self._edges[first:last] - start, 0)
        self._peaks[first:last] = np.maximum(self._peaks[first:last], np.maximum.reduceat(loud, within))

    @property
    def highest(self) -> float:
        """The highest sample so far."""
        return float(self._peaks.max())

    def shown(self, gain: float, frames: int) -> list[int]:
        """The peaks at a gain, 0 to 255, of the first ``frames`` frames."""
        peaks = self._peaks[: max(1, int(np.searchsorted(self._edges, frames, "left")))]
        return [int(value) for value in np.clip(np.round(peaks * gain * 255), 0, 255)]


def draw(
    score: Score, limits: Limits, tell: Callable[[str, Any], None], stop: Callable[[], bool],
    given: Mapping[str, Audio] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Each track's waveform: ``seconds`` and ``peaks`` by track.

    Args:
        score: the piece.
        limits: how much sound may be made.
        given: sound that stands for tracks, see :func:`workbench.sound.recording.recorded`.
        tell: called with ``progress``, and with ``partial`` and one track's peaks as soon as they are there.
        stop: asked before each voice.

    Raises:
        BadRequest: more than the limits allow.
        Cancelled: ``stop`` said so.
    """
    from workbench.sound.recording import DEFAULT_RATE, RENDERING, plan_of, recorded

    plan = plan_of(score, DEFAULT_RATE, limits=limits, given=given)
    order = list(plan.tracks)
    drawings = {number: Drawing(plan.frames, DEFAULT_RATE) for number in order}
    names = [track.id for track in score.tracks]
    end = plan.end(1)
    told = 0

    def finish(before: int) -> None:
        """Tell of the tracks that are whole: all that come before this one."""
        nonlocal told
        while told < before:
            number = order[told]
            loudest = max((drawings[each].highest for each in order[: told + 1]), default=0.0)
            gain = _FIRST_GUESS / loudest if loudest > 0 else 1.0
            peaks = {names[number]: drawings[number].shown(gain, end)}
            tell("partial", {"peaks": peaks, "seconds": end / DEFAULT_RATE})
            told += 1

    def listen(number: int, start: int, samples: NDArray[np.float32]) -> None:
        finish(order.index(number))
        drawings[number].add(start, samples)

    def report(share: float) -> None:
        tell("progress", share)
        if share >= RENDERING:
            finish(len(order))

    with recorded(
        score, stems=False, limits=limits, given=given, listener=listen, stop=stop, progress=report
    ) as made:  # fmt: skip
        gain, frames = float(made.gain), made.frames
    shown = {
        name: drawings[number].shown(gain, frames) if number in drawings else [0] for number, name in enumerate(names)
    }
    return {"seconds": frames / DEFAULT_RATE, "peaks": shown}
