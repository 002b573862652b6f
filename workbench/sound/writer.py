"""Sound files written block by block, so that a file may be far longer than memory is large."""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest, Unavailable
from workbench.fsutil import explain, replacing_file

#: Subtypes of WAV and FLAC by the names that people choose from.
SUBTYPES = {"float": "FLOAT", "pcm24": "PCM_24", "pcm16": "PCM_16"}
#: Endings of the files that can be written; the first is the one for everybody.
KINDS = (".mp3", ".m4a", ".wav", ".flac")
MP3_RATES = (44_100, 48_000, 32_000)
_NOTE_LIMIT = 4_000


class SoundWriter:
    """A sound file in the making: ``with SoundWriter(...) as file: file.write(block)``.

    The file stands under its name only when all of it is written; on any error nothing is left.

    Args:
        path: where; its ending says the kind: .wav, .flac, .mp3 or .m4a. An existing file is replaced at the end.
        rate: in Hz; MP3 and M4A take :data:`MP3_RATES`.
        channels: how many; at most two for MP3 and M4A.
        subtype: "float" (32 bit, WAV alone; FLAC then takes 24 bit), "pcm24" or "pcm16".
        note: a plain remark stored in the file: WAV INFO and FLAC comment, ID3 for MP3, the M4A comment.
        bit_rate: bits a second of MP3 and M4A.

    Raises:
        BadRequest: another ending, subtype or number of channels.
        Unavailable: the disk is full or the place cannot be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], rate: int, channels: int = 2, *, subtype: str = "float", note: str = "",
        bit_rate: int = 192_000,
    ) -> None:  # fmt: skip
        self._path = Path(path)
        kind = self._path.suffix.lower()
        if kind not in KINDS:
            raise BadRequest(f"Sound can be written as {', '.join(KINDS)}, not {kind or 'a file without an ending'!r}.")
        if subtype not in SUBTYPES:
            raise BadRequest(f"The sample format must be one of {', '.join(SUBTYPES)}.")
        self._clips = not (kind == ".wav" and subtype == "float")
        self._place = replacing_file(self._path)
        temporary = self._place.__enter__()
        try:
            form = _Pcm if kind in (".wav", ".flac") else _Encoded
            self._form = form(temporary, kind, rate, channels, subtype, note[:_NOTE_LIMIT], bit_rate)
        except BaseException as problem:
            self._fail(problem)
            raise

    def write(self, samples: NDArray[np.float32]) -> None:
        """Append a block, float32 [frames, channels].

        Raises:
            BadRequest: samples above full scale where the format would clip them.
        """
        if self._clips and max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0))) > 1:
            raise BadRequest("This sound goes above full scale and would be clipped; lower it or write a float WAV.")
        try:
            self._form.write(samples)
        except OSError as problem:
            raise explain(self._path, problem) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._form.close(whole=problem is None)
        except OSError as error:
            if problem is None:
                self._fail(error)
                raise explain(self._path, error) from error
        except BaseException as error:
            self._fail(error)
            raise
        if problem is not None:
            self._fail(problem)
            return
        self._place.__exit__(None, None, None)

    def _fail(self, problem: BaseException) -> None:
        """Take the unfinished file away."""
        # What the manager makes of the problem is raised again by whoever called us.
        with contextlib.suppress(BaseException):
            self._place.__exit__(type(problem), problem, problem.__traceback__)


class _Pcm:
    """WAV and FLAC by soundfile."""

    def __init__(self, path: Path, kind: str, rate: int, channels: int, subtype: str, note: str, bit_rate: int) -> None:
        import soundfile

        self._path, self._note, self._kind = path, note, kind
        self._chosen = "PCM_24" if kind == ".flac" and subtype == "float" else SUBTYPES[subtype]
        self._failed = soundfile.LibsndfileError
        self._file = self._try(soundfile.SoundFile, path, "w", rate, channels, self._chosen, format=kind[1:].upper())
        if note and kind == ".flac":
            self._file.comment = note

    def _try(self, work: Any, *arguments: Any, **named: Any) -> Any:
        """Call soundfile, whose own errors do not say what the system said."""
        try:
            return work(*arguments, **named)
        except (self._failed, AssertionError) as problem:
            raise Unavailable("The sound could not be written; is the disk full?") from problem

    def write(self, samples: NDArray[np.float32]) -> None:
        piece: NDArray[Any] = samples
        if self._chosen != "FLOAT":
            piece = _integers(samples, 24 if self._chosen == "PCM_24" else 16)
        self._try(self._file.write, np.ascontiguousarray(piece))

    def close(self, *, whole: bool) -> None:
        self._try(self._file.close)
        if whole and self._note and self._kind == ".wav":
            _append_info(self._path, self._note)


def _integers(samples: NDArray[np.float32], bits: int) -> NDArray[np.int32]:
    """Samples rounded to ``bits`` and put in the upper bits of int32, as soundfile takes them.

    Left to itself soundfile would scale by one step less than full scale, and stems would no longer sum exactly.
    """
    whole = np.rint(samples.astype(np.float64) * 2 ** (bits - 1))
    whole = np.clip(whole, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    shifted: NDArray[np.int32] = whole.astype(np.int32) << (32 - bits)
    return shifted


def _append_info(path: Path, note: str) -> None:
    """Add a RIFF ``LIST INFO`` chunk with the note as comment (``ICMT``, UTF-8) to the end of a WAV file."""
    text = note.encode("utf-8") + b"\0"
    text += b"\0" * (len(text) % 2)
    chunk = b"INFO" + b"ICMT" + struct.pack("<I", len(text)) + text
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size % 2:
            size += file.write(b"\0")
        file.write(b"LIST" + struct.pack("<I", len(chunk)) + chunk)
        file.seek(4)
        file.write(struct.pack("<I", size + 8 + len(chunk) - 8))


def encode_into(container: Any, stream: Any, frame: Any) -> None:
    """Encode one frame of a stream of an open file (None: what the encoder holds back) and write what comes of it.

    Raises:
        OSError: the encoder or the disk fails.
    """
    import av

    try:
        container.mux(stream.encode(frame))
    except av.error.FFmpegError as problem:
        raise OSError(problem.errno, problem.strerror) from problem


class _Encoded:
    """MP3 and M4A by PyAV."""

    def __init__(self, path: Path, kind: str, rate: int, channels: int, subtype: str, note: str, bit_rate: int) -> None:
        import av

        if channels > 2:
            raise BadRequest("MP3 and M4A hold one or two channels here; mix the sound down first.")
        codec, container_format = ("libmp3lame", "mp3") if kind == ".mp3" else ("aac", "mp4")
        self._layout, self._rate = "mono" if channels == 1 else "stereo", rate
        self._size = 1_152 if kind == ".mp3" else 1_024
        self._done = 0
        self._left = np.zeros((channels, 0), np.float32)
        self._container = av.open(str(path), "w", format=container_format)
        self._container.metadata.update({"comment": note} if note else {})
        stream: Any = self._container.add_stream(codec, rate=rate)
        stream.bit_rate = bit_rate
        stream.layout = self._layout
        self._stream = stream

    def write(self, samples: NDArray[np.float32]) -> None:
        planar = np.concatenate([self._left, samples.T], axis=1)
        whole = planar.shape[1] // self._size * self._size
        for start in range(0, whole, self._size):
            self._encode(planar[:, start : start + self._size])
        self._left = planar[:, whole:].copy()

    def _encode(self, planar: NDArray[np.float32]) -> None:
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planar), format="fltp", layout=self._layout)
        frame.sample_rate = self._rate
        frame.pts = self._done
        self._done += planar.shape[1]
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        encode_into(self._container, self._stream, frame)

    def close(self, *, whole: bool) -> None:
        try:
            if whole:
                if self._left.shape[1]:
                    self._encode(self._left)
                self._mux(None)
        finally:
            self._container.close()
