"""Stretches of a recording in which something sounds, from one number a frame; and the plainest such number, its level.

:class:`LevelGate` is the task ``speech`` without any weights: it tells sound from silence, and no voice from a trumpet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.speech.request import SpeechRequest
from workbench.sound.audio import Audio

#: Seconds: what is shorter is no span, what is shorter is no pause, and what is added at either side.
SHORTEST, PAUSE, RIM = 0.25, 0.1, 0.03
#: Frames of the level a second; decibels above the quietest tenth that count as sound, and the least that ever does.
LEVEL_FPS, ABOVE_FLOOR, QUIETEST = 50, 15.0, -55.0

Span = tuple[float, float, float]


def spans(
    sure: NDArray[np.floating], fps: float, duration: float, *, begin: float = 0.5, go_on: float = 0.35
) -> list[Span]:
    """``(start, end, confidence)`` in seconds, in order and apart.

    Args:
        sure: [frames], 0 to 1: how likely each frame belongs to a span.
        fps: frames a second.
        duration: of the recording; no span goes beyond.
        begin: from here a span begins; it goes on down to ``go_on``.
    """
    found: list[list[int]] = []
    inside = False
    for frame, value in enumerate(sure):
        inside = value >= (go_on if inside else begin)
        if inside and found and frame - found[-1][1] <= PAUSE * fps:
            found[-1][1] = frame + 1
        elif inside:
            found.append([frame, frame + 1])
    out: list[Span] = []
    for start, end in found:
        if (end - start) / fps >= SHORTEST or end - start == len(sure):
            low = max(0.0, start / fps - RIM, out[-1][1] if out else 0.0)
            out.append((low, min(duration, end / fps + RIM), float(np.mean(sure[start:end]))))
    return [span for span in out if span[1] > span[0]]


def as_value(duration: float, found: list[Span]) -> dict[str, Any]:
    """The answer of the task ``speech``."""
    rows = [{"start": round(a, 4), "end": round(b, 4), "confidence": round(c, 4)} for a, b, c in found]
    return {"duration": duration, "speech": rows}


def loud(audio: Audio) -> NDArray[np.float64]:
    """How likely each frame (50 a second) is more than background: float64 [frames]."""
    hop = max(1, audio.rate // LEVEL_FPS)
    sound = audio.mono()
    frames = -(-len(sound) // hop)
    power = np.square(np.pad(sound, (0, frames * hop - len(sound)))).reshape(frames, hop).mean(axis=1)
    level: NDArray[np.float64] = 10.0 * np.log10(power.astype(np.float64) + 1e-12)
    if not frames:
        return level
    floor = max(QUIETEST, float(np.quantile(level, 0.1)) + ABOVE_FLOOR)
    # Where nothing is quiet there is no background to stand out from: then half below the loudest will do.
    floor = min(floor, max(QUIETEST, float(level.max()) - 20.0))
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip((level - floor) / 3.0, -30, 30))))


class LevelGate(Model):
    """The embedded answer of the task ``speech``."""

    def estimate_seconds(self, request: SpeechRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.05 + 0.001 * float(request.audio.seconds)

    def run(self, request: SpeechRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield the stretches that are not silent."""
        cancel.check()
        audio: Audio = request.audio
        sure = loud(audio)
        yield Progress(0.9)
        cancel.check()
        found = spans(sure, audio.rate / max(1, audio.rate // LEVEL_FPS), audio.seconds)
        remark = "Only silence was told from sound; fetch silero-vad to tell voices from instruments."
        yield Result((Alternative(value=as_value(audio.seconds, found), remarks=(remark,)),))
