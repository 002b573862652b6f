"""Sound reduced to what a screen can show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from workbench.sound.audio import Audio

PEAKS_PER_SECOND = 40
MAX_PEAKS = 4_000


def peaks_of(audio: Audio) -> list[int]:
    """The loudest sample of each short stretch, 0 to 255, at 40 stretches a second (fewer in long pieces)."""
    count = max(1, min(MAX_PEAKS, round(audio.seconds * PEAKS_PER_SECOND)))
    loud = np.abs(audio.samples).max(axis=1) if audio.frames else np.zeros(1, np.float32)
    edges = np.linspace(0, len(loud), count, endpoint=False).astype(int)
    peaks = np.maximum.reduceat(loud, edges)
    return [int(value) for value in np.clip(np.round(peaks * 255), 0, 255)]
