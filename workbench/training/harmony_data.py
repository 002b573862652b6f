"""Beats with their chords: what :mod:`workbench.nets.harmony` learns from and is measured on.

Of notes: POP909 with the chords of POP909-CL as written, and the chord symbols of Open EWLD played by a simple band of
bass and chords, since a lead sheet has but a tune; both spoilt as a transcription is. Of sound: scenes of
:mod:`workbench.training.listen_data`, heard by the listening network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from workbench.nets.harmony import BEAT, BETWEEN, DOWNBEAT, MIDDLE
from workbench.score.lanes import QUALITIES
from workbench.tokens import chord_spans as cs
from workbench.training import corpora
from workbench.training.corpora import DURATION, ONSET, PITCH, PPQ, PROGRAM, Piece
from workbench.training.splits import Split

_NAMES = tuple(QUALITIES)
#: Richer kinds that a player may put in a plain chord's place, as a band does.
RICHER = {"maj": ("maj7", "maj7", "sus4", "aug", "7"), "min": ("min7", "min7", "dim"), "7": ("sus4", "aug7")}


@dataclass(frozen=True)
class Beats:
    """A passage by beats.

    ``sound``, ``struck``: float32 [n, 88]; ``state``: of the chord, int64 [n], -1 unknown; ``place``: int64 [n] as in
    :mod:`workbench.nets.harmony`; ``root``, ``kind``: what a network heard, float32 [n, 13] and [n, 8], or None.
    """

    sound: np.ndarray
    struck: np.ndarray
    state: np.ndarray
    place: np.ndarray
    root: np.ndarray | None = None
    kind: np.ndarray | None = None


def places(edges: np.ndarray, downbeats: np.ndarray) -> np.ndarray:
    """Place of each span in its bar, int64 [n]; ``edges`` [n + 1] and ``downbeats`` in ticks."""
    out = np.full(len(edges) - 1, BEAT)
    out[edges[:-1] % PPQ != 0] = BETWEEN
    out[np.isin(edges[:-1], downbeats)] = DOWNBEAT
    if len(downbeats) > 1:
        out[np.isin(edges[:-1], (downbeats[:-1] + downbeats[1:]) / 2)] = MIDDLE
    return out


def states(piece: Piece, edges: np.ndarray) -> np.ndarray:
    """State of the chord that covers most of each span, int64 [n]; -1 where a chord has no name here."""
    cover = np.zeros((len(edges) - 1, cs.N_STATES + 1))
    for tick, length, root, quality, _ in piece.chords.tolist():
        name = _NAMES[quality]
        state = 8 * root + cs.KIND_OF[name] if name in cs.KIND_OF else cs.N_STATES
        first = max(0, int(np.searchsorted(edges, tick, side="right")) - 1)
        for at in range(first, len(cover)):
            if edges[at] >= tick + length:
                break
            cover[at, state] += max(0, min(tick + length, edges[at + 1]) - max(tick, edges[at]))
    cover[:, cs.NONE] += np.maximum(0, np.diff(edges) - cover.sum(axis=1))
    best = cover.argmax(axis=1)
    return np.where(best == cs.N_STATES, -1, best)


def of_piece(piece: Piece, rng: np.random.Generator | None = None) -> Beats | None:
    """A piece that has chords, by beats; spoilt as a transcription is with ``rng``."""
    if not len(piece.chords):
        return None
    notes = piece.notes[piece.notes[:, PROGRAM] != corpora.DRUMS].astype(np.float64)
    last = int((notes[:, ONSET] + notes[:, DURATION]).max())
    edges = np.arange(0, last + PPQ, PPQ)
    on, off, pitch = notes[:, ONSET], notes[:, ONSET] + notes[:, DURATION], notes[:, PITCH]
    if rng is not None:
        on, off, pitch = spoilt(on, off, pitch, rng)
    sound, struck = cs.notes_by_key(on, off, pitch, edges)
    return Beats(sound, struck, states(piece, edges), places(edges, piece.downbeats))


def spoilt_keys(piece: Piece, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What sounds and is struck by beats of any piece, spoilt: float32 [n, 88] each."""
    notes = piece.notes[piece.notes[:, PROGRAM] != corpora.DRUMS].astype(np.float64)
    on, off, pitch = spoilt(notes[:, ONSET], notes[:, ONSET] + notes[:, DURATION], notes[:, PITCH], rng)
    return cs.notes_by_key(on, off, pitch, np.arange(0, notes[:, ONSET].max() + 2 * PPQ, PPQ))


