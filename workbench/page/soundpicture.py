"""A recording reduced to what a screen shows of it: its waveform, a picture of its spectrum, and what is wrong with it.

The picture has one row a semitone (the rows of a piano roll), so that notes can be drawn over what they were heard
in. Everything is made in one pass over the file, in bounded memory.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Cancelled
from workbench.fsutil import write_file
from workbench.page.waveforms import MAX_PEAKS, PEAKS_PER_SECOND
from workbench.sound.blocks import blocks, opened, said_seconds

#: Lowest and highest MIDI pitch of the picture: the keys of a piano.
LOWEST, HIGHEST = 21, 108
RATE = 16_000
WINDOW = 4_096
COLUMNS_PER_SECOND = 25.0
MAX_COLUMNS = 8_000
#: Magnitudes from this many decibels below the loudest up are drawn.
RANGE_DB = 60.0
#: A sample this near full scale counts as cut off.
FULL = 0.999
#: What never gets louder than this is silence (-60 dBFS).
SILENT = 0.001


class Spectrum:
    """Columns of a spectrum with a row a semitone, from mono sound of :data:`RATE` Hz that comes in blocks.

    Args:
        seconds: how long the sound will be, about; decides how wide a column is.
    """

    def __init__(self, seconds: float) -> None:
        rate = min(COLUMNS_PER_SECOND, MAX_COLUMNS / max(1.0, seconds))
        self.hop = round(RATE / rate)
        self._window = np.hanning(WINDOW).astype(np.float32)
        self._rest = np.zeros(WINDOW // 2, np.float32)
        self._skip = 0
        self.columns: list[NDArray[np.float32]] = []
        edges = 440.0 * 2.0 ** ((np.arange(LOWEST, HIGHEST + 2) - 69.5) / 12.0) * WINDOW / RATE
        low = np.floor(edges[:-1]).astype(int)
        self._bins = np.stack([low, np.maximum(low + 1, np.ceil(edges[1:]).astype(int))], axis=1)

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples, float32 [frames]."""
        self._rest = np.concatenate([self._rest, samples])
        if self._skip:
            gone = min(self._skip, len(self._rest))
            self._rest, self._skip = self._rest[gone:], self._skip - gone
        count = 0 if len(self._rest) < WINDOW else (len(self._rest) - WINDOW) // self.hop + 1
        for first in range(0, count, 64):
            starts = np.arange(first, min(count, first + 64)) * self.hop
            frames = self._rest[starts[:, None] + np.arange(WINDOW)] * self._window
            self.columns.extend(self._rows(np.abs(np.fft.rfft(frames, axis=1))))
        gone = count * self.hop
        self._skip += max(0, gone - len(self._rest))
        self._rest = self._rest[gone:]

    def finish(self) -> NDArray[np.uint8]:
        """The whole picture, [rows, columns] with the highest pitch first; 0 is silence, 255 the loudest."""
        self.add(np.zeros(WINDOW // 2, np.float32))
        if not self.columns:
            return np.zeros((HIGHEST - LOWEST + 1, 1), np.uint8)
        values = np.stack(self.columns, axis=1)[::-1]
        loudest = max(float(np.quantile(values, 0.999)), 1e-6)
        decibels = 20.0 * np.log10(np.maximum(values / loudest, 1e-6))
        picture: NDArray[np.uint8] = np.clip((decibels / RANGE_DB + 1.0) * 255.0, 0, 255).astype(np.uint8)
        return picture

    def _rows(self, magnitudes: NDArray[Any]) -> NDArray[np.float32]:
        """[columns, rows]: the loudest bin of each semitone."""
        out = np.empty((len(magnitudes), len(self._bins)), np.float32)
        for row, (low, high) in enumerate(self._bins):
            out[:, row] = magnitudes[:, low:high].max(axis=1)
        return out


def png(picture: NDArray[np.uint8]) -> bytes:
    """A picture of grey values [rows, columns] as a PNG file (ISO/IEC 15948)."""
    height, width = picture.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = picture

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6))
        + chunk(b"IEND", b"")
    )  # fmt: skip


