"""Which of several drawings of a stretch are handed out: the typical ones that differ from each other.

A network draws from all that may follow, and now and then draws from the far end: a bar of silence, one key for two
bars, half the notes that the part plays on either side. Drawn in one batch, a few candidates more cost little, and they
tell about each other: what most of them agree on is likelier to be right than what one of them does alone (*minimum
Bayes risk*, Kumar and Byrne 2004). So every candidate is scored by

* how well what sounds in its bars agrees with the other candidates, with the harmony that the music around implies, and
  with what its drummer strikes;
* how many notes it has, beside what the parts play around the gap and what the person asks for;
* how likely the network itself finds it, beside the other candidates;

and one that is far from typical (too thin or too full, bars of silence where the music never rests, a part that hardly
plays, another register, one key over and over) comes last and is drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.create.infill.around.pace import Usual
from workbench.create.infill.around.repeats import unit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Two ideas that share so much of their onsets and pitches (F1) are one idea.
SAME = 0.7
#: Candidates beyond the ideas that are asked for, and notes that all candidates of a stretch may hold together.
EXTRA, MOST_NOTES = 8, 1_200
#: Rounds in which outliers are drawn anew, and the temperatures of these rounds where all candidates are alike.
HEATS = (1.15, 1.4)
#: Shares of the usual notes beyond which a candidate is an outlier, and notes that do not count yet.
THIN, FULL, SLACK = 0.6, 1.6, 3.0
#: Log of the share of notes that is any good player's freedom, and what the rest weighs.
FREE, DENSITY = 0.1, 0.6
#: Least share of its usual notes that a part plays that would have at least so many.
PART, PART_NOTES = 0.2, 8.0
#: Share of the bars around that rest from which on silence is part of the music.
RESTS = 0.08
#: Semitones that a part's mean may lie beyond its spread around; equal keys in a row that nobody minds.
AWAY, IN_A_ROW = 7.0, 6
#: What the harmony around and the network's own opinion weigh beside the agreement of the candidates.
HARMONY, OPINION = 1.0, 0.01
#: What the strokes to expect weigh where drums are all that is written, and beside other parts. Drummers repeat
#: themselves more surely than ten drawings agree: of eleven drawings each for 40 held-out spans of drums, the likeness
#: of the three chosen to the drummer's own strokes rose from .879 (weight 0; drawn blindly .871) to .895 (1), .919 (4).
DRUMS_ALONE, DRUMS = 4.0, 1.0


@dataclass(frozen=True)
class Part:
    """What is usual of one track, and what is asked of it.

    Attributes:
        usual: how full it plays around the gap; None where that says nothing.
        crowd: factor on the usual notes that a person asks for.
        middle, spread: mean and deviation of its pitches around; ``spread`` None where register says nothing.
        in_a_row: most onsets in a row around with one and the same highest key.
    """

    usual: Usual | None
    crowd: float = 1.0
    middle: float = 0.0
    spread: float | None = None
    in_a_row: int = 0


@dataclass(frozen=True)
class Candidate:
    """One drawing of a stretch: by track its notes, int64 [n, 3] of onset (grid tick), length and pitch (128 and more:
    drums), sorted; and the network's mean surprise (nats a note)."""

    notes: Mapping[str, Ints]
    nats: float = 0.0

    @property
    def count(self) -> int:
        """Notes in all."""
        return sum(len(found) for found in self.notes.values())

    def events(self) -> set[tuple[str, int, int]]:
        """Track, onset and pitch of every note."""
        return {(name, int(tick), int(pitch)) for name, own in self.notes.items() for tick, _, pitch in own}


def overlap(one: Candidate, other: Candidate) -> float:
    """Share of the notes of two drawings that both have (F1 over track, onset and pitch); 1.0 for two empty ones."""
    a, b = one.events(), other.events()
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0


