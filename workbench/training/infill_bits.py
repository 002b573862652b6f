"""Bits a note of the infilling network: the score that every checkpoint is judged by.

Minus log2 of the probability of each note's time, pitch and duration, the part being given, divided by the number
of notes. Two modes: *plain* continuation, and hidden spans of four bars with both sides, or the left side only,
to be seen. The events are those of :mod:`workbench.tokens.grid12`; time is capped at 96 ticks, so of a long silence
only the first step counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from workbench.nets.infill import InfillNet
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import infill_windows as w
from workbench.training.grid_pieces import GridPiece
from workbench.training.precision import autocast

SCORED = ("time", "pitch", "duration")
ROWS = 384  #: rows the network sees at once
SPAN_BARS = 4


@dataclass(frozen=True)
class Span:
    """A hidden stretch of a piece: ticks [start, end) of all its parts."""

    piece: GridPiece
    start: int
    end: int


def plain_windows(pieces: Sequence[GridPiece], rows: int = ROWS) -> Iterator[tuple[r.Arrays, np.ndarray]]:
    """Windows that cover every note once as a target, each with half a window of notes before it.

    Yields the rows and the mask of the rows whose next note is scored.
    """
    budget = rows - g.N_SLOT - 2
    step = budget // 2
    for piece in pieces:
        count = len(piece.notes)
        for first in range(0, max(1, count), step):
            low = max(0, first - step)
            notes = piece.notes[low : first + step]
            if first >= count or not len(notes):
                break
            bar = int(np.clip(piece.bars.locate(notes[0, r.TICK])[0], 0, len(piece.bars.starts) - 2))
            origin = int(piece.bars.starts[bar])
            slots = tuple(sorted({int(slot) for slot in notes[:, r.SLOT]}))
            moved = w.transpose(notes, w.context_shift(notes, notes))
            prompt = r.Prompt(
                piece.bars, origin, piece.programs, slots, r.empty_notes(), [r.Gap(origin, None, slots, moved)]
            )
            found = r.add_next(r.prompt_rows(prompt))
            order = np.cumsum(found["in_gap"])
            yield found, found["in_gap"] & (order > first - low)


def spans_of(pieces: Sequence[GridPiece], per_piece: int, seed: int, bars: int = SPAN_BARS) -> list[Span]:
    """Up to ``per_piece`` spans of each piece, at least four bars from its ends, holding at least eight notes."""
    rng = np.random.default_rng(seed)
    out = []
    for piece in pieces:
        starts = piece.bars.starts
        places = np.arange(4, len(starts) - bars - 4)
        found = 0
        for place in rng.permutation(places):
            start, end = int(starts[place]), int(starts[place + bars])
            low, high = np.searchsorted(piece.notes[:, r.TICK], (start, end))
            if 8 <= high - low <= ROWS // 2:
                out.append(Span(piece, start, end))
                found += 1
            if found == per_piece:
                break
    return out


def span_prompt(span: Span, sides: str = "both", rows: int = ROWS) -> r.Prompt:
    """The request to fill ``span`` with its answer; ``sides`` is ``both`` or ``left``.

    The window is shared out: left and right get equal room unless one side has less to show. With ``left`` the
    left context is the *same* as with ``both``, so that nothing but the right side differs. The key is told from
    the visible notes.
    """
    piece = span.piece
    low, high = (int(x) for x in np.searchsorted(piece.notes[:, r.TICK], (span.start, span.end)))
    room = rows - g.N_SLOT - 4 - (high - low) - 6
    before = min(low, max(room // 2, room - (len(piece.notes) - high)))
    after = min(len(piece.notes) - high, room - before)
    left, right = piece.notes[low - before : low], piece.notes[high : high + after]
    hidden = piece.notes[low:high]
    visible = np.concatenate([left, right]) if sides == "both" else left
    shift = w.context_shift(visible, visible if len(visible) else hidden)
    first = int(left[0, r.TICK]) if len(left) else span.start
    bar = int(np.clip(piece.bars.locate(first)[0], 0, len(piece.bars.starts) - 2))
    slots = tuple(sorted({int(slot) for slot in np.concatenate([visible, hidden])[:, r.SLOT]}))
    surprise = np.zeros(len(visible), dtype=bool)
    if sides == "both" and len(right):
        surprise[len(left)] = True
    gap = r.Gap(span.start, span.end, slots, w.transpose(hidden, shift))
    return r.Prompt(
        piece.bars, int(piece.bars.starts[bar]), piece.programs, slots, w.transpose(visible, shift), [gap], surprise
    )


def span_windows(spans: Sequence[Span], sides: str) -> Iterator[tuple[r.Arrays, np.ndarray]]:
    """The rows of each span and the mask of those whose next note is scored."""
    for span in spans:
        found = r.add_next(r.prompt_rows(span_prompt(span, sides)))
        yield found, found["in_gap"]


@torch.no_grad()
def bits(
    net: InfillNet, windows: Sequence[tuple[r.Arrays, np.ndarray]], fast: bool = False, size: int = 8
) -> np.ndarray:
    """Bits of time, pitch and duration and the number of notes of each window: float64 [windows, 4] (sums).

    ``fast``: in the format of training (:mod:`workbench.training.precision`); every published figure is float32's.
    """
    out = []
    for at in range(0, len(windows), size):
        part = windows[at : at + size]
        length = max(len(mask) for _, mask in part)
        arrays = w.stack([rows for rows, _ in part], length)
        batch = {name: torch.from_numpy(value) for name, value in arrays.items()}
        with autocast() if fast else nullcontext():
            logits = net(batch)
        scored = np.zeros((len(part), length), dtype=bool)
        for row, (_, mask) in enumerate(part):
            scored[row, : len(mask)] = mask
        sums = np.zeros((len(part), 4))
        for column, head in enumerate(SCORED):
            log_p = functional.log_softmax(logits[head].float(), dim=-1)
            target = batch[f"next_{head}"].clamp(max=log_p.shape[-1] - 1)
            nats = -log_p.gather(-1, target[..., None])[..., 0].numpy()
            sums[:, column] = (nats * scored).sum(axis=1) / np.log(2)
            if head == "time":
                sums[:, column] = (nats * _first_steps(arrays, scored)).sum(axis=1) / np.log(2)
        sums[:, 3] = scored.sum(axis=1)
        out.append(sums)
    return np.concatenate(out) if out else np.zeros((0, 4))


@torch.no_grad()
def pitch_shares(
    net: InfillNet, windows: Sequence[tuple[r.Arrays, np.ndarray]], size: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the pitches of all scored notes, float64 [notes, 175], and the true pitches, int64 [notes]."""
    shares, truth = [np.zeros((0, g.N_PITCH))], [np.zeros(0, dtype=np.int64)]
    for at in range(0, len(windows), size):
        part = windows[at : at + size]
        arrays = w.stack([rows for rows, _ in part], max(len(mask) for _, mask in part))
        logits = net({name: torch.from_numpy(value) for name, value in arrays.items()})["pitch"]
        p = functional.softmax(logits.double(), dim=-1).numpy()
        for row, (_, mask) in enumerate(part):
            shares.append(p[row, : len(mask)][mask])
            truth.append(arrays["next_pitch"][row, : len(mask)][mask])
    return np.concatenate(shares), np.concatenate(truth)


