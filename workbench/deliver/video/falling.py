"""A short video of a piece: its notes fall on a keyboard whose keys light up, in the colours of its tracks.

    falling_notes(score, render(score), "tune.mp4", shape="9:16")

The notes are drawn once, tile by tile, as a picture that is as tall as the piece is long; a frame is a window of it
over a still picture, with what sounds lit up. So a frame costs some copying, and memory does not grow with the piece.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.deliver.video.film import Film, stereo
from workbench.deliver.video.frames import Frames
from workbench.deliver.video.scene import RATE, scene_of
from workbench.errors import BadFile, BadRequest, Cancelled
from workbench.fsutil import explain, replacing_file
from workbench.score.score import Score
from workbench.sound.audio import Audio

#: Longest video in seconds, and the pixels of the shorter side where nobody says.
MAX_SECONDS, LINES = 30 * 60.0, 720
#: Rates that AAC takes, in Hz.
_RATES = (32_000, 44_100, 48_000)
_BLOCK = 1 << 15


def falling_notes(
    score: Score,
    audio: Audio | str | Path,
    out: str | Path,
    *,
    shape: str = "9:16",
    lines: int = LINES,
    note: str = "",
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Write the video, as long as its sound to within a frame, 30 frames a second, and return its path.

    Args:
        score: the piece.
        audio: its sound from tick 0 on, or a WAV or FLAC file with it.
        out: an MP4 file; an existing one is replaced at the end.
        shape: "9:16" for phones, "16:9" for everything else.
        lines: pixels of the shorter side, 240 to 1080.
        note: a remark stored in the file.
        progress: called with 0.0 to 1.0.
        cancelled: asked before each frame; where it answers True nothing is left of the file.

    Raises:
        BadRequest: another ending or shape, no notes, no sound, or longer than 30 minutes.
        BadFile: the sound cannot be read.
        Cancelled: ``cancelled`` said so.
        Unavailable: no encoder, or the disk is full.
    """
    out, report = Path(out), progress or (lambda share: None)
    if out.suffix.lower() != ".mp4":
        raise BadRequest("A video of falling notes is an MP4 file; let its name end in .mp4.")
    scene = scene_of(score, shape, lines)
    with _sound(audio) as (rate, samples, blocks):
        seconds = samples / rate
        if not 0 < seconds <= MAX_SECONDS:
            raise BadRequest("A video of a piece can last from a moment to 30 minutes.")
        count = max(1, math.ceil(seconds * RATE - 1e-6))
        with replacing_file(out) as temporary:
            film = Film(temporary, scene.width, scene.height, RATE, rate, note=note, title=score.title)
            whole, played, source = False, 0, stereo(blocks)
            try:
                for number, buffer in enumerate(Frames(scene, count)):
                    if cancelled is not None and cancelled():
                        raise Cancelled("Stopped.")
                    while played * RATE <= number * rate and (block := next(source, None)) is not None:
                        film.sound(block)
                        played += len(block)
                    film.frame(buffer)
                    if number % 10 == 0:
                        report(number / count)
                for block in source:
                    film.sound(block)
                whole = True
            except OSError as problem:
                raise explain(out, problem) from problem
            finally:
                film.close(whole=whole)
    report(1.0)
    return out


@contextmanager
def _sound(audio: Audio | str | Path) -> Iterator[tuple[int, int, Iterator[NDArray[np.float32]]]]:
    """Rate, length in samples and the blocks of a sound, float32 [frames, channels]."""
    if isinstance(audio, Audio):
        _check_rate(audio.rate)
        spans = range(0, audio.frames, _BLOCK)
        yield audio.rate, audio.frames, (audio.samples[at : at + _BLOCK] for at in spans)
        return
    import soundfile

    try:
        with soundfile.SoundFile(audio) as file:
            _check_rate(file.samplerate)
            yield file.samplerate, file.frames, file.blocks(_BLOCK, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as problem:
        raise BadFile(f"{Path(audio).name!r} cannot be read as sound; give a WAV or FLAC file.") from problem


def _check_rate(rate: int) -> None:
    if rate not in _RATES:
        raise BadRequest("The sound of a video has 32,000, 44,100 or 48,000 samples a second.")
