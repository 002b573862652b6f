"""Chords, key, melody and mood of held-out works in a held-out soundfont, beside plain baselines in the same run.

``python -m workbench.evaluation.harmony_report [clips a kind [basic-pitch's .onnx]]`` prints Markdown tables.
Baselines: for chords librosa's chroma, pooled by the same beats, against 24 templates with a sticky Viterbi path; for
the key the same chroma against Krumhansl's profiles; for the melody the skyline of basic-pitch's notes, where its
network is given.
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from workbench.evaluation import heard_truth
from workbench.evaluation.beat_clips import Clip, draw, sound
from workbench.score.keys import estimate_key
from workbench.sound.audio import Audio
from workbench.training.corpora import DRUMS
from workbench.understand.beats import track_beats
from workbench.understand.frames import Frames, hear_frames
from workbench.understand.harmony import harmony_of_notes, hear_harmony, spans_of
from workbench.understand.heard import Beats, HeardChord, HeardNote
from workbench.understand.labels import chord_label, key_name
from workbench.understand.melody import melody_of
from workbench.understand.tags import mood

#: What of mir_eval's chord measures is shown.
MEASURES = ("root", "majmin", "sevenths")
#: Log cost of a change for the template matcher.
STICKY = 3.0


def chord_scores(truth: heard_truth.Labelled, found: Sequence[HeardChord]) -> dict[str, float]:
    """mir_eval's weighted chord symbol recall, by measure."""
    import mir_eval

    intervals, labels = truth
    mine, said = mir_eval.util.adjust_intervals(
        np.array([(chord.start, chord.end) for chord in found]), [chord.label for chord in found], intervals.min(),
        intervals.max(), "N", "N",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = mir_eval.chord.evaluate(intervals, labels, mine, said)
    return {name: float(scores[name]) for name in MEASURES}


def template_chords(chroma: np.ndarray, edges: np.ndarray) -> list[HeardChord]:
    """Chroma by beats [n, 12] against major and minor triads, a path that changes unwillingly."""
    shapes = np.zeros((24, 12))
    for root in range(12):
        for mode, steps in enumerate(((0, 4, 7), (0, 3, 7))):
            shapes[12 * mode + root, [(root + step) % 12 for step in steps]] = 1 / np.sqrt(3)
    fit = 12 * (chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)) @ shapes.T
    best, came = fit[0].copy(), np.zeros(fit.shape, np.int64)
    for at in range(1, len(fit)):
        moved = best.max() - STICKY
        came[at] = np.where(best >= moved, np.arange(24), best.argmax())
        best = np.maximum(best, moved) + fit[at]
    path = [int(best.argmax())]
    for at in range(len(fit) - 1, 0, -1):
        path.append(int(came[at][path[-1]]))
    return [
        HeardChord(float(start), float(end), chord_label(state % 12, "min" if state >= 12 else "maj"))
        for start, end, state in zip(edges[:-1], edges[1:], path[::-1], strict=True)
    ]


def chroma_of(audio: Audio, edges: np.ndarray) -> np.ndarray:
    """librosa's chroma by beats, [n, 12]."""
    import librosa

    rows = librosa.feature.chroma_cqt(y=audio.mono(), sr=audio.rate, hop_length=512)
    cuts = np.clip(np.round(edges * audio.rate / 512).astype(int), 0, rows.shape[1] - 1)
    return np.array([rows[:, a : max(a + 1, b)].mean(axis=1) for a, b in pairwise(cuts.tolist())])


def melody_scores(truth: np.ndarray, found: Sequence[HeardNote]) -> float:
    """Onset F1 within 50 ms, octaves ignored; ``truth`` [n, 3]."""
    import mir_eval

    if not found or not len(truth):
        return 0.0

    def hertz(pitches: np.ndarray) -> np.ndarray:
        return np.asarray(440.0 * 2.0 ** ((60 + pitches % 12 - 69) / 12))

    spans = truth[:, :2].copy()
    spans[:, 1] = np.maximum(spans[:, 1], spans[:, 0] + 0.02)
    _, _, score, _ = mir_eval.transcription.precision_recall_f1_overlap(
        spans, hertz(truth[:, 2]), np.array([(note.start, note.end) for note in found]),
        hertz(np.array([note.pitch for note in found])), onset_tolerance=0.05, offset_ratio=None,
    )  # fmt: skip
    return float(score)


