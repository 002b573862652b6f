"""How a fill compares with what stood there: hidden four-bar spans of real pieces, against copying.

    python tests/bench/infill_baseline.py DIR [--pieces 40] [--spans 2] [--seed 0] [--model markov]

Hides four bars in every track, with at least five bars before and three after, fills them, and prints means over all
spans for the truth, the model, and a copy of the four bars before. A ``beat_midi.txt`` beside a MIDI file (POP909)
gives its beats; else the file's own tempo map does. Every second run prints the same figures.

in key      share of notes in the best major scale of what is visible
notes       notes, as a ratio to the truth
chroma      cosine of the per-bar pitch-class vectors (sounding ticks) with the truth's
new chroma  the same over the spans whose truth is no near repeat (copying scores below .8)
hist        cosine of the onset pitch-class histograms of the whole span
grid        share of onsets within a twenty-fourth of a quarter of a sixteenth
at once     notes per onset
range       mean distance in semitones of mean pitch, by track
F1          onsets within a twelfth of a quarter and of equal pitch
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.errors import WorkbenchError
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.files import load
from workbench.score.keys import best_scale, share_in
from workbench.score.lanes import Meter, Tempo
from workbench.score.operations import apply
from workbench.score.score import Note, Region, Score
from workbench.score.timemap import TimeMap
from workbench.training.pop909 import extend, read_beats

SPAN, BEFORE, AFTER, FEWEST = 4, 5, 3, 12
PPQ = 480
NAMES = ("in key", "notes", "chroma", "hist", "grid", "at once", "range", "F1")
Notes = dict[str, list[Note]]


def read_piece(path: Path) -> Score:
    """The piece on its beats."""
    score = load(path).score
    beats_file = path.with_name("beat_midi.txt")
    return on_beats(score, beats_file) if beats_file.exists() else score


def on_beats(score: Score, beats_file: Path) -> Score:
    """The score with its notes moved to 480 ticks per annotated beat, four beats to a bar from the first downbeat."""
    time = TimeMap(score)
    beats, marks = read_beats(beats_file)
    notes = [note for _, note in score.all_notes()]
    beats, marks = extend(beats, marks, time.seconds(min(n.start for n in notes)), time.seconds(score.end))
    downbeats = np.flatnonzero(marks)
    period = int(np.bincount(np.diff(downbeats)).argmax()) if len(downbeats) > 1 else 4

    def tick(old: int) -> int:
        seconds = time.seconds(old)
        index = int(np.clip(np.searchsorted(beats, seconds, side="right") - 1, 0, len(beats) - 2))
        return max(0, round(float(index + (seconds - beats[index]) / (beats[index + 1] - beats[index])) * PPQ))

    out = score.copy()
    out.ppq, out.tempos, out.meters = PPQ, [Tempo(0)], [Meter(0, period, 4)]
    for track in out.tracks:
        for note in track.sorted_notes():
            start = tick(note.start)
            track.notes[note.id] = replace(note, start=start, duration=max(1, tick(note.end) - start))
    return out


def hidden_spans(score: Score, count: int, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Ticks of up to ``count`` spans of four bars that hold enough notes."""
    time = TimeMap(score)
    bars = [bar for bar in time.bars() if bar.number >= 1]
    places = rng.permutation(np.arange(BEFORE, max(BEFORE, len(bars) - SPAN - AFTER)))
    for place in places:
        start, end = bars[place].start, bars[place + SPAN - 1].end
        inside = sum(start <= note.start < end for track, note in score.all_notes() if not track.is_drum)
        copied = sum(b.end - b.start for b in bars[place - SPAN : place]) == end - start
        if inside >= FEWEST and copied and count:
            count -= 1
            yield start, end


def notes_in(score: Score, start: int, end: int) -> Notes:
    """Pitched notes by track whose onset lies in ticks [start, end)."""
    return {
        track.id: [note for note in track.sorted_notes() if start <= note.start < end]
        for track in score.tracks
        if not track.is_drum
    }


def chroma(notes: Notes, start: int, end: int) -> np.ndarray:
    """Sounding ticks of each pitch class, float64 [12]."""
    out = np.zeros(12)
    for note in (note for group in notes.values() for note in group):
        out[note.pitch % 12] += max(0, min(note.end, end) - max(note.start, start))
    return out


def cosine(one: np.ndarray, two: np.ndarray) -> float:
    """Cosine of two vectors; 1 if both are zero, 0 if one is."""
    norm = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(one @ two) / norm if norm else float(not one.any() and not two.any())


