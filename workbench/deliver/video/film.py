"""Writing a video file: frames and sound into an MP4, H.264 where the codec library has it, AAC beside it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.deliver.video.planes import Bytes
from workbench.errors import Unavailable
from workbench.sound.writer import encode_into

#: Encoders in the order of liking, with their options; all make what browsers and phones play from an MP4.
CODECS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"preset": "superfast", "crf": "20", "profile": "high"}),
    ("libopenh264", {"b": "5000000"}), ("h264_videotoolbox", {"b": "5000000"}), ("h264_mf", {"b": "5000000"}),
    ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "32", "b": "0", "row-mt": "1"}),
)  # fmt: skip
_AAC_FRAME = 1_024


def encoder() -> tuple[str, dict[str, str]]:
    """The first of :data:`CODECS` that is there; raises :class:`Unavailable` if none is."""
    import av

    for name, options in CODECS:
        if name in av.codecs_available:
            return name, options
    raise Unavailable("The installed video library can write no video; install PyAV's own package (pip install av).")


class Film:
    """An MP4 in the making: ``frame`` and ``sound`` in any order that keeps both about equally far.

    Args:
        path: where.
        width, height: even, in pixels; ``rate``: frames a second.
        sound_rate: samples a second; ``note``: a remark stored in the file; ``title`` likewise.
    """

    def __init__(
        self, path: Path, width: int, height: int, rate: int, sound_rate: int, *, note: str = "", title: str = ""
    ) -> None:
        import av

        name, options = encoder()
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        facts = {"comment": note, "title": title}
        self._container.metadata.update({key: value for key, value in facts.items() if value})
        video: Any = self._container.add_stream(name, rate=rate, options=options)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.time_base = Fraction(1, rate)
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1  # ITU-R BT.709
        context.color_range = 1  # limited
        sound: Any = self._container.add_stream("aac", rate=sound_rate)
        sound.bit_rate, sound.layout = 192_000, "stereo"
        self._video, self._sound, self._rate = video, sound, sound_rate
        self._frames = self._samples = 0
        self._left: NDArray[np.float32] = np.zeros((2, 0), np.float32)

    def frame(self, buffer: Bytes) -> None:
        """Append one frame, uint8 [height * 3 / 2, width] in the layout of ``yuv420p``."""
        import av

        frame = av.VideoFrame.from_ndarray(buffer, format="yuv420p")
        frame.pts, self._frames = self._frames, self._frames + 1
        self._mux(self._video, frame)

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Append sound, float32 [frames, 2]."""
        planar = np.concatenate([self._left, samples.T], axis=1)
        whole = planar.shape[1] // _AAC_FRAME * _AAC_FRAME
        for start in range(0, whole, _AAC_FRAME):
            self._play(planar[:, start : start + _AAC_FRAME])
        self._left = planar[:, whole:].copy()

    def _play(self, planar: NDArray[np.float32]) -> None:
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planar), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = self._rate, self._samples
        self._samples += planar.shape[1]
        self._mux(self._sound, frame)

    def _mux(self, stream: Any, frame: Any) -> None:
        encode_into(self._container, stream, frame)

    def close(self, *, whole: bool) -> None:
        """End the file; ``whole``: nothing is missing, so what the encoders hold back is written first."""
        try:
            if whole:
                if self._left.shape[1]:
                    self._play(self._left)
                self._mux(self._video, None)
                self._mux(self._sound, None)
        finally:
            self._container.close()


def stereo(blocks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Blocks of one or more channels as two: one doubled, of more the first two; within full scale."""
    for block in blocks:
        pair = np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block[:, :2]
        yield np.clip(pair, -1, 1)
