"""The forms in which people bring the same music: :func:`in_form` turns a piece of the grid into any of them.

A song comes as three tracks or as one; as two hands or as one staff; with a part doubled by another instrument; as a
type 0 file, whose parts are told apart by their instrument alone; with its drums on a track that does not say so;
played by hand, on the beat or without one; as a lead sheet; as drums alone. A network that met only the files of its
corpora falls short on all others, so training draws the forms by chance (:data:`SHARES`) and the evaluation goes
through them one by one. A form that a piece cannot take (drums alone of a song without drums) leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import sheets
from workbench.training.grid_pieces import GridPiece

#: Form by its share of the training windows.
SHARES: dict[str, float] = {
    "as it is": 0.40, "merged": 0.14, "split": 0.08, "doubled": 0.06, "type 0": 0.07, "played": 0.07,
    "without a beat": 0.04, "lead sheet": 0.07, "drums by another name": 0.02, "drums alone": 0.05,
}  # fmt: skip
#: Share of the windows, in whatever form, that are moved to another key. The network sees everything in C, so what
#: this teaches is other registers.
TRANSPOSED = 0.25
FARTHEST = 7  #: semitones
#: Instruments that a doubling, or a drum track that says it is none, is given.
_DOUBLES = (0, 4, 24, 25, 40, 48, 49, 50, 52, 56, 61, 65, 68, 71, 73, 80, 81, 88)
_NOT_DRUMS = (0, 0, 47, 112, 115, 117, 118, g.NO_PROGRAM)
_PIANO = 0

Make = Callable[[GridPiece, np.random.Generator], GridPiece]


def in_form(piece: GridPiece, form: str, rng: np.random.Generator) -> GridPiece:
    """``piece`` in the form of that name (a key of :data:`SHARES`); ``rng`` decides what the form leaves open.

    Raises:
        KeyError: no form of that name.
    """
    return _FORMS[form](piece, rng)


def draw(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """``piece`` in a form drawn by :data:`SHARES`, now and then in another key."""
    names, shares = list(SHARES), list(SHARES.values())
    found = in_form(piece, names[int(rng.choice(len(names), p=shares))], rng)
    return transposed(found, int(rng.integers(-FARTHEST, FARTHEST + 1))) if rng.random() < TRANSPOSED else found


def transposed(piece: GridPiece, semitones: int) -> GridPiece:
    """All melodic parts and the chords moved by ``semitones``; keys beyond the piano's ends are folded by an octave."""
    notes, melodic = piece.notes.copy(), _melodic(piece.notes)
    notes[melodic, r.PITCH] = g.model_pitch(notes[melodic, r.PITCH], np.zeros(int(melodic.sum()), bool), semitones)
    chords = piece.chords.copy()
    chords[:, [2, 4]] = (chords[:, [2, 4]] + semitones) % 12
    return replace(piece, notes=r.sort_notes(notes), chords=chords)


def merged(piece: GridPiece, program: int = _PIANO) -> GridPiece:
    """All melodic parts in one track of ``program``; the drums stay apart."""
    return sheets.parted(piece, np.zeros(len(piece.notes), np.int64), np.array([program]))


def split(piece: GridPiece) -> GridPiece:
    """All melodic parts as the two hands of a piano."""
    whole = merged(piece)
    left = np.zeros(len(whole.notes), np.int64)
    melodic = _melodic(whole.notes)
    left[melodic] = ~sheets.right_hand(whole.notes[melodic])
    return sheets.parted(whole, left, np.array([_PIANO, _PIANO]))


def type0(piece: GridPiece, named: bool = True) -> GridPiece:
    """One track a channel: parts of the same instrument become one; without ``named`` all are pianos."""
    notes, melodic = piece.notes, _melodic(piece.notes)
    kinds = np.unique(piece.programs[notes[melodic, r.SLOT]])
    part = np.searchsorted(kinds, piece.programs[notes[:, r.SLOT]])
    return sheets.parted(piece, part, kinds if named else np.full(len(kinds), _PIANO))


