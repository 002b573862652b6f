"""The evaluation of the infilling network: bits a note against counting, and hidden spans filled and compared.

The measures were fixed before the first network was trained and stay as they are. Everything is computed in one
run: the baselines count the same training notes that the network learnt from.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluation.infill_baselines import Baselines
from workbench.nets.infill import InfillNet
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import corpora, grid_pieces, infill_copying, pop909, readers
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import (
    Span,
    bits,
    per_note,
    pitch_shares,
    plain_windows,
    span_windows,
    spans_of,
)

#: Writes the notes of a span of a piece whose span is hidden: int64 [n, 5], not in C; ``seed`` decides chance.
Filler = Callable[[Span, int], np.ndarray]

SETS = ("pop909_main", "lieder", "polish", "quartets", "freedoom", "folk", "groove")
NEAR_REPEAT = 0.8
RESAMPLES = 2_000
#: How sure the model was of a note, in the words and at the edges that the piano roll uses.
SURENESS = {"unsure": (0.0, 1 / 3), "fairly sure": (1 / 3, 2 / 3), "sure": (2 / 3, 1.01)}


def read_folder(folder: Path) -> list[GridPiece]:
    """Every MIDI file below ``folder`` on the grid; a ``beat_midi.txt`` beside a file gives its beats and bars."""
    out = []
    for path in sorted({*folder.rglob("*.mid"), *folder.rglob("*.midi")}):
        beats = path.with_name("beat_midi.txt")
        piece = (
            read_on_beats(path, beats) if beats.exists() else readers.read_file(path, str(path), str(path), "folder")
        )
        if piece is not None and len(piece.notes) >= 16:
            velocities = np.unique(piece.notes[:, corpora.VELOCITY])
            out.append(grid_pieces.encode(piece, dynamics=len(velocities) > 4))
    return out


def read_on_beats(path: Path, beat_path: Path) -> corpora.Piece | None:
    """A MIDI file whose beats (seconds) and downbeats stand in a text file of POP909's form."""
    import symusic

    try:
        score = symusic.Score(str(path)).to("second")
        beats, marks = pop909.read_beats(beat_path)
    except (RuntimeError, ValueError, OSError):
        return None
    rows = [
        (note.start, note.end, note.pitch, note.velocity, corpora.DRUMS if track.is_drum else track.program, number)
        for number, track in enumerate(score.tracks)
        for note in track.notes
    ]
    if not rows or len(beats) < 8:
        return None
    times = np.array(sorted(rows), dtype=np.float64)
    beats, marks = pop909.extend(beats, marks, float(times[:, 0].min()), float(times[:, 1].max()))
    start = pop909.seconds_to_ticks(times[:, 0], beats)
    times[:, 1] = np.maximum(pop909.seconds_to_ticks(times[:, 1], beats) - start, 1)
    times[:, 0] = start
    notes = times.round().astype(np.int32)
    downbeats = (np.flatnonzero(marks) * corpora.PPQ).astype(np.int32)
    return corpora.Piece(
        str(path), str(path), "folder", notes, beats, downbeats, pop909.downbeat_meters(downbeats),
        tracks=tuple(track.name for track in score.tracks),
    )  # fmt: skip


