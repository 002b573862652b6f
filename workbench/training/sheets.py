"""What forms are made of: hands, the top line, chords told from notes, chords written as notes, parts put in order."""

from __future__ import annotations

import itertools

import numpy as np

from workbench.score.lanes import QUALITIES
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece

#: Where the hands may part: about an octave around middle C.
LOWEST_SPLIT, HIGHEST_SPLIT = 52, 68
#: Chords that notes are told to be, simple ones first: indices into ``QUALITIES``.
_SIMPLE = tuple(list(QUALITIES).index(name) for name in ("maj", "min", "7", "min7", "maj7", "dim", "sus4"))
_BASS, _MIDDLE = 36, 55  #: lowest key of the bass and of the upper tones of a block chord
_UNKNOWN_LOUDNESS = g.UNKNOWN_VELOCITY


def parted(piece: GridPiece, part: np.ndarray, programs: np.ndarray) -> GridPiece:
    """``piece`` with its melodic notes dealt out anew: note i to part ``part[i]``, which ``programs[part]`` plays.

    Parts become slots from high to low, the eleven fullest of them; drums stay where they are. ``part`` int64 [notes]
    (drum notes' values do not matter).
    """
    notes = piece.notes
    melodic = notes[:, r.SLOT] != g.DRUM_SLOT
    counts = np.bincount(part[melodic], minlength=len(programs))
    kept = [int(p) for p in np.argsort(-counts, kind="stable")[: g.DRUM_SLOT] if counts[p]]
    means = {p: float(notes[melodic & (part == p), r.PITCH].mean()) for p in kept}
    order = sorted(kept, key=lambda p: -means[p])
    slot_of = np.full(len(programs), -1, dtype=np.int64)
    slot_of[order] = np.arange(len(order))
    out = notes.copy()
    out[melodic, r.SLOT] = slot_of[part[melodic]]
    new = np.full(g.N_SLOT, g.NO_PROGRAM, dtype=np.int64)
    new[: len(order)] = np.asarray(programs)[order]
    if not melodic.all():
        new[g.DRUM_SLOT] = piece.programs[g.DRUM_SLOT]
    return GridPiece(
        piece.id, piece.work, unlapped(r.sort_notes(out[out[:, r.SLOT] >= 0])), new, piece.bars, piece.chords
    )


def unlapped(notes: np.ndarray) -> np.ndarray:
    """Notes with every key let go before it is struck again by the same melodic part: int64 [n, 5], same order."""
    out = notes.copy()
    order = np.lexsort((notes[:, r.TICK], notes[:, r.PITCH], notes[:, r.SLOT]))
    found = notes[order]
    same = (np.diff(found[:, [r.SLOT, r.PITCH]], axis=0) == 0).all(axis=1) & (found[:-1, r.SLOT] != g.DRUM_SLOT)
    room = np.diff(found[:, r.TICK])
    length = np.asarray(g.DURATION_TICKS)[found[:-1, r.DURATION]]
    cut = same & (room < length) & (room > 0)
    out[order[:-1][cut], r.DURATION] = g.duration_class(room[cut])
    return out


def right_hand(notes: np.ndarray) -> np.ndarray:
    """Which notes (int64 [n, 5]) lie in the right hand, bool [n]: above a line that follows the music by half bars.

    The line lies midway between the lowest and the highest note of each two quarters and of their neighbours, about
    an octave around middle C at most.
    """
    if not len(notes):
        return np.zeros(0, dtype=bool)
    half = notes[:, r.TICK] // (2 * g.TICKS)
    half = half - half[0]
    count = int(half[-1]) + 1
    low, high = np.full(count, 128), np.full(count, -1)
    np.minimum.at(low, half, notes[:, r.PITCH])
    np.maximum.at(high, half, notes[:, r.PITCH])
    sounding = high >= 0
    middle = np.interp(np.arange(count), np.flatnonzero(sounding), ((low + high) / 2)[sounding])
    padded = np.pad(middle, 2, mode="edge")
    line = np.clip(np.convolve(padded, np.full(5, 0.2), mode="valid"), LOWEST_SPLIT, HIGHEST_SPLIT)
    return np.asarray(notes[:, r.PITCH] >= line[half])


def tune_slot(piece: GridPiece) -> int:
    """The slot of the tune: the highest part that plays in half as many bars as the busiest one; -1: none."""
    bar = piece.bars.locate(piece.notes[:, r.TICK])[0]
    slots = [int(slot) for slot in np.unique(piece.notes[:, r.SLOT]) if slot != g.DRUM_SLOT]
    bars = [len(np.unique(bar[piece.notes[:, r.SLOT] == slot])) for slot in slots]
    return next((slot for slot, count in zip(slots, bars, strict=True) if 2 * count >= max(bars)), -1)


