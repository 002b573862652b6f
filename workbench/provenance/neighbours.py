"""Which passages of a piece stand in the music that the models learnt from, and in whose.

    for found in neighbours(Score.open("song.mid")):
        print(found.sentence())

The lines of all training music lie in ``assets/neighbours`` as steps and length ratios, so that neither key nor tempo
hides a passage. A check reads them once from end to end, in blocks: it needs a second or two and some forty megabytes,
and no index in memory.

What is told: a passage of eight notes or more with the same steps and rhythm that is too special to be met by chance,
one of twelve or more, and one of twelve or more with another rhythm that cannot be mistaken. How special a passage is,
is counted in bits (Shannon 1948) from how often each step follows each other one in the training music. Among twelve
notes that run up and down a scale in one rhythm many stand somewhere by chance: such a passage is left out where its
own line holds more that are as plain, and stand nowhere.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import resources
from workbench.errors import Cancelled
from workbench.score.lines import BREAK, PASSAGE, coded, hashed, melody_line, top_line
from workbench.score.score import Note, Score, Track

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

#: Notes from which a passage of the same steps and rhythm is told; bits from which a shorter one is, and from which a
#: long one in another rhythm is. Of melodies that a chance generator writes in a key, at most one in twenty
#: reaches them (tests/unit/provenance/test_neighbours.py).
LONG, SPECIAL, UNMISTAKABLE = 12, 34.0, 37.0
#: Bits below which twelve notes may stand somewhere by chance, and passages as plain that stand nowhere, at least,
#: where that is so.
PLAIN, NOWHERE, SLACK = 36.0, 3, 4.0
#: Columns that are looked through at a time, and most works that are named for one passage.
BLOCK, MOST_WORKS = 1_000_000, 5
#: So many pairs of a passage and a place that it stands in are followed up; the rarest passages come first, so that
#: only what stands everywhere (one note again and again) is left when there are too many.
PAIRS = 4_000_000
#: The hash of a passage in which nothing is a break.
_NO_BREAK = hashed(np.zeros((2, PASSAGE - 1), np.uint8), rhythm=False)[0]


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of training music: its ``title``, whom it is ``by`` ("" if unknown), its set, licence and credit."""

    title: str
    by: str
    corpus: str
    licence: str
    attribution: str

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage that stands in training music.

    ``track``: its id; ``start``, ``end``: ticks, from its first onset to its last; ``notes``: their ids, in order.
    ``rhythm``: whether the rhythm is the same as well. ``works``: where it stands, the longest match first.
    """

    track: str
    start: int
    end: int
    notes: tuple[str, ...]
    rhythm: bool
    works: tuple[Work, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "track": self.track, "start": self.start, "end": self.end, "notes": list(self.notes),
            "overlap": len(self.notes), "rhythm": self.rhythm, "works": [work.to_dict() for work in self.works],
        }  # fmt: skip

    def sentence(self) -> str:
        """Such as: 14 notes are the same as in "The Chaplet" (traditional; public domain)."""
        first, more = self.works[0], len(self.works) - 1
        what = "are the same as" if self.rhythm else "have the same pitches as"
        by = f"{first.by}; " if first.by else ""
        others = f" and {more} other piece{'s' if more > 1 else ''}" if more else ""
        return f'{len(self.notes)} notes {what} in "{first.title}" ({by}{first.licence}){others}.'


def neighbours(
    score: Score,
    *,
    tracks: Iterable[str] | None = None,
    written_by: Callable[[Note], bool] = lambda note: True,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Neighbour]:
    """The passages of a piece that stand in training music, by track and time.

    Args:
        score: the piece; drums are left out.
        tracks: ids of those to check; left out: all.
        written_by: a passage is told only if it holds a note of which this is true.
        progress: hears the share that is done.
        cancelled: asked between blocks.

    Raises:
        Cancelled: ``cancelled`` said so.
    """
    wanted = None if tracks is None else set(tracks)
    lines = [
        line
        for track in score.tracks
        if not track.is_drum and (wanted is None or track.id in wanted)
        for line in _lines(track, score.ppq)
    ]
    if not lines:
        return []
    found: list[Neighbour] = []
    matches = _matches([code for _, _, code in lines], progress, cancelled)
    for (track, notes, _), runs in zip(lines, matches, strict=True):
        found += _told(track, notes, runs, written_by)
    return _without_repeats(found)


def _lines(track: Track, ppq: int) -> Iterator[tuple[Track, list[Note], Bytes]]:
    """The lines of a track with the notes they are of, and their codes."""
    notes = sorted(track.notes.values(), key=lambda note: (note.start, note.pitch))
    onset = np.array([note.start for note in notes], np.int64)
    pitch = np.array([note.pitch for note in notes], np.int64)
    end = np.array([note.start + note.duration for note in notes], np.int64)
    tune, top = melody_line(onset, end, pitch, ppq), top_line(onset, pitch, ppq)
    for line in [tune] if len(tune.places) == len(top.places) else [tune, top]:
        if len(line.places) >= PASSAGE:
            yield track, [notes[place] for place in line.places], coded(line)


#: Stretches of a line that stand in training music: first note, number of notes, whether in rhythm, and whose.
Stretch = tuple[int, int, bool, int]


def _matches(
    codes: Sequence[Bytes], progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> list[list[Stretch]]:  # fmt: skip
    """Look all passages of some lines up in the training music."""
    corpus = _corpus()
    gap = np.full((2, PASSAGE), BREAK, np.uint8)
    joined = np.concatenate([piece for code in codes for piece in (code, gap)], axis=1)
    firsts = np.cumsum([0, *(code.shape[1] + PASSAGE for code in codes)])
    out: list[list[Stretch]] = [[] for _ in codes]
    passages = {kind: hashed(joined, rhythm=kind) for kind in (True, False)}
    whole = (hashed((joined == BREAK).astype(np.uint8), rhythm=False) == _NO_BREAK).astype(bool)
    seeds: dict[bool, list[tuple[Ints, Ints]]] = {True: [], False: []}
    asked = {kind: np.unique(values[whole]) for kind, values in passages.items()}
    total = corpus.lines.shape[1]
    for start in range(0, total, BLOCK):
        if cancelled():
            raise Cancelled("Stopped.")
        part = corpus.lines[:, start : start + BLOCK + PASSAGE - 2]
        for kind, hashes in asked.items():
            there = hashed(part, rhythm=kind)
            near = np.minimum(np.searchsorted(hashes, there), max(0, len(hashes) - 1))
            place = np.flatnonzero(hashes[near] == there) if len(hashes) else np.zeros(0, np.int64)
            seeds[kind].append((near[place], place + start))
        progress(min(1.0, (start + BLOCK) / total))
    for kind, hashes in asked.items():
        found = [np.concatenate(column) for column in zip(*seeds[kind], strict=True)]
        first, count, at = _stretches(passages[kind], whole, hashes, found[0], found[1])
        bits = corpus.bits(joined, first, count, rhythm=kind)
        if kind:
            chance = _by_chance(corpus, joined, whole, firsts, first, count, bits)
            enough = ((count >= LONG) & ~chance) | (bits >= SPECIAL)
        else:
            enough = (count >= LONG) & (bits >= UNMISTAKABLE)
        first, count, at = first[enough], count[enough], at[enough]
        line = np.searchsorted(firsts, first, side="right") - 1
        work = np.searchsorted(corpus.ends, at, side="right")
        rows = np.unique(np.stack([line, first - firsts[line], count, work], axis=1), axis=0)
        for number, start, length, whose in rows.tolist():
            out[number].append((start, length, kind, whose))
    return out


def _stretches(
    passages: Hashes, whole: npt.NDArray[np.bool_], hashes: Hashes, which: Ints, at: Ints
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """First note here, number of notes and place there of all stretches in which passage follows passage.

    ``hashes``: those that were asked for; ``which`` of them was found ``at`` which place of the training music.
    """
    often = np.bincount(which, minlength=len(hashes))
    asked = np.searchsorted(hashes, passages)
    asked = np.where(whole, np.minimum(asked, max(0, len(hashes) - 1)), -1)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(often)
    known = [(int(often[name]), place, name) for place, name in enumerate(asked.tolist()) if name >= 0 and often[name]]
    here: list[tuple[int, Ints]] = []
    left = PAIRS
    for count, place, name in sorted(known):
        left -= count
        if left < 0 and here:
            break
        here.append((place, at[order[ends[name] - count : ends[name]]]))
    if not here:
        return (np.zeros(0, np.int64),) * 3
    mine = np.concatenate([np.full(len(places), place, np.int64) for place, places in here])
    theirs = np.concatenate([places for _, places in here])
    order = np.lexsort((mine, theirs - mine))
    mine, theirs = mine[order], theirs[order]
    breaks = np.flatnonzero((np.diff(theirs - mine) != 0) | (np.diff(mine) != 1))
    begin, end = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(mine) - 1]])
    return mine[begin], mine[end] - mine[begin] + PASSAGE, theirs[begin]


def _by_chance(
    corpus: _Corpus, joined: Bytes, whole: npt.NDArray[np.bool_], firsts: Ints, first: Ints, count: Ints,
    bits: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Which stretches (first note, number of notes, bits) are plain, and lie in a line whose other passages of
    :data:`LONG` notes that are as plain mostly stand nowhere."""
    there = np.zeros(len(whole) + 1, np.int64)
    long = count >= LONG
    np.add.at(there, first[long], 1)
    np.add.at(there, first[long] + count[long] - LONG + 1, -1)
    found = np.cumsum(there) > 0
    places = np.flatnonzero(whole[: PASSAGE - LONG] & whole[LONG - PASSAGE :])
    price = corpus.bits(joined, places, np.full(len(places), LONG), rhythm=True)
    line, own = np.searchsorted(firsts, places, side="right"), np.searchsorted(firsts, first, side="right")
    out = np.zeros(len(first), bool)
    for number in np.flatnonzero(long & (bits < PLAIN)).tolist():
        start, end = int(first[number]), int(first[number] + count[number])
        plain = (line == own[number]) & (price <= bits[number] + SLACK)
        shared = np.minimum(end, places + LONG) - np.maximum(start, places)
        elsewhere = places[plain & (2 * shared <= LONG)]
        nowhere = int(np.count_nonzero(~found[elsewhere]))
        out[number] = nowhere >= max(NOWHERE, len(elsewhere) - nowhere)
    return out