def bits_report(
    net: InfillNet,
    sets: dict[str, list[GridPiece]],
    counted: Callable[[str], dict[str, Baselines]],
    spans_a_set: Callable[[str], int],
) -> dict[str, Any]:
    """Bits a note of network and baselines for every set, and of spans with both sides and with the left only.

    ``counted`` gives the baselines to compare a set with, ``spans_a_set`` how many spans are hidden in it.
    """
    out: dict[str, Any] = {}
    for name, pieces in sets.items():
        most = spans_a_set(name)
        spans = spans_of(pieces, per_piece=max(1, min(8, -(-most // max(1, len(pieces))))), seed=5)[:most]
        seen = list(span_windows(spans, "both"))
        both = bits(net, seen)
        left = bits(net, list(span_windows(spans, "left")))
        entry: dict[str, Any] = {
            "pieces": len(pieces),
            "notes": int(sum(len(piece.notes) for piece in pieces)),
            "plain": _named(per_note(bits(net, list(plain_windows(pieces))))),
            "spans": len(spans),
            "span both sides": _named(per_note(both)),
            "span left only": _named(per_note(left)),
            "how sure, and how often right": reliability(*pitch_shares(net, seen)),
        }
        if len(spans) > 1:
            gain = (left[:, :3].sum(axis=1) - both[:, :3].sum(axis=1)) / both[:, 3]
            entry["gain of the right side"] = interval(gain, [span.piece.work for span in spans])
        for label, baselines in counted(name).items():
            for kind, values in baselines.score(pieces).items():
                entry[f"{kind} ({label})"] = _named(values)
        out[name] = entry
    return out


def reliability(shares: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Whether a pitch that was drawn with probability p is the composer's in p of the cases.

    Every pitch counts as often as it would be drawn. By class of sureness: its share of the notes drawn, the mean
    probability it was drawn with, how often it is the composer's; and the mean gap of the two over ten bins (expected
    calibration error, Guo and others 2017).

    Args:
        shares: float64 [notes, pitches], rows that sum to 1.
        truth: int64 [notes].
    """
    hit = shares * (np.arange(shares.shape[1]) == truth[:, None])

    def told(low: float, high: float) -> tuple[float, float, float]:
        inside = (shares >= low) & (shares < high)
        drawn = float(shares[inside].sum())
        mean = float((shares[inside] ** 2).sum()) / max(drawn, 1e-9)
        return drawn / max(1, len(shares)), mean, float(hit[inside].sum()) / max(drawn, 1e-9)

    bins = [told(at / 10, (at + 1) / 10 + (at == 9)) for at in range(10)]
    names = ("share of notes", "said", "right")
    classes = {
        name: dict(zip(names, (round(value, 4) for value in told(*edges)), strict=True))
        for name, edges in SURENESS.items()
    }
    return {**classes, "calibration error": round(sum(part * abs(said - right) for part, said, right in bins), 4)}


def _named(values: Sequence[float]) -> dict[str, float]:
    names = ("total", "time", "pitch", "duration")
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def interval(values: np.ndarray, groups: Sequence[str], seed: int = 0) -> dict[str, float]:
    """Mean with its 95 % bootstrap interval; whole songs are drawn, since spans of one song are alike."""
    rng = np.random.default_rng(seed)
    names = sorted(set(groups))
    by_name = [np.asarray([v for v, group in zip(values, groups, strict=True) if group == name]) for name in names]
    sums = np.array([part.sum() for part in by_name])
    counts = np.array([len(part) for part in by_name])
    draws = rng.integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"mean": round(float(np.mean(values)), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def chroma(notes: np.ndarray, start: int, end: int) -> np.ndarray:
    """Sounding time of each pitch class of the melodic notes that begin in [start, end): float64 [12]."""
    inside = notes[(notes[:, r.TICK] >= start) & (notes[:, r.TICK] < end) & (notes[:, r.SLOT] != g.DRUM_SLOT)]
    length = np.minimum(np.asarray(g.DURATION_TICKS)[inside[:, r.DURATION]], end - inside[:, r.TICK])
    return g.pitch_class_counts(inside[:, r.PITCH], length)


def chroma_cosine(notes: np.ndarray, truth: np.ndarray, lines: np.ndarray) -> float:
    """Mean over bars of the cosine between the two chromas; bars in which the truth is silent do not count."""
    values = []
    for start, end in itertools.pairwise(lines):
        a, b = chroma(notes, int(start), int(end)), chroma(truth, int(start), int(end))
        if b.sum() > 0:
            norm = float(np.linalg.norm(a) * np.linalg.norm(b))
            values.append(float(a @ b) / norm if norm else 0.0)
    return float(np.mean(values)) if values else 1.0


def copy_before(span: Span, bars: int = 4) -> np.ndarray:
    """The ``bars`` bars before the span moved into it, bar by bar; int64 [n, 5]."""
    starts, notes = span.piece.bars.starts, span.piece.notes
    first = int(np.searchsorted(starts, span.start))
    last = int(np.searchsorted(starts, span.end))
    parts = []
    for bar in range(first, last):
        source = bar - bars if bars >= last - first else first - bars + (bar - first) % bars
        inside = notes[(notes[:, r.TICK] >= starts[source]) & (notes[:, r.TICK] < starts[source + 1])].copy()
        inside[:, r.TICK] += starts[bar] - starts[source]
        parts.append(inside[inside[:, r.TICK] < starts[bar + 1]])
    return np.concatenate(parts) if parts else r.empty_notes()


def describe(notes: np.ndarray, context: np.ndarray, known: np.ndarray | None, visible: np.ndarray) -> dict[str, float]:
    """Notes, share in the key of the context, share on sixteenths, notes at once (by onset), and copying."""
    melodic = notes[notes[:, r.SLOT] != g.DRUM_SLOT]
    around = context[context[:, r.SLOT] != g.DRUM_SLOT]
    tonic = g.best_major(g.pitch_class_counts(around[:, r.PITCH], np.asarray(g.DURATION_TICKS)[around[:, r.DURATION]]))
    in_key = np.isin((melodic[:, r.PITCH] - tonic) % 12, g.MAJOR)
    copied = {} if known is None else {"copies training": float(infill_copying.copies(notes, known, visible))}
    return {
        **copied,
        "notes": float(len(notes)),
        "in key": float(in_key.mean()) if len(melodic) else float("nan"),
        "on sixteenths": float((notes[:, r.TICK] % 3 == 0).mean()) if len(notes) else float("nan"),
        "notes at once": len(notes) / max(1, len(np.unique(notes[:, r.TICK]))),
    }


def fills_report(spans: Sequence[Span], fillers: dict[str, Filler], known: np.ndarray | None = None) -> dict[str, Any]:
    """Hidden spans filled by each of ``fillers`` and by copying, against the truth.

    ``known``: the runs of the training notes (:func:`infill_copying.index`), to count fills that hold one which
    the context does not hold; the truth of the spans, which nobody trained on, gives the rate to compare with.
    """
    cosines: dict[str, list[float]] = {
        name: [] for name in (*fillers, "copy of the 4 bars before", "copy of the bar before")
    }
    looks: dict[str, list[dict[str, float]]] = {name: [] for name in ("truth", *cosines)}
    for number, span in enumerate(spans):
        notes = span.piece.notes
        hidden = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        near = (notes[:, r.TICK] >= span.start - 16 * 48) & (notes[:, r.TICK] < span.end + 16 * 48) & ~hidden
        truth, context = notes[hidden], notes[near]
        starts = span.piece.bars.starts
        lines = starts[(starts >= span.start) & (starts <= span.end)]
        found = {name: fill(span, number) for name, fill in fillers.items()}
        found["copy of the 4 bars before"] = copy_before(span, 4)
        found["copy of the bar before"] = copy_before(span, 1)
        looks["truth"].append(describe(truth, context, known, notes[~hidden]))
        for name, filled in found.items():
            cosines[name].append(chroma_cosine(filled, truth, lines))
            looks[name].append(describe(filled, context, known, notes[~hidden]))
    groups = [span.piece.work for span in spans]
    copied = np.array(cosines["copy of the 4 bars before"])
    fresh = copied < NEAR_REPEAT
    out: dict[str, Any] = {"spans": len(spans), "songs": len(set(groups)), "no near-repeats": int(fresh.sum())}
    for name, values in looks.items():
        entry: dict[str, Any] = {key: round(float(np.nanmean([look[key] for look in values])), 4) for key in values[0]}
        if name in cosines:
            own = np.array(cosines[name])
            entry["chroma cosine"] = round(float(own.mean()), 4)
            entry["chroma cosine, no near-repeats"] = round(float(own[fresh].mean()), 4) if fresh.any() else None
            if name in fillers:
                entry["minus copy"] = interval(own - copied, groups)
                if fresh.sum() > 1:
                    kept = [group for group, use in zip(groups, fresh, strict=True) if use]
                    entry["minus copy, no near-repeats"] = interval((own - copied)[fresh], kept)
        out[name] = entry
    return out
