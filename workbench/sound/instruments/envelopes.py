"""What moves while a key is held: volume envelope, modulation envelope, low-frequency oscillator.

Each gives any stretch of itself, so that a note of any length can be made piece by piece. A stretch that moves at
the control rate begins on a multiple of :data:`CONTROL_FRAMES`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.sound.instruments import soundfont as sf

Mono = NDArray[np.float32]

CONTROL_FRAMES = 128
SILENCE_CB, INAUDIBLE_CB = 960.0, 900.0  # centibels: end of an envelope's scale; where a voice is stopped


def seconds(timecents: float) -> float:
    """Duration of an absolute time in timecents (1 s = 0)."""
    return 0.0 if timecents <= -32_767 else float(2.0 ** (timecents / 1_200))


def hertz(cents: float) -> float:
    """Frequency of an absolute pitch in cents (6,900 = 440 Hz)."""
    return float(440.0 * 2.0 ** ((cents - 6_900) / 1_200))


def _times(frames: int, rate: int, start: int) -> NDArray[np.float64]:
    """The control rate's moments within a stretch, in seconds since the key went down."""
    blocks = np.arange(start // CONTROL_FRAMES, -(-(start + frames) // CONTROL_FRAMES))
    return np.asarray(blocks * (CONTROL_FRAMES / rate), np.float64)


def lfo(delay_cents: int, frequency_cents: int, frames: int, rate: int, start: int = 0) -> NDArray[np.float64]:
    """Triangle from -1 to 1 at the control rate, starting at 0 and rising after its delay."""
    times = _times(frames, rate, start) - seconds(delay_cents)
    phase = (0.25 + times * hertz(frequency_cents)) % 1.0
    return np.where(times < 0, 0.0, 1 - 4 * np.abs(phase - 0.5))


def modulation_envelope(values: list[int], frames: int, rate: int, start: int = 0) -> NDArray[np.float64]:
    """The modulation envelope from 0 to 1 at the control rate: delay, convex attack, hold, linear decay, sustain."""

    def time(cents: int) -> float:
        return 0.0 if cents <= -10_114 else seconds(cents)

    sustain = 1 - min(1_000, max(0, values[sf.SUSTAIN_MOD_ENV])) / 1_000
    delay = time(values[sf.DELAY_MOD_ENV])
    attack = time(values[sf.ATTACK_MOD_ENV])
    hold_end = delay + attack + time(values[sf.HOLD_MOD_ENV])
    decay = time(values[sf.DECAY_MOD_ENV]) * (1 - sustain)
    times = _times(frames, rate, start)
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


def _stages(values: list[int], rate: int) -> tuple[int, int, int, int, float]:
    """Where delay, attack, hold and decay of the volume envelope end, in frames, and how far the decay goes, in cB."""
    sustain = min(SILENCE_CB, max(0, values[sf.SUSTAIN_VOL_ENV]))
    delay = int(seconds(values[sf.DELAY_VOL_ENV]) * rate)
    attack_end = delay + int(seconds(values[sf.ATTACK_VOL_ENV]) * rate)
    if attack_end <= CONTROL_FRAMES:
        delay = attack_end = 0
    hold_end = attack_end + int(seconds(values[sf.HOLD_VOL_ENV]) * rate)
    decay = int(seconds(values[sf.DECAY_VOL_ENV]) * rate * sustain / SILENCE_CB)
    return delay, attack_end, hold_end, hold_end + decay, sustain


def faded(values: list[int], rate: int) -> int | None:
    """The frame at which a held note has decayed to silence, or None where it never does."""
    *_, decay_end, sustain = _stages(values, rate)
    return decay_end if sustain >= INAUDIBLE_CB else None


def volume_envelope(values: list[int], frames: int, rate: int, start: int = 0) -> Mono:
    """Gain while the key is held, float32 [frames]: delay, linear attack, hold, decay in decibels, sustain.

    Args:
        values: the zone's generators.
        frames: how many.
        rate: in Hz.
        start: the first frame, counted from key down; a multiple of :data:`CONTROL_FRAMES`.
    """
    delay, attack_end, hold_end, decay_end, sustain = _stages(values, rate)
    attack, decay = attack_end - delay, decay_end - hold_end

    def at(frame: int) -> int:
        return min(frames, max(0, frame - start))

    gain = np.ones(frames, np.float32)
    gain[: at(delay)] = 0.0
    if attack:
        rising = gain[at(delay) : at(attack_end)]
        rising[:] = (np.arange(len(rising)) + (max(start, delay) - delay + 1)) / attack
    if decay:
        falling = gain[at(hold_end) : at(decay_end)]
        passed = np.arange(len(falling)) + (max(start, hold_end) - hold_end)
        falling[:] = np.exp(passed * (-sustain / decay / 200 * np.log(10)))
    gain[at(decay_end) :] = 0.0 if sustain >= INAUDIBLE_CB else 10 ** (-sustain / 200)
    if depth := values[sf.MOD_LFO_VOLUME]:
        swing = lfo(values[sf.DELAY_MOD_LFO], values[sf.FREQ_MOD_LFO], frames, rate, start)
        gain *= np.repeat(10 ** (swing * depth / 200), CONTROL_FRAMES)[:frames].astype(np.float32)
    return gain


def pitch_swing(values: list[int], frames: int, rate: int, start: int = 0) -> NDArray[np.float64] | None:
    """Vibrato and pitch envelope in cents at the control rate, or None where the pitch stands still."""
    depths = (values[sf.VIB_LFO_PITCH], values[sf.MOD_LFO_PITCH], values[sf.MOD_ENV_PITCH])
    if not any(depths):
        return None
    swing = np.zeros(len(_times(frames, rate, start)))
    if depths[0]:
        swing += depths[0] * lfo(values[sf.DELAY_VIB_LFO], values[sf.FREQ_VIB_LFO], frames, rate, start)
    if depths[1]:
        swing += depths[1] * lfo(values[sf.DELAY_MOD_LFO], values[sf.FREQ_MOD_LFO], frames, rate, start)
    if depths[2]:
        swing += depths[2] * modulation_envelope(values, frames, rate, start)
    return swing