def measure(made: Notes, truth: Notes, score: Score, span: tuple[int, int], scale: tuple[int, ...]) -> list[float]:
    """The figures of :data:`NAMES` for one span."""
    flat = [note for group in made.values() for note in group]
    real = [note for group in truth.values() for note in group]
    if not flat:
        return [np.nan, 0.0, 0.0, 0.0, np.nan, np.nan, np.nan, 0.0]
    time = TimeMap(score)
    hist = [np.bincount([note.pitch % 12 for note in notes], minlength=12).astype(float) for notes in (flat, real)]
    bars, bar = [], time.bar_at(span[0])
    while bar.start < span[1]:
        bars.append(cosine(chroma(made, bar.start, bar.end), chroma(truth, bar.start, bar.end)))
        bar = time.bar_at(bar.end)
    step, slack = score.ppq / 4, score.ppq / 24
    offs = [abs((n.start - span[0]) - step * round((n.start - span[0]) / step)) <= slack for n in flat]
    onsets = {(name, round((n.start - span[0]) * 12 / score.ppq)) for name, group in made.items() for n in group}
    pairs = [
        {(round((n.start - span[0]) * 12 / score.ppq), n.pitch) for group in notes.values() for n in group}
        for notes in (made, truth)
    ]
    hits = len(pairs[0] & pairs[1])
    ranges = [
        abs(np.mean([n.pitch for n in made[name]]) - np.mean([n.pitch for n in truth[name]]))
        for name in made
        if made[name] and truth.get(name)
    ]
    return [
        share_in(hist[0], scale), len(flat) / len(real), float(np.mean(bars)), cosine(*hist), float(np.mean(offs)),
        len(flat) / len(onsets), float(np.mean(ranges)) if ranges else np.nan,
        2 * hits / (len(pairs[0]) + len(pairs[1])),
    ]  # fmt: skip


def fill(hub: Hub, model: str, score: Score, span: tuple[int, int], seed: int) -> Notes:
    """What a model writes into the span, in every pitched track that has notes there."""
    tracks = tuple(name for name, notes in notes_in(score, *span).items() if notes)
    request = InfillRequest(score, (Region(*span, tracks),))
    *_, result = hub.run(model, request, seed=seed, cancel=CancelToken.never())
    assert isinstance(result, Result)
    filled = score.copy()
    apply(filled, dict(result.alternatives[0].operation or {}))
    return notes_in(filled, *span)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--spans", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="markov")
    options = parser.parse_args()
    hub = Hub(Registry.load())
    paths = sorted(options.folder.rglob("*.mid"), key=lambda path: hashlib.sha256(path.name.encode()).digest())
    rows: dict[str, list[list[float]]] = {"truth": [], options.model: [], "copy before": []}
    used = 0
    for path in paths:
        if used >= options.pieces:
            break
        try:
            score = read_piece(path)
        except (WorkbenchError, ValueError, IndexError):
            continue
        rng = np.random.default_rng([options.seed, int(hashlib.sha256(path.name.encode()).hexdigest()[:8], 16)])
        found = 0
        for start, end in hidden_spans(score, options.spans, rng):
            found += 1
            truth = notes_in(score, start, end)
            seen = np.zeros(12)
            for note in (n for t, n in score.all_notes() if not t.is_drum and not start <= n.start < end):
                seen[note.pitch % 12] += 1
            scale = tuple((best_scale(seen)[0] + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11))
            length = end - start
            before = notes_in(score, start - length, start)
            copied = {name: [replace(n, start=n.start + length) for n in group] for name, group in before.items()}
            made = fill(hub, options.model, score, (start, end), options.seed)
            for name, notes in (("truth", truth), (options.model, made), ("copy before", copied)):
                rows[name].append(measure(notes, truth, score, (start, end), scale))
        used += found > 0
    tables = {name: np.array(table) for name, table in rows.items()}
    fresh = tables["copy before"][:, 2] < 0.8
    print(f"{len(fresh)} spans of {used} pieces, {int(fresh.sum())} of them no near repeat")
    print(f"{'':12}" + "".join(f"{name:>11}" for name in (*NAMES, "new chroma")))
    for name, table in tables.items():
        means = [*np.nanmean(table, axis=0), np.nanmean(table[fresh, 2]) if fresh.any() else np.nan]
        print(f"{name:12}" + "".join(f"{value:11.3f}" for value in means))


if __name__ == "__main__":
    main()