class _Peaks:
    """The loudest sample of each short stretch of a sound whose length is known only at the end."""

    def __init__(self, rate: int) -> None:
        self._step = max(1, rate // PEAKS_PER_SECOND)
        self._peaks: list[NDArray[np.float32]] = []
        self._rest = np.zeros(0, np.float32)

    def add(self, loud: NDArray[np.float32]) -> None:
        loud = np.concatenate([self._rest, loud])
        whole = len(loud) // self._step
        self._peaks.append(loud[: whole * self._step].reshape(whole, self._step).max(axis=1))
        self._rest = loud[whole * self._step :]

    def shown(self) -> list[int]:
        """At most :data:`MAX_PEAKS` values of 0 to 255; 255 is the loudest."""
        last = [self._rest.max(keepdims=True)] if len(self._rest) else []
        peaks = np.concatenate([*self._peaks, *last])
        if len(peaks) > MAX_PEAKS:
            edges = np.linspace(0, len(peaks), MAX_PEAKS, endpoint=False).astype(int)
            peaks = np.maximum.reduceat(peaks, edges)
        return [int(value) for value in np.round(peaks / max(float(peaks.max()), 1e-6) * 255)]


def look(
    path: Path, name: str, picture: Path, max_seconds: float, tell: Callable[[str, Any], None], stop: Callable[[], bool]
) -> dict[str, Any]:  # fmt: skip
    """Look through a recording once.

    Args:
        path: an audio or video file.
        name: what the person calls it.
        picture: where to put the picture of its spectrum, a PNG of grey values.
        max_seconds: refuse anything longer.
        tell: called with ``progress`` and 0.0 to 1.0.
        stop: asked again and again.

    Returns:
        ``seconds``, ``channels``, ``rate`` (Hz), ``peaks`` (0 to 255, evenly spaced), ``loudest`` (of full scale, 0.0
        to 1.0 and above), ``clipped`` (share of samples at full scale) and ``lowest``, ``highest`` (the picture's
        pitches).

    Raises:
        BadFile: it cannot be read, holds no sound, or is too long.
        Cancelled: ``stop`` said so.
    """
    import soxr

    with opened(path, name) as (container, stream):
        rate, channels = int(stream.codec_context.sample_rate), int(stream.codec_context.channels)
        said = said_seconds(container, stream)
        too_long = BadFile(f"{name} is longer than {max_seconds / 60:.0f} minutes; cut it and try again.")
        if said > 1.1 * max_seconds + 5:
            raise too_long
        spectrum, peaks = Spectrum(said or max_seconds), _Peaks(rate)
        thinner = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="MQ")
        frames, loudest, full = 0, 0.0, 0
        for at, samples in blocks(container, stream):
            if stop():
                raise Cancelled("Stopped.")
            loud = np.abs(samples).max(axis=1)
            frames = at + len(samples)
            if frames > max_seconds * rate:
                raise too_long
            loudest = max(loudest, float(loud.max(initial=0.0)))
            full += int((loud >= FULL).sum())
            peaks.add(loud)
            spectrum.add(thinner.resample_chunk(samples.mean(axis=1, dtype=np.float32)))
            if said:
                tell("progress", min(0.99, frames / rate / said))
        if not frames:
            raise BadFile(f"There is no sound in {name}; choose another file.")
        spectrum.add(thinner.resample_chunk(np.zeros(0, np.float32), last=True))
    write_file(picture, png(spectrum.finish()))
    return {
        "seconds": frames / rate, "channels": channels, "rate": rate, "peaks": peaks.shown(),
        "loudest": round(loudest, 5), "clipped": round(full / frames, 6), "lowest": LOWEST, "highest": HIGHEST,
        "columns_per_second": RATE / spectrum.hop,
    }  # fmt: skip
