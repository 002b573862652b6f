"""Synthetic singing with known truth: notes with tempo, contour and syllables, sung by voices of many forms.

A melody becomes a performance (when each note is sung, with which syllable, how far beside its pitch), the
performance a curve of pitch and of loudness, and these a sound (:mod:`.sung_sound`) in a place (:mod:`.sung_places`).
What cannot be known of real singing is known here: the onset, end, pitch as meant and pitch as sung of every note,
and every beat.

The forms (:data:`FORMS`) differ in voice, manner and place; those in :data:`HELD_OUT` are never used to set anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.evaluation.sung_places import Place, placed
from workbench.evaluation.sung_sound import RATE, STEP, Syllable, Voice, voiced_sound
from workbench.sound.audio import Audio

#: A melody: onset and length in beats, and pitch (MIDI), in order and never overlapping.
Melody = Sequence[tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Form:
    """How somebody sings: ranges are (least, most), drawn anew for each take.

    Attributes:
        voice: one of :data:`~workbench.evaluation.sung_sound.VOICES`.
        syllables: ``words``, ``la``, ``da``, ``na``, ``hum``, ``oo`` (legato) or ``plain`` (no consonants, gaps).
        tempo: beats a minute.
        vibrato: depth in cents from the middle to the top, ``rate`` in Hz, ``share`` of the long notes with it.
        scoop: cents below the pitch at which an onset may begin, ``scoops`` the share of onsets.
        glide: seconds of a change of pitch.
        intonation: cents, spread of the notes about their pitches.
        tuning: cents from concert pitch; ``drift``: cents in 30 seconds.
        rubato: spread of the beats' lengths.
        place: rooms, noise and microphones.
    """

    voice: str = "alto"
    syllables: str = "words"
    tempo: tuple[float, float] = (70, 140)
    vibrato: tuple[float, float] = (20, 60)
    rate: tuple[float, float] = (4.5, 6.2)
    share: float = 0.5
    scoop: tuple[float, float] = (50, 200)
    scoops: float = 0.3
    glide: tuple[float, float] = (0.04, 0.12)
    intonation: float = 14.0
    tuning: tuple[float, float] = (-40, 40)
    drift: tuple[float, float] = (-40, 40)
    rubato: float = 0.02
    place: Place = field(default_factory=Place)


_FREE = Form()
_BENCH = Form(
    "tenor", "plain", (80, 120), (50, 50), (4, 6.5), 1.0, (100, 200), 0.5, (0.03, 0.08), 5, (0, 0), (-80, 80), 0.0
)
FORMS: dict[str, Form] = {
    # what a benchmark would make: clear onsets, wide vibrato, scoops, drift and white noise
    "bench 20 dB": replace(_BENCH, place=Place(noise=("white",), snr=(20, 20))),
    "bench 5 dB": replace(_BENCH, place=Place(noise=("white",), snr=(5, 5))),
    "wide vibrato": replace(_FREE, voice="soprano", vibrato=(70, 110), share=0.95, syllables="oo"),
    "words, alto": replace(_FREE, place=Place(room=(0.15, 0.4), wet=(-20, -12), snr=(30, 45))),
    "words, tenor": replace(_FREE, voice="tenor", place=Place(room=(0.2, 0.6), wet=(-18, -8), snr=(25, 40))),
    "words, bass": replace(_FREE, voice="bass", vibrato=(15, 50), place=Place(snr=(25, 40))),
    "la, child": replace(
        _FREE, voice="child", syllables="la", vibrato=(0, 15), intonation=25, place=Place(snr=(25, 35))
    ),
    "da, alto": replace(_FREE, syllables="da", tempo=(100, 180), place=Place(room=(0.2, 0.4), snr=(25, 40))),
    "na, bass": replace(_FREE, voice="bass", syllables="na", place=Place(snr=(20, 30))),
    "hum, tenor": replace(
        _FREE,
        voice="tenor",
        syllables="hum",
        drift=(-90, 90),
        intonation=22,
        vibrato=(0, 25),
        place=Place(snr=(20, 35)),
    ),
    "hum, alto": replace(
        _FREE,
        syllables="hum",
        drift=(-90, 90),
        intonation=22,
        vibrato=(0, 25),
        glide=(0.06, 0.16),
        place=Place(noise=("pink", "hum"), snr=(15, 30)),
    ),
    "legato, soprano": replace(
        _FREE,
        voice="soprano",
        syllables="oo",
        glide=(0.08, 0.2),
        vibrato=(30, 70),
        share=0.8,
        place=Place(room=(0.6, 1.4), wet=(-14, -5), snr=(30, 45)),
    ),
    "breathy": replace(_FREE, voice="breathy", vibrato=(0, 30), place=Place(snr=(20, 35))),
    "phone": replace(_FREE, voice="tenor", place=Place(noise=("pink", "babble"), snr=(15, 25), phone=True)),
    "noisy words": replace(_FREE, voice="soprano", place=Place(noise=("white", "pink", "babble"), snr=(5, 10))),
    "band behind": replace(_FREE, place=Place(noise=("band",), snr=(15, 15))),
}
#: Forms that nothing is set on: other voices, manners and places than those above, and mixtures of them.
HELD_OUT: dict[str, Form] = {
    "held out: words, mezzo, hall": replace(
        _FREE,
        voice="mezzo",
        tempo=(60, 110),
        vibrato=(30, 80),
        place=Place(room=(0.8, 1.8), wet=(-12, -4), snr=(30, 40)),
    ),
    "held out: words, baritone, room": replace(_FREE, voice="baritone", place=Place(room=(0.2, 0.5), snr=(20, 40))),
    "held out: hum, baritone": replace(
        _FREE,
        voice="baritone",
        syllables="hum",
        drift=(-80, 80),
        intonation=25,
        vibrato=(0, 30),
        place=Place(snr=(15, 30)),
    ),
    "held out: na, child, phone": replace(
        _FREE,
        voice="child",
        syllables="na",
        intonation=25,
        vibrato=(0, 10),
        place=Place(noise=("pink",), snr=(15, 25), phone=True),
    ),
    "held out: plain, mezzo, 5 dB": Form(
        "mezzo",
        "plain",
        (80, 130),
        (50, 100),
        (4, 6.5),
        0.9,
        (80, 200),
        0.5,
        (0.03, 0.1),
        8,
        (-30, 30),
        (-80, 80),
        0.01,
        Place(noise=("pink", "white"), snr=(5, 5)),
    ),
    "held out: la, breathy, band": replace(
        _FREE, voice="breathy", syllables="la", place=Place(noise=("band",), snr=(15, 15))
    ),
}


@dataclass(frozen=True, slots=True)
class Take:
    """One performance and the truth about it; times in seconds.

    Attributes:
        notes: float64 [n, 4]: onset, end, pitch as sung (fractional MIDI, with tuning, drift and intonation), pitch
            as meant.
        beats: float64 [b], the beats of the melody from beat 0.
        tuning: cents from concert pitch at the beginning; ``drift``: cents in 30 seconds.
    """

    audio: Audio
    notes: NDArray[np.float64]
    beats: NDArray[np.float64]
    tempo: float
    tuning: float
    drift: float


def _draw(rng: np.random.Generator, span: tuple[float, float]) -> float:
    return float(rng.uniform(*span)) if span[1] > span[0] else float(span[0])


#: Consonants of each manner of singing, with their shares.
_SETS: dict[str, dict[str, float]] = {
    "words": {"plosive": 0.22, "voiced plosive": 0.16, "fricative": 0.18, "voiced fricative": 0.07, "nasal": 0.14,
              "liquid": 0.1, "glide": 0.06, "none": 0.07},
    "la": {"liquid": 1.0}, "da": {"voiced plosive": 0.8, "plosive": 0.2}, "na": {"nasal": 1.0},
    "hum": {"hummed": 0.6, "none": 0.4}, "oo": {"none": 0.75, "glottal": 0.25}, "plain": {"none": 1.0},
}  # fmt: skip


def performed(
    melody: Melody, form: Form, rng: np.random.Generator
) -> tuple[list[Syllable], NDArray[np.float64], float]:
    """When and how each note is sung: syllables (pitches as meant), the beats' times, and the tempo."""
    tempo = _draw(rng, form.tempo)
    count = int(np.ceil(max(start + length for start, length, _ in melody))) + 1
    walk = np.cumsum(rng.normal(0, form.rubato, count)) * 0.5
    lengths = 60 / tempo * np.exp(walk - walk.mean() + rng.normal(0, form.rubato, count) * 0.5)
    beats = 0.35 + np.concatenate([[0.0], np.cumsum(lengths)])
    place = np.arange(len(beats), dtype=np.float64)
    names, shares = zip(*_SETS[form.syllables].items(), strict=True)
    out: list[Syllable] = []
    for row, (start, length, pitch) in enumerate(melody):
        begin = float(np.interp(start, place, beats)) + rng.normal(0, 0.008 if form.rubato else 0.0)
        end = float(np.interp(start + length, place, beats))
        following = melody[row + 1] if row + 1 < len(melody) else None
        if form.syllables == "plain":
            end -= rng.uniform(0.03, 0.08)
        last = following is None or following[0] - start - length > 0.2
        if last and length * 60 / tempo > 0.4:
            end -= rng.uniform(0.05, 0.3) * (end - begin)  # a breath is taken from the last note of a phrase
        kind = str(rng.choice(names, p=np.array(shares) / sum(shares)))
        melisma = form.syllables == "words" and row > 0 and rng.random() < 0.12
        if melisma:
            kind = "none"
        previous = melody[row - 1] if row else None
        if kind in ("none", "glide") and previous is not None and previous[2] == pitch and form.syllables != "plain":
            # one pitch twice without a consonant would be one note for everybody
            kind = "glottal" if form.syllables in ("oo", "words") else "hummed"
        out.append(Syllable(begin, max(end, begin + 0.09), float(pitch), kind, bool(melisma)))
    for one, other in pairwise(out):
        one.end = min(one.end, other.start)
    return out, beats, tempo