def _first_steps(rows: r.Arrays, scored: np.ndarray) -> np.ndarray:
    """Mask of the rows whose time counts: of a silence longer than the cap the first step stands for its note."""
    out = scored & (rows["kind"] != r.REST)
    to_rest = (rows["target_time"] == g.TIME_CAP) & (rows["target_pitch"] < 0)
    for window, row in zip(*np.nonzero(to_rest & (rows["kind"] != r.REST)), strict=True):
        end = row + 1
        while end < scored.shape[1] - 1 and to_rest[window, end]:
            end += 1
        out[window, row] = scored[window, end]
    return np.asarray(out)


def per_note(sums: np.ndarray) -> list[float]:
    """Total, time, pitch and duration bits a note from rows of :func:`bits`."""
    parts = sums[:, :3].sum(axis=0) / max(1.0, sums[:, 3].sum())
    return [float(parts.sum()), *(float(part) for part in parts)]


def quick(net: InfillNet, pieces: Sequence[GridPiece]) -> dict[str, list[float]]:
    """A short look for the training log: a few plain windows, and spans with both sides and with the left only."""
    net.eval()
    plain = list(plain_windows(pieces))[:: max(1, len(pieces) // 2)][:32]
    spans = spans_of(pieces, 2, seed=0)[:32]
    scores = {"plain": per_note(bits(net, plain, fast=True))}
    for sides in ("both", "left"):
        scores[sides] = per_note(bits(net, list(span_windows(spans, sides)), fast=True))
    net.train()
    return scores