def spoilt(
    on: np.ndarray, off: np.ndarray, pitch: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Notes as a listener writes them down: some missed, some an octave or a twelfth above others, ends anywhere."""
    kept = rng.random(len(on)) > rng.uniform(0, 0.35)
    ghost = rng.random(len(on)) < rng.uniform(0, 0.12)
    above = rng.choice([12, 12, 19, 24, -12], size=int(ghost.sum()))
    on, off = np.concatenate([on[kept], on[ghost]]), np.concatenate([off[kept], off[ghost]])
    pitch = np.concatenate([pitch[kept], pitch[ghost] + above])
    length = (off - on) * np.exp(rng.normal(0, 0.3, len(on))) * np.exp(rng.normal(0, 0.3))
    on = on + rng.normal(0, 0.02 * PPQ, len(on))
    wrong = rng.random(len(on)) < 0.02
    pitch[wrong] += rng.choice([-1, 1], size=int(wrong.sum()))
    return on, on + np.maximum(length, PPQ / 8), pitch


def played(piece: Piece, rng: np.random.Generator) -> Piece:
    """The chords of a lead sheet under its tune: a bass and a chord player with habits of their own."""
    bass_at, chord_at = rng.choice([1, 2, 4]), rng.choice([1, 2, 4])
    broken, walks, rich = rng.random() < 0.3, rng.random() < 0.3, rng.choice([0.02, 0.1, 0.5])
    low, middle, alone = int(rng.integers(31, 42)), int(rng.integers(50, 64)), rng.random() < 0.2
    rows, chords = [piece.notes] if rng.random() < 0.8 else [], []
    for tick, length, root, quality, bass in piece.chords.tolist():
        name = _NAMES[quality]
        if name in RICHER and rng.random() < rich:
            name = str(rng.choice(RICHER[name]))
        chords.append((tick, length, root, _NAMES.index(name), bass))
        tones = [(root + step) % 12 for step in QUALITIES[name]]
        made: list[tuple[int, int, int]] = []
        if not alone:
            for number, at in enumerate(range(tick, tick + length, PPQ * bass_at)):
                tone = bass if number == 0 else int(rng.choice(tones)) if walks else (root if number % 2 == 0 else bass)
                made.append((at, PPQ * bass_at, low + (tone - low) % 12))
        for number, at in enumerate(range(tick, tick + length, PPQ * chord_at)):
            voiced = [middle + (tone - middle) % 12 for tone in tones]
            if len(voiced) > 3 and rng.random() < 0.3:
                voiced.remove(middle + (int(QUALITIES[name][2] + root) - middle) % 12)  # the fifth goes first
            if broken:
                order = [*voiced, voiced[number % len(voiced)] + 12]
                step = PPQ * chord_at // len(order)
                made += [(at + place * step, step * 2, key) for place, key in enumerate(order)]
            elif number == 0 or rng.random() < 0.85:
                delay = PPQ // 2 if number and rng.random() < 0.3 else 0
                made += [(at + delay, int(PPQ * chord_at * rng.uniform(0.3, 1)), key) for key in voiced]
        stop = tick + length
        rows.append(
            np.array([(on, max(30, min(long, stop - on)), key, 80, 0, 90) for on, long, key in made if on < stop])
        )
    notes = np.concatenate([row for row in rows if len(row)]).astype(np.int32)
    return replace(piece, notes=notes[np.lexsort((notes[:, 2], notes[:, 0]))], chords=np.array(chords, np.int32))


def passages(side: Split, rng: np.random.Generator, spoil: bool, every: int = 1) -> Iterator[Beats]:
    """Pieces of notes of one side of the split: all lead sheets, one song in ``every``."""
    for name in ("pop909_main", "pop909_cl", "ewld"):
        for number, piece in enumerate(corpora.pieces(name, side)):
            if len(piece.chords) > 3 and (name == "ewld" or number % every == 0):
                found = of_piece(played(piece, rng) if name == "ewld" else piece, rng if spoil else None)
                if found is not None:
                    yield found


def heard_scenes(paths: Iterable[Path], hear: Callable[[np.ndarray], dict[str, np.ndarray]]) -> Iterator[Beats]:
    """Scenes whose chords and beats are known, heard by the network and cut at their beats.

    Args:
        paths: files of :mod:`workbench.training.listen_data` (``.npz``, with the spectra beside them).
        hear: spectrum float32 [frames, BINS] -> what the network says, by head.
    """
    for path in paths:
        spectra = np.load(path.with_suffix(".npy"), mmap_mode="r")
        with np.load(path) as packed:
            rows = {name: packed[name] for name in ("known", "beats", "root", "kind")}
        for number in np.flatnonzero((rows["root"][:, 0] != 255) & (rows["known"][:, 0] > 0)).tolist():
            at = np.flatnonzero(rows["beats"][number][:, 0])
            if len(at) >= 5:
                told = hear(np.array(spectra[number], np.float32))
                yield _cut(told, at, rows["beats"][number][:, 1], rows["root"][number], rows["kind"][number])


def _cut(
    told: dict[str, np.ndarray], at: np.ndarray, down: np.ndarray, root: np.ndarray, kind: np.ndarray
) -> Beats:  # fmt: skip
    """A scene by its beats, which lie on frames ``at``."""
    edges = np.array([0, *(at[at > 2]).tolist(), len(root)])
    spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    mean = {
        name: np.array([told[name][a:b].mean(axis=0) for a, b in spans], np.float32)
        for name in ("frame", "root", "kind")
    }
    struck = np.array([told["onset"][a:b].max(axis=0) for a, b in spans], np.float32)
    joint = np.where(root < 12, 8 * np.minimum(root, 11).astype(int) + np.minimum(kind, 7), cs.NONE)
    state = [int(np.bincount(joint[a:b]).argmax()) for a, b in spans]
    place = np.where(down[np.minimum(edges[:-1], len(down) - 1)] > 0, DOWNBEAT, BEAT)
    return Beats(mean["frame"], struck, np.array(state), place, mean["root"], mean["kind"])
