"""What happens to music before it is heard: rooms, loudspeakers, compressors, bad microphones, streets and codecs."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import numpy as np

from workbench.nets.listen_spectrum import RATE

#: Codecs that streams and phones use: encoder, container, bits a second, the rate that they work at.
CODECS = (
    ("libmp3lame", "mp3", (32_000, 48_000, 64_000, 96_000), 22_050), ("aac", "adts", (24_000, 32_000, 64_000), 22_050),
    ("libopus", "ogg", (12_000, 16_000, 24_000, 48_000), 24_000),
)  # fmt: skip


def spoil(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same sound, each of these now and then: coloured, in a room, driven, compressed, clipped, noisy, encoded."""
    sound = sound / (float(np.sqrt(np.mean(sound**2))) + 1e-9) * 0.1
    if rng.random() < 0.4:
        sound = room(sound, rng)
    if rng.random() < 0.75:
        sound = colour(sound, rng)
    if rng.random() < 0.3:
        drive = rng.uniform(1.0, 6.0)
        sound = np.tanh(sound * drive) / drive
    if rng.random() < 0.35:
        sound = compress(sound, rng)
    if rng.random() < 0.08:
        limit = float(np.quantile(np.abs(sound), rng.uniform(0.97, 0.999)))
        sound = np.clip(sound, -limit, limit)
    if rng.random() < 0.65:
        sound = sound + noise(len(sound), rng) * 0.1 * 10 ** (-rng.uniform(10, 45) / 20)
    if rng.random() < 0.3:
        sound = encode(sound, rng)
    return sound.astype(np.float32)


def room(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An exponential tail of noise after the direct sound, darker than it, with a few early reflections."""
    seconds = rng.uniform(0.15, 1.5)
    time = np.arange(round(seconds * RATE)) / RATE
    tail = rng.normal(size=len(time)) * np.exp(-6.9 * time / seconds)
    tail = np.convolve(tail, np.ones(width := int(rng.integers(1, 6))) / width, "same")
    for _ in range(int(rng.integers(0, 6))):
        tail[int(rng.uniform(0.003, 0.06) * RATE)] += rng.normal(0, 0.5)
    tail *= rng.uniform(0.05, 0.7) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    size = 1 << int(np.ceil(np.log2(len(sound) + len(tail))))
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def colour(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth random frequency response, at times with the ends cut off as telephones and small speakers do."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    octave = np.log2(np.maximum(hertz, 20) / 20)
    gain = np.interp(octave, np.linspace(0, 9.2, 8), rng.normal(0, 4, 8))
    if rng.random() < 0.2:
        gain -= np.maximum(0, octave - np.log2(rng.uniform(3_000, 9_000) / 20)) * 36
    if rng.random() < 0.2:
        gain -= np.maximum(0, np.log2(rng.uniform(60, 350) / 20) - octave) * 24
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(sound))


def compress(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A compressor as on every pop record: what is loud is turned down, at once, and comes back slowly."""
    step = RATE // 200
    blocks = np.sqrt(np.mean(np.pad(sound, (0, -len(sound) % step)).reshape(-1, step) ** 2, axis=1)) + 1e-6
    back, envelope = float(np.exp(-1 / (200 * rng.uniform(0.05, 0.4)))), np.empty(len(blocks))
    held = 0.0
    for number, value in enumerate(blocks):
        held = max(float(value), held * back)
        envelope[number] = held
    threshold = np.quantile(envelope, rng.uniform(0.2, 0.8))
    gain = np.minimum(1, (envelope / threshold) ** -(1 - 1 / rng.uniform(1.5, 8)))
    return sound * np.interp(np.arange(len(sound)), (np.arange(len(gain)) + 0.5) * step, gain)


def noise(length: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of unit level between white and brown, at times with the hum of the mains."""
    spectrum = np.fft.rfft(rng.normal(size=length))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 20)
    out = np.fft.irfft(spectrum / hertz ** rng.uniform(0, 1), length)
    out /= np.sqrt(np.mean(out**2)) + 1e-9
    if rng.random() < 0.15:
        out += np.sin(2 * np.pi * rng.choice([50, 60]) * np.arange(length) / RATE) * rng.uniform(0, 1)
    return out


def encode(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Through a codec at a low rate and back, in time with what went in."""
    import av

    name, kind, bits, rate = CODECS[int(rng.integers(len(CODECS)))]
    peak = float(np.abs(sound).max()) + 1e-9
    plain = (sound / peak * 0.8).astype(np.float32)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as target:
        stream: Any = target.add_stream(name, rate=rate)
        stream.bit_rate = int(rng.choice(bits))
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(plain[None], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        for piece in _pieces(av, frame, stream):
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    buffer.seek(0)
    source: Any
    with av.open(buffer) as source:
        change = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        heard = [part.to_ndarray()[0] for found in source.decode(audio=0) for part in change.resample(found)]
        heard += [part.to_ndarray()[0] for part in change.resample(None)]
    back = np.concatenate(heard)
    back = np.pad(back, (0, max(0, len(sound) + 4_096 - len(back))))[: len(sound) + 4_096]
    size = 1 << int(np.ceil(np.log2(2 * len(back))))
    match = np.fft.irfft(np.fft.rfft(back, size) * np.conj(np.fft.rfft(plain, size)), size)
    late = int(np.argmax(match[:4_096]))
    return back[late : late + len(sound)] * peak / 0.8


def _pieces(av: Any, frame: Any, stream: Any) -> Any:
    """The sound in the format, rate and frame size that an encoder wants."""
    change = av.AudioResampler(
        format=stream.format.name, layout="mono", rate=stream.rate, frame_size=stream.frame_size or 1_024
    )
    yield from change.resample(frame)
    yield from change.resample(None)
