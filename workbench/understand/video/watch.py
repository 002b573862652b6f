"""What music can follow in a video: the function a person calls.

    seen = watch("holiday.mp4")                 # workbench.understand.video.watched.Watched
    seen.cuts, seen.moments                     # seconds
    seen.corrected(cuts=[4.0, 9.5])

Every picture is decoded once, small; the sound is read block by block at the rate of speech, so that an hour of video
takes no more memory than its pictures' thumbnails.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import BadFile, Cancelled, WorkbenchError
from workbench.fsutil import shown
from workbench.understand.video.cuts import CutFinder
from workbench.understand.video.frames import Stream, looks, opened_video
from workbench.understand.video.moments import moments
from workbench.understand.video.mood import mood
from workbench.understand.video.motion import MotionMeter, motion_curve
from workbench.understand.video.watched import MAX_SECONDS, Watched

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.sound.audio import Audio

#: Share of the work that is pictures.
_PICTURES = 0.9
#: Rate in Hz at which the sound is listened to, and points of light and motion that are handed over at most.
_RATE, _POINTS = 16_000, 6_000


def watch(
    path: str | os.PathLike[str],
    *,
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    longest: float = MAX_SECONDS,
    hub: Hub | None = None,
) -> Watched:
    """Look at a video and listen to it.

    Args:
        path: of any common kind: MP4, MOV, WebM, MKV, AVI; as a phone makes it, turned and at an uneven rate.
        progress: told the share that is done, 0 to 1.
        cancelled: asked often; True stops the work.
        longest: refuse anything longer, in seconds.
        hub: where a model that hears speech may run; left out: the hub of this process.

    Raises:
        BadFile: it is no video, is damaged, has no picture or a single one, or is too long.
        Cancelled: ``cancelled`` said so.
    """
    path = Path(path)
    tell = progress or (lambda share: None)
    finder, meter = CutFinder(), MotionMeter()

    def told(share: float) -> None:
        tell(_PICTURES * share)

    with opened_video(path, longest=longest) as stream:
        for look in looks(stream, name=shown(path), longest=longest, progress=told, cancelled=cancelled):
            finder.add(look)
            meter.add(look)
    if stream.count < 2:
        raise BadFile(f"{shown(path)} holds a single picture; choose a video that moves.")
    joins = finder.joins()
    cuts = tuple(join.time for join in joins)
    motion = _thinned(motion_curve(meter.steps, cuts))
    light = _thinned(meter.light)
    tell(_PICTURES + 0.02)
    speech, remarks = _speech(path, stream, hub, cancelled)
    if stream.damaged:
        remarks.append("Parts of this video are damaged; I looked at the rest.")
    if stream.said_seconds and stream.end < 0.9 * stream.said_seconds:
        remarks.append(f"The picture ends after {stream.end:.1f} of {stream.said_seconds:.1f} seconds.")
    found = moments(motion, light, speech, cuts, stream.end)
    guess = mood(
        [value for _, value in motion], [value for _, value in light], meter.colour, 60 * len(cuts) / stream.end
    )
    width, height = stream.size
    tell(1.0)
    return Watched(
        stream.end, stream.count / stream.end, width, height, stream.rotation, cuts, found, motion, light, speech,
        guess, stream.has_sound, tuple(remarks),
    )  # fmt: skip


def _thinned(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """At most :data:`_POINTS` points: means of neighbours where there are more."""
    group = -(-len(points) // _POINTS)
    if group <= 1:
        return tuple(points)
    parts = [points[start : start + group] for start in range(0, len(points), group)]
    return tuple((part[0][0], float(np.mean([value for _, value in part]))) for part in parts)


def _speech(
    path: Path, stream: Stream, hub: Hub | None, cancelled: Callable[[], bool] | None
) -> tuple[tuple[tuple[float, float], ...], list[str]]:
    """Where somebody talks, on the clock of the picture, and remarks."""
    from workbench.understand.video.speech import speech_spans

    if not stream.has_sound:
        return (), []
    try:
        audio, start = sound_of(path, stream.first, cancelled)
        if audio.frames < audio.rate // 4 or not float(np.abs(audio.samples).max()):
            return (), []
        spans, by_network = speech_spans(audio, hub=hub, cancelled=cancelled)
    except Cancelled:
        raise
    except WorkbenchError:
        return (), ["The sound of this video cannot be read."]
    guess = "Where somebody talks is a guess; put it right in the list where it is wrong."
    remarks = [] if by_network or not spans else [guess]
    moved = [(max(0.0, a + start), min(stream.end, b + start)) for a, b in spans]
    return tuple((a, b) for a, b in moved if b - a > 0.05), remarks


def sound_of(
    path: Path, first: float, cancelled: Callable[[], bool] | None = None, rate: int = _RATE
) -> tuple[Audio, float]:
    """The sound of a video in one channel at a low rate, and where it begins on the clock of the picture.

    Args:
        path: the video.
        first: presentation time of its first picture in seconds, as the file counts.
        cancelled: asked often.
        rate: in Hz.

    Raises:
        BadFile: it cannot be read as sound.
        Cancelled: ``cancelled`` said so.
    """
    import soxr

    from workbench.sound.audio import Audio
    from workbench.sound.blocks import blocks, opened

    parts = []
    with opened(path) as (container, sound):
        begin = float((sound.start_time or 0) * sound.time_base)
        own = int(sound.codec_context.sample_rate)
        turn = soxr.ResampleStream(own, rate, 1, dtype="float32", quality="MQ")
        for _, samples in blocks(container, sound):
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped.")
            parts.append(turn.resample_chunk(samples.mean(axis=1, dtype=np.float32)))
        parts.append(turn.resample_chunk(np.zeros(0, np.float32), last=True))
    whole = np.concatenate(parts).astype(np.float32)[:, None]
    return Audio(np.ascontiguousarray(whole), rate), begin - first
