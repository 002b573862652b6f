"""How well the Genie models music that it has not seen: perplexity, contour, gold lines, the use of the buttons.

All of these are teacher-forced on windows of 128 notes with the encoder's buttons, as published for the original.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluation.genie_gold import gold_lines
from workbench.training.corpora import DRUMS
from workbench.training.genie_data import HIGHEST, LOWEST, Batch, Performance, windows
from workbench.training.genie_train import tensors


def read_folder(folder: Path) -> list[Performance]:
    """All MIDI files below a folder that have at least 16 piano-range notes, tracks merged, drums left out.

    Times are the file's own seconds through all its tempo changes; files that cannot be read are left out.
    """
    import symusic

    out = []
    for path in sorted(item for item in folder.rglob("*") if item.suffix.lower() in (".mid", ".midi")):
        try:
            score = symusic.Score(str(path)).to("second")
        except (RuntimeError, ValueError, OSError):
            continue
        rows = [
            (note.start, note.pitch)
            for track in score.tracks
            if not track.is_drum and track.program != DRUMS
            for note in track.notes
            if LOWEST <= note.pitch <= HIGHEST
        ]
        if len(rows) >= 16:
            notes = np.array(sorted(rows), np.float64)
            none = np.full(len(rows), -1, np.int16)
            keys = (notes[:, 1] - LOWEST).astype(np.int16)
            out.append(Performance(path.relative_to(folder).as_posix(), keys, notes[:, 0], none, none))
    return out


class Tally:
    """Sums over windows from which the teacher-forced figures come."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.notes = self.pairs = self.violations = self.stuck = self.repeats = self.deviations = 0
        self.buttons = np.zeros(8, np.int64)

    def add(self, losses: np.ndarray, keys: np.ndarray, buttons: np.ndarray) -> None:
        """Count one batch: losses in nats, keys and buttons, all [batch, time]."""
        pitch, move = np.sign(np.diff(keys)), np.sign(np.diff(buttons))
        self.loss += float(losses.sum())
        self.notes += keys.size
        self.pairs += pitch.size
        self.violations += int((pitch * move < 0).sum())
        self.stuck += int(((pitch != 0) & (move == 0)).sum())
        self.repeats += int((pitch == 0).sum())
        self.deviations += int(((pitch == 0) & (move != 0)).sum())
        self.buttons += np.bincount(buttons.ravel(), minlength=8)

    def figures(self) -> dict[str, Any]:
        """Perplexity, shares of contour violations, of stuck moves and of repeats that move, and use of the buttons."""
        return {
            "notes": self.notes,
            "perplexity": float(np.exp(self.loss / max(1, self.notes))),
            "contour_violations": self.violations / max(1, self.pairs),
            "stuck": self.stuck / max(1, self.pairs),
            "deviate": self.deviations / max(1, self.repeats),
            "buttons": (self.buttons / max(1, self.notes)).tolist(),
        }


def teacher_forced(model: Any, items: Sequence[Performance], *, chords: bool) -> dict[str, Any]:
    """Figures of :class:`Tally` over all windows of performances; ``chords`` tells the decoder the chords."""
    import torch

    from workbench.nets.genie import buttons_of

    tally = Tally()
    by_length: dict[int, list[Batch]] = {}
    for item in items:
        for window in windows(item):
            by_length.setdefault(window.keys.shape[1], []).append(window)
    with torch.no_grad():
        for group in by_length.values():
            for start in range(0, len(group), 64):
                part = group[start : start + 64]
                batch = Batch(
                    *(
                        np.concatenate([getattr(one, name) for one in part])
                        for name in ("keys", "bins", "roots", "families")
                    )
                )
                keys, bins, roots, families = tensors(batch)
                if not chords:
                    roots, families = torch.full_like(roots, -1), torch.full_like(families, -1)
                logits, scalar = model(keys, bins, roots, families)
                losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), keys, reduction="none")
                tally.add(losses.numpy(), batch.keys, buttons_of(scalar).numpy())
    return tally.figures()


def gold(model: Any) -> dict[str, float]:
    """Mean squared difference, in buttons, between the encoder's buttons and the hand-made lines; by tune and overall.

    Twelve transpositions (-6 to 5), every note a time bin of 8 (0.26 s) after the last; all notes weigh the same.
    """
    import torch

    from workbench.nets.genie import buttons_of

    out: dict[str, float] = {}
    everything: list[np.ndarray] = []
    for name, pitches, wanted in gold_lines():
        keys = np.stack([pitches - LOWEST + shift for shift in range(-6, 6)])
        bins = np.full_like(keys, 8)
        bins[:, 0] = 32
        with torch.no_grad():
            scalar = model.encoder(torch.from_numpy(keys), torch.from_numpy(bins))
        error = (buttons_of(scalar).numpy() - wanted) ** 2
        out[name] = float(error.mean())
        everything.append(error.ravel())
    return {"all": float(np.concatenate(everything).mean()), **out}