def _doubled(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """A part or two played by a second instrument as well, at the unison or an octave off."""
    slots = _slots(piece)
    if not slots or len(slots) > g.DRUM_SLOT - 1:
        return piece
    notes, programs = piece.notes, list(piece.programs[slots])
    part, added = np.searchsorted(slots, notes[:, r.SLOT]), [notes]
    parts = [part]
    for slot in rng.permutation(slots)[: int(rng.integers(1, 3))]:
        if len(programs) == g.DRUM_SLOT:
            break
        copy = notes[notes[:, r.SLOT] == slot].copy()
        copy[:, r.PITCH] += int(rng.choice([0, 0, 12, -12]))
        copy = copy[(copy[:, r.PITCH] >= 0) & (copy[:, r.PITCH] < 128)]
        added.append(copy)
        parts.append(np.full(len(copy), len(programs)))
        programs.append(int(rng.choice(_DOUBLES)))
    whole = replace(piece, notes=np.concatenate(added))
    return sheets.parted(whole, np.concatenate(parts), np.array(programs))


def played(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """Played by hand on its own beats: the hands lead and lag, chords are spread, lengths vary."""
    beats = int(piece.notes[-1, r.TICK]) // g.TICKS + 2
    drift = np.zeros(beats)
    for beat in range(1, beats):
        drift[beat] = 0.8 * drift[beat - 1] + 0.35 * rng.standard_normal()
    place = piece.notes[:, r.TICK] / g.TICKS
    return _timed(piece, piece.notes[:, r.TICK] + np.interp(place, np.arange(beats), drift), 1.0, rng)


def without_beat(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """Played into a file that knows no beat: another tempo, and bars of four quarters that mean nothing."""
    scale = float(np.exp(rng.normal(0.0, 0.3)))
    beats = int(piece.notes[-1, r.TICK]) // g.TICKS + 2
    tempo = np.exp(0.06 * np.cumsum(rng.standard_normal(beats)) / np.sqrt(np.arange(1, beats + 1)))
    clock = np.concatenate([[0.0], np.cumsum(scale * g.TICKS * tempo)])
    place = piece.notes[:, r.TICK] / g.TICKS
    start = np.interp(place, np.arange(beats + 1), clock) + float(rng.uniform(0, 4 * g.TICKS))
    found = _timed(piece, start, scale, rng)
    count = int(found.notes[-1, r.TICK]) // (4 * g.TICKS) + 2
    none = np.zeros((0, 5), np.int64)
    return replace(found, bars=g.Bars.regular(4 * g.TICKS, count), chords=none)


def _timed(piece: GridPiece, start: np.ndarray, scale: float, rng: np.random.Generator) -> GridPiece:
    """The notes at ``start`` (ticks, float), a little early or late; lengths times ``scale``, strokes as they were."""
    notes = piece.notes.copy()
    melodic = _melodic(notes)
    count = len(notes)
    notes[:, r.TICK] = np.maximum(np.round(start + 0.45 * rng.standard_normal(count)), 0).astype(np.int64)
    held = np.asarray(g.DURATION_TICKS)[notes[:, r.DURATION]] * scale * rng.uniform(0.7, 1.08, count)
    notes[:, r.DURATION] = np.where(melodic, g.duration_class(np.maximum(np.round(held), 1)), notes[:, r.DURATION])
    return replace(piece, notes=sheets.unlapped(r.sort_notes(notes)))


def lead_sheet(piece: GridPiece, chords: bool = True) -> GridPiece:
    """The tune (the top line of the highest part that plays most of the time) and, with ``chords``, block chords.

    The chords are those written down for the piece; without any, those that its other parts sound.
    """
    slot = sheets.tune_slot(piece)
    if slot < 0:
        return piece
    tune = sheets.top_line(piece.notes[piece.notes[:, r.SLOT] == slot])
    harmony = piece.chords if len(piece.chords) else sheets.found_chords(piece)
    blocks = sheets.block_chords(harmony, int(piece.notes[-1, r.TICK]) + 1)
    if not chords or not len(blocks):
        blocks = blocks[:0]
    whole = replace(piece, notes=np.concatenate([tune, blocks]))
    part = np.repeat([0, 1], [len(tune), len(blocks)])
    return sheets.parted(whole, part, np.array([piece.programs[slot], _PIANO]))


def _drums_by_another_name(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """The drums on a melodic track, as files have them whose channel 10 was lost: a stroke is a key."""
    drums = ~_melodic(piece.notes)
    slots = _slots(piece)[: g.DRUM_SLOT - 1]
    if not drums.any():
        return piece
    kept = piece.notes[drums | np.isin(piece.notes[:, r.SLOT], slots)].copy()
    struck = kept[:, r.SLOT] == g.DRUM_SLOT
    part = (
        np.where(struck, len(slots), np.searchsorted(slots, kept[:, r.SLOT]))
        if slots
        else np.zeros(len(kept), np.int64)
    )
    kept[struck, r.PITCH] += g.FIRST_DRUM - 128
    kept[struck, r.SLOT] = 0
    programs = np.append(piece.programs[slots], rng.choice(_NOT_DRUMS))
    return sheets.parted(replace(piece, notes=kept), part, programs)


def drums_alone(piece: GridPiece) -> GridPiece:
    """The drums and nothing else, where there are at least sixteen strokes."""
    drums = piece.notes[~_melodic(piece.notes)]
    if len(drums) < 16:
        return piece
    programs = np.full(g.N_SLOT, g.NO_PROGRAM, dtype=np.int64)
    programs[g.DRUM_SLOT] = g.DRUM_PROGRAM
    return replace(piece, notes=drums, programs=programs)


def _merged_by_chance(piece: GridPiece, rng: np.random.Generator) -> GridPiece:
    """Merged into a piano, or now and then into the instrument that one of the parts has."""
    slots = _slots(piece)
    program = int(piece.programs[int(rng.choice(slots))]) if slots and rng.random() < 0.3 else _PIANO
    return merged(piece, program)


_FORMS: dict[str, Make] = {
    "as it is": lambda piece, rng: piece,
    "merged": _merged_by_chance,
    "split": lambda piece, rng: split(piece),
    "doubled": _doubled,
    "type 0": lambda piece, rng: type0(piece, named=rng.random() < 0.6),
    "played": lambda piece, rng: played(piece if rng.random() < 0.5 else merged(piece), rng),
    "without a beat": lambda piece, rng: without_beat(merged(piece), rng),
    "lead sheet": lambda piece, rng: lead_sheet(piece, chords=rng.random() < 0.7),
    "drums by another name": _drums_by_another_name,
    "drums alone": lambda piece, rng: drums_alone(piece),
}


def _melodic(notes: np.ndarray) -> np.ndarray:
    return np.asarray(notes[:, r.SLOT] != g.DRUM_SLOT)


def _slots(piece: GridPiece) -> list[int]:
    """The melodic slots that have notes, rising (from high to low)."""
    return [int(slot) for slot in np.unique(piece.notes[_melodic(piece.notes), r.SLOT])]
