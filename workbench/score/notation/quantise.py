"""Tells exact scores from free performances, and moves a copy of the latter onto a grid that can be written."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from math import gcd

from workbench.score.score import Note, Score

GRID_PPQ = 48  # the least common multiple of twelve and sixteen
_FREE_SHARE = 0.2
_ODD_PLACES = 32  # places of a beat off the easy grids that a written score may well use
#: Parts of a quarter that notation writes easily: 32nds, their triplets, quintuplets, septuplets.
_EASY = (32, 24, 20, 28)
#: Grids tried in each beat, coarse first; the last two are as fine as it gets.
_GRIDS = (1, 2, 4, 3, 8, 6, 12, 16)
_TOLERANCE = GRID_PPQ // 24  # of a beat: half a step of the coarser fine grid


def is_free(score: Score) -> bool:
    """Whether more than a fifth of the onsets, or of the ends, lie where no notation would put them.

    Rare tuplets lie off the easy grids too, but always on the same few places of the beat, and notes there end
    where others begin; a performance is spread over many places. Lengths shortened for playback end where nothing
    begins.
    """
    notes = [note for _, note in score.all_notes()]
    easy = tuple(score.ppq // gcd(score.ppq, parts) for parts in _EASY)

    def off(tick: int) -> bool:
        return all(tick % step for step in easy)

    odd = [note.start % score.ppq for note in notes if off(note.start)]
    if len(odd) > _FREE_SHARE * len(notes) and (len(set(odd)) > _ODD_PLACES or 2 * len(set(odd)) > len(odd)):
        return True
    places = {note.start % score.ppq for note in notes}
    return sum(off(note.end) and note.end % score.ppq not in places for note in notes) > _FREE_SHARE * len(notes)


def quantise(score: Score) -> Score:
    """A copy at :data:`GRID_PPQ` ticks to the quarter, onsets and ends on twelfths or sixteenths of a beat.

    In each beat of a track the coarsest grid that meets all onsets within 1/24 of a beat is taken, else the finer
    one of twelfths and sixteenths with the smaller error. Small gaps and overlaps before the next onset close.
    """

    def move(tick: int) -> int:
        return (tick * GRID_PPQ * 2 + score.ppq) // (2 * score.ppq)

    out = score.copy()
    out.ppq = GRID_PPQ
    out.pickup = move(score.pickup)
    for name in ("tempos", "meters", "keys", "texts", "raws"):
        setattr(out, name, [replace(event, tick=move(event.tick)) for event in getattr(score, name)])
    out.chords = [
        replace(item, tick=move(item.tick), duration=move(item.tick + item.duration) - move(item.tick))
        for item in score.chords
    ]
    for track in out.tracks:
        for lane in ("bends", "controls", "programs", "raws", "texts"):
            setattr(track, lane, [replace(event, tick=move(event.tick)) for event in getattr(track, lane)])
        track.silences = []
        track.notes = _quantise_notes(list(track.notes.values()), score)
    return out


def _quantise_notes(notes: list[Note], score: Score) -> dict[str, Note]:
    scale = GRID_PPQ / score.ppq
    beats: dict[int, list[float]] = {}
    for note in notes:
        exact = (note.start - score.pickup) * scale
        beats.setdefault(int(exact // GRID_PPQ), []).append(exact % GRID_PPQ)
    grids = {beat: _grid(places) for beat, places in beats.items()}

    def snap(tick: int) -> int:
        exact = (tick - score.pickup) * scale
        beat = int(exact // GRID_PPQ)
        step = GRID_PPQ // grids.get(beat, 4)
        return max(0, round(score.pickup * scale) + beat * GRID_PPQ + round(exact % GRID_PPQ / step) * step)

    onsets = sorted({snap(note.start) for note in notes})
    out: dict[str, Note] = {}
    for note in notes:
        start = snap(note.start)
        end = snap(note.end)
        after = bisect_right(onsets, start)
        if after < len(onsets) and abs(end - onsets[after]) < GRID_PPQ // 4:
            end = onsets[after]
        shortest = GRID_PPQ // 4 if note.duration * scale > _TOLERANCE else GRID_PPQ // 16
        if end <= start:
            end = min(start + shortest, onsets[after] if after < len(onsets) else start + shortest)
        out[note.id] = replace(note, start=start, duration=end - start if note.duration else 0)
    return out


def _grid(places: list[float]) -> int:
    """Parts of the beat for these places in it (0 to :data:`GRID_PPQ`)."""

    def worst(parts: int) -> float:
        step = GRID_PPQ / parts
        return max(abs(place - round(place / step) * step) for place in places)

    for parts in _GRIDS[:-2]:
        if worst(parts) <= _TOLERANCE:
            return parts
    return min(_GRIDS[-2:], key=worst)