def skyline(notes: Sequence[HeardNote]) -> list[HeardNote]:
    """Notes above which nothing sounds as they begin."""
    return [
        note for note in notes
        if not any(other.pitch > note.pitch and other.start <= note.start + 0.03 < other.end for other in notes)
    ]  # fmt: skip


def basic_pitch_notes(audio: Audio, network: Path) -> list[HeardNote]:
    """The notes of basic-pitch from its ONNX file, as the hub runs it."""
    from workbench.understand.adapters.basic_pitch import BasicPitchNetwork, hear

    *_, notes = hear(audio, BasicPitchNetwork(network))
    return list(notes) if isinstance(notes, tuple) else []


def measure(clip: Clip, network: Path | None = None) -> dict[str, dict[str, float]]:
    """All figures of a clip: table and row -> value."""
    import mir_eval

    audio = sound(clip)
    frames = hear_frames(audio)
    beats = track_beats(frames.beats, frames.fps)
    heard, edges = hear_harmony(frames, beats), spans_of(beats, frames.duration).edges
    known = [time for time in clip.beats if time < frames.duration]
    tapped = Beats(tuple(known), tuple(time for time in known if np.abs(clip.downbeats - time).min() < 1e-6))
    written = [HeardNote(a, b, int(p)) for a, b, p, _, g in clip.notes if g != DRUMS and b - a > 0.01]
    chroma = chroma_of(audio, edges)
    out: dict[str, dict[str, float]] = {}
    chords = heard_truth.chords(clip)
    if chords is not None:
        rows = {
            "recording": heard.chords, "recording, true beats": hear_harmony(frames, tapped).chords,
            "the true notes": harmony_of_notes(written, tapped).chords,
            "librosa chroma, templates": template_chords(chroma, edges),
        }  # fmt: skip
        for name, found in rows.items():
            for what, value in chord_scores(chords, found).items():
                out.setdefault(f"chords, {what}", {})[name] = value
    key = heard_truth.key(clip)
    if key is not None:
        plain = estimate_key(chroma.sum(axis=0))
        of_notes = harmony_of_notes(written, tapped).key
        guesses = {"recording": heard.key, "the true notes": of_notes, "librosa chroma, Krumhansl": plain}
        true = key_name(key % 12, "minor" if key >= 12 else "major")
        for name, guess in guesses.items():
            said = key_name(guess.tonic, guess.mode) if guess else "C major"
            out.setdefault("key, MIREX", {})[name] = float(mir_eval.key.weighted_score(true, said))
        pace = 60.0 / float(np.median(np.diff(clip.beats)))
        played = mood("minor" if key >= 12 else "major", pace, len(clip.notes) / frames.duration)
        rate = _rate(frames)
        said = mood(heard.key.mode if heard.key else "major", beats.tempo, rate)
        out["mood as of the score"] = {"recording": float(played == said)}
    tune = heard_truth.melody(clip)
    if tune is not None and len(tune) > 8:
        out["melody, onset F1"] = {"recording": melody_scores(tune, melody_of(frames, beats))}
        if network is not None:
            top = skyline(basic_pitch_notes(audio, network))
            out["melody, onset F1"]["skyline of basic-pitch"] = melody_scores(tune, top)
    return out


def _rate(frames: Frames) -> float:
    """Notes and strokes a second."""
    from workbench.understand.notes import drums_of, notes_of

    return (len(notes_of(frames)) + len(drums_of(frames))) / frames.duration


def table(clips: Sequence[Clip], network: Path | None = None) -> str:
    """Mean, spread and worst tenth of every figure over clips, as Markdown."""
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for clip in clips:
        for what, rows in measure(clip, network).items():
            for name, value in rows.items():
                values[what, name].append(value)
    lines = ["| measure | by | clips | mean | spread | worst tenth |", "|---|---|---|---|---|---|"]
    for (what, name), found in values.items():
        worst = np.quantile(found, 0.1)
        lines.append(f"| {what} | {name} | {len(found)} | {np.mean(found):.3f} | {np.std(found):.3f} | {worst:.3f} |")
    return "\n".join(lines)


def main(count: int = 12, network: Path | None = None) -> None:
    """Print the tables of ``count`` clips a kind; ``network``: the ONNX file of basic-pitch."""
    for kind in ("band", "piano", "folk"):
        print(f"{kind}\n\n{table(draw(kind, count), network)}\n", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
