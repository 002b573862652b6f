"""What a recording may be called: who plays, what kind of music, which mood, how fast, bright and dense.

Instruments and kind are guesses by small regressions (:mod:`workbench.nets.colour`). A guess's confidence is never
above the rate at which it was right on validation scenes (:func:`hit_rates`), which were rendered, not recorded: on
real recordings it will be lower. Mood is a word for mode and pace and claims no more. The rest is measured.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from workbench import resources
from workbench.nets.colour import BANDS, FAMILIES, GENRES, TagsRuntime, figures
from workbench.understand.frames import Frames
from workbench.understand.heard import Beats, HeardKey, HeardNote, HeardTag

Tags = dict[str, tuple[HeardTag, ...]]

#: Below: slow; above: fast; in beats a minute.
SLOW, FAST = 76.0, 132.0
#: Notes and strokes a second: below sparse, above dense.
SPARSE, DENSE = 3.0, 11.0
#: Share of the sound's colour in its upper third: below dark, above bright.
DARK, BRIGHT = 0.16, 0.28
#: Seconds to hear before a word is said about the whole; less says nothing.
SHORTEST = 3.0
#: How often the mood of what was heard is that of what was played: 23 of 30 held-out clips, rounded down (by
#: ``evaluation.harmony_report``).
MOOD_RATE = 0.7
#: Mood by mode (0 major, 1 minor) and pace (0 calm, 1 lively).
MOODS = (("calm and warm", "cheerful"), ("sad", "tense"))


@functools.lru_cache(maxsize=1)
def shipped() -> TagsRuntime:
    """The tables that come with the package (nobody's state)."""
    return TagsRuntime.load(resources.path("models/transcribe"))


def hit_rates(runtime: TagsRuntime | None = None) -> dict[str, float]:
    """Of the scenes for which a tag was said in the validation, the share for which it was right, by tag."""
    runtime = runtime or shipped()
    pairs = [*zip(FAMILIES, runtime.w["family.hits"], strict=True), *zip(GENRES, runtime.w["genre.hits"], strict=True)]
    return {name: round(float(rate), 2) for name, rate in pairs}


def tags_of(
    frames: Frames, beats: Beats | None = None, key: HeardKey | None = None,
    notes: Sequence[HeardNote] | None = None, drums: Sequence[HeardNote] | None = None,
    runtime: TagsRuntime | None = None,
) -> Tags:  # fmt: skip
    """Tags by their kind: ``instruments``, ``genre``, ``mood``, ``tempo``, ``brightness``, ``density``.

    Args:
        frames: what was heard.
        beats, key: for the tempo and the mood, of which nothing is said without.
        notes, drums: what was read off the frames; read again where they are not given.

    Returns:
        The kinds for which there is something to say; none for silence or a few seconds.
    """
    if notes is None or drums is None:
        from workbench.understand.notes import drums_of, notes_of

        notes = notes_of(frames) if notes is None else notes
        drums = drums_of(frames) if drums is None else drums
    if frames.duration < SHORTEST or len(notes) + len(drums) < 4:
        return {}
    runtime = runtime or shipped()
    out: Tags = {}
    if frames.colour is not None and frames.colour.any():
        out["instruments"] = _instruments(frames.colour, runtime)
        out["brightness"] = (_by_level(_brightness(frames.colour), DARK, BRIGHT, ("dark", "medium", "bright")),)
    out["genre"] = _genre(notes, drums, frames.duration, runtime)
    rate = (len(notes) + len(drums)) / frames.duration
    out["density"] = (_by_level(rate, SPARSE, DENSE, ("sparse", "medium", "dense")),)
    if beats is not None and beats.tempo > 0:
        sure = float(np.mean(beats.confidence)) if beats.confidence else 0.0
        tempo = _by_level(beats.tempo, SLOW, FAST, ("slow", "medium", "fast"))
        out["tempo"] = (HeardTag(tempo.label, min(tempo.confidence, sure)),)
    if key is not None:
        sure = MOOD_RATE * key.confidence
        out["mood"] = (HeardTag(mood(key.mode, beats.tempo if beats else 0.0, rate), min(1.0, sure)),)
    return {kind: found for kind, found in out.items() if found}


def mood(mode: str, tempo: float, rate: float) -> str:
    """A word for mode and pace; ``tempo`` in beats a minute (0: not known), ``rate`` in notes a second."""
    lively = rate / 6.0 + (tempo / 110.0 if tempo > 0 else 1.0) > 2.0
    return MOODS[int(mode == "minor")][int(lively)]


def _instruments(colour: np.ndarray, runtime: TagsRuntime) -> tuple[HeardTag, ...]:
    odds = runtime.families(colour)
    hits, least = runtime.w["family.hits"], runtime.w["family.threshold"]
    found = [
        HeardTag(name, float(np.clip(min(odds[at], hits[at]), 0, 1)))
        for at, name in enumerate(FAMILIES)
        if odds[at] >= least[at]
    ]
    return tuple(sorted(found, key=lambda tag: -tag.confidence))


def _genre(
    notes: Sequence[HeardNote], drums: Sequence[HeardNote], seconds: float, runtime: TagsRuntime
) -> tuple[HeardTag, ...]:  # fmt: skip
    rows = np.array([(note.start, note.end, note.pitch, note.velocity) for note in notes], np.float64).reshape(-1, 4)
    odds = runtime.genres(figures(rows, np.array([note.start for note in drums]), seconds))
    best = int(odds.argmax())
    if odds[best] < runtime.w["genre.threshold"][best]:
        return ()
    return (HeardTag(GENRES[best], float(np.clip(min(odds[best], runtime.w["genre.hits"][best]), 0, 1))),)


def _brightness(colour: np.ndarray) -> float:
    """Share of the mean colour that lies in the upper third of the bands, 0 to 1."""
    mean = colour[:BANDS]
    return float(mean[2 * BANDS // 3 :].sum() / max(1e-6, float(mean.sum())))


def _by_level(value: float, low: float, high: float, names: tuple[str, str, str]) -> HeardTag:
    """A word for a measured number; the nearer it lies to a border of two words, the less sure."""
    name = names[0] if value < low else names[2] if value > high else names[1]
    distance = min(abs(np.log(max(value, 1e-6) / low)), abs(np.log(max(value, 1e-6) / high)))
    return HeardTag(name, float(np.clip(0.5 + distance, 0.5, 0.95)))
