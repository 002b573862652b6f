"""Note figures of transcribers over the clips of :mod:`.listen_clips`, all in one run: mir_eval, with spread.

Onset F1 counts a note as found where its key is right and its onset within 50 ms; with ends, where it also ends within
50 ms or a fifth of its length (Bay et al., 2009). Strokes of drums are matched by class within 50 ms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluation.listen_clips import Clip
from workbench.evaluation.listen_fit import right, truths
from workbench.nets.listen_onnx import ListenRuntime
from workbench.sound.audio import Audio
from workbench.training.listen_scenes import STROKES
from workbench.understand.frames import hear_frames
from workbench.understand.heard import HeardNote
from workbench.understand.notes import Settings, drums_of, notes_of

#: Something that hears: sound in, pitched notes and strokes out.
Hearer = Callable[[Audio], tuple[Sequence[HeardNote], Sequence[HeardNote]]]


def note_scores(found: Sequence[HeardNote], true: np.ndarray) -> tuple[float, float]:
    """Onset F1, and F1 with ends, of notes against rows (start, end, pitch, ...)."""
    import mir_eval

    if not len(found) or not len(true):
        return (1.0, 1.0) if len(found) == len(true) else (0.0, 0.0)
    said = np.array([(note.start, max(note.end, note.start + 1e-3)) for note in found])
    keys = 440 * 2 ** ((np.array([note.pitch for note in found]) - 69) / 12)
    spans = np.stack([true[:, 0], np.maximum(true[:, 1], true[:, 0] + 1e-3)], axis=1).astype(np.float64)
    wanted = 440 * 2 ** ((true[:, 2].astype(np.float64) - 69) / 12)
    measure: Any = mir_eval.transcription.precision_recall_f1_overlap
    return tuple(float(measure(spans, wanted, said, keys, offset_ratio=ratio)[2]) for ratio in (None, 0.2))  # type: ignore[return-value]


def stroke_score(found: Sequence[HeardNote], notes: np.ndarray) -> float | None:
    """F1 of strokes by class against a scene's notes; None where there are none to be heard."""
    _, true = truths(notes)
    if not len(true):
        return None
    named = [(stroke.start, STROKES[stroke.pitch]) for stroke in found if stroke.pitch in STROKES]
    rows = np.array(named, np.float64).reshape(-1, 2)
    return float(2 * right(rows[:, 0], rows[:, 1], true).sum() / (len(rows) + len(true)))


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, standard deviation and the mean of the worst tenth (of at least one)."""
    rows = np.sort(np.array(values, np.float64))
    worst = rows[: max(1, round(len(rows) / 10))]
    return {
        "mean": round(float(rows.mean()), 3),
        "sd": round(float(rows.std()), 3),
        "worst": round(float(worst.mean()), 3),
    }


def measure(clips: Sequence[Clip], hearers: Mapping[str, Hearer]) -> dict[str, dict[str, Any]]:
    """Figures of each hearer over clips of one kind: ``onset``, ``ends`` and, where there are any, ``drums``."""
    out: dict[str, dict[str, Any]] = {}
    for name, hear in hearers.items():
        onset, ends, drums = [], [], []
        for clip in clips:
            notes, strokes = hear(Audio(clip.sound[:, None], clip.rate))
            scores = note_scores(notes, clip.notes())
            onset.append(scores[0])
            ends.append(scores[1])
            stroke = stroke_score(strokes, clip.scene.notes)
            drums += [] if stroke is None else [stroke]
        out[name] = {"clips": len(clips), "onset": spread(onset), "ends": spread(ends)}
        if drums:
            out[name]["drums"] = spread(drums)
    return out


def calibration(clips: Sequence[Clip], hear: Hearer, steps: int = 5) -> list[tuple[float, float, int]]:
    """Rows (mean confidence, share that is right, notes) of notes in bands of confidence."""
    sure, good = [], []
    for clip in clips:
        notes, _ = hear(Audio(clip.sound[:, None], clip.rate))
        true, _ = truths(clip.scene.notes)
        rows = np.array([(note.start, note.pitch - 21) for note in notes], np.float64).reshape(-1, 2)
        good.append(right(rows[:, 0], rows[:, 1], true))
        sure.append(np.array([note.confidence for note in notes]))
    likely, hit = np.concatenate(sure), np.concatenate(good)
    band = np.minimum((likely * steps).astype(int), steps - 1)
    out = []
    for step in range(steps):
        mine = band == step
        if mine.any():
            out.append((round(float(likely[mine].mean()), 3), round(float(hit[mine].mean()), 3), int(mine.sum())))
    return out


def listener(folder: Path) -> Hearer:
    """The network of a folder with ``model.onnx`` and ``config.json``, on one core."""
    runtime = ListenRuntime(folder / "model.onnx", 1)
    settings = Settings.read(json.loads((folder / "config.json").read_text(encoding="utf-8"))["decoding"])

    def hear(audio: Audio) -> tuple[Sequence[HeardNote], Sequence[HeardNote]]:
        frames = hear_frames(audio, runtime=runtime)
        return notes_of(frames, settings), drums_of(frames, settings)

    return hear


def basic_pitch(path: Path) -> Hearer:
    """Basic Pitch from its ONNX file, as the hub runs it; it hears no drums."""
    from workbench.understand.adapters.basic_pitch import BasicPitchNetwork
    from workbench.understand.adapters.basic_pitch import hear as listen

    network = BasicPitchNetwork(path)

    def hear(audio: Audio) -> tuple[Sequence[HeardNote], Sequence[HeardNote]]:
        *_, notes = listen(audio, network)
        return (notes if isinstance(notes, tuple) else ()), ()

    return hear


def show(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table in Markdown: mean, standard deviation and worst tenth of each measure."""
    lines = ["| clips | kind | model | onset F1 | with ends | drums |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = []
        for name in ("onset", "ends", "drums"):
            found = row.get(name)
            shown = "" if not found or not found["mean"] else "{mean:.3f} ± {sd:.3f}, {worst:.3f}".format(**found)
            cells.append(shown.replace("0.", "."))
        lines.append(f"| {row['set']} | {row['kind']} | {row['model']} | {' | '.join(cells)} |")
    return "\n".join(lines)
