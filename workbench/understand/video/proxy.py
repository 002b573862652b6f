"""A small copy of a video that every browser plays, whoever made it: upright, with its sound, easy to seek in."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, Cancelled, Unavailable
from workbench.fsutil import replacing_file, shown
from workbench.understand.video.frames import decoded, opened_video

#: Longer side in pixels, pictures a second at most, and seconds between pictures that can be jumped to.
SIDE, RATE, KEYS = 640, 30, 0.5
_CLOCK = Fraction(1, 90_000)
#: Encoders in the order of liking, the ending each needs, and options.
_ENCODERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("libx264", ".mp4", {"preset": "superfast", "crf": "28", "tune": "fastdecode"}),
    ("libopenh264", ".mp4", {"b": "900000"}),
    ("libvpx-vp9", ".webm", {"deadline": "realtime", "cpu-used": "8", "b": "900000"}),
)  # fmt: skip
#: What its sound becomes, by ending; samples a second, bits a second.
_SOUNDS = {".mp4": "aac", ".webm": "libopus"}
_SOUND_RATE, _SOUND_BITS = 48_000, 96_000
#: Silence in a track that is longer than this, in seconds, stays; a shorter one is how frames are timed.
_GAP = 0.05


def proxy(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Write the small copy; its times are those of :func:`~workbench.understand.video.watch.watch`.

    Args:
        path: the video.
        out: where; its ending becomes .mp4 (H.264) or, where there is no such encoder, .webm (VP9).
        progress: told the share that is done.
        cancelled: True stops the work, and nothing is left.

    Raises:
        BadFile: it is no video that can be shown.
        Cancelled: ``cancelled`` said so.
        Unavailable: no encoder is here, or the place cannot be written.
    """
    import av

    known = av.codecs_available
    name, suffix, options = next((one for one in _ENCODERS if one[0] in known), ("", "", {}))
    if not name:
        raise Unavailable(
            "The installed video library can write no video; install PyAV's own package (pip install av)."
        )
    out = Path(out).with_suffix(suffix)
    with (
        ExitStack() as copies,
        opened_video(path) as source,
        replacing_file(out) as place,
        av.open(
            str(place), "w", format=suffix[1:], options={"movflags": "+faststart"} if suffix == ".mp4" else {}
        ) as target,
    ):
        context = source.video.codec_context
        context.thread_type = "AUTO"
        sound = _Sound(Path(path), target, _SOUNDS[suffix]) if source.has_sound else None
        if sound is not None:
            copies.callback(sound.close)
        stream: Any = None
        due = last = -1.0
        for frame in decoded(source):
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped.")
            if frame.time is None:
                continue
            if stream is None:
                source.first = frame.time
                turn = round(frame.rotation / 90) % 4
                scale = min(1.0, SIDE / max(source.width, source.height))
                width, height = (max(2, round(side * scale / 2) * 2) for side in (source.width, source.height))
                stream = target.add_stream(name, rate=RATE, options=options)
                stream.width, stream.height = (height, width) if turn % 2 else (width, height)
                stream.pix_fmt, stream.codec_context.time_base = "yuv420p", _CLOCK
                stream.codec_context.gop_size = round(KEYS * RATE)
                if sound is not None:
                    sound.begin(source.first)
            time = frame.time - source.first
            if time <= last or time < due - 0.4 / RATE:
                continue
            last, due = time, max(due, time - 0.5 / RATE) + 1 / RATE
            picture = _upright(frame.reformat(width, height, "yuv420p"), turn)
            picture.pts, picture.time_base = round(time / _CLOCK), _CLOCK
            target.mux(stream.encode(picture))
            if sound is not None:
                sound.up_to(time)
            if progress is not None and source.said_seconds > 0:
                progress(min(1.0, time / source.said_seconds))
        if stream is None:
            raise BadFile(f"No picture of {shown(Path(path))} can be shown; save it as MP4 and try again.")
        target.mux(stream.encode(None))
        if sound is not None:
            sound.up_to(math.inf)
    return out


class _Sound:
    """The sound of a video on its way into the copy, beside the picture; where it is damaged, it ends."""

    def __init__(self, path: Path, target: Any, codec: str) -> None:
        import av

        self._container = av.open(str(path), metadata_errors="ignore")
        self._frames = self._container.decode(self._container.streams.audio[0])
        self._target = target
        self._stream = target.add_stream(codec, rate=_SOUND_RATE)
        self._stream.bit_rate, self._stream.layout = _SOUND_BITS, "stereo"
        self._form = av.AudioResampler(format=self._stream.format.name, layout="stereo", rate=_SOUND_RATE)
        self._first, self._at, self._next, self._over = 0.0, 0.0, 0, False

    def begin(self, first: float) -> None:
        """``first``: second of the file's clock at which the copy begins."""
        self._first = first

    def up_to(self, time: float) -> None:
        """Copy what sounds before ``time``, in seconds of the copy; ``inf``: all there is, and end."""
        import av

        while not self._over and self._at <= time:
            try:
                frame = next(self._frames, None)
            except av.error.FFmpegError:
                frame = None
            if frame is None or frame.time is None:
                self._over = True
                self._target.mux(self._stream.encode(None))
                return
            start = frame.time - self._first
            self._at = start + frame.samples / frame.sample_rate
            if self._at <= 0 or start < 0:
                continue  # before the first picture
            if start - self._next / _SOUND_RATE > _GAP:
                self._next = round(start * _SOUND_RATE)
            for part in self._form.resample(frame):
                part.pts, part.time_base = self._next, Fraction(1, _SOUND_RATE)
                self._next += part.samples
                self._target.mux(self._stream.encode(part))

    def close(self) -> None:
        """Let the file go."""
        self._container.close()


def _upright(frame: Any, turn: int) -> Any:
    """A picture turned ``turn`` quarters against the clock."""
    import av
    import numpy as np

    if not turn:
        return frame
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        planes.append(np.rot90(rows, turn))
    width, height = planes[0].shape[1], planes[0].shape[0]
    out = av.VideoFrame(width, height, "yuv420p")
    for plane, turned in zip(out.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = turned
        plane.update(rows.tobytes())
    return out
