"""The sound of parted scenes: FluidSynth with several soundfonts, recorded kits, drawn waves, a drawn voice.

What a network for separation lacks is never hours but timbres (``models/separate/README.md``): a third of the tones
here come from no instrument at all, but from waves whose overtones were drawn at random for the scene.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np

from workbench.errors import Unavailable
from workbench.training.listen_scenes import SECONDS, Scene
from workbench.training.listen_sound import STEP, midi
from workbench.training.separate_kits import RATE, band

LENGTH = round(SECONDS * RATE)
#: Kits of General MIDI's second bank, by the program that calls them.
KIT_PROGRAMS = (0, 0, 8, 16, 24, 25, 32, 40)
_WAVE = 2048


def render(
    notes: Sequence[np.ndarray], font: str, room: bool, rng: np.random.Generator, wide: bool = False
) -> list[np.ndarray]:
    """Each scene's notes as sound, float32 [LENGTH], mono; ``wide``: [LENGTH, 2].

    Raises:
        Unavailable: FluidSynth or the soundfont is not installed.
    """
    import soundfile

    program = shutil.which("fluidsynth")
    if program is None or not Path(font).exists():
        raise Unavailable("Training the splitter needs fluidsynth and soundfonts; install the packages it names.")
    file = midi([Scene(rows) for rows in notes], rng)
    drum_channel = 0 if "LV2" in font else 9  # kits packed as an ordinary instrument
    kits = mido.MidiTrack()
    last = 0
    for number in range(len(notes)):
        at = max(0, round(number * STEP * 1000) - 100)
        kits.append(mido.Message("program_change", channel=9, program=int(rng.choice(KIT_PROGRAMS)), time=at - last))
        last = at
    if drum_channel == 9:
        file.tracks.append(kits)
    else:
        file.tracks[0] = mido.MidiTrack(
            message.copy(channel=0) if message.type.startswith("note") else message for message in file.tracks[0]
        )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.mid"), Path(folder, "a.wav")
        file.save(source)
        effects = "1" if room else "0"
        subprocess.run(
            [program, "-ni", "-q", "-g", "0.4", "-R", effects, "-C", effects, "-r", str(RATE),
             "-o", "synth.dynamic-sample-loading=1", "-T", "wav",
             "-F", str(target), font, str(source)],
            check=True, capture_output=True, timeout=600,
        )  # fmt: skip
        sound, _ = soundfile.read(target, dtype="float32", always_2d=True)
    if not wide:
        sound = sound.mean(axis=1)
    starts = [round(number * STEP * RATE) for number in range(len(notes))]
    sound = np.concatenate([sound, np.zeros((LENGTH, *sound.shape[1:]), np.float32)])
    return [sound[start : start + LENGTH] for start in starts]


def _wave(hertz: float, amplitudes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = max(1, min(len(amplitudes), int(16_000 / hertz)))
    spectrum = np.zeros(_WAVE // 2 + 1, np.complex128)
    spectrum[1 : count + 1] = amplitudes[:count] * np.exp(2j * np.pi * rng.random(count))
    wave = np.fft.irfft(spectrum, _WAVE)
    return np.asarray(wave / (np.sqrt(np.mean(wave**2)) + 1e-9))


def _read(wave: np.ndarray, phase: np.ndarray) -> np.ndarray:
    return np.asarray(wave[(phase * _WAVE).astype(np.int64) & (_WAVE - 1)])


def drawn(notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The notes played by an instrument that nobody has built, float32 [LENGTH]: one for each program of the scene."""
    out = np.zeros(LENGTH + 7 * RATE, np.float32)
    partials = np.arange(1, 65)
    for program in np.unique(notes[:, 4]):
        slope, odd = rng.uniform(0.4, 2.2), rng.uniform(0, 1) if rng.random() < 0.4 else 1.0
        shape = partials**-slope * np.exp(rng.normal(0, 0.8, 64)) * np.where(partials % 2 == 0, odd, 1)
        dark = shape * np.exp(-partials / rng.uniform(2, 14))
        plucked = rng.random() < 0.55
        decay, attack = rng.uniform(0.8, 7.0), 0.004 if plucked else rng.uniform(0.005, 0.12)
        vibrato = rng.uniform(0, 0.004) if rng.random() < 0.4 else 0.0
        detuned = rng.uniform(0.001, 0.008) if rng.random() < 0.4 else 0.0
        click = rng.uniform(0, 0.25) if plucked else 0.0
        for start, end, pitch, velocity, _ in notes[notes[:, 4] == program]:
            hertz = 440 * 2 ** ((float(pitch) - 69) / 12)
            length = round(min(float(end - start) + 0.25, 6.0) * RATE)
            time = np.arange(length) / RATE
            phase = hertz * time
            if vibrato:
                phase = phase + hertz * vibrato / 5 / 6.3 * np.cos(2 * np.pi * 5 * time + rng.random() * 6)
            bright, low = _wave(hertz, shape, rng), _wave(hertz, dark, rng)
            fade = np.exp(-time * rng.uniform(2, 8)) if plucked else np.full(length, 0.6)
            sound = _read(bright, phase) * fade + _read(low, phase) * (1 - fade)
            if detuned:
                sound = 0.6 * sound + 0.6 * _read(bright, phase * (1 + detuned) + rng.random())
            level = np.minimum(1, time / attack) * np.clip((end - start + 0.2 - time) / 0.2, 0, 1)
            level = level * np.exp(-time * decay * (hertz / 300) ** 0.4) if plucked else level
            burst = click * rng.normal(size=min(length, 900)) * np.exp(-np.arange(min(length, 900)) / 200)
            sound[: len(burst)] += burst
            at = round(float(start) * RATE)
            out[at : at + length] += (0.1 * (velocity / 100) ** 1.5 * level * sound)[: len(out) - at].astype(np.float32)
    return out[:LENGTH]


