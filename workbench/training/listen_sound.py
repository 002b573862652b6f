"""From scenes to what a microphone hears: rendered by FluidSynth with one of several soundfonts, then spoilt.

FluidSynth (LGPL-2.1, the system's package) and the soundfonts are used for training alone and travel with nothing.
Many scenes go into one file with gaps between them, since loading a soundfont takes longer than playing a scene.
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
from workbench.nets.listen import RATE
from workbench.training.corpora import DRUMS
from workbench.training.listen_scenes import SECONDS, Scene

#: Where Debian's packages put their soundfonts; one is kept aside for the evaluation.
FONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/OPL-3_FM_128M.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
)  # fmt: skip
HELD_OUT = "/usr/share/samples/sf_GMbank.sf2"  # csound-soundfont
WEIGHTS = (0.34, 0.12, 0.2, 0.34)
#: Seconds between the starts of two scenes in one file: the scene, and time for what rings on.
STEP = SECONDS + 4.0


def midi(scenes: Sequence[Scene], rng: np.random.Generator) -> mido.MidiFile:
    """One file with all scenes; a tick is a millisecond. Each scene is tuned a little off, as bands and pianos are."""
    events: list[tuple[int, int, mido.Message]] = []
    for number, scene in enumerate(scenes):
        begin = round(number * STEP * 1000)
        tuning = rng.uniform(-45, 45) if rng.random() < 0.2 else rng.normal(0, 10)  # cents
        channels: dict[int, int] = {}
        for _, _, _, _, program in scene.notes:
            if program != DRUMS and int(program) not in channels and len(channels) < 15:
                channel = len(channels) + (len(channels) >= 9)
                channels[int(program)] = channel
                change = mido.Message("program_change", channel=channel, program=int(program))
                events.append((max(0, begin - 100), 0, change))
                bend = int(np.clip((tuning + rng.normal(0, 4)) / 200 * 8192, -8192, 8191))
                events.append((max(0, begin - 99), 0, mido.Message("pitchwheel", channel=channel, pitch=bend)))
        for start, end, pitch, velocity, program in scene.notes:
            channel = 9 if program == DRUMS else channels.get(int(program), 0)
            common = {"channel": channel, "note": int(pitch)}
            at, stop = begin + round(start * 1000), begin + round(max(end, start + 0.03) * 1000)
            events.append((at, 2, mido.Message("note_on", velocity=int(np.clip(velocity, 1, 127)), **common)))
            events.append((stop, 1, mido.Message("note_off", velocity=0, **common)))
    file, track = mido.MidiFile(ticks_per_beat=500), mido.MidiTrack()
    file.tracks.append(track)
    last = 0
    for at, _, message in sorted(events, key=lambda item: item[:2]):
        track.append(message.copy(time=at - last))
        last = at
    track.append(mido.MetaMessage("end_of_track", time=2_000))
    return file


def render(scenes: Sequence[Scene], font: str, room: bool, rng: np.random.Generator) -> list[np.ndarray]:
    """The sound of each scene, float32 [SECONDS * RATE], mono.

    Raises:
        Unavailable: FluidSynth or the soundfont is not installed.
    """
    import soundfile

    program = shutil.which("fluidsynth")
    if program is None or not Path(font).exists():
        raise Unavailable("Training the listener needs fluidsynth and soundfonts; install the packages it names.")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.mid"), Path(folder, "a.wav")
        midi(scenes, rng).save(source)
        effects = "1" if room else "0"
        subprocess.run(
            [program, "-ni", "-q", "-g", "0.4", "-R", effects, "-C", effects, "-r", str(RATE), "-T", "wav",
             "-F", str(target), font, str(source)],
            check=True, capture_output=True, timeout=600,
        )  # fmt: skip
        sound, _ = soundfile.read(target, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    length = round(SECONDS * RATE)
    out = []
    for number in range(len(scenes)):
        start = round(number * STEP * RATE)
        cut = mono[start : start + length]
        out.append(np.pad(cut, (0, length - len(cut))))
    return out


def spoil(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same sound through a room, a loudspeaker, a bad microphone and a noisy street, each now and then."""
    level = float(np.sqrt(np.mean(sound**2))) + 1e-9
    sound = sound / level * 0.1
    if rng.random() < 0.4:
        sound = _room(sound, rng)
    if rng.random() < 0.75:
        sound = _colour(sound, rng)
    if rng.random() < 0.3:
        drive = rng.uniform(1.0, 6.0)
        sound = np.tanh(sound * drive) / drive
    if rng.random() < 0.65:
        sound = sound + _noise(len(sound), rng) * 0.1 * 10 ** (-rng.uniform(10, 45) / 20)
    return sound.astype(np.float32)


def _room(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An exponential tail of noise after the direct sound."""
    seconds = rng.uniform(0.15, 1.2)
    tail = rng.normal(size=round(seconds * RATE)) * np.exp(-6.9 * np.arange(round(seconds * RATE)) / (seconds * RATE))
    tail *= rng.uniform(0.05, 0.6) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    size = 1 << int(np.ceil(np.log2(len(sound) + len(tail))))
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def _colour(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth random frequency response, at times with the ends cut off as telephones and small speakers do."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    octave = np.log2(np.maximum(hertz, 20) / 20)
    points = rng.normal(0, 4, 8)
    gain = np.interp(octave, np.linspace(0, 9.2, 8), points)
    if rng.random() < 0.2:
        gain -= np.maximum(0, octave - np.log2(rng.uniform(3_000, 9_000) / 20)) * 36
    if rng.random() < 0.2:
        gain -= np.maximum(0, np.log2(rng.uniform(60, 250) / 20) - octave) * 24
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(sound))


def _noise(length: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of unit level between white and brown, at times with the hum of the mains."""
    spectrum = np.fft.rfft(rng.normal(size=length))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 20)
    noise = np.fft.irfft(spectrum / hertz ** rng.uniform(0, 1), length)
    noise /= np.sqrt(np.mean(noise**2)) + 1e-9
    if rng.random() < 0.15:
        noise += np.sin(2 * np.pi * rng.choice([50, 60]) * np.arange(length) / RATE) * rng.uniform(0, 1)
    return noise
