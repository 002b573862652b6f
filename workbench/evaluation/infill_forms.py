"""Evaluation in the forms in which people bring music: three ideas for each hidden span, form by form.

Every figure stands with its spread and its worst tenth, beside the same figure for the composer's own bars, for these
bars in another order, for a copy of the four bars before, and for the Markov chain, because a mean hides the idea
with two notes where the song has sixty-six. The measures of :mod:`workbench.evaluation.infill_evaluate` stay as they
are; this module asks the same of more kinds of files.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.evaluation.infill_evaluate import NEAR_REPEAT, chroma_cosine, copy_before, interval
from workbench.nets.infill import InfillNet
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.infill_bits import Span, bits, per_note, span_windows

#: Writes several ideas for a span whose notes are hidden: int64 [n, 5] each, not in C; ``seed`` decides chance.
Ideas = Callable[[Span, int], list[np.ndarray]]

NEARLY_EMPTY = 0.2  #: share of the true notes below which an idea counts as nearly empty
NEAR_BEST = 0.05  #: how far in chroma an idea may lie behind the best of its span


def form_report(net: InfillNet | None, spans: Sequence[Span], model: Ideas, markov: Ideas) -> dict[str, Any]:
    """All figures of one form; ``net`` gives the bits a note (None leaves them out)."""
    groups = [span.piece.work for span in spans]
    looks = [_look(span, model(span, number), markov(span, number)) for number, span in enumerate(spans)]
    copied = np.array([look["copy"] for look in looks])
    fresh = copied < NEAR_REPEAT
    own = np.array([np.mean(look["model"]["likeness"]) for look in looks])
    chain = np.array([np.mean(look["markov"]["likeness"]) for look in looks])
    out: dict[str, Any] = {
        "pieces": len({span.piece.id for span in spans}), "spans": len(spans), "no near-repeats": int(fresh.sum()),
        "truth": {"notes at once": _spread([look["truth at once"] for look in looks])},
        "likeness": {
            "model": _mean(own), "markov": _mean(chain), "copy of the 4 bars before": _mean(copied),
            "the true bars in another order": _mean([look["shuffled"] for look in looks]),
        },
        "minus copy": interval(own - copied, groups),
        "minus copy, no near-repeats": _fresh(own - copied, fresh, groups),
        "minus markov": interval(own - chain, groups),
        "minus markov, no near-repeats": _fresh(own - chain, fresh, groups),
    }  # fmt: skip
    for name in ("model", "markov"):
        found = [look[name] for look in looks]
        ratios = [ratio for one in found for ratio in one["notes"]]
        out[name] = {
            "ideas": len(ratios),
            "notes against the truth": _spread(ratios),
            "nearly empty": int(sum(ratio < NEARLY_EMPTY for ratio in ratios)),
            "notes at once": _spread([value for one in found for value in one["at once"]]),
            "silent bars that sound in the truth": _mean([value for one in found for value in one["silent"]]),
        }
    pairs = [value for look in looks for value in look["overlap"]]
    behind = [max(look["model"]["likeness"]) - value for look in looks for value in look["model"]["likeness"]]
    if pairs:
        out["ideas of one span"] = {
            "overlap of two": _spread(pairs),
            "share within .05 of the best": _mean([value <= NEAR_BEST for value in behind]),
        }
    if net is not None:
        out["bits a note"] = round(per_note(bits(net, list(span_windows(spans, "both"))))[0], 4)
    return out


def likeness(notes: np.ndarray, truth: np.ndarray, lines: np.ndarray) -> float:
    """Mean over bars of the cosine of what sounds: pitch classes by time, or, of drums alone, keys by strokes."""
    if (truth[:, r.SLOT] != g.DRUM_SLOT).any():
        return chroma_cosine(notes, truth, lines)
    values = []
    for start, end in itertools.pairwise(lines):
        a, b = (_strokes(part, int(start), int(end)) for part in (notes, truth))
        if b.sum() > 0:
            values.append(float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))
    return float(np.mean(values)) if values else 1.0


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Notes of the same onset, part and pitch in both, as a share of the notes of the two (F1); two empty ones: 1."""
    a, b = ({tuple(row) for row in notes[:, :3].tolist()} for notes in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0


def in_another_order(span: Span) -> np.ndarray:
    """The true bars of a span, each moved two bars on (and the last two to the front); int64 [n, 5]."""
    starts, notes = span.piece.bars.starts, span.piece.notes
    first, last = (int(np.searchsorted(starts, tick)) for tick in (span.start, span.end))
    count = last - first
    parts = []
    for place in range(count):
        source = first + (place + count // 2) % count
        inside = notes[(notes[:, r.TICK] >= starts[source]) & (notes[:, r.TICK] < starts[source + 1])].copy()
        inside[:, r.TICK] += starts[first + place] - starts[source]
        parts.append(inside[inside[:, r.TICK] < starts[first + place + 1]])
    return np.concatenate(parts) if parts else r.empty_notes()


def _look(span: Span, model: list[np.ndarray], markov: list[np.ndarray]) -> dict[str, Any]:
    notes, starts = span.piece.notes, span.piece.bars.starts
    truth = notes[(notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)]
    lines = starts[(starts >= span.start) & (starts <= span.end)]

    def described(ideas: list[np.ndarray]) -> dict[str, list[float]]:
        return {
            "likeness": [likeness(idea, truth, lines) for idea in ideas],
            "notes": [len(idea) / len(truth) for idea in ideas],
            "at once": [_at_once(idea) for idea in ideas],
            "silent": [_silent(idea, truth, lines) for idea in ideas],
        }

    return {
        "model": described(model), "markov": described(markov), "truth at once": _at_once(truth),
        "overlap": [overlap(a, b) for a, b in itertools.combinations(model, 2)],
        "copy": likeness(copy_before(span, 4), truth, lines),
        "shuffled": likeness(in_another_order(span), truth, lines),
    }  # fmt: skip


def _strokes(notes: np.ndarray, start: int, end: int) -> np.ndarray:
    inside = (notes[:, r.TICK] >= start) & (notes[:, r.TICK] < end) & (notes[:, r.SLOT] == g.DRUM_SLOT)
    return np.bincount(notes[inside, r.PITCH] - 128, minlength=g.N_DRUM).astype(np.float64)


def _at_once(notes: np.ndarray) -> float:
    return len(notes) / max(1, len(np.unique(notes[:, r.TICK])))


def _silent(notes: np.ndarray, truth: np.ndarray, lines: np.ndarray) -> float:
    """Share of the bars in which a true note begins that no note of ``notes`` begins in."""
    made, true = (np.histogram(part[:, r.TICK], bins=lines)[0] > 0 for part in (notes, truth))
    return float((true & ~made).sum() / max(1, true.sum()))


def _spread(values: Sequence[float]) -> dict[str, float]:
    """Median, the 10 % and 90 % quantiles, and the mean of the lowest tenth."""
    ranked = np.sort(np.asarray(values, dtype=np.float64))
    low, middle, high = np.quantile(ranked, [0.1, 0.5, 0.9])
    worst = ranked[: max(1, len(ranked) // 10)].mean()
    names = ("median", "10 %", "90 %", "lowest tenth")
    return {name: round(float(value), 3) for name, value in zip(names, (middle, low, high, worst), strict=True)}


def _mean(values: Any) -> float:
    return round(float(np.mean(values)), 4)


def _fresh(values: np.ndarray, fresh: np.ndarray, groups: Sequence[str]) -> dict[str, float] | None:
    if fresh.sum() < 2:
        return None
    return interval(values[fresh], [group for group, use in zip(groups, fresh, strict=True) if use])


COLUMNS = (
    "form", "pieces", "notes: median (10, 90 %)", "lowest tenth", "nearly empty", "Markov's notes", "likeness",
    "copy", "other order", "Markov", "minus copy (95 %)", "no near-repeats", "minus Markov (95 %)", "overlap",
    "within .05", "bits",
)  # fmt: skip


def table(report: dict[str, dict[str, Any]]) -> str:
    """The reports of all forms as one table of Markdown, a form a line."""
    rows = [COLUMNS, tuple("---" for _ in COLUMNS)]
    for form, entry in report.items():
        own, like = entry["model"], entry["likeness"]
        rows.append((
            form, str(entry["pieces"]), _notes(own), f"{own['notes against the truth']['lowest tenth']:.2f}",
            f"{own['nearly empty']} of {own['ideas']}", _notes(entry["markov"]), f"{like['model']:.3f}",
            f"{like['copy of the 4 bars before']:.3f}", f"{like['the true bars in another order']:.3f}",
            f"{like['markov']:.3f}", _range(entry["minus copy"]), _range(entry["minus copy, no near-repeats"]),
            _range(entry["minus markov"]), *_together(entry.get("ideas of one span")),
            f"{entry['bits a note']:.2f}" if "bits a note" in entry else "",
        ))  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _notes(entry: dict[str, Any]) -> str:
    found = entry["notes against the truth"]
    return f"{found['median']:.2f} ({found['10 %']:.2f}, {found['90 %']:.2f})"


def _together(found: dict[str, Any] | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    return f"{found['overlap of two']['median']:.2f}", f"{found['share within .05 of the best']:.2f}"


def _range(found: dict[str, float] | None) -> str:
    return "" if found is None else f"{found['mean']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})"