def top_line(notes: np.ndarray) -> np.ndarray:
    """The highest note of each onset of one part, without those that begin below a longer one still sounding."""
    if not len(notes):
        return notes
    first = np.concatenate([[True], np.diff(notes[:, r.TICK]) > 0])
    line = notes[first]
    out, end, pitch = [], -1, -1
    for row in line:
        tick, key = int(row[r.TICK]), int(row[r.PITCH])
        if tick < end and key < pitch - 4:
            continue
        out.append(row)
        end, pitch = tick + g.DURATION_TICKS[int(row[r.DURATION])], key
    return unbroken(np.array(out, dtype=np.int64))


def unbroken(line: np.ndarray) -> np.ndarray:
    """A line whose notes end when the next begins."""
    out = line.copy()
    room = np.diff(line[:, r.TICK], append=line[-1, r.TICK] + g.TIME_CAP)
    out[:, r.DURATION] = g.duration_class(np.minimum(room, np.asarray(g.DURATION_TICKS)[line[:, r.DURATION]]))
    return out


def found_chords(piece: GridPiece) -> np.ndarray:
    """A chord for every half bar, told from what all melodic parts sound: int64 [c, 5] as ``GridPiece.chords``.

    The best of a few simple kinds; half bars alike are one chord, silent ones have none.
    """
    notes = piece.notes[piece.notes[:, r.SLOT] != g.DRUM_SLOT]
    starts = piece.bars.starts
    edges = np.unique(np.concatenate([starts, (starts[:-1] + starts[1:]) // 2]))
    begin, pitch = notes[:, r.TICK], notes[:, r.PITCH]
    end = begin + np.asarray(g.DURATION_TICKS)[notes[:, r.DURATION]]
    mass = np.zeros((len(edges) - 1, 12))
    low = np.full(len(edges) - 1, 1000)
    first = np.clip(np.searchsorted(edges, begin, side="right") - 1, 0, len(edges) - 2)
    last = np.clip(np.searchsorted(edges, end, side="left"), first + 1, len(edges) - 1)
    for ahead in range(int((last - first).max(initial=0))):
        here = first + ahead
        use = here < last
        span = np.minimum(end, edges[np.minimum(here + 1, len(edges) - 1)]) - np.maximum(begin, edges[here * use])
        np.add.at(mass, (here[use], pitch[use] % 12), np.maximum(span[use], 0))
        np.minimum.at(low, here[use], pitch[use])
    rows: list[list[int]] = []
    fits = mass @ _TEMPLATES.T
    fits += np.where(_ROOTS[None, :] == (low % 12)[:, None], 0.15, 0.0) * mass.sum(axis=1)[:, None]
    best = np.argmax(fits, axis=1)
    for place, (start, stop) in enumerate(itertools.pairwise(edges.tolist())):
        if mass[place].sum() <= 0:
            continue
        root, quality = int(_ROOTS[best[place]]), int(_KINDS[best[place]])
        if rows and rows[-1][2:4] == [root, quality] and rows[-1][0] + rows[-1][1] == start:
            rows[-1][1] += stop - start
        else:
            rows.append([start, stop - start, root, quality, root])
    return np.array(rows, dtype=np.int64).reshape(-1, 5)


def _templates() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights of the twelve pitch classes for each chord, float64 [m, 12], and the chords' roots and qualities."""
    rows, roots, kinds = [], [], []
    tones = list(QUALITIES.values())
    for rank, quality in enumerate(_SIMPLE):
        for root in range(12):
            weight = np.full(12, -0.4)
            weight[[(root + step) % 12 for step in tones[quality]]] = 1.0
            weight[(root + tones[quality][-1]) % 12] -= 0.35 * (
                len(tones[quality]) > 3
            )  # a seventh must sound to be one
            rows.append(weight - 0.02 * rank)
            roots.append(root)
            kinds.append(quality)
    return np.array(rows), np.array(roots), np.array(kinds)


_TEMPLATES, _ROOTS, _KINDS = _templates()


def block_chords(chords: np.ndarray, end: int) -> np.ndarray:
    """Chords (int64 [c, 5]) as notes of slot 0, int64 [n, 5]: bass, and the tones in close position above it.

    A chord longer than two bars of four is struck again at every second bar; none begins at ``end`` or later.
    """
    rows = []
    tones = list(QUALITIES.values())
    for tick, length, root, quality, bass in chords.tolist():
        keys = {_BASS + (bass - _BASS) % 12, *(_MIDDLE + (root + step - _MIDDLE) % 12 for step in tones[quality])}
        for start in range(tick, min(tick + length, end), g.TIME_CAP):
            held = int(g.duration_class(min(tick + length - start, g.TIME_CAP)))
            rows += [(start, 0, key, held, _UNKNOWN_LOUDNESS) for key in keys]
    return r.sort_notes(np.array(rows, dtype=np.int64)) if rows else r.empty_notes()
