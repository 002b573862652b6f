"""Four voices under a tune, judged against chorales: ranges, parallels, crossing, consonance.

The tunes are the sopranos of chorales that no network was trained on (they are used for evaluation alone); what is
counted in the written voices is counted in the composer's own in the same way, on a grid of sixteenths.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.score.score import Note, Score, Track

#: Ranges that alto, tenor and bass are held to under a tune in the soprano's register (MIDI pitches).
RANGES = ((53, 74), (47, 67), (40, 62))
STEPS_A_BAR = 16
PPQ = 960
#: Sets voices under a tune: the score with the tune, and a seed, to the piece with the tune first and three voices.
Harmoniser = Callable[[Score, int], Score]


def chorales(folder: Path, part: str = "test") -> list[np.ndarray]:
    """Chorales of one side of the split: int64 [4, steps] MIDI pitches by sixteenth, soprano first, -1 for silence."""
    data = json.loads((folder / "Jsb16thSeparated.json").read_text(encoding="utf-8"))
    out = []
    for piece in data[part]:
        steps = np.array([[-1 if pitch is None or pitch <= 0 else int(pitch) for pitch in step] for step in piece])
        if steps.ndim == 2 and steps.shape[1] == 4:
            out.append(steps.T)
    return out


def tune_of(voices: np.ndarray) -> Score:
    """The soprano as a score of one track; equal neighbours are one note, cut at the quarters."""
    score = Score(ppq=PPQ)
    track = Track("t1", name="Tune", program=52)
    line, start = voices[0], 0
    step = PPQ // 4
    for at in range(1, len(line) + 1):
        if at == len(line) or line[at] != line[start] or (at % 4 == 0 and at - start >= 4 and line[at] == line[start]):
            if line[start] >= 0:
                name = f"n{len(track.notes) + 1}"
                track.notes[name] = Note(name, start * step, (at - start) * step, int(line[start]))
            start = at
    score.tracks.append(track)
    return score


def grid_of(score: Score, steps: int) -> np.ndarray:
    """The first four tracks by sixteenth: int64 [4, steps], -1 for silence; of several notes the highest."""
    out = np.full((4, steps), -1, dtype=np.int64)
    for row, track in enumerate(score.tracks[:4]):
        for note in track.sorted_notes():
            first, last = round(note.start * 4 / score.ppq), max(1, round(note.end * 4 / score.ppq))
            out[row, first:last] = np.maximum(out[row, first:last], note.pitch)
    return out


def count(voices: np.ndarray) -> dict[str, float]:
    """Of four voices int64 [4, steps]: parallel fifths and octaves and crossings a bar, and more, as means.

    A parallel: two voices move at the same step, from a fifth (octave, unison) to a fifth (octave, unison). *full*:
    share of quarters at which all voices sound; *triads*: of these the share whose pitch classes are (part of) a major,
    minor or diminished triad or a seventh chord.
    """
    now, before = voices[:, 1:], voices[:, :-1]
    moved = (now != before) & (now >= 0) & (before >= 0)
    parallels = crossings = 0
    for high, low in itertools.combinations(range(4), 2):
        old, new = (before[high] - before[low]) % 12, (now[high] - now[low]) % 12
        both = moved[high] & moved[low]
        parallels += int((both & (old == new) & np.isin(new, (0, 7))).sum())
        crossings += int(((voices[high] < voices[low]) & (voices[high] >= 0) & (voices[low] >= 0)).sum())
    bars = max(1.0, voices.shape[1] / STEPS_A_BAR)
    beats = voices[:, ::4]
    full = (beats >= 0).all(axis=0)
    chords = [frozenset((beats[:, at] % 12).tolist()) for at in np.flatnonzero(full)]
    return {
        "parallels a bar": parallels / bars,
        "crossed sixteenths a bar": crossings / bars,
        "full": float(full.mean()),
        "triads": float(np.mean([_is_chord(chord) for chord in chords])) if chords else 0.0,
    }


_SHAPES = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11), (0, 3, 6, 10), (0, 3, 6, 9))
_CHORDS = [frozenset((root + step) % 12 for step in shape) for shape in _SHAPES for root in range(12)]


def _is_chord(classes: frozenset[int]) -> bool:
    return len(classes) > 1 and any(classes <= chord for chord in _CHORDS)


def report(pieces: Sequence[np.ndarray], harmonise: Harmoniser) -> dict[str, Any]:
    """Means over the chorales of :func:`count` for the composer's and for the written voices, and what is kept."""
    counts: dict[str, list[dict[str, float]]] = {"chorales": [], "written": []}
    unchanged, outside, notes = 0, 0, 0
    for number, voices in enumerate(pieces):
        tune = tune_of(voices)
        made = harmonise(tune, number)
        unchanged += made.tracks[0].notes == tune.tracks[0].notes
        middle = float(np.median([note.pitch for note in tune.tracks[0].notes.values()]))
        octaves = 12 * round((middle - 70) / 12)
        for track, (low, high) in zip(made.tracks[1:4], RANGES, strict=True):
            notes += len(track.notes)
            outside += sum(not low + octaves <= note.pitch <= high + octaves for note in track.notes.values())
        counts["chorales"].append(count(voices))
        counts["written"].append(count(grid_of(made, voices.shape[1])))
    out: dict[str, Any] = {"chorales judged": len(pieces), "tunes unchanged": unchanged, "notes": notes}
    out["notes outside their range"] = outside
    for name, values in counts.items():
        out[name] = {key: round(float(np.mean([value[key] for value in values])), 4) for key in values[0]}
    return out