def _told(
    track: Track, notes: Sequence[Note], found: Sequence[Stretch], written_by: Callable[[Note], bool]
) -> list[Neighbour]:
    corpus = _corpus()
    kept = [item for item in found if any(written_by(note) for note in notes[item[0] : item[0] + item[1]])]
    out = []
    for first, count, rhythm, works in _joined(kept):
        chosen = notes[first : first + count]
        names = tuple(corpus.works[work] for work in works[:MOST_WORKS])
        out.append(
            Neighbour(track.id, chosen[0].start, chosen[-1].start, tuple(note.id for note in chosen), rhythm, names)
        )
    return out


def _joined(found: list[Stretch]) -> list[tuple[int, int, bool, list[int]]]:
    """Passages that overlap by more than half as one, the longest (and of the same rhythm) of each group leading."""
    out: list[tuple[int, int, bool, list[int]]] = []
    for first, count, rhythm, work in sorted(found, key=lambda item: (-item[1], not item[2], item[0], item[3])):
        for place, (start, length, exact, works) in enumerate(out):
            shared = min(first + count, start + length) - max(first, start)
            if 2 * shared > count:
                if work not in works:
                    works.append(work)
                out[place] = (start, length, exact or (rhythm and shared >= length), works)
                break
        else:
            out.append((first, count, rhythm, [work]))
    return sorted(out, key=lambda item: item[0])