def curves(
    sung: list[Syllable], form: Form, rng: np.random.Generator, seconds: float, tuning: float, drift: float
) -> NDArray[np.float64]:
    """The pitch sung at every :data:`~workbench.evaluation.sung_sound.STEP`, fractional MIDI; each syllable's pitch
    becomes the one sung (intonation, tuning, drift), which is its middle where there is vibrato."""
    times = np.arange(int(seconds / STEP) + 1) * STEP
    for note in sung:
        note.meant = note.pitch
        note.pitch += (tuning + drift * note.start / 30 + rng.normal(0, form.intonation)) / 100
    pitch = np.full(len(times), sung[0].pitch)
    for row, note in enumerate(sung):
        width = _draw(rng, form.glide)
        before = sung[row - 1] if row else None
        joined = before is not None and note.start - before.end < 0.12
        if joined and before is not None:
            jump = note.pitch - before.pitch
            # the change is half done at the onset, and settles with a slight overshoot
            x = np.clip((times - note.start) / width, -8, 8)
            pitch += jump / (1 + np.exp(-6 * x))
            if rng.random() < 0.4:
                swing = np.exp(-np.maximum(x, 0) * 1.2) * np.sin(np.maximum(x, 0) * 2.2)
                pitch += 0.12 * np.sign(jump) * min(1.0, abs(jump)) * swing
        else:
            pitch[times >= note.start - 0.1] = note.pitch
        inside = (times >= note.start - 0.02) & (times < note.end + 0.05)
        since = times[inside] - note.start
        # after a consonant or a rest; a slide inside a melisma is the glide above
        if rng.random() < form.scoops and note.end - note.start > 0.22 and (not joined or note.kind != "none"):
            depth, slow = _draw(rng, form.scoop) / 100, rng.uniform(0.025, 0.05)
            pitch[inside] -= depth * np.exp(-np.maximum(since, 0) / slow)
        length = note.end - note.start
        if length > 0.25 and rng.random() < form.share:
            depth, rate = _draw(rng, form.vibrato) / 100, _draw(rng, form.rate)
            late = rng.uniform(0.0, min(0.3, length / 2))
            grow = np.clip((since - late) / 0.15, 0, 1) * np.clip((length - since) / 0.06, 0, 1)
            pitch[inside] += depth * grow * np.sin(2 * np.pi * rate * (since - late) + rng.normal(0, 0.3))
        if (row + 1 == len(sung) or sung[row + 1].start - note.end > 0.15) and rng.random() < 0.25:
            pitch[inside] -= rng.uniform(0.2, 1.0) * np.clip((since - length + 0.08) / 0.1, 0, 1)
    rough = np.convolve(rng.normal(0, 1, len(times)), np.hanning(25) / np.sqrt(np.sum(np.hanning(25) ** 2)), "same")
    return np.asarray(pitch + 0.06 * rough)


def sing(melody: Melody, form: Form, seed: int) -> Take:
    """Sing a melody.

    Args:
        melody: what is sung; it is moved by octaves and by a key that suits the voice.
        form: the voice, manner and place.
        seed: everything drawn depends on it alone.

    Returns:
        The take, mono at :data:`~workbench.evaluation.sung_sound.RATE` (8 kHz over the telephone).
    """
    rng = np.random.default_rng(seed)
    voice = Voice.named(form.voice)
    middle = float(np.median([pitch for _, _, pitch in melody]))
    shift = round(voice.middle + rng.uniform(-3, 3) - middle)
    sung, beats, tempo = performed([(s, d, p + shift) for s, d, p in melody], form, rng)
    seconds = sung[-1].end + 0.6
    tuning, drift = _draw(rng, form.tuning), _draw(rng, form.drift)
    pitch = curves(sung, form, rng, seconds, tuning, drift)
    clean = voiced_sound(sung, pitch, voice, rng, humming=form.syllables == "hum")
    sound, rate = placed(clean, RATE, form.place, rng)
    notes = np.array([[note.onset, note.end, note.pitch, note.meant] for note in sung])
    return Take(Audio(sound.astype(np.float32)[:, None], rate), notes, beats, tempo, tuning, drift)
