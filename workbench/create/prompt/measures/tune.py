"""Is the tune there: note by note on the final score, and by pitch class in what the rendered sound is heard to sing.

The tune is looked for where it *is*, by voting (each note of the piece that has the pitch of a note of the tune votes
for the distance between the two), and not where a plan says it should be. Its passages are looked for one by one, so
that an introduction or an interlude between them is no mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.create.compose.source import Source
from workbench.create.prompt.card import Line, Series
from workbench.create.prompt.measures.shares import percent
from workbench.create.prompt.piece import Piece

Floats = npt.NDArray[np.float64]

#: Onsets that differ by no more than this are the same, in quarters; votes are counted in steps of it.
SAME = 1 / 24
#: The lowest key of the listening network.
LOWEST_KEY = 21
#: Bars of a passage that is looked for by itself where nothing says how the tune is cut.
PASSAGE = 8
#: Which share of the notes has to be found at one place for the tune to be there at all.
FOUND = 0.3


@dataclass(frozen=True, eq=False)
class Passage:
    """Notes of a tune that follow each other: float64 [n, 3] of onset and length in quarters and MIDI pitch."""

    notes: Floats


@dataclass(frozen=True, eq=False)
class Placed:
    """A passage in a piece: how many quarters later it begins there than in the tune, by how many notes it differs."""

    passage: Passage
    shift: float
    wrong: int
    found: Floats


def passages_of(source: Source, spans: Sequence[tuple[int, int, float]] = ()) -> list[Passage]:
    """A tune in passages.

    Args:
        source: the tune.
        spans: first bars (from 1) and numbers of bars that are asked for, each told once, and the place in the tune,
            in quarters, from which on there is no room; left out: all of it, eight bars at a time.
    """
    starts = np.cumsum([0, *(bar.length for bar in source.bars)]) / source.ppq
    if not spans:
        spans = [(first, PASSAGE, np.inf) for first in range(1, len(source.bars) + 1, PASSAGE)]
    out, told = [], set[int]()
    for first, count, room in spans:
        bars = [at for at in range(first - 1, min(len(source.bars), first - 1 + count)) if at not in told]
        told.update(bars)
        rows = [
            (starts[at] + note.start / source.ppq, note.duration / source.ppq, note.pitch)
            for at in bars for note in source.bars[at].notes
        ]  # fmt: skip
        if 0 in bars:
            rows = [(starts[0] - by / source.ppq, note.duration / source.ppq, note.pitch)
                    for by, note in source.lead] + rows  # fmt: skip
        rows = [row for row in rows if row[0] < room - SAME]
        if rows:
            out.append(Passage(np.array(sorted(rows), np.float64)))
    return out


def lines_of(piece: Piece) -> list[Floats]:
    """What each pitched track plays: float64 [n, 3] of onset and length in quarters and pitch, by onset."""
    ppq = piece.score.ppq
    return [
        np.array([(n.start / ppq, n.duration / ppq, n.pitch) for n in track.sorted_notes()], np.float64)
        for track in piece.tracks if not track.is_drum
    ]  # fmt: skip


def place(passage: Passage, lines: Sequence[Floats], by: int = 0) -> Placed | None:
    """Where a passage fits best, ``by`` semitones higher; None where none of its notes is found."""
    asked, best = passage.notes, None
    for line in lines:
        pairs = np.flatnonzero((asked[:, 2, None] + by == line[None, :, 2]).ravel())
        if not len(pairs):
            continue
        distances = (line[None, :, 0] - asked[:, 0, None]).ravel()[pairs]
        steps, votes = np.unique(np.round(distances / SAME).astype(np.int64), return_counts=True)
        for step in steps[np.argsort(-votes, kind="stable")[:3]].tolist():
            near = distances[np.abs(distances / SAME - step) <= 1.0]
            shift = float(np.median(near))
            hit = np.abs(line[None, :, 0] - asked[:, 0, None] - shift) <= SAME + 1e-9
            right = hit & (asked[:, 2, None] + by == line[None, :, 2])
            begin, end = asked[0, 0] + shift - SAME, asked[-1, 0] + shift + SAME
            more = int(((line[:, 0] >= begin) & (line[:, 0] <= end)).sum()) - int(right.any(axis=0).sum())
            # An edit distance: a note of another pitch stands for a note that is missing.
            wrong = max(len(asked) - int(right.any(axis=1).sum()), more)
            if best is None or wrong < best.wrong:
                within = (line[:, 0] >= begin) & (line[:, 0] <= end)
                best = Placed(passage, shift, wrong, line[within])
    return best


def kept(passages: Sequence[Passage], lines: Sequence[Floats], by: int = 0) -> tuple[float, list[Placed]]:
    """Share of the notes that are in the piece as they were given, with no other between; and where."""
    total = sum(len(passage.notes) for passage in passages)
    placed = [found for passage in passages if (found := place(passage, lines, by)) is not None]
    right = sum(max(0, len(found.passage.notes) - found.wrong) for found in placed)
    return right / max(1, total), placed


def backwards(passages: Sequence[Passage]) -> list[Passage]:
    """The same tune from its end to its beginning: another tune of the same notes, to tell chance by."""
    out = []
    for passage in passages:
        notes = passage.notes[::-1].copy()
        notes[:, 0] = passage.notes[-1, 0] - notes[:, 0]
        out.append(Passage(notes))
    return out


def chroma(passages: Sequence[Passage], shifts: Sequence[float], piece: Piece, by: int = 0) -> tuple[float, Series]:
    """Raw chroma accuracy (Poliner and others, 2007): share of the time in which the pitch class heard is the tune's.

    What leads is heard by the listening network, whatever its octave; the second result is (seconds, pitch class)
    of it, ten times a second.
    """
    if piece.frames is None or not passages:
        return 0.0, ()
    melody = piece.frames.melody.astype(np.float32)
    folded = np.zeros((len(melody), 12), np.float32)
    for key in range(melody.shape[1]):
        folded[:, (key + LOWEST_KEY) % 12] += melody[:, key]
    heard, fps = folded.argmax(axis=1), piece.frames.fps
    right = total = 0
    for passage, shift in zip(passages, shifts, strict=True):
        for onset, length, pitch in passage.notes.tolist():
            first = round(piece.at_quarter(onset + shift) * fps)
            last = min(len(heard), max(first + 1, round(piece.at_quarter(onset + shift + length) * fps)))
            total += max(0, last - first)
            right += int((heard[first:last] == (round(pitch) + by) % 12).sum())
    step = max(1, round(fps / 10))
    shown = tuple((place / fps, float(heard[place])) for place in range(0, len(heard), step))
    return right / max(1, total), shown


def measure(
    slot: str,
    source: Source,
    spans: Sequence[tuple[int, int, float]],
    piece: Piece,
    *,
    faithful: bool = True,
    by: int = 0,
) -> list[Line]:
    """The lines of a prompt that gives the tune.

    Args:
        slot: of the prompt.
        source: its tune, as the person left it.
        spans: bars of it for which the piece has room.
        piece: what was made.
        faithful: every note was to be kept; otherwise the tune may be varied.
        by: semitones by which a varied tune was to be moved.
    """
    passages, lines = passages_of(source, spans), lines_of(piece)
    if not passages:
        return []
    share, placed = kept(passages, lines, by)
    chance = kept(backwards(passages), lines, by)[0]
    starts = {id(found.passage): found.shift for found in placed}
    shifts = [starts.get(id(passage), -float(passage.notes[0, 0])) for passage in passages]
    heard, shown = chroma(passages, shifts, piece, by)
    other = chroma(backwards(passages), shifts, piece, by)[0]
    asked = tuple(
        (piece.at_quarter(float(onset) + shift), float(pitch) + by)
        for passage, shift in zip(passages, shifts, strict=True) for onset, _, pitch in passage.notes
    )  # fmt: skip
    got = tuple((piece.at_quarter(float(row[0])), float(row[2])) for found in placed for row in found.found)
    out = []
    if faithful:
        count = sum(len(passage.notes) for passage in passages)
        out.append(Line(slot, "melody", share, 1.0, _note_by_note(share, count), chance, "score", "notes",
                        tuple(sorted(asked)), tuple(sorted(got))))  # fmt: skip
    if piece.frames is not None:
        classes = tuple((at, pitch % 12) for at, pitch in sorted(asked))
        out.append(Line(slot, "melody heard", heard, 0.8, _heard(heard, faithful), other, "audio", "steps", classes,
                        shown))  # fmt: skip
    return out


def _note_by_note(share: float, count: int) -> str:
    if share >= 1:
        return "Your melody is there note for note."
    if share < FOUND:
        return "Your melody is hardly to be found in this piece."
    wrong = max(1, round(count * (1 - share)))
    return f"Of the {count} notes of your melody {wrong} {'is' if wrong == 1 else 'are'} missing or different."


def _heard(share: float, faithful: bool) -> str:
    what = "your melody" if faithful else "a variation of your melody"
    if share >= 0.8:
        return f"One hears {what} in it: {percent(share)} of the time the leading voice has its pitch."
    if share >= 0.5:
        return f"One hears {what} in parts: {percent(share)} of the time the leading voice has its pitch."
    return f"One hardly hears your melody: {percent(share)} of the time the leading voice has its pitch."
