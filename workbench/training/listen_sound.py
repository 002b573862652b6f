"""From scenes to what a microphone hears: rendered by FluidSynth with one of several soundfonts, then spoilt.

FluidSynth (LGPL-2.1, the system's package) and the soundfonts are used for training alone and travel with nothing.
Many scenes go into one file with gaps between them, since loading a soundfont takes longer than playing a scene.
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np

from workbench.errors import Unavailable
from workbench.nets.listen_spectrum import RATE
from workbench.training.corpora import DRUMS
from workbench.training.listen_bands import SUNG
from workbench.training.listen_scenes import SECONDS, Scene
from workbench.training.listen_voice import sing

#: Where Debian's packages put their soundfonts; one is kept aside for the evaluation.
FONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/OPL-3_FM_128M.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
)  # fmt: skip
HELD_OUT = "/usr/share/samples/sf_GMbank.sf2"  # csound-soundfont
#: The configuration of TiMidity++ for the freepats package.
FREEPATS = "/etc/timidity/freepats.cfg"
WEIGHTS = (0.34, 0.12, 0.2, 0.34)
#: Seconds between the starts of two scenes in one file: the scene, and time for what rings on.
STEP = SECONDS + 4.0


#: Fonts and shares where a scene is rendered in two parts; "freepats" is played by TiMidity++.
MORE_FONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/OPL-3_FM_128M.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
    "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3", FREEPATS,
)  # fmt: skip
MORE_WEIGHTS = (0.25, 0.1, 0.18, 0.25, 0.06, 0.16)


def midi(
    scenes: Sequence[Scene],
    rng: np.random.Generator,
    tunings: Sequence[float] | None = None,
    step: float = STEP,
) -> mido.MidiFile:
    """One file with all scenes; a tick is a millisecond. Each scene is tuned a little off, as bands and pianos are."""
    events: list[tuple[int, int, mido.Message]] = []
    for number, scene in enumerate(scenes):
        begin = round(number * step * 1000)
        tuning = tunings[number] if tunings is not None else _tuning(rng)
        channels: dict[int, int] = {}
        for _, _, _, _, program in scene.notes:
            if program < DRUMS and int(program) not in channels and len(channels) < 15:
                channel = len(channels) + (len(channels) >= 9)
                channels[int(program)] = channel
                change = mido.Message("program_change", channel=channel, program=int(program))
                events.append((max(0, begin - 100), 0, change))
                bend = int(np.clip((tuning + rng.normal(0, 4)) / 200 * 8192, -8192, 8191))
                events.append((max(0, begin - 99), 0, mido.Message("pitchwheel", channel=channel, pitch=bend)))
                wheel = int(rng.integers(20, 90)) if tunings is not None and rng.random() < 0.2 else 0
                for control, value in ((7, int(rng.integers(60, 127))), (1, wheel)) if tunings is not None else ():
                    message = mido.Message("control_change", channel=channel, control=control, value=value)
                    events.append((max(0, begin - 98), 0, message))
        for start, end, pitch, velocity, program in scene.notes:
            if program == SUNG:
                continue
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


def _tuning(rng: np.random.Generator) -> float:
    """Cents off A = 440 Hz."""
    return float(rng.uniform(-45, 45) if rng.random() < 0.2 else rng.normal(0, 10))


def render(
    scenes: Sequence[Scene],
    font: str,
    room: bool,
    rng: np.random.Generator,
    tunings: Sequence[float] | None = None,
    seconds: float = SECONDS,
) -> list[np.ndarray]:
    """The sound of each scene, float32 [seconds * RATE], mono; sung notes are left out.

    Raises:
        Unavailable: FluidSynth (or TiMidity++) or the soundfont is not installed.
    """
    import soundfile

    free = font == FREEPATS
    program = shutil.which("timidity" if free else "fluidsynth")
    if program is None or not Path(font).exists():
        raise Unavailable("Training the listener needs fluidsynth and soundfonts; install the packages it names.")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.mid"), Path(folder, "a.wav")
        midi(scenes, rng, tunings, seconds + STEP - SECONDS).save(source)
        effects = "1" if room else "0"
        order = [program, "-ni", "-q", "-g", "0.4", "-R", effects, "-C", effects, "-r", str(RATE), "-T", "wav", "-F"]
        order += [str(target), font, str(source)]
        if free:
            order = [program, "-c", font, "-Ow", "-s", str(RATE), f"-EFreverb={effects}", "-EFchorus=0"]
            order += ["-A40", "-o", str(target), str(source)]
        subprocess.run(order, check=True, capture_output=True, timeout=600)
        sound, _ = soundfile.read(target, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    length = round(seconds * RATE)
    out = []
    for number in range(len(scenes)):
        start = round(number * (seconds + STEP - SECONDS) * RATE)
        cut = mono[start : start + length]
        out.append(np.pad(cut, (0, length - len(cut))))
    return out


def mixed(scenes: Sequence[Scene], rng: np.random.Generator) -> list[np.ndarray]:
    """Scenes whose instruments come from two soundfonts, their guitars at times driven, their singers singing."""
    tunings = [_tuning(rng) for _ in scenes]
    first, second, driven = [], [], []
    for scene in scenes:
        programs = np.unique(scene.notes[:, 4])
        guitars = programs[(programs >= 24) & (programs < 32)]
        driven.append(bool(len(guitars)) and rng.random() < 0.35)
        aside = np.isin(scene.notes[:, 4], guitars if driven[-1] else programs[rng.random(len(programs)) < 0.5])
        first.append(dataclasses.replace(scene, notes=scene.notes[~aside]))
        second.append(dataclasses.replace(scene, notes=scene.notes[aside]))
    fonts = rng.choice(MORE_FONTS, 2, p=MORE_WEIGHTS)
    parts = [
        render(side, str(font), bool(rng.random() < 0.5), rng, tunings)
        for side, font in zip((first, second), fonts, strict=True)
    ]
    out = []
    for number, scene in enumerate(scenes):
        low, high = (part[number] for part in parts)
        if driven[number]:
            high = _drive(high, rng)
        if _loud(low) > 1e-5 and _loud(high) > 1e-5:
            balance = rng.normal(0, 4)
            if not driven[number]:
                # Soundfonts differ in level by less than they do in what a mix would make of it.
                high = high * 10 ** (balance / 20)
            else:
                high = high / _loud(high) * _loud(low) * 10 ** ((balance - 3) / 20)
        sound = low + high
        sung = scene.notes[scene.notes[:, 4] == SUNG]
        if len(sung):
            voice = sing(
                np.stack([sung[:, 0], sung[:, 1], sung[:, 2] + tunings[number] / 100, sung[:, 3]], 1), SECONDS, rng
            )
            loud = _loud(sound)
            sound = sound / loud * 0.1 * 10 ** ((rng.normal(-3, 4)) / 20) + voice if loud > 1e-5 else voice
        out.append(sound.astype(np.float32))
    return out


def _loud(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def _drive(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A guitar through a driven amplifier and its loudspeaker, which ends near 5 kHz."""
    gain = 10 ** (rng.uniform(0, 30) / 20) / (_loud(sound) + 1e-6) * 0.3
    driven = np.tanh(sound * gain + 0.15) - np.tanh(0.15)
    spectrum, hertz = np.fft.rfft(driven), np.fft.rfftfreq(len(driven), 1 / RATE)
    return np.fft.irfft(spectrum / (1 + (hertz / rng.uniform(3_500, 6_500)) ** 6) * hertz / (hertz + 90), len(driven))
