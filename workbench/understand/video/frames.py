"""A video decoded once, as small pictures with their times: every picture that a player would show, in bounded memory.

Times are presentation times from the first picture, never counts: phones vary their frame rate. Pictures keep the
shape in which they are stored; a player turns them by :attr:`Stream.rotation`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Cancelled
from workbench.fsutil import shown
from workbench.understand.video.watched import MAX_SECONDS, MAX_SIDE

#: The longer side of the small pictures, in pixels.
SIDE = 160
#: Damaged packets in a row after which a file is taken to have ended.
_PATIENCE = 300
#: From this height (or width, if smaller) a decoder leaves out its smoothing of block edges: nothing of it is left in
#: the small pictures, and it takes a quarter of the time.
_COARSE_FROM = 700


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: ``time`` in seconds from the first, ``luma`` uint8 [H, W], ``u`` and ``v`` uint8 [H / 2, W / 2]."""

    time: float
    luma: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]


@dataclass(slots=True)
class Stream:
    """What a file says of its picture track, and what came to light while it was decoded.

    ``width``, ``height``: as stored, in square pixels. ``rotation``: degrees clockwise, known after the first picture.
    ``said_seconds``: the length it claims, 0 where it does not. ``has_sound``. ``end``: seconds from the first picture
    to the end of the last. ``count``: pictures decoded. ``damaged``: packets that could not be.
    """

    container: Any
    video: Any
    width: int
    height: int
    said_seconds: float
    has_sound: bool
    rotation: int = 0
    first: float = 0.0
    end: float = 0.0
    count: int = 0
    damaged: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as a player shows them, upright."""
        return (self.height, self.width) if self.rotation % 180 else (self.width, self.height)


@contextmanager
def opened_video(path: str | os.PathLike[str], *, name: str = "", longest: float = MAX_SECONDS) -> Iterator[Stream]:
    """Open a video for :func:`looks`.

    Args:
        path: the file.
        name: what a person calls it; by default its own name, quoted.
        longest: refuse anything longer, in seconds.

    Raises:
        BadFile: there is no such file, it is no video, damaged, without a picture track, too long or too large.
    """
    import av

    path = Path(path)
    name = name or shown(path)
    if not path.is_file():
        raise BadFile(f"There is no file {name}; check its name.")
    if not path.stat().st_size:
        raise BadFile(f"{name} is empty; choose another file.")
    if _is_still(path):
        raise BadFile(f"{name} is a picture, not a video; choose a video.")
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            yield _stream(container, name, longest)
    except (av.error.FFmpegError, ValueError, OSError, EOFError) as error:
        raise BadFile(f"{name} cannot be read as a video; save it as MP4 and try again.") from error


def _is_still(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(16)
    signs = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"%PDF", b"BM")
    return head.startswith(signs) or head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")


def _stream(container: Any, name: str, longest: float) -> Stream:
    from av.stream import Disposition

    pictures = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not pictures:
        sound = "; give it as a recording" if container.streams.audio else "; choose another file"
        raise BadFile(f"There is no moving picture in {name}{sound}.")
    video = pictures[0]
    context = video.codec_context
    if not context.width or not context.height:
        raise BadFile(f"{name} cannot be read as a video; save it as MP4 and try again.")
    if max(context.width, context.height) > MAX_SIDE or context.width * context.height > 40_000_000:
        raise BadFile(f"The picture of {name} is too large: {context.width} x {context.height} pixels.")
    said = container.duration / 1e6 if container.duration and container.duration > 0 else 0.0
    if video.duration and video.time_base:
        said = float(video.duration * video.time_base)
    if said > longest:
        raise BadFile(_too_long(name, said, longest))
    aspect = float(video.sample_aspect_ratio or 1)
    width = round(context.width * aspect) if 0.2 < aspect < 5 else context.width
    return Stream(container, video, width, context.height, said, bool(container.streams.audio))


def _too_long(name: str, seconds: float, longest: float) -> str:
    said = f"{seconds / 3600:.1f} hours" if seconds >= 3_600 else f"{seconds / 60:.0f} minutes"
    return f"{name} lasts {said}; choose a part of at most {longest / 60:.0f} minutes."


def looks(
    stream: Stream, *, name: str = "The video", longest: float = MAX_SECONDS,
    progress: Callable[[float], object] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Iterator[Look]:  # fmt: skip
    """Every picture of an opened video in the order of time, small.

    Damaged stretches are left out. The fields of ``stream`` are complete when the iterator is.

    Raises:
        BadFile: no picture could be decoded, or the video is longer than it said.
        Cancelled: ``cancelled`` said so.
    """
    context = stream.video.codec_context
    context.thread_type = "AUTO"
    context.thread_count = max(1, min(4, os.cpu_count() or 1))
    if min(context.width, context.height) >= _COARSE_FROM:
        context.options = {**context.options, "skip_loop_filter": "all"}
    last = -math.inf
    length = 0.0
    for frame in decoded(stream):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped.")
        if not stream.count:
            stream.rotation = -round(frame.rotation / 90) * 90 % 360
        place = frame.time
        if place is None:  # raw streams carry no times
            rate = float(stream.video.average_rate or stream.video.guessed_rate or 25)
            place = 0.0 if not stream.count else stream.first + last + 1.0 / rate
        if not stream.count:
            stream.first = place
        time = place - stream.first
        if time <= last:
            continue
        if time > longest:
            raise BadFile(_too_long(name, max(time, stream.said_seconds), longest))
        length = float((frame.duration or 0) * frame.time_base) if frame.time_base else 0.0
        if not 0 < length < 10:
            length = time - last if stream.count else 0.04
        last = time
        stream.count += 1
        stream.end = time + length
        yield _small(frame, time)
        if progress is not None and stream.said_seconds > 0:
            progress(min(1.0, time / stream.said_seconds))
    if not stream.count:
        raise BadFile(f"No picture of {name} can be shown; save it as MP4 and try again.")


def decoded(stream: Stream) -> Iterator[Any]:
    """Decoded pictures; damaged packets are counted and left out."""
    import av

    packets = stream.container.demux(stream.video)
    failed = 0
    while failed < _PATIENCE:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except (av.error.FFmpegError, EOFError):
            failed += 1
            stream.damaged += 1
            continue
        failed = 0
        yield from frames


def _small(frame: Any, time: float) -> Look:
    scale = SIDE / max(frame.width, frame.height)
    width = max(16, round(frame.width * scale / 4) * 4)
    height = max(16, round(frame.height * scale / 4) * 4)
    tiny = frame.reformat(width=width, height=height, format="yuv420p", interpolation="AREA")
    return Look(time, *(_plane(tiny.planes[index]) for index in range(3)))


def _plane(plane: Any) -> NDArray[np.uint8]:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return np.ascontiguousarray(rows[: plane.height, : plane.width])
