"""Several ways to set chords to a piece, each with a plain part in which it can be heard::

    from workbench import Score, chords

    ways = chords(Score.open("tune.mid"), count=3, seed=1)
    [chord.root for chord in ways[0].chords]
    ways[1].score().save("other.mid")

The first way is what the piece goes by as it is: what a fuller piece sounds, and for a lone tune what is likeliest
under it. The others are set to its tune. Chords that a person wrote stand in every way, to the tick; what is found
fills the time in which nobody wrote any, and leads to them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.create.compose.chords import MOST, SPARSE, harmonisations
from workbench.create.compose.progressions import APART
from workbench.create.compose.tune import at_once, top_line, tune_track
from workbench.create.compose.voicing import Wish, voice
from workbench.create.found_chords import find_chords, half_bars
from workbench.errors import BadRequest
from workbench.score import edits
from workbench.score.chordsymbols import symbol_of
from workbench.score.lanes import QUALITIES, Chord
from workbench.score.operations import Operation, apply
from workbench.score.score import Note, Score, Track, fresh_ids
from workbench.score.timemap import TimeMap

#: Who is named as the author of the plain part.
AUTHOR = "model:arranger"
#: The plain part: its loudness, the register of its chords, and of its bass.
VELOCITY, LOW, HIGH, CENTRE, SPAN = 58, 50, 71, 60.0, 8
BASS_LOW, BASS_MIDDLE = 36, 43
#: Most tones of a chord that are struck above the bass; the fifth is what a fuller chord does without.
TONES, FIFTH = 4, 7


@dataclass(frozen=True)
class Harmony:
    """One way to set chords to a piece.

    ``base``: the piece, not changed. ``found``: chords for the time in which nobody wrote any. ``chords``: these and
    the person's own, by time, in ticks. ``heard``: the piece sounds what was found; else it was set to the tune.
    """

    base: Score
    chords: tuple[Chord, ...]
    found: tuple[Chord, ...]
    heard: bool = False

    @property
    def operation(self) -> Operation:
        """The step that writes the chords into the lane; what a person wrote is not touched."""
        return edits.set_chords(self.base, sorted((*self.base.chords, *self.found), key=lambda chord: chord.tick))

    def part(self, span: tuple[int, int] | None = None) -> Track:
        """The chords as a plain piano part, struck where they change and at every bar line; ``span``: ticks of it."""
        (name,) = fresh_ids((track.id for track in self.base.tracks), "t", 1)
        track = Track(name, name="Chords")
        for note in plain_notes(self.base, self.chords if span is None else within(self.chords, *span)):
            track.notes[note.id] = note
        return track

    def text(self) -> str:
        """The chords bar by bar as people write them, such as ``C | F C | G7``; ``%``: the chord goes on."""
        time = TimeMap(self.base)
        bars: dict[int, list[str]] = {}
        for chord in self.chords:
            here, symbol = bars.setdefault(time.bar_at(chord.tick).number, []), symbol_of(chord)
            if here[-1:] != [symbol]:  # after a rest the same chord comes again, which is no change
                here.append(symbol)
        last = time.bar_at(max(0, self.base.end - 1)).number
        first = time.bar_at(0).number
        return " | ".join(" ".join(bars.get(number, ["%" if number > first else "-"]))
                          for number in range(first, max(last, *bars, first) + 1))  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Plain data: ``heard``, ``text`` and ``chords``, each with bar and beat (from 1), symbol, and who wrote it.

        ``tick`` and ``duration`` are in ticks of ``ppq`` to the quarter; ``bass`` -1: the root; ``written``: by the
        person.
        """
        time, found = TimeMap(self.base), set(self.found)
        rows = []
        for chord in self.chords:
            bar = time.bar_at(chord.tick)
            beat = 1 + (chord.tick - bar.start) * bar.denominator / (4 * self.base.ppq)
            rows.append({
                "bar": bar.number, "beat": round(beat, 3), "symbol": symbol_of(chord), **chord.to_dict(),
                "written": chord not in found,
            })  # fmt: skip
        return {"heard": self.heard, "text": self.text(), "ppq": self.base.ppq, "chords": rows}

    def score(self) -> Score:
        """The piece with the chords in its lane and the plain part as one more track."""
        out = self.base.copy()
        apply(out, self.step)
        return out

    @property
    def step(self) -> Operation:
        """The step that writes the chords and adds the plain part."""
        return edits.compound("chords", [self.operation, edits.add_track(self.base, self.part())])


