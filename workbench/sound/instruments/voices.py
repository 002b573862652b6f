"""One voice of a SoundFont: the sample at its pitch, filtered, under its volume envelope.

A voice depends on its zone and key, and hardly ever on its velocity (which is a gain): the renderer therefore
builds each distinct voice once, as long as its longest note, and every note is a slice of it. A note too long for
that (:class:`LongNote`) is made as it sounds, a stretch at a time. The synthesis model is that of the SoundFont
Technical Specification 2.01 with what players agree on (attenuations of the file count 0.4 times, sustain and release
run in decibels), so that the browser's player and this one sound alike:

- the pitch envelope and vibrato, the filter envelope, tremolo: rendered, at a control rate of 128 frames;
- after the key is let go the modulation envelope stays where it was; only the volume is released;
- controllers, bends, chorus and the file's own reverberation are not rendered (the mixer has its own room).

A ready engine was measured first: symusic 0.5.8 ignores velocity and root keys far from the sample's, so a scale on
the piano came out up to 23 dB away from the browser's; these voices stay within 1 dB for every program.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.sound.instruments import soundfont as sf
from workbench.sound.instruments.envelopes import (
    CONTROL_FRAMES,
    INAUDIBLE_CB,
    SILENCE_CB,
    Mono,
    faded,
    lfo,
    modulation_envelope,
    pitch_swing,
    seconds,
    volume_envelope,
)  # fmt: skip
from workbench.sound.instruments.soundfont import Zone
from workbench.sound.recursive import biquads
from workbench.sound.table import TABLE

#: Samples at their pitch by what they depend on: how many frames were asked for, and the frames.
Memory = dict[tuple[object, ...], tuple[int, Mono]]

#: Generators that the pitch depends on.
_PITCH = (
    sf.SAMPLE_MODES, sf.SCALE_TUNING, sf.COARSE_TUNE, sf.FINE_TUNE, sf.VIB_LFO_PITCH, sf.MOD_LFO_PITCH,
    sf.MOD_ENV_PITCH, sf.DELAY_VIB_LFO, sf.FREQ_VIB_LFO, sf.DELAY_MOD_LFO, sf.FREQ_MOD_LFO, sf.DELAY_MOD_ENV,
    sf.ATTACK_MOD_ENV, sf.HOLD_MOD_ENV, sf.DECAY_MOD_ENV, sf.SUSTAIN_MOD_ENV,
)  # fmt: skip

_AT_ONCE = 16_384  # frames that are interpolated at a time, so that they stay in the processor's cache
OPEN_FILTER_CENTS = 13_499  # a low-pass at 20 kHz without resonance is left out
# The browser's synthesiser leaves headroom, and its volume and expression controllers reach 127 of 128: 2.7 cB.
SYNTH_GAIN = float(TABLE["synth_gain"])
CONTROLLER_CB = 2.7
MAX_TAIL_SECONDS = float(TABLE["max_tail_seconds"])  # no note rings longer than this after it was let go
FADE_SECONDS = float(TABLE["tail_fade_seconds"])  # how its end is then faded out
_INAUDIBLE = 10 ** (-INAUDIBLE_CB / 200)


@dataclass(slots=True)
class Voice:
    """A voice as long as its longest note.

    ``frames``: its length. ``wave``: float32, the sample at its pitch, filtered; ``envelope``: float32, its gain while
    the key is held; both from frame ``shortest`` on, the length of the shortest note (of the envelope the frame before
    as well). ``shaped``: float32, their product up to key up; ``release``: float32 gain after it. ``release_frames``:
    how long the release takes from full level down to -96 dB. ``attenuation``: the zone's own, in centibels. ``pan``:
    -500 (left) to 500.
    """

    frames: int
    shortest: int
    wave: Mono
    envelope: Mono
    shaped: Mono
    release: Mono
    release_frames: float
    attenuation: float
    pan: int

    @property
    def bytes(self) -> int:
        """The memory it takes (not counting the release, which many share)."""
        return self.wave.nbytes + self.envelope.nbytes + self.shaped.nbytes

    def ringing(self, held: int) -> int:
        """How many frames a note rings after it was let go."""
        if not 0 < held < self.frames:
            return 0
        return min(_ringing(self._level(held), self.release_frames), len(self.release), self.frames - held)

    def _level(self, held: int) -> float:
        """The envelope's gain when a note is let go."""
        return float(self.envelope[held - max(1, self.shortest)])

    def length(self, held: int) -> int:
        """How many frames a note sounds in all."""
        held = min(held, self.frames)
        return held + self.ringing(held)

    def note(self, held: int, velocity: int, first: int, end: int) -> Iterator[tuple[int, Mono]]:
        """What one note sounds like from frame ``first`` to ``end``: pieces and the frames at which they begin.

        Args:
            held: frames from key down to key up, within what the voice was built for.
            velocity: 1 to 127; see :func:`level`.
            first: of the stretch that is asked for, counted from key down; not below 0.
            end: of that stretch; the pieces are shorter where the note is.
        """
        gain = level(self.attenuation, velocity)
        held = min(held, self.frames)
        if first < held:
            yield first, self.shaped[first : min(held, end)] * gain
        start, stop = max(first, held), min(end, held + self.ringing(held))
        if start < stop:
            tail = self.wave[start - self.shortest : stop - self.shortest] * self.release[start - held : stop - held]
            tail *= np.float32(self._level(held)) * gain
            yield start, tail


