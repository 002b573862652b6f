"""Small videos of every form in which phones and programs leave them, made in a moment."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS = 160, 96, 25
CLOCK = Fraction(1, 90_000)


def scene(seed: int) -> NDArray[np.float64]:
    """A place to film: blocks of colour, larger than a picture, [H + 60, W + 60, 3], 0 to 255."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(20, 235, ((HEIGHT + 60) // 12, (WIDTH + 60) // 12 + 1, 3))
    return np.kron(coarse, np.ones((12, 12, 1)))[: HEIGHT + 60, : WIDTH + 60]


def pictures(shots: int, seconds: float = 1.0) -> list[NDArray[np.uint8]]:
    """``shots`` shots of a place each, the camera wandering a little."""
    out = []
    for shot in range(shots):
        place = scene(shot + 1)
        for index in range(round(seconds * FPS)):
            y, x = 30 + round(5 * np.sin(index / 12)), 30 + round(8 * np.cos(index / 15))
            out.append(np.rint(place[y : y + HEIGHT, x : x + WIDTH]).astype(np.uint8))
    return out


def times(count: int, *, uneven: bool = False) -> list[float]:
    """Presentation times in seconds: even, or as a phone makes them in the dark, a third of a picture early or late."""
    steps = np.random.default_rng(3).uniform(-0.3, 0.3, count) if uneven else np.zeros(count)
    steps[:1] = 0
    return list((np.arange(count) + steps) / FPS)


def clip(
    path: Path,
    *,
    shots: int = 2,
    seconds: float = 1.0,
    frames: list[NDArray[np.uint8]] | None = None,
    codec: str = "libx264",
    rotation: int = 0,
    uneven: bool = False,
    sound: NDArray[np.float32] | None = None,
    start: float = 0.0,
    sound_start: float = 0.0,
    ending: str | None = None,
) -> Path:
    """Write a video.

    ``rotation``: degrees clockwise that players turn it. ``sound``: float32 [frames, 2] at 48 kHz. ``start`` and
    ``sound_start``: when picture and sound begin on the file's clock, in seconds.
    """
    frames = pictures(shots, seconds) if frames is None else frames
    with av.open(str(path), "w", format=ending) as container:
        options = {"preset": "ultrafast"} if codec == "libx264" else {}
        if codec == "libx265":
            options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        if codec == "libvpx-vp9":
            options = {"deadline": "realtime", "cpu-used": "8"}
        stream: Any = container.add_stream(codec, rate=FPS, options=options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        clock = Fraction(1, FPS) if codec == "mpeg4" else CLOCK
        stream.codec_context.time_base = clock
        if rotation:
            stream.set_display_rotation(-rotation)
        audio: Any = None
        if sound is not None:
            audio = container.add_stream("libopus" if path.suffix in (".webm", ".mkv") else "aac", rate=48_000)
            audio.layout = "stereo"
        for place, picture in zip(times(len(frames), uneven=uneven), frames, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = round((place + start) / clock), clock
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _write_sound(container, audio, sound, sound_start)
    return path


def _write_sound(container: Any, audio: Any, sound: NDArray[np.float32], start: float) -> None:
    form, size = ("flt", 960) if audio.codec_context.name == "libopus" else ("fltp", 1_024)
    for first in range(0, len(sound), size):
        part = np.ascontiguousarray(sound[first : first + size], np.float32)
        data = part.reshape(1, -1) if form == "flt" else np.ascontiguousarray(part.T)
        frame = av.AudioFrame.from_ndarray(data, form, "stereo")
        frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
        frame.pts = first + round(start * 48_000)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def tone(seconds: float, *, hertz: float = 440.0, level: float = 0.3) -> NDArray[np.float32]:
    """A steady tone in two channels at 48 kHz, float32 [frames, 2]."""
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 48_000)) / 48_000)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def babble(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Something like talk: gliding voiced syllables with formants, hisses and pauses; float32 [frames, 2] at 48 kHz."""
    rng = np.random.default_rng(seed)
    rate = 16_000
    out = rng.standard_normal(round(seconds * rate)) * 5e-4
    base, at = rng.uniform(100, 200), 0.0
    while at < seconds - 0.5:
        length = rng.uniform(0.09, 0.22)
        count = round(length * rate)
        pitch = base * 2 ** (rng.uniform(-3, 3) / 12 + np.linspace(0, rng.uniform(-4, 3), count) / 12)
        phase = 2 * np.pi * np.cumsum(pitch) / rate
        formants = (rng.uniform(300, 800), rng.uniform(900, 2_200), 2_700)
        wave = sum(
            sum(1 / (1 + ((k * pitch - f) / 90) ** 2) for f in formants) / np.sqrt(k) * np.sin(k * phase)
            for k in range(1, 20)
        )
        first = round(at * rate)
        out[first : first + count] += 0.1 * wave * np.hanning(count) ** 0.5
        at += length + (rng.uniform(0.3, 0.6) if rng.random() < 0.15 else rng.uniform(0.02, 0.08))
    wave = np.interp(np.arange(round(seconds * 48_000)) / 3, np.arange(len(out)), out)
    return np.stack([wave, wave], axis=1).astype(np.float32)
