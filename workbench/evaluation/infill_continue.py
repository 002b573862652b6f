"""Going on from an opening, in many sets and forms: does the piece keep its fullness, its interest and its end?

Eight bars of a held-out piece are shown, and as many bars are written as the piece itself goes on for (up to
:data:`BARS`). Every figure stands beside the same figure of the piece's own bars, of these bars in another order, and
of the Markov chain. Parts that enter after the opening are not written by anybody, so notes are counted against the
whole piece and against its shown parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.evaluation import repeats
from workbench.evaluation.infill_longform import Continuer, self_similarity, tonic
from workbench.evaluation.kinds import OPENING, between, shuffled
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece

BARS = 32
EIGHTHS = 8


def report(pieces: Sequence[GridPiece], go_on: Continuer, markov: Continuer, bars: int = BARS) -> dict[str, Any]:
    """The figures of one set, by who went on: ``song``, ``shuffled``, ``model``, ``markov``."""
    looks: dict[str, list[dict[str, Any]]] = {name: [] for name in ("song", "shuffled", "model", "markov")}
    for number, piece in enumerate(pieces):
        lines = piece.bars.starts[: OPENING + bars + 1]
        opening = between(piece.notes, lines[0], lines[OPENING])
        span = (int(lines[OPENING]), int(lines[-1]))
        real = between(piece.notes, *span)
        made = {
            "song": real,
            "shuffled": shuffled(real, lines[OPENING:], np.random.default_rng(number)),
            "model": go_on(opening, piece.programs, g.Bars(lines), span, number),
            "markov": markov(opening, piece.programs, g.Bars(lines), span, number),
        }
        shown = int(np.isin(real[:, r.SLOT], np.unique(opening[:, r.SLOT])).sum())
        for name, notes in made.items():
            looks[name].append(look(opening, notes, lines, len(real), OPENING))
            looks[name][-1]["notes against the shown parts'"] = len(notes) / max(1, shown)
    return {"pieces": len(pieces), **{name: _summary(found) for name, found in looks.items()}}


def look(opening: np.ndarray, notes: np.ndarray, lines: np.ndarray, true: int, first: int) -> dict[str, Any]:
    """One continuation: ``lines`` of the whole, ``true``: notes of the piece's own, ``first``: number of bars shown."""
    whole = r.sort_notes(np.concatenate([opening, notes]))
    counts = np.histogram(notes[:, r.TICK], bins=lines[first:])[0]
    before = np.histogram(opening[:, r.TICK], bins=lines[: first + 1])[0]
    bars = repeats.bars_of(whole, lines)
    shares = repeats.kinds(bars, first)
    eighths = [float(part.mean()) for part in np.array_split(counts, EIGHTHS)]
    return {
        "notes against the song's": len(notes) / max(1, true),
        "notes against the opening's": float(counts.mean()) / max(1e-9, float(before.mean())),
        "by eighths": [value / max(1e-9, float(before.mean())) for value in eighths],
        "empty bars": float((counts == 0).mean()),
        "empty bars in the opening": float((before == 0).mean()),
        "last bar empty": bool(counts[-1] == 0),
        "eighth bar empty": bool(counts[7] == 0) if len(counts) > 7 else False,
        **{f"bars: {name}": share for name, share in shares.items() if name != "empty"},
        "self-similarity": self_similarity(whole, lines),
        "ends in its key": tonic(between(whole, lines[-5], lines[-1])) == tonic(opening),
        **_ending(whole, lines),
    }


def _ending(whole: np.ndarray, lines: np.ndarray) -> dict[str, bool]:
    """Whether the lowest note of the last bar is the tonic of the key, and whether something is held to its end."""
    melodic = whole[whole[:, r.SLOT] != g.DRUM_SLOT]
    if not len(melodic):
        return {}
    last = between(melodic, int(lines[-2]), int(lines[-1]))
    if not len(last):
        return {"ends on the tonic": False, "last note held": False}
    home = tonic(melodic)
    lengths = np.asarray(g.DURATION_TICKS)[last[:, r.DURATION]]
    final = last[last[:, r.TICK] == last[last[:, r.PITCH].argmin(), r.TICK]]
    lowest = int(final[:, r.PITCH].min())
    held = float((last[:, r.TICK] + lengths).max() - lines[-2]) / float(lines[-1] - lines[-2])
    return {
        "ends on the tonic": lowest % 12 in (home, (home + 9) % 12),  # of the major key or of its relative minor
        "last note held": held > 0.9 and float(lengths.max()) >= 0.5 * float(lines[-1] - lines[-2]),
    }


def _summary(looks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Spread of every figure over the pieces; of yes and no the share."""
    out: dict[str, Any] = {}
    for name in {name: None for look in looks for name in look}:
        values = [look[name] for look in looks if name in look]
        if name == "by eighths":
            out[name] = [round(float(value), 3) for value in np.median(values, axis=0)]
        elif isinstance(values[0], bool):
            out[name] = round(float(np.mean(values)), 4)
        else:
            out[name] = spread(values)
    return out


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, median, the 10 % and 90 % quantiles, and the means of the lowest and of the highest tenth."""
    ranked = np.sort(np.asarray(values, dtype=np.float64))
    tenth = max(1, len(ranked) // 10)
    low, middle, high = np.quantile(ranked, [0.1, 0.5, 0.9])
    found = {
        "mean": ranked.mean(), "median": middle, "10 %": low, "90 %": high,
        "lowest tenth": ranked[:tenth].mean(), "highest tenth": ranked[-tenth:].mean(),
    }  # fmt: skip
    return {name: round(float(value), 4) for name, value in found.items()}


COLUMNS = (
    "set", "who", "pieces", "notes, of the song's: median (10, 90 %)", "of the shown parts'",
    "lowest tenth", "empty bars",
    "last, eighth empty",
    "exact copies", "near", "transposed", "same rhythm", "new", "self-similarity", "in key, tonic, held",
    "by eighths, of the opening",
)  # fmt: skip


def table(report: dict[str, dict[str, Any]]) -> str:
    """The reports of all sets as one table of Markdown: a line a set and who went on."""
    rows = [COLUMNS, tuple("---" for _ in COLUMNS)]
    for name, entry in report.items():
        for who in ("song", "shuffled", "markov", "model"):
            own = entry[who]
            notes, shown = own["notes against the song's"], own["notes against the shown parts'"]
            names = ("ends in its key", "ends on the tonic", "last note held")
            ends = [f"{own[key]:.2f}" for key in names if key in own]
            rows.append((
                name, who, str(entry["pieces"]),
                f"{notes['median']:.2f} ({notes['10 %']:.2f}, {notes['90 %']:.2f})",
                f"{shown['median']:.2f}", f"{notes['lowest tenth']:.2f}",
                f"{own['empty bars']['mean']:.3f}", f"{own['last bar empty']:.2f}, {own['eighth bar empty']:.2f}",
                *(f"{own['bars: ' + kind]['mean']:.2f}" for kind in repeats.KINDS[1:]),
                f"{own['self-similarity']['median']:.2f}", ", ".join(ends),
                " ".join(f"{value:.2f}" for value in own["by eighths"]),
            ))  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