def level(attenuation: float, velocity: int) -> np.float32:
    """The gain of a note; velocity (1 to 127) attenuates by ``400 log10(127 / velocity)`` centibels."""
    loss = max(0.0, attenuation + CONTROLLER_CB - 400 * float(np.log10(velocity / 127)))
    return np.float32(SYNTH_GAIN * 10 ** (-loss / 200))


def _ringing(gain: float, release_frames: float) -> int:
    """Frames until a release that begins at ``gain`` can no longer be heard."""
    if gain <= _INAUDIBLE:
        return 0
    return int((INAUDIBLE_CB + 200 * np.log10(gain)) / SILENCE_CB * release_frames) + 1


def voice_key(zone: Zone, key: int, velocity: int) -> tuple[int, int, int]:
    """What a voice depends on: the zone, the key, and the velocity where the zone's timbre follows it."""
    return id(zone), key, velocity if zone.modulators else 0


def build_voice(
    zone: Zone,
    key: int,
    velocity: int,
    held: int,
    rate: int,
    *,
    shortest: int = 0,
    release_cents: int | None = None,
    memory: Memory | None = None,
) -> Voice:
    """Build the voice of a zone for a key, long enough for a note of ``held`` frames and its release.

    Args:
        zone: one of the zones that :func:`workbench.sound.instruments.soundfont.zones` returns.
        key: 0 to 127.
        velocity: 1 to 127; matters only where the zone routes it to its filter.
        held: the longest time that the key is down, in frames.
        rate: sample rate of the result in Hz.
        shortest: the shortest time that the key is down, in frames.
        release_cents: release time in timecents instead of the zone's own (a closed hi-hat stops an open one).
        memory: where samples at their pitch are kept for other zones that need the same (velocity layers do).
    """
    values = _modulated(zone, velocity)
    release_frames, tail = _tail(values, release_cents, rate)
    envelope = volume_envelope(values, held, rate)
    audible = np.flatnonzero(envelope > _INAUDIBLE)
    frames = int(audible[-1]) + 1 if len(audible) else 0
    frames = frames if frames < held else held + tail
    pitched = _remembered(zone, values, key, frames, rate, {} if memory is None else memory)
    wave = _LowPass(values, rate, len(pitched)).process(pitched)
    envelope = envelope[: len(wave)]
    release = _release(release_frames, tail, rate)
    shaped = wave[: len(envelope)] * envelope
    frames = len(wave)
    if shortest > 1:
        wave, envelope = wave[shortest:].copy(), envelope[shortest - 1 :].copy()
    return Voice(
        frames, shortest if shortest > 1 else 0, wave, envelope, shaped, release, release_frames,
        _attenuation(values), _pan(values),
    )  # fmt: skip


class LongNote:
    """One note of any length, made as it sounds; it holds no more than a moment of itself.

    Args: see :func:`build_voice`; ``held`` and ``velocity`` are the note's own.
    """

    def __init__(
        self, zone: Zone, key: int, velocity: int, held: int, rate: int, *, release_cents: int | None = None
    ) -> None:
        self._values, self._held, self._rate = _modulated(zone, velocity), held, rate
        self.pan = _pan(self._values)
        self._gain = level(_attenuation(self._values), velocity)
        release_frames, tail = _tail(self._values, release_cents, rate)
        around = (held - 1) // CONTROL_FRAMES * CONTROL_FRAMES
        self._last = float(volume_envelope(self._values, held - around, rate, around)[-1])
        self._release = _release(release_frames, tail, rate)
        self._end = held + min(_ringing(self._last, release_frames), tail)
        self._oscillator = _Oscillator(zone, self._values, key, rate)
        self._filter = _LowPass(self._values, rate, self._end)
        over = faded(self._values, rate)
        if over is not None and over < held:
            self._end = over
        self._position = 0
        self._ready = np.zeros(0, np.float32)

    def read(self, count: int) -> Mono:
        """The next frames, float32 [at most count]; fewer where the note ends."""
        pieces, found = [self._ready], len(self._ready)
        while found < count and (piece := self._next()) is not None:
            pieces.append(piece)
            found += len(piece)
        whole = np.concatenate(pieces)
        self._ready = whole[count:].copy()
        return whole[:count]

    def _next(self) -> Mono | None:
        start, count = self._position, min(_AT_ONCE, self._end - self._position)
        if count <= 0:
            return None
        wave = self._filter.process(self._oscillator.read(count))
        if len(wave) < count:
            self._end = start + len(wave)  # the sample is over
        self._position += len(wave)
        gain = volume_envelope(self._values, len(wave), self._rate, start)
        after = max(0, self._held - start)
        if after < len(wave):
            released = self._release[start + after - self._held :][: len(wave) - after]
            gain[after:] = released * np.float32(self._last)
        return np.asarray(wave * gain * self._gain, np.float32)


