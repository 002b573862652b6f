"""One voice of a SoundFont: the sample at its pitch, filtered, under its volume envelope.

A voice depends on its zone and key, and hardly ever on its velocity (which is a gain): the renderer therefore
builds each distinct voice once, as long as its longest note, and every note is a slice of it. The synthesis
model is that of the SoundFont Technical Specification 2.01 with what players agree on (attenuations of the file
count 0.4 times, sustain and release run in decibels), so that the browser's player and this one sound alike:

- the pitch envelope and vibrato, the filter envelope, tremolo: rendered, at a control rate of 128 frames;
- after the key is let go the modulation envelope stays where it was; only the volume is released;
- controllers, bends, chorus and the file's own reverberation are not rendered (the mixer has its own room).

A ready engine was measured first: symusic 0.5.8 ignores velocity and root keys far from the sample's, so a scale on
the piano came out up to 23 dB away from the browser's; these voices stay within 1 dB for every program.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.sound.instruments import soundfont as sf
from workbench.sound.instruments.soundfont import Zone
from workbench.sound.table import TABLE

Mono = NDArray[np.float32]
#: Samples at their pitch by what they depend on: how many frames were asked for, and the frames.
Memory = dict[tuple[object, ...], tuple[int, Mono]]

#: Generators that the pitch depends on.
_PITCH = (
    sf.SAMPLE_MODES, sf.SCALE_TUNING, sf.COARSE_TUNE, sf.FINE_TUNE, sf.VIB_LFO_PITCH, sf.MOD_LFO_PITCH,
    sf.MOD_ENV_PITCH, sf.DELAY_VIB_LFO, sf.FREQ_VIB_LFO, sf.DELAY_MOD_LFO, sf.FREQ_MOD_LFO, sf.DELAY_MOD_ENV,
    sf.ATTACK_MOD_ENV, sf.HOLD_MOD_ENV, sf.DECAY_MOD_ENV, sf.SUSTAIN_MOD_ENV,
)  # fmt: skip

CONTROL_FRAMES = 128
_AT_ONCE = 16_384  # frames that are interpolated at a time, so that they stay in the processor's cache
SILENCE_CB, INAUDIBLE_CB = 960.0, 900.0  # centibels: end of an envelope's scale; where a voice is stopped
OPEN_FILTER_CENTS = 13_499  # a low-pass at 20 kHz without resonance is left out
# The browser's synthesiser leaves headroom, and its volume and expression controllers reach 127 of 128: 2.7 cB.
SYNTH_GAIN = float(TABLE["synth_gain"])
CONTROLLER_CB = 2.7
MAX_TAIL_SECONDS = float(TABLE["max_tail_seconds"])  # no note rings longer than this after it was let go
FADE_SECONDS = float(TABLE["tail_fade_seconds"])  # how its end is then faded out


@dataclass(slots=True)
class Voice:
    """A voice as long as its longest note.

    ``wave``: float32 [frames], the sample at its pitch, filtered. ``envelope``: float32 [frames], its gain while
    the key is held; ``shaped``: their product up to key up; ``release``: float32 gain after it.
    ``release_frames``: how long the release takes from full level down to -96 dB. ``attenuation``: the zone's
    own, in centibels. ``pan``: -500 (left) to 500.
    """

    wave: Mono
    envelope: Mono
    shaped: Mono
    release: Mono
    release_frames: float
    attenuation: float
    pan: int

    def note(self, held: int, velocity: int) -> tuple[Mono, Mono]:
        """The sound of one note as two pieces, while held and after; add them one behind the other.

        Args:
            held: frames from key down to key up; at most what the voice was built for.
            velocity: 1 to 127; it attenuates by ``400 log10(127 / velocity)`` centibels.
        """
        loss = max(0.0, self.attenuation + CONTROLLER_CB - 400 * float(np.log10(velocity / 127)))
        gain = np.float32(SYNTH_GAIN * 10 ** (-loss / 200))
        held = min(held, len(self.wave))
        if held == 0 or held == len(self.wave):
            return self.shaped[:held] * gain, self.wave[:0]
        level = float(self.envelope[held - 1])
        if level <= 10 ** (-INAUDIBLE_CB / 200):
            return self.shaped[:held] * gain, self.wave[:0]
        left = (INAUDIBLE_CB + 200 * np.log10(level)) / SILENCE_CB * self.release_frames
        ringing = min(int(left) + 1, len(self.release), len(self.wave) - held)
        tail = self.wave[held : held + ringing] * self.release[:ringing]
        tail *= np.float32(level) * gain
        return self.shaped[:held] * gain, tail


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
        release_cents: release time in timecents instead of the zone's own (a closed hi-hat stops an open one).
        memory: where samples at their pitch are kept for other zones that need the same (velocity layers do).
    """
    values = _modulated(zone, velocity)
    release_cents = values[sf.RELEASE_VOL_ENV] if release_cents is None else release_cents
    release_frames = _seconds(max(release_cents, -7_200)) * rate
    tail = min(release_frames * INAUDIBLE_CB / SILENCE_CB + 1, MAX_TAIL_SECONDS * rate)
    envelope = _volume_envelope(values, held, rate)
    audible = np.flatnonzero(envelope > 10 ** (-INAUDIBLE_CB / 200))
    frames = int(audible[-1]) + 1 if len(audible) else 0
    frames = frames if frames < held else held + int(tail)
    wave = _low_pass(_remembered(zone, values, key, frames, rate, {} if memory is None else memory), values, rate)
    envelope = envelope[: len(wave)]
    release = _release(release_frames, int(tail), rate)
    shaped = wave[: len(envelope)] * envelope
    attenuation = float(np.floor(values[sf.ATTENUATION] * 0.4))
    return Voice(wave, envelope, shaped, release, release_frames, attenuation, max(-500, min(500, values[sf.PAN])))


