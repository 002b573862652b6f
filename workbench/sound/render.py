"""Rendering: every track of a score becomes a stem, and the stems add up to the mix.

The instruments are those of the shipped soundfonts (:mod:`.instruments.soundfont`), the mixer is :mod:`.mixer`.
Loudness is set once, over the mix, and the same gain goes to every stem. Nothing here depends on chance: the same
score gives the same samples. These functions return whole arrays; what is written to disk goes there block by block,
through :func:`.recording.recorded`.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.score.score import Score, Track
from workbench.sound.audio import Audio
from workbench.sound.playing import dry_track as dry_track
from workbench.sound.recording import DEFAULT_RATE, Progress, Recording, Stop, recorded

#: Above this many bytes the samples of all stems together live in a temporary file instead of memory.
SPILL_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One track's sound: float32 stereo, as long as the mix. ``name`` is the track's, or its instrument's."""

    track_id: str
    name: str
    audio: Audio


def render_stems(
    score: Score, *, rate: int = DEFAULT_RATE, progress: Progress | None = None, stop: Stop | None = None
) -> list[Stem]:
    """One stem a track (silent for muted and empty ones), all of the same length, at the mix's common gain.

    Args:
        score: what to play.
        rate: 44,100 or 48,000 Hz.
        progress: called with 0.0 to 1.0 as the work goes on.
        stop: asked before each voice; where it answers True the work ends with :class:`.errors.Cancelled`.

    Raises:
        BadRequest: the piece is longer than 30 minutes, or 1,000 minutes of all tracks together, or the rate is
            another one.
        Cancelled: ``stop`` said so.
    """
    return render_all(score, rate=rate, progress=progress, stop=stop)[0]


def render_all(
    score: Score,
    *,
    rate: int = DEFAULT_RATE,
    whole_bars: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> tuple[list[Stem], Audio]:
    """Stems and mix in one go; see :func:`render_stems`. ``whole_bars``: silence is added up to a bar line."""
    with recorded(
        score, rate=rate, whole_bars=whole_bars, memory_bytes=SPILL_BYTES, progress=progress, stop=stop
    ) as made:
        space = _space(made)
        stems = []
        for number, track in enumerate(score.tracks):
            samples = made.array(number, None if space is None else space[number])
            stems.append(Stem(track.id, stem_name(track), Audio(samples, rate)))
        return stems, Audio(made.array(), rate)


def _space(made: Recording) -> NDArray[np.float32] | None:
    """Room for stems that are too large for memory, float32 [count, frames, 2], in a file that vanishes by itself."""
    shape = len(made.stems), made.frames, 2
    if math.prod(shape) * 4 <= SPILL_BYTES:
        return None
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.float32, "w+", shape=shape)


def mix(stems: Sequence[Stem]) -> Audio:
    """The sum of the stems; raises :class:`BadRequest` if there is none or their rates or lengths differ."""
    if not stems:
        raise BadRequest("There is no track to mix; add one first.")
    first = stems[0].audio
    if any(stem.audio.rate != first.rate or stem.audio.frames != first.frames for stem in stems):
        raise BadRequest("These stems do not belong together: their rates or lengths differ.")
    total = np.zeros((first.frames, 2), np.float64 if first.frames < 1 << 22 else np.float32)
    for stem in stems:
        total += stem.audio.samples
    return Audio(total.astype(np.float32), first.rate)


def render(
    score: Score, *, rate: int = DEFAULT_RATE, progress: Progress | None = None, stop: Stop | None = None
) -> Audio:
    """The mix of a score, stereo, at -16 LUFS and a true peak of at most -1 dB; see :func:`render_stems`."""
    with recorded(score, rate=rate, stems=False, memory_bytes=SPILL_BYTES, progress=progress, stop=stop) as made:
        return Audio(made.array(), rate)


def stem_name(track: Track) -> str:
    """The track's name, or what it plays."""
    from workbench.score.instruments import GM_PROGRAMS

    return track.name.strip() or ("Drums" if track.is_drum else GM_PROGRAMS[track.program])
