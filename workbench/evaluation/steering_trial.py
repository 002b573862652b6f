"""What each wish changes, measured: the sliders, curves drawn over time, chords, and how close a variation is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from workbench.hub.protocol import Alternative, CancelToken, Model, Result
from workbench.hub.tasks.infill.controls import CURVES, SLIDERS, InfillControls
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.lanes import Chord
from workbench.score.score import Note, Region, Score
from workbench.score.timemap import TimeMap

Notes = Mapping[str, tuple[Note, ...]]


def ideas(model: Model, score: Score, region: Region, controls: InfillControls, count: int) -> list[Alternative]:
    """``count`` ideas for a region, from seeds 0, 1, 2 ..."""
    out: list[Alternative] = []
    for seed in itertools.count():
        if len(out) >= count:
            return out[:count]
        request = InfillRequest(score, (region,), controls=controls, count=min(8, count - len(out)))
        for event in model.run(request, seed=seed, cancel=CancelToken.never()):
            if isinstance(event, Result):
                out += event.alternatives
    return out


def _every(notes: Notes) -> list[Note]:
    return [note for found in notes.values() for note in found]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _steps(notes: Notes) -> float:
    """Mean step in semitones between the highest notes of neighbouring onsets of a track."""
    steps: list[float] = []
    for found in notes.values():
        tops: dict[int, int] = {}
        for note in found:
            tops[note.start] = max(note.pitch, tops.get(note.start, 0))
        line = [tops[start] for start in sorted(tops)]
        steps += [abs(after - before) for before, after in itertools.pairwise(line)]
    return _mean(steps)


def _height(notes: Notes) -> float:
    """Mean over the tracks of their mean pitch: two halves may share their notes out differently."""
    return _mean([_mean([float(note.pitch) for note in own]) for own in notes.values() if own])


def measures(score: Score, region: Region) -> dict[str, Callable[[Notes], float]]:
    """What each slider is measured by.

    ``density`` notes; ``register`` mean MIDI pitch; ``loudness`` mean velocity; ``wildness`` mean step of the top line
    in semitones; ``syncopation`` share of notes off the beat; ``richness`` different pitch classes; ``surprise`` share
    of notes whose pitch does not stand at the same place of another bar of the track.
    """
    time = TimeMap(score)

    def place(note: Note) -> tuple[int, int]:
        return note.start - time.bar_at(note.start).start, note.pitch

    known = {
        name: {place(note) for note in score.track(name).notes.values() if not region.contains(name, note)}
        for name in region.tracks
    }
    return {
        "density": lambda notes: float(len(_every(notes))),
        "register": lambda notes: _mean([note.pitch for note in _every(notes)]),
        "loudness": lambda notes: _mean([note.velocity for note in _every(notes)]),
        "wildness": _steps,
        "syncopation": lambda notes: _mean([note.start % score.ppq != 0 for note in _every(notes)]),
        "richness": lambda notes: float(len({note.pitch % 12 for note in _every(notes)})),
        "surprise": lambda notes: _mean([place(n) not in known[name] for name, own in notes.items() for n in own]),
    }


def slider_report(model: Model, score: Score, region: Region, seeds: int = 50) -> dict[str, dict[str, float]]:
    """Means of each slider's measure over ``seeds`` ideas at 10, 50 and 90."""
    measure = measures(score, region)
    out: dict[str, dict[str, float]] = {}
    for wish in SLIDERS:
        out[wish] = {}
        for value in (10, 50, 90):
            made = ideas(model, score, region, InfillControls.from_dict({wish: value}), seeds)
            out[wish][str(value)] = round(_mean([measure[wish](idea.notes) for idea in made]), 3)
    return out


def curve_report(model: Model, score: Score, region: Region, seeds: int = 50) -> dict[str, dict[str, float]]:
    """What curves that rise, fall, or are blank in the second half do to the two halves of a region.

    For each curve the measure's mean in the first and the second half, and the correlation of the drawn value with the
    measure over quarters of the region, of rising and falling curves together.
    """
    measure = {**measures(score, region), "register": _height}
    middle = (region.start + region.end) // 2
    shapes = {
        "rising": [[region.start, 10], [region.end, 90]],
        "falling": [[region.start, 90], [region.end, 10]],
        "high, then blank": [[region.start, 95], [middle, None]],
    }
    out: dict[str, dict[str, float]] = {}
    for wish in CURVES:
        row: dict[str, float] = {}
        drawn, heard = [], []
        for shape, points in shapes.items():
            controls = InfillControls.from_dict({"curves": {wish: points}})
            made = ideas(model, score, region, controls, seeds)
            for half, (first, last) in {"1": (region.start, middle), "2": (middle, region.end)}.items():
                values = [measure[wish](_between(idea.notes, first, last)) for idea in made]
                row[f"{shape}, half {half}"] = round(_mean(values), 3)
            edges = np.linspace(region.start, region.end, 5).astype(int).tolist()
            for first, last in itertools.pairwise(edges):
                if shape != "high, then blank":
                    drawn.append(float(controls.value(wish, (first + last) // 2) or 0))
                    heard.append(_mean([measure[wish](_between(idea.notes, first, last)) for idea in made]))
        row["correlation"] = round(float(np.corrcoef(drawn, heard)[0, 1]), 3)
        out[wish] = row
    return out


def _between(notes: Notes, start: int, end: int) -> dict[str, tuple[Note, ...]]:
    return {name: tuple(note for note in own if start <= note.start < end) for name, own in notes.items()}


def closeness_report(model: Model, score: Score, region: Region, seeds: int = 50) -> dict[str, float]:
    """Share of the notes that stood in a region (track, onset, pitch) which come back, by closeness."""
    stood = {
        (name, note.start, note.pitch)
        for name in region.tracks
        for note in score.track(name).notes.values()
        if region.contains(name, note)
    }
    out = {}
    for value in (None, 0, 25, 50, 75, 100):
        made = ideas(model, score, region, InfillControls(closeness=value), seeds)
        came = [{(name, n.start, n.pitch) for name, own in idea.notes.items() for n in own} for idea in made]
        out["not asked" if value is None else str(value)] = round(_mean([len(stood & c) / len(stood) for c in came]), 3)
    return out


def chord_report(model: Model, score: Score, region: Region, seeds: int = 50) -> dict[str, float]:
    """Share of notes that are tones of the chord written at their onset, for two lanes that share few tones."""
    bars, time = [], TimeMap(score)
    at = region.start
    while at < region.end:
        bar = time.bar_at(at)
        bars.append((bar.start, bar.end - bar.start))
        at = bar.end
    lanes = {
        "C F G Am": [(0, "maj"), (5, "maj"), (7, "maj"), (9, "min")],
        "Eb Ab Bb Cm": [(3, "maj"), (8, "maj"), (10, "maj"), (0, "min")],
    }
    out = {}
    for name, roots in lanes.items():
        chords = tuple(Chord(start, length, *roots[number % len(roots)]) for number, (start, length) in enumerate(bars))
        for binding in ("free", "hint", "strict"):
            controls = InfillControls(chords=chords, harmony=binding)
            every = [note for idea in ideas(model, score, region, controls, seeds) for note in _every(idea.notes)]
            hits = [
                any(c.tick <= n.start < c.tick + c.duration and n.pitch % 12 in c.pitch_classes for c in chords)
                for n in every
            ]
            out[f"{name}, {binding}"] = round(_mean([float(hit) for hit in hits]), 3)
    return out
