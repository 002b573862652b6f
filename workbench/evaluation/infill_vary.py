"""Variations in many sets and forms: do the new notes keep to the chords as the notes did that they take the place of?

Eight bars of a held-out piece are varied in all parts. The chords are those written down for the piece where there are
any, else those that it sounds. Every figure stands beside the source's own, beside the source's bars in another order
over the same chords, and beside the Markov chain, which keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.create.found_chords import find_chords
from workbench.evaluation.infill_continue import spread
from workbench.evaluation.infill_trial import grid_score
from workbench.evaluation.kinds import between, pieces_in, shuffled
from workbench.score.lanes import QUALITIES, Chord
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece

FIRST, BARS = 8, 8  #: bars before the varied ones, and varied
CLOSENESS = (30, 60)

#: Varies: a piece, the span in ticks, closeness, seed; to all notes of the span as they are then, int64 [n, 5].
Varier = Callable[[GridPiece, tuple[int, int], int, int], np.ndarray]

Span = tuple[int, int, frozenset[int]]  #: a chord: grid ticks [start, end), pitch classes


@dataclass(frozen=True)
class Source:
    """A piece and the span to be varied, with the chords of the whole piece by where they come from."""

    piece: GridPiece
    span: tuple[int, int]
    chords: Sequence[Span]

    @property
    def notes(self) -> np.ndarray:
        """What stands in the span, int64 [n, 5]."""
        return between(self.piece.notes, *self.span)


def sources(name: str, count: int) -> list[Source]:
    """Up to ``count`` spans of a set of :data:`workbench.evaluation.kinds.SETS`, one a piece."""
    out = []
    for piece in pieces_in(name, count):
        lines = piece.bars.starts
        if len(lines) > FIRST + BARS + 1:
            out.append(Source(piece, (int(lines[FIRST]), int(lines[FIRST + BARS])), chords_of(piece)))
    return out


def chords_of(piece: GridPiece) -> list[Span]:
    """The chords written down for a piece, else those found in it."""
    names = list(QUALITIES)
    if len(piece.chords):
        written = [Chord(t, n, root, names[kind], bass) for t, n, root, kind, bass in piece.chords.tolist()]
    else:
        written = find_chords(grid_score(piece.notes, piece.programs, piece.bars))
    return [(chord.tick, chord.tick + chord.duration, frozenset(chord.pitch_classes)) for chord in written]


def chord_share(notes: np.ndarray, chords: Sequence[Span]) -> float:
    """Share of the time in which pitched notes sound that they are tones of the chord of the moment; no note: nan."""
    inside, total = 0, 0
    starts = [start for start, _, _ in chords]
    for tick, slot, pitch, duration, _ in notes.tolist():
        if slot == g.DRUM_SLOT:
            continue
        end = tick + g.DURATION_TICKS[duration]
        place = max(0, int(np.searchsorted(starts, tick, side="right")) - 1)
        for start, stop, tones in chords[place:]:
            if start >= end:
                break
            overlap = max(0, min(end, stop) - max(tick, start))
            total += overlap
            inside += overlap * (pitch % 12 in tones)
    return inside / total if total else float("nan")


def report(found: Sequence[Source], vary: Varier, markov: Varier, closeness: int) -> dict[str, Any]:
    """The figures of one set at one closeness, by who wrote: ``source``, ``shuffled``, ``model``, ``markov``."""
    looks: dict[str, list[dict[str, float]]] = {name: [] for name in ("source", "shuffled", "model", "markov")}
    for number, source in enumerate(found):
        lines = source.piece.bars.starts[FIRST : FIRST + BARS + 1]
        made = {
            "source": source.notes,
            "shuffled": shuffled(source.notes, lines, np.random.default_rng(number)),
            "model": vary(source.piece, source.span, closeness, number),
            "markov": markov(source.piece, source.span, closeness, number),
        }
        for name, notes in made.items():
            looks[name].append(look(source, notes, lines, name == "source"))
    out: dict[str, Any] = {"pieces": len(found)}
    for name, rows in looks.items():
        out[name] = {key: spread(values) for key in rows[0] if (values := _known(rows, key))} if rows else {}
    return out


def look(source: Source, notes: np.ndarray, lines: np.ndarray, all_new: bool) -> dict[str, float]:
    """One variation; ``all_new``: every note counts as new (of the source itself)."""
    stood = {tuple(row) for row in source.notes[:, :3].tolist()}
    new = notes if all_new else np.array([row for row in notes.tolist() if tuple(row[:3]) not in stood]).reshape(-1, 5)
    own = chord_share(source.notes, source.chords)
    share = chord_share(new, source.chords)
    there = {tuple(row) for row in notes[:, :3].tolist()}
    gone = np.array([row for row in source.notes.tolist() if tuple(row[:3]) not in there]).reshape(-1, 5)
    counts, true = (np.histogram(part[:, r.TICK], bins=lines)[0] for part in (notes, source.notes))
    tops = [_top_line(part) for part in (notes, source.notes)]
    return {
        "new notes that are chord tones": share,
        "minus the source's": share - own,
        PLACE: share - chord_share(gone, source.chords),
        "notes against the source's": len(notes) / max(1, len(source.notes)),
        "new": len(new) / max(1, len(notes)),
        "empty bars": float(((counts == 0) & (true > 0)).sum() / max(1, (true > 0).sum())),
        "top line that comes back": 2 * len(tops[0] & tops[1]) / max(1, len(tops[0]) + len(tops[1])),
    }


def _top_line(notes: np.ndarray) -> set[tuple[int, int]]:
    """Onset and pitch of the highest note of each moment at which a pitched one begins."""
    top: dict[int, int] = {}
    for tick, slot, pitch in notes[:, :3].tolist():
        if slot != g.DRUM_SLOT:
            top[tick] = max(top.get(tick, 0), pitch)
    return set(top.items())


def _known(rows: Sequence[dict[str, float]], key: str) -> list[float]:
    return [row[key] for row in rows if not np.isnan(row[key])]


PLACE = "minus the notes in whose place they stand"
COLUMNS = (
    "set", "closeness", "pieces", "source's chord tones", "shuffled", "Markov chain", "new notes: median (10, 90 %)",
    "minus the source's: mean (10 %)", "minus the notes replaced", "lowest tenth", "notes", "new",
    "empty bars", "top line that comes back",
)  # fmt: skip


def table(report: dict[str, dict[int, dict[str, Any]]]) -> str:
    """The reports by set and closeness as one table of Markdown."""
    rows = [COLUMNS, tuple("---" for _ in COLUMNS)]
    for name, entries in report.items():
        for closeness, entry in entries.items():
            chord = {who: entry[who].get("new notes that are chord tones") for who in entry if who != "pieces"}
            if chord["model"] is None:
                continue
            own, less = entry["model"], entry["model"]["minus the source's"]
            rows.append((
                name, str(closeness), str(entry["pieces"]),
                *(f"{chord[who]['median']:.2f}" if chord[who] else "" for who in ("source", "shuffled", "markov")),
                f"{chord['model']['median']:.2f} ({chord['model']['10 %']:.2f}, {chord['model']['90 %']:.2f})",
                f"{less['mean']:+.3f} ({less['10 %']:+.2f})",
                f"{own[PLACE]['mean']:+.3f}" if own.get(PLACE) else "",
                f"{chord['model']['lowest tenth']:.2f}",
                f"{own['notes against the source' + chr(39) + 's']['median']:.2f}", f"{own['new']['median']:.2f}",
                f"{own['empty bars']['mean']:.3f}", f"{own['top line that comes back']['median']:.2f}",
            ))  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
