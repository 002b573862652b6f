"""One sound file of a piece, or of a part of it, written block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from workbench.deliver.marking import Marked, marking
from workbench.errors import BadRequest, Cancelled
from workbench.fsutil import check_space
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.limits import OWN, Limits
from workbench.sound.recording import DEFAULT_RATE, Progress, Recording, Stop, recorded
from workbench.sound.tape import FRAME_BYTES, Block
from workbench.sound.writer import SoundWriter

#: Fade at both ends of an excerpt: short enough to leave a stroke on the first beat its edge.
EXCERPT_FADE_SECONDS = 0.002
_AT_ONCE = 1 << 17  # frames
_RENDERING = 0.85  # the share of the work that is done before the first sample is written


def write_mix(
    score: Score,
    path: str | Path,
    *,
    rate: int = DEFAULT_RATE,
    subtype: str = "float",
    loop: tuple[int, int] | None = None,
    note: str = "",
    no_mark: str = "",
    limits: Limits = OWN,
    given: Mapping[str, Audio] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> float:
    """Write the mix of a score to a sound file and return its length in seconds.

    Args:
        score: the piece.
        path: where; its ending says the kind, see :class:`~workbench.sound.writer.SoundWriter`.
        rate: 44,100 or 48,000 Hz.
        subtype: see :class:`~workbench.sound.writer.SoundWriter`.
        loop: first and last tick of a part; without it all is written. The part ends with the piece's last bar.
        note: a remark stored in the file.
        no_mark: a reason for leaving the inaudible mark out, which the remark then tells.
        limits: how much sound may be made.
        given: sound that stands for tracks, see :func:`workbench.sound.recording.recorded`.
        progress: called with 0.0 to 1.0.
        stop: asked as the work goes on; where it answers True nothing is left of the file.

    Raises:
        BadRequest: too long, or a part behind the end of the piece.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full or the place cannot be written.
    """
    path, report, hidden = Path(path), progress or (lambda share: None), marking(score, no_mark)
    span = _span(score, loop, limits) if loop else None
    with recorded(
        score, rate=rate, stems=False, limits=limits, given=given, stop=stop,
        progress=lambda share: report(_RENDERING * share),
    ) as made:  # fmt: skip
        first, last = (round(span[0] * rate), max(round(span[0] * rate) + 1, round(span[1] * rate))) if span else (
            0, made.frames
        )  # fmt: skip
        size = FRAME_BYTES if path.suffix.lower() in (".wav", ".flac") else 1
        check_space(path.absolute().parent, (last - first) * size)
        with SoundWriter(path, rate, 2, subtype=subtype, note=hidden.noted(note)) as file:
            done = 0
            source = Marked(made) if hidden.wanted else made
            for block in _part(source, first, last, fade=round(EXCERPT_FADE_SECONDS * rate) if span else 0):
                if stop is not None and stop():
                    raise Cancelled("Stopped.")
                file.write(block)
                done += len(block)
                report(_RENDERING + (1 - _RENDERING) * done / (last - first))
    return (last - first) / rate


def _span(score: Score, loop: tuple[int, int], limits: Limits) -> tuple[float, float]:
    """First and last second of a part."""
    times = TimeMap(score)
    first, last = loop
    last = min(last, times.bar_at(max(0, score.end - 1)).end)
    if first >= last:
        raise BadRequest("The loop lies behind the end of the piece; set it again.")
    limits.check(times.seconds(last) - times.seconds(first), 1)
    return times.seconds(first), times.seconds(last)


def _part(made: Recording | Marked, first: int, last: int, fade: int) -> Iterator[Block]:
    """The mix from one frame to another, silence where it is over, faded at its ends against clicks."""
    length = last - first
    fade = min(fade, length // 2)
    for start in range(0, length, _AT_ONCE):
        end = min(start + _AT_ONCE, length)
        block = made.read_mix(first + start, first + end)
        if fade:
            frames = np.arange(start, end, dtype=np.float32)
            gain = np.minimum(1, (length - frames) / fade)
            if first:
                gain = np.minimum(gain, frames / fade)
            block *= gain[:, None].astype(np.float32)
        yield block
