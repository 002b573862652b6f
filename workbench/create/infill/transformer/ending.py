"""The end of a long continuation: in its last bar every part that still plays comes to rest on the tonic chord.

Lines step to the nearest tone of the chord, the lowest part to its root, parts that play chords spread theirs where
their last ones lay, and the drums strike once. All is held to the end of the bar.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from workbench.create.infill.markov.model import allowed
from workbench.create.infill.transformer.bridge import GridScore
from workbench.hub.tasks.infill.request import draft
from workbench.score.keys import MAJOR_PROFILE, MINOR_PROFILE, best_scale, pitch_class_weights
from workbench.score.score import Note

#: A part that has been silent for so many bars stays silent.
SILENT = 4
#: Notes of a part that tell how it plays.
RECENT = 24
MOST_AT_ONCE = 5
#: Semitones that a line goes out of its way to end on the root rather than on the fifth, and for the third.
FIFTH, THIRD = 3.0, 1.0
#: How much the bass on first beats says of the tonic, beside the correlation with a key's profile.
BASS = 0.5
KICKS, CRASHES = (36, 35), (49, 57, 55, 52, 51, 59, 46, 42)


def ending(grid: GridScore, written: dict[str, list[Note]], line: int, end: int) -> dict[str, list[Note]]:
    """Notes (score ticks) by track for a last bar from score tick ``line`` to ``end``.

    Args:
        written: what each track that is written plays before that bar, the score's own notes and the new ones.

    The chord is the one written there, else the tonic of the whole piece's key. A person's limits hold.
    """
    tones, root = _written(grid, line) or _tonic(grid, line)
    bar = max(1, end - line)
    playing = {name: notes for name, notes in written.items() if any(n.start >= line - SILENT * bar for n in notes)}
    playing = playing or {name: notes for name, notes in written.items() if notes}
    melodic = [name for name in playing if not grid.request.is_drum(name)]
    lowest = min(melodic, key=lambda name: min(n.pitch for n in playing[name][-RECENT:]), default=None)
    out: dict[str, list[Note]] = {}
    taken: set[int] = set()
    for name, notes in playing.items():
        recent = sorted(notes, key=lambda note: note.start)[-RECENT:]
        if name in melodic:
            keys = _keys(recent, tones, root, name == lowest, taken)
            taken.update(keys)
        else:
            keys = _strokes(notes)
        loud = int(np.clip(round(float(np.mean([note.velocity for note in recent]))), 1, 127))
        controls = grid.request.controls_for(name)
        free = allowed(controls)
        keys = [key for key in keys if name not in melodic or free[key]][: controls.max_polyphony]
        room = None if controls.max_notes is None else max(0, controls.max_notes - len(written[name]))
        out[name] = [draft(line, bar, key, loud) for key in keys[:room]]
    return out


def _written(grid: GridScore, line: int) -> tuple[tuple[int, ...], int] | None:
    """Pitch classes of the chord that a person wrote over the last bar, three at most, and its bass."""
    chords = grid.request.controls.chords or tuple(grid.request.score.chords)
    for chord in chords:
        if chord.tick <= line < chord.tick + chord.duration:
            tones = sorted(chord.pitch_classes, key=lambda tone: (tone - chord.root) % 12)
            return tuple(tones[:3]), chord.bass if chord.bass >= 0 else chord.root
    return None


def _tonic(grid: GridScore, line: int) -> tuple[tuple[int, ...], int]:
    """Pitch classes of the tonic triad of the piece before score tick ``line``, and its root.

    The scale is the one that holds most of what sounds (what a network adds may drift); of its major and its minor
    tonic the one that the profiles of keys and the bass on the first beats speak for.
    """
    notes = [n for t in grid.request.score.tracks if not t.is_drum for n in t.notes.values() if n.start < line]
    weights = pitch_class_weights(notes)
    bass = np.zeros(12)
    for first in grid.bars.starts:
        begun = [note.pitch for note in notes if grid.tick(note.start) == first]
        if begun:
            bass[min(begun) % 12] += 1
    bass /= max(1.0, bass.sum())
    home, _ = best_scale(weights)
    fits = []
    for mode, profile, tonic in (("major", MAJOR_PROFILE, home), ("minor", MINOR_PROFILE, (home + 9) % 12)):
        fit = float(np.corrcoef(weights, np.roll(profile, tonic))[0, 1]) if np.ptp(weights) > 0 else 0.0
        fits.append((fit + BASS * bass[tonic], mode == "major", tonic))
    _, major, root = max(fits)
    return tuple((root + step) % 12 for step in (0, 4 if major else 3, 7)), root


def _keys(
    recent: Sequence[Note], tones: Sequence[int], root: int, lowest: bool, taken: Collection[int]
) -> list[int]:  # fmt: skip
    """The keys on which a part ends, from high to low; a line rather leaves keys ``taken`` by others to them."""
    onsets: dict[int, list[int]] = {}
    for note in recent:
        onsets.setdefault(note.start, []).append(note.pitch)
    many = int(np.clip(round(float(np.mean([len(keys) for keys in onsets.values()]))), 1, MOST_AT_ONCE))
    last = list(onsets.values())[-1]
    low, high = min(note.pitch for note in recent), max(note.pitch for note in recent)
    if many == 1:
        third, fifth = tones[1 % len(tones)], tones[-1]
        # A bass that plays figures may have its last note high up; it ends where its low notes lie.
        near = float(np.quantile([note.pitch for note in recent], 0.25)) if lowest else last[-1]

        def way(key: int) -> float:
            far = 0.0 if low - 2 <= key <= high + 2 else 6.0
            return (
                abs(key - near)
                + far
                + (4.0 if key in taken else 0.0)
                + (FIFTH if key % 12 == fifth else THIRD if key % 12 == third else 0.0)
            )

        wanted = (root,) if lowest else tuple(tones)
        return [min((key for key in range(128) if key % 12 in wanted), key=way)]
    candidates = [key for key in range(max(0, low - 2), min(127, high + 2) + 1) if key % 12 in tones]
    bottom = [min(keys) for keys in onsets.values()]
    roots = [key for key in range(128) if key % 12 == root]
    floor = min(roots, key=lambda key: abs(key - float(np.median(bottom))))
    chosen = {floor} if lowest else set()
    most = max(len(keys) for keys in onsets.values())
    full = sorted(next(keys for keys in onsets.values() if len(keys) == most))
    middle = [float(x) for x in np.linspace(full[0], full[-1], many)]
    for aim in reversed(middle[len(chosen) :]):
        free = [key for key in candidates if key not in chosen and (not lowest or key > floor)]
        if free:
            missing = set(tones) - {key % 12 for key in chosen}
            chosen.add(min(free, key=lambda key: abs(key - aim) + (0 if key % 12 in missing else 4)))
    return sorted(chosen or {floor}, reverse=True)


def _strokes(notes: Sequence[Note]) -> list[int]:
    """A kick and a cymbal that the part has; without them its two commonest keys."""
    struck = [note.pitch for note in notes]
    found = [next((key for key in kind if key in struck), None) for kind in (KICKS, CRASHES)]
    usual = sorted(set(struck), key=lambda key: (-struck.count(key), key))
    chosen = [key for key in found if key is not None] or usual[:2]
    return sorted(chosen, reverse=True)