#: Formants of vowels, in Hz (Peterson and Barney's averages, rounded).
_VOWELS = (
    (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (490, 1350, 1690),
)  # fmt: skip


def voice(notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The notes sung by a drawn voice: glottal waves through formants, glides, vibrato, breath and consonants."""
    out = np.zeros(LENGTH + 7 * RATE, np.float32)
    partials = np.arange(1, 65)
    size, slope = rng.uniform(0.85, 1.25), rng.uniform(0.8, 1.8)
    breath, lower = rng.uniform(0.005, 0.06), 12 * int(rng.integers(0, 2))
    previous = 0.0
    for start, end, pitch, velocity, _ in notes:
        hertz = 440 * 2 ** ((float(pitch) - lower - 69) / 12)
        length = round(min(float(end - start) + 0.05, 5.0) * RATE)
        time = np.arange(length) / RATE
        jump = np.log(previous / hertz) if previous else 1.0
        glide = jump * np.exp(-time / 0.03) if abs(jump) < 0.5 else 0
        swing = rng.uniform(0, 0.035) * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * time) * np.minimum(1, time / 0.4)
        phase = np.cumsum(hertz * np.exp(glide + swing + 0.003 * np.cumsum(rng.normal(size=length)) / 50)) / RATE
        vowels = [_VOWELS[rng.integers(len(_VOWELS))] for _ in range(2)]
        waves = []
        for vowel in vowels:
            gain = sum(
                1 / (1 + ((partials * hertz - size * formant) / (60 + 0.06 * formant)) ** 2) / (1 + place)
                for place, formant in enumerate((*vowel, 3_300))
            )
            waves.append(_wave(hertz, partials**-slope * (0.01 + gain), rng))
        turn = np.clip(time / max(time[-1], 0.01) + rng.uniform(-0.3, 0.3), 0, 1)
        sound = _read(waves[0], phase) * (1 - turn) + _read(waves[1], phase) * turn + breath * rng.normal(size=length)
        level = np.minimum(1, time / rng.uniform(0.02, 0.08)) * np.clip((time[-1] - time) / 0.05, 0, 1)
        at = round(float(start) * RATE)
        loud = 0.1 * (velocity / 100) ** 1.5
        out[at : at + length] += (loud * level * sound).astype(np.float32)
        if rng.random() < 0.6:
            count = round(rng.uniform(0.02, 0.13) * RATE)
            low = rng.uniform(800, 7_000)
            hiss = band(rng.normal(size=count), low, 2 * low)
            hiss = hiss * np.hanning(count) * loud * rng.uniform(0.1, 0.8) / (np.sqrt(np.mean(hiss**2)) + 1e-9)
            before = max(0, at - count // 2)
            out[before : before + count] += hiss.astype(np.float32)
        previous = hertz
    return out[:LENGTH]
