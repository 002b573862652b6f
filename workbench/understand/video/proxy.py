"""A small copy of a video that every browser plays, whoever made it: upright, without sound, easy to seek in."""

from __future__ import annotations

import os
from collections.abc import Callable
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
        opened_video(path) as source,
        replacing_file(out) as place,
        av.open(
            str(place), "w", format=suffix[1:], options={"movflags": "+faststart"} if suffix == ".mp4" else {}
        ) as target,
    ):
        context = source.video.codec_context
        context.thread_type = "AUTO"
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
            time = frame.time - source.first
            if time <= last or time < due - 0.4 / RATE:
                continue
            last, due = time, max(due, time - 0.5 / RATE) + 1 / RATE
            picture = _upright(frame.reformat(width, height, "yuv420p"), turn)
            picture.pts, picture.time_base = round(time / _CLOCK), _CLOCK
            target.mux(stream.encode(picture))
            if progress is not None and source.said_seconds > 0:
                progress(min(1.0, time / source.said_seconds))
        if stream is None:
            raise BadFile(f"No picture of {shown(Path(path))} can be shown; save it as MP4 and try again.")
        target.mux(stream.encode(None))
    return out


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