def _pan(values: list[int]) -> int:
    return max(-500, min(500, values[sf.PAN]))


def _attenuation(values: list[int]) -> float:
    return float(np.floor(values[sf.ATTENUATION] * 0.4))


def _tail(values: list[int], release_cents: int | None, rate: int) -> tuple[float, int]:
    """How long the release takes from full level down to -96 dB, and how many frames of it are made."""
    release_cents = values[sf.RELEASE_VOL_ENV] if release_cents is None else release_cents
    frames = seconds(max(release_cents, -7_200)) * rate
    return frames, int(min(frames * INAUDIBLE_CB / SILENCE_CB + 1, MAX_TAIL_SECONDS * rate))


@functools.lru_cache(maxsize=64)
def _release(frames: float, length: int, rate: int) -> Mono:
    """Gain after key up, float32 [length]: straight down in decibels, faded out where it was cut short."""
    curve = np.exp(np.arange(length) * (-SILENCE_CB / 200 * np.log(10) / max(frames, 1.0)))
    if length >= MAX_TAIL_SECONDS * rate - 1:
        fade = int(FADE_SECONDS * rate)
        curve[-fade:] *= np.linspace(1.0, 0.0, fade)
    gain = np.asarray(curve, np.float32)
    gain.flags.writeable = False  # shared by all voices that are let go alike
    return gain


def _curve(source: int, velocity: int) -> float:
    """Value of a modulator's source, 0 to 1 or -1 to 1; sources other than velocity stand still."""
    number, kind = source & 0x7F, source >> 10
    if source & 0x80 or number not in (0, 2):
        return 0.0
    if number == 0:
        return 1.0
    x = velocity / 127
    if source & 0x100:
        x = 1 - x
    if kind == 1:
        x = min(1.0, -40 / 96 * float(np.log10(max(1e-6, 1 - x))))
    elif kind == 2:
        x = max(0.0, 1 + 40 / 96 * float(np.log10(max(1e-6, x))))
    elif kind == 3:
        x = 1.0 if x >= 0.5 else 0.0
    return 2 * x - 1 if source & 0x200 else x


def _modulated(zone: Zone, velocity: int) -> list[int]:
    values = list(zone.generators)
    for item in zone.modulators:
        if item.target < len(values):
            values[item.target] += int(
                item.amount * _curve(item.source, velocity) * _curve(item.amount_source, velocity)
            )
    return values


def _remembered(zone: Zone, values: list[int], key: int, frames: int, rate: int, memory: Memory) -> Mono:
    """A sample at its pitch, or the beginning of what was made for another zone with the same sample and pitch."""
    shape = (zone.blob, zone.loop, zone.root_key, zone.correction, key, rate, *(values[item] for item in _PITCH))
    asked, wave = memory.get(shape, (-1, None))
    if wave is None or asked < frames:
        wave = _Oscillator(zone, values, key, rate).read(frames)
        memory[shape] = frames, wave
    return wave[:frames]


