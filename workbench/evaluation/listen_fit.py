"""Fits how the network's frames are decoded: what makes a candidate a note, and how sure to be (``config.json``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluation.listen_clips import HEARD, KINDS, clips
from workbench.nets.listen_onnx import ListenRuntime
from workbench.nets.listen_spectrum import DRUMS, FPS, LOW
from workbench.sound.audio import Audio
from workbench.training.corpora import DRUMS as DRUM_PROGRAM
from workbench.training.listen_scenes import STROKES
from workbench.training.listen_sound import FONTS
from workbench.understand import notes as decoding
from workbench.understand.frames import hear_frames

#: Clips that decoding is fitted on: soundfont, spoilt. The held-out soundfont is not among them.
FITTED = ((HEARD, False), (FONTS[0], True))


def refit(folder: Path, count: int = 8) -> None:
    """Fit the ``decoding`` part of a folder's ``config.json`` on clips of the validation side; the rest stays."""
    runtime, path = ListenRuntime(folder / "model.onnx", 1), folder / "config.json"
    heard = [
        (hear_frames(Audio(clip.sound[:, None], clip.rate), runtime=runtime), clip.scene.notes)
        for kind in KINDS
        for font, spoilt in FITTED
        for clip in clips(kind, count, font=font, spoilt=spoilt, side="valid", seed=2)
    ]
    values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**values, "decoding": fit(heard)}, indent=2) + "\n", encoding="utf-8")


def right(times: np.ndarray, names: np.ndarray, true: np.ndarray, seconds: float = 0.05) -> np.ndarray:
    """Which of the found (time, name) are among ``true`` rows (time, name), each of which counts once: bool [n].

    The nearest pairs are matched first.
    """
    out, used = np.zeros(len(times), bool), np.zeros(len(true), bool)
    pairs = []
    for name in np.unique(names):
        mine, those = np.flatnonzero(names == name), np.flatnonzero(true[:, 1] == name)
        far = np.abs(times[mine, None] - true[None, those, 0])
        for first, second in np.argwhere(far <= seconds):
            pairs.append((far[first, second], mine[first], those[second]))
    for _, first, second in sorted(pairs):
        if not out[first] and not used[second]:
            out[first] = used[second] = True
    return out


