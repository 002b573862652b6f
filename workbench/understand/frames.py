"""A recording, heard frame by frame: the one pass from which notes, drums, beats, chords and melody are read.

``hear_frames`` looks at a recording of any length in blocks, tunes its eyes to it, judges loudness over ten seconds
around, and lets the listening network say what it hears every 20 ms. Nothing as long as the recording is kept but the
spectrum (2 MB a minute) and the answers (3 MB a minute).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench import resources
from workbench.errors import Cancelled
from workbench.nets.colour import Colour
from workbench.nets.listen_onnx import Joined, ListenRuntime, stretches
from workbench.nets.listen_spectrum import (
    BINS,
    FPS,
    HOP,
    LONGEST,
    RATE,
    block_decibels,
    frames_of,
    loudness,
    scaled,
)
from workbench.sound.audio import Audio
from workbench.understand.tuning import tuning_of

Rows = NDArray[np.float16]
#: Frames looked at in one go (even, since the longest window's rows stand for two), and samples taken in one go.
BLOCK, SAMPLES = 1_000, 1 << 19
#: A recording further than this from A = 440 Hz, in cents, is looked at where it stands.
OFF = 8.0


@dataclass(frozen=True, eq=False)
class Frames:
    """What the network heard, every 20 ms; probabilities 0 to 1 as float16.

    ``onset``, ``frame``, ``end``, ``velocity``, ``melody``: [frames, 88], key 0 is MIDI 21 (``velocity``: 1 is 127;
    it means something at onsets alone). ``drums``: [frames, 6] (kick, snare, closed hat, open hat, toms, cymbals).
    ``beats``: [frames, 2] (beat, downbeat). ``root``: [frames, 13] (12: no chord). ``kind``: [frames, 8] (major, minor,
    7, maj7, m7, diminished, augmented, suspended). ``voiced``: [frames], whether there is a melody.
    ``level``: float32 [frames], decibels of the loudness around. ``tuning_cents``: how much higher than A = 440 Hz the
    recording is tuned; the keys above are its own. ``colour``: of the sound as a whole, see
    :class:`workbench.nets.colour.Colour`; None where nobody has looked at it.
    """

    onset: Rows
    frame: Rows
    end: Rows
    velocity: Rows
    melody: Rows
    drums: Rows
    beats: Rows
    root: Rows
    kind: Rows
    voiced: Rows
    level: NDArray[np.float32]
    tuning_cents: float
    duration: float
    fps: float = FPS
    colour: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.onset)


def hear_frames(
    audio: Audio,
    *,
    runtime: ListenRuntime | None = None,
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Frames:
    """Listen to a recording.

    Args:
        audio: any rate, channels and length; silence and a tenth of a second are fine.
        runtime: another network than the one that is shipped.
        progress: told the share done, 0 to 1.
        cancelled: asked between blocks whether to stop.

    Raises:
        Cancelled: ``cancelled`` said so.
    """
    runtime = runtime or listener()
    tell = progress or (lambda share: None)
    cents = tuning_of(audio)
    cents = cents if abs(cents) > OFF else 0.0
    rows = np.empty((frames_of(-(-audio.frames * RATE // audio.rate)), BINS), np.float16)
    for start, block in _looked_at(audio, len(rows), cents):
        rows[start : start + len(block)] = block
        _stop(cancelled)
        tell(0.4 * (start + len(block)) / len(rows))
    level = loudness(rows)
    heard, colour = Joined(len(rows), np.float16), Colour()
    for start in range(0, len(rows), BLOCK):
        colour.add(scaled(rows[start : start + BLOCK], level[start : start + BLOCK]))
    for start, end in stretches(len(rows)):
        _stop(cancelled)
        heard.put(start, runtime.stretch(scaled(rows[start:end], level[start:end])))
        tell(0.4 + 0.6 * end / len(rows))
    said: dict[str, Any] = {**heard.rows, "voiced": heard.rows["voiced"][:, 0]}
    return Frames(**said, level=level, tuning_cents=cents, duration=audio.seconds, colour=colour.read())


@functools.lru_cache(maxsize=1)
def listener() -> ListenRuntime:
    """The network that is shipped; ``WORKBENCH_LISTENER`` names another folder to try."""
    folder = os.environ.get("WORKBENCH_LISTENER")
    return ListenRuntime(Path(folder, "model.onnx") if folder else resources.path("models/transcribe/model.onnx"))


def _stop(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled("Stopped.")


def _looked_at(audio: Audio, frames: int, cents: float) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The spectrum in blocks: (first frame, decibels [frames of it, BINS])."""
    kept = np.zeros(LONGEST // 2, np.float32)  # samples from half a window before the next frame on
    start = 0
    for piece, last in _mono(audio):
        kept = np.concatenate([kept, piece])
        if last:
            kept = np.concatenate([kept, np.zeros(LONGEST + 2 * HOP, np.float32)])
        while start < frames:
            count = min(BLOCK, frames - start)
            if len(kept) < (count + 1) * HOP + LONGEST:
                break
            yield start, block_decibels(kept, count, cents)
            kept = kept[count * HOP :]
            start += count


def _mono(audio: Audio) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """The sound as one channel at the network's rate, in pieces, and whether a piece is the last."""
    import soxr

    stream = soxr.ResampleStream(audio.rate, RATE, 1, dtype="float32") if audio.rate != RATE else None
    for start in range(0, max(1, audio.frames), SAMPLES):
        mono = audio.samples[start : start + SAMPLES].mean(axis=1, dtype=np.float32)
        last = start + SAMPLES >= audio.frames
        yield (stream.resample_chunk(mono, last=last) if stream else mono), last
