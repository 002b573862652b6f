"""Sound files block by block: any length in bounded memory, or a part of one without the rest.

:func:`~workbench.sound.files.read_audio` holds a whole file; what must also serve an hour of video goes through here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, BadRequest
from workbench.sound.audio import MAX_CHANNELS, Audio

#: Frames of one block, about.
BLOCK = 1 << 16
#: A part is looked for from so many seconds before it, since compressed sound needs a run-up.
_RUN_UP = 1.0


@contextmanager
def opened(path: str | os.PathLike[str], name: str = "") -> Iterator[tuple[Any, Any]]:
    """The container of a file and its first sound stream (PyAV).

    Args:
        path: the file.
        name: what a person calls it; by default its own name.

    Raises:
        BadFile: it is no sound file, it is damaged, or there is no sound in it.
    """
    import av

    name = name or Path(path).name[:80]
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise BadFile(f"There is no sound in {name}; choose another file.")
            stream = container.streams.audio[0]
            if not stream.codec_context.sample_rate or not 1 <= stream.codec_context.channels <= MAX_CHANNELS:
                raise BadFile(f"{name} has a kind of sound that cannot be read; save it as WAV and try again.")
            yield container, stream
    except (av.error.FFmpegError, ValueError, OSError, EOFError) as error:
        raise BadFile(f"{name} cannot be read as sound; save it as WAV or MP3 and try again.") from error


def said_seconds(container: Any, stream: Any) -> float:
    """How long a file says that its sound is, in seconds; 0 where it does not say."""
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / 1_000_000)


def blocks(container: Any, stream: Any, start: float = 0.0) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The sound of an opened file from about ``start`` seconds on, as it comes.

    Yields:
        The first frame of each block (counted from the beginning of the file) and its samples, float32
        [frames, channels]; values that are no numbers are silence. Damage after the first block ends the sound there.
    """
    import av

    rate = stream.codec_context.sample_rate
    planar = av.AudioResampler(format="fltp", layout=stream.codec_context.layout, rate=rate)
    if start > _RUN_UP:
        container.seek(int((start - _RUN_UP) / stream.time_base) + (stream.start_time or 0), stream=stream)
    at, gathered, count, first = 0, list[Any](), 0, True
    frames = container.decode(stream)
    while True:
        try:
            frame = next(frames, None)
        except (av.error.FFmpegError, EOFError):
            if first and not gathered:
                raise
            frame = None
        if frame is not None and first and not gathered:
            place = frame.time if frame.time is not None and start > _RUN_UP else None
            begin = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
            at = 0 if place is None else max(0, round((place - begin) * rate))
        if frame is not None:
            frame.pts = None
        for part in planar.resample(frame):
            piece = part.to_ndarray()
            gathered.append(piece)
            count += piece.shape[1]
        if gathered and (count >= BLOCK or frame is None):
            samples = np.ascontiguousarray(np.concatenate(gathered, axis=1).T, dtype=np.float32)
            if not np.isfinite(samples).all():
                samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
            yield at, samples
            at, gathered, count, first = at + samples.shape[0], [], 0, False
        if frame is None:
            return


def read_part(path: str | os.PathLike[str], start: float, end: float, name: str = "") -> Audio:
    """A part of a sound file, at the file's own rate and with its own channels.

    Args:
        path: an audio or video file.
        start: where the part begins, in seconds.
        end: where it ends; beyond the end of the file the part is shorter.
        name: what a person calls the file.

    Raises:
        BadFile: see :func:`opened`.
        BadRequest: nothing of the file lies in the part.
    """
    with opened(path, name) as (container, stream):
        rate = int(stream.codec_context.sample_rate)
        first, last = round(start * rate), round(end * rate)
        pieces = []
        for at, samples in blocks(container, stream, start):
            low, high = max(first, at), min(last, at + len(samples))
            if high > low:
                pieces.append(samples[low - at : high - at])
            if at + len(samples) >= last:
                break
    if not pieces:
        raise BadRequest("There is no sound in this part; choose another one.")
    return Audio(np.concatenate(pieces), rate)