def logistic(rows: np.ndarray, good: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """Weights of a logistic regression [columns], by Newton's steps."""
    x, y = rows.astype(np.float64), good.astype(np.float64)
    weights = np.zeros(x.shape[1])
    for _ in range(25):
        likely = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (likely - y) + ridge * weights
        bend = (x * (likely * (1 - likely))[:, None]).T @ x + ridge * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def layer(rows: np.ndarray, good: np.ndarray, hidden: int = 24, rounds: int = 25) -> dict[str, Any]:
    """A network of one layer that says how likely a row is good: the numbers that ``Settings`` wants."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    torch.manual_seed(0)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    x = torch.from_numpy(((rows - mean) / scale).astype(np.float32))
    y = torch.from_numpy(good.astype(np.float32))
    net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, 1))
    steps = torch.optim.AdamW(net.parameters(), 5e-3, weight_decay=0.05)
    for number in range(rounds):
        for group in steps.param_groups:
            group["lr"] = 5e-3 * (1 - number / rounds)
        for mine in torch.randperm(len(x)).split(512):
            loss = cross_entropy(net(x[mine])[:, 0], y[mine])
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
    first, first_bias, second, second_bias = (value.detach().numpy() for value in net.parameters())
    numbers = {"mean": mean, "scale": scale, "first": first.T, "first_bias": first_bias, "second": second[0]}
    found: dict[str, Any] = {name: np.round(value, 4).tolist() for name, value in numbers.items()}
    return {**found, "second_bias": round(float(second_bias[0]), 4)}


def best_threshold(likely: np.ndarray, good: np.ndarray, true: int) -> tuple[float, float]:
    """The threshold with the best F over all notes, and that F; ``true``: how many there are to be found."""
    order = np.argsort(-likely)
    hits = np.cumsum(good[order])
    f = 2 * hits / (np.arange(1, len(order) + 1) + true)
    place = int(np.argmax(f))
    return float(likely[order][place]), float(f[place])


def truths(notes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Notes of a scene -> (time, key from the lowest) of what is pitched, and (time, class) of strokes."""
    drums = notes[:, 4] == DRUM_PROGRAM
    pitched = np.unique(np.stack([notes[~drums, 0], notes[~drums, 2] - LOW], axis=1).astype(np.float64), axis=0)
    strokes = [(start, STROKES[int(key)]) for start, _, key, _, _ in notes[drums] if int(key) in STROKES]
    return pitched, np.array(strokes, np.float64).reshape(-1, 2)


def fit(heard: Sequence[tuple[Any, np.ndarray]], say: Callable[[str], object] = print) -> dict[str, Any]:
    """The ``decoding`` part of a ``config.json`` from recordings and what was played.

    Args:
        heard: (:class:`~workbench.understand.frames.Frames`, notes) of pieces that the network has not learnt from.
        say: told the figures.
    """
    rows, good, starts, count = [], [], [], 0
    for frames, notes in heard:
        true, _ = truths(notes)
        onset = frames.onset.astype(np.float32)
        at, key = decoding.candidates(onset)
        times = (at + decoding.between(onset, at, key)) / FPS
        found = right(times, key, true, 0.06)
        rows.append(decoding.features(frames, at, key))
        good.append(found)
        count += len(true)
        for time, name in zip(times[found], key[found], strict=True):
            near = true[true[:, 1] == name, 0] - time
            starts.append(-near[np.abs(near).argmin()])
    x, y = np.concatenate(rows), np.concatenate(good)
    numbers = {**layer(x, y), "threshold": 0.5, "keep": 0.5, "late": 0.0, "strokes": []}
    likely = decoding.Settings.read(numbers).likely(x)
    threshold, f = best_threshold(likely, y, count)
    alone = best_threshold(x[:, decoding.FEATURES.index("onset")], y, count)[1]
    late = float(np.median(starts))
    say(f"notes: {count}, F {f:.3f} (by the onset alone {alone:.3f}), least {threshold:.3f}, late {late * 1000:.1f} ms")
    strokes = []
    for which in range(DRUMS):
        peak, hit, total = [], [], 0
        for frames, notes in heard:
            _, true = truths(notes)
            true = true[true[:, 1] == which]
            row = frames.drums[:, which : which + 1].astype(np.float32)
            at = decoding.peaks(row, decoding.HOPELESS)[:, 0]
            hit.append(right(at / FPS, np.full(len(at), which), true))
            peak.append(decoding.logit(row[at, 0]))
            total += len(true)
        z, h = np.concatenate(peak), np.concatenate(hit)
        line = logistic(np.stack([np.ones_like(z), z], 1), h)
        sure = 1 / (1 + np.exp(-(line[0] + line[1] * z)))
        least, f = best_threshold(sure, h, total) if len(z) else (0.5, 0.0)
        say(f"strokes {which}: {total}, F {f:.3f}, threshold {least:.3f}")
        strokes.append([round(float(line[0]), 4), round(float(line[1]), 4), round(least, 4)])
    numbers |= {"threshold": round(threshold, 4), "late": round(late, 4), "strokes": strokes}
    numbers["keep"] = _keep(heard, decoding.Settings.read(numbers))
    say(f"keep {numbers['keep']}")
    return numbers


def _keep(heard: Sequence[tuple[Any, np.ndarray]], settings: decoding.Settings) -> float:
    """How likely a note must still sound for it to last: the value whose ends are oftenest right."""
    best, kept = 0.0, 0.4
    for keep in (0.3, 0.4, 0.5, 0.6, 0.7):
        hits = 0
        for frames, notes in heard:
            at, key = decoding.candidates(frames.onset.astype(np.float32))
            sure = settings.likely(decoding.features(frames, at, key)) >= settings.threshold
            at, key = at[sure], key[sure]
            ends = decoding.note_ends(frames.frame, at, key, keep) / FPS
            for start, end, pitch in zip(at / FPS, ends, key + LOW, strict=True):
                same = notes[(notes[:, 2] == pitch) & (np.abs(notes[:, 0] - start) <= 0.06)]
                if len(same):
                    length = same[0, 1] - same[0, 0]
                    hits += abs(end - same[0, 1]) <= max(0.05, 0.2 * length)
        if hits > best:
            best, kept = hits, keep
    return kept
