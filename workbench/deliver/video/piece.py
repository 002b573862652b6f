"""A piece as a video file: its sound made, its notes drawn to it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from workbench.deliver.marking import marking
from workbench.deliver.mixdown import write_mix
from workbench.deliver.video.falling import LINES, falling_notes
from workbench.deliver.video.scene import scene_of
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.sound.limits import OWN, Limits
from workbench.sound.recording import Progress, Stop

#: The share of the work that is making the sound.
_SOUNDING = 0.3


def write_video(
    score: Score,
    path: str | Path,
    *,
    shape: str = "9:16",
    lines: int = LINES,
    rate: int = 44_100,
    note: str = "",
    no_mark: str = "",
    limits: Limits = OWN,
    given: Mapping[str, Audio] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> float:
    """Write a video of falling notes with the mix of a score and return its length in seconds.

    Args:
        score: the piece.
        path: an MP4 file.
        shape, lines: see :func:`~workbench.deliver.video.falling.falling_notes`.
        rate: of the sound, in Hz.
        note: a remark stored in the file.
        no_mark: a reason for leaving the inaudible mark out, which the remark then tells.
        limits: how much sound may be made.
        given: sound that stands for tracks, see :func:`workbench.sound.recording.recorded`.
        progress: called with 0.0 to 1.0.
        stop: asked as the work goes on; where it answers True nothing is left of the file.

    Raises:
        BadRequest: nothing to show, too long, or another shape.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full or the place cannot be written.
    """
    report = progress or (lambda share: None)
    scene_of(score, shape, lines)  # what cannot be shown is said before the sound is made
    with tempfile.TemporaryDirectory(prefix="workbench-video-") as folder:
        sound = Path(folder) / "mix.wav"
        seconds = write_mix(
            score, sound, rate=rate, subtype="pcm24", no_mark=no_mark, limits=limits, given=given, stop=stop,
            progress=lambda share: report(_SOUNDING * share),
        )  # fmt: skip
        falling_notes(
            score, sound, path, shape=shape, lines=lines, note=marking(score, no_mark).noted(note), cancelled=stop,
            progress=lambda share: report(_SOUNDING + (1 - _SOUNDING) * share),
        )  # fmt: skip
    return seconds