def _release(frames: float, length: int, rate: int) -> Mono:
    """Gain after key up, float32 [length]: straight down in decibels, faded out where it was cut short."""
    curve = np.exp(np.arange(length) * (-SILENCE_CB / 200 * np.log(10) / max(frames, 1.0)))
    if length >= MAX_TAIL_SECONDS * rate - 1:
        fade = int(FADE_SECONDS * rate)
        curve[-fade:] *= np.linspace(1.0, 0.0, fade)
    return np.asarray(curve, np.float32)


def _seconds(timecents: float) -> float:
    """Duration of an absolute time in timecents (1 s = 0)."""
    return 0.0 if timecents <= -32_767 else float(2.0 ** (timecents / 1_200))


def _hertz(cents: float) -> float:
    """Frequency of an absolute pitch in cents (6,900 = 440 Hz)."""
    return float(440.0 * 2.0 ** ((cents - 6_900) / 1_200))


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


def _volume_envelope(values: list[int], frames: int, rate: int) -> Mono:
    """Gain while the key is held, float32 [frames]: delay, linear attack, hold, decay in decibels, sustain."""
    sustain = min(SILENCE_CB, max(0, values[sf.SUSTAIN_VOL_ENV]))
    delay = int(_seconds(values[sf.DELAY_VOL_ENV]) * rate)
    attack = int(_seconds(values[sf.ATTACK_VOL_ENV]) * rate)
    hold = int(_seconds(values[sf.HOLD_VOL_ENV]) * rate)
    decay = int(_seconds(values[sf.DECAY_VOL_ENV]) * rate * sustain / SILENCE_CB)
    attack_end = delay + attack
    if attack_end <= CONTROL_FRAMES:
        delay = attack = attack_end = 0
    hold_end = attack_end + hold
    decay_end = hold_end + decay
    gain = np.ones(frames, np.float32)
    gain[:delay] = 0.0
    if attack:
        rising = gain[delay:attack_end]
        rising[:] = (np.arange(len(rising)) + 1) / attack
    if decay:
        falling = gain[hold_end:decay_end]
        falling[:] = np.exp(np.arange(len(falling)) * (-sustain / decay / 200 * np.log(10)))
    gain[decay_end:] = 0.0 if sustain >= INAUDIBLE_CB else 10 ** (-sustain / 200)
    if depth := values[sf.MOD_LFO_VOLUME]:
        swing = _lfo(values[sf.DELAY_MOD_LFO], values[sf.FREQ_MOD_LFO], frames, rate)
        gain *= np.repeat(10 ** (swing * depth / 200), CONTROL_FRAMES)[:frames].astype(np.float32)
    return gain