def chords(score: Score, *, count: int = 3, seed: int = 0, tune: str | None = None) -> list[Harmony]:
    """Ways to set chords to a piece; the first is what it goes by as it is, the likeliest others follow.

    Args:
        score: the piece; it is not changed.
        count: how many, 1 to 12. Any two differ in the roots of more than an eighth of the half bars.
        seed: equal seeds give equal chords; the first way is the same for all.
        tune: id of the track to which chords are set; None: the one that carries the tune.

    Returns:
        The ways, fewer where no more are found: one alone where a person wrote chords throughout, none for a piece
        without pitched notes.

    Raises:
        BadRequest: ``count`` out of range, or ``tune`` is no track of notes.
    """
    if not 1 <= count <= MOST:
        raise BadRequest(f"Ask for 1 to {MOST} ways to set chords.")
    track = tune_track(score, tune)
    if track is None or not track.notes:
        return []
    own = written(score)
    bare = replace(score, chords=list(own))
    full = tune is None and at_once(score) > SPARSE
    ways: list[Sequence[Chord]] = [find_chords(score)] if full else []
    if len(ways) < count:
        ways += harmonisations(bare, count=count, seed=seed, tune=tune)
    middles = [(start + end) // 2 for start, end, _ in half_bars(score)]
    out: list[Harmony] = []
    roots: list[list[int]] = []
    for way in ways:
        found = tuple(_between(way, own))
        every = tuple(sorted((*own, *found), key=lambda chord: chord.tick))
        here = _roots(every, middles)
        if all(sum(a != b for a, b in zip(here, other, strict=True)) > APART * len(here) for other in roots):
            out.append(Harmony(score, every, found, full and way is ways[0]))
            roots.append(here)
    return out[:count]


def written(score: Score) -> tuple[Chord, ...]:
    """The chords that a person wrote, each with an end: its own, or where the next one begins, or the piece ends."""
    lane = sorted(score.chords, key=lambda chord: chord.tick)
    out = []
    for at, chord in enumerate(lane):
        following = lane[at + 1].tick if at + 1 < len(lane) else max(score.end, chord.tick + chord.duration)
        end = min(chord.tick + chord.duration, following) if chord.duration else following
        if end > chord.tick:
            out.append(replace(chord, duration=end - chord.tick))
    return tuple(out)


def plain_notes(score: Score, chords: Sequence[Chord]) -> list[Note]:
    """A bass note and a close chord above it for each chord, struck anew at bar lines; voices lead to one another.

    Args:
        score: the piece whose bars and tune the part keeps to.
        chords: by time, in ticks, each with its length.
    """
    time, track = TimeMap(score), tune_track(score)
    tune = top_line(track) if track is not None else []
    out: list[Note] = []
    before: tuple[int, ...] = ()
    bass, at = BASS_MIDDLE, 0
    for chord, start, end in _strokes(chords, time):
        while at < len(tune) and tune[at].end <= start:
            at += 1
        held = tuple(sorted({note.pitch for note in tune[at : at + 8] if note.start < end}))
        steps = QUALITIES[chord.quality]
        tones = [(chord.root + step) % 12 for step in steps if len(steps) <= TONES or step != FIFTH]
        low = chord.bass if chord.bass >= 0 else chord.root
        # Of the keys of the bass's tone the nearest to the last one, drawn to the middle of the register.
        bass = min(range(BASS_LOW + (low - BASS_LOW) % 12, BASS_LOW + 24, 12),
                   key=lambda key: abs(key - bass) + abs(key - BASS_MIDDLE))  # fmt: skip
        before = voice(tones, Wish(LOW, HIGH, CENTRE, SPAN, before, held))
        for pitch in (bass, *before):
            out.append(Note(f"n{len(out) + 1}", start, end - start, pitch, VELOCITY, AUTHOR))
    return out


def within(chords: Sequence[Chord], start: int, end: int) -> list[Chord]:
    """The part of each chord that lies between two ticks."""
    cut = [(chord, max(chord.tick, start), min(chord.tick + chord.duration, end)) for chord in chords]
    return [replace(chord, tick=first, duration=last - first) for chord, first, last in cut if first < last]


def _strokes(chords: Sequence[Chord], time: TimeMap) -> Iterator[tuple[Chord, int, int]]:
    """Every chord from bar line to bar line."""
    for chord in chords:
        start, stop = chord.tick, chord.tick + chord.duration
        while start < stop:
            end = min(stop, time.bar_at(start).end)
            yield chord, start, end
            start = end


def _between(found: Sequence[Chord], own: Sequence[Chord]) -> Iterator[Chord]:
    """The parts of the found chords that lie where nobody wrote any."""
    ends = [mine.tick + mine.duration for mine in own]
    for chord in found:
        start, stop = chord.tick, chord.tick + chord.duration
        for mine in own[bisect_right(ends, start) :]:
            if mine.tick >= stop:
                break
            if mine.tick > start:
                yield replace(chord, tick=start, duration=mine.tick - start)
            start = mine.tick + mine.duration
        if start < stop:
            yield replace(chord, tick=start, duration=stop - start)


def _roots(chords: Sequence[Chord], ticks: Sequence[int]) -> list[int]:
    """Root of the chord at each tick; -1: none."""
    starts = [chord.tick for chord in chords]
    out = []
    for tick in ticks:
        at = bisect_right(starts, tick) - 1
        inside = at >= 0 and tick < chords[at].tick + chords[at].duration
        out.append(chords[at].root if inside else -1)
    return out
