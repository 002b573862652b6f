"""Running a separator over a long recording: stretches that overlap and fade into each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile
from workbench.sound.audio import Audio

Samples = NDArray[np.float32]


def over_stretches(
    audio: Audio, split: Callable[[Samples], Samples], kept: Sequence[int], *, seconds: float, overlap: float
) -> Iterator[float | list[Samples]]:
    """Yield the share of the work done after each stretch, and last the stems kept, each float32 of the shape of
    ``audio``'s samples.

    Args:
        audio: at the rate of the network. What is not stereo is heard as its middle, and each stem's middle is given
            to all channels alike.
        split: from float32 [2, samples], as many as a stretch has, to [stems, 2, samples].
        kept: which of the network's stems are wanted.
        seconds: of a stretch; the last one is filled with silence.
        overlap: the share of a stretch that the next one hears again, at most a half.

    Raises:
        BadFile: the network gives another shape, or no numbers.
    """
    size = round(seconds * audio.rate)
    shared = round(overlap * size)
    hop = size - shared
    ramp = (np.arange(shared, dtype=np.float32) + 0.5) / max(1, shared)
    stereo = audio.channels == 2
    sound = audio.samples if stereo else np.repeat(audio.mono()[:, None], 2, axis=1)
    width = 2 if stereo else 1
    stems = [np.zeros((audio.frames, width), np.float32) for _ in kept]
    starts = range(0, max(1, audio.frames - shared), hop)
    for number, start in enumerate(starts):
        piece = sound[start : start + size]
        given = split(np.ascontiguousarray(np.pad(piece, ((0, size - len(piece)), (0, 0))).T))
        if given.ndim != 3 or given.shape[1:] != (2, size) or not np.isfinite(given).all():
            raise BadFile("The network gave something that is no sound; pull the model again.")
        fade = np.ones(size, np.float32)
        if number:
            fade[:shared] = ramp
        if number + 1 < len(starts):
            fade[size - shared :] = ramp[::-1]
        for stem, place in zip(stems, kept, strict=True):
            part = given[place] if stereo else given[place].mean(axis=0, keepdims=True)
            stem[start : start + len(piece)] += (part * fade).T[: len(piece)]
        yield (number + 1) / len(starts)
    yield [stem if stereo else np.repeat(stem, audio.channels, axis=1) for stem in stems]
