"""Reading sound from files of any common kind, and writing it with a note about who made it.

Reading goes through PyAV, whose wheels carry the codecs: WAV, FLAC, OGG, MP3, M4A and the sound of videos.
Writing goes through :mod:`.writer`; every file is written beside its place under another name and moved there when it
is whole.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile
from workbench.sound.audio import MAX_CHANNELS, Audio
from workbench.sound.writer import MP3_RATES, SoundWriter

MAX_BYTES = 500_000_000
MAX_SECONDS = 3_600.0
_PADDING = 2_048
_FRAMES_AT_ONCE = 1 << 20


def read_audio(
    source: str | os.PathLike[str] | bytes, *, rate: int | None = None, max_seconds: float = MAX_SECONDS
) -> Audio:
    """Read the first sound track of an audio or video file.

    Args:
        source: a path, or the file's bytes.
        rate: resample to this rate in Hz; without it the file's own stays.
        max_seconds: refuse anything longer.

    Returns:
        The sound with its own channels, values in -1 to 1 (float files may go beyond).

    Raises:
        BadFile: not a sound file, damaged, without sound, too large or too long.
    """
    import av

    if isinstance(source, bytes):
        size, name = len(source), "This file"
        opened: Any = io.BytesIO(source)
    else:
        path = Path(source)
        name = f"{path.name[:80]!r}"
        if not path.is_file():
            raise BadFile(f"There is no file {name}; check its name.")
        size, opened = path.stat().st_size, str(path)
    if size == 0:
        raise BadFile(f"{name} is empty; choose another file.")
    if size > MAX_BYTES:
        raise BadFile(f"{name} has {size / 1e6:,.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read.")
    try:
        with av.open(opened, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise BadFile(f"There is no sound in {name.replace('This', 'this')}; choose another file.")
            samples, found = _decode(container, max_seconds, name)
    except (av.error.FFmpegError, ValueError, OSError, EOFError) as error:
        raise BadFile(f"{name} cannot be read as sound; save it as WAV or MP3 and try again.") from error
    if not np.isfinite(samples).all():
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    audio = Audio(samples, found)
    return audio if rate is None else audio.resampled(rate)


def _decode(container: Any, max_seconds: float, name: str) -> tuple[NDArray[np.float32], int]:
    """All frames of the first sound stream as float32 [frames, channels], and their rate."""
    import av

    stream = container.streams.audio[0]
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    if not rate or not 1 <= channels <= MAX_CHANNELS:
        raise BadFile(f"{name} has a kind of sound that cannot be read; save it as WAV and try again.")
    planar = av.AudioResampler(format="fltp", layout=stream.codec_context.layout, rate=rate)
    found = _Gathered()
    for frame in _frames(container, stream, found):
        for part in planar.resample(frame):
            found.add(part.to_ndarray())
        if found.count > max_seconds * rate:
            raise BadFile(f"{name} is longer than {_duration(max_seconds)}; cut it and try again.")
    for part in planar.resample(None):
        found.add(part.to_ndarray())
    if not found.count:
        raise BadFile(f"There is no sound in {name.replace('This', 'this')}; choose another file.")
    whole = found.whole()
    if stream.duration and stream.time_base:
        # The last block of AAC is padded; the container says where the sound ends.
        said = round(float(stream.duration * stream.time_base) * rate)
        if 0 < len(whole) - said <= _PADDING:
            whole = whole[:said]
    return np.ascontiguousarray(whole), int(rate)


class _Gathered:
    """Planar pieces of sound put together in blocks, so that a long file hardly takes its size twice."""

    def __init__(self) -> None:
        self.count = 0
        self._pieces: list[NDArray[Any]] = []
        self._waiting = 0
        self._blocks: list[NDArray[np.float32]] = []

    def add(self, piece: NDArray[Any]) -> None:
        """Take the next piece, float32 [channels, frames]."""
        self._pieces.append(piece)
        self.count += piece.shape[1]
        self._waiting += piece.shape[1]
        if self._waiting >= _FRAMES_AT_ONCE:
            self._pack()

    def _pack(self) -> None:
        if self._pieces:
            self._blocks.append(np.ascontiguousarray(np.concatenate(self._pieces, axis=1).T, dtype=np.float32))
            self._pieces, self._waiting = [], 0

    def whole(self) -> NDArray[np.float32]:
        """Everything, float32 [frames, channels]; each block is let go once it is copied."""
        self._pack()
        if len(self._blocks) == 1:
            return self._blocks.pop()
        whole = np.empty((self.count, self._blocks[0].shape[1]), np.float32)
        at = 0
        for place, block in enumerate(self._blocks):
            whole[at : at + len(block)] = block
            at += len(block)
            self._blocks[place] = block[:0].copy()
            del block
        return whole


def _frames(container: Any, stream: Any, decoded: _Gathered) -> Iterator[Any]:
    """Decoded frames; damage after the first sound ends the file there, as players do."""
    import av

    try:
        for frame in container.decode(stream):
            frame.pts = None
            yield frame
    except (av.error.FFmpegError, EOFError):
        if not decoded.count:
            raise


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def write_audio(
    audio: Audio, path: str | os.PathLike[str], *, subtype: str = "float", note: str = "", bit_rate: int = 192_000
) -> None:
    """Write a sound file of the kind that the name's ending says; see :class:`~workbench.sound.writer.SoundWriter`.

    Args:
        audio: what to write; FLAC and PCM need every sample within -1 to 1, MP3 and M4A one or two channels.
        path: where; an existing file is replaced only once the new one is whole.
        subtype: "float" (32 bit, WAV alone; FLAC then takes 24 bit), "pcm24" or "pcm16".
        note: a plain remark stored in the file.
        bit_rate: bits a second of MP3 and M4A.

    Raises:
        BadRequest: another ending or subtype, samples above full scale where the format would clip them, or more
            than two channels for MP3 and M4A.
        Unavailable: the disk is full or the place cannot be written.
    """
    if Path(path).suffix.lower() in (".mp3", ".m4a") and audio.rate not in MP3_RATES:
        audio = audio.resampled(44_100)
    with SoundWriter(path, audio.rate, audio.channels, subtype=subtype, note=note, bit_rate=bit_rate) as file:
        for start in range(0, audio.frames, _FRAMES_AT_ONCE):
            file.write(audio.samples[start : start + _FRAMES_AT_ONCE])


def read_note(source: str | os.PathLike[str] | bytes) -> str:
    """The note that :func:`write_audio` stored in a file, or an empty text."""
    import av

    try:
        with av.open(
            io.BytesIO(source) if isinstance(source, bytes) else str(source), metadata_errors="ignore"
        ) as file:
            found = {key.lower(): value for key, value in {**file.streams[0].metadata, **file.metadata}.items()}
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise BadFile("This file cannot be read as sound; choose another one.") from error
    return str(found.get("comment", ""))
