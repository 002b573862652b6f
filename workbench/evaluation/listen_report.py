"""How well the listening network hears: notes, drums, beats, chords and melody against what was played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.nets.listen import FPS, LOW, Listen
from workbench.training.listen_data import FRAMES


def peaks(row: np.ndarray, threshold: float) -> np.ndarray:
    """Frames [n, columns] -> rows (frame, column) that are above the threshold and no lower than their neighbours."""
    padded = np.pad(row, ((2, 2), (0, 0)))
    highest = np.max([padded[shift : shift + len(row)] for shift in range(5)], axis=0)
    return np.argwhere((row >= threshold) & (row == highest))


def notes(onset: np.ndarray, frame: np.ndarray, threshold: float, keep: float = 0.4) -> np.ndarray:
    """Probabilities [frames, 88] -> notes [n, 3]: start, end (seconds), MIDI pitch."""
    out = []
    for first, key in peaks(onset, threshold):
        last = first + 1
        while (
            last < len(frame) and frame[last, key] >= keep and not (last > first + 2 and onset[last, key] >= threshold)
        ):
            last += 1
        out.append((first / FPS, max(last, first + 2) / FPS, key + LOW))
    return np.array(out, np.float64).reshape(-1, 3)


def f_measure(found: np.ndarray, true: np.ndarray, seconds: float = 0.05) -> tuple[int, int, int]:
    """Greedy matching of (time, class) rows: hits, found, true."""
    used = np.zeros(len(true), bool)
    hits = 0
    for time, name in found[np.argsort(found[:, 0])]:
        near = np.flatnonzero(~used & (true[:, 1] == name) & (np.abs(true[:, 0] - time) <= seconds))
        if len(near):
            used[near[0]] = True
            hits += 1
    return hits, len(found), len(true)


def score(counts: list[tuple[int, int, int]]) -> float:
    """F of the pooled counts."""
    hits, found, true = np.array(counts).sum(axis=0)
    return float(2 * hits / max(1, found + true))


def hear(net: Listen, bins: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities for spectra [n, frames, BINS]."""
    import torch

    with torch.inference_mode():
        out = net(torch.from_numpy(bins.astype(np.float32)))
    soft = {"root", "kind"}
    return {
        name: (torch.softmax(value, -1) if name in soft else torch.sigmoid(value)).numpy()
        for name, value in out.items()
    }


def evaluate(net: Listen, paths: list[Path], threshold: float = 0.5) -> dict[str, Any]:
    """Figures over files of :mod:`workbench.training.listen_data`."""
    net.eval()
    counts: dict[str, list[tuple[int, int, int]]] = {"notes": [], "drums": [], "beats": [], "downbeats": []}
    chords: list[tuple[int, int, int]] = []
    each = []
    for path in paths:
        bins = np.load(path.with_suffix(".npy"), mmap_mode="r")
        with np.load(path) as packed:
            rows = {name: packed[name] for name in packed.files}
        for start in range(0, len(bins), 8):
            p = hear(net, np.array(bins[start : start + 8]))
            for place in range(len(p["onset"])):
                number = start + place
                found = notes(p["onset"][place], p["frame"][place], threshold)[:, [0, 2]]
                at, key = np.nonzero(rows["onset"][number])
                counts["notes"].append(f_measure(found, np.stack([at / FPS, key + LOW], 1)))
                each.append(score(counts["notes"][-1:]))
                drum = peaks(p["drums"][place], threshold)
                at, key = np.nonzero(rows["drums"][number])
                counts["drums"].append(f_measure(drum / [FPS, 1], np.stack([at / FPS, key], 1)))
                if rows["known"][number][0]:
                    for column, name in enumerate(("beats", "downbeats")):
                        beat = peaks(p["beats"][place][:, column : column + 1], 0.4)
                        at = np.flatnonzero(rows["beats"][number][:, column])
                        true = np.stack([at / FPS, np.zeros(len(at))], 1)
                        counts[name].append(f_measure(beat / [FPS, 1], true, 0.07))
                label = rows["root"][number]
                if label[0] != 255:
                    root = p["root"][place].argmax(1)
                    minor = np.isin(p["kind"][place].argmax(1), (1, 4, 5))
                    true_minor = np.isin(rows["kind"][number], (1, 4, 5))
                    heard = label < 12
                    chords.append((int(((root == label) & (minor == true_minor) & heard).sum()), 0, int(heard.sum())))
    right = np.array(chords).sum(axis=0) if chords else np.array([0, 0, 1])
    return {
        **{name: round(score(rows), 3) for name, rows in counts.items()},
        "notes_worst_tenth": round(float(np.quantile(each, 0.1)), 3), "frames": FRAMES * len(each),
        "chords_majmin": round(float(right[0] / max(1, right[2])), 3),
    }  # fmt: skip