def _lfo(delay_cents: int, frequency_cents: int, frames: int, rate: int) -> NDArray[np.float64]:
    """Triangle from -1 to 1 at the control rate, starting at 0 and rising after its delay."""
    times = np.arange(-(-frames // CONTROL_FRAMES)) * (CONTROL_FRAMES / rate) - _seconds(delay_cents)
    phase = (0.25 + times * _hertz(frequency_cents)) % 1.0
    return np.where(times < 0, 0.0, 1 - 4 * np.abs(phase - 0.5))


def _modulation_envelope(values: list[int], frames: int, rate: int) -> NDArray[np.float64]:
    """The modulation envelope from 0 to 1 at the control rate: delay, convex attack, hold, linear decay, sustain."""

    def seconds(cents: int) -> float:
        return 0.0 if cents <= -10_114 else _seconds(cents)

    sustain = 1 - min(1_000, max(0, values[sf.SUSTAIN_MOD_ENV])) / 1_000
    delay = seconds(values[sf.DELAY_MOD_ENV])
    attack = seconds(values[sf.ATTACK_MOD_ENV])
    hold_end = delay + attack + seconds(values[sf.HOLD_MOD_ENV])
    decay = seconds(values[sf.DECAY_MOD_ENV]) * (1 - sustain)
    times = np.arange(-(-frames // CONTROL_FRAMES)) * (CONTROL_FRAMES / rate)
    level = np.ones(len(times))
    if attack:
        rising = np.clip((times - delay) / attack, 1e-6, 1.0)
        level = np.maximum(0.0, 1 + 40 / 96 * np.log10(rising))
    level[times < delay] = 0.0
    if decay:
        falling = times >= hold_end
        level[falling] = 1 + np.clip((times[falling] - hold_end) / decay, 0, 1) * (sustain - 1)
    else:
        level[times >= hold_end] = sustain
    return level


def _remembered(zone: Zone, values: list[int], key: int, frames: int, rate: int, memory: Memory) -> Mono:
    """:func:`_oscillator`, or the beginning of what it gave for another zone with the same sample and pitch."""
    shape = (zone.blob, zone.loop, zone.root_key, zone.correction, key, rate, *(values[item] for item in _PITCH))
    asked, wave = memory.get(shape, (-1, None))
    if wave is None or asked < frames:
        wave = _oscillator(zone, values, key, frames, rate)
        memory[shape] = frames, wave
    return wave[:frames]


def _oscillator(zone: Zone, values: list[int], key: int, frames: int, rate: int) -> Mono:
    """Read the sample at the key's pitch by cubic Hermite interpolation, float32 [at most frames]."""
    cents = float((key - zone.root_key) * values[sf.SCALE_TUNING])
    cents += values[sf.COARSE_TUNE] * 100 + values[sf.FINE_TUNE] + zone.correction
    step = zone.rate / rate * 2.0 ** (cents / 1_200)
    swing = _pitch_swing(values, frames, rate)
    if swing is None:
        positions = np.arange(frames) * step
    else:
        steps = np.repeat(step * 2.0 ** (swing / 1_200), CONTROL_FRAMES)[:frames]
        positions = np.cumsum(steps) - steps[:1]
    source = zone.samples
    first, end = max(0, zone.loop[0]), min(zone.loop[1], len(source))
    reach = (int(positions[-1]) if frames else 0) + 4
    if values[sf.SAMPLE_MODES] & 1 and end - first >= 1:
        turns = max(0, -(-(reach - end) // (end - first)))
        source = np.concatenate([source[:end], np.tile(source[first:end], turns)]) if turns else source
    elif reach > len(source):
        positions = positions[: int(np.searchsorted(positions, len(source) - 3))]
    return _interpolate(source, positions)


def _pitch_swing(values: list[int], frames: int, rate: int) -> NDArray[np.float64] | None:
    """Vibrato and pitch envelope in cents at the control rate, or None where the pitch stands still."""
    depths = (values[sf.VIB_LFO_PITCH], values[sf.MOD_LFO_PITCH], values[sf.MOD_ENV_PITCH])
    if not any(depths):
        return None
    swing = np.zeros(-(-frames // CONTROL_FRAMES))
    if depths[0]:
        swing += depths[0] * _lfo(values[sf.DELAY_VIB_LFO], values[sf.FREQ_VIB_LFO], frames, rate)
    if depths[1]:
        swing += depths[1] * _lfo(values[sf.DELAY_MOD_LFO], values[sf.FREQ_MOD_LFO], frames, rate)
    if depths[2]:
        swing += depths[2] * _modulation_envelope(values, frames, rate)
    return swing


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


def _low_pass(wave: Mono, values: list[int], rate: int) -> Mono:
    """The zone's resonant second-order low-pass, its cutoff following the modulation envelope and LFO."""
    from scipy.signal import lfilter

    blocks = -(-len(wave) // CONTROL_FRAMES)
    if blocks == 0:
        return wave
    cents = np.full(blocks, float(values[sf.FILTER_FC]))
    if depth := values[sf.MOD_ENV_FILTER]:
        cents += depth * _modulation_envelope(values, len(wave), rate)
    if depth := values[sf.MOD_LFO_FILTER]:
        cents += depth * _lfo(values[sf.DELAY_MOD_LFO], values[sf.FREQ_MOD_LFO], len(wave), rate)
    resonance = max(0, values[sf.FILTER_Q])
    if values[sf.FILTER_FC] > OPEN_FILTER_CENTS and cents.min() > OPEN_FILTER_CENTS and resonance == 0:
        return wave
    cutoffs = np.clip(cents, -20_000, 16_500).astype(int)
    edges = np.flatnonzero(np.diff(cutoffs)) + 1
    out = np.empty_like(wave)
    state = np.zeros(2)
    for start, end in zip([0, *edges], [*edges, blocks], strict=True):
        piece = slice(start * CONTROL_FRAMES, end * CONTROL_FRAMES)
        b, a = _coefficients(int(cutoffs[start]), resonance, rate)
        out[piece], state = lfilter(b, a, wave[piece].astype(np.float64), zi=state)
    return out


def _coefficients(cents: int, resonance_cb: int, rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numerator and denominator of the low-pass (R. Bristow-Johnson's cookbook, gain halved by resonance)."""
    omega = 2 * np.pi * min(_hertz(cents), 0.45 * rate) / rate
    alpha = np.sin(omega) / (2 * 10 ** ((resonance_cb - 3.01) / 200))
    b1 = (1 - np.cos(omega)) * 10 ** (-resonance_cb / 400)
    a0 = 1 + alpha
    return np.array([b1 / 2, b1, b1 / 2]) / a0, np.array([a0, -2 * np.cos(omega), 1 - alpha]) / a0
