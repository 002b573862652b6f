"""What a track plays, in seconds: pedal folded in, programs resolved, nothing too short to hear.

Both renderers (this package and the browser) follow these rules:

- A held sustain pedal (controller 64 at 64 or more) lets a note ring until the pedal is lifted, or until the
  same key is struck again, whichever comes first.
- A note sounds at least ``min_note_seconds``, whatever its length in the score.
- A note plays the last program change at or before its onset; without one, the track's own program.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass

from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.table import TABLE

SUSTAIN = 64


@dataclass(frozen=True, slots=True)
class Played:
    """One sounding note: key down and key up in seconds from the start, and what is struck how hard."""

    start: float
    end: float
    key: int
    velocity: int
    program: int


def pedal_spans(track: Track, end: int) -> list[tuple[int, int]]:
    """Stretches [down, up) in ticks during which the sustain pedal is held; an open one lasts until ``end``."""
    spans: list[tuple[int, int]] = []
    down = -1
    for event in track.controls:
        if event.number != SUSTAIN:
            continue
        if event.value >= 64 and down < 0:
            down = event.tick
        elif event.value < 64 and down >= 0:
            spans.append((down, event.tick))
            down = -1
    if down >= 0:
        spans.append((down, max(end, down)))
    return spans


def sounding_ends(track: Track, end: int) -> dict[str, int]:
    """The tick at which each note (by id) stops, the pedal folded in."""
    ends = {note.id: note.end for note in track.notes.values()}
    spans = pedal_spans(track, end)
    if not spans:
        return ends
    downs = [down for down, _ in spans]
    strikes: dict[int, list[int]] = defaultdict(list)
    notes = track.sorted_notes()
    for note in notes:
        strikes[note.pitch].append(note.start)
    for note in notes:
        index = bisect_right(downs, note.end) - 1
        if index < 0 or spans[index][1] <= note.end:
            continue
        struck = strikes[note.pitch]
        again = max(bisect_right(struck, note.start), bisect_left(struck, note.end))
        until = min(spans[index][1], struck[again]) if again < len(struck) else spans[index][1]
        ends[note.id] = max(note.end, until)
    return ends


def played_notes(score: Score, track: Track, times: TimeMap) -> list[Played]:
    """The sounding notes of a track in canonical order."""
    ends = sounding_ends(track, score.end)
    changes = [event.tick for event in track.programs]
    shortest = TABLE["min_note_seconds"]
    played = []
    for note in track.sorted_notes():
        start = times.seconds(note.start)
        index = bisect_right(changes, note.start) - 1
        program = track.programs[index].program if index >= 0 else track.program
        end = max(times.seconds(ends[note.id]), start + shortest)
        played.append(Played(start, end, note.pitch, note.velocity, program))
    return played