class _Oscillator:
    """A sample read at the key's pitch by cubic Hermite interpolation, a stretch after the other."""

    def __init__(self, zone: Zone, values: list[int], key: int, rate: int) -> None:
        cents = float((key - zone.root_key) * values[sf.SCALE_TUNING])
        cents += values[sf.COARSE_TUNE] * 100 + values[sf.FINE_TUNE] + zone.correction
        self._step = zone.rate / rate * 2.0 ** (cents / 1_200)
        self._values, self._rate, self._source = values, rate, zone.samples
        self._first, self._end = max(0, zone.loop[0]), min(zone.loop[1], len(self._source))
        self._turns = bool(values[sf.SAMPLE_MODES] & 1) and self._end - self._first >= 1
        self._done, self._position = 0, 0.0

    def read(self, frames: int) -> Mono:
        """The next frames, float32 [at most frames]: fewer where the sample ends.

        Every stretch but the last must be a multiple of :data:`CONTROL_FRAMES` long.
        """
        if frames <= 0:
            return np.zeros(0, np.float32)
        positions = self._positions(frames)
        low, reach = int(positions[0]), int(positions[-1]) + 4
        if self._turns:
            return _interpolate(self._stretch(low, reach), positions - low if low else positions)
        if reach > len(self._source):
            positions = positions[: int(np.searchsorted(positions, len(self._source) - 3))]
        return _interpolate(self._source, positions)

    def _positions(self, frames: int) -> NDArray[np.float64]:
        """Where the next frames lie in the sample."""
        swing = pitch_swing(self._values, frames, self._rate, self._done)
        if swing is None:
            positions = np.asarray(np.arange(self._done, self._done + frames) * self._step, np.float64)
        else:
            steps = np.repeat(self._step * 2.0 ** (swing / 1_200), CONTROL_FRAMES)[:frames]
            positions = np.cumsum(steps) + (self._position if self._done else -steps[0])
        self._done, self._position = self._done + frames, float(positions[-1])
        return positions

    def _stretch(self, low: int, reach: int) -> Mono:
        """Frames ``low`` to ``reach`` of the sample, its loop going round."""
        if reach <= self._end:
            return self._source[low:reach]
        before = self._source[low : self._end]
        length = self._end - self._first
        turned = max(low, self._end) - self._end  # frames behind the loop's first end
        turn = self._source[self._first : self._end]
        rest = reach - max(low, self._end)
        begin = turned % length
        return np.concatenate([before, np.tile(turn, -(-(begin + rest) // length))[begin : begin + rest]])


def _interpolate(source: Mono, positions: NDArray[np.float64]) -> Mono:
    """Four-point cubic Hermite interpolation; ``positions`` in frames of the source, at most its length - 4."""
    out = np.empty(len(positions), np.float32)
    for start in range(0, len(positions), _AT_ONCE):
        piece = positions[start : start + _AT_ONCE]
        whole = piece.astype(np.intp)
        t = (piece - whole).astype(np.float32)
        before, here, after, beyond = (source[whole + shift] for shift in range(4))
        slope = (after - before) * np.float32(0.5)
        difference = here - after
        w = slope + difference
        a = w + difference + (beyond - here) * np.float32(0.5)
        out[start : start + _AT_ONCE] = (((a * t - (w + a)) * t) + slope) * t + here
    return out


class _LowPass:
    """The zone's resonant second-order low-pass, its cutoff following the modulation envelope and LFO."""

    def __init__(self, values: list[int], rate: int, frames: int) -> None:
        self._values, self._rate = values, rate
        self._resonance = max(0, values[sf.FILTER_Q])
        self._open = values[sf.FILTER_FC] > OPEN_FILTER_CENTS and self._resonance == 0
        if self._open and frames:  # what moves it has shown how far within two minutes
            self._open = float(self._cents(0, min(frames, 120 * rate)).min()) > OPEN_FILTER_CENTS
        self._state = np.zeros(2)
        self._done = 0

    def process(self, wave: Mono) -> Mono:
        """The next stretch, filtered; all but the last must be a multiple of :data:`CONTROL_FRAMES` long."""
        start, self._done = self._done, self._done + len(wave)
        if self._open or not len(wave):
            return wave
        cutoffs = np.clip(self._cents(start, len(wave)), -20_000, 16_500).astype(int)
        b, a = _coefficients(cutoffs, self._resonance, self._rate)
        out, self._state = biquads(wave, b, a, self._state, CONTROL_FRAMES)
        return out.astype(np.float32)

    def _cents(self, start: int, frames: int) -> NDArray[np.float64]:
        """The cutoff within a stretch, at the control rate."""
        values, rate = self._values, self._rate
        cents = np.full(-(-frames // CONTROL_FRAMES), float(values[sf.FILTER_FC]))
        if depth := values[sf.MOD_ENV_FILTER]:
            cents += depth * modulation_envelope(values, frames, rate, start)
        if depth := values[sf.MOD_LFO_FILTER]:
            cents += depth * lfo(values[sf.DELAY_MOD_LFO], values[sf.FREQ_MOD_LFO], frames, rate, start)
        return cents


def _coefficients(
    cents: NDArray[np.integer], resonance_cb: int, rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numerators and denominators of the low-pass, float64 [3, n] (R. Bristow-Johnson's cookbook, gain halved by
    resonance)."""
    omega = 2 * np.pi * np.minimum(440.0 * 2.0 ** ((cents - 6_900) / 1_200), 0.45 * rate) / rate
    alpha = np.sin(omega) / (2 * 10 ** ((resonance_cb - 3.01) / 200))
    b1 = (1 - np.cos(omega)) * 10 ** (-resonance_cb / 400)
    a0 = 1 + alpha
    return np.stack([b1 / 2, b1, b1 / 2]) / a0, np.stack([a0, -2 * np.cos(omega), 1 - alpha]) / a0