class Judge:
    """Tells the drawings of one stretch apart."""

    def __init__(
        self, lines: Ints, expected: Floats, parts: Mapping[str, Part], strokes: Floats | None = None
    ) -> None:  # fmt: skip
        """``lines``: the stretch's start, the bar lines in it, and its end, int64 [b + 1]; ``expected``: the harmony
        of each of these bars, float64 [b, 12], and ``strokes`` those on each drum, float64 [b, 47]; zeros where
        nothing is known."""
        self.lines, self.parts = lines, parts
        self.expected = unit(expected)
        self.strokes = np.zeros((len(lines) - 1, 47)) if strokes is None else unit(strokes)

    def scores(self, candidates: Sequence[Candidate]) -> Floats:
        """The higher, the more typical; each oddity outweighs all the rest."""
        sound = [self._sound(candidate) for candidate in candidates]
        agree = np.array([[float((a * b).sum()) for b in sound] for a in sound]) / max(1, len(self.lines) - 1)
        others = (agree.sum(axis=1) - agree.diagonal()) / max(1, len(candidates) - 1)
        fits = np.array([HARMONY * _fit(a[:, :12], self.expected) for a in sound])
        alone = not any(a[:, :12].any() for a in sound)
        fits += (DRUMS_ALONE if alone else DRUMS) * np.array([_fit(a[:, 12:], self.strokes) for a in sound])
        nats = np.array([candidate.nats for candidate in candidates])
        strange = np.abs(nats - np.median(nats)) / max(float(nats.std()), 0.05)
        crowd = np.array([DENSITY * max(0.0, abs(self._crowding(one)) - FREE) for one in candidates])
        out = np.array([3.0 * self.oddities(one) for one in candidates])
        return np.asarray(others + fits - OPINION * strange - crowd - out)

    def oddities(self, one: Candidate) -> int:
        """In how many ways a drawing is far from typical."""
        crowding = self._crowding(one)
        odd = int(crowding < np.log(THIN)) + int(crowding > np.log(FULL))
        odd += self._silent(one)
        for name, part in self.parts.items():
            own = one.notes.get(name, np.zeros((0, 3), dtype=np.int64))
            if part.usual is not None:
                wanted = part.usual.notes * part.crowd * float(self.lines[-1] - self.lines[0])
                odd += wanted >= PART_NOTES and len(own) < PART * wanted
            if part.spread is not None and len(own) >= 4:
                odd += abs(float(own[:, 2].mean()) - part.middle) > AWAY + part.spread
            odd += in_a_row(own) > max(IN_A_ROW, 2 * part.in_a_row)
        return odd

    def _crowding(self, one: Candidate) -> float:
        """Log of the notes against those that are usual (0.0 where that is not known)."""
        told = {name: part for name, part in self.parts.items() if part.usual is not None}
        if not told:
            return 0.0
        length = float(self.lines[-1] - self.lines[0])
        wanted = sum(part.usual.notes * part.crowd * length for part in told.values() if part.usual is not None)
        have = sum(len(one.notes.get(name, ())) for name in told)
        return float(np.log((have + SLACK) / (wanted + SLACK)))

    def _silent(self, one: Candidate) -> int:
        """Bars in which nothing begins, where the music around hardly ever rests for a bar."""
        usual = [part.usual for part in self.parts.values() if part.usual is not None]
        if not usual or len(self.lines) < 3 or min(item.rests for item in usual) > RESTS:
            return 0
        onsets = np.concatenate([own[:, 0] for own in one.notes.values()] or [np.zeros(0, dtype=np.int64)])
        return int((np.histogram(onsets, bins=self.lines)[0] == 0).sum())

    def _sound(self, one: Candidate) -> Floats:
        """What sounds in each bar: pitch classes by time, and drums by strokes; float64 [b, 12 + 47], unit rows."""
        chroma, strokes = np.zeros((len(self.lines) - 1, 12)), np.zeros((len(self.lines) - 1, 47))
        for own in one.notes.values():
            for tick, length, pitch in own.tolist():
                bar = int(np.searchsorted(self.lines, tick, "right")) - 1
                if pitch >= 128:
                    strokes[bar, min(pitch - 128, 46)] += 1.0
                    continue
                while bar < len(chroma) and tick + length > self.lines[bar]:
                    sounds = min(tick + length, self.lines[bar + 1]) - max(tick, self.lines[bar])
                    chroma[bar, pitch % 12] += max(0, sounds)
                    bar += 1
        both = np.concatenate([unit(chroma), unit(strokes)], axis=1)
        return np.asarray(both / np.maximum(1.0, np.sqrt((both * both).sum(axis=1, keepdims=True))))


def _fit(sound: Floats, expected: Floats) -> float:
    """Mean over the bars of which something is known of how well they agree with it."""
    known = expected.any(axis=1)
    return float((sound[known] * expected[known]).sum()) / max(1, int(known.sum()))


def in_a_row(notes: Ints) -> int:
    """Most onsets in a row with one and the same highest key; int64 [n, 3], sorted by onset."""
    tops: dict[int, int] = {}
    for tick, _, pitch in notes.tolist():
        if pitch < 128:
            tops[tick] = max(pitch, tops.get(tick, 0))
    longest = here = 0
    last = -1
    for key in tops.values():
        here = here + 1 if key == last else 1
        last, longest = key, max(longest, here)
    return longest


@dataclass(frozen=True)
class Choice:
    """``picked``: indices of the drawings to hand out, the best first; ``again``: those of them that are outliers or
    repeat one that was picked before; ``alike``: whether any does repeat one."""

    picked: tuple[int, ...]
    again: frozenset[int]
    alike: bool


def choose_ideas(
    candidates: Sequence[Candidate], judge: Judge, groups: Sequence[Sequence[int]]
) -> Choice:  # fmt: skip
    """One drawing of each group, the best that are not alike; a drawing is taken once.

    ``groups``: for each idea the indices that may become it (all of them where all ideas began alike).
    """
    scores = judge.scores(candidates)
    odd = [judge.oddities(one) > 0 for one in candidates]
    picked: list[int] = []
    alike: set[int] = set()
    for group in groups:
        open_ = sorted((at for at in group if at not in picked), key=lambda at: -scores[at])
        near = {at: max((overlap(candidates[at], candidates[one]) for one in picked), default=0.0) for at in open_}
        typical = [at for at in open_ if not odd[at]] or open_
        fresh = [at for at in typical if near[at] < SAME]
        best = fresh[0] if fresh else min(typical, key=lambda at: near[at])
        if near[best] >= SAME:
            alike.add(best)
        picked.append(best)
    return Choice(tuple(picked), frozenset(alike | {at for at in picked if odd[at]}), bool(alike))
