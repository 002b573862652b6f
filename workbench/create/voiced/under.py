"""Chords under a voice: those found for its tune, changed where a note that is held on a strong beat would rub.

A singer rests on the notes of strong beats, and with only a band behind one voice a chord that has no place for such a
note is heard as wrong. So the likeliest chords are taken, and half bars where a strong note does not belong get the
least change that makes it belong: the same chord with a seventh or a suspension, the chord before held on or the one
after come early, or what another harmonisation of the tune has there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.create.compose.bandplan import chord_at
from workbench.create.compose.chords import harmonisations
from workbench.create.found_chords import half_bars
from workbench.score.keys import KeyGuess, key_at
from workbench.score.lanes import Chord, joined_chords
from workbench.score.score import Note, Score

#: How many harmonisations are asked for a chord that fits.
ASKED = 6
#: The same root's other kinds, the plainest first, by what stands there.
KINDS = {
    "maj": ("7", "maj7", "sus4"), "min": ("min7", "sus4"), "dim": ("min7",), "7": ("maj7", "sus4"),
    "maj7": ("7", "sus4"), "min7": ("sus4",), "sus4": ("7", "maj", "min"),
}  # fmt: skip


def strong_notes(score: Score) -> list[Note]:
    """The notes of the first track that sound where a half bar begins, for half a quarter from there at least."""
    starts = [start for start, _, _ in half_bars(score)]
    least = score.ppq // 2
    out = []
    for note in score.tracks[0].sorted_notes():
        at = next((start for start in starts if start >= note.start), note.end)
        if note.end - at >= least:
            out.append(note)
    return out


def chords_under(score: Score) -> tuple[Chord, ...]:
    """Chords for the tune of the first track, in ticks, from its first bar to its last without a gap.

    What a person wrote stays; none for a piece without notes.
    """
    if score.chords:
        return tuple(score.chords)
    ways = harmonisations(score, count=ASKED)
    if not ways:
        return ()
    halves = [(start, end) for start, end, _ in half_bars(score)]
    own = [chord_at(ways[0], start) for start, _ in halves]
    rest = [[chord_at(way, start) for start, _ in halves] for way in ways[1:]]
    key = key_at(score, 0, score.tracks[0].sorted_notes())
    need: list[set[int]] = [set() for _ in halves]
    for note in strong_notes(score):
        middle = note.start + note.duration // 2
        at = next((place for place, (start, end) in enumerate(halves) if start <= middle < end), None)
        if at is not None:
            need[at].add(note.pitch % 12)
    for at, wanted in enumerate(need):
        chord = own[at]
        if chord is None or wanted <= chord.pitch_classes:
            continue
        have = len(wanted & chord.pitch_classes)
        best = max(_instead(own, rest, at, key), key=lambda one: len(wanted & one.pitch_classes), default=chord)
        if len(wanted & best.pitch_classes) > have:
            own[at] = best
    return tuple(joined_chords(
        replace(chord, tick=start, duration=end - start)
        for (start, end), chord in zip(halves, own, strict=True) if chord is not None
    ))  # fmt: skip


def _instead(own: list[Chord | None], rest: list[list[Chord | None]], at: int, key: KeyGuess) -> Iterator[Chord]:
    """Chords that may stand in a half bar in place of its own, the least change first."""
    chord = own[at]
    assert chord is not None
    scale = set(key.scale)
    for kind in KINDS.get(chord.quality, ()):
        other = Chord(chord.tick, chord.duration, chord.root, kind, -1)
        if other.pitch_classes <= scale:
            yield other
    for near in (at - 1, at + 1):
        if 0 <= near < len(own) and (beside := own[near]) is not None:
            yield beside
    for way in rest:
        if (found := way[at]) is not None:
            yield found
