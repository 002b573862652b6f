"""How well singing becomes notes: every form of synthetic voice, beside the pitch network's own notes, in one run.

``python -m workbench.evaluation.sung_eval --takes 4 --out FILE.json``; with ``--audio FILE.wav --notes FILE.csv``
(rows of onset, pitch in Hz and length in seconds, as annotated corpora have them) a real recording instead.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from numpy.typing import NDArray

from workbench.evaluation.sung_voices import FORMS, HELD_OUT, sing
from workbench.sound.audio import Audio
from workbench.understand.heard import HeardNote
from workbench.understand.pitchcurve import pitch_curve
from workbench.understand.singing import notes_of_curve, plain_notes
from workbench.understand.sung_beats import sung_beats

Floats = NDArray[np.float64]


def note_f1(truth: Floats, notes: Sequence[HeardNote], *, offsets: bool = False) -> float:
    """F1 of onset and pitch (50 ms, 50 cents; with ``offsets`` also of the ends, 20 %) against float64 [n, >= 3]."""
    if not len(notes) or not len(truth):
        return float(len(notes) == len(truth))
    found = np.array([(note.start, note.end, note.pitch + note.cents / 100) for note in notes])
    return float(
        mir_eval.transcription.precision_recall_f1_overlap(
            truth[:, :2], 440 * 2 ** ((truth[:, 2] - 69) / 12), found[:, :2], 440 * 2 ** ((found[:, 2] - 69) / 12),
            offset_ratio=0.2 if offsets else None,
        )[2]
    )  # fmt: skip


def judged(audio: Audio, truth: Floats) -> dict[str, float]:
    """Ours and the network's own notes of one recording, and how fast ours were."""
    began = time.process_time()
    curve = pitch_curve(audio)
    heard = notes_of_curve(curve, audio.seconds)
    took = time.process_time() - began
    plain = plain_notes(curve)
    return {
        "ours": note_f1(truth, heard.notes), "plain": note_f1(truth, plain),
        "ours, ends too": note_f1(truth, heard.notes, offsets=True),
        "plain, ends too": note_f1(truth, plain, offsets=True),
        "notes a note": len(heard.notes) / len(truth), "speech": heard.speech, "times real time": audio.seconds / took,
        "tempo": sung_beats(heard.notes, audio.seconds).tempo,
    }  # fmt: skip


def summary(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Mean, spread and worst tenth of ours and of the plain notes; share of takes below plain; the tempo's hit rate."""
    out: dict[str, float] = {"takes": len(rows)}
    for name in ("ours", "plain"):
        values = np.sort([row[name] for row in rows])
        out |= {name: float(values.mean()), f"{name}, spread": float(values.std()),
                f"{name}, worst tenth": float(values[: max(1, len(values) // 10)].mean())}  # fmt: skip
    out["below plain"] = float(np.mean([row["ours"] < row["plain"] - 1e-3 for row in rows]))
    octaves = [np.log2(max(1e-3, row["tempo"]) / row["true tempo"]) for row in rows if "true tempo" in row]
    if octaves:
        off = [min(abs(value - whole) for whole in (-1, 0, 1)) for value in octaves]
        out["tempo within 4 % or an octave of it"] = float(np.mean(np.array(off) < np.log2(1.04)))
        out["tempo within 4 %"] = float(np.mean(np.abs(octaves) < np.log2(1.04)))
    return out


def synthetic(takes: int, seed: int) -> dict[str, Any]:
    """Every form, ``takes`` times, singing held-out tunes; by form, and over the held-out forms together."""
    from workbench.evaluation.sung_melodies import tunes

    forms = FORMS | HELD_OUT
    found = tunes(takes * len(forms), seed=seed)
    rows: dict[str, list[dict[str, float]]] = {}
    for place, tune in enumerate(found):
        name = list(forms)[place % len(forms)]
        take = sing(tune.notes, forms[name], seed * 10_000 + place)
        row = judged(take.audio, take.notes)
        rows.setdefault(name, []).append({**row, "true tempo": 60 / float(np.median(np.diff(take.beats)))})
    out: dict[str, Any] = {name: summary(part) for name, part in rows.items()}
    out["all forms"] = summary([row for part in rows.values() for row in part])
    out["all held-out forms"] = summary([row for name, part in rows.items() if name in HELD_OUT for row in part])
    return out


def annotated(path: Path) -> Floats:
    """Notes of a CSV file with onset, pitch in Hz and length: float64 [n, 3] of onset, end and fractional MIDI."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = np.array([[float(value) for value in row[:3]] for row in csv.reader(file) if row])
    return np.stack([rows[:, 0], rows[:, 0] + rows[:, 2], 69 + 12 * np.log2(rows[:, 1] / 440)], axis=1)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--notes", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.audio is not None and given.notes is not None:
        from workbench.sound.files import read_audio

        found: dict[str, Any] = judged(read_audio(given.audio), annotated(given.notes))
    else:
        found = synthetic(given.takes, given.seed)
    text = json.dumps(found, indent=1)
    if given.out is not None:
        given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