def _without_repeats(found: list[Neighbour]) -> list[Neighbour]:
    """A passage that both lines of a track have is told once."""
    out: list[Neighbour] = []
    for item in sorted(found, key=lambda item: -len(item.notes)):
        same = [other for other in out if other.track == item.track and set(item.notes) & set(other.notes)]
        if not any(2 * len(set(item.notes) & set(other.notes)) > len(item.notes) for other in same):
            out.append(item)
    return sorted(out, key=lambda item: (item.track, item.start))


class _Corpus:
    """The training music's lines, uint8 [2, n], and whose each stretch is."""

    def __init__(self) -> None:
        folder = resources.path("assets/neighbours")
        data = np.frombuffer(lzma.decompress((folder / "lines.xz").read_bytes()), np.uint8)
        self.lines: Bytes = data.reshape(2, -1)
        named = json.loads((folder / "works.json").read_text(encoding="utf-8"))
        credit = named["corpora"]
        self.works = [Work(title, by, corpus, **credit[corpus]) for title, by, corpus, _ in named["works"]]
        self.ends = np.cumsum([length for *_, length in named["works"]])
        self._steps, self._ratios = self._costs(0, 49), self._costs(1, 7)

    def _costs(self, row: int, size: int) -> npt.NDArray[np.float64]:
        """Bits of each symbol after each other one, float64 [size, size]."""
        symbols = self.lines[row, :4_000_000].astype(np.int64)  # as much as settles the figures
        before, after = symbols[:-1], symbols[1:]
        whole = (before < size) & (after < size) & (self.lines[0, : len(before)] != BREAK)
        counts = np.bincount(before[whole] * size + after[whole], minlength=size * size).reshape(size, size) + 0.5
        return np.asarray(-np.log2(counts / counts.sum(axis=1, keepdims=True)))

    def bits(self, code: Bytes, first: Ints, count: Ints, *, rhythm: bool) -> npt.NDArray[np.float64]:
        """How special stretches of a line are, float64 [n], from their first column and number of notes."""
        steps, ratios = np.minimum(code, np.array([[48], [6]])).astype(np.int64)  # no stretch holds a break
        dear = np.concatenate([[0.0], np.cumsum(self._steps[steps[:-1], steps[1:]])])
        told = dear[first + count - 2] - dear[first]
        if rhythm:
            dear = np.concatenate([[0.0], np.cumsum(self._ratios[ratios[:-1], ratios[1:]])])
            told += dear[first + count - 3] - dear[first]
        return np.asarray(told)


@lru_cache(maxsize=1)
def _corpus() -> _Corpus:
    return _Corpus()
